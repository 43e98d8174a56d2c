//! What is done and what was found. With one worker, two processes come to the same value, whatever happened in
//! between; with several, which traces are reduced depends on who is first.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::charter::Charter;
use super::unit::Unit;
use crate::finding::Parted;
use crate::report::{Found, NotRun};
use crate::worker::{Hunted, lane_word};

/// The version of the form of a state.
pub const SCHEMA: &str = "sesscheck-campaign-2";

/// How often one kind of divergence is reduced: another trace of it may come down to something shorter.
const REDUCTIONS: u64 = 3;

/// How many findings are kept; those after are counted.
const FINDINGS: usize = 1000;

/// How many that were unstable are told; those after are counted.
const UNSTABLE: usize = 100;

/// The state of a campaign.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// [`SCHEMA`].
    pub schema: String,
    /// What it is about.
    pub charter: Charter,
    /// The shards that have come together in it: one, unless it was merged.
    pub shards: Vec<String>,
    /// Seconds that were spent, of one run after the other.
    pub seconds: u64,
    /// How many of the scenarios have been run, in order of path.
    pub scenarios: u64,
    /// All units below this number are done,
    pub done: u64,
    /// and these.
    pub done_above: BTreeSet<u64>,
    /// What the units went through, by lane.
    pub lanes: BTreeMap<String, Lanes>,
    /// Each kind of divergence as it came, before reduction.
    pub kinds: Vec<Kind>,
    /// What is left after reduction, each clause, op and kind of difference once, in order of these.
    pub findings: Vec<Finding>,
    /// Findings that were not kept, since there are so many.
    pub not_kept: u64,
    /// What came once and not when it was run again.
    pub unstable: Vec<NotRun>,
    /// How often that was.
    pub unstable_times: u64,
    /// Scenarios and random traces that were not run, and the last reason.
    pub not_run: (u64, String),
}

/// What the units of a lane went through.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lanes {
    /// Units that are done.
    pub units: u64,
    /// Traces that agreed.
    pub traces: u64,
    /// Those that agreed up to where a known departure damages the subject.
    pub cut: u64,
    /// Ops that agreed.
    pub ops: u64,
    /// Handshakes among them.
    pub handshakes: u64,
    /// Traces that diverged.
    pub diverged: u64,
}

/// A kind of divergence as it came.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kind {
    /// Clause, op and kind of difference.
    pub key: (String, String, String),
    /// How many units have shown it.
    pub units: u64,
}

/// A finding: the shortest that came of its kind.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// The lane that it came from, or `scenarios`.
    pub from: String,
    /// What it is.
    pub found: Found,
}

/// What a unit came to: taken into the state as a whole or not at all.
#[derive(Clone, Debug)]
pub struct Done {
    /// The unit.
    pub unit: Unit,
    /// What its traces went through.
    pub hunted: Hunted,
    /// What diverged and did not when it was run again, with the command that ran it.
    pub unstable: Vec<NotRun>,
}

