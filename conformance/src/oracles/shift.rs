//! All times later by the same number of seconds: everything happens as before, later.

use session_model::{Time, Timeout};

use super::alike::{Run, compare, pairs, unrolled};
use super::translation::Translation;
use crate::op::{At, Op, SessionSpec};
use crate::subject::Subject;
use crate::trace::Trace;

/// The most by which times are shifted, in seconds: expiries stay where timeouts alone could take them.
const MOST: u64 = 1_000_000;

/// Shifts by a number of seconds that `choice` makes; returns how many steps there are.
pub(super) fn hold(subject: &mut dyn Subject, trace: &Trace, choice: u64) -> Result<u32, String> {
    let by = (1 + choice % MOST) as i64;
    let first = Run::of(subject, without_flushes_at_zero(unrolled(trace)));
    if !first.completed() {
        return Ok(0);
    }
    let second = Run::of(subject, later(first.trace.clone(), Timeout(by.into())));
    let kept: Vec<usize> = (0..first.trace.ops.len()).collect();
    let translation = Translation { later: by, ..Translation::default() };
    compare(&first, &second, &pairs(&first.trace, &second.trace, &kept), translation)?;
    Ok(kept.len() as u32)
}

/// 0 is a time like any other on the page, and a word of its own to some libraries: a promise looks after it.
fn without_flushes_at_zero(mut trace: Trace) -> Trace {
    let mut clock = trace.setup.clock;
    trace.ops.retain(|op| {
        match op {
            Op::Advance(seconds) => clock = clock + Timeout((*seconds).into()),
            Op::SetClock(time) => clock = *time,
            _ => {}
        }
        flushes_at(op, clock) != Some(Time(0))
    });
    trace
}

/// The time that an op flushes at, when it is a flush.
pub(super) fn flushes_at(op: &Op, clock: Time) -> Option<Time> {
    match op {
        Op::FlushSessions { at: At::Absolute(time), .. } => Some(*time),
        Op::FlushSessions { at: At::Now(later), .. } => Some(clock + Timeout((*later).into())),
        _ => None,
    }
}

/// The same trace, so many seconds later.
pub(crate) fn later(mut trace: Trace, by: Timeout) -> Trace {
    let session = |spec: &mut SessionSpec| spec.time = spec.time.map(|time| time + by);
    trace.setup.clock = trace.setup.clock + by;
    trace.setup.sessions.iter_mut().for_each(session);
    for op in &mut trace.ops {
        match op {
            Op::Session(_, spec) => session(spec),
            Op::SessionSetTime(_, time) | Op::SetClock(time) => *time = *time + by,
            Op::FlushSessions { at: At::Absolute(time), .. } => *time = *time + by,
            _ => {}
        }
    }
    trace
}
