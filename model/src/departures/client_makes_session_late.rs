//! libssl's client makes another session object when the ServerHello does not resume: `tls_process_server_hello()`.

use super::{Departure, Profile, instead};

pub(crate) fn client_makes_session_late(profile: &Profile, page: bool) -> bool {
    instead(profile, Departure::CLIENT_MAKES_SESSION_LATE, page, true)
}
