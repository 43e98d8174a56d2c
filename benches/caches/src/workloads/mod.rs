//! The workloads, and where one is added: a name and a function in [`ALL`], for the growth series in
//! [`growth::ALL`]. Not here: what tables and pages show of them.

pub mod growth;
mod ids;

use crate::draws::{Draws, Zipf};
use crate::peer::Less;
use crate::workload::{Measure, Spec, Step, Workload};

/// The name of a workload, and what makes it for caches of this scale.
pub type Named = (&'static str, fn(Scale) -> Workload);

/// How large the large caches are, and how long a run is.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    /// Sessions in a large cache: a million.
    pub large: usize,
    /// Calls of a run in which the cache stays as large as it is.
    pub steps: usize,
    /// When a run for a mean ends early, in nanoseconds.
    pub budget: f64,
}

impl Scale {
    /// What the figures are told for.
    pub const FULL: Self = Self { large: 1_000_000, steps: 500_000, budget: 2e9 };
    /// A look.
    pub const QUICK: Self = Self { large: 100_000, steps: 100_000, budget: 0.1e9 };
}

/// All of them, in the order of the table.
pub const ALL: &[Named] = &[
    ("fill to 1 M", filling),
    ("hit, uniform, 20,480", |scale| hits(scale, SIZE, false)),
    ("hit, Zipf, 20,480", |scale| hits(scale, SIZE, true)),
    ("hit, uniform, 1 M", |scale| hits(scale, scale.large, false)),
    ("hit, Zipf, 1 M", |scale| hits(scale, scale.large, true)),
    ("miss, 20,480", |scale| misses(scale, SIZE)),
    ("add at the limit, 20,480", |scale| at_the_limit(scale, SIZE, 200_000, &EQUAL)),
    ("add at the limit, mixed timeouts", |scale| at_the_limit(scale, SIZE, 200_000, &MIXED)),
    ("add, mixed timeouts, 1 M", |scale| mixed_adds(scale, scale.large, 20_000)),
    ("server mix, equal timeouts", |scale| server_mix(scale, SIZE, &EQUAL)),
    ("server mix, mixed timeouts", |scale| server_mix(scale, SIZE, &MIXED)),
    ("flush of 1 M, 0 % expired", |scale| flush(scale, scale.large, 0)),
    ("flush of 1 M, 1 % expired", |scale| flush(scale, scale.large, 1)),
    ("flush of 1 M, 50 % expired", |scale| flush(scale, scale.large, 50)),
    ("flush of 1 M, 100 % expired", |scale| flush(scale, scale.large, 100)),
    ("ids at random, 20,480", ids::at_random),
    ("ids that begin alike, 20,480", |scale| ids::alike_but_at(28, scale)),
    ("ids alike but in the middle, 20,480", |scale| ids::alike_but_at(14, scale)),
    ("ids of 1 to 4 bytes, 20,480", ids::short),
    ("ids with 4 bytes in common, 20,480", ids::one_beginning),
    ("ids that collide for a guessed key", ids::crafted),
    ("lookups, 1 thread", |scale| lookups_of(Measure::Apart(1), scale)),
    ("lookups, 2 threads", |scale| lookups_of(Measure::Together(2), scale)),
    ("lookups, 2 threads apart", |scale| lookups_of(Measure::Apart(2), scale)),
    ("mix, equal timeouts, 1 thread", |scale| mix_of(Measure::Apart(1), scale, &EQUAL)),
    ("mix, equal timeouts, 2 threads", |scale| mix_of(Measure::Together(2), scale, &EQUAL)),
    ("mix, equal timeouts, 2 threads apart", |scale| mix_of(Measure::Apart(2), scale, &EQUAL)),
    ("mix, mixed timeouts, 1 thread", |scale| mix_of(Measure::Apart(1), scale, &MIXED)),
    ("mix, mixed timeouts, 2 threads", |scale| mix_of(Measure::Together(2), scale, &MIXED)),
    ("mix, mixed timeouts, 2 threads apart", |scale| mix_of(Measure::Apart(2), scale, &MIXED)),
    ("longest call, filling to 1 M", |scale| calls(Measure::Longest, filling(scale))),
    ("all but 1 in 10,000, filling to 1 M", |scale| calls(Measure::AllBut(100), filling(scale))),
    ("longest call, server mix", |scale| calls(Measure::Longest, server_mix(scale, SIZE, &EQUAL))),
    ("all but 1 in 10,000, server mix", |scale| calls(Measure::AllBut(100), server_mix(scale, SIZE, &EQUAL))),
    ("bytes a session, 700 k", |scale| bytes(Measure::Bytes, scale, scale.large / 10 * 7)),
    ("bytes a session, 1 M", |scale| bytes(Measure::Bytes, scale, scale.large)),
    ("bytes a session at most, filling to 1 M", |scale| bytes(Measure::MostBytes, scale, scale.large)),
];

