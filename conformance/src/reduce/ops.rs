//! Passes that take ops away.

use std::collections::BTreeSet;

use super::attempt::Attempt;
use super::{clock, names};
use crate::op::{Name, Op};

/// Up to this many ops every pair is tried, too: two ops that undo each other can only go together.
const FEW: usize = 16;

/// Large chunks: down to this share of all.
const LARGE: usize = 16;

/// Chunks of ops, from all down to large ones.
pub(super) fn drop_chunks(attempt: &mut Attempt) {
    let all = attempt.best().ops.len();
    drop_from(attempt, all, (all / LARGE).max(1));
}

/// Smaller chunks of ops, down to single ones.
pub(super) fn drop_ops(attempt: &mut Attempt) {
    let large = attempt.best().ops.len() / LARGE;
    drop_from(attempt, large.max(1), 1);
}

fn drop_from(attempt: &mut Attempt, mut size: usize, least: usize) {
    while size >= least && !attempt.is_over() {
        let mut end = attempt.best().ops.len();
        while end > 0 {
            let start = end.saturating_sub(size);
            attempt.change(|trace| _ = trace.ops.drain(start..end));
            end = start;
        }
        size /= 2;
    }
}

/// Chunks of names, each with its session and with every op on it.
pub(super) fn drop_names(attempt: &mut Attempt) {
    let mut size = usize::MAX;
    while size > 0 && !attempt.is_over() {
        let mentioned = names::mentioned(attempt.best());
        size = size.min(mentioned.len());
        for chunk in mentioned.chunks(size.max(1)).rev() {
            // Names move down when one below goes; from the last chunk to the first, those still to come stay.
            let chunk: BTreeSet<Name> = chunk.iter().copied().collect();
            attempt.change(|trace| names::drop_names(trace, &chunk));
        }
        size /= 2;
    }
}

/// Sessions of the setup, while ops on them stay: those are absent from then on.
pub(super) fn drop_sessions(attempt: &mut Attempt) {
    for place in (0..attempt.best().setup.sessions.len()).rev() {
        attempt.change(|trace| names::unmake_in_setup(trace, place));
    }
}

/// Two ops at once.
pub(super) fn drop_pairs(attempt: &mut Attempt) {
    let mut later = attempt.best().ops.len();
    if later > FEW {
        return;
    }
    while later > 1 {
        later = (later - 1).min(attempt.best().ops.len().saturating_sub(1));
        for earlier in (0..later).rev() {
            let dropped = attempt.change(|trace| {
                trace.ops.remove(later);
                trace.ops.remove(earlier);
            });
            if dropped {
                break;
            }
        }
    }
}

/// A session made by an op is made in the setup instead: with the time of then, or with none.
pub(super) fn hoist_sessions(attempt: &mut Attempt) {
    for step in (0..attempt.best().ops.len()).rev() {
        let Some(Op::Session(name, spec)) = attempt.best().ops.get(step) else {
            continue;
        };
        let (name, spec) = (*name, *spec);
        let then = clock::clock_before(attempt.best(), step);
        for time in [spec.time, Some(then)] {
            let hoisted = attempt.change(|trace| {
                trace.ops.remove(step);
                names::make_in_setup(trace, name, crate::op::SessionSpec { time, ..spec });
            });
            if hoisted {
                break;
            }
        }
    }
}
