//! Modes: flags that hang together, stick, or are looked at at the wrong moment.

use std::collections::{BTreeMap, BTreeSet};

use session_model::clause::*;
use session_model::{CacheMode, ConnectionRef, ContextRef, SessionRef, Time};

use super::without;
use crate::driver::Begin;
use crate::faults::fault::{Fault, fault, flaw};
use crate::faults::flaw::Flaw;
use crate::faults::inner::Inner;

pub(super) const TABLE: &[Fault] = &[
    fault(
        "no-lookup-wants-no-store",
        MODE_NO_INTERNAL_LOOKUP,
        "NO_INTERNAL_LOOKUP is heeded together with NO_INTERNAL_STORE alone",
        flaw::<NoLookupWantsNoStore>,
        "contexts: {server: {mode: [SERVER, NO_INTERNAL_LOOKUP]}}
sessions: {a: {id: '01'}}
steps: [{add_session: a}, {handshake: {propose: a}}]",
    ),
    fault(
        "no-store-for-servers-alone",
        MODE_NO_INTERNAL_STORE,
        "NO_INTERNAL_STORE does not keep the sessions of clients out",
        flaw::<NoStoreForServers>,
        "contexts: {server: {}, client: {mode: [CLIENT, NO_INTERNAL_STORE]}}
steps: [{handshake: {context: server, client: client}}]",
    ),
    fault(
        "update-time-not-under-both",
        MODE_UPDATE_TIME,
        "UPDATE_TIME is not heeded in a context that caches for both roles",
        flaw::<UpdateNotUnderBoth>,
        "contexts: {server: {mode: [BOTH, UPDATE_TIME]}}
sessions: {a: {id: '01'}}
steps: [{add_session: a}, {advance: 9}, {handshake: {propose: a}}]",
    )
    .deep(),
    fault(
        "update-time-once",
        MODE_UPDATE_TIME,
        "under UPDATE_TIME the first resumption of a session sets its time, and no later one",
        flaw::<UpdateOnce>,
        "contexts: {server: {mode: [SERVER, UPDATE_TIME]}}
sessions: {a: {id: '01'}}
steps:
  - add_session: a
  - advance: 9
  - handshake: {propose: a}
  - advance: 9
  - handshake: {propose: a}",
    )
    .deep(),
    fault(
        "no-store-sticks",
        MODE_SET_RETURNS_PREVIOUS,
        "NO_INTERNAL_STORE stays in force after a mode without it was set",
        flaw::<NoStoreSticks>,
        "contexts: {server: {mode: [SERVER, NO_INTERNAL_STORE]}}
steps: [{set_session_cache_mode: [SERVER]}, {handshake: {}}]",
    )
    .deep(),
    fault(
        "mode-of-the-beginning",
        MODE_SERVER,
        "a connection stores its session by the mode that the context had when the handshake began",
        flaw::<ModeOfTheBeginning>,
        "contexts: {server: {mode: [OFF]}}
steps: [{accept_begin: {connection: k}}, {set_session_cache_mode: [SERVER]}, {accept_finish: k}]",
    )
    .deep(),
    fault(
        "off-still-looks-up",
        MODE_OFF,
        "a server whose mode was set to OFF goes on resuming what its cache holds",
        flaw::<OffLooksUp>,
        "sessions: {a: {id: '01'}}
steps: [{add_session: a}, {set_session_cache_mode: [OFF]}, {handshake: {propose: a}}]",
    ),
    fault(
        "two-flags-stop-flush",
        MODE_NO_AUTO_CLEAR,
        "under NO_AUTO_CLEAR and UPDATE_TIME together a flush by hand does nothing",
        flaw::<TwoFlagsStopFlush>,
        "contexts: {server: {mode: [SERVER, NO_AUTO_CLEAR, UPDATE_TIME]}}
sessions: {a: {id: '01'}}
steps: [{add_session: a}, {flush_sessions: now+301}]",
    )
    .deep(),
];

#[derive(Default)]
struct NoLookupWantsNoStore;

impl Flaw for NoLookupWantsNoStore {
    fn accept_begin(&mut self, at: &mut Inner<'_>, k: ConnectionRef, begin: &Begin) -> i64 {
        let mut mode = at.mode(begin.context);
        if !mode.contains(CacheMode::NO_INTERNAL) {
            mode = without(mode, CacheMode::NO_INTERNAL_LOOKUP);
        }
        at.in_mode(begin.context, mode, |at| at.library.accept_begin(k, begin))
    }
}

