//! Fault drills: small stories of an operator's bad day, what the pages rule in each of them, and what our cache and
//! each release of libssl do.
//!
//! A drill is a scenario with its story ahead of it ([`Told`]), so that whatever takes scenarios takes drills. Who goes
//! through the drills is a [`Participant`]: it ran just now, was recorded, or is known by its profile alone, and the
//! table says which, with the marks of the [`mod@crate::atlas`]. A cell holds what a participant showed twice against
//! the pages: every claim of the drill by itself ([`crate::judge`]), and all that was shown ([`mod@crate::check`]). What
//! is otherwise is laid to the entries of the participant's profile, by putting each of them back. Not here: running a
//! subject ([`crate::worker`]), how the table is printed ([`crate::render`]).

mod build;
mod cell;
mod open;
mod participant;
mod recorded;
mod story;

pub use build::build;
pub use participant::{Participant, Performed, participants};
pub use recorded::{shipped_recordings, texts, unrecorded};
pub use story::{NoDrill, Told, by_name, of_file, shipped};

use serde::{Deserialize, Serialize};

use crate::atlas::{Evidence, Kind};

/// The version of the JSON form; fields are added, never changed.
pub const SCHEMA: &str = "sesscheck-drills-1";

/// The whole table.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Drills {
    /// [`SCHEMA`].
    pub schema: String,
    /// Columns: subjects that are no libssl, then releases in order of version.
    pub columns: Vec<Column>,
    /// Rows, in order of name.
    pub drills: Vec<Drill>,
}

/// A column: who went through the drills.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Column {
    /// What stands above it: a release such as `3.0.22`, or a subject.
    pub name: String,
    /// What it says of itself; of a release that is known by its profile alone, that.
    pub about: String,
    /// The fingerprint of a library's file; empty where there was none.
    pub hash: String,
    /// The profile that explains it.
    pub profile: String,
    /// How what it does is known.
    pub evidence: Evidence,
    /// Whether the exit status depends on it alone: our own cache.
    pub ours: bool,
}

/// A row.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Drill {
    /// Its name, which is that of its file.
    pub name: String,
    /// The file.
    pub file: String,
    /// The behaviour, as a sentence.
    pub title: String,
    /// What happens to the operator.
    pub story: String,
    /// What helps.
    pub helps: String,
    /// The clauses that rule it; none where the pages rule nothing.
    pub rules: Vec<Rule>,
    /// Where the pages leave open what is shown here.
    pub open: Vec<Open>,
    /// One a column, in their order.
    pub cells: Vec<Cell>,
    /// The steps, as they are written.
    pub steps: String,
}

/// A clause that a drill is about.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Rule {
    /// The clause.
    pub clause: String,
    /// How far the pages settle it: `rule`, `open`, `contradiction`, `silent`.
    pub kind: String,
    /// The page; empty when no page has a word on it.
    pub page: String,
    /// What it says, in our words.
    pub statement: String,
}

/// An axis of the readings that makes a difference in a drill.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Open {
    /// The axis.
    pub axis: String,
    /// The clause that it settles.
    pub clause: String,
    /// How the drill reads it.
    pub read_as: String,
    /// Other values, under which something else is shown.
    pub others: Vec<String>,
    /// Whether a claim of the drill depends on it; else only what it does not state.
    pub stated: bool,
}

/// What a participant does in a drill.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Cell {
    /// The column.
    pub column: String,
    /// How it stands to the pages.
    pub stands: Stands,
    /// How that is known.
    pub evidence: Evidence,
    /// The claims of the drill that do not hold.
    pub claims: Vec<Claim>,
    /// What is otherwise in what the drill does not state.
    pub besides: Vec<Cause>,
    /// Of one that is not explained, not run, or where the pages rule nothing: what there is to say.
    pub said: Option<String>,
}

/// How a participant stands to the pages in a drill.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stands {
    /// All that it shows is as the pages rule, or as they allow.
    AsPages,
    /// What the drill states holds; what it does not state is otherwise, as known.
    Holds,
    /// A claim of the drill does not hold, and its profile says why.
    Otherwise,
    /// It does something that its profile does not explain.
    Unexplained,
    /// The pages rule nothing, and it is there still at the end.
    Survives,
    /// The pages rule nothing, and it went down.
    GoesDown,
    /// It was not run, and nothing else says what it does.
    NotRun,
}

