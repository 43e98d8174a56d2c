//! libssl tells a session id context that is the connection's own from one of its context by comparing the two:
//! `SSL_set_SSL_CTX()`.

use super::{Departure, Profile, instead};

pub(crate) fn equal_id_context_stays(profile: &Profile, page: bool) -> bool {
    instead(profile, Departure::SWITCH_FORGETS_EQUAL_ID_CONTEXT, page, false)
}
