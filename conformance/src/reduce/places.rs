//! Where ops, ids, times and spans stand in a trace, so that a pass can go over all of them.

use session_model::{ContextRef, SessionId, Time, Timeout};

use crate::op::{Accept, At, Connection, Makes, Name, Op, Propose, Renegotiate, SessionSpec};
use crate::trace::Trace;

/// An op of a trace: its step, and its place in the block when the step is a `repeat`. The repeat itself has a place
/// of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct OpPlace {
    step: usize,
    within: Option<usize>,
}

/// All places, from the last to the first.
pub(super) fn places(trace: &Trace) -> Vec<OpPlace> {
    let mut places = Vec::new();
    for (step, op) in trace.ops.iter().enumerate() {
        places.push(OpPlace { step, within: None });
        if let Op::Repeat(_, block) = op {
            places.extend((0..block.len()).map(|n| OpPlace { step, within: Some(n) }));
        }
    }
    places.reverse();
    places
}

impl OpPlace {
    pub(super) fn of(self, trace: &Trace) -> &Op {
        match (&trace.ops[self.step], self.within) {
            (Op::Repeat(_, block), Some(n)) => &block[n],
            (op, _) => op,
        }
    }

    pub(super) fn of_mut(self, trace: &mut Trace) -> &mut Op {
        match (&mut trace.ops[self.step], self.within) {
            (Op::Repeat(_, block), Some(n)) => &mut block[n],
            (op, _) => op,
        }
    }
}

/// Every op, those of blocks included, repeats themselves not.
pub(crate) fn each_op(trace: &mut Trace, change: &mut dyn FnMut(&mut Op)) {
    for op in &mut trace.ops {
        match op {
            Op::Repeat(_, block) => block.iter_mut().for_each(&mut *change),
            op => change(op),
        }
    }
}

pub(crate) fn accept_of(op: &mut Op) -> Option<&mut Accept> {
    match op {
        Op::AcceptBegin(_, accept) | Op::Handshake(accept, _) => Some(accept),
        _ => None,
    }
}

/// The names that a handshake gives.
pub(crate) fn makes_of(op: &mut Op) -> Option<&mut Makes> {
    match op {
        Op::AcceptBegin(_, Accept { makes, .. })
        | Op::Handshake(Accept { makes, .. }, _)
        | Op::Renegotiate(_, Renegotiate { makes, .. }) => Some(makes),
        _ => None,
    }
}

/// Every hand-made session, of the setup and of ops.
pub(crate) fn each_session(trace: &mut Trace, change: &mut dyn FnMut(&mut SessionSpec)) {
    trace.setup.sessions.iter_mut().for_each(&mut *change);
    each_op(trace, &mut |op| {
        if let Op::Session(_, spec) = op {
            change(spec);
        }
    });
}

/// Every id that the trace chooses.
pub(crate) fn each_id(trace: &mut Trace, change: &mut dyn FnMut(&mut SessionId)) {
    each_session(trace, &mut |spec| change(&mut spec.id));
    each_op(trace, &mut |op| {
        if let Some(Accept { propose: Propose::Id(id), .. }) = accept_of(op) {
            change(id);
        }
    });
}

/// Every point in time.
pub(crate) fn each_point(trace: &mut Trace, change: &mut dyn FnMut(&mut Time)) {
    change(&mut trace.setup.clock);
    each_session(trace, &mut |spec| {
        spec.time.iter_mut().for_each(&mut *change);
    });
    each_op(trace, &mut |op| match op {
        Op::SessionSetTime(_, time) | Op::SetClock(time) | Op::FlushSessions { at: At::Absolute(time), .. } => {
            change(time);
        }
        _ => {}
    });
}

/// Every span of seconds: timeouts, advances, flushes relative to now.
pub(crate) fn each_span(trace: &mut Trace, change: &mut dyn FnMut(i128) -> i128) {
    let mut timeout = |timeout: &mut Timeout| timeout.0 = change(timeout.0);
    trace.setup.contexts.iter_mut().flat_map(|c| &mut c.timeout).for_each(&mut timeout);
    each_session(trace, &mut |spec| timeout(&mut spec.timeout));
    each_op(trace, &mut |op| match op {
        Op::SessionSetTimeout(_, span) | Op::SetTimeout(_, span) => timeout(span),
        _ => {}
    });
    each_op(trace, &mut |op| match op {
        Op::Advance(seconds) => {
            *seconds = u32::try_from(change((*seconds).into())).unwrap_or(*seconds);
        }
        Op::FlushSessions { at: At::Now(later), .. } => {
            *later = i64::try_from(change((*later).into())).unwrap_or(*later);
        }
        _ => {}
    });
}

/// Every session name in this op, those that it makes included.
pub(crate) fn each_name(op: &mut Op, change: &mut dyn FnMut(&mut Name)) {
    if let Some(Accept { propose: Propose::Session(name), .. }) = accept_of(op) {
        change(name);
    }
    if let Some(makes) = makes_of(op) {
        return makes.each_mut().flatten().for_each(change);
    }
    match op {
        Op::Session(name, _)
        | Op::UpRef(name)
        | Op::Free(name)
        | Op::SessionSetTime(name, _)
        | Op::SessionGetTime(name)
        | Op::SessionSetTimeout(name, _)
        | Op::SessionGetTimeout(name)
        | Op::IsResumable(name)
        | Op::SessionSetIdContext(name, _)
        | Op::AddSession { session: name, .. }
        | Op::RemoveSession { session: name, .. }
        | Op::ExternalStore(_, name)
        | Op::ExternalForget(_, name)
        | Op::Release(name) => change(name),
        Op::Hazard(hazard) => change(hazard.name_mut()),
        _ => {}
    }
}

/// The contexts of this op, to be changed.
pub(crate) fn each_context(op: &mut Op, change: &mut dyn FnMut(&mut ContextRef)) {
    if let Some(accept) = accept_of(op) {
        change(&mut accept.context);
        return accept.client.iter_mut().chain(&mut accept.switch_to).for_each(change);
    }
    match op {
        Op::Session(_, SessionSpec { context, .. })
        | Op::AddSession { context, .. }
        | Op::RemoveSession { context, .. }
        | Op::FlushSessions { context, .. }
        | Op::SetSessionCacheMode(context, _)
        | Op::GetSessionCacheMode(context)
        | Op::SessSetCacheSize(context, _)
        | Op::SessGetCacheSize(context)
        | Op::SetTimeout(context, _)
        | Op::GetTimeout(context)
        | Op::SetSessionIdContext(context, _)
        | Op::SetCallbacks(context, _)
        | Op::ExternalStore(context, _)
        | Op::ExternalForget(context, _)
        | Op::ApplicationRelease(context)
        | Op::CtxFree(context) => change(context),
        _ => {}
    }
}

/// The connection of this op, to be changed.
pub(crate) fn connection_mut(op: &mut Op) -> Option<&mut Connection> {
    match op {
        Op::AcceptBegin(k, _)
        | Op::AcceptFinish(k)
        | Op::Renegotiate(k, _)
        | Op::AcceptAbort(k)
        | Op::Close(k, _)
        | Op::Hangup(k) => Some(k),
        _ => None,
    }
}
