//! libssl counts whatever it was proposed and finds expired, wherever it comes from: `ssl_get_prev_session()`.

use super::{Departure, Profile, instead};

pub(crate) fn expired_ticket_counts(profile: &Profile, page: bool) -> bool {
    instead(profile, Departure::EXPIRED_TICKET_COUNTS, page, true)
}
