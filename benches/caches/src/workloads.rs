//! The workloads, and where one is added: a name and a function in [`ALL`].

use crate::draws::{Draws, Zipf};
use crate::peer::Less;
use crate::workload::{Measure, Spec, Step, Workload};

/// The name of a workload, and what makes it for caches of this scale.
pub type Named = (&'static str, fn(Scale) -> Workload);

/// How large the large caches are.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    /// Sessions in a large cache: a million.
    pub large: usize,
    /// When a run stops early, in nanoseconds.
    pub budget: f64,
}

impl Scale {
    /// What the figures are told for.
    pub const FULL: Self = Self { large: 1_000_000, budget: 2e9 };
    /// A look.
    pub const QUICK: Self = Self { large: 100_000, budget: 0.3e9 };
}

/// All of them, in the order of the table.
pub const ALL: &[Named] = &[
    ("fill to 1 M", |scale| fill(scale, ids(scale.large), scale.large)),
    ("hit, uniform, 20,480", |scale| hits(scale, SIZE, false)),
    ("hit, Zipf, 20,480", |scale| hits(scale, SIZE, true)),
    ("hit, uniform, 1 M", |scale| hits(scale, scale.large, false)),
    ("hit, Zipf, 1 M", |scale| hits(scale, scale.large, true)),
    ("miss, 20,480", misses),
    ("add at the limit, 20,480", |scale| at_the_limit(scale, &EQUAL)),
    ("add at the limit, mixed timeouts", |scale| at_the_limit(scale, &MIXED)),
    ("add, mixed timeouts, 1 M", mixed_adds),
    ("server mix, equal timeouts", |scale| server_mix(scale, &EQUAL)),
    ("server mix, mixed timeouts", |scale| server_mix(scale, &MIXED)),
    ("flush of 1 M, 0 % expired", |scale| flush(scale, 0)),
    ("flush of 1 M, 1 % expired", |scale| flush(scale, 1)),
    ("flush of 1 M, 50 % expired", |scale| flush(scale, 50)),
    ("flush of 1 M, 100 % expired", |scale| flush(scale, 100)),
    ("ids that begin alike, 20,480", alike),
    ("lookups, 1 thread", |scale| lookups_of(1, scale)),
    ("lookups, 2 threads", |scale| lookups_of(2, scale)),
    ("mix, equal timeouts, 1 thread", |scale| mix_of(1, scale, &EQUAL)),
    ("mix, equal timeouts, 2 threads", |scale| mix_of(2, scale, &EQUAL)),
    ("mix, mixed timeouts, 1 thread", |scale| mix_of(1, scale, &MIXED)),
    ("mix, mixed timeouts, 2 threads", |scale| mix_of(2, scale, &MIXED)),
    ("longest call, filling to 1 M", longest),
    ("bytes a session, 1 M", bytes),
];

/// The size of a cache by default.
const SIZE: usize = 20_480;
/// When the first session is made, in seconds.
const START: i64 = 1_000_000;
/// Sessions made in a second: those of 300 seconds then nearly fill a cache of [`SIZE`].
const RATE: usize = 66;
/// The timeout of every session, in seconds.
const EQUAL: [i64; 1] = [300];
/// Of which each session has one.
const MIXED: [i64; 4] = [60, 300, 3600, 7200];

fn ids(count: usize) -> Vec<Spec> {
    sessions(count, &EQUAL)
}

/// Sessions in order of their times.
fn sessions(count: usize, timeouts: &[i64]) -> Vec<Spec> {
    let mut draws = Draws(7);
    let spec =
        |n| Spec { id: draws.id(), time: START + (n / RATE) as i64, timeout: timeouts[draws.below(timeouts.len())] };
    (0..count).map(spec).collect()
}

fn adds(from: usize, to: usize) -> Vec<Step> {
    (from..to).map(|n| Step::Add(n as u32)).collect()
}

/// The mean of each step.
fn mean(scale: Scale, specs: Vec<Spec>, full: usize, size: usize, steps: Vec<Step>) -> Workload {
    let measure = Measure::Mean { budget: scale.budget, unit: (1.0, "ns") };
    let elements = steps.len();
    Workload { specs, full, size, steps, elements, needs: &[], measure }
}

fn fill(scale: Scale, specs: Vec<Spec>, count: usize) -> Workload {
    mean(scale, specs, 0, 0, adds(0, count))
}

