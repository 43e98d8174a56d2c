//! Numbers that only go down together: sizes, counts of repeats, and how many ops of a kind there are.
//!
//! A cache of n sessions that holds one too many is seen with n + 1 adds and a size of n: neither goes down alone.

use std::collections::BTreeSet;
use std::mem::discriminant;

use super::attempt::Attempt;
use super::names;
use super::values::smaller;
use crate::op::{Name, Op};
use crate::trace::Trace;

/// Sizes and counts this far from each other are of one limit.
const BESIDE: u32 = 2;
/// Up to this number there is nothing to gain that single ops would not.
const SMALL: u32 = 1;

/// How ops of one kind go.
#[derive(Clone, Copy)]
enum Go {
    /// The first ones.
    First,
    /// The last ones.
    Last,
    /// The last ones, but for the very last.
    BeforeLast,
}

/// A limit goes down, and all near it; with it nothing else, or as many ops of a kind, or as many sessions with all
/// that is done to them.
pub(super) fn limits(attempt: &mut Attempt) {
    for limit in limits_of(attempt.best()).into_iter().rev() {
        for to in [1, 2, 3].into_iter().chain(smaller(limit, SMALL)).filter(|to| *to < limit) {
            if attempt.is_over() || lowered(attempt, limit, limit - to) {
                break;
            }
        }
    }
}

fn lowered(attempt: &mut Attempt, limit: u32, by: u32) -> bool {
    if attempt.change(|trace| lower(trace, limit, by)) {
        return true;
    }
    let ways = [Go::Last, Go::First, Go::BeforeLast];
    let verbs = frequent(attempt.best(), by as usize);
    verbs.iter().any(|verb| {
        ways.into_iter().any(|way| {
            let places = gone(&places_of(attempt.best(), verb), by as usize, way);
            let mentioned: BTreeSet<Name> =
                places.iter().flat_map(|place| attempt.best().ops[*place].names()).collect();
            let with_names = |trace: &mut Trace| {
                lower(trace, limit, by);
                names::drop_names(trace, &mentioned);
            };
            let alone = |trace: &mut Trace| {
                lower(trace, limit, by);
                places.iter().rev().for_each(|place| _ = trace.ops.remove(*place));
            };
            !mentioned.is_empty() && attempt.change(with_names) || attempt.change(alone)
        })
    })
}

/// Sizes that are set and counts of repeats.
fn limits_of(trace: &Trace) -> BTreeSet<u32> {
    let set = trace.setup.contexts.iter().filter_map(|context| context.size);
    let said = trace.ops.iter().filter_map(|op| match op {
        Op::SessSetCacheSize(_, number) | Op::Repeat(number, _) => Some(*number),
        _ => None,
    });
    set.chain(said).filter(|number| *number > SMALL).collect()
}

/// Every size and count near the limit, those that a block sets too. None becomes 0, which is no limit at all.
fn lower(trace: &mut Trace, limit: u32, by: u32) {
    let mut near = |number: &mut u32| {
        if number.abs_diff(limit) <= BESIDE {
            *number = number.saturating_sub(by).max(1);
        }
    };
    trace.setup.contexts.iter_mut().filter_map(|context| context.size.as_mut()).for_each(&mut near);
    for op in &mut trace.ops {
        match op {
            Op::SessSetCacheSize(_, size) => near(size),
            Op::Repeat(count, block) => {
                near(count);
                block.iter_mut().for_each(|op| {
                    if let Op::SessSetCacheSize(_, size) = op {
                        near(size);
                    }
                });
            }
            _ => {}
        }
    }
}

/// One op of each kind of which there are more than so many.
fn frequent(trace: &Trace, least: usize) -> Vec<Op> {
    let mut kinds: Vec<&Op> = Vec::new();
    for op in &trace.ops {
        if !matches!(op, Op::Repeat(..)) && !kinds.iter().any(|kind| discriminant(*kind) == discriminant(op)) {
            kinds.push(op);
        }
    }
    kinds.into_iter().filter(|kind| places_of(trace, kind).len() >= least).cloned().collect()
}

fn places_of(trace: &Trace, kind: &Op) -> Vec<usize> {
    let alike = |(place, op): (usize, &Op)| (discriminant(op) == discriminant(kind)).then_some(place);
    trace.ops.iter().enumerate().filter_map(alike).collect()
}

fn gone(places: &[usize], count: usize, way: Go) -> Vec<usize> {
    let most = places.len();
    let from = match way {
        Go::First => 0,
        Go::Last => most - count,
        Go::BeforeLast => (most - count).saturating_sub(1),
    };
    places[from..from + count].to_vec()
}
