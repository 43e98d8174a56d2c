//! The power of the harness, measured: which known faults each engine finds, after how many ops, and how short the
//! trace is that is left of it.
//!
//! A fault is a subject like any other, held to the profile that it would keep without the fault. An engine is a
//! source of traces with a budget of ops; it is given each fault alone, and stops at the first divergence. Time is
//! told beside the ops and decides nothing.
//!
//! Not here: the faults ([`crate::faults`]), and what an engine draws ([`crate::source`], [`crate::suite`]).

mod beside;
mod engine;
mod hunt;
mod measure;

pub use beside::{Beside, Ratio};
pub use engine::Engine;
pub use hunt::Hit;
pub use measure::{Budget, measure};

use serde::{Deserialize, Serialize};

/// The version of the JSON form; fields are added, never changed.
pub const SCHEMA: &str = "sesscheck-power-1";

/// What was measured.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Power {
    /// [`SCHEMA`].
    pub schema: String,
    /// The first seed of the random engines.
    pub seed: u64,
    /// How many seeds were tried from there on.
    pub seeds: usize,
    /// Ops that each random engine was given for each fault.
    pub ops: u64,
    /// The engines, by name, in the order of the hits.
    pub engines: Vec<String>,
    /// Ops that each engine was given for each fault and seed; `None`: it is run to its end.
    #[serde(default)]
    pub given: Vec<Option<u64>>,
    /// The faults.
    pub faults: Vec<Row>,
    /// Each engine's reduced traces beside the shortest ones; empty when the exhaustive engine was not measured.
    #[serde(default)]
    pub beside: Vec<Beside>,
}

/// A fault, and what the engines made of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// As in `faulty:NAME`.
    pub fault: String,
    /// The clause that it breaks.
    pub clause: String,
    /// How it is made, in words.
    pub made: String,
    /// Whether it takes a long or a particular way to be seen.
    pub deep: bool,
    /// What it does.
    pub does: String,
    /// By engine, and by seed, but for an engine that draws nothing, which is tried once; `None`: it is not found.
    pub hits: Vec<Vec<Option<Hit>>>,
}

impl Row {
    /// Whether no engine has found it.
    #[must_use]
    pub fn survives(&self) -> bool {
        self.hits.iter().flatten().all(Option::is_none)
    }

    /// Under how many of its seeds an engine, by its place, finds it, and how many there were.
    #[must_use]
    pub fn times(&self, engine: usize) -> (usize, usize) {
        let tries = &self.hits[engine];
        (tries.iter().flatten().count(), tries.len())
    }
}

/// An engine over all faults and seeds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Total {
    /// Faults that it finds under every seed.
    pub always: usize,
    /// Faults that it finds under at least one.
    pub found: usize,
    /// Of these, the ones that it names by their own clause under at least one.
    pub named: usize,
    /// The ops that it takes.
    pub ops: Spread<u64>,
    /// The milliseconds that it takes on one core, here and now.
    pub millis: Spread<u64>,
    /// The steps that are left after reduction; a `repeat` counts its block and one.
    pub steps: Spread<usize>,
}

/// What many tries come to; all 0 when nothing was found.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Spread<T> {
    /// The middle one, the lower of two.
    pub median: T,
    /// At least 95 of 100 are no larger.
    pub high: T,
    /// The largest.
    pub worst: T,
}

impl Power {
    /// What an engine, by its place, makes of all faults.
    #[must_use]
    pub fn total(&self, engine: usize) -> Total {
        let hits = || self.faults.iter().flat_map(move |row| row.hits[engine].iter().flatten());
        let times = || self.faults.iter().map(|row| row.times(engine));
        let named = |row: &&Row| row.hits[engine].iter().flatten().any(|hit| hit.clause == row.clause);
        Total {
            always: times().filter(|(found, of)| found == of).count(),
            found: times().filter(|(found, _)| *found > 0).count(),
            named: self.faults.iter().filter(named).count(),
            ops: Spread::of(hits().map(|hit| hit.ops)),
            millis: Spread::of(hits().map(|hit| hit.millis)),
            steps: Spread::of(hits().map(|hit| hit.steps.1)),
        }
    }

    /// Versioned JSON.
    ///
    /// # Panics
    ///
    /// Never: it is made of texts and numbers.
    #[must_use]
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).expect("texts and numbers") + "\n"
    }
}

impl<T: Ord + Copy + Default> Spread<T> {
    /// That of these values.
    pub fn of(values: impl Iterator<Item = T>) -> Self {
        let mut values: Vec<_> = values.collect();
        values.sort_unstable();
        // The smallest value that this share of all does not exceed.
        let at = |percent: usize| values.get((values.len() * percent).div_ceil(100).saturating_sub(1)).copied();
        let [median, high, worst] = [50, 95, 100].map(|percent| at(percent).unwrap_or_default());
        Self { median, high, worst }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_made_of_values_that_came() {
        let spread = |values: &[u64]| Spread::of(values.iter().copied());
        assert_eq!(spread(&[]), Spread { median: 0, high: 0, worst: 0 });
        assert_eq!(spread(&[4, 2, 9, 1]), Spread { median: 2, high: 9, worst: 9 });
        let hundred: Vec<u64> = (1..=100).rev().collect();
        assert_eq!(spread(&hundred), Spread { median: 50, high: 95, worst: 100 });
    }
}
