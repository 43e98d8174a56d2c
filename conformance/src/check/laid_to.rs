//! The clause that a difference is laid to: the one of the pages that decided otherwise, or what stands against what the
//! subject did.
//!
//! Not here: whether there is a difference, and what is said of it.

use session_model::clause::*;
use session_model::reading::AutoFlushCounts;
use session_model::{Clause, ContextRef, SessionRef, What};

use super::{Step, same_object};
use crate::op::Op;
use crate::transcript::{Answer, Counter, Event, Member, Seen};

/// The clauses by which a server that is proposed a session does not resume it.
const REFUSES: [Clause; 7] = [
    PROTOCOL_MUST_MATCH,
    ID_CONTEXT_MISMATCH_FULL,
    FLUSH_NOT_REUSED_ONCE_EXPIRED,
    RESUMABLE_FULL_HANDSHAKE,
    MODE_NO_INTERNAL_LOOKUP,
    TICKET_RECEIVED,
    TICKET_OTHER_KIND,
];

impl Step<'_> {
    /// That of an answer: of a call on a cache who is in it afterwards, where that differs too, for the answer follows
    /// from it; of a handshake why it resumes or not.
    pub(super) fn of_answer(&self, ruled: &Seen<'_>, seen: &Seen<'_>) -> Clause {
        let by = match (self.op, ruled.answer, seen.answer) {
            (Op::AddSession { .. } | Op::RemoveSession { .. }, ..) => self.of_members(ruled, seen),
            (_, Answer::Returns(0), Answer::Returns(1)) if self.is_a_handshake() => self.cited(&REFUSES),
            (_, Answer::Returns(1), Answer::Returns(0)) if self.is_a_handshake() => {
                self.cited(&[TICKET_STATELESS_RESUMES])
            }
            _ => None,
        };
        by.unwrap_or_else(|| self.main())
    }

    /// That of the first member that is on one side only.
    fn of_members(&self, ruled: &Seen<'_>, seen: &Seen<'_>) -> Option<Clause> {
        if let Some(missing) = ruled.members.iter().find(|m| same_object(m, seen.members).is_none()) {
            return self.of_missing(missing, ruled, seen);
        }
        let extra = seen.members.iter().find(|m| same_object(m, ruled.members).is_none())?;
        self.of_extra(extra, seen)
    }

    /// That of a member that the subject has not: what puts or keeps it there, or of what dropped it.
    pub(super) fn of_missing(&self, missing: &Member, ruled: &Seen<'_>, seen: &Seen<'_>) -> Option<Clause> {
        let c = missing.session;
        let decided = |what| match what {
            What::Enters(_, d) | What::Stays(d) => c == d,
            _ => false,
        };
        let Some(ctx) = missing.context else { return self.last(decided) };
        let stands = |d| seen.members.iter().any(|m| m.context == Some(ctx) && m.session == d);
        let spared = |what| matches!(what, What::Leaves(at, d) if at == ctx && stands(d));
        // Another one had to go for the size, or the one in whose place it was to come.
        if dropped(ctx, seen) > 0 && self.by(FLUSH_COLLECTS, spared) {
            return Some(SIZE_DROPS_FROM_END);
        }
        if self.by(ADD_SAME_ID_REPLACES, spared) {
            return Some(ADD_SAME_ID_REPLACES);
        }
        self.last(decided)
            .or_else(|| self.elsewhere(ctx))
            .or_else(|| self.of_one_too_many(ctx, ruled, seen))
            .or_else(|| self.of_unasked_flush(missing))
    }

    /// That of a member that the subject still has.
    pub(super) fn of_extra(&self, extra: &Member, seen: &Seen<'_>) -> Option<Clause> {
        let leaves = self.last(|what| matches!(what, What::Leaves(_, c) if c == extra.session));
        if leaves != Some(FLUSH_AUTO_255_SESSIONS) {
            return leaves.or_else(|| self.elsewhere(extra.context?));
        }
        // An automatic flush that took some of them came when it was due.
        let stands = |c| seen.members.iter().any(|m| m.context == extra.context && m.session == c);
        let took = |what| matches!(what, What::Leaves(ctx, c) if Some(ctx) == extra.context && !stands(c));
        if self.by(FLUSH_AUTO_255_SESSIONS, took) {
            return Some(TIMEOUT_FLUSH_REMOVES_EXPIRED);
        }
        Some(self.automatic_flush())
    }

    /// A call on one context reached the cache of another one.
    fn elsewhere(&self, ctx: ContextRef) -> Option<Clause> {
        match self.op {
            Op::AddSession { context, .. } | Op::RemoveSession { context, .. } | Op::FlushSessions { context, .. } => {
                (*context != ctx).then_some(MODE_PER_CONTEXT)
            }
            _ => None,
        }
    }

    /// More were dropped for the size than the manual has dropped: what it says of the room that there is.
    fn of_one_too_many(&self, ctx: ContextRef, ruled: &Seen<'_>, seen: &Seen<'_>) -> Option<Clause> {
        if dropped(ctx, seen) <= dropped(ctx, ruled) {
            return None;
        }
        if matches!(self.op, Op::SessSetCacheSize(..)) {
            return Some(SIZE_SMALLER_AT_NEXT_ADD);
        }
        let room = [SIZE_ZERO_UNLIMITED, SIZE_SMALLER_AT_NEXT_ADD, ADD_SAME_ID_REPLACES, ADD_IDENTICAL_IS_NOOP];
        Some(self.cited(&room).unwrap_or(FLUSH_COLLECTS))
    }

    /// A handshake took out what had expired, and no automatic flush was due.
    fn of_unasked_flush(&self, missing: &Member) -> Option<Clause> {
        let expired = i128::from(missing.time) + i128::from(missing.timeout) < self.clock.0;
        (self.is_a_handshake() && expired)
            .then(|| self.cited(&[MODE_NO_AUTO_CLEAR]).unwrap_or_else(|| self.automatic_flush()))
    }

    /// Two pages say when it comes: that by which it is read.
    fn automatic_flush(&self) -> Clause {
        match self.profile.readings.auto_flush_counts {
            AutoFlushCounts::Connections => MODE_AUTO_255_CONNECTIONS,
            _ => FLUSH_AUTO_255_SESSIONS,
        }
    }

    fn is_a_handshake(&self) -> bool {
        matches!(self.op, Op::Handshake(..) | Op::AcceptBegin(..) | Op::AcceptFinish(_) | Op::Renegotiate(..))
    }

    /// The last of these clauses that was cited.
    fn cited(&self, these: &[Clause]) -> Option<Clause> {
        self.decided.iter().rev().map(|(clause, _)| *clause).find(|clause| these.contains(clause))
    }

    fn by(&self, clause: Clause, is: impl Fn(What) -> bool) -> bool {
        self.decided.iter().any(|(by, what)| *by == clause && is(*what))
    }

    /// The clause of the op itself: the one of its answer, else the last that was cited. The references that naming a
    /// handshake's sessions takes are the driver's own.
    pub(super) fn main(&self) -> Clause {
        let own = |clause: &Clause| *clause != SESSION_UP_REF || matches!(self.op, Op::UpRef(_));
        let answers = self.decided.iter().rev().filter(|(_, what)| *what == What::TheAnswer);
        answers
            .map(|(clause, _)| *clause)
            .find(own)
            .or_else(|| matches!(self.op, Op::FlushSessions { .. }).then_some(FLUSH_EXPIRED))
            .or_else(|| self.decided.last().map(|(clause, _)| *clause))
            .unwrap_or(MODE_PER_CONTEXT)
    }

    /// The clause of the last thing that was decided about this session.
    pub(super) fn concerning(&self, c: SessionRef) -> Option<Clause> {
        self.last(|what| match what {
            What::Leaves(_, d) | What::Enters(_, d) | What::Marks(d) | What::Destroys(d) => c == d,
            What::Stays(d) | What::Times(d) | What::TimesOut(d) => c == d,
            _ => false,
        })
    }

    /// The clause that a callback belongs to which nobody ruled.
    pub(super) fn about(&self, event: &Event) -> Clause {
        match event {
            Event::Remove(_, c) => self.concerning(*c).unwrap_or_else(|| self.main()),
            Event::Get(..) => self
                .last(|what| what == What::TheWay)
                .filter(|clause| clause.id().starts_with("mode."))
                .unwrap_or(GET_CB_NOT_FOUND_INTERNALLY),
            Event::New(..) => NEW_CB_CACHING_ENABLED,
        }
    }

    pub(super) fn last(&self, is: impl Fn(What) -> bool) -> Option<Clause> {
        self.decided.iter().rev().find(|(_, what)| is(*what)).map(|(clause, _)| *clause)
    }
}

