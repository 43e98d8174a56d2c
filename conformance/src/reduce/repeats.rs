//! Passes on `repeat`.

use super::attempt::Attempt;
use super::values::smaller;
use crate::op::Op;

/// The longest block that is looked for.
const LONGEST_BLOCK: usize = 4;

/// A repeat becomes its block once, or once with the time that all rounds took, or as often as it says when that is no
/// longer; or it repeats less often.
pub(super) fn unroll(attempt: &mut Attempt) {
    for step in (0..attempt.best().ops.len()).rev() {
        let Some((count, block)) = repeat_at(attempt, step) else {
            continue;
        };
        let mut at_once = block.clone();
        at_once.iter_mut().for_each(|op| take_the_time_of(op, count));
        let twice = (count == 2).then(|| [block.as_slice(), &block].concat());
        let unrolled = [block, at_once]
            .into_iter()
            .chain(twice)
            .any(|ops| attempt.change(|trace| _ = trace.ops.splice(step..=step, ops)));
        if !unrolled {
            repeat_less(attempt, step);
        }
    }
}

fn take_the_time_of(op: &mut Op, rounds: u32) {
    if let Op::Advance(seconds) = op {
        *seconds = seconds.saturating_mul(rounds);
    }
}

fn repeat_at(attempt: &Attempt, step: usize) -> Option<(u32, Vec<Op>)> {
    match attempt.best().ops.get(step) {
        Some(Op::Repeat(count, block)) => Some((*count, block.clone())),
        _ => None,
    }
}

fn repeat_less(attempt: &mut Attempt, step: usize) {
    while let Some((count, block)) = repeat_at(attempt, step) {
        let mut fewer = smaller(count, 1);
        if !fewer.any(|fewer| attempt.change(|trace| trace.ops[step] = Op::Repeat(fewer, block.clone()))) {
            break;
        }
    }
}

/// Ops out of blocks: halves, then single ones.
pub(super) fn drop_block_ops(attempt: &mut Attempt) {
    for step in (0..attempt.best().ops.len()).rev() {
        let mut size = repeat_at(attempt, step).map_or(0, |(_, block)| block.len() / 2);
        while size > 0 {
            let mut end = repeat_at(attempt, step).map_or(0, |(_, block)| block.len());
            while end > 0 {
                let start = end.saturating_sub(size);
                attempt.change(|trace| {
                    if let Op::Repeat(_, block) = &mut trace.ops[step] {
                        block.drain(start..end);
                    }
                });
                end = start;
            }
            size /= 2;
        }
    }
}

/// Equal ops one after another become a repeat, or part of the one beside them.
pub(super) fn roll(attempt: &mut Attempt) {
    let mut step = 0;
    while step < attempt.best().ops.len() {
        let rolled = (1..=LONGEST_BLOCK).any(|length| {
            rolled_at(&attempt.best().ops, step, length)
                .is_some_and(|(end, repeat)| attempt.change(|trace| _ = trace.ops.splice(step..end, [repeat])))
        });
        step += usize::from(!rolled);
    }
}

/// The repeat that stands for all rounds of the block of this length that begins at `step`, whether they are in the
/// text or in a repeat already, and the end of those ops; `None` when there are not two such parts.
fn rolled_at(ops: &[Op], step: usize, length: usize) -> Option<(usize, Op)> {
    let block = match &ops[step] {
        Op::Repeat(_, block) if block.len() == length => block.as_slice(),
        Op::Repeat(..) => return None,
        _ => ops.get(step..step + length)?,
    };
    if block.iter().any(|op| matches!(op, Op::Repeat(..))) {
        return None;
    }
    let (mut end, mut count, mut parts) = (step, 0u32, 0);
    loop {
        match ops.get(end) {
            Some(Op::Repeat(more, same)) if same == block => {
                (end, count) = (end + 1, count.checked_add(*more)?);
            }
            _ if ops.get(end..end + length) == Some(block) => {
                (end, count) = (end + length, count.checked_add(1)?);
            }
            _ => break,
        }
        parts += 1;
    }
    (parts > 1).then(|| (end, Op::Repeat(count, block.to_vec())))
}
