//! The index of a cache: what is left behind in it, what is lost from it, and which ids it takes for one.

use std::collections::{BTreeMap, BTreeSet};

use session_model::clause::*;
use session_model::{ConnectionRef, ContextRef, NewSession, SessionId, SessionRef, Time};

use crate::driver::{Begin, Offer};
use crate::faults::fault::{Fault, fault, flaw};
use crate::faults::flaw::Flaw;
use crate::faults::inner::Inner;
use crate::transcript::Counter;

pub(super) const TABLE: &[Fault] = &[
    fault(
        "flushed-still-resumes",
        FLUSH_EXPIRED,
        "a session that a flush has taken out is still found by its id while somebody holds it",
        || Box::new(LeftBehind::by(Way::Flush)),
        "sessions: {a: {id: '01'}}
steps: [{add_session: a}, {flush_sessions: now+301}, {handshake: {propose: a}}]",
    )
    .deep(),
    fault(
        "dropped-still-resumes",
        FLUSH_COLLECTS,
        "a session that was dropped for size is still found by its id while somebody holds it",
        || Box::new(LeftBehind::by(Way::Size)),
        "contexts: {server: {size: 1}}
sessions: {a: {id: '01'}, b: {id: '02'}}
steps: [{add_session: a}, {add_session: b}, {handshake: {propose: a}}]",
    )
    .deep(),
    fault(
        "removal-reaches-twin",
        MODE_PER_CONTEXT,
        "a removal takes the session of this id out of every other context's cache too",
        flaw::<RemovalReachesTwin>,
        "contexts: {one: {}, two: {}}
sessions: {a: {id: '01', context: one}, b: {id: '01', context: two}}
steps:
  - add_session: {context: one, session: a}
  - add_session: {context: two, session: b}
  - remove_session: {context: one, session: a}",
    )
    .deep()
    .after("CVE-2014-3616", "nginx: servers that shared a session cache or a ticket key resumed each other's sessions"),
    fault(
        "flush-reaches-first-context",
        MODE_PER_CONTEXT,
        "a flush of another context flushes the first one as well",
        flaw::<FlushReachesFirst>,
        "contexts: {one: {}, two: {}}
sessions: {a: {id: '01', context: one, timeout: 1}}
steps: [{add_session: {context: one, session: a}}, {flush_sessions: {context: two, at: now+9}}]",
    )
    .deep(),
    fault(
        "ids-of-31-bytes",
        MODE_ONE_ID,
        "the last of the 32 bytes of an id that was set by hand is not compared",
        || Box::new(Ids::compared(|id| id[..id.len().min(31)].to_vec())),
        "sessions:
  a: {id: '00112233445566778899aabbccddeeff00112233445566778899aabbccddee01'}
  b: {id: '00112233445566778899aabbccddeeff00112233445566778899aabbccddee02'}
steps: [{add_session: a}, {add_session: b}]",
    )
    .deep(),
    fault(
        "ids-of-4-bytes",
        MODE_ONE_ID,
        "ids that were set by hand are compared by their first 4 bytes",
        || Box::new(Ids::compared(|id| id[..id.len().min(4)].to_vec())),
        "sessions: {a: {id: '0102030405'}, b: {id: '0102030406'}}
steps: [{add_session: a}, {add_session: b}]",
    ),
    fault(
        "ids-padded",
        MODE_ONE_ID,
        "ids that were set by hand are compared without their lengths, filled up with zeros",
        || Box::new(Ids::compared(|id| id[..id.iter().rposition(|b| *b != 0).map_or(0, |n| n + 1)].to_vec())),
        "sessions: {a: {id: '01'}, b: {id: '0100'}}
steps: [{add_session: a}, {add_session: b}]",
    )
    .deep(),
    fault(
        "ids-end-at-zero",
        MODE_ONE_ID,
        "ids that were set by hand are compared as text, up to their first zero byte",
        || Box::new(Ids::compared(|id| id.iter().copied().take_while(|b| *b != 0).collect())),
        "sessions: {a: {id: '0100aa'}, b: {id: '0100bb'}}
steps: [{add_session: a}, {add_session: b}]",
    )
    .deep(),
    fault(
        "removal-takes-neighbour",
        REMOVE_REMOVES,
        "a removal loses the next member whose id begins with the same byte",
        flaw::<RemovalTakesNeighbour>,
        "sessions: {a: {id: '0101'}, b: {id: '0102'}}
steps: [{add_session: a}, {add_session: b}, {remove_session: a}]",
    )
    .deep(),
    fault(
        "removed-id-is-refused",
        ADD_ADDS,
        "an id that was removed is refused when another object with it is added",
        flaw::<Tombstone>,
        "sessions: {a: {id: '01'}, b: {id: '01'}}
steps: [{add_session: a}, {remove_session: a}, {add_session: b}]",
    )
    .deep(),
    fault(
        "removed-counts-no-miss",
        MISSES_NOT_FOUND_INTERNALLY,
        "an id that was removed by hand counts as found when it is proposed again",
        flaw::<RemovedCountsNoMiss>,
        "sessions: {a: {id: '01'}}
steps: [{add_session: a}, {remove_session: a}, {handshake: {propose: {id: '01'}}}]",
    ),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Flush,
    Size,
}

