//! libssl's client compares the id contexts as a server does, and takes a difference for fatal:
//! `tls_process_server_hello()`.

use super::{Departure, Profile, instead};

pub(crate) fn client_gives_up_other_context(profile: &Profile, page: bool) -> bool {
    instead(profile, Departure::CLIENT_GIVES_UP_OTHER_CONTEXT, page, true)
}
