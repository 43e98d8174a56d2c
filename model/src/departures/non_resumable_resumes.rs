//! libssl's server does not look at the mark: `ssl_get_prev_session()`.

use super::{Departure, Profile, instead};

pub(crate) fn mark_prevents_resumption(profile: &Profile, page: bool) -> bool {
    instead(profile, Departure::NON_RESUMABLE_RESUMES, page, false)
}
