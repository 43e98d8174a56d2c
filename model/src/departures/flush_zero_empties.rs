//! libssl takes time 0 for "all of them": `SSL_CTX_flush_sessions()`.

use super::{Departure, Profile, Time, instead};

pub(crate) fn flush_takes(profile: &Profile, tm: Time, page: bool) -> bool {
    instead(profile, Departure::FLUSH_ZERO_EMPTIES, page, page || tm == Time(0))
}
