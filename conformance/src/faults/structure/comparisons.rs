//! Comparisons that go wrong at their edge, and what is compared that should not be.

use session_model::clause::*;
use session_model::{ConnectionRef, ContextRef, SessionRef, Time};

use crate::driver::Begin;
use crate::faults::fault::{Fault, fault, flaw};
use crate::faults::flaw::Flaw;
use crate::faults::inner::Inner;
use crate::transcript::Member;

pub(super) const TABLE: &[Fault] = &[
    fault(
        "lookup-expires-at-the-end",
        TIMEOUT_LATER_THAN,
        "a lookup takes a session for expired in its last second; a flush does not",
        flaw::<LookupExpiresAtTheEnd>,
        "sessions: {a: {id: '01', timeout: 5}}
steps: [{add_session: a}, {advance: 5}, {handshake: {propose: a}}]",
    )
    .deep(),
    fault(
        "flush-takes-timeout-zero",
        FLUSH_BOUNDARY,
        "a flush takes a session of timeout 0 out in the very second of its time",
        flaw::<FlushTakesTimeoutZero>,
        "sessions: {a: {id: '01', timeout: 0}}
steps: [{add_session: a}, {flush_sessions: now}]",
    )
    .deep(),
    fault(
        "shorter-twin-is-refused",
        ADD_SAME_ID_ASSUMED_EQUAL,
        "an object that expires before the cached one of its id is not added: 0, and nothing changes",
        flaw::<ShorterTwinRefused>,
        "sessions: {a: {id: '01'}, b: {id: '01', timeout: 9}}
steps: [{add_session: a}, {add_session: b}]",
    )
    .deep(),
    fault(
        "equal-twin-is-identical",
        ADD_SAME_ID_REPLACES,
        "another object with the id, the time and the timeout of the cached one is taken for the very same",
        flaw::<EqualTwinIdentical>,
        "sessions: {a: {id: '01'}, b: {id: '01'}}
steps: [{add_session: a}, {add_session: b}]",
    ),
];

#[derive(Default)]
struct LookupExpiresAtTheEnd;

impl Flaw for LookupExpiresAtTheEnd {
    fn accept_begin(&mut self, at: &mut Inner<'_>, k: ConnectionRef, begin: &Begin) -> i64 {
        let (found, now) = (at.found(begin), at.facts.clock);
        let ends = at.members(begin.context).iter().any(|m| Some(m.session) == found && expiry(m) == now.0);
        let last: Vec<_> = found.filter(|_| ends).into_iter().collect();
        at.outdated(&last, |at| at.library.accept_begin(k, begin))
    }
}

fn expiry(member: &Member) -> i128 {
    i128::from(member.time) + i128::from(member.timeout)
}

#[derive(Default)]
struct FlushTakesTimeoutZero;

impl Flaw for FlushTakesTimeoutZero {
    fn flush_sessions(&mut self, at: &mut Inner<'_>, ctx: ContextRef, tm: Time) {
        let mut of = at.members(ctx);
        of.retain(|member| member.timeout == 0 && i128::from(member.time) == tm.0);
        let of: Vec<_> = of.into_iter().map(|member| member.session).collect();
        at.outdated(&of, |at| at.library.flush_sessions(ctx, tm));
    }
}

/// The cached object of the id of `c`, and `c`.
fn twins(at: &mut Inner<'_>, ctx: ContextRef, c: SessionRef) -> Option<[Member; 2]> {
    let cached = at.cached_as(ctx, c).filter(|&cached| cached != c)?;
    let cached = at.members(ctx).into_iter().find(|member| member.session == cached)?;
    Some([cached, at.library.object(c)])
}

#[derive(Default)]
struct ShorterTwinRefused;

impl Flaw for ShorterTwinRefused {
    fn add_session(&mut self, at: &mut Inner<'_>, ctx: ContextRef, c: SessionRef) -> i64 {
        match twins(at, ctx, c) {
            Some([cached, new]) if expiry(&new) < expiry(&cached) => 0,
            _ => at.library.add_session(ctx, c),
        }
    }
}

#[derive(Default)]
struct EqualTwinIdentical;

impl Flaw for EqualTwinIdentical {
    fn add_session(&mut self, at: &mut Inner<'_>, ctx: ContextRef, c: SessionRef) -> i64 {
        match twins(at, ctx, c) {
            Some([cached, new]) if (new.time, new.timeout) == (cached.time, cached.timeout) => 0,
            _ => at.library.add_session(ctx, c),
        }
    }
}
