//! libssl counts the newcomer in already when it compares with the size: `SSL_CTX_add_session()`.

use super::{Departure, Profile, instead};

pub(crate) fn room(profile: &Profile, size: u64, page: u64) -> u64 {
    instead(profile, Departure::SIZE_HOLDS_ONE_LESS, page, if size == 1 { 1 } else { size.saturating_sub(1) })
}
