//! The automatic flush: what is counted towards it, when it comes, and what it takes.

use std::collections::BTreeMap;

use session_model::clause::*;
use session_model::{CacheMode, ConnectionRef, ContextRef};

use crate::faults::facts::Open;
use crate::faults::fault::{Fault, fault, flaw};
use crate::faults::flaw::Flaw;
use crate::faults::inner::Inner;

pub(super) const TABLE: &[Fault] = &[
    fault(
        "auto-flush-once",
        MODE_AUTO_255_CONNECTIONS,
        "the automatic flush comes with the 255th connection, and never again",
        flaw::<Once>,
        "sessions: {old: {id: '01', time: 0}}
steps: [{repeat: {times: 509, steps: [{handshake: {}}]}}, {add_session: old}, {handshake: {}}]",
    )
    .deep(),
    fault(
        "auto-flush-skips-the-last",
        TIMEOUT_FLUSH_REMOVES_EXPIRED,
        "the automatic flush leaves the last of the sessions that have expired",
        flaw::<SkipsTheLast>,
        "sessions: {old: {id: '01', time: 0}}
steps: [{repeat: {times: 254, steps: [{handshake: {}}]}}, {add_session: old}, {handshake: {}}]",
    )
    .deep(),
    fault(
        "auto-flush-for-servers-alone",
        MODE_AUTO_255_CONNECTIONS,
        "a context that caches the sessions of clients alone is not flushed by itself",
        flaw::<ForServersAlone>,
        "contexts: {server: {}, client: {mode: [CLIENT]}}
sessions: {old: {id: '01', time: 0, context: client}}
steps:
  - repeat: {times: 254, steps: [{handshake: {context: server, client: client}}]}
  - add_session: {context: client, session: old}
  - handshake: {context: server, client: client}",
    )
    .deep(),
    fault(
        "auto-flush-off-by-two-flags",
        MODE_AUTO_255_CONNECTIONS,
        "NO_INTERNAL_LOOKUP and UPDATE_TIME together switch the automatic flush off",
        flaw::<OffByTwoFlags>,
        "contexts: {server: {mode: [SERVER, NO_INTERNAL_LOOKUP, UPDATE_TIME]}}
sessions: {old: {id: '01', time: 0}}
steps: [{repeat: {times: 254, steps: [{handshake: {}}]}}, {add_session: old}, {handshake: {}}]",
    )
    .deep(),
    fault(
        "auto-flush-counts-resumed-twice",
        MODE_AUTO_255_CONNECTIONS,
        "a resumed connection counts twice towards the automatic flush",
        || Box::new(Counting::by(Rule::ResumedTwice)),
        "sessions: {a: {id: '01'}, old: {id: '02', time: 0}}
steps:
  - add_session: a
  - repeat: {times: 127, steps: [{handshake: {propose: a}}]}
  - add_session: old
  - handshake: {propose: a}",
    )
    .deep(),
    fault(
        "auto-flush-of-8-bits",
        MODE_AUTO_255_CONNECTIONS,
        "connections are counted in 8 bits: the automatic flush comes with the 255th, the 511th, the 767th",
        || Box::new(Counting::by(Rule::EightBits)),
        "sessions: {old: {id: '01', time: 0}}
steps: [{repeat: {times: 510, steps: [{handshake: {}}]}}, {add_session: old}, {handshake: {}}]",
    )
    .deep(),
    fault(
        "auto-flush-restarts-with-size",
        MODE_AUTO_255_CONNECTIONS,
        "setting the size of the cache starts the count towards the automatic flush again",
        || Box::new(Counting::by(Rule::RestartsWithSize)),
        "sessions: {old: {id: '01', time: 0}}
steps:
  - handshake: {}
  - sess_set_cache_size: 999
  - repeat: {times: 253, steps: [{handshake: {}}]}
  - add_session: old
  - handshake: {}",
    )
    .deep(),
    fault(
        "auto-flush-of-the-process",
        MODE_AUTO_255_CONNECTIONS,
        "the connections of all contexts count together, and the automatic flush is that of the context of the 255th",
        || Box::new(Counting::by(Rule::OfTheProcess)),
        "contexts: {one: {}, two: {}}
sessions: {old: {id: '01', time: 0, context: one}}
steps:
  - handshake: {context: two}
  - repeat: {times: 253, steps: [{handshake: {context: one}}]}
  - add_session: {context: one, session: old}
  - handshake: {context: one}",
    )
    .deep(),
    fault(
        "auto-flush-counts-aborted",
        MODE_AUTO_255_CONNECTIONS,
        "a connection that is dropped before its handshake is finished counts towards the automatic flush",
        || Box::new(Counting::by(Rule::WithAborted)),
        "sessions: {old: {id: '01', time: 0}}
steps:
  - accept_begin: {connection: k}
  - accept_abort: k
  - repeat: {times: 253, steps: [{handshake: {}}]}
  - add_session: old
  - handshake: {}",
    )
    .deep(),
    fault(
        "auto-flush-as-of-the-beginning",
        TIMEOUT_FLUSH_REMOVES_EXPIRED,
        "the automatic flush tests against the time at which its connection began",
        flaw::<AsOfTheBeginning>,
        "sessions: {a: {id: '01', timeout: 1}}
steps:
  - repeat: {times: 254, steps: [{handshake: {}}]}
  - add_session: a
  - accept_begin: {connection: k}
  - advance: 9
  - accept_finish: k",
    )
    .deep(),
];

const PERIOD: u32 = 255;

/// The connections of each context that went on to their end.
#[derive(Default)]
struct Finished(BTreeMap<ContextRef, u32>);

impl Finished {
    fn of(&self, ctx: ContextRef) -> u32 {
        self.0.get(&ctx).copied().unwrap_or(0)
    }

