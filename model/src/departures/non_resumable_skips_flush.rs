//! libssl from 3.0.14 on has nothing to do with the cache for a marked session, the flush included:
//! `ssl_update_cache()`.

use super::{Departure, Profile, instead};

pub(crate) fn marked_session_flushes(profile: &Profile, page: bool) -> bool {
    instead(profile, Departure::NON_RESUMABLE_SKIPS_FLUSH, page, false)
}
