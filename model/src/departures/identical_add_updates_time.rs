//! libssl 4.0 sets the time of the identical object under UPDATE_TIME and leaves it where it is in a list that a flush
//! takes for sorted: `SSL_CTX_add_session()`.

use super::{Departure, Profile, instead};

pub(crate) fn identical_add_updates_time(profile: &Profile, page: bool) -> bool {
    instead(profile, Departure::IDENTICAL_ADD_UPDATES_TIME, page, true)
}
