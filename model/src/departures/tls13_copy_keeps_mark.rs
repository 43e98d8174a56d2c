//! libssl makes such a session as a copy of the one in use and, before its mend of CVE-2024-2511, copies the mark as
//! well: `ssl_session_dup()`.

use super::{Departure, Profile, instead};

pub(crate) fn copy_is_resumable(profile: &Profile, used: bool, page: bool) -> bool {
    instead(profile, Departure::TLS13_COPY_KEEPS_MARK, page, used)
}
