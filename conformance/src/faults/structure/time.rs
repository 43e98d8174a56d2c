//! Time: clocks that step backwards, narrow sums, the wrong now.

use std::collections::BTreeMap;

use session_model::clause::*;
use session_model::{CacheMode, ConnectionRef, ContextRef, SessionRef, Time, Timeout};

use crate::driver::Begin;
use crate::faults::fault::{Fault, fault, flaw};
use crate::faults::flaw::Flaw;
use crate::faults::inner::Inner;
use crate::trace::Setup;
use crate::transcript::Member;

pub(super) const TABLE: &[Fault] = &[
    fault(
        "future-sessions-expired",
        TIMEOUT_LATER_THAN,
        "a lookup subtracts without a sign: after a step of the clock backwards, sessions from before it are expired",
        flaw::<FutureExpired>,
        "sessions: {a: {id: '01'}}
steps: [{add_session: a}, {set_clock: 900}, {handshake: {propose: a}}]",
    )
    .deep(),
    fault(
        "flush-takes-the-future",
        FLUSH_EXPIRED,
        "after a step of the clock backwards, a flush at the clock's time takes sessions out whose time is still to come",
        flaw::<FlushTakesFuture>,
        "sessions: {a: {id: '01'}}
steps: [{add_session: a}, {set_clock: 900}, {flush_sessions: now}]",
    )
    .deep(),
    fault(
        "clock-never-steps-back",
        TIME_CREATION,
        "the time is kept from when it was read last, and never goes backwards",
        flaw::<Monotonic>,
        "steps: [{set_clock: 900}, {handshake: {as: s}}]",
    )
    .deep(),
    fault(
        "expiry-of-30-bits",
        TIMEOUT_LATER_THAN,
        "the sum of time and timeout is kept in 30 bits: a session that lives beyond them expires at a flush",
        flaw::<ThirtyBits>,
        "clock: 999999999
sessions: {a: {id: '01', timeout: 99999999}}
steps: [{add_session: a}, {flush_sessions: now}]",
    )
    .deep(),
    fault(
        "timeout-zero-is-for-ever",
        TIMEOUT_LATER_THAN,
        "a session of timeout 0 never expires",
        flaw::<ZeroForEver>,
        "sessions: {a: {id: '01', timeout: 0}}
steps: [{add_session: a}, {flush_sessions: now+9}]",
    ),
    fault(
        "flush-of-the-past-is-now",
        FLUSH_EXPIRED,
        "a flush at a time that has passed tests against the clock",
        flaw::<PastIsNow>,
        "sessions: {a: {id: '01', timeout: 1}}
steps: [{add_session: a}, {advance: 9}, {flush_sessions: now-9}]",
    ),
    fault(
        "flush-of-the-future-is-now",
        FLUSH_EXPIRED,
        "a flush at a time to come tests against the clock",
        flaw::<FutureIsNow>,
        "sessions: {a: {id: '01', timeout: 1}}
steps: [{add_session: a}, {flush_sessions: now+9}]",
    ),
    fault(
        "set-time-reaches-no-flush",
        TIME_SET,
        "a flush goes by the time that a session had when it was added",
        flaw::<FlushKnowsOldTime>,
        "sessions: {a: {id: '01'}}
steps: [{add_session: a}, {set_time: {session: a, time: 0}}, {flush_sessions: now}]",
    ),
    fault(
        "shorter-timeout-comes-late",
        TIME_SET_TIMEOUT,
        "a cached session whose timeout is made shorter is missed by the next flush, and taken by the one after",
        flaw::<ShorterComesLate>,
        "sessions: {a: {id: '01'}}
steps: [{add_session: a}, {set_timeout: {session: a, timeout: 1}}, {flush_sessions: now+9}]",
    )
    .deep(),
    fault(
        "update-time-never-back",
        MODE_UPDATE_TIME,
        "under UPDATE_TIME, use of a session after a step of the clock backwards leaves its time as it was",
        flaw::<UpdateNeverBack>,
        "contexts: {server: {mode: [SERVER, UPDATE_TIME]}}
sessions: {a: {id: '01'}}
steps: [{add_session: a}, {set_clock: 900}, {handshake: {propose: a}}]",
    )
    .deep(),
];

fn sessions(members: Vec<Member>, which: impl Fn(&Member) -> bool) -> Vec<SessionRef> {
    members.into_iter().filter(which).map(|member| member.session).collect()
}

#[derive(Default)]
struct FutureExpired;

impl Flaw for FutureExpired {
    fn accept_begin(&mut self, at: &mut Inner<'_>, k: ConnectionRef, begin: &Begin) -> i64 {
        let (found, now) = (at.found(begin), at.facts.clock);
        let members = at.members(begin.context);
        let future = sessions(members, |m| Some(m.session) == found && i128::from(m.time) > now.0);
        at.outdated(&future, |at| at.library.accept_begin(k, begin))
    }
}

#[derive(Default)]
struct FlushTakesFuture {
    stepped_back: bool,
}

impl Flaw for FlushTakesFuture {
    fn set_clock(&mut self, at: &mut Inner<'_>, now: Time) {
        self.stepped_back |= now < at.facts.clock;
        at.library.set_clock(now);
    }

