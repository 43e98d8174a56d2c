//! libssl counts a miss on the client's context: `tls_process_server_hello()`.

use super::{Departure, Profile, instead};

pub(crate) fn client_counts_misses(profile: &Profile, page: bool) -> bool {
    instead(profile, Departure::CLIENT_COUNTS_MISSES, page, true)
}
