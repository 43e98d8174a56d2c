//! Neighbouring ops on different contexts change places, and both show the same as before.

use super::alike::{Pair, Run, compare, pairs, unrolled};
use super::reach::Reach;
use super::translation::Translation;
use crate::op::Op;
use crate::subject::Subject;
use crate::trace::Trace;

/// Swaps every other pair that can be swapped, from the first or the second on; returns how many.
pub(super) fn hold(subject: &mut dyn Subject, trace: &Trace, choice: u64) -> Result<u32, String> {
    let trace = unrolled(trace);
    let reach = Reach::of(&trace);
    let swapped = swappable(&trace.ops, &reach, (choice % 2) as usize);
    if swapped.is_empty() {
        return Ok(0);
    }
    let first = Run::of(subject, trace);
    if !first.completed() {
        return Ok(0);
    }
    let mut altered = first.trace.clone();
    let kept: Vec<usize> = (0..altered.ops.len()).collect();
    let mut pairs = pairs(&first.trace, &altered, &kept);
    for at in &swapped {
        altered.ops.swap(*at, at + 1);
        for n in [*at, at + 1] {
            // Between the two the other context is not as it was: only the op's own is compared.
            let of = Some(reach.op(&first.trace.ops[n]));
            pairs[n] = Pair { first: n, second: if n == *at { at + 1 } else { *at }, of };
        }
    }
    let second = Run::of(subject, altered);
    let translation = Translation { removals_in_any_order: true, ..Translation::default() };
    compare(&first, &second, &pairs, translation)?;
    Ok(swapped.len() as u32)
}

/// Where two neighbours touch different contexts; no op is in two pairs.
fn swappable(ops: &[Op], reach: &Reach, from: usize) -> Vec<usize> {
    let mut found = Vec::new();
    let mut at = from;
    while at + 1 < ops.len() {
        let [one, other] = [reach.op(&ops[at]), reach.op(&ops[at + 1])];
        if one.is_empty() || other.is_empty() || one.meets(other) {
            at += 1;
        } else {
            found.push(at);
            at += 2;
        }
    }
    found
}
