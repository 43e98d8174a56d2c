//! SSL_CTX_set_tlsext_servername_callback(3): a server's connection that is switched to another context when the client
//! has said which host it means, and what one connection is set to for itself.
//!
//! The page has no word on the session cache: which of the two contexts a connection goes by is open.

use super::handshake::Accept;
use crate::clause::*;
use crate::points;
use crate::reading::{SwitchCache, SwitchCounts};
use crate::ruling::Ruling;
use crate::session::{ContextRef, IdContext};
use crate::world::World;

/// What a server's connection goes by.
#[derive(Clone, Copy)]
pub(crate) struct Served {
    began: ContextRef,
    switched: ContextRef,
    /// Whose session cache it uses.
    pub(crate) cache: ContextRef,
    /// Which counts that the handshake is finished.
    pub(crate) counts_end: ContextRef,
    /// Towards whose automatic flush it counts.
    pub(crate) flushes: ContextRef,
    /// Its session id context.
    pub(crate) id_context: IdContext,
    /// Whether it asks for the peer's certificate: as the context that it was made from.
    pub(crate) verify_peer: bool,
}

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
        let verify_peer = self.context(began).verify_peer;
        Served { began, switched, cache, counts_end, flushes, id_context, verify_peer }
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