fn hits(scale: Scale, count: usize, zipf: bool) -> Workload {
    let (specs, mut draws) = (ids(count), Draws(13));
    let ranks = Zipf::new(if zipf { count } else { 1 });
    // Whoever is drawn most often was not added first.
    let number = |draws: &mut Draws| if zipf { (ranks.draw(draws) * 7919 + 17) % count } else { draws.below(count) };
    let steps = (0..500_000).map(|_| Step::Lookup(specs[number(&mut draws)].id)).collect();
    mean(scale, specs, count, 0, steps)
}

fn misses(scale: Scale) -> Workload {
    let mut draws = Draws(17);
    let steps = (0..500_000).map(|_| Step::Lookup(draws.id())).collect();
    mean(scale, ids(SIZE), SIZE, 0, steps)
}

fn at_the_limit(scale: Scale, timeouts: &[i64]) -> Workload {
    let count = 200_000;
    let steps = adds(SIZE, SIZE + count);
    Workload { needs: &[Less::NoLimit], ..mean(scale, sessions(SIZE + count, timeouts), SIZE, SIZE, steps) }
}

/// All are alive: each is of some age within its timeout, and the newcomers are of now. The cache is filled in order of
/// expiry, or a libssl that walks would never be done with that.
fn mixed_adds(scale: Scale) -> Workload {
    let mut specs = sessions(scale.large + 20_000, &MIXED);
    let (now, mut draws) = (START + MIXED[3], Draws(19));
    for (spec, n) in specs.iter_mut().zip(0..) {
        spec.time = now - if n < scale.large { draws.below(spec.timeout as usize) as i64 } else { 0 };
    }
    specs[..scale.large].sort_by_key(|spec| spec.time + spec.timeout);
    mean(scale, specs, scale.large, 0, adds(scale.large, scale.large + 20_000))
}

/// 80 % lookups, 19 % adds, 1 % removals, a flush every 255 adds. Each add is of a new session and moves the clock to
/// its time; lookups and removals are of those that were added of late, some of which have left.
fn server_mix(scale: Scale, timeouts: &[i64]) -> Workload {
    let count = 400_000;
    let specs = sessions(SIZE + count / 4, timeouts);
    let (mut draws, mut newest) = (Draws(11), SIZE);
    let mut steps = Vec::with_capacity(count + count / 1000);
    while steps.len() < count {
        let late = newest - 1 - draws.below(SIZE);
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
    mean(scale, specs, SIZE, SIZE, steps)
}

/// Lookups of sessions that are there, by threads.
fn lookups_of(threads: usize, scale: Scale) -> Workload {
    Workload { measure: Measure::Together(threads), ..hits(scale, SIZE, false) }
}

/// The mix, by threads with one clock: each add, by whomever, moves it.
fn mix_of(threads: usize, scale: Scale, timeouts: &[i64]) -> Workload {
    let count = 400_000;
    let specs = sessions(SIZE + count / 4, timeouts);
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
    Workload { measure: Measure::Together(threads), ..mean(scale, specs, SIZE, SIZE, steps) }
}

fn flush(scale: Scale, percent: usize) -> Workload {
    let specs = ids(scale.large);
    // Later than who is the last to leave, and no later than who is the first to stay.
    let now = match scale.large * percent / 100 {
        0 => START + EQUAL[0],
        leaving => specs[leaving - 1].time + EQUAL[0] + i64::from(percent == 100),
    };
    let measure = Measure::Mean { budget: f64::INFINITY, unit: (1e6, "ms") };
    let needs = &[Less::NoFlush];
    Workload { needs, measure, ..mean(scale, specs, scale.large, 0, vec![Step::Flush(now)]) }
}

/// Ids that differ in their last four bytes only: each is added and looked up.
fn alike(scale: Scale) -> Workload {
    let mut specs = ids(SIZE);
    for (spec, n) in specs.iter_mut().zip(0u32..) {
        let mut bytes = [7; 32];
        bytes[28..].copy_from_slice(&n.to_le_bytes());
        spec.id = session_cache::SessionId::new(&bytes).expect("32 bytes are an id");
    }
    let mut steps = adds(0, SIZE);
    steps.extend(specs.iter().map(|spec| Step::Lookup(spec.id)));
    mean(scale, specs, 0, 0, steps)
}

fn longest(scale: Scale) -> Workload {
    Workload { measure: Measure::Longest, ..fill(scale, ids(scale.large), scale.large) }
}

fn bytes(scale: Scale) -> Workload {
    Workload { measure: Measure::Bytes, ..mean(scale, ids(scale.large), scale.large, 0, Vec::new()) }
}
