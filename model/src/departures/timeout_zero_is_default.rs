//! libssl takes a context's timeout 0 for "not set": `ssl_get_new_session()`.

use super::{Departure, Profile, Timeout, instead};

pub(crate) fn taken_timeout(profile: &Profile, page: Timeout) -> Timeout {
    if page != Timeout(0) {
        return page;
    }
    instead(profile, Departure::TIMEOUT_ZERO_IS_DEFAULT, page, super::default_timeout(profile, Timeout(300)))
}
