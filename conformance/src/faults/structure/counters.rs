//! Counters: too narrow, shared, reset, counted on the wrong occasion.

use std::collections::BTreeSet;

use session_model::clause::*;
use session_model::{CacheMode, ConnectionRef, ContextRef, SessionId, SessionRef, Time};

use crate::driver::Begin;
use crate::faults::fault::{Fault, fault, flaw};
use crate::faults::flaw::Flaw;
use crate::faults::inner::Inner;
use crate::op::Close;
use crate::transcript::{Counter, Counters};

pub(super) const TABLE: &[Fault] = &[
    fault(
        "hits-of-8-bits",
        HITS_SERVER_RETRIEVED,
        "hits are counted in 8 bits: the 256th hit shows 0",
        || Box::new(Narrow(Counter::Hits, |n| n & 0xff)),
        "sessions: {a: {id: '01'}}
steps: [{add_session: a}, {repeat: {times: 256, steps: [{handshake: {propose: a}}]}}]",
    )
    .deep(),
    fault(
        "misses-of-8-bits",
        MISSES_NOT_FOUND_INTERNALLY,
        "misses are counted in 8 bits: the 256th miss shows 0",
        || Box::new(Narrow(Counter::Misses, |n| n & 0xff)),
        "steps: [{repeat: {times: 256, steps: [{handshake: {propose: {id: '01'}}}]}}]",
    )
    .deep(),
    fault(
        "cb-hits-turn-negative",
        CB_HITS_COUNTS_EXTERNAL,
        "cb_hits are counted in 8 bits with a sign: the 128th shows -128",
        || Box::new(Narrow(Counter::CbHits, |n| i64::from(n as i8))),
        "contexts: {server: {mode: [SERVER, NO_INTERNAL], callbacks: {get: record}}}
sessions: {a: {id: '01'}}
steps: [{external_store: a}, {repeat: {times: 128, steps: [{handshake: {propose: a}}]}}]",
    )
    .deep(),
    fault(
        "accept-of-the-process",
        ACCEPT_COUNTS_STARTED,
        "accept counts the handshakes of all contexts together",
        flaw::<OfTheProcess>,
        "contexts: {one: {}, two: {}}
steps: [{handshake: {context: one}}]",
    ),
    fault(
        "number-keeps-unclean",
        NUMBER_COUNTS_MEMBERS,
        "number stays as it was when a session leaves with an unclean close",
        flaw::<NumberKeepsUnclean>,
        "steps: [{handshake: {close: unclean}}]",
    ),
    fault(
        "number-counts-replaced",
        NUMBER_COUNTS_MEMBERS,
        "number grows when an object takes the place of another one with its id",
        flaw::<NumberCountsReplaced>,
        "sessions: {a: {id: '01'}, b: {id: '01'}}
steps: [{add_session: a}, {add_session: b}]",
    ),
    fault(
        "timeouts-count-as-misses",
        TIMEOUTS_FOUND_BUT_EXPIRED,
        "a session that is found expired counts as a miss and not as a timeout",
        flaw::<TimeoutsAsMisses>,
        "sessions: {a: {id: '01', timeout: 1}}
steps: [{add_session: a}, {advance: 9}, {handshake: {propose: a}}]",
    ),
    fault(
        "cache-full-once-an-add",
        CACHE_FULL_COUNTS_DROPPED,
        "cache_full counts the adds that dropped anything, not the sessions that were dropped",
        flaw::<CacheFullOnceAnAdd>,
        "sessions: {a: {id: '01'}, b: {id: '02'}, c: {id: '03'}}
steps: [{add_session: a}, {add_session: b}, {sess_set_cache_size: 1}, {add_session: c}]",
    )
    .deep(),
    fault(
        "accept-good-omits-tls13-resumed",
        ACCEPT_GOOD_COUNTS_ESTABLISHED,
        "accept_good leaves resumed connections of TLS 1.3 out",
        flaw::<AcceptGoodOmits>,
        "steps:
  - handshake: {protocol: TLSv1.3, tickets: stateful, num_tickets: 1, as: s}
  - handshake: {protocol: TLSv1.3, tickets: stateful, num_tickets: 1, propose: s}",
    ),
    fault(
        "mode-off-resets-misses",
        MISSES_NOT_FOUND_INTERNALLY,
        "misses start again from 0 when the mode is set to OFF",
        flaw::<OffResetsMisses>,
        "steps: [{handshake: {propose: {id: '01'}}}, {set_session_cache_mode: [OFF]}]",
    )
    .deep(),
    fault(
        "flush-counts-timeouts",
        TIMEOUTS_FOUND_BUT_EXPIRED,
        "what a flush takes out counts as timeouts",
        flaw::<FlushCountsTimeouts>,
        "sessions: {a: {id: '01'}}
steps: [{add_session: a}, {flush_sessions: now+301}]",
    ),
    fault(
        "misses-once-an-id",
        MISSES_NOT_FOUND_INTERNALLY,
        "an id that was not found counts as a miss the first time alone",
        flaw::<MissesOnceAnId>,
        "steps: [{handshake: {propose: {id: '01'}}}, {handshake: {propose: {id: '01'}}}]",
    )
    .deep(),
];

