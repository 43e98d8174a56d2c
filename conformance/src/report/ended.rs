//! What one scenario came to on a subject.

use serde::{Deserialize, Serialize};

/// What a scenario came to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// As it claims of the pages.
    Conforms,
    /// Otherwise, as the subject's profile knows.
    DivergesKnown,
    /// Otherwise, in this clause, as the ledger accepts.
    Accepted(String),
    /// Otherwise, in this clause, and nothing explains it.
    Diverges(String),
    /// Otherwise once, and not when it was run again.
    Unstable,
    /// It was not run.
    NotRun,
}
