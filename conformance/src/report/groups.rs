//! What a report has many of, together: findings that are alike, and reasons for which things were not run.
//!
//! Not here: the report itself, in which each stands by itself.

use super::{Found, NotRun, SubjectReport};

/// Findings of the same clause, op and kind.
#[derive(Clone, Debug)]
pub struct Alike<'r> {
    /// The one with the fewest steps; of several the first.
    pub shortest: &'r Found,
    /// The others, in their order.
    pub others: Vec<&'r Found>,
}

impl Alike<'_> {
    /// How many others there are, and where the first of them were come upon; `None`: there is none.
    #[must_use]
    pub fn others(&self) -> Option<String> {
        const NAMED: usize = 3;
        let places = |found: &&Found| match &found.origin {
            super::Origin::Random { lane, number } => format!("{lane} {number}"),
            _ => found.known_by(),
        };
        let named: Vec<_> = self.others.iter().take(NAMED).map(places).collect();
        let more = match self.others.len() {
            0 => return None,
            n if n > NAMED => format!(", and {} more", n - NAMED),
            _ => String::new(),
        };
        Some(format!("alike, {} more: {}{more}", self.others.len(), named.join(", ")))
    }
}

/// These findings, those that are alike together, in the order of the first of each.
#[must_use]
pub fn alike<'r>(all: impl Iterator<Item = &'r Found>) -> Vec<Alike<'r>> {
    let mut groups: Vec<Alike<'r>> = Vec::new();
    for found in all {
        match groups.iter_mut().find(|group| group.shortest.parted.key() == found.parted.key()) {
            Some(group) if found.steps.0 < group.shortest.steps.0 => {
                group.others.insert(0, std::mem::replace(&mut group.shortest, found));
            }
            Some(group) => group.others.push(found),
            None => groups.push(Alike { shortest: found, others: Vec::new() }),
        }
    }
    groups
}

impl NotRun {
    /// How many traces or scenarios it is: `12 random direct traces` are 12.
    #[must_use]
    pub fn how_many(&self) -> u64 {
        let traces = self.what.strip_suffix(" traces").and_then(|what| what.split_once(' '));
        traces.and_then(|(number, _)| number.parse().ok()).unwrap_or(1)
    }
}

impl SubjectReport {
    /// Why something was not run, each reason once, with how many traces and scenarios it kept from being run.
    #[must_use]
    pub fn reasons(&self) -> Vec<(&str, u64)> {
        let mut reasons: Vec<(&str, u64)> = Vec::new();
        for not_run in &self.not_run {
            match reasons.iter_mut().find(|(why, _)| *why == not_run.why) {
                Some((_, times)) => *times = times.saturating_add(not_run.how_many()),
                None => reasons.push((&not_run.why, not_run.how_many())),
            }
        }
        reasons
    }
}