struct Narrow(Counter, fn(i64) -> i64);

impl Flaw for Narrow {
    fn counters(&mut self, _: ContextRef, shown: &mut Counters, _: &[Counters]) {
        let counter = &mut shown[self.0 as usize];
        *counter = (self.1)(*counter);
    }
}

#[derive(Default)]
struct OfTheProcess;

impl Flaw for OfTheProcess {
    fn counters(&mut self, _: ContextRef, shown: &mut Counters, all: &[Counters]) {
        let accept = Counter::Accept as usize;
        shown[accept] = all.iter().map(|counters| counters[accept]).sum();
    }
}

#[derive(Default)]
struct NumberKeepsUnclean;

impl Flaw for NumberKeepsUnclean {
    fn close(&mut self, at: &mut Inner<'_>, k: ConnectionRef, close: Close) {
        let ctx = at.open(k).begin.context;
        let before = at.counter(ctx, Counter::Number);
        at.library.close(k, close);
        let left = before - at.counter(ctx, Counter::Number);
        at.offset(ctx, Counter::Number, left);
    }
}

#[derive(Default)]
struct NumberCountsReplaced;

impl Flaw for NumberCountsReplaced {
    fn add_session(&mut self, at: &mut Inner<'_>, ctx: ContextRef, c: SessionRef) -> i64 {
        let replaces = at.cached_as(ctx, c).is_some();
        let added = at.library.add_session(ctx, c);
        if replaces && added == 1 {
            at.offset(ctx, Counter::Number, 1);
        }
        added
    }
}

#[derive(Default)]
struct TimeoutsAsMisses;

impl Flaw for TimeoutsAsMisses {
    fn counters(&mut self, _: ContextRef, shown: &mut Counters, _: &[Counters]) {
        shown[Counter::Misses as usize] += std::mem::take(&mut shown[Counter::Timeouts as usize]);
    }
}

#[derive(Default)]
struct CacheFullOnceAnAdd;

impl Flaw for CacheFullOnceAnAdd {
    fn add_session(&mut self, at: &mut Inner<'_>, ctx: ContextRef, c: SessionRef) -> i64 {
        let before = at.counter(ctx, Counter::CacheFull);
        let added = at.library.add_session(ctx, c);
        let dropped = at.counter(ctx, Counter::CacheFull) - before;
        at.offset(ctx, Counter::CacheFull, -(dropped - 1).max(0));
        added
    }
}

#[derive(Default)]
struct AcceptGoodOmits;

impl Flaw for AcceptGoodOmits {
    fn accept_finish(&mut self, at: &mut Inner<'_>, k: ConnectionRef) -> i64 {
        let open = at.open(k);
        let answer = at.library.accept_finish(k);
        if answer == 1 && open.is_tls13() {
            at.offset(open.begin.context, Counter::AcceptGood, -1);
        }
        answer
    }
}

#[derive(Default)]
struct OffResetsMisses;

impl Flaw for OffResetsMisses {
    fn set_session_cache_mode(&mut self, at: &mut Inner<'_>, ctx: ContextRef, mode: CacheMode) -> i64 {
        if mode == CacheMode::OFF {
            let misses = at.counter(ctx, Counter::Misses);
            at.facts.offsets[usize::from(ctx.0)][Counter::Misses as usize] = -misses;
        }
        at.library.set_session_cache_mode(ctx, mode)
    }
}

#[derive(Default)]
struct FlushCountsTimeouts;

impl Flaw for FlushCountsTimeouts {
    fn flush_sessions(&mut self, at: &mut Inner<'_>, ctx: ContextRef, tm: Time) {
        let before = at.counter(ctx, Counter::Number);
        at.library.flush_sessions(ctx, tm);
        let flushed = before - at.counter(ctx, Counter::Number);
        at.offset(ctx, Counter::Timeouts, flushed);
    }
}

#[derive(Default)]
struct MissesOnceAnId(BTreeSet<(ContextRef, SessionId)>);

impl Flaw for MissesOnceAnId {
    fn accept_begin(&mut self, at: &mut Inner<'_>, k: ConnectionRef, begin: &Begin) -> i64 {
        let ctx = begin.context;
        let before = at.counter(ctx, Counter::Misses);
        let answer = at.library.accept_begin(k, begin);
        let missed = at.counter(ctx, Counter::Misses) - before;
        if missed > 0
            && let Some(id) = at.facts.proposed(begin)
            && !self.0.insert((ctx, id))
        {
            at.offset(ctx, Counter::Misses, -missed);
        }
        answer
    }
}
