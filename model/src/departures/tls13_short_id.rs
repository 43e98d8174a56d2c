//! libssl takes what has not the length of its own ids for no stateful ticket: `tls_get_stateful_ticket()`. Neither the
//! internal cache nor `get_session_cb` is asked.

use super::{Departure, Profile, SessionId, instead};

pub(crate) fn ticket_is_looked_up(profile: &Profile, id: SessionId, page: bool) -> bool {
    instead(profile, Departure::TLS13_SHORT_ID, page, page && id.as_bytes().len() == SessionId::MAX)
}
