//! Sequences: what goes wrong only after something else has happened, or while something else goes on.

use std::collections::{BTreeMap, BTreeSet};

use session_model::clause::*;
use session_model::{CacheMode, ConnectionRef, ContextRef, SessionRef, Time, Timeout};

use crate::driver::Begin;
use crate::faults::fault::{Fault, fault, flaw};
use crate::faults::flaw::Flaw;
use crate::faults::inner::Inner;
use crate::op::Close;

pub(super) const TABLE: &[Fault] = &[
    fault(
        "third-add-is-refused",
        ADD_ADDS,
        "an object can be added twice in its life; the third time 0 is returned and nothing happens",
        flaw::<ThirdAddRefused>,
        "sessions: {a: {id: '01'}}
steps: [{add_session: a}, {remove_session: a}, {add_session: a}, {remove_session: a}, {add_session: a}]",
    )
    .deep(),
    fault(
        "readd-after-duplicate-is-lost",
        ADD_ADDS,
        "an object that was added twice in a row and then removed is not there after it is added again",
        flaw::<LostAfterDuplicate>,
        "sessions: {a: {id: '01'}}
steps: [{add_session: a}, {add_session: a}, {remove_session: a}, {add_session: a}]",
    )
    .deep(),
    fault(
        "duplicate-outlives-a-flush",
        FLUSH_EXPIRED,
        "a session that was added twice in a row is left by the first flush that should take it",
        flaw::<DuplicateOutlivesFlush>,
        "sessions: {a: {id: '01'}}
steps: [{add_session: a}, {add_session: a}, {flush_sessions: now+301}]",
    )
    .deep(),
    fault(
        "connection-255-not-stored",
        MODE_SERVER,
        "the session of a server's 255th connection is not cached",
        flaw::<Not255th>,
        "steps: [{repeat: {times: 255, steps: [{handshake: {}}]}}]",
    )
    .deep(),
    fault(
        "shared-session-survives-unclean",
        UNCLEAN_REMOVED,
        "an unclean close leaves the session in the cache while another connection that resumed it is open",
        flaw::<SharedSurvives>,
        "sessions: {a: {id: '01'}}
steps:
  - add_session: a
  - accept_begin: {connection: k, propose: a}
  - accept_finish: k
  - accept_begin: {connection: l, propose: a}
  - close: {connection: k, how: unclean}",
    )
    .deep(),
    fault(
        "removal-of-replaced-takes-replacement",
        REMOVE_ABSENT_FAILS,
        "a removal of an object that was replaced takes out the one that has its place",
        flaw::<TakesReplacement>,
        "sessions: {a: {id: '01'}, b: {id: '01'}}
steps: [{add_session: a}, {add_session: b}, {remove_session: a}]",
    )
    .deep(),
    fault(
        "unclean-takes-replacement",
        UNCLEAN_REMOVED,
        "an unclean close takes out the object that has meanwhile replaced the connection's session",
        flaw::<UncleanTakesReplacement>,
        "sessions: {a: {id: '01'}, b: {id: '01'}}
steps:
  - add_session: a
  - accept_begin: {connection: k, propose: a}
  - accept_finish: k
  - add_session: b
  - close: {connection: k, how: unclean}",
    )
    .deep(),
    fault(
        "removed-in-handshake-returns",
        REMOVE_REMOVES,
        "a session that is removed while a handshake resumes it is back in the cache when that is finished",
        flaw::<RemovedReturns>,
        "sessions: {a: {id: '01'}}
steps: [{add_session: a}, {accept_begin: {connection: k, propose: a}}, {remove_session: a}, {accept_finish: k}]",
    )
    .deep(),
    fault(
        "once-expired-stays-expired",
        TIMEOUT_LATER_THAN,
        "a session that was once found expired is taken for expired after the clock has stepped back",
        flaw::<OnceExpired>,
        "sessions: {a: {id: '01'}}
steps:
  - add_session: a
  - advance: 301
  - handshake: {propose: a}
  - set_clock: 1000
  - add_session: a
  - handshake: {propose: a}",
    )
    .deep(),
    fault(
        "second-use-in-a-second-refused",
        MODE_SERVER,
        "a session that was resumed is not found again within the same second",
        flaw::<OnceASecond>,
        "sessions: {a: {id: '01'}}
steps: [{add_session: a}, {handshake: {propose: a}}, {handshake: {propose: a}}]",
    ),
    fault(
        "resumption-changes-session",
        TIMEOUT_ESTABLISHED_UNAFFECTED,
        "resuming a cached session gives it the timeout that the context has at the moment",
        flaw::<ResumptionChanges>,
        "sessions: {a: {id: '01', timeout: 9}}
steps: [{add_session: a}, {handshake: {propose: a}}]",
    )
    .after("CVE-2010-4180", "OpenSSL: a resumption could change what the cached session holds, its cipher suite"),
];

