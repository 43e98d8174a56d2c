//! libssl links the identical object anew before it answers 0: `SSL_CTX_add_session()`.

use super::{Departure, Profile, instead};

pub(crate) fn identical_add_moves(profile: &Profile, page: bool) -> bool {
    instead(profile, Departure::IDENTICAL_ADD_MOVES, page, true)
}
