//! SSL_CTX_set_session_cache_mode(3): what is cached, where a server looks, when the cache is flushed by itself.

use crate::clause::*;
use crate::mode::CacheMode;
use crate::points;
use crate::reading::{
    AutoFlushCounts, AutoFlushPhase, AutoFlushRoles, AutoFlushWhenOff, MissesWithoutLookup, OffLookup,
};
use crate::ruling::{Counter, Ruling, What};
use crate::session::{ContextRef, Protocol, SessionId, SessionRef};
use crate::world::{Side, World};

/// The side of a connection that a context serves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Role {
    Server,
    Client,
}

impl Role {
    pub(crate) fn flag(self) -> CacheMode {
        match self {
            Self::Server => CacheMode::SERVER,
            Self::Client => CacheMode::CLIENT,
        }
    }
}

impl World {
    /// `SSL_CTX_set_session_cache_mode()`: the previous mode is returned.
    pub fn set_session_cache_mode(&mut self, ctx: ContextRef, mode: CacheMode, why: &mut Ruling) -> i64 {
        let previous = std::mem::replace(&mut self.context_mut(ctx).mode, mode);
        why.returns(MODE_SET_RETURNS_PREVIOUS, i64::from(previous.bits()))
    }

    /// `SSL_CTX_get_session_cache_mode()`
    pub fn get_session_cache_mode(&mut self, ctx: ContextRef, why: &mut Ruling) -> i64 {
        why.keeps(MODE_DEFAULT);
        let mode = self.context(ctx).mode;
        why.returns(MODE_GET, i64::from(mode.bits()))
    }

    /// A client proposes an id: the server looks into the internal cache, then into the external one. What is found
    /// comes with a reference for the connection.
    pub(crate) fn look_up(
        &mut self,
        ctx: ContextRef,
        id: SessionId,
        protocol: Protocol,
        why: &mut Ruling,
    ) -> Option<SessionRef> {
        let mode = self.context(ctx).mode;
        let (internal, external) = self.where_to_look(mode, why);

        // (first) in the internal session cache
        if internal {
            let key = (id, points::compared_protocol(&self.profile, protocol, Protocol::Tls12));
            let by_hand = mode.contains(CacheMode::NO_INTERNAL_STORE);
            let found = self
                .searched(ctx, why)
                .find_map(|ctx| self.context(ctx).internal_cache.get(&key))
                .filter(|_| !by_hand || why.keeps(STORE_LOOKUP_STILL_SEARCHED) && why.keeps(STORE_APPLICATION_CONTROLS))
                .filter(|_| why.keeps(MODE_INTERNAL_THEN_EXTERNAL));
            if let Some(c) = found {
                self.session_mut(c).references += 1;
                return Some(c);
            }
        }
        if internal || self.profile.readings.misses_without_lookup == MissesWithoutLookup::Counted {
            self.count(ctx, Counter::Misses, MISSES_NOT_FOUND_INTERNALLY, why);
        }

        // then (second) in the external cache if available
        if !external {
            return None;
        }
        let c = self.call_get_cb(ctx, id, why)?;
        let prevented = mode.contains(CacheMode::NO_INTERNAL_STORE) && why.keeps(MODE_NO_INTERNAL_STORE);
        if !prevented && why.keeps(MODE_EXTERNAL_COPIED_IN) {
            self.add_session(ctx, c, why);
        }
        Some(c)
    }

    /// The contexts whose internal caches are searched: sessions are each context's own.
    fn searched(&self, ctx: ContextRef, why: &mut Ruling) -> impl Iterator<Item = ContextRef> + use<> {
        let all = if why.keeps(MODE_PER_CONTEXT) { 0 } else { self.contexts.len() };
        let others: Vec<_> = (0..all).filter(|&n| self.contexts[n].is_some()).map(|n| ContextRef(n as u8)).collect();
        std::iter::once(ctx).chain(others)
    }

    fn where_to_look(&self, mode: CacheMode, why: &mut Ruling) -> (bool, bool) {
        let served = mode.contains(CacheMode::SERVER);
        let (internal, external) = match self.profile.readings.off_lookup {
            _ if served => (why.keeps(MODE_SERVER), true),
            OffLookup::None => {
                let off = why.keeps(if mode.contains(CacheMode::CLIENT) { MODE_CLIENT } else { MODE_OFF });
                (!off, !off)
            }
            OffLookup::External => (false, why.keeps(GET_CB_ALWAYS_CALLED)),
            OffLookup::Both => (true, why.keeps(GET_CB_ALWAYS_CALLED)),
        };
        let suppressed = internal
            && mode.contains(CacheMode::NO_INTERNAL_LOOKUP)
            && why.keeps(MODE_NO_INTERNAL_LOOKUP)
            && (!mode.contains(CacheMode::NO_INTERNAL) || why.keeps(MODE_NO_INTERNAL));
        (internal && !suppressed, external)
    }

