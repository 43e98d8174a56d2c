//! libssl takes the low eight bits of its count of connections: `ssl_update_cache()`.

use super::{Departure, Profile, instead};

pub(crate) fn auto_flush_period(profile: &Profile, page: u64) -> u64 {
    instead(profile, Departure::AUTO_FLUSH_EVERY_256, page, 256)
}
