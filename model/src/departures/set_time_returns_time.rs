//! libssl returns its argument: `SSL_SESSION_set_time()`.

use super::{Departure, Profile, Time, instead};

pub(crate) fn set_time_returns(profile: &Profile, time: Time, page: i64) -> i64 {
    instead(profile, Departure::SET_TIME_RETURNS_TIME, page, i64::try_from(time.0).unwrap_or(i64::MAX))
}
