//! libssl only gives the reference back: `ssl_update_cache()`.

use super::{Departure, Profile, instead};

pub(crate) fn refused_leaves(profile: &Profile, page: bool) -> bool {
    instead(profile, Departure::REFUSED_STAYS, page, false)
}