    /// A new session was negotiated: it is cached if the mode has it for this role.
    pub(crate) fn cache_new_session(
        &mut self,
        ctx: ContextRef,
        role: Role,
        c: SessionRef,
        stateless: bool,
        why: &mut Ruling,
    ) {
        let mode = self.context(ctx).mode;
        if !mode.contains(role.flag()) {
            let clause = match (mode.contains(CacheMode::BOTH), role) {
                _ if !mode.contains(CacheMode::CLIENT) && !mode.contains(CacheMode::SERVER) => MODE_OFF,
                (_, Role::Server) => MODE_CLIENT,
                (_, Role::Client) => MODE_SERVER,
            };
            if why.keeps(clause) {
                if !why.keeps(NEW_CB_CACHING_ENABLED) {
                    self.call_new_cb(ctx, c, why);
                }
                return;
            }
        }
        if mode.contains(CacheMode::BOTH) && !why.keeps(MODE_BOTH) {
            return;
        }
        let clause = if role == Role::Server { MODE_SERVER } else { MODE_CLIENT };
        let prevented = stateless && !self.caches_stateless(ctx)
            || mode.contains(CacheMode::NO_INTERNAL_STORE) && why.keeps(STORE_NO_INTERNAL_STORE);
        if !prevented && why.keeps(clause) {
            self.add_session(ctx, c, why);
        }
        if why.keeps(NEW_CB_CACHING_ENABLED) {
            self.call_new_cb(ctx, c, why);
        }
    }

    /// So many connections are established (one, or none by a renegotiation) that have made `made` sessions; `stored`:
    /// they are stored unless the mode forbids it. Whether an automatic flush is due in it, or goes on.
    pub(crate) fn flush_is_due(
        &mut self,
        side: &Side,
        role: Role,
        (connections, made): (u64, u64),
        stored: bool,
        why: &mut Ruling,
    ) -> bool {
        let (ctx, readings) = (side.context, self.profile.readings);
        let mode = self.context(ctx).mode;
        let cached = mode.contains(role.flag());
        if !cached && readings.auto_flush_when_off == AutoFlushWhenOff::No {
            return false;
        }
        let counts = match readings.auto_flush_counts {
            AutoFlushCounts::Connections => connections,
            AutoFlushCounts::NewSessions => made,
            AutoFlushCounts::StoredSessions if stored && cached && !mode.contains(CacheMode::NO_INTERNAL_STORE) => made,
            AutoFlushCounts::StoredSessions => 0,
        };
        if counts == 0 {
            return false;
        }
        let slot = usize::from(readings.auto_flush_roles == AutoFlushRoles::Apart && role == Role::Client);
        let before = self.context(ctx).towards_flush[slot];
        let now = before + counts;
        self.context_mut(side.flushes).towards_flush[slot] += counts;
        let period = points::auto_flush_period(&self.profile, 255);
        let due = self.context(ctx).flush_goes_on
            || match readings.auto_flush_phase {
                AutoFlushPhase::At => now / period > before / period,
                AutoFlushPhase::Next => (now - 1) / period > before.saturating_sub(1) / period,
            };
        if !due || (!cached && readings.auto_flush_when_off == AutoFlushWhenOff::Counts) {
            return false;
        }
        if mode.contains(CacheMode::NO_AUTO_CLEAR) && why.keeps(MODE_NO_AUTO_CLEAR) {
            return false;
        }
        why.keeps(MODE_AUTO_255_CONNECTIONS)
    }

    /// Where each session that comes with a ticket looks for itself: whether it flushes.
    pub(crate) fn flush_is_due_with_session(&self, ctx: ContextRef, role: Role) -> bool {
        let context = self.context(ctx);
        let slot = usize::from(self.profile.readings.auto_flush_roles == AutoFlushRoles::Apart && role == Role::Client);
        let period = points::auto_flush_period(&self.profile, 255);
        let flushes = context.mode.contains(role.flag()) && !context.mode.contains(CacheMode::NO_AUTO_CLEAR);
        flushes && context.towards_flush[slot] % period == period - 1
    }

    /// UPDATE_TIME: a session that is used counts its timeout from now.
    pub(crate) fn update_time(&mut self, ctx: ContextRef, c: SessionRef, why: &mut Ruling) {
        if self.updates_time(ctx, c, why) {
            self.give_time(c, self.clock);
            self.take_place(c);
        }
    }

    /// As [`Self::update_time`], and the order of expiry does not follow.
    pub(crate) fn update_time_in_place(&mut self, ctx: ContextRef, c: SessionRef, why: &mut Ruling) {
        if self.updates_time(ctx, c, why) {
            self.freeze_order(ctx);
            self.give_time(c, self.clock);
        }
    }

    fn updates_time(&self, ctx: ContextRef, c: SessionRef, why: &mut Ruling) -> bool {
        let on = self.context(ctx).mode.contains(CacheMode::UPDATE_TIME);
        on && points::update_time_is_known(&self.profile, true) && why.rules(MODE_UPDATE_TIME, What::Times(c))
    }
}
