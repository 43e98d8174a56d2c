//! Passes that make one op of several.

use super::attempt::Attempt;
use crate::op::{Close, Op};

/// Begin, finish and close become one handshake, where one of them stood.
pub(super) fn handshakes(attempt: &mut Attempt) {
    for step in (0..attempt.best().ops.len()).rev() {
        let ops = &attempt.best().ops;
        let Some(Op::AcceptBegin(connection, accept)) = ops.get(step) else {
            continue;
        };
        let (connection, accept) = (*connection, *accept);
        let place = |wanted: &dyn Fn(&Op) -> bool| ops.iter().position(wanted);
        let finish = place(&|op| *op == Op::AcceptFinish(connection));
        let close = place(&|op| matches!(op, Op::Close(k, _) if *k == connection));
        let how = match close.map(|close| &ops[close]) {
            Some(Op::Close(_, how)) => *how,
            _ => Close::Clean,
        };
        let mut parts: Vec<_> = [Some(step), finish, close].into_iter().flatten().collect();
        parts.sort_unstable();
        for at in parts.clone() {
            let fused = attempt.change(|trace| {
                trace.ops[at] = Op::Handshake(accept, how);
                for gone in parts.iter().rev().filter(|part| **part != at) {
                    trace.ops.remove(*gone);
                }
            });
            if fused {
                break;
            }
        }
    }
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