/// The page's clause on a counter that the step does not count.
pub(super) fn counter_clause(counter: Counter, other: Clause) -> Clause {
    match counter {
        Counter::Connect => CONNECT_COUNTS_STARTED,
        Counter::ConnectGood => CONNECT_GOOD_COUNTS_ESTABLISHED,
        Counter::Accept => ACCEPT_COUNTS_STARTED,
        Counter::AcceptGood => ACCEPT_GOOD_COUNTS_ESTABLISHED,
        Counter::Hits => HITS_SERVER_RETRIEVED,
        Counter::CbHits => CB_HITS_COUNTS_EXTERNAL,
        Counter::Misses => MISSES_NOT_FOUND_INTERNALLY,
        Counter::Timeouts => TIMEOUTS_FOUND_BUT_EXPIRED,
        Counter::CacheFull => CACHE_FULL_COUNTS_DROPPED,
        Counter::ConnectRenegotiate => CONNECT_RENEGOTIATE_COUNTS_STARTED,
        Counter::AcceptRenegotiate => ACCEPT_RENEGOTIATE_COUNTS_STARTED,
        Counter::Number => other,
    }
}

/// What the counter of those dropped for the size has come to, if the step changes it.
fn dropped(ctx: ContextRef, of: &Seen<'_>) -> i64 {
    let full = of.counters.iter().find(|c| c.context == ctx && c.counter == Counter::CacheFull);
    full.map_or(0, |change| change.value)
}
