//! libssl makes such a session as a copy of the one in use and, in its first releases that know in which cache a
//! session is, copies that as well: `ssl_session_dup()`. When the copy is not stored, `SSL_SESSION_set_time()` and
//! `SSL_SESSION_set_timeout()` link it into the cache's list all the same, and the cache holds no reference on it: a
//! flush frees one that is not the cache's own, or finds memory that was freed, and then goes round for ever.

use super::{Departure, Profile};
use crate::session::ContextRef;

pub(crate) fn copy_claims(profile: &Profile, used: Option<ContextRef>, page: Option<ContextRef>) -> Option<ContextRef> {
    if profile.departures.contains(Departure::TLS13_COPY_CLAIMS_PLACE) { used } else { page }
}
