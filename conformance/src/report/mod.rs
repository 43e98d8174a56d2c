//! What a check comes to: a value that every renderer prints in its own way.
//!
//! Its JSON form is versioned by [`SCHEMA`]; fields are added, never changed.

mod compare;
mod ended;
mod groups;
mod merge;

pub use compare::{Aspect, Change, Compared, Difference, compare};
pub use ended::Ended;
pub use groups::{Alike, alike};
pub use merge::{CannotMerge, merge};

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

use crate::campaign::Shard;
use crate::course::Course;
use crate::finding::Parted;
use crate::gate::Finds;

/// The version of the JSON form.
pub const SCHEMA: &str = "sesscheck-report-1";

/// A whole report.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: String,
    /// The seed of the random traces.
    pub seed: u64,
    /// The part of it that was run.
    #[serde(default = "whole", skip_serializing_if = "is_whole")]
    pub shard: Shard,
    /// The scenarios held against the pages.
    pub manual: Manual,
    /// Each subject.
    pub subjects: Vec<SubjectReport>,
    /// What this run is known to find of the known faults; `None`: no such run was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub power: Option<Finds>,
    /// In what it is another than an earlier report, if it was held against one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Compared>,
}

fn whole() -> Shard {
    Shard::WHOLE
}

fn is_whole(shard: &Shard) -> bool {
    *shard == Shard::WHOLE
}

/// The scenarios as claims about the manual.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Manual {
    /// How many scenarios there are.
    pub scenarios: usize,
    /// A digest of their files and texts.
    #[serde(default)]
    pub digest: String,
    /// Claims that the model does not bear out.
    pub unmet: Vec<UnmetClaim>,
    /// The clauses that each scenario lists, by its path.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub clauses: BTreeMap<String, Vec<String>>,
}

/// A claim that the model does not bear out: scenario or model is wrong.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct UnmetClaim {
    /// `file:line:column`.
    pub place: String,
    /// The edition.
    pub edition: String,
    /// What is claimed.
    pub stated: String,
    /// What the model rules.
    pub ruled: String,
    /// The clause by which it does; empty: no word on it in an earlier version.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub clause: String,
    /// The line of the claim, with a caret under it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub excerpt: String,
    /// Whether the scenario comes with the harness: its file need not be there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub built_in: bool,
}

/// What is claimed and what is ruled, without the place.
impl std::fmt::Display for UnmetClaim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { stated, edition, ruled, .. } = self;
        write!(f, "claims {stated}; the model of {edition} rules: {ruled}")
    }
}

/// How a subject stands to the manual under its profile.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It agrees on everything that was run.
    Conforms,
    /// It departs from it.
    Diverges,
    /// It departs from it in nothing but what its ledger accepts.
    Accepted,
    /// The model, held against itself: never a word about conformance.
    SelfCheck,
    /// It agrees with the manual on whatever was held against it, and does not survive hazards.
    GoesDown,
    /// It was carried out to the end under hazards, and nothing was held against the manual.
    Survives,
    /// It was not run.
    NotRun,
}

impl std::fmt::Display for Standing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Conforms => "conforms",
            Self::Diverges => "diverges",
            Self::Accepted => "diverges only as its ledger accepts",
            Self::SelfCheck => "agrees with itself (a self-check)",
            Self::GoesDown => "goes down",
            Self::Survives => "survives",
            Self::NotRun => "not run",
        })
    }
}

/// One subject.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SubjectReport {
    /// As on the command line.
    pub subject: String,
    /// What it says of itself.
    pub about: String,
    /// The profile that it was held to.
    pub profile: String,
    /// In what the subject is not the library that the profile was worked out on; `None`: it is, or no library's.
    #[serde(default)]
    pub other_library: Option<String>,
    /// The verdict.
    pub verdict: Standing,
    /// Whether the exit status depends on it.
    pub gates: bool,
    /// A digest of the ledger that it was held to; empty: none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub ledger: String,
    /// Random traces that were asked for, by lane; of a shard, those of the whole.
    #[serde(default)]
    pub asked: Vec<Asked>,
    /// Whether all that was asked for was carried through, a time limit apart.
    #[serde(default)]
    pub carried_through: bool,
    /// What its scenarios came to.
    pub scenarios: ScenarioCounts,
    /// What each of them came to, by its path.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub ended: BTreeMap<String, Ended>,
    /// Random traces that agreed.
    pub traces: u64,
    /// Those of them that agreed up to the step at which a known departure damages the subject, and ended there.
    #[serde(default)]
    pub cut: u64,
    /// Random ops that agreed.
    pub ops: u64,
    /// Handshakes among them.
    pub handshakes: u64,
    /// What was not run, and why.
    pub not_run: Vec<NotRun>,
    /// Choices that the manual leaves open and the subject made.
    pub latitudes: u64,
    /// How often each clause decided in the random traces.
    pub clauses: BTreeMap<String, u64>,
    /// What the random traces went through.
    pub outcomes: BTreeMap<String, u64>,
    /// What its profile knows it does otherwise than the pages.
    pub known: Vec<Known>,
    /// What its profile does not explain.
    pub divergences: Vec<Found>,
    /// Random traces that diverged, reduced and told or not.
    pub diverged: u64,
    /// The clauses in which random traces part and were not reduced: there were findings enough.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub unreduced: BTreeSet<String>,
    /// Those of them that show only what the ledger accepts. What would come after it in them was not looked at.
    #[serde(default)]
    pub diverged_accepted: u64,
    /// What its ledger accepts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accepted: Vec<Accepted>,
    /// Entries of its ledger that do not hold any more: each makes it diverge.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stale: Vec<NotRun>,
    /// What diverged or went down once and not when it was run again: never a word of conformance.
    pub unstable: Vec<NotRun>,
    /// The clauses in which random traces parted once and not when they were run again.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub unstable_clauses: BTreeSet<String>,
    /// Why it ended before its budget, if it did.
    pub ended_early: Option<String>,
    /// What hazards did to it, if they were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hazards: Option<HazardReport>,
}