/// The size of a cache by default.
const SIZE: usize = 20_480;
/// When the first session is made, in seconds.
const START: i64 = 1_000_000;
/// The timeout of every session, in seconds.
const EQUAL: [i64; 1] = [300];
/// Of which each session has one.
const MIXED: [i64; 4] = [60, 300, 3600, 7200];

fn ids(count: usize) -> Vec<Spec> {
    sessions(count, SIZE, &EQUAL)
}

/// Sessions in order of their times, as many a second that those of 300 seconds nearly fill a cache of this size.
fn sessions(count: usize, size: usize, timeouts: &[i64]) -> Vec<Spec> {
    let (mut draws, rate) = (Draws(7), (size / 310).max(1));
    let spec =
        |n| Spec { id: draws.id(), time: START + (n / rate) as i64, timeout: timeouts[draws.below(timeouts.len())] };
    (0..count).map(spec).collect()
}

/// The order in which caches are filled, since filling in another one is too much for those that walk.
fn in_order_of_expiry(specs: &mut [Spec]) {
    specs.sort_by_key(|spec| spec.time + spec.timeout);
}

fn adds(from: usize, to: usize) -> Vec<Step> {
    (from..to).map(|n| Step::Add(n as u32)).collect()
}

/// The mean of each step.
fn mean(scale: Scale, specs: Vec<Spec>, full: usize, size: usize, steps: Vec<Step>) -> Workload {
    let (measure, elements) = (Measure::Mean, steps.len());
    Workload { specs, full, size, steps, elements, passes: 1, budget: scale.budget, needs: &[], measure }
}

fn filling(scale: Scale) -> Workload {
    mean(scale, ids(scale.large), 0, 0, adds(0, scale.large))
}

fn hits(scale: Scale, count: usize, zipf: bool) -> Workload {
    let (specs, mut draws) = (ids(count), Draws(13));
    let ranks = Zipf::new(if zipf { count } else { 1 });
    // Whoever is drawn most often was not added first.
    let number = |draws: &mut Draws| if zipf { (ranks.draw(draws) * 7919 + 17) % count } else { draws.below(count) };
    let steps = (0..scale.steps).map(|_| Step::Lookup(specs[number(&mut draws)].id)).collect();
    mean(scale, specs, count, 0, steps)
}

fn misses(scale: Scale, count: usize) -> Workload {
    let mut draws = Draws(17);
    let steps = (0..scale.steps).map(|_| Step::Lookup(draws.id())).collect();
    mean(scale, ids(count), count, 0, steps)
}

fn at_the_limit(scale: Scale, size: usize, count: usize, timeouts: &[i64]) -> Workload {
    let mut specs = sessions(size + count, size, timeouts);
    in_order_of_expiry(&mut specs[..size]);
    Workload { needs: &[Less::NoLimit], ..mean(scale, specs, size, size, adds(size, size + count)) }
}

/// All are alive: each is of some age within its timeout, and the newcomers are of now.
fn mixed_adds(scale: Scale, full: usize, count: usize) -> Workload {
    let (specs, _) = mixed(full, count);
    mean(scale, specs, full, 0, adds(full, full + count))
}

/// The sessions of [`mixed_adds`], and the time that is now.
fn mixed(full: usize, count: usize) -> (Vec<Spec>, i64) {
    let mut specs = sessions(full + count, SIZE, &MIXED);
    let (now, mut draws) = (START + MIXED[3], Draws(19));
    for (spec, n) in specs.iter_mut().zip(0..) {
        spec.time = now - if n < full { draws.below(spec.timeout as usize) as i64 } else { 0 };
    }
    in_order_of_expiry(&mut specs[..full]);
    (specs, now)
}

