//! libssl checks the binder of what it has found before it compares the protocols, and no binder was made with a session
//! of another one: `tls_parse_ctos_psk()`.

use super::{Departure, Profile, Protocol, instead};

pub(crate) fn other_protocol_fails(profile: &Profile, protocol: Protocol, page: bool) -> bool {
    instead(profile, Departure::TLS13_OTHER_PROTOCOL_FAILS, page, protocol == Protocol::Tls13)
}
