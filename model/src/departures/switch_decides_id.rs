//! libssl takes the id of a new session away where the context of the connection does not cache for servers, and asks
//! the context that it was switched to: `tls_construct_server_hello()`.

use super::{Departure, Profile, instead};

pub(crate) fn switched_has_id(profile: &Profile, served: bool, page: bool) -> bool {
    instead(profile, Departure::SWITCH_DECIDES_ID, page, served)
}