impl State {
    /// Nothing is done.
    #[must_use]
    pub fn new(charter: Charter) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            shards: vec![charter.shard.to_string()],
            charter,
            seconds: 0,
            scenarios: 0,
            done: 0,
            done_above: BTreeSet::new(),
            lanes: BTreeMap::new(),
            kinds: Vec::new(),
            findings: Vec::new(),
            not_kept: 0,
            unstable: Vec::new(),
            unstable_times: 0,
            not_run: (0, String::new()),
        }
    }

    /// What cannot be, in words: counts that a campaign does not come to. `None`: it is sound.
    #[must_use]
    pub fn unsound(&self) -> Option<String> {
        let told = self.unstable.len() as u64;
        let all = self.lanes.values().try_fold(0u64, |all, lane| all.checked_add(lane.units));
        if self.unstable_times < told {
            Some(format!("{told} that were unstable are told, and {} are counted", self.unstable_times))
        } else if self.done_above.iter().any(|number| *number < self.done) {
            Some(format!("a unit below {} is told to be done above it", self.done))
        } else if all.is_none() || all != self.done.checked_add(self.done_above.len() as u64) {
            Some("its lanes have not as many units as are done".to_owned())
        } else {
            None
        }
    }

    /// Whether the unit of this number is done.
    #[must_use]
    pub fn is_done(&self, number: u64) -> bool {
        number < self.done || self.done_above.contains(&number)
    }

    /// How many units are done.
    #[must_use]
    pub fn units(&self) -> u64 {
        self.done + self.done_above.len() as u64
    }

    /// All lanes together.
    #[must_use]
    pub fn all(&self) -> Lanes {
        self.lanes.values().fold(Lanes::default(), Lanes::and)
    }

    /// Whether a divergence that came like this is worth a reduction.
    #[must_use]
    pub fn wants(&self, parted: &Parted) -> bool {
        let key = parted.key();
        self.kinds.iter().find(|kind| kind.key == key).is_none_or(|kind| kind.units < REDUCTIONS)
    }

    /// Takes a reduced finding: it is kept when its like is not there, or longer. Gives whether it is new, shorter, or
    /// neither.
    pub fn take(&mut self, from: &str, found: Found) -> Taken {
        match self.findings.binary_search_by(|known| known.found.parted.key().cmp(&found.parted.key())) {
            Ok(at) if length(&found) < length(&self.findings[at].found) => {
                self.findings[at] = Finding { from: from.to_owned(), found };
                Taken::Shorter
            }
            Ok(_) => Taken::Known,
            Err(_) if self.findings.len() >= FINDINGS => {
                self.not_kept += 1;
                Taken::NotKept
            }
            Err(at) => {
                self.findings.insert(at, Finding { from: from.to_owned(), found });
                Taken::New
            }
        }
    }

    /// Takes what a unit came to.
    pub fn complete(&mut self, done: Done) {
        let Done { unit, hunted, unstable } = done;
        if self.is_done(unit.number) {
            return;
        }
        let tally = &hunted.tally;
        let went = Lanes {
            units: 1,
            traces: tally.traces,
            cut: tally.cut,
            ops: tally.ops,
            handshakes: tally.handshakes,
            diverged: hunted.diverged,
        };
        let lane = self.lanes.entry(lane_word(unit.lane).to_owned()).or_default();
        *lane = lane.and(&went);
        for (_, parted) in &hunted.found {
            self.came(parted.key(), 1);
        }
        self.unstable_all(unstable);
        if hunted.not_run.0 > 0 {
            self.not_run = (self.not_run.0 + hunted.not_run.0, hunted.not_run.1);
        }
        self.done_above.insert(unit.number);
        while self.done_above.remove(&self.done) {
            self.done += 1;
        }
    }

    /// Counts what was unstable, and keeps as much of it as there is room for.
    pub(super) fn unstable_all(&mut self, all: Vec<NotRun>) {
        self.unstable_times += all.len() as u64;
        let room = UNSTABLE.saturating_sub(self.unstable.len());
        self.unstable.extend(all.into_iter().take(room));
    }

    pub(super) fn came(&mut self, key: (String, String, String), units: u64) {
        match self.kinds.iter_mut().find(|kind| kind.key == key) {
            Some(kind) => kind.units += units,
            None => self.kinds.push(Kind { key, units }),
        }
    }

    /// 0: nothing was found; 1: something was; 2: no unit is done, or of all random traces none was run.
    #[must_use]
    pub fn status(&self) -> u8 {
        let Lanes { units, traces, diverged, .. } = self.all();
        if !self.findings.is_empty() || self.unstable_times > 0 || diverged > 0 {
            1
        } else if units == 0 || traces == 0 {
            2
        } else {
            0
        }
    }
}

/// What became of a finding that was taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Taken {
    /// There was none like it.
    New,
    /// There was a longer one.
    Shorter,
    /// There was one as short.
    Known,
    /// There are too many.
    NotKept,
}

impl Lanes {
    /// Both together.
    #[must_use]
    pub fn and(self, other: &Self) -> Self {
        Self {
            units: self.units + other.units,
            traces: self.traces + other.traces,
            cut: self.cut + other.cut,
            ops: self.ops + other.ops,
            handshakes: self.handshakes + other.handshakes,
            diverged: self.diverged + other.diverged,
        }
    }
}

