//! What parent and worker say to each other, JSON a line.

use serde::{Deserialize, Serialize};

use crate::finding::{Came, Parted};
use crate::profiles::Document;
use crate::scenario::{self, Header};
use crate::source::Lane;
use crate::trace::Trace;

/// What a worker is asked.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Request {
    /// Run one trace, written as a scenario, and check it. With `careful`, each step is announced before it runs.
    Check {
        /// The trace.
        trace: String,
        /// Whether everything is shown at each step.
        everything: bool,
        /// Whether each step is announced.
        careful: bool,
        /// What it is held to.
        profile: Document,
    },
    /// Run one trace, written as a scenario, and show what it showed.
    Show {
        /// The trace.
        trace: String,
        /// Whether everything is shown at each step.
        everything: bool,
        /// Whether each step is announced.
        careful: bool,
    },
    /// Run random traces and check them.
    Random(Random),
}

impl Request {
    /// The request of this line.
    ///
    /// # Errors
    ///
    /// When the line is none.
    pub fn read(line: &str) -> serde_json::Result<Self> {
        serde_json::from_str(line)
    }

    /// The line that says it, without the line's end.
    ///
    /// # Panics
    ///
    /// Never: a request has only string keys.
    #[must_use]
    pub fn line(&self) -> String {
        serde_json::to_string(self).expect("a request is JSON")
    }
}

/// A range of random traces.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Random {
    /// The seed.
    pub seed: u64,
    /// `direct`, `handshakes`, `mixed` or `hazards`.
    pub lane: String,
    /// The first trace.
    pub first: u64,
    /// How many.
    pub count: u64,
    /// What they are held to.
    pub profile: Document,
}

/// What a worker replies.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Reply {
    /// The subject is open; what it says of itself, and its own profile.
    Ready(String, Document),
    /// The subject cannot be opened: why.
    CannotOpen(String),
    /// This step is about to run.
    Step(u32),
    /// Rounds of a hazards trace go on.
    Alive,
    /// What came of the trace.
    Checked(Came),
    /// The transcript, as [`crate::recording::write_transcript`] writes it.
    Shown(String),
    /// Every trace before this number is done; what they went through since the last report.
    Progress(u64, Counts),
    /// The random trace of this number diverges, in a way not reported before.
    Found(u64, Parted),
    /// All that was asked for is done.
    Done,
    /// What was asked for means nothing here: why.
    Cannot(String),
}

impl Reply {
    /// The reply of this line.
    ///
    /// # Errors
    ///
    /// When the line is none.
    pub fn read(line: &str) -> serde_json::Result<Self> {
        serde_json::from_str(line)
    }

    /// The line that says it, without the line's end.
    ///
    /// # Panics
    ///
    /// Never: a reply has only string keys.
    #[must_use]
    pub fn line(&self) -> String {
        serde_json::to_string(self).expect("a reply is JSON")
    }
}

/// A [`crate::tally::Tally`] on its way, clauses and outcomes by their places.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Counts {
    pub traces: u64,
    pub cut: u64,
    pub ops: u64,
    pub handshakes: u64,
    pub latitudes: u64,
    pub absent: u64,
    pub diverged: u64,
    pub not_run: u64,
    pub why_not: Option<String>,
    pub cited: Vec<u64>,
    pub outcomes: Vec<u64>,
}

/// A lane by its word.
#[must_use]
pub fn lane(word: &str) -> Option<Lane> {
    Some(match word {
        "direct" => Lane::Direct,
        "handshakes" => Lane::Handshakes,
        "mixed" => Lane::Mixed,
        "tickets" => Lane::Tickets,
        "hazards" => Lane::Hazards,
        "uniform" => Lane::Uniform,
        "mutated" => Lane::Mutated,
        "scopes" => Lane::Scopes,
        _ => return None,
    })
}

/// The word of a lane.
#[must_use]
pub fn lane_word(lane: Lane) -> &'static str {
    match lane {
        Lane::Direct => "direct",
        Lane::Handshakes => "handshakes",
        Lane::Mixed => "mixed",
        Lane::Tickets => "tickets",
        Lane::Hazards => "hazards",
        Lane::Uniform => "uniform",
        Lane::Mutated => "mutated",
        Lane::Scopes => "scopes",
    }
}

/// A trace as it travels: a scenario that claims nothing.
#[must_use]
pub fn text_of_trace(trace: &Trace) -> String {
    scenario::write(trace, &Header { title: "a trace".to_owned(), ..Header::default() }, &[], &[])
}

/// The trace that travelled.
///
/// # Errors
///
/// The first mistake of the text.
pub fn trace_of_text(text: &str) -> Result<Trace, String> {
    match scenario::parse("trace", text, &crate::suite::vocabulary()) {
        Ok(scenario) => Ok(scenario.trace),
        Err(mistakes) => Err(mistakes.first().map_or_else(String::new, ToString::to_string)),
    }
}
