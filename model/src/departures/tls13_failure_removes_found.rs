//! libssl has made what it found the session of the connection by then, and a fatal alert removes that:
//! `ssl_get_prev_session()`, `ssl3_send_alert()`.

use super::{Departure, Profile, Protocol, instead};

pub(crate) fn failure_removes_found(profile: &Profile, protocol: Protocol, page: bool) -> bool {
    instead(profile, Departure::TLS13_FAILURE_REMOVES_FOUND, page, protocol == Protocol::Tls13)
}
