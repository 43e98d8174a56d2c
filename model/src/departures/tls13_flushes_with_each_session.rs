//! libssl has counted a TLS 1.3 connection by the time that its sessions are cached, and looks at the count with each of
//! them: `tls_finish_handshake()` runs before `ssl_update_cache()`.

use super::{Departure, Profile, instead};

pub(crate) fn flushes_with_each_session(profile: &Profile, page: bool) -> bool {
    instead(profile, Departure::TLS13_FLUSHES_WITH_EACH_SESSION, page, true)
}
