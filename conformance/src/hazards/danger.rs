//! Which hazards a trace has: told from its text alone.

use std::collections::{BTreeMap, BTreeSet};

use session_model::ContextRef;

use super::{Call, Callback, Hazard};
use crate::op::{At, Name, Op, SessionSpec};
use crate::source::MAX_TIME;
use crate::trace::{ContextSetup, Trace};

/// A kind of hazard: what a finding is told apart by, and what a subject can refuse.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Danger {
    /// A session in a context that is not its own.
    AnotherContext,
    /// Another id for a session.
    ChangedId,
    /// An id of no bytes.
    EmptyId,
    /// A time or timeout outside of 0 to 10^9.
    FarTime,
    /// A context that is freed with a connection open on it.
    FreedInUse,
    /// A reference that is freed and not owned.
    FreedUnowned,
    /// A callback that calls.
    CallsBack(Callback, &'static str),
}

impl std::fmt::Display for Danger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::AnotherContext => "another context",
            Self::ChangedId => "changed id",
            Self::EmptyId => "empty id",
            Self::FarTime => "far time",
            Self::FreedInUse => "context freed in use",
            Self::FreedUnowned => "unowned reference freed",
            Self::CallsBack(callback, call) => return write!(f, "{} calls {call}", callback.word()),
        })
    }
}

/// A hazard in a trace that does not ask for any, with its place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Misplaced {
    /// The clock of the setup.
    Clock,
    /// A context of the setup.
    Context(usize),
    /// A session of the setup.
    Session(usize),
    /// A step, and the op in its block.
    Step(usize, Option<usize>),
}

/// Every hazard of the trace, each kind once.
#[must_use]
pub fn dangers(trace: &Trace) -> BTreeSet<Danger> {
    let mut found = BTreeSet::new();
    if !is_in_bounds(trace.setup.clock.0) {
        found.insert(Danger::FarTime);
    }
    for context in &trace.setup.contexts {
        found.extend(of_context(context));
    }
    let mut owners: BTreeMap<Name, ContextRef> = BTreeMap::new();
    for (spec, n) in trace.setup.sessions.iter().zip(0..) {
        found.extend(of_session(spec));
        owners.insert(Name(n), spec.context);
    }
    let mut open = BTreeMap::new();
    let mut clock = trace.setup.clock.0;
    for op in trace.ops.iter().flat_map(flat) {
        found.extend(of_op(op));
        follow(op, &mut owners, &mut open, &mut found);
        match op {
            Op::SetClock(time) => clock = time.0,
            Op::Advance(seconds) => clock += i128::from(*seconds),
            _ => {}
        }
        if !is_in_bounds(clock) {
            found.insert(Danger::FarTime);
        }
    }
    for (context, n) in trace.setup.contexts.iter().zip(0..) {
        let mut owner = context.calls.all().filter_map(|(_, call)| owners.get(&call.name()?));
        if owner.any(|owner| *owner != ContextRef(n)) {
            found.insert(Danger::AnotherContext);
        }
    }
    found
}

/// The hazards that a trace may only have with `hazards: true`, in order.
pub fn misplaced(trace: &Trace) -> impl Iterator<Item = (Misplaced, Danger)> {
    let clock = (!is_in_bounds(trace.setup.clock.0)).then_some((Misplaced::Clock, Danger::FarTime));
    let contexts = trace.setup.contexts.iter().enumerate();
    let contexts =
        contexts.filter_map(|(n, context)| Some((Misplaced::Context(n), of_context(context).into_iter().next()?)));
    let sessions = trace.setup.sessions.iter().enumerate();
    let sessions = sessions.filter_map(|(n, spec)| Some((Misplaced::Session(n), of_session(spec)?)));
    let steps = trace.ops.iter().enumerate().flat_map(|(step, op)| {
        let repeats = matches!(op, Op::Repeat(..));
        flat(op).iter().enumerate().filter_map(move |(n, op)| {
            Some((Misplaced::Step(step, repeats.then_some(n)), of_op(op).into_iter().next()?))
        })
    });
    clock.into_iter().chain(contexts).chain(sessions).chain(steps)
}

/// Whether a time or a timeout is one that the pages speak of.
#[must_use]
pub fn is_in_bounds(seconds: i128) -> bool {
    (0..=i128::from(MAX_TIME)).contains(&seconds)
}