/// Random traces that were asked for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Asked {
    /// The lane.
    pub lane: String,
    /// How many.
    pub count: u64,
}

/// An entry of a ledger that holds: its scenario shows this divergence.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Accepted {
    /// The scenario.
    pub scenario: String,
    /// What it shows.
    pub parted: Parted,
    /// Why it is accepted.
    pub reason: String,
}

/// What hazards did to a subject: outcomes, and no word about the pages.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct HazardReport {
    /// What became of the scenarios.
    pub scenarios: HazardCounts,
    /// What became of the random traces.
    pub random: HazardCounts,
    /// Ops of the random traces that were carried out to their end.
    pub ops: u64,
    /// Scenarios that the subject did not survive.
    pub known: Vec<Found>,
    /// What was found at random, reduced, each cause once.
    pub found: Vec<Found>,
    /// How many further findings were not reduced.
    pub unreduced: u64,
    /// How many traces went down once and not when they were run again.
    pub unstable: u64,
    /// Scenarios that were not run, and what was unstable.
    pub not_run: Vec<NotRun>,
    /// Why random traces were not run.
    pub why_not: String,
}

/// How often each outcome of a hazards trace came.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct HazardCounts {
    /// Carried out to the end.
    pub completed: u64,
    /// Ended by a signal or a panic.
    pub crashed: u64,
    /// Did not end.
    pub hung: u64,
    /// Took more memory than there is, or leaked.
    pub grew: u64,
    /// With an op that the subject cannot carry out.
    pub not_run: u64,
}

impl HazardCounts {
    /// One more that went down in this way.
    pub fn went_down(&mut self, kind: &str) {
        match kind {
            "hung" => self.hung += 1,
            "grew" => self.grew += 1,
            _ => self.crashed += 1,
        }
    }

    /// How many went down.
    #[must_use]
    pub fn down(&self) -> u64 {
        self.crashed + self.hung + self.grew
    }
}

/// What the scenarios came to on a subject.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct ScenarioCounts {
    /// Run, and as the scenario claims of the pages.
    pub conforms: usize,
    /// Run, and otherwise, as the subject's profile knows.
    pub diverges_known: usize,
    /// Run, and in a way that its profile does not explain and its ledger accepts.
    #[serde(default)]
    pub accepted: usize,
    /// Run, and in a way that its profile does not explain.
    pub diverges: usize,
    /// Not run.
    pub not_run: usize,
}

/// Something that was not run.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct NotRun {
    /// What.
    pub what: String,
    /// Why.
    pub why: String,
}

/// A known divergence of a subject.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Known {
    /// Its name: a departure, or `axis: value`.
    pub name: String,
    /// The clause.
    pub clause: String,
    /// What happens instead.
    pub instead: String,
}

/// A divergence with its reduced trace.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Found {
    /// Where and what.
    pub parted: Parted,
    /// What the clause says, in our words.
    pub statement: String,
    /// The reduced trace, as a scenario.
    pub trace: String,
    /// How many steps it has, and how many there were before.
    pub steps: (usize, usize),
    /// The command that shows it again.
    pub replay: String,
    /// Where it was come upon.
    #[serde(default, skip_serializing_if = "Origin::is_unsaid")]
    pub origin: Origin,
    /// What happened in the caches until it parts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub course: Option<Course>,
    /// How many shorter traces hung, if it was reduced no further for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hung: Option<usize>,
}

