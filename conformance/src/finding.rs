//! A divergence as it travels: between processes, into reports and back.

use serde::{Deserialize, Serialize};

use crate::check::Verdict;
use crate::divergence::Divergence;

/// A divergence in words that can be written down.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parted {
    /// The clause that is broken; of a hazards trace, `hazard: ` and the hazards that it has.
    pub clause: String,
    /// What differs, in a word or two.
    pub kind: String,
    /// The op's word.
    pub op: String,
    /// Where, in words.
    pub place: String,
    /// Which of the executed ops, counted from 0.
    pub index: usize,
    /// What the manual rules.
    pub ruled: String,
    /// What was seen.
    pub seen: String,
}

/// What came of one trace.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Came {
    /// It agrees with the manual under the profile.
    Conforms,
    /// It departs, first here.
    Diverges(Parted),
    /// It was not run: why.
    NotRun(String),
    /// It took the subject down once and not when it was run again: how.
    Unstable(String),
    /// A hazards trace was carried out to its end: no word about conformance.
    Completed,
    /// A hazards trace took the subject down, or made it grow.
    WentDown(Parted),
}

impl Parted {
    /// What makes this the same finding as another: clause, op and kind of difference.
    #[must_use]
    pub fn key(&self) -> (String, String, String) {
        (self.clause.clone(), self.op.clone(), self.kind.clone())
    }

    /// The same in words.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {} {}", self.clause, self.op, self.kind)
    }

    /// Whether a shorter trace still shows the same: clause and kind.
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        (&self.clause, &self.kind) == (&other.clause, &other.kind)
    }
}

impl From<&Divergence> for Parted {
    fn from(d: &Divergence) -> Self {
        Self {
            clause: d.clause.id().to_owned(),
            kind: d.kind.name(),
            op: d.op.verb().to_owned(),
            place: d.place.to_string(),
            index: d.index,
            ruled: d.ruled.clone(),
            seen: d.seen.clone(),
        }
    }
}

impl From<&Verdict> for Came {
    fn from(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Conforms => Self::Conforms,
            Verdict::Diverges(divergence) => Self::Diverges(divergence.as_ref().into()),
            Verdict::NotRun(why) => Self::NotRun(why.clone()),
        }
    }
}
