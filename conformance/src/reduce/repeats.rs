//! Passes on `repeat`.

use super::attempt::Attempt;
use super::values::smaller;
use crate::op::Op;
use crate::trace::Trace;

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
        // What comes once in 255 connections comes at each multiple: halving steps over the first one.
        let mut fewer = [255, 256].into_iter().filter_map(|period| count.checked_sub(period)).chain(smaller(count, 1));
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

/// An op goes out of its block and stands once, before or after: as it is, or with the time of all rounds.
pub(super) fn split(attempt: &mut Attempt) {
    for step in (0..attempt.best().ops.len()).rev() {
        while let Some((count, block)) = repeat_at(attempt, step)
            && block.len() > 1
            && (0..block.len()).rev().any(|n| split_off(attempt, step, count, &block, n))
        {}
    }
}

fn split_off(attempt: &mut Attempt, step: usize, count: u32, block: &[Op], n: usize) -> bool {
    let mut rest = block.to_vec();
    let once = rest.remove(n);
    let mut at_once = once.clone();
    take_the_time_of(&mut at_once, count);
    let repeat = Op::Repeat(count, rest);
    [once, at_once].into_iter().any(|op| {
        [[op.clone(), repeat.clone()], [repeat.clone(), op]]
            .into_iter()
            .any(|two| attempt.change(|trace| _ = trace.ops.splice(step..=step, two)))
    })
}

/// A block that is itself a shorter one over and over becomes that one, more often.
pub(super) fn shorten(attempt: &mut Attempt) {
    for step in 0..attempt.best().ops.len() {
        let Some((count, block)) = repeat_at(attempt, step) else {
            continue;
        };
        let period = (1..block.len())
            .find(|period| block.len().is_multiple_of(*period) && block[*period..] == block[..block.len() - period]);
        let Some(period) = period else { continue };
        let Some(count) = count.checked_mul((block.len() / period) as u32) else {
            continue;
        };
        attempt.change(|trace| trace.ops[step] = Op::Repeat(count, block[..period].to_vec()));
    }
}

/// Two repeats of one block become one, where the first or the second stood, whatever is between them.
pub(super) fn join(attempt: &mut Attempt) {
    for later in (1..attempt.best().ops.len()).rev() {
        for earlier in (0..later).rev() {
            let ops = &attempt.best().ops;
            let (Some(first), Some(second)) = (ops.get(earlier), ops.get(later)) else {
                break;
            };
            let Some(both) = joined(first, second) else { continue };
            let at = |kept: usize, gone: usize| {
                let both = both.clone();
                move |trace: &mut Trace| {
                    trace.ops[kept] = both;
                    trace.ops.remove(gone);
                }
            };
            if attempt.change(at(earlier, later)) || attempt.change(at(later, earlier)) {
                break;
            }
        }
    }
}

fn joined(first: &Op, second: &Op) -> Option<Op> {
    let (count, more, block) = match (first, second) {
        (Op::Repeat(count, block), Op::Repeat(more, other)) if block == other => (*count, *more, block),
        (Op::Repeat(count, block), op) | (op, Op::Repeat(count, block)) if block.as_slice() == [op.clone()] => {
            (*count, 1, block)
        }
        _ => return None,
    };
    Some(Op::Repeat(count.checked_add(more)?, block.clone()))
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