/// 80 % lookups, 19 % adds, 1 % removals, a flush every 255 adds. Each add is of a new session and moves the clock to
/// its time; lookups and removals are of those that were added of late, some of which have left.
fn server_mix(scale: Scale, size: usize, timeouts: &[i64]) -> Workload {
    let count = scale.steps;
    let mut specs = sessions(size + count / 4, size, timeouts);
    in_order_of_expiry(&mut specs[..size]);
    let (mut draws, mut newest) = (Draws(11), size);
    let mut steps = Vec::with_capacity(count + count / 1000);
    while steps.len() < count {
        let late = newest - 1 - draws.below(size);
        match draws.below(100) {
            0..80 => steps.push(Step::Lookup(specs[late].id)),
            80..99 => {
                steps.push(Step::Add(newest as u32));
                if newest.is_multiple_of(255) {
                    steps.push(Step::Flush(specs[newest].time));
                }
                newest += 1;
            }
            _ => steps.push(Step::Remove(late as u32)),
        }
    }
    mean(scale, specs, size, size, steps)
}

/// Lookups of sessions that are there, by threads.
fn lookups_of(measure: Measure, scale: Scale) -> Workload {
    Workload { measure, ..hits(scale, SIZE, false) }
}

/// The mix, by threads with one clock: each add, by whomever, moves it.
fn mix_of(measure: Measure, scale: Scale, timeouts: &[i64]) -> Workload {
    let count = scale.steps;
    let mut specs = sessions(SIZE + count / 4, SIZE, timeouts);
    in_order_of_expiry(&mut specs[..SIZE]);
    let mut draws = Draws(23);
    let mut step = || {
        let back = draws.below(SIZE) as u32;
        match draws.below(100) {
            0..80 => Step::LookupLate(back),
            80..99 => Step::AddNext,
            _ => Step::RemoveLate(back),
        }
    };
    let steps = (0..count).map(|_| step()).collect();
    Workload { measure, ..mean(scale, specs, SIZE, SIZE, steps) }
}

fn flush(scale: Scale, count: usize, percent: usize) -> Workload {
    let specs = ids(count);
    // Later than who is the last to leave, and no later than who is the first to stay.
    let now = match count * percent / 100 {
        0 => START + EQUAL[0],
        leaving => specs[leaving - 1].time + EQUAL[0] + i64::from(percent == 100),
    };
    Workload { needs: &[Less::NoFlush], ..mean(scale, specs, count, 0, vec![Step::Flush(now)]) }
}

/// Each call by itself.
fn calls(measure: Measure, workload: Workload) -> Workload {
    Workload { measure, ..workload }
}

fn bytes(measure: Measure, scale: Scale, count: usize) -> Workload {
    Workload { measure, ..mean(scale, ids(count), count, 0, Vec::new()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_apart_and_fit_the_table() {
        for (n, (name, _)) in ALL.iter().enumerate() {
            assert!(ALL[..n].iter().all(|(other, _)| other != name), "{name}");
            assert!(name.len() <= crate::table::NAME, "{name}");
        }
    }

    #[test]
    fn a_flush_is_of_as_many_as_it_says() {
        for (percent, leaving) in [(0, 0), (1, 10), (50, 500), (100, 1000)] {
            let workload = flush(Scale::QUICK, 1000, percent);
            let [Step::Flush(now)] = workload.steps[..] else { panic!("one flush") };
            let expired = workload.specs.iter().filter(|spec| spec.time + spec.timeout < now).count();
            // Whole seconds leave.
            assert!(expired.abs_diff(leaving) <= SIZE / 310, "{expired} of {leaving}");
        }
    }

    #[test]
    fn nobody_in_a_cache_of_mixed_timeouts_has_expired() {
        let (specs, now) = mixed(1000, 10);
        assert!(specs.iter().all(|spec| spec.time <= now && now <= spec.time + spec.timeout));
        assert!(specs[..1000].is_sorted_by_key(|spec| spec.time + spec.timeout));
    }
}
