//! libssl has nothing to do with its cache where a session has no id, as with stateless tickets up to TLS 1.2:
//! `ssl_update_cache()`.

use super::{Departure, Profile, instead};

pub(crate) fn idless_session_flushes(profile: &Profile, page: bool) -> bool {
    instead(profile, Departure::IDLESS_SKIPS_FLUSH, page, false)
}
