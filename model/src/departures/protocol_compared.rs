//! libssl compares the protocol version before the id: `ssl_session_cmp()`.

use super::{Departure, Profile, Protocol, instead};

pub(crate) fn compared_protocol(profile: &Profile, protocol: Protocol, page: Protocol) -> Protocol {
    instead(profile, Departure::PROTOCOL_COMPARED, page, protocol)
}
