//! Reduced traces beside the shortest ones that the exhaustive search knows.
//!
//! That search runs the shortest traces first, so the first one that shows a fault is the shortest of its scopes. Not
//! here: the search ([`crate::exhaust`]) and the reducer ([`crate::reduce`]).

use serde::{Deserialize, Serialize};

use super::{Engine, Hit, Power, Row};

/// An engine's reduced traces beside the shortest ones.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Beside {
    /// The engine.
    pub engine: String,
    /// Reduced traces that were compared: one a seed, of each fault that the exhaustive search finds too.
    pub compared: usize,
    /// Of these, those that have more than 1.5 times the steps of the shortest one.
    pub longer: usize,
    /// The one that is longest beside the shortest one.
    pub worst: Option<Ratio>,
    /// The same among those only that break the clause which the shortest one breaks: a reduction keeps its clause.
    pub worst_of_clause: Option<Ratio>,
}

/// A reduced trace and the shortest one of its fault.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ratio {
    /// The fault.
    pub fault: String,
    /// Where the trace that was reduced came from.
    pub origin: String,
    /// How many steps are left of it; a `repeat` counts its block and one.
    pub steps: usize,
    /// How many the shortest one has, counted alike.
    pub shortest: usize,
}

impl Ratio {
    /// Whether it has more than 1.5 times the steps.
    #[must_use]
    pub fn is_longer(&self) -> bool {
        2 * self.steps > 3 * self.shortest
    }

    /// Of several the one that is worst; the first one of equals.
    fn worst<'r>(ratios: impl Iterator<Item = &'r Self>) -> Option<Self> {
        let worse = |one: &'r Self, other: &'r Self| {
            if other.steps * one.shortest > one.steps * other.shortest { other } else { one }
        };
        ratios.reduce(worse).cloned()
    }
}

impl std::fmt::Display for Ratio {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { fault, steps, shortest, .. } = self;
        let ratio = *steps as f64 / (*shortest).max(1) as f64;
        write!(f, "{ratio:.2} ({fault}, {steps} where {shortest} will do)")
    }
}

/// Each engine beside the exhaustive one; nothing when that one was not measured.
pub(super) fn beside(power: &Power) -> Vec<Beside> {
    let Some(exhaustive) = power.engines.iter().position(|engine| *engine == Engine::Exhaustive.to_string()) else {
        return Vec::new();
    };
    power.engines.iter().enumerate().map(|(at, engine)| of_engine(&power.faults, at, engine, exhaustive)).collect()
}

fn of_engine(rows: &[Row], at: usize, engine: &str, exhaustive: usize) -> Beside {
    let compared: Vec<(Ratio, bool)> = rows
        .iter()
        .filter_map(|row| Some((row, shortest(row, exhaustive)?)))
        .flat_map(|(row, known)| row.hits[at].iter().flatten().map(move |hit| (row, hit, known)))
        .map(|(row, hit, known)| {
            let (fault, origin) = (row.fault.clone(), hit.origin.clone());
            let (steps, shortest) = (hit.steps.1, known.steps.1);
            (Ratio { fault, origin, steps, shortest }, hit.clause == known.clause)
        })
        .collect();
    Beside {
        engine: engine.to_owned(),
        compared: compared.len(),
        longer: compared.iter().filter(|(ratio, _)| ratio.is_longer()).count(),
        worst: Ratio::worst(compared.iter().map(|(ratio, _)| ratio)),
        worst_of_clause: Ratio::worst(compared.iter().filter(|(_, same)| *same).map(|(ratio, _)| ratio)),
    }
}

fn shortest(row: &Row, exhaustive: usize) -> Option<&Hit> {
    row.hits[exhaustive].iter().flatten().min_by_key(|hit| hit.steps.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratio(steps: usize, shortest: usize) -> Ratio {
        Ratio { fault: format!("{steps}/{shortest}"), origin: String::new(), steps, shortest }
    }

    #[test]
    fn the_worst_is_so_beside_the_shortest_and_not_by_itself() {
        let worst = |ratios: &[Ratio]| Ratio::worst(ratios.iter()).map(|worst| worst.fault);
        assert_eq!(worst(&[ratio(9, 6), ratio(2, 1), ratio(4, 2)]).as_deref(), Some("2/1"));
        assert_eq!(worst(&[]), None);
    }

    #[test]
    fn one_and_a_half_times_is_not_longer() {
        assert_eq!([(3, 2), (4, 3), (5, 3), (2, 1)].map(|(a, b)| ratio(a, b).is_longer()), [false, false, true, true]);
        assert_eq!(ratio(5, 3).to_string(), "1.67 (5/3, 5 where 3 will do)");
    }
}
