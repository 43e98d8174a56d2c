//! The power of the harness, measured: which known faults each engine finds, after how many ops, and how short the
//! trace is that is left of it.
//!
//! A fault is a subject like any other, held to the profile that it would keep without the fault. An engine is a
//! source of traces with a budget of ops; it is given each fault alone, and stops at the first divergence. Time is
//! told beside the ops and decides nothing.
//!
//! Not here: the faults ([`crate::faults`]), and what an engine draws ([`crate::source`], [`crate::suite`]).

mod engine;
mod hunt;
mod measure;

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
    /// Seed of the random engines.
    pub seed: u64,
    /// Ops that each random engine was given for each fault.
    pub ops: u64,
    /// The engines, by name, in the order of the hits.
    pub engines: Vec<String>,
    /// The faults.
    pub faults: Vec<Row>,
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
    /// By engine; `None`: it is not found.
    pub hits: Vec<Option<Hit>>,
}

impl Row {
    /// Whether no engine has found it.
    #[must_use]
    pub fn survives(&self) -> bool {
        self.hits.iter().all(Option::is_none)
    }
}

/// An engine over all faults.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Total {
    /// Faults that it finds.
    pub found: usize,
    /// Of those, the ones that it names by their own clause.
    pub named: usize,
    /// The median of the ops that it takes; 0: it finds none.
    pub ops: u64,
    /// The median of the steps that are left after reduction; 0: it finds none.
    pub steps: usize,
}

impl Power {
    /// What an engine, by its place, makes of all faults.
    #[must_use]
    pub fn total(&self, engine: usize) -> Total {
        let hits = || self.faults.iter().filter_map(move |row| Some((row, row.hits[engine].as_ref()?)));
        Total {
            found: hits().count(),
            named: hits().filter(|(row, hit)| hit.clause == row.clause).count(),
            ops: median(hits().map(|(_, hit)| hit.ops)),
            steps: median(hits().map(|(_, hit)| hit.steps.1)),
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

/// The middle of the values, the lower one of two.
fn median<T: Ord + Copy + Default>(values: impl Iterator<Item = T>) -> T {
    let mut values: Vec<_> = values.collect();
    values.sort_unstable();
    values.get(values.len().saturating_sub(1) / 2).copied().unwrap_or_default()
}
