//! Random traces on the subject under the profile so far: seeds that were not used before, until a whole budget of
//! them passes with nothing unexplained.

use std::collections::BTreeMap;

use super::campaign::{Campaign, Origin};
use super::entry::Entry;
use super::probe::{Open, Pool};
use crate::finding::Parted;
use crate::profiles::Document;
use crate::source::{Lane, Seed, trace_of};
use crate::tally::Tally;
use crate::trace::{Shown, Trace};
use crate::worker::{Hunted, Random, StartError, Witness, lane_word};

/// A first round is this much smaller than the budget: what is often there is found soon.
const SMALLER: u64 = 8;

/// How many rounds there are at most, should each come upon something.
const ROUNDS: u64 = 60;

/// A round that came upon nothing unexplained.
#[derive(Default)]
pub(super) struct Passed {
    pub(super) tally: Tally,
    /// Traces that came to something that is reported as new.
    pub(super) alike: u64,
    pub(super) seeds: Vec<u64>,
    /// What the evidence leaves open.
    pub(super) open: BTreeMap<Entry, Open>,
    /// Whether the whole budget passed.
    pub(super) whole: bool,
}

/// What one round came to.
enum Round {
    Passes,
    Changes,
}

impl<W: Witness> Campaign<'_, W> {
    /// Goes on until the budget passes on a fresh seed.
    pub(super) fn confirm(&mut self, pool: &mut Pool, open: BTreeMap<Entry, Open>) -> Result<Passed, StartError> {
        let mut passed = Passed { open, ..Passed::default() };
        let mut divisor = SMALLER;
        for round in 0..ROUNDS {
            let seed = fresh(self.plan.seed, round);
            let mut agreed = Passed { open: std::mem::take(&mut passed.open), ..Passed::default() };
            match self.round(seed, divisor, &mut agreed)? {
                Round::Passes => {
                    passed = agreed;
                    passed.seeds.push(seed);
                    passed.whole = divisor == 1 && !self.early;
                    if divisor == 1 || self.early {
                        return Ok(passed);
                    }
                    divisor = 1;
                }
                Round::Changes => passed.open = self.settle(pool)?,
            }
            if !self.in_time() {
                break;
            }
        }
        Ok(passed)
    }

    fn round(&mut self, seed: u64, divisor: u64, agreed: &mut Passed) -> Result<Round, StartError> {
        for (lane, count) in self.plan.lanes.clone() {
            let count = count.div_ceil(divisor);
            let mut first = 0;
            while first < count && self.in_time() {
                let (hunted, unknown) = self.hunt(seed, lane, first..count)?;
                agreed.tally.add(&hunted.tally);
                agreed.alike += hunted.diverged;
                let Some(number) = unknown else { break };
                if self.take(seed, lane, number)? {
                    return Ok(Round::Changes);
                }
                first = number + 1;
            }
        }
        Ok(Round::Passes)
    }

    /// Hunts until something comes up that is not reported yet: its number.
    fn hunt(
        &mut self,
        seed: u64,
        lane: Lane,
        range: std::ops::Range<u64>,
    ) -> Result<(Hunted, Option<u64>), StartError> {
        let profile = self.named();
        let random = Random {
            seed,
            lane: lane_word(lane).to_owned(),
            first: range.start,
            count: range.end - range.start,
            profile: Document::of(&profile),
        };
        let (told, progress) = (self.new_keys(), self.progress);
        let unknown = |hunted: &Hunted| {
            let new = hunted.found.iter().filter(|(_, parted)| !told.contains(&parted.key()));
            new.flat_map(|(numbers, _)| numbers.iter().copied()).min()
        };
        let (watch, limit) = (self.watch, self.plan.limit);
        let hunted = self.witness.hunt(&random, &profile, &mut |hunted| {
            progress("random ops", hunted.tally.ops);
            unknown(hunted).is_none() && limit.is_none_or(|limit| watch.elapsed() < limit)
        })?;
        for (number, why) in &hunted.unstable {
            let (trace, origin) = drawn(seed, lane, *number);
            self.tell_unstable(trace, origin, why.clone());
        }
        let unknown = unknown(&hunted);
        Ok((hunted, unknown))
    }

    fn new_keys(&self) -> Vec<(String, String, String)> {
        self.new.iter().map(|new| new.key()).collect()
    }

    /// Takes a random trace into the evidence; whether it says anything that is not explained or told.
    fn take(&mut self, seed: u64, lane: Lane, number: u64) -> Result<bool, StartError> {
        let (trace, origin) = drawn(seed, lane, number);
        let told = self.new.len();
        if !self.see(trace.clone(), origin.clone())? {
            return Ok(self.new.len() > told);
        }
        let piece = self.evidence.last().expect("it was just kept");
        match self.judge.parts(&piece.trace, &piece.transcript, &self.profile) {
            Some(divergence) if self.is_told(&Parted::from(&divergence)) => {
                self.evidence.pop();
                Ok(false)
            }
            Some(_) => Ok(true),
            None => {
                self.evidence.pop();
                self.tell_unstable(trace, origin, "it diverged once, and not when it was run again".to_owned());
                Ok(false)
            }
        }
    }
}

/// A random trace, and where it comes from.
fn drawn(seed: u64, lane: Lane, number: u64) -> (Trace, Origin) {
    let trace = Trace { shown: Shown::Everything, ..trace_of(Seed(seed), number, lane) };
    let replay = format!("--seed {seed} --lane {} --number {number}", lane_word(lane));
    let steps_before = trace.ops.len();
    (trace, Origin { name: format!("random: {replay}"), replay, steps_before, reduced: false })
}

/// The seed of a round: a stretch of its own for each seed of the command.
fn fresh(seed: u64, round: u64) -> u64 {
    seed.wrapping_mul(1_000_000).wrapping_add(round + 1)
}
