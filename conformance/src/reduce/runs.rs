//! One short block over and over in place of a long trace: for what comes only after many.

use super::attempt::Attempt;
use crate::op::Op;
use crate::trace::Trace;

/// From so many ops on.
const LONG: usize = 200;
/// How many blocks of one, two and three ops are tried: the last ones.
const BLOCKS: [usize; 3] = [10, 6, 6];
/// How often, at most: past what comes at the 255th connection and what 8 bits count.
const OFTEN: usize = 260;

/// A block of ops that stand together, over and over, in place of all; or of all but the last op.
pub(super) fn over_and_over(attempt: &mut Attempt) {
    let all = attempt.best().ops.len();
    if all < LONG {
        return;
    }
    for (length, most) in (1..).zip(BLOCKS) {
        let blocks = last_blocks(attempt.best(), length, most);
        let count = (all / length).min(OFTEN) as u32;
        for block in blocks {
            for kept in [0, 1] {
                let instead = |trace: &mut Trace| {
                    _ = trace.ops.splice(..all - kept, [Op::Repeat(count, block.clone())]);
                };
                if attempt.change(instead) {
                    return;
                }
            }
        }
    }
}

/// Different blocks of this length, from the last one on.
fn last_blocks(trace: &Trace, length: usize, most: usize) -> Vec<Vec<Op>> {
    let mut blocks: Vec<Vec<Op>> = Vec::new();
    for block in trace.ops.windows(length).rev() {
        if blocks.len() == most {
            break;
        }
        if !block.iter().any(|op| matches!(op, Op::Repeat(..))) && !blocks.iter().any(|other| other == block) {
            blocks.push(block.to_vec());
        }
    }
    blocks
}
