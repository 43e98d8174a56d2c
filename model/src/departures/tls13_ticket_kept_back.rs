//! libssl reckons the age of a ticket a second short; up to 3.1 it does so without a sign, so that a negative age is a
//! great one: `tls_construct_ctos_psk()`.

use super::{Departure, Profile, Timeout, instead};

pub(crate) fn ticket_is_kept_back(profile: &Profile, age: i128, lifetime: Timeout, page: bool) -> bool {
    let page = instead(profile, Departure::TLS13_OLD_TICKET_KEPT_BACK, page, age - 1 > lifetime.0);
    instead(profile, Departure::TLS13_FUTURE_TICKET_KEPT_BACK, page, page || age < 0)
}
