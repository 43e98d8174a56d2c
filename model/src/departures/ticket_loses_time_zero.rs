//! libssl leaves a time of 0 out of what it writes, and reads what has no time as of now: `i2d_SSL_SESSION()`,
//! `d2i_SSL_SESSION()`. It also reads back what it puts into a ticket, `construct_stateless_ticket()`, and gives up when
//! that has grown.

use super::{Departure, Profile, Time, instead};

const ZERO: Time = Time(0);

pub(crate) fn opened_time(profile: &Profile, now: Time, page: Time) -> Time {
    if page == ZERO { instead(profile, Departure::TICKET_LOSES_TIME_ZERO, page, now) } else { page }
}

pub(crate) fn ticket_fails(profile: &Profile, time: Time, now: Time, page: bool) -> bool {
    instead(profile, Departure::TICKET_LOSES_TIME_ZERO, page, time == ZERO && now != ZERO)
}
