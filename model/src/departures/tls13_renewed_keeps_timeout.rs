//! libssl makes such a session as a copy of the one that was resumed: `ssl_session_dup()`.

use super::{Departure, Profile, Timeout, instead};

pub(crate) fn renewed_timeout(profile: &Profile, resumed: Timeout, page: Timeout) -> Timeout {
    instead(profile, Departure::TLS13_RENEWED_KEEPS_TIMEOUT, page, resumed)
}
