//! The atlas: which release does what to the session cache, since when, until when, and how that is known.
//!
//! A row is a behaviour: an axis of the readings or a known departure. A column is a release that has a shipped
//! profile. A cell has the value of the row's behaviour under that profile, and the evidence for it: on the shortest
//! scenario that tells this value from another ([`Separation`]), a transcript of that release, recorded or made just
//! now, agrees with the model under the profile and would not if this one entry were another. What no transcript bears
//! out is shown as claimed. Not here: running a library ([`crate::worker`]), recordings as files
//! ([`crate::recording`]), how an atlas is printed ([`crate::render`]).

mod behaviour;
mod beyond;
mod build;
mod evidence;
mod ledger;
mod releases;
mod separate;
#[cfg(test)]
mod tests;
mod words;

pub use behaviour::Behaviour;
pub use beyond::{Beyond, Seen};
pub(crate) use build::of_pages;
pub use build::{Asked, Needed, build, needed, recorded};
pub use evidence::{Shown, evidence};
pub use ledger::{differing, idle, not_run, stale};
pub use releases::{libraries, of_version, release_of};
pub use separate::{How, Separation, Separator};

use serde::{Deserialize, Serialize};

/// The version of the JSON form; fields are added, never changed.
pub const SCHEMA: &str = "sesscheck-atlas-1";

/// The whole table.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Atlas {
    /// [`SCHEMA`].
    pub schema: String,
    /// Columns, in order of version; our own cache last, if it was asked for.
    pub releases: Vec<Release>,
    /// Two releases that are compared; then only rows in which they differ are there.
    pub compared: Option<Compared>,
    /// Rows: server-side behaviours first, then those that only a client shows.
    pub rows: Vec<Row>,
    /// What changes from each release to the next.
    pub upgrades: Vec<Upgrade>,
    /// Where the pages rule nothing, and releases differ.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beyond: Vec<Beyond>,
    /// What is not in the table, and why.
    pub notes: Vec<String>,
}

/// A column.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Release {
    /// Its name, such as `3.0.22`.
    pub release: String,
    /// The profile that says what it does.
    pub profile: String,
    /// The edition of the pages that it is held to.
    pub edition: String,
    /// Whose transcripts are the evidence.
    pub transcripts: Vec<Source>,
}

/// A library whose transcripts are evidence.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Source {
    /// What it says of its version.
    pub version: String,
    /// The fingerprint of its file; empty for our own cache.
    pub hash: String,
    /// Whether it ran just now; else it was recorded.
    pub ran_now: bool,
}

/// Two releases that are compared.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Compared {
    /// The earlier one.
    pub from: String,
    /// The later one.
    pub to: String,
}

/// What changes from one release to the next at hand.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Upgrade {
    /// The earlier release.
    pub from: String,
    /// The later one.
    pub to: String,
    /// What changes for a server, in words: the behaviour and what it becomes.
    pub server: Vec<(String, String)>,
    /// What changes for clients only.
    pub client: Vec<(String, String)>,
}

/// Whether a behaviour is an axis of the readings or a departure.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A clause that the pages leave open, and how it is read.
    Reading,
    /// What no reading of the pages allows.
    Departure,
}

/// Who can tell.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// A scenario without an observed client, or with one context in both roles, shows it.
    Server,
    /// Only scenarios with an observed client show it.
    Client,
    /// No scenario shows it in any of the releases.
    Unknown,
}

/// A row.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Row {
    /// The name of the axis or of the departure.
    pub behaviour: String,
    /// Which of the two.
    pub kind: Kind,
    /// Who can tell.
    pub side: Side,
    /// The clause.
    pub clause: String,
    /// How far the pages settle that clause: `rule`, `open`, `contradiction`, `silent`, …
    pub clause_kind: String,
    /// The page; empty when no page has a word on it.
    pub page: String,
    /// What the clause says, in our words.
    pub statement: String,
    /// The pure manual's value.
    pub pages: String,
    /// What a departure does instead; for a reading, the values that it has here other than the pure manual's.
    pub instead: String,
    /// The first release at hand with another value than the pure manual's.
    pub since: Option<String>,
    /// The last.
    pub until: Option<String>,
    /// Runs of releases with one value, in order of version.
    pub spans: Vec<Span>,
    /// The spans in words.
    pub words: String,
    /// One a release, in the order of the columns.
    pub cells: Vec<Cell>,
}

/// Releases in a row with one value.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Span {
    /// The first.
    pub first: String,
    /// The last.
    pub last: String,
    /// The value.
    pub value: String,
    /// Whether that is the pure manual's.
    pub as_pages: bool,
}

/// A cell.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Cell {
    /// The release.
    pub release: String,
    /// The value on the axis; `yes` or `no` for a departure.
    pub value: String,
    /// Whether that is the pure manual's.
    pub as_pages: bool,
    /// Whether the edition of the pages that the release is held to has the clause.
    pub in_edition: bool,
    /// How it is known.
    pub evidence: Evidence,
    /// The scenario that tells this value from another.
    pub scenario: Option<String>,
    /// The other value.
    pub against: Option<String>,
    /// Why the evidence is no better.
    pub why: Option<String>,
}

/// How a cell is known.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// A transcript that was made just now shows it.
    Ran,
    /// A recorded transcript shows it.
    Recorded,
    /// Only the profile says so.
    Claimed,
    /// Under this profile no scenario tells it from another value: it makes no difference there.
    Indifferent,
    /// A transcript says otherwise: the profile is wrong.
    Contradicted,
}

impl Evidence {
    /// All of them, the best first.
    pub const ALL: [Self; 5] = [Self::Ran, Self::Recorded, Self::Claimed, Self::Indifferent, Self::Contradicted];

    /// A character for tables.
    #[must_use]
    pub fn mark(self) -> char {
        match self {
            Self::Ran => '!',
            Self::Recorded => '+',
            Self::Claimed => '?',
            Self::Indifferent => '~',
            Self::Contradicted => 'X',
        }
    }

    /// What it means.
    #[must_use]
    pub fn means(self) -> &'static str {
        match self {
            Self::Ran => "run just now: the release itself shows it",
            Self::Recorded => "a recorded transcript of the release shows it",
            Self::Claimed => "only the profile claims it",
            Self::Indifferent => "makes no difference there that a scenario shows",
            Self::Contradicted => "a transcript says otherwise",
        }
    }
}

impl Atlas {
    /// Whether a transcript says otherwise than a cell.
    #[must_use]
    pub fn is_contradicted(&self) -> bool {
        self.cells().any(|cell| cell.evidence == Evidence::Contradicted)
    }

    /// All cells.
    pub fn cells(&self) -> impl Iterator<Item = &Cell> {
        self.rows.iter().flat_map(|row| &row.cells)
    }
}
