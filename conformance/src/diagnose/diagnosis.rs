//! What a diagnosis comes to: a value that is printed as text or JSON.
//!
//! Its JSON form is versioned by [`SCHEMA`]; fields are added, never changed.

use serde::{Deserialize, Serialize};

use crate::profiles::Document;
use crate::report::{Found, NotRun};

/// The version of the JSON form.
pub const SCHEMA: &str = "sesscheck-diagnosis-1";

/// How it ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The subject conforms with the pure manual.
    Conforms,
    /// The profile explains everything.
    Explained,
    /// Something is new, or unstable.
    New,
    /// Time was up before anything could be confirmed.
    NotConfirmed,
}

/// What was found out about a subject.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Diagnosis {
    /// [`SCHEMA`].
    pub schema: String,
    /// As on the command line.
    pub subject: String,
    /// What it says of itself.
    pub about: String,
    /// How it ended.
    pub outcome: Outcome,
    /// The profile.
    pub profile: Document,
    /// Its entries.
    pub entries: Vec<Explained>,
    /// What no profile explains.
    pub new: Vec<Found>,
    /// Clauses each of which, not kept, explains all that is new beside the profile.
    pub suspects: Vec<String>,
    /// What came once and not again.
    pub unstable: Vec<NotRun>,
    /// Choices that the pages leave open, and with which values all evidence agrees.
    pub latitudes: Vec<Latitude>,
    /// Entries that nothing is known of.
    pub open: Vec<NotRun>,
    /// What was not run.
    pub not_run: Vec<NotRun>,
    /// What it was confirmed on.
    pub assurance: Assurance,
}

/// An entry of the profile, and why it is there.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Explained {
    /// A departure's name, or `axis: value`.
    pub name: String,
    /// The clause.
    pub clause: String,
    /// What the clause says, in our words.
    pub statement: String,
    /// What is done instead.
    pub instead: String,
    /// The shortest scenario on which the subject conforms with the entry and diverges without; none: a latitude.
    pub scenario: Option<String>,
    /// How many steps it has.
    pub steps: usize,
}

/// A choice that the pages leave to the subject.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Latitude {
    /// The axis.
    pub axis: String,
    /// The values with which everything that was seen agrees.
    pub agrees_with: Vec<String>,
}

/// What a profile was confirmed on.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Assurance {
    /// Pieces of evidence that it was worked out on.
    pub evidence: usize,
    /// Scenarios among them.
    pub scenarios: usize,
    /// Traces of the last round, which agreed from end to end.
    pub traces: u64,
    /// Their ops.
    pub ops: u64,
    /// Handshakes among them.
    pub handshakes: u64,
    /// Choices that the pages leave open among them.
    pub latitudes: u64,
    /// Their seeds, which were used for nothing else.
    pub seeds: Vec<u64>,
    /// Traces that came to what is reported as new.
    pub alike: u64,
    /// Whether the whole budget was run.
    pub whole: bool,
}

impl Diagnosis {
    /// The exit status: 0 explained, 1 something is new, 2 nothing could be confirmed.
    #[must_use]
    pub fn status(&self) -> u8 {
        match self.outcome {
            Outcome::Conforms | Outcome::Explained => 0,
            Outcome::New => 1,
            Outcome::NotConfirmed => 2,
        }
    }

    /// The diagnosis as JSON, indented, with a newline at the end.
    ///
    /// # Panics
    ///
    /// Never: a diagnosis has only string keys.
    #[must_use]
    pub fn json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("a diagnosis is JSON");
        text.push('\n');
        text
    }

    /// The profile as YAML.
    ///
    /// # Panics
    ///
    /// Never: a profile has only string keys.
    #[must_use]
    pub fn yaml(&self) -> String {
        serde_yaml::to_string(&self.profile).expect("a profile is YAML")
    }
}