/// Where a finding was come upon.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// In a scenario.
    Scenario {
        /// Its file.
        file: String,
        /// The line of the step that parts, counted from 1.
        line: usize,
        /// Which one it is, of a file that is several scenarios.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        with: String,
        /// Whether it comes with the harness: its file need not be there.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        built_in: bool,
    },
    /// In a random trace.
    Random {
        /// Its lane.
        lane: String,
        /// Its number under the report's seed.
        number: u64,
    },
    /// As the replay command says.
    #[default]
    Unsaid,
}

impl Origin {
    fn is_unsaid(&self) -> bool {
        *self == Self::Unsaid
    }

    /// The file and line of a scenario that is on the disk.
    #[must_use]
    pub fn on_disk(&self) -> Option<(&str, usize)> {
        match self {
            Self::Scenario { file, line, built_in: false, .. } => Some((file, *line)),
            _ => None,
        }
    }

    /// The name of a built-in scenario, with the line.
    #[must_use]
    pub fn built_in(&self) -> Option<String> {
        match self {
            Self::Scenario { file, line, built_in: true, .. } => Some(format!("{file}:{line}")),
            _ => None,
        }
    }
}

impl Report {
    /// 0: everything that gates conforms; 1: something diverges; 2: something that gates could not be run. Where only
    /// what is new counts, 1: something is new or another than in the earlier report, and worse.
    #[must_use]
    pub fn status(&self) -> u8 {
        let gating = || self.subjects.iter().filter(|subject| subject.gates);
        let red = match &self.baseline {
            Some(baseline) if baseline.only_new => {
                let is_here = |name: &str| self.subjects.iter().any(|subject| subject.subject == name);
                let gates = |name: &str| !is_here(name) || gating().any(|subject| subject.subject == name);
                baseline.differences.iter().any(|difference| difference.is_worse() && gates(&difference.subject))
            }
            _ => {
                let red = |verdict| matches!(verdict, Standing::Diverges | Standing::GoesDown);
                !self.manual.unmet.is_empty() || gating().any(|subject| red(subject.verdict))
            }
        };
        if red {
            1
        } else if gating().any(|subject| subject.verdict == Standing::NotRun) {
            2
        } else {
            0
        }
    }
}

impl Report {
    /// Whether something that is wrong with a subject counts for the exit status: where only what is new does, not when
    /// an earlier report says the same of it. `what` is what it is known by in a report.
    #[must_use]
    pub fn counts(&self, subject: &str, aspect: Aspect, what: &str) -> bool {
        let what = compare::known_by(aspect, what);
        let same = |difference: &Difference| {
            difference.subject == subject && difference.aspect == aspect && difference.what == what
        };
        self.counted().is_none_or(|differences| differences.iter().any(same))
    }

    /// Whether a subject is red: where only what is new counts, when something of it is new or another, and worse.
    #[must_use]
    pub fn is_red(&self, subject: &SubjectReport) -> bool {
        let is_worse = |difference: &Difference| difference.subject == subject.subject && difference.is_worse();
        match self.counted() {
            Some(differences) => differences.iter().any(is_worse),
            None => matches!(subject.verdict, Standing::Diverges | Standing::GoesDown),
        }
    }

    /// What alone counts, where not all does.
    fn counted(&self) -> Option<&[Difference]> {
        let baseline = self.baseline.as_ref().filter(|baseline| baseline.only_new)?;
        Some(&baseline.differences)
    }
}

impl Found {
    /// What it is known by in an earlier report: its scenario, or clause, op and kind.
    #[must_use]
    pub fn known_by(&self) -> String {
        match &self.origin {
            Origin::Scenario { file, with, .. } if with.is_empty() => file.clone(),
            Origin::Scenario { file, with, .. } => format!("{file} [{with}]"),
            Origin::Random { .. } | Origin::Unsaid => self.parted.name(),
        }
    }

    /// A name for its file: clause, op and kind, which make it one finding.
    #[must_use]
    pub fn file_name(&self) -> String {
        let Parted { clause, op, kind, .. } = &self.parted;
        let name = format!("{clause}-{op}-{kind}.yaml").replace(": ", "-").replace(", ", "+");
        // It may come from a file that somebody wrote: it stays in its folder.
        name.chars().map(|c| if c.is_ascii_alphanumeric() || "._+-".contains(c) { c } else { '-' }).collect()
    }

    /// The first line: subject, step, what is ruled, what was seen, the clause.
    #[must_use]
    pub fn headline(&self, subject: &str) -> String {
        let Parted { place, op, ruled, seen, clause, kind, .. } = &self.parted;
        if clause.starts_with("hazard: ") {
            return format!("{subject} {kind} at {place} ({op}): {seen} [{clause}]");
        }
        format!("{subject} diverges at {place} ({op}): the manual rules: {ruled}; seen: {seen} [{clause}]")
    }
}
