//! libssl removes what has expired only when a session id was looked up, not a ticket: `ssl_get_prev_session()`.

use super::{Departure, Profile, Protocol, instead};

pub(crate) fn found_expired_leaves(profile: &Profile, protocol: Protocol, page: bool) -> bool {
    instead(profile, Departure::TLS13_EXPIRED_STAYS, page, protocol != Protocol::Tls13)
}
