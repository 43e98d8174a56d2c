//! Ops that showed themselves to be no-ops are left out, and the rest is equal.

use super::alike::{Run, compare, pairs, unrolled};
use super::translation::Translation;
use crate::op::Op;
use crate::subject::Subject;
use crate::trace::Trace;
use crate::transcript::Answer;

/// What the pages rule to be without effect, told by op and answer alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Noop {
    /// On what was never made or is gone.
    Absent,
    /// A getter, or no time at all.
    Question,
    /// An add that returned 0.
    IdenticalAdd,
    /// A removal that returned 0.
    AbsentRemove,
    /// A mode, size or timeout that was the previous one.
    SameSetting,
}

impl Noop {
    fn is(self, op: &Op, answer: Answer) -> bool {
        let previous = |now: i128| matches!(answer, Answer::Returns(previous) if i128::from(previous) == now);
        match self {
            Self::Absent => answer == Answer::Absent,
            Self::Question => matches!(
                op,
                Op::SessionGetTime(_)
                    | Op::SessionGetTimeout(_)
                    | Op::IsResumable(_)
                    | Op::GetSessionCacheMode(_)
                    | Op::SessGetCacheSize(_)
                    | Op::GetTimeout(_)
                    | Op::Advance(0)
                    | Op::Probe
            ),
            Self::IdenticalAdd => matches!(op, Op::AddSession { .. }) && previous(0),
            Self::AbsentRemove => matches!(op, Op::RemoveSession { .. }) && previous(0),
            Self::SameSetting => match op {
                Op::SetSessionCacheMode(_, mode) => previous(mode.bits().into()),
                Op::SessSetCacheSize(_, size) => previous((*size).into()),
                Op::SetTimeout(_, timeout) => previous(timeout.0),
                _ => false,
            },
        }
    }
}

/// Leaves all no-ops of a kind out; returns how many there are.
pub(super) fn hold(noop: Noop, subject: &mut dyn Subject, trace: &Trace) -> Result<u32, String> {
    let first = Run::of(subject, unrolled(trace));
    if !first.completed() {
        return Ok(0);
    }
    let ops = &first.trace.ops;
    let kept: Vec<usize> = (0..ops.len()).filter(|n| !noop.is(&ops[*n], first.shown.steps[*n].answer)).collect();
    let left_out = ops.len() - kept.len();
    if left_out == 0 {
        return Ok(0);
    }
    let altered = Trace { ops: kept.iter().map(|n| ops[*n].clone()).collect(), ..first.trace.clone() };
    let second = Run::of(subject, altered);
    compare(&first, &second, &pairs(&first.trace, &second.trace, &kept), Translation::default())?;
    Ok(left_out as u32)
}