    fn flush_sessions(&mut self, at: &mut Inner<'_>, ctx: ContextRef, tm: Time) {
        let takes = self.stepped_back && tm == at.facts.clock;
        let future = sessions(at.members(ctx), |m| takes && i128::from(m.time) > tm.0);
        at.outdated(&future, |at| at.library.flush_sessions(ctx, tm));
    }
}

#[derive(Default)]
struct Monotonic(Time);

impl Flaw for Monotonic {
    fn begin(&mut self, setup: &mut Setup) {
        self.0 = setup.clock;
    }

    fn set_clock(&mut self, at: &mut Inner<'_>, now: Time) {
        self.0 = self.0.max(now);
        at.library.set_clock(self.0);
    }
}

#[derive(Default)]
struct ThirtyBits;

impl Flaw for ThirtyBits {
    fn flush_sessions(&mut self, at: &mut Inner<'_>, ctx: ContextRef, tm: Time) {
        let members = at.members(ctx);
        let beyond = |m: &Member| i128::from(m.time) + i128::from(m.timeout) - (1 << 30);
        let wrapped = sessions(members, |m| (0..tm.0).contains(&beyond(m)));
        at.outdated(&wrapped, |at| at.library.flush_sessions(ctx, tm));
    }
}

#[derive(Default)]
struct ZeroForEver;

impl Flaw for ZeroForEver {
    fn flush_sessions(&mut self, at: &mut Inner<'_>, ctx: ContextRef, tm: Time) {
        let eternal = sessions(at.members(ctx), |m| m.timeout == 0 && i128::from(m.time) < tm.0);
        at.all_alive(&eternal, tm, &mut |at| at.library.flush_sessions(ctx, tm));
    }

    fn accept_begin(&mut self, at: &mut Inner<'_>, k: ConnectionRef, begin: &Begin) -> i64 {
        let (found, now) = (at.found(begin), at.facts.clock);
        let members = at.members(begin.context);
        let eternal = sessions(members, |m| Some(m.session) == found && m.timeout == 0 && i128::from(m.time) < now.0);
        at.all_alive(&eternal, now, &mut |at| at.library.accept_begin(k, begin))
    }
}

#[derive(Default)]
struct PastIsNow;

impl Flaw for PastIsNow {
    fn flush_sessions(&mut self, at: &mut Inner<'_>, ctx: ContextRef, tm: Time) {
        at.library.flush_sessions(ctx, tm.max(at.facts.clock));
    }
}

#[derive(Default)]
struct FutureIsNow;

impl Flaw for FutureIsNow {
    fn flush_sessions(&mut self, at: &mut Inner<'_>, ctx: ContextRef, tm: Time) {
        at.library.flush_sessions(ctx, tm.min(at.facts.clock));
    }
}

#[derive(Default)]
struct FlushKnowsOldTime(BTreeMap<SessionRef, Time>);

impl Flaw for FlushKnowsOldTime {
    fn add_session(&mut self, at: &mut Inner<'_>, ctx: ContextRef, c: SessionRef) -> i64 {
        let added = at.library.add_session(ctx, c);
        if added == 1 {
            let time = at.library.session_get_time(c);
            self.0.insert(c, Time(time.into()));
        }
        added
    }

    fn flush_sessions(&mut self, at: &mut Inner<'_>, ctx: ContextRef, tm: Time) {
        let mut moved = at.members(ctx);
        moved.retain(|m| self.0.get(&m.session).is_some_and(|time| time.0 != i128::from(m.time)));
        let held: Vec<_> = moved.iter().filter(|m| at.hold(m.session)).collect();
        for m in &held {
            at.library.session_set_time(m.session, self.0[&m.session]);
        }
        at.library.flush_sessions(ctx, tm);
        for m in held {
            at.library.session_set_time(m.session, Time(m.time.into()));
            at.library.session_free(m.session);
        }
    }
}

#[derive(Default)]
struct ShorterComesLate(Vec<SessionRef>);

impl Flaw for ShorterComesLate {
    fn session_set_timeout(&mut self, at: &mut Inner<'_>, c: SessionRef, timeout: Timeout) -> i64 {
        let is_cached = at.contexts().into_iter().any(|ctx| at.is_member(ctx, c));
        if is_cached && timeout.0 < i128::from(at.library.session_get_timeout(c)) {
            self.0.push(c);
        }
        at.library.session_set_timeout(c, timeout)
    }

    fn flush_sessions(&mut self, at: &mut Inner<'_>, ctx: ContextRef, tm: Time) {
        let late = std::mem::take(&mut self.0);
        let late: Vec<_> = at.expired(ctx, tm).into_iter().filter(|c| late.contains(c)).collect();
        at.all_alive(&late, tm, &mut |at| at.library.flush_sessions(ctx, tm));
    }
}

#[derive(Default)]
struct UpdateNeverBack;

impl Flaw for UpdateNeverBack {
    fn accept_begin(&mut self, at: &mut Inner<'_>, k: ConnectionRef, begin: &Begin) -> i64 {
        let (ctx, now) = (begin.context, at.facts.clock);
        let found = at.found(begin);
        let members = at.members(ctx);
        let future = members.iter().any(|m| Some(m.session) == found && i128::from(m.time) > now.0);
        let mode = at.mode(ctx);
        let mode = if future { super::without(mode, CacheMode::UPDATE_TIME) } else { mode };
        at.in_mode(ctx, mode, |at| at.library.accept_begin(k, begin))
    }
}