/// By what one finding is shorter than another of its kind: its steps, then its text. A total order, so that the one
/// that is kept does not depend on the order in which they came.
fn length(found: &Found) -> (usize, usize, &str, &str) {
    (found.steps.0, found.trace.len(), &found.trace, &found.replay)
}

#[cfg(test)]
mod tests {
    use super::super::charter::Shard;
    use super::*;
    use crate::profiles::Document;

    fn charter() -> Charter {
        Charter {
            subject: "optimised".to_owned(),
            about: String::new(),
            profile: Document::default(),
            profile_typed: None,
            seed: 1,
            shard: Shard::WHOLE,
            draws: String::new(),
        }
    }

    fn found(clause: &str, steps: usize) -> Found {
        let [clause, kind, op, place, ruled, seen] =
            [clause, "answer", "add", "step 1", "1", "0"].map(ToOwned::to_owned);
        let parted = Parted { clause, kind, op, place, index: 0, ruled, seen };
        Found {
            parted,
            statement: String::new(),
            trace: "x".repeat(steps),
            steps: (steps, 9),
            replay: String::new(),
            origin: Default::default(),
            course: None,
            hung: None,
        }
    }

    fn done(number: u64) -> Done {
        let mut hunted = Hunted { diverged: 1, ..Hunted::default() };
        hunted.found.push((vec![0], found("a", 1).parted));
        Done { unit: Unit::of(&charter(), number), hunted, unstable: Vec::new() }
    }

    #[test]
    fn units_are_done_in_any_order_and_once() {
        let mut state = State::new(charter());
        for number in [2, 0, 0, 1, 5] {
            state.complete(done(number));
        }
        assert_eq!((state.done, state.units()), (3, 4));
        assert_eq!(state.done_above, BTreeSet::from([5]));
        assert_eq!(state.all().diverged, 4, "a unit that came twice counts once");
        assert!(state.is_done(1) && !state.is_done(4));
    }

    #[test]
    fn a_campaign_that_could_run_nothing_does_not_conform() {
        let status = |traces: u64, not_run: u64| {
            let mut state = State::new(charter());
            let mut hunted = Hunted { not_run: (not_run, "refused".to_owned()), ..Hunted::default() };
            hunted.tally.traces = traces;
            state.complete(Done { unit: Unit::of(&charter(), 0), hunted, unstable: Vec::new() });
            state.status()
        };
        assert_eq!([status(600, 0), status(599, 1), status(0, 600)], [0, 0, 2]);
        assert_eq!(State::new(charter()).status(), 2, "nor does one that has run nothing yet");
    }

    #[test]
    fn the_shortest_of_a_kind_is_kept() {
        let mut state = State::new(charter());
        let taken: Vec<_> =
            [("b", 3), ("a", 5), ("b", 2), ("b", 4)].map(|(c, n)| state.take("direct", found(c, n))).into();
        assert_eq!(taken, [Taken::New, Taken::New, Taken::Shorter, Taken::Known]);
        let kept: Vec<_> = state.findings.iter().map(|f| (f.found.parted.clause.as_str(), f.found.steps.0)).collect();
        assert_eq!(kept, [("a", 5), ("b", 2)]);
    }

    #[test]
    fn a_kind_is_reduced_a_few_times_and_then_counted() {
        let mut state = State::new(charter());
        let parted = found("a", 1).parted;
        for number in 0..REDUCTIONS {
            assert!(state.wants(&parted));
            state.complete(done(number));
        }
        assert!(!state.wants(&parted));
        assert!(state.wants(&found("b", 1).parted));
    }

    #[test]
    fn findings_are_bounded_and_those_after_are_counted() {
        let mut state = State::new(charter());
        for n in 0..FINDINGS + 7 {
            state.take("direct", found(&format!("c{n}"), 1));
        }
        assert_eq!((state.findings.len(), state.not_kept), (FINDINGS, 7));
        assert_eq!(state.status(), 1);
    }
}
