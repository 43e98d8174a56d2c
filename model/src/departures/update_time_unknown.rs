//! libssl before 3.0 keeps the bit of UPDATE_TIME in its mode and does nothing with it: `SSL_CTX_add_session()`.

use super::{Departure, Profile, instead};

pub(crate) fn update_time_is_known(profile: &Profile, page: bool) -> bool {
    instead(profile, Departure::UPDATE_TIME_UNKNOWN, page, false)
}