/// The index keeps what left in this way.
struct LeftBehind {
    way: Way,
    entries: BTreeMap<(ContextRef, SessionId), SessionRef>,
}

impl LeftBehind {
    fn by(way: Way) -> Self {
        Self { way, entries: BTreeMap::new() }
    }

    fn watch<T>(&mut self, at: &mut Inner<'_>, ctx: ContextRef, f: impl FnOnce(&mut Inner<'_>) -> T) -> T {
        let before = at.members(ctx);
        let done = f(at);
        let after = at.members(ctx);
        for left in before.iter().filter(|was| after.iter().all(|is| is.session != was.session)) {
            if let Some(id) = at.facts.id(left.session) {
                self.entries.insert((ctx, id), left.session);
            }
        }
        done
    }
}

impl Flaw for LeftBehind {
    fn flush_sessions(&mut self, at: &mut Inner<'_>, ctx: ContextRef, tm: Time) {
        match self.way {
            Way::Flush => self.watch(at, ctx, |at| at.library.flush_sessions(ctx, tm)),
            Way::Size => at.library.flush_sessions(ctx, tm),
        }
    }

    fn add_session(&mut self, at: &mut Inner<'_>, ctx: ContextRef, c: SessionRef) -> i64 {
        if self.way == Way::Flush || at.cached_as(ctx, c).is_some() {
            return at.library.add_session(ctx, c);
        }
        self.watch(at, ctx, |at| at.library.add_session(ctx, c))
    }

    fn accept_begin(&mut self, at: &mut Inner<'_>, k: ConnectionRef, begin: &Begin) -> i64 {
        let ctx = begin.context;
        let entry = at.facts.proposed(begin).and_then(|id| self.entries.get(&(ctx, id)).copied());
        let stale = entry.filter(|&c| at.cached_as(ctx, c).is_none());
        let Some(c) = stale else { return at.library.accept_begin(k, begin) };
        at.put_in(ctx, c);
        let answer = at.library.accept_begin(k, begin);
        at.untold(ctx, |at| at.take_out(ctx, c));
        answer
    }
}

#[derive(Default)]
struct RemovalReachesTwin;

impl Flaw for RemovalReachesTwin {
    fn remove_session(&mut self, at: &mut Inner<'_>, ctx: ContextRef, c: SessionRef) -> i64 {
        let removed = at.library.remove_session(ctx, c);
        for other in at.contexts() {
            if removed == 1
                && other != ctx
                && let Some(twin) = at.cached_as(other, c)
            {
                at.take_out(other, twin);
            }
        }
        removed
    }
}

#[derive(Default)]
struct FlushReachesFirst;

