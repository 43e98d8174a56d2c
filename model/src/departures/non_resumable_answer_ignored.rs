//! libssl from 3.0.14 on drops what `get_session_cb` answers when it is marked: `lookup_sess_in_cache()`.

use super::{Departure, Profile, instead};

pub(crate) fn marked_answer_is_none(profile: &Profile, page: bool) -> bool {
    instead(profile, Departure::NON_RESUMABLE_ANSWER_IGNORED, page, true)
}
