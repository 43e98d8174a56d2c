//! libssl tells by the number of finished handshakes whether a flush is due, and asks the context of the cache while
//! the one that the connection was switched to counts: `ssl_update_cache()`, `tls_finish_handshake()`.

use super::{Departure, Profile, instead};

pub(crate) fn switched_flushes_own(profile: &Profile, page: bool) -> bool {
    instead(profile, Departure::SWITCH_FLUSHES_OTHER, page, false)
}