#[derive(Default)]
struct NoStoreForServers;

impl Flaw for NoStoreForServers {
    fn accept_finish(&mut self, at: &mut Inner<'_>, k: ConnectionRef) -> i64 {
        let Some(client) = at.open(k).begin.client else { return at.library.accept_finish(k) };
        let mode = without(at.mode(client), CacheMode::NO_INTERNAL_STORE);
        at.in_mode(client, mode, |at| at.library.accept_finish(k))
    }
}

#[derive(Default)]
struct UpdateNotUnderBoth;

impl Flaw for UpdateNotUnderBoth {
    fn accept_begin(&mut self, at: &mut Inner<'_>, k: ConnectionRef, begin: &Begin) -> i64 {
        let mut mode = at.mode(begin.context);
        if mode.contains(CacheMode::BOTH) {
            mode = without(mode, CacheMode::UPDATE_TIME);
        }
        at.in_mode(begin.context, mode, |at| at.library.accept_begin(k, begin))
    }
}

#[derive(Default)]
struct UpdateOnce(BTreeSet<SessionRef>);

impl Flaw for UpdateOnce {
    fn accept_begin(&mut self, at: &mut Inner<'_>, k: ConnectionRef, begin: &Begin) -> i64 {
        let (ctx, found) = (begin.context, at.found(begin));
        let mut mode = at.mode(ctx);
        let updates = mode.contains(CacheMode::UPDATE_TIME);
        if found.is_some_and(|c| self.0.contains(&c)) {
            mode = without(mode, CacheMode::UPDATE_TIME);
        }
        let answer = at.in_mode(ctx, mode, |at| at.library.accept_begin(k, begin));
        self.0.extend(found.filter(|_| answer == 1 && updates));
        answer
    }
}

/// The contexts on which it was set, with the mode that was set since.
#[derive(Default)]
struct NoStoreSticks(BTreeMap<ContextRef, CacheMode>);

impl Flaw for NoStoreSticks {
    fn set_session_cache_mode(&mut self, at: &mut Inner<'_>, ctx: ContextRef, mode: CacheMode) -> i64 {
        let before = at.mode(ctx);
        let shown = self.0.get(&ctx).copied().unwrap_or(before);
        let sticks = before.bits() & CacheMode::NO_INTERNAL_STORE.bits();
        let stuck = CacheMode::from_bits(sticks).expect("one flag or none");
        at.library.set_session_cache_mode(ctx, mode | stuck);
        self.0.insert(ctx, mode);
        i64::from(shown.bits())
    }

    fn get_session_cache_mode(&mut self, at: &mut Inner<'_>, ctx: ContextRef) -> i64 {
        self.0.get(&ctx).map_or_else(|| at.library.get_session_cache_mode(ctx), |mode| i64::from(mode.bits()))
    }
}

#[derive(Default)]
struct ModeOfTheBeginning(BTreeMap<ConnectionRef, CacheMode>);

impl Flaw for ModeOfTheBeginning {
    fn accept_begin(&mut self, at: &mut Inner<'_>, k: ConnectionRef, begin: &Begin) -> i64 {
        let mode = at.mode(begin.context);
        self.0.insert(k, mode);
        at.library.accept_begin(k, begin)
    }

    fn accept_finish(&mut self, at: &mut Inner<'_>, k: ConnectionRef) -> i64 {
        let ctx = at.open(k).begin.context;
        match self.0.remove(&k) {
            Some(mode) => at.in_mode(ctx, mode, |at| at.library.accept_finish(k)),
            None => at.library.accept_finish(k),
        }
    }
}

#[derive(Default)]
struct OffLooksUp;

impl Flaw for OffLooksUp {
    fn accept_begin(&mut self, at: &mut Inner<'_>, k: ConnectionRef, begin: &Begin) -> i64 {
        let mut mode = at.mode(begin.context);
        if mode == CacheMode::OFF && at.found(begin).is_some() {
            mode = CacheMode::SERVER;
        }
        at.in_mode(begin.context, mode, |at| at.library.accept_begin(k, begin))
    }
}

#[derive(Default)]
struct TwoFlagsStopFlush;

impl Flaw for TwoFlagsStopFlush {
    fn flush_sessions(&mut self, at: &mut Inner<'_>, ctx: ContextRef, tm: Time) {
        if !at.mode(ctx).contains(CacheMode::NO_AUTO_CLEAR | CacheMode::UPDATE_TIME) {
            at.library.flush_sessions(ctx, tm);
        }
    }
}
