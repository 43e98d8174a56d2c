//! SSL_CTX_set_tlsext_servername_callback(3): a server's connection that is switched to another context when the client
//! has said which host it means, and what one connection is set to for itself.
//!
//! The page has no word on the session cache: which of the two contexts a connection goes by is open.

use super::handshake::Accept;
use crate::clause::*;
use crate::points;
use crate::reading::{SwitchCache, SwitchCounts, SwitchIdContext};
use crate::ruling::Ruling;
use crate::session::ContextRef;
use crate::world::{Served, World};

impl World {
    pub(crate) fn served(&self, accept: &Accept, why: &mut Ruling) -> Served {
        let began = accept.context;
        let switched = accept.switch_to.unwrap_or(began);
        if accept.switch_to.is_some() {
            why.keeps(SWITCH_CACHE);
            why.keeps(SWITCH_COUNTS);
        }
        let (cache, other) = match self.profile.readings.switch_cache {
            SwitchCache::Initial => (began, switched),
            SwitchCache::Switched => (switched, began),
        };
        let counts_once = points::switched_counts_once(&self.profile, true);
        let counts_end = match self.profile.readings.switch_counts {
            SwitchCounts::Initial if counts_once => began,
            _ => switched,
        };
        let flushes = if points::switched_flushes_own(&self.profile, true) { cache } else { other };
        let own = accept.id_context.filter(|_| why.keeps(ID_CONTEXT_PER_CONNECTION));
        let id_context = own.unwrap_or(self.context(cache).id_context);
        let further_of = match self.profile.readings.switch_id_context {
            SwitchIdContext::Initial => began,
            SwitchIdContext::Switched => switched,
        };
        // What is its own stays its own, also where the first context's is equal.
        let equal = accept.switch_to.is_some() && own == Some(self.context(began).id_context);
        let own = own.filter(|_| !equal || points::equal_id_context_stays(&self.profile, true));
        let further = own.unwrap_or(self.context(further_of).id_context);
        let verify_peer = self.context(began).verify_peer;
        Served { began, switched, cache, counts_end, flushes, id_context, own, further, further_of, verify_peer }
    }

    /// Which context counts that the handshake is started. One that fails over the session which is proposed has not
    /// been switched, unless the cache is the other context's, and the switch has come before the lookup.
    pub(crate) fn counts_start(&self, served: &Served, fails: bool) -> ContextRef {
        let readings = self.profile.readings;
        let too_early = fails && readings.switch_cache == SwitchCache::Initial;
        let follows = readings.switch_counts == SwitchCounts::Switched && !too_early;
        if follows && points::switched_counts_once(&self.profile, true) { served.switched } else { served.began }
    }
}
