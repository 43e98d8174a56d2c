//! How a subject stands to one clause, and all that the report has to say so.
//!
//! Not here: how it is drawn.

use std::collections::BTreeMap;

use session_model::Clause;

use crate::report::{Accepted, Ended, Known, Report, ScenarioCounts, Standing, SubjectReport};

/// How a subject stands to a clause; the worst first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum State {
    /// It departs from the clause, and nothing explains it.
    New,
    /// A scenario that lists the clause, or a random trace in it, came out otherwise once, and not when it was run again.
    Unstable,
    /// It departs from the clause as its ledger accepts.
    Accepted,
    /// It departs from the clause as its profile knows.
    Known,
    /// It settles the clause otherwise than the pure manual, in a way that a reading allows.
    Reading,
    /// What was run agrees with the clause.
    Conforms,
    /// The model, held against itself.
    SelfCheck,
    /// What was run departs in another clause first, as its profile knows: it does not decide this one.
    Elsewhere,
    /// The report does not have what scenarios came to.
    Untold,
    /// Nothing that was run shows the clause.
    NotRun,
}

impl State {
    /// All of them, in the order of the legend.
    pub(super) const ALL: [Self; 10] = [
        Self::Conforms,
        Self::Reading,
        Self::Known,
        Self::Accepted,
        Self::New,
        Self::Unstable,
        Self::Elsewhere,
        Self::Untold,
        Self::NotRun,
        Self::SelfCheck,
    ];

    /// A sign that no other has, so that colour is never the only one.
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::New => "✗",
            Self::Unstable => "?",
            Self::Accepted => "!",
            Self::Known => "◆",
            Self::Reading => "≈",
            Self::Conforms => "✓",
            Self::SelfCheck => "=",
            Self::Elsewhere => "↷",
            Self::Untold => "…",
            Self::NotRun => "–",
        }
    }

    /// In a word or two, for a cell.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Unstable => "unstable",
            Self::Accepted => "accepted",
            Self::Known => "known",
            Self::Reading => "reading",
            Self::Conforms => "conforms",
            Self::SelfCheck => "self-check",
            Self::Elsewhere => "known elsewhere",
            Self::Untold => "not told",
            Self::NotRun => "not run",
        }
    }

    /// What it means.
    pub(super) fn means(self) -> &'static str {
        match self {
            Self::New => "diverges, and nothing explains it",
            Self::Unstable => "came out otherwise once, and not when it was run again",
            Self::Accepted => "diverges as the ledger accepts",
            Self::Known => "diverges as the profile knows",
            Self::Reading => "reads an open clause otherwise than the pure manual",
            Self::Conforms => "what was run agrees with it",
            Self::SelfCheck => "the model, held against itself: no word about conformance",
            Self::Elsewhere => "otherwise as known: what was run departs in another clause first",
            Self::Untold => "the report does not tell what its scenarios came to",
            Self::NotRun => "nothing that was run shows it",
        }
    }

    /// The class of its cells.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::SelfCheck | Self::Elsewhere | Self::Untold | Self::NotRun => "none",
            Self::Unstable => "new",
            other => other.word(),
        }
    }
}

/// How often each outcome came, of the scenarios that list a clause.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct Counts {
    /// As the pages.
    pub(super) conforms: usize,
    /// Otherwise, as the profile knows.
    pub(super) known: usize,
    /// Otherwise, as the ledger accepts.
    pub(super) accepted: usize,
    /// Otherwise, in this clause.
    pub(super) here: usize,
    /// Otherwise, in another clause.
    pub(super) elsewhere: usize,
    /// Otherwise once.
    pub(super) unstable: usize,
    /// Not run.
    pub(super) not_run: usize,
}

/// A cell.
pub(super) struct Cell<'r> {
    pub(super) state: State,
    /// Of the scenarios that list the clause.
    pub(super) scenarios: Counts,
    /// How often the clause decided in random traces that agree.
    pub(super) random: u64,
    /// What the profile knows on it.
    pub(super) known: Vec<&'r Known>,
    /// What the ledger accepts on it.
    pub(super) accepted: Vec<&'r Accepted>,
    /// Divergences in it, by their place in the list of the subject.
    pub(super) found: Vec<usize>,
    /// Whether random traces part in it that were not reduced.
    pub(super) unreduced: bool,
}