#[derive(Default)]
struct ThirdAddRefused(BTreeMap<SessionRef, u32>);

impl Flaw for ThirdAddRefused {
    fn add_session(&mut self, at: &mut Inner<'_>, ctx: ContextRef, c: SessionRef) -> i64 {
        let adds = self.0.entry(c).or_default();
        if *adds == 2 && !at.is_member(ctx, c) {
            return 0;
        }
        let added = at.library.add_session(ctx, c);
        *adds += u32::from(added == 1);
        added
    }
}

/// Objects that were added again while they were cached, and those of them that were then removed.
#[derive(Default)]
struct LostAfterDuplicate {
    duplicates: BTreeSet<SessionRef>,
    removed: BTreeSet<SessionRef>,
}

impl Flaw for LostAfterDuplicate {
    fn add_session(&mut self, at: &mut Inner<'_>, ctx: ContextRef, c: SessionRef) -> i64 {
        if self.removed.contains(&c) {
            return 1;
        }
        let added = at.library.add_session(ctx, c);
        if added == 0 {
            self.duplicates.insert(c);
        }
        added
    }

    fn remove_session(&mut self, at: &mut Inner<'_>, ctx: ContextRef, c: SessionRef) -> i64 {
        let removed = at.library.remove_session(ctx, c);
        if removed == 1 && self.duplicates.contains(&c) {
            self.removed.insert(c);
        }
        removed
    }
}

#[derive(Default)]
struct DuplicateOutlivesFlush(BTreeSet<SessionRef>);

impl Flaw for DuplicateOutlivesFlush {
    fn add_session(&mut self, at: &mut Inner<'_>, ctx: ContextRef, c: SessionRef) -> i64 {
        let added = at.library.add_session(ctx, c);
        if added == 0 {
            self.0.insert(c);
        }
        added
    }

    fn flush_sessions(&mut self, at: &mut Inner<'_>, ctx: ContextRef, tm: Time) {
        let spared: Vec<_> = at.expired(ctx, tm).into_iter().filter(|c| self.0.remove(c)).collect();
        at.all_alive(&spared, tm, &mut |at| at.library.flush_sessions(ctx, tm));
    }
}

#[derive(Default)]
struct Not255th(BTreeMap<ContextRef, u32>);

impl Flaw for Not255th {
    fn accept_finish(&mut self, at: &mut Inner<'_>, k: ConnectionRef) -> i64 {
        let ctx = at.open(k).begin.context;
        let finished = self.0.entry(ctx).or_default();
        *finished += 1;
        let mut mode = at.mode(ctx);
        if *finished == 255 {
            mode = mode | CacheMode::NO_INTERNAL_STORE;
        }
        at.in_mode(ctx, mode, |at| at.library.accept_finish(k))
    }
}

#[derive(Default)]
struct SharedSurvives;

impl Flaw for SharedSurvives {
    fn close(&mut self, at: &mut Inner<'_>, k: ConnectionRef, close: Close) {
        let resumed = |k: &ConnectionRef| at.facts.open.get(k).filter(|open| open.resumed).and_then(|open| open.found);
        let session = resumed(&k);
        let others = at.facts.open.keys().filter(|other| **other != k);
        let shared = session.is_some() && others.into_iter().any(|other| resumed(other) == session);
        at.library.close(k, if shared { Close::Clean } else { close });
    }
}

