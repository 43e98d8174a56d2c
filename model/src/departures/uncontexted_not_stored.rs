//! libssl stores no session that could not be resumed: `ssl_update_cache()`.

use super::{Departure, Profile, instead};

pub(crate) fn stores_without_id_context(profile: &Profile, page: bool) -> bool {
    instead(profile, Departure::UNCONTEXTED_NOT_STORED, page, false)
}
