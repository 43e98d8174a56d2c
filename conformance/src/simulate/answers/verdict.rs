//! What was held against the model while the run went on, and what came of it. Not here: how it is held, and how a
//! divergence becomes a scenario, which the service knows.

use serde::Serialize;

use crate::simulate::event::{Moment, Server};

/// What was checked, and what was found.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Checked {
    /// Events after which the subject and the model were compared.
    pub events: u64,
    /// What was checked and what was not, in a sentence; empty: the numbers say all.
    pub how: String,
    /// What was found, in the order in which it came.
    pub found: Vec<Breach>,
}

/// A divergence from the model, or a promise that was broken.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Breach {
    /// When, in microseconds.
    pub at: u64,
    /// At which server.
    pub server: u16,
    /// In one line: what, where, what the manual rules, what was seen, the clause.
    pub headline: String,
    /// The rest: the reduced trace as a scenario, and the command that shows it again.
    pub told: String,
}

impl Breach {
    /// What was found at an event, as the report of a check tells it: a headline, and all below it.
    #[must_use]
    pub fn new(at: Moment, server: Server, told: &str) -> Self {
        let (headline, rest) = told.split_once('\n').unwrap_or((told, ""));
        Self { at: at.0, server: server.0, headline: headline.to_owned(), told: rest.to_owned() }
    }
}
