//! libssl sets a handshake up when it sends HelloRequest, when the ClientHello is there, and when it goes on from it:
//! `tls_setup_handshake()`.

use super::{Departure, Profile, instead};

pub(crate) fn counts_of_renegotiation(profile: &Profile, requested: bool, page: u32) -> u32 {
    if requested { instead(profile, Departure::REQUESTED_RENEGOTIATION_COUNTS_THRICE, page, 3) } else { page }
}