impl Stands {
    /// All of them, the best first.
    pub const ALL: [Self; 7] =
        [Self::AsPages, Self::Holds, Self::Otherwise, Self::Survives, Self::GoesDown, Self::NotRun, Self::Unexplained];

    /// What it means, in a few words.
    #[must_use]
    pub fn means(self) -> &'static str {
        match self {
            Self::AsPages => "as the pages",
            Self::Holds => "what the drill states holds, what it does not state is otherwise",
            Self::Otherwise => "otherwise than the drill states, as known",
            Self::Unexplained => "otherwise, and not explained",
            Self::Survives => "the pages rule nothing; it survives",
            Self::GoesDown => "the pages rule nothing; it goes down",
            Self::NotRun => "not run",
        }
    }
}

/// A claim of a drill that does not hold.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Claim {
    /// Its line in the file.
    pub line: usize,
    /// The step, in words.
    pub step: String,
    /// The op's word.
    pub op: String,
    /// What the pages rule, as the drill states it.
    pub ruled: String,
    /// What was seen.
    pub seen: String,
    /// What it comes of: entries of the profile without each of which it would hold; where there is none, those each of
    /// which is enough to break it. None, when it is not explained.
    pub causes: Vec<Cause>,
}

/// An entry of a profile that is at work.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Cause {
    /// The name of the axis or of the departure.
    pub behaviour: String,
    /// Which of the two: a reading is one that the pages allow, a departure is not.
    pub kind: Kind,
    /// The clause that it settles or breaks.
    pub clause: String,
    /// What it does, in words.
    pub does: String,
}

impl Drills {
    /// All cells.
    pub fn cells(&self) -> impl Iterator<Item = &Cell> {
        self.drills.iter().flat_map(|drill| &drill.cells)
    }

    /// Whether our cache does otherwise than the drills state, or somebody does what nothing explains.
    #[must_use]
    pub fn diverges(&self) -> bool {
        let ours = |cell: &Cell| self.columns.iter().any(|column| column.ours && column.name == cell.column);
        self.cells().any(|cell| match cell.stands {
            Stands::Unexplained => true,
            Stands::Otherwise | Stands::GoesDown => ours(cell),
            Stands::AsPages | Stands::Holds | Stands::Survives | Stands::NotRun => false,
        })
    }
}

impl Drill {
    /// How far the pages settle what the drill states, in a word.
    #[must_use]
    pub fn settled(&self) -> &'static str {
        match (self.rules.is_empty(), self.open.iter().any(|open| open.stated)) {
            (true, _) => "none",
            (false, true) => "open",
            (false, false) => "rule",
        }
    }
}

impl Column {
    /// How what it does is known, in a few words.
    #[must_use]
    pub fn known(&self) -> &'static str {
        match self.evidence {
            Evidence::Ran => "run now",
            Evidence::Recorded => "recorded",
            Evidence::Claimed | Evidence::Indifferent | Evidence::Contradicted => "by its profile alone",
        }
    }
}

impl Cell {
    /// What there is to say of it, a line each; nothing where all is as the pages.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        let mut words: Vec<String> = self.claims.iter().map(Claim::words).collect();
        words.extend(self.said.clone());
        if self.stands == Stands::Holds {
            words.extend(besides(&self.besides));
        }
        words
    }
}

/// What is otherwise in what a drill does not state, in a line.
#[must_use]
pub fn besides(causes: &[Cause]) -> Option<String> {
    let names: Vec<_> = causes.iter().map(Cause::name).collect();
    (!names.is_empty()).then(|| format!("in what the drill does not state: {}", names.join(", ")))
}

impl Claim {
    /// The claim in a line: where, what is ruled, what was seen, and what it comes of.
    #[must_use]
    pub fn words(&self) -> String {
        let Self { step, op, ruled, seen, causes, .. } = self;
        let causes: Vec<_> = causes.iter().map(|cause| format!("{} [{}]", cause.name(), cause.clause)).collect();
        let by = if causes.is_empty() { String::new() } else { format!(": {}", causes.join(", ")) };
        format!("{step} ({op}): {ruled} by the pages; {seen} here{by}")
    }
}

impl Cause {
    /// A departure by its name, a reading with the word that it is one.
    #[must_use]
    pub fn name(&self) -> String {
        match self.kind {
            Kind::Departure => self.behaviour.clone(),
            Kind::Reading => format!("read {}: {}", self.behaviour, self.does),
        }
    }
}
