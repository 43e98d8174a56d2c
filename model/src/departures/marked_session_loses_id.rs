//! libssl before its mend of CVE-2024-2511 sets the length of a marked session's id to 0 once it has agreed to resume
//! it: `tls_construct_server_hello()`. The cached object is the one that loses it, so the hash does not find it again,
//! and keeps pointing to it when it is freed.

use super::{Departure, Profile, instead};

pub(crate) fn marked_session_loses_id(profile: &Profile, page: bool) -> bool {
    instead(profile, Departure::MARKED_SESSION_LOSES_ID, page, true)
}
