//! Passes that make one op of several.

use super::attempt::Attempt;
use crate::op::{Accept, Close, Connection, Op};

/// Begin, finish and close become one handshake, where one of them stood; a renegotiation goes with them, and its
/// sessions are those of the handshake.
pub(super) fn handshakes(attempt: &mut Attempt) {
    for step in (0..attempt.best().ops.len()).rev() {
        let Some(Op::AcceptBegin(connection, accept)) = attempt.best().ops.get(step).cloned() else {
            continue;
        };
        if !renegotiated(attempt, connection, &accept) {
            fused(attempt, connection, accept, false);
        }
    }
}

fn renegotiated(attempt: &mut Attempt, connection: Connection, accept: &Accept) -> bool {
    let of_this = |op: &Op| match op {
        Op::Renegotiate(k, again) if *k == connection => Some(again.makes),
        _ => None,
    };
    let again: Vec<_> = attempt.best().ops.iter().filter_map(of_this).collect();
    again.into_iter().any(|makes| fused(attempt, connection, Accept { makes, ..*accept }, true))
}

fn fused(attempt: &mut Attempt, connection: Connection, accept: Accept, again: bool) -> bool {
    let parts: Vec<usize> = (0..attempt.best().ops.len())
        .filter(|at| match &attempt.best().ops[*at] {
            Op::AcceptBegin(k, _) | Op::AcceptFinish(k) | Op::Close(k, _) => *k == connection,
            Op::Renegotiate(k, _) => again && *k == connection,
            _ => false,
        })
        .collect();
    let close = parts.iter().find_map(|at| match &attempt.best().ops[*at] {
        Op::Close(_, how) => Some(*how),
        _ => None,
    });
    parts.iter().any(|at| {
        attempt.change(|trace| {
            trace.ops[*at] = Op::Handshake(accept, close.unwrap_or(Close::Clean));
            for gone in parts.iter().rev().filter(|part| *part != at) {
                trace.ops.remove(*gone);
            }
        })
    })
}

/// A repeated advance becomes one; two advances become one, where the first or the second stood.
pub(super) fn advances(attempt: &mut Attempt) {
    for step in 0..attempt.best().ops.len() {
        if let Some(seconds) = repeated_advance(&attempt.best().ops[step]) {
            attempt.change(|trace| trace.ops[step] = Op::Advance(seconds));
        }
    }
    let mut later = attempt.best().ops.len();
    while later > 1 {
        later -= 1;
        let ops = &attempt.best().ops;
        let Some(Op::Advance(more)) = ops.get(later) else {
            continue;
        };
        let Some(earlier) = ops[..later].iter().rposition(|op| matches!(op, Op::Advance(_))) else {
            return;
        };
        let Op::Advance(first) = ops[earlier] else { unreachable!("the position of an advance") };
        let Some(both) = first.checked_add(*more) else {
            continue;
        };
        for (kept, gone) in [(later, earlier), (earlier, later)] {
            let fused = attempt.change(|trace| {
                trace.ops[kept] = Op::Advance(both);
                trace.ops.remove(gone);
            });
            if fused {
                break;
            }
        }
    }
}

/// The seconds of a repeat that does nothing but advance the clock.
fn repeated_advance(op: &Op) -> Option<u32> {
    let Op::Repeat(count, block) = op else {
        return None;
    };
    block.iter().try_fold(0u32, |sum, op| match op {
        Op::Advance(seconds) => sum.checked_add(seconds.checked_mul(*count)?),
        _ => None,
    })
}
