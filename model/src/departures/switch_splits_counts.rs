//! libssl from 3.2 on means to move the count of the start along, and looks at the context from before the callback:
//! `final_server_name()`.

use super::{Departure, Profile, instead};

pub(crate) fn switched_counts_once(profile: &Profile, page: bool) -> bool {
    instead(profile, Departure::SWITCH_SPLITS_COUNTS, page, false)
}
