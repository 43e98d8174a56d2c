//! What each op takes in caches of more and more sessions, and where one is added: a name and a function in [`ALL`].
//!
//! No cache is flat: the more there is, the less of it the processor has at hand. A plain hash map that does the same
//! op shows how much of the growth that is.

use super::{EQUAL, MIXED, Scale, at_the_limit, flush, hits, ids, misses, mixed, mixed_adds, server_mix};
use super::{adds, mean};
use crate::draws::Draws;
use crate::workload::{Step, Workload};

/// The name of a series, and what makes its workload for so many sessions.
pub type Op = (&'static str, fn(Scale, usize) -> Workload);

/// All of them.
pub const ALL: &[Op] = &[
    ("growth, hit", |scale, n| hits(scale, n, false)),
    ("growth, miss", misses),
    ("growth, add", add),
    ("growth, add, mixed timeouts", |scale, n| short(n, mixed_adds(scale, n, n / 4))),
    ("growth, add at the limit", |scale, n| short(n, at_the_limit(scale, n, n / 4, &EQUAL))),
    ("growth, remove", remove),
    ("growth, touch", |scale, n| touch(scale, n, false)),
    ("growth, touch, mixed timeouts", |scale, n| touch(scale, n, true)),
    ("growth, flush, a session that leaves", flush_of_half),
    ("growth, server mix, equal timeouts", |scale, n| server_mix(scale, n, &EQUAL)),
    ("growth, server mix, mixed timeouts", |scale, n| server_mix(scale, n, &MIXED)),
];

/// How many sessions, and how that is written.
pub const SIZES: [(usize, &str); 4] = [(1_000, "1 k"), (10_000, "10 k"), (100_000, "100 k"), (1_000_000, "1 M")];

/// What changes the cache is short, and has a new one each time: so the cache is of about this size throughout.
fn short(n: usize, workload: Workload) -> Workload {
    Workload { passes: (50_000 / n).max(1), ..workload }
}

/// A quarter comes to it.
fn add(scale: Scale, n: usize) -> Workload {
    let specs = ids(n + n / 4);
    short(n, mean(scale, specs, n, 0, adds(n, n + n / 4)))
}

/// Every fourth, in no order.
fn some(n: usize) -> Vec<u32> {
    let mut numbers: Vec<u32> = (0..n as u32).collect();
    let mut draws = Draws(41);
    (0..n / 4).for_each(|at| numbers.swap(at, at + draws.below(n - at)));
    numbers.truncate(n / 4);
    numbers
}

fn remove(scale: Scale, n: usize) -> Workload {
    let steps = some(n).into_iter().map(Step::Remove).collect();
    short(n, mean(scale, ids(n), n, 0, steps))
}

/// As UPDATE_TIME does: each gets a time that is now.
fn touch(scale: Scale, n: usize, mixed_timeouts: bool) -> Workload {
    let (specs, now) = if mixed_timeouts { mixed(n, 0) } else { (ids(n), ids(n)[n - 1].time + 1) };
    let steps = some(n).into_iter().map(|number| Step::Touch(number, now)).collect();
    let needs = &[crate::peer::Less::NoTouch];
    short(n, Workload { needs, ..mean(scale, specs, n, 0, steps) })
}

fn flush_of_half(scale: Scale, n: usize) -> Workload {
    let half = flush(scale, n, 50);
    let [Step::Flush(now)] = half.steps[..] else { unreachable!("a flush is one step") };
    let elements = half.specs.iter().filter(|spec| spec.time + spec.timeout < now).count();
    short(n, Workload { elements, ..half })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_quarter_is_drawn_each_once() {
        let drawn = some(1000);
        assert_eq!(drawn.iter().collect::<BTreeSet<_>>().len(), 250);
        assert!(drawn.iter().all(|n| *n < 1000) && !drawn.is_sorted());
    }

    #[test]
    fn every_op_has_a_workload_of_its_size() {
        for (name, make) in ALL {
            let workload = make(Scale::QUICK, 1000);
            assert_eq!(workload.full, 1000, "{name}");
            assert!(!workload.steps.is_empty() && workload.passes > 0, "{name}");
        }
    }
}