impl Flaw for FlushReachesFirst {
    fn flush_sessions(&mut self, at: &mut Inner<'_>, ctx: ContextRef, tm: Time) {
        at.library.flush_sessions(ctx, tm);
        let first = ContextRef(0);
        if ctx != first && at.contexts().contains(&first) {
            at.library.flush_sessions(first, tm);
        }
    }
}

/// Ids that are compared by a part of them: the first of those that are equal stands for all.
struct Ids {
    part: fn(&[u8]) -> Vec<u8>,
    known: BTreeMap<Vec<u8>, SessionId>,
}

impl Ids {
    fn compared(part: fn(&[u8]) -> Vec<u8>) -> Self {
        Self { part, known: BTreeMap::new() }
    }
}

impl Flaw for Ids {
    fn session(&mut self, at: &mut Inner<'_>, c: SessionRef, new: &NewSession) {
        let id = *self.known.entry((self.part)(new.id.as_bytes())).or_insert(new.id);
        at.library.session(c, &NewSession { id, ..*new });
    }

    fn accept_begin(&mut self, at: &mut Inner<'_>, k: ConnectionRef, begin: &Begin) -> i64 {
        let mut begin = *begin;
        if let Offer::Peer(id, None) = &mut begin.offer {
            *id = self.known.get(&(self.part)(id.as_bytes())).copied().unwrap_or(*id);
        }
        at.library.accept_begin(k, &begin)
    }
}

#[derive(Default)]
struct RemovalTakesNeighbour;

impl Flaw for RemovalTakesNeighbour {
    fn remove_session(&mut self, at: &mut Inner<'_>, ctx: ContextRef, c: SessionRef) -> i64 {
        let removed = at.library.remove_session(ctx, c);
        let first = |at: &Inner<'_>, c| at.facts.id(c).map(|id| id.as_bytes()[0]);
        let members = at.members(ctx);
        let next = members.iter().map(|member| member.session).find(|&d| first(at, d) == first(at, c));
        if let Some(next) = next.filter(|_| removed == 1) {
            at.untold(ctx, |at| at.take_out(ctx, next));
        }
        removed
    }
}

#[derive(Default)]
struct Tombstone(BTreeMap<(ContextRef, SessionId), SessionRef>);

impl Flaw for Tombstone {
    fn remove_session(&mut self, at: &mut Inner<'_>, ctx: ContextRef, c: SessionRef) -> i64 {
        let removed = at.library.remove_session(ctx, c);
        if let Some(id) = at.facts.id(c).filter(|_| removed == 1) {
            self.0.insert((ctx, id), c);
        }
        removed
    }

    fn add_session(&mut self, at: &mut Inner<'_>, ctx: ContextRef, c: SessionRef) -> i64 {
        let stone = at.facts.id(c).and_then(|id| self.0.get(&(ctx, id)).copied());
        if stone.is_some_and(|of| of != c) { 0 } else { at.library.add_session(ctx, c) }
    }
}

#[derive(Default)]
struct RemovedCountsNoMiss(BTreeSet<(ContextRef, SessionId)>);

impl Flaw for RemovedCountsNoMiss {
    fn remove_session(&mut self, at: &mut Inner<'_>, ctx: ContextRef, c: SessionRef) -> i64 {
        let removed = at.library.remove_session(ctx, c);
        if let Some(id) = at.facts.id(c).filter(|_| removed == 1) {
            self.0.insert((ctx, id));
        }
        removed
    }

    fn accept_begin(&mut self, at: &mut Inner<'_>, k: ConnectionRef, begin: &Begin) -> i64 {
        let ctx = begin.context;
        let stale = at.facts.proposed(begin).is_some_and(|id| self.0.contains(&(ctx, id)));
        let before = at.counter(ctx, Counter::Misses);
        let answer = at.library.accept_begin(k, begin);
        if stale {
            let counted = at.counter(ctx, Counter::Misses) - before;
            at.offset(ctx, Counter::Misses, -counted);
        }
        answer
    }
}
