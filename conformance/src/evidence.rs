//! What each clause rests on: where the manual cites it, which scenarios show it, which known faults are found by it.
//!
//! The scenarios are run for it, on the model that does not keep the clause and on every fault. Not here: faults
//! ([`crate::faults`]), and engines that draw ([`crate::power`]).

use serde::{Deserialize, Serialize};
use session_model::Clause;

use crate::faults;
use crate::power::{Budget, Engine, measure};
use crate::subjects::CannotOpen;
use crate::suite::File;

/// The version of the JSON form; fields are added, never changed.
pub const SCHEMA: &str = "sesscheck-evidence-1";

/// All clauses.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// [`SCHEMA`].
    pub schema: String,
    /// In the order of the registry.
    pub clauses: Vec<Row>,
}

/// A clause.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Its id.
    pub clause: String,
    /// Rule, open, …
    pub kind: String,
    /// Files of the manual with the function that cites it, such as `add_session.rs: add_session`.
    pub cited: Vec<String>,
    /// Scenarios that list it and turn red when it is not kept.
    pub bite: Vec<String>,
    /// Further scenarios that list it.
    pub list: Vec<String>,
    /// Faults that a scenario finds, and whose first divergence names this clause.
    pub died: Vec<String>,
    /// Faults that break it, and that a scenario finds by the name of another clause.
    pub died_elsewhere: Vec<String>,
    /// Faults that break it, and that no scenario finds.
    pub survive: Vec<String>,
}

include!(concat!(env!("OUT_DIR"), "/citations.rs"));

impl Evidence {
    /// Runs the scenarios for all of it.
    ///
    /// # Errors
    ///
    /// When a fault is none of a subject.
    pub fn gather(files: &[File]) -> Result<Self, CannotOpen> {
        let faults: Vec<_> = faults::all().iter().collect();
        let budget = Budget { seed: 1, seeds: 1, ops: 0, reductions: 0 };
        let power = measure(&faults, &[Engine::Scenarios], files, budget, &|_| {})?;
        let found: Vec<_> = power.faults.iter().map(|row| (row, row.hits[0][0].as_ref())).collect();
        let row = |clause: Clause| {
            let id = clause.id();
            let listing = files.iter().filter(|file| file.scenario.clauses.iter().any(|listed| listed.value == id));
            let (bite, list): (Vec<_>, Vec<_>) = listing.partition(|file| file.bites(clause));
            let paths = |files: Vec<&File>| files.into_iter().map(|file| file.path.clone()).collect();
            let faults = |which: &dyn Fn(&str, Option<&str>) -> bool| {
                let of = |hit: Option<&crate::power::Hit>| hit.map(|hit| hit.clause.clone());
                let those = found.iter().filter(|(row, hit)| which(&row.clause, of(*hit).as_deref()));
                those.map(|(row, _)| row.fault.clone()).collect()
            };
            Row {
                clause: id.to_owned(),
                kind: clause.entry().kind.name().to_owned(),
                cited: cited(clause),
                bite: paths(bite),
                list: paths(list),
                died: faults(&|_, hit| hit == Some(id)),
                died_elsewhere: faults(&|breaks, hit| breaks == id && hit.is_some_and(|hit| hit != id)),
                survive: faults(&|breaks, hit| breaks == id && hit.is_none()),
            }
        };
        Ok(Self { schema: SCHEMA.to_owned(), clauses: Clause::all().map(row).collect() })
    }

    /// Versioned JSON.
    ///
    /// # Panics
    ///
    /// Never: it is made of texts.
    #[must_use]
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).expect("texts") + "\n"
    }
}

/// Where the manual cites a clause.
#[must_use]
pub fn cited(clause: Clause) -> Vec<String> {
    let constant = clause.id().to_uppercase().replace(['.', '-'], "_");
    let of = CITATIONS.iter().filter(|(cited, ..)| *cited == constant);
    of.map(|(_, file, function)| format!("{file}: {function}")).collect()
}
