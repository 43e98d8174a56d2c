//! libssl's `tls1_default_timeout()` is two hours.

use super::{Departure, Profile, Timeout, instead};

pub(crate) fn default_timeout(profile: &Profile, page: Timeout) -> Timeout {
    instead(profile, Departure::DEFAULT_TIMEOUT_TWO_HOURS, page, Timeout(7200))
}