/// Takes out what is cached under the id of `c`.
fn remove_twin(at: &mut Inner<'_>, ctx: ContextRef, c: SessionRef) -> i64 {
    match at.cached_as(ctx, c).filter(|&twin| twin != c) {
        Some(twin) if at.hold(twin) => {
            let removed = at.library.remove_session(ctx, twin);
            at.library.session_free(twin);
            removed
        }
        _ => 0,
    }
}

#[derive(Default)]
struct TakesReplacement(BTreeSet<SessionRef>);

impl Flaw for TakesReplacement {
    fn add_session(&mut self, at: &mut Inner<'_>, ctx: ContextRef, c: SessionRef) -> i64 {
        self.0.extend(at.cached_as(ctx, c).filter(|&old| old != c));
        at.library.add_session(ctx, c)
    }

    fn remove_session(&mut self, at: &mut Inner<'_>, ctx: ContextRef, c: SessionRef) -> i64 {
        let removed = at.library.remove_session(ctx, c);
        if removed == 0 && self.0.contains(&c) { remove_twin(at, ctx, c) } else { removed }
    }
}

#[derive(Default)]
struct UncleanTakesReplacement;

impl Flaw for UncleanTakesReplacement {
    fn close(&mut self, at: &mut Inner<'_>, k: ConnectionRef, close: Close) {
        let open = at.open(k);
        at.library.close(k, close);
        if let Some(c) = open.found.filter(|_| open.resumed && close == Close::Unclean && !open.is_tls13()) {
            remove_twin(at, open.begin.context, c);
        }
    }
}

#[derive(Default)]
struct RemovedReturns;

impl Flaw for RemovedReturns {
    fn accept_finish(&mut self, at: &mut Inner<'_>, k: ConnectionRef) -> i64 {
        let open = at.open(k);
        let ctx = open.begin.context;
        let answer = at.library.accept_finish(k);
        if let Some(c) = open.found.filter(|_| answer == 1 && !open.is_tls13())
            && at.cached_as(ctx, c).is_none()
        {
            at.put_in(ctx, c);
        }
        answer
    }
}

#[derive(Default)]
struct OnceExpired(BTreeSet<SessionRef>);

impl Flaw for OnceExpired {
    fn accept_begin(&mut self, at: &mut Inner<'_>, k: ConnectionRef, begin: &Begin) -> i64 {
        let (ctx, now) = (begin.context, at.facts.clock);
        let found = at.found(begin);
        self.0.extend(found.filter(|c| at.expired(ctx, now).contains(c)));
        let once: Vec<_> = found.filter(|c| self.0.contains(c)).into_iter().collect();
        at.outdated(&once, |at| at.library.accept_begin(k, begin))
    }
}

#[derive(Default)]
struct OnceASecond(BTreeMap<SessionRef, Time>);

impl Flaw for OnceASecond {
    fn accept_begin(&mut self, at: &mut Inner<'_>, k: ConnectionRef, begin: &Begin) -> i64 {
        let (ctx, now) = (begin.context, at.facts.clock);
        let found = at.found(begin);
        let mut mode = at.mode(ctx);
        if found.is_some_and(|c| self.0.get(&c) == Some(&now)) {
            mode = mode | CacheMode::NO_INTERNAL_LOOKUP;
        }
        let answer = at.in_mode(ctx, mode, |at| at.library.accept_begin(k, begin));
        self.0.extend(found.filter(|_| answer == 1).map(|c| (c, now)));
        answer
    }
}

#[derive(Default)]
struct ResumptionChanges;

impl Flaw for ResumptionChanges {
    fn accept_begin(&mut self, at: &mut Inner<'_>, k: ConnectionRef, begin: &Begin) -> i64 {
        let found = at.found(begin);
        let answer = at.library.accept_begin(k, begin);
        if let Some(c) = found.filter(|&c| answer == 1 && at.hold(c)) {
            let timeout = at.library.get_timeout(begin.context);
            at.library.session_set_timeout(c, Timeout(timeout.into()));
            at.library.session_free(c);
        }
        answer
    }
}
