//! What a search came to, scope by scope.

use serde::{Deserialize, Serialize};

use super::search::Searched;
use super::walk::Walk;
use crate::report::{Found, NotRun};

/// The version of the JSON form; fields are added, never changed.
pub const SCHEMA: &str = "sesscheck-exhaust-1";

/// A search of several scopes on one subject.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exhausted {
    /// [`SCHEMA`].
    pub schema: String,
    /// The subject, as on the command line.
    pub subject: String,
    /// What it says of itself.
    pub about: String,
    /// The profile that it is held to.
    pub profile: String,
    /// How many milliseconds it took, reductions included.
    pub millis: u64,
    /// The scopes.
    pub scopes: Vec<Covered>,
}

/// How far one scope was searched.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Covered {
    /// The scope.
    pub scope: String,
    /// What is in it.
    pub about: String,
    /// Every trace of up to so many letters is covered, but for what was not run and what would follow it.
    pub complete: usize,
    /// Whether longer ones show no new state. Never so where something was not run, or was unstable.
    pub closed: bool,
    /// Behaviours that were run: distinct pairs of canonical state and op.
    pub behaviours: u64,
    /// Those of them that the subject refused.
    pub refused: u64,
    /// States that were gone on from.
    pub states: u64,
    /// Ops that were run, those of the last phases included.
    pub ops: u64,
    /// Behaviours in which the subject departs.
    pub diverged: u64,
    /// What was found here and in no scope before, once each: by a trace as short as the scope has one, then reduced.
    pub found: Vec<Found>,
    /// What took the subject down once, and not when it was run again.
    pub unstable: Vec<NotRun>,
    /// What was not run, and why.
    pub not_run: Option<NotRun>,
    /// Why it ended before the length that was asked for.
    pub ended_early: Option<String>,
}

impl Covered {
    /// What a walk and a subject came to; `found`: the reduced findings.
    #[must_use]
    pub fn of(walk: &Walk, searched: &Searched, found: Vec<Found>, ended_early: Option<String>) -> Self {
        let (scope, counts) = (walk.scope(), walk.counts());
        let unstable = |(word, why): &(super::Word, String)| NotRun { what: word.to_string(), why: why.clone() };
        let (times, why) = &searched.not_run;
        let full = counts.full.then(|| "there are more states than there is memory for".to_owned());
        Self {
            scope: scope.name.to_owned(),
            about: scope.about.to_owned(),
            complete: counts.complete,
            closed: counts.closed && *times == 0 && searched.unstable.is_empty(),
            behaviours: counts.behaviours,
            refused: *times,
            states: counts.states,
            ops: searched.ops,
            diverged: searched.diverged,
            found,
            unstable: searched.unstable.iter().map(unstable).collect(),
            not_run: (*times > 0).then(|| NotRun { what: format!("{times} behaviours"), why: why.clone() }),
            ended_early: full.or(ended_early),
        }
    }
}

impl Exhausted {
    /// 0: nothing was found; 1: something was; 2: nothing was run.
    #[must_use]
    pub fn status(&self) -> u8 {
        if self.scopes.iter().any(|covered| covered.diverged > 0 || !covered.unstable.is_empty()) {
            1
        } else if self.scopes.iter().all(|covered| covered.refused == covered.behaviours) {
            2
        } else {
            0
        }
    }

    /// Versioned JSON.
    ///
    /// # Panics
    ///
    /// Never: it is made of texts and numbers.
    #[must_use]
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).expect("texts and numbers") + "\n"
    }
}