/// A clause, with the scenarios that list it in order of path, and a cell a subject.
pub(super) struct Row<'r> {
    pub(super) clause: Clause,
    pub(super) scenarios: Vec<&'r str>,
    pub(super) cells: Vec<Cell<'r>>,
}

/// A row a clause, in the order of the registry.
pub(super) fn rows(report: &Report) -> Vec<Row<'_>> {
    let mut listing: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (scenario, clauses) in &report.manual.clauses {
        for clause in clauses {
            listing.entry(clause).or_default().push(scenario);
        }
    }
    let row = |clause: Clause| {
        let scenarios = listing.remove(clause.id()).unwrap_or_default();
        let cells = report.subjects.iter().map(|subject| Cell::of(report, subject, clause.id(), &scenarios)).collect();
        Row { clause, scenarios, cells }
    };
    Clause::all().map(row).collect()
}

/// Whether a report has what the scenarios came to on a subject: one of an earlier version has only how many.
pub(super) fn tells(report: &Report, subject: &SubjectReport) -> bool {
    let ScenarioCounts { conforms, diverges_known, accepted, diverges, not_run } = subject.scenarios;
    let none = conforms + diverges_known + accepted + diverges + not_run == 0;
    (report.manual.scenarios == 0 || !report.manual.clauses.is_empty()) && (none || !subject.ended.is_empty())
}

impl<'r> Cell<'r> {
    /// The cell of a subject and a clause, with the scenarios that list the clause.
    fn of(report: &Report, subject: &'r SubjectReport, clause: &str, listing: &[&str]) -> Self {
        let mut scenarios = Counts::default();
        for ended in listing.iter().filter_map(|scenario| subject.ended.get(*scenario)) {
            *match ended {
                Ended::Conforms => &mut scenarios.conforms,
                Ended::DivergesKnown => &mut scenarios.known,
                Ended::Accepted(_) => &mut scenarios.accepted,
                Ended::Diverges(in_it) if in_it == clause => &mut scenarios.here,
                Ended::Diverges(_) => &mut scenarios.elsewhere,
                Ended::Unstable => &mut scenarios.unstable,
                Ended::NotRun => &mut scenarios.not_run,
            } += 1;
        }
        let found = subject.divergences.iter().enumerate().filter(|(_, found)| found.parted.clause == clause);
        let mut cell = Self {
            state: State::NotRun,
            scenarios,
            random: subject.clauses.get(clause).copied().unwrap_or(0),
            known: subject.known.iter().filter(|known| known.clause == clause).collect(),
            accepted: subject.accepted.iter().filter(|accepted| accepted.parted.clause == clause).collect(),
            found: found.map(|(n, _)| n).collect(),
            unreduced: subject.unreduced.contains(clause),
        };
        let parts = |ended: &Ended| matches!(ended, Ended::Diverges(in_it) if in_it == clause);
        let parts = cell.unreduced || !cell.found.is_empty() || subject.ended.values().any(parts);
        cell.state = match cell.stands(subject, clause, parts) {
            State::Conforms | State::Elsewhere | State::NotRun if !tells(report, subject) => State::Untold,
            state => state,
        };
        cell
    }

    fn stands(&self, subject: &SubjectReport, clause: &str, parts: bool) -> State {
        let is_reading = |known: &Known| known.name.contains(": ");
        // What a profile knows and nothing that was run shows is a claim, no evidence.
        let agrees = self.scenarios.conforms > 0 || self.random > 0;
        let shown = agrees || self.scenarios.known > 0;
        if parts {
            State::New
        } else if self.scenarios.unstable > 0 || subject.unstable_clauses.contains(clause) {
            State::Unstable
        } else if !self.accepted.is_empty() {
            State::Accepted
        } else if !shown {
            State::NotRun
        } else if subject.verdict == Standing::SelfCheck {
            State::SelfCheck
        } else if self.known.iter().any(|known| !is_reading(known)) {
            State::Known
        } else if self.known.iter().any(|known| is_reading(known)) {
            State::Reading
        } else if !agrees {
            // A scenario that departs as the profile knows may depart in another clause that it lists.
            State::Elsewhere
        } else {
            State::Conforms
        }
    }
}
