//! libssl marks and calls back before it asks whether anything was found: `remove_session_lock()`.

use super::{Departure, Profile, instead};

pub(crate) fn absent_remove_acts(profile: &Profile, page: bool) -> bool {
    instead(profile, Departure::REMOVE_ABSENT_ACTS, page, true)
}