    /// Counts a connection, which these contexts cache.
    fn count(&mut self, caching: &[ContextRef], answer: i64) {
        for &ctx in caching.iter().filter(|_| answer >= 0) {
            *self.0.entry(ctx).or_default() += 1;
        }
    }

    /// Those for which the next connection completes a period.
    fn due(&self, caching: &[ContextRef]) -> Vec<ContextRef> {
        caching.iter().copied().filter(|&ctx| (self.of(ctx) + 1).is_multiple_of(PERIOD)).collect()
    }
}

#[derive(Default)]
struct Once(Finished);

impl Flaw for Once {
    fn accept_finish(&mut self, at: &mut Inner<'_>, k: ConnectionRef) -> i64 {
        let caching = at.caching(k);
        let past: Vec<_> = caching.iter().copied().filter(|&ctx| self.0.of(ctx) >= PERIOD).collect();
        let answer = at.unflushed(&past, |at| at.library.accept_finish(k));
        self.0.count(&caching, answer);
        answer
    }
}

#[derive(Default)]
struct SkipsTheLast(Finished);

impl Flaw for SkipsTheLast {
    fn accept_finish(&mut self, at: &mut Inner<'_>, k: ConnectionRef) -> i64 {
        let (caching, now) = (at.caching(k), at.facts.clock);
        let due = self.0.due(&caching);
        let last: Vec<_> = due.into_iter().filter_map(|ctx| at.expired(ctx, now).pop()).collect();
        let answer = at.all_alive(&last, now, &mut |at| at.library.accept_finish(k));
        self.0.count(&caching, answer);
        answer
    }
}

#[derive(Default)]
struct ForServersAlone;

impl Flaw for ForServersAlone {
    fn accept_finish(&mut self, at: &mut Inner<'_>, k: ConnectionRef) -> i64 {
        let clients: Vec<_> =
            at.caching(k).into_iter().filter(|&ctx| !at.mode(ctx).contains(CacheMode::SERVER)).collect();
        at.unflushed(&clients, |at| at.library.accept_finish(k))
    }
}

#[derive(Default)]
struct OffByTwoFlags;

impl Flaw for OffByTwoFlags {
    fn accept_finish(&mut self, at: &mut Inner<'_>, k: ConnectionRef) -> i64 {
        let both = CacheMode::NO_INTERNAL_LOOKUP | CacheMode::UPDATE_TIME;
        let off: Vec<_> = at.caching(k).into_iter().filter(|&ctx| at.mode(ctx).contains(both)).collect();
        at.unflushed(&off, |at| at.library.accept_finish(k))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Rule {
    ResumedTwice,
    EightBits,
    RestartsWithSize,
    OfTheProcess,
    WithAborted,
}

/// The library's own automatic flush is off, and this one counts in its place.
struct Counting {
    rule: Rule,
    /// What was counted, and how often it has flushed.
    counted: BTreeMap<ContextRef, (u32, u32)>,
}

impl Counting {
    fn by(rule: Rule) -> Self {
        Self { rule, counted: BTreeMap::new() }
    }

    fn slot(&mut self, ctx: ContextRef) -> &mut (u32, u32) {
        let slot = if self.rule == Rule::OfTheProcess { ContextRef(0) } else { ctx };
        self.counted.entry(slot).or_default()
    }

    fn is_due(&mut self, ctx: ContextRef) -> bool {
        let rule = self.rule;
        let (counted, flushed) = self.slot(ctx);
        let periods = match rule {
            Rule::EightBits => (*counted + 1) / 256,
            _ => *counted / PERIOD,
        };
        let due = periods > *flushed;
        *flushed = periods;
        due
    }
}

impl Flaw for Counting {
    fn accept_finish(&mut self, at: &mut Inner<'_>, k: ConnectionRef) -> i64 {
        let caching = at.caching(k);
        let Open { resumed, .. } = at.open(k);
        let answer = at.unflushed(&caching, |at| at.library.accept_finish(k));
        if answer < 0 {
            return answer;
        }
        for ctx in caching {
            self.slot(ctx).0 += 1 + u32::from(resumed && self.rule == Rule::ResumedTwice);
            if self.is_due(ctx) && !at.mode(ctx).contains(CacheMode::NO_AUTO_CLEAR) {
                at.library.flush_sessions(ctx, at.facts.clock);
            }
        }
        answer
    }

    fn accept_abort(&mut self, at: &mut Inner<'_>, k: ConnectionRef) {
        if self.rule == Rule::WithAborted {
            for ctx in at.caching(k) {
                self.slot(ctx).0 += 1;
            }
        }
        at.library.accept_abort(k);
    }

    fn sess_set_cache_size(&mut self, at: &mut Inner<'_>, ctx: ContextRef, size: u32) -> i64 {
        if self.rule == Rule::RestartsWithSize {
            *self.slot(ctx) = (0, 0);
        }
        at.library.sess_set_cache_size(ctx, size)
    }
}

#[derive(Default)]
struct AsOfTheBeginning(Finished);

impl Flaw for AsOfTheBeginning {
    fn accept_finish(&mut self, at: &mut Inner<'_>, k: ConnectionRef) -> i64 {
        let (caching, begun) = (at.caching(k), at.open(k).begun);
        let mut due = self.0.due(&caching);
        due.retain(|&ctx| !at.mode(ctx).contains(CacheMode::NO_AUTO_CLEAR));
        let answer = at.unflushed(&due, |at| at.library.accept_finish(k));
        for &ctx in due.iter().filter(|_| answer >= 0) {
            at.library.flush_sessions(ctx, begun);
        }
        self.0.count(&caching, answer);
        answer
    }
}
