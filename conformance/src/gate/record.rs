//! What the main job was measured to find, fault by fault.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Finds, OURS};
use crate::power::{Engine, Power};

/// The version of the form of a record.
pub const SCHEMA: &str = "sesscheck-gate-1";

/// Faults that the main job may miss, each with the reason. A fault that is missed and not here makes a test red.
pub const MISSED: [(&str, &str); 1] =
    [("synonyms", "the old synonyms are in the pages up to 1.0.1 only, and our cache is held to later ones")];

/// A measurement of the main job's power.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// [`SCHEMA`].
    pub schema: String,
    /// The random traces of each lane.
    pub lanes: Vec<(String, u64)>,
    /// The first seed, and how many were tried from there on.
    pub seeds: (u64, usize),
    /// The faults that scenarios find, with the first scenario that does.
    pub scenarios: BTreeMap<String, String>,
    /// The others, with what of a trace `replay` takes, by seed; `None`: missed.
    pub random: BTreeMap<String, Vec<Option<String>>>,
}

impl Record {
    /// The record of what was measured with [`Engine::Gate`] alone; `None`: something else was measured.
    #[must_use]
    pub fn of(power: &Power) -> Option<Self> {
        if power.engines != [Engine::Gate.to_string()] {
            return None;
        }
        let (mut scenarios, mut random) = (BTreeMap::new(), BTreeMap::new());
        for row in &power.faults {
            let origins: Vec<_> = row.hits[0].iter().map(|hit| Some(hit.as_ref()?.origin.clone())).collect();
            match &origins[0] {
                Some(path) if !path.starts_with('-') => drop(scenarios.insert(row.fault.clone(), path.clone())),
                _ => drop(random.insert(row.fault.clone(), origins)),
            }
        }
        let seeds = (power.seed, power.seeds);
        Some(Self { schema: SCHEMA.to_owned(), lanes: lanes(), seeds, scenarios, random })
    }

    /// In sum.
    #[must_use]
    pub fn finds(&self) -> Finds {
        let seeds = self.seeds.1;
        let times = |(name, hits): (&String, &Vec<Option<String>>)| (name.clone(), hits.iter().flatten().count());
        let (always, rest): (Vec<_>, Vec<_>) =
            self.random.iter().map(times).partition(|(_, times)| *times == seeds && *times > 0);
        let (never, sometimes): (Vec<_>, Vec<_>) = rest.into_iter().partition(|(_, times)| *times == 0);
        Finds {
            faults: self.scenarios.len() + self.random.len(),
            scenarios: self.scenarios.len(),
            always: always.len(),
            sometimes,
            never: never.into_iter().map(|(name, _)| name).collect(),
            seeds,
        }
    }

    /// As it is written to a file.
    ///
    /// # Panics
    ///
    /// Never: it is made of texts and numbers.
    #[must_use]
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).expect("texts and numbers") + "\n"
    }
}

/// The lanes of the main job, in words.
#[must_use]
fn lanes() -> Vec<(String, u64)> {
    OURS.iter().map(|(lane, count)| (lane.to_string(), *count)).collect()
}

/// The measurement that comes with this version.
///
/// # Panics
///
/// Never: a test reads it.
#[must_use]
pub fn recorded() -> Record {
    serde_json::from_str(include_str!("../../power/gate.json")).expect("it is tested")
}