fn flat(op: &Op) -> &[Op] {
    match op {
        Op::Repeat(_, block) => block,
        op => std::slice::from_ref(op),
    }
}

fn of_context(context: &ContextSetup) -> Vec<Danger> {
    let mut found = Vec::new();
    if context.timeout.is_some_and(|timeout| !is_in_bounds(timeout.0)) {
        found.push(Danger::FarTime);
    }
    found.extend(context.calls.all().map(|(callback, call)| Danger::CallsBack(callback, call.word())));
    let far = |(_, call): (Callback, &Call)| matches!(call, Call::Flush(at) if is_far(*at));
    if context.calls.all().any(far) {
        found.push(Danger::FarTime);
    }
    found
}

fn of_session(spec: &SessionSpec) -> Option<Danger> {
    let far = spec.time.is_some_and(|time| !is_in_bounds(time.0)) || !is_in_bounds(spec.timeout.0);
    far.then_some(Danger::FarTime)
}

fn is_far(at: At) -> bool {
    match at {
        At::Absolute(time) => !is_in_bounds(time.0),
        At::Now(later) => !is_in_bounds(later.unsigned_abs().into()),
    }
}

/// What an op has by itself.
fn of_op(op: &Op) -> Vec<Danger> {
    let far = match op {
        Op::Hazard(Hazard::SetId(_, id)) if id.as_bytes().is_empty() => return vec![Danger::EmptyId],
        Op::Hazard(Hazard::SetId(..)) => return vec![Danger::ChangedId],
        Op::Hazard(Hazard::FreeUnowned(_)) => return vec![Danger::FreedUnowned],
        Op::Session(_, spec) => return of_session(spec).into_iter().collect(),
        Op::SessionSetTime(_, time) | Op::SetClock(time) => !is_in_bounds(time.0),
        Op::SessionSetTimeout(_, timeout) | Op::SetTimeout(_, timeout) => !is_in_bounds(timeout.0),
        Op::FlushSessions { at, .. } => is_far(*at),
        _ => false,
    };
    if far { vec![Danger::FarTime] } else { Vec::new() }
}

/// What an op has by what came before it: whose session it is on, which connections are open.
fn follow(
    op: &Op,
    owners: &mut BTreeMap<Name, ContextRef>,
    open: &mut BTreeMap<crate::op::Connection, crate::op::Accept>,
    found: &mut BTreeSet<Danger>,
) {
    match op {
        Op::Session(name, spec) => _ = owners.entry(*name).or_insert(spec.context),
        Op::AddSession { context, session, .. }
        | Op::RemoveSession { context, session, .. }
        | Op::ExternalStore(context, session)
        | Op::ExternalForget(context, session)
            if owners.get(session).is_some_and(|owner| owner != context) =>
        {
            found.insert(Danger::AnotherContext);
        }
        Op::AcceptBegin(_, accept) | Op::Handshake(accept, _) => {
            if let (crate::op::Propose::Session(name), Some(client)) = (accept.propose, accept.client)
                && owners.get(&name).is_some_and(|owner| *owner != client)
            {
                found.insert(Danger::AnotherContext);
            }
            for name in accept.makes.server.into_iter().flatten() {
                owners.entry(name).or_insert(accept.context);
            }
            for (name, client) in accept.makes.client.into_iter().flatten().zip(std::iter::repeat(accept.client)) {
                owners.entry(name).or_insert(client.unwrap_or(accept.context));
            }
            if let Op::AcceptBegin(k, _) = op {
                open.entry(*k).or_insert(*accept);
            }
        }
        Op::Renegotiate(k, again) => {
            let Some(accept) = open.get(k).copied() else { return };
            let client = accept.client.unwrap_or(accept.context);
            for (names, owner) in [(again.makes.server, accept.context), (again.makes.client, client)] {
                names.into_iter().flatten().for_each(|name| _ = owners.entry(name).or_insert(owner));
            }
        }
        Op::Close(k, _) | Op::AcceptAbort(k) => _ = open.remove(k),
        Op::CtxFree(context)
            if open.values().any(|accept| {
                accept.context == *context || [accept.client, accept.switch_to].contains(&Some(*context))
            }) =>
        {
            found.insert(Danger::FreedInUse);
        }
        _ => {}
    }
}
