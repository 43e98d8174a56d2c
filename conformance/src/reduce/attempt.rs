//! The smallest trace so far, and the one way to a smaller one.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::{Measure, Reduced};
use crate::source::is_core;
use crate::trace::Trace;

/// Up to this many ops a candidate is remembered, so that no later round runs it again. Longer ones are rarely proposed
/// twice, and take long to hash.
const REMEMBERED: usize = 400;

pub(super) struct Attempt<'a> {
    best: Trace,
    measure: Measure,
    /// Whether candidates have to be of the core alphabet.
    core: bool,
    same: &'a mut dyn FnMut(&Trace) -> bool,
    budget: usize,
    runs: usize,
    taken: usize,
    /// Hashes of candidates of which `same` did not hold.
    refused: HashSet<u64>,
}

impl<'a> Attempt<'a> {
    pub(super) fn new(trace: Trace, same: &'a mut dyn FnMut(&Trace) -> bool, budget: usize) -> Self {
        let (measure, core) = (Measure::of(&trace), is_core(&trace));
        Self { best: trace, measure, core, same, budget, runs: 0, taken: 0, refused: HashSet::new() }
    }

    pub(super) fn best(&self) -> &Trace {
        &self.best
    }

    /// How many candidates were taken.
    pub(super) fn taken(&self) -> usize {
        self.taken
    }

    /// Whether the budget is spent.
    pub(super) fn is_over(&self) -> bool {
        self.runs >= self.budget
    }

    pub(super) fn end(self) -> Reduced {
        Reduced { trace: self.best, runs: self.runs }
    }

    /// Proposes the best trace with this change; whether it was taken.
    pub(super) fn change(&mut self, edit: impl FnOnce(&mut Trace)) -> bool {
        if self.is_over() {
            return false;
        }
        let mut candidate = self.best.clone();
        edit(&mut candidate);
        self.propose(candidate)
    }

    /// Takes the candidate if it is smaller and still shows the same.
    fn propose(&mut self, candidate: Trace) -> bool {
        let measure = Measure::of(&candidate);
        if measure >= self.measure || self.core && !is_core(&candidate) {
            return false;
        }
        let hash = (candidate.ops.len() <= REMEMBERED).then(|| hash_of(&candidate));
        if hash.is_some_and(|hash| self.refused.contains(&hash)) {
            return false;
        }
        self.runs += 1;
        if !(self.same)(&candidate) {
            self.refused.extend(hash);
            return false;
        }
        (self.best, self.measure) = (candidate, measure);
        self.taken += 1;
        true
    }
}

fn hash_of(trace: &Trace) -> u64 {
    let mut hasher = DefaultHasher::new();
    trace.hash(&mut hasher);
    hasher.finish()
}
