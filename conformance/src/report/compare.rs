//! A report held against an earlier one: what is new, what is gone, and what is another.
//!
//! Not here: what a report says by itself.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Report, SubjectReport};

/// What a difference is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aspect {
    /// How a subject stands.
    Verdict,
    /// A claim of a scenario that the model does not bear out.
    Claim,
    /// A divergence that nothing explains, or a subject that goes down.
    Divergence,
    /// What came once and not again.
    Unstable,
    /// An entry of a ledger that does not hold any more.
    Stale,
    /// What was not run.
    NotRun,
    /// What a ledger accepts.
    Accepted,
    /// What a profile knows.
    Known,
}

/// How something is another than it was.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Change {
    /// It was not there.
    New,
    /// It is not there any more.
    Gone,
    /// It says something else.
    Changed,
}

/// One difference.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Difference {
    /// The subject; `manual`: the scenarios as claims.
    pub subject: String,
    /// What it is about.
    pub aspect: Aspect,
    /// What it is known by: a scenario's file, or clause, op and kind of a random finding.
    pub what: String,
    /// What was said of it; `None`: nothing.
    pub was: Option<String>,
    /// What is said of it now; `None`: nothing.
    pub is: Option<String>,
}

/// A report beside an earlier one.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Compared {
    /// The earlier report's file.
    pub file: String,
    /// Whether the exit status depends on what is new or changed alone.
    pub only_new: bool,
    /// The differences, in order of subject and aspect.
    pub differences: Vec<Difference>,
}

impl Difference {
    /// How it is another.
    #[must_use]
    pub fn change(&self) -> Change {
        match (&self.was, &self.is) {
            (None, _) => Change::New,
            (Some(_), None) => Change::Gone,
            (Some(_), Some(_)) => Change::Changed,
        }
    }

    /// Whether something is worse than it was, or may hide that it is.
    #[must_use]
    pub fn is_worse(&self) -> bool {
        match self.aspect {
            // A subject that is gone is not looked at any more, and one that is red may be so for what is not told.
            Aspect::Verdict => {
                let red = |words: &str| ["diverges under", "goes down"].iter().any(|red| words.starts_with(red));
                self.is.as_deref().is_none_or(red)
            }
            Aspect::Accepted | Aspect::Known => false,
            _ => self.is.is_some(),
        }
    }
}

impl Compared {
    /// How many are new, gone and changed, verdicts apart.
    #[must_use]
    pub fn counts(&self) -> [usize; 3] {
        let items = || self.differences.iter().filter(|difference| difference.aspect != Aspect::Verdict);
        [Change::New, Change::Gone, Change::Changed]
            .map(|change| items().filter(|difference| difference.change() == change).count())
    }
}

/// What is another in `now` than in `then`.
#[must_use]
pub fn compare(then: &Report, now: &Report) -> Vec<Difference> {
    let (then, now) = (said(then), said(now));
    let all: BTreeSet<_> = then.keys().chain(now.keys()).collect();
    let differences = all.into_iter().filter_map(|key| {
        let (was, is) = (then.get(key).cloned(), now.get(key).cloned());
        let (subject, aspect, what) = key.clone();
        (was != is).then_some(Difference { subject, aspect, what, was, is })
    });
    differences.collect()
}

/// What something is known by in each report: a count in front of what was not run may be another one each time.
pub(super) fn known_by(aspect: Aspect, what: &str) -> &str {
    match what.split_once(' ') {
        Some((count, rest)) if aspect == Aspect::NotRun && count.bytes().all(|byte| byte.is_ascii_digit()) => rest,
        _ => what,
    }
}

type Said = BTreeMap<(String, Aspect, String), String>;

/// All that a report says, by what it is known by.
fn said(report: &Report) -> Said {
    let mut said = Said::new();
    for claim in &report.manual.unmet {
        let key = ("manual".to_owned(), Aspect::Claim, claim.place.clone());
        said.insert(key, claim.to_string());
    }
    for subject in &report.subjects {
        of_subject(subject, &mut said);
    }
    said
}

fn of_subject(subject: &SubjectReport, said: &mut Said) {
    let name = &subject.subject;
    let mut say = |aspect, what: String, words: String| {
        said.insert((name.clone(), aspect, known_by(aspect, &what).to_owned()), words);
    };
    say(Aspect::Verdict, String::new(), format!("{} under profile {}", subject.verdict, subject.profile));
    let gone = subject.hazards.iter().flat_map(|hazards| hazards.known.iter().chain(&hazards.found));
    for found in subject.divergences.iter().chain(gone) {
        say(Aspect::Divergence, found.known_by(), found.headline(name));
    }
    for accepted in &subject.accepted {
        say(Aspect::Accepted, accepted.scenario.clone(), format!("{}: {}", accepted.parted.name(), accepted.reason));
    }
    for known in &subject.known {
        say(Aspect::Known, known.name.clone(), known.instead.clone());
    }
    let lists = [(Aspect::Unstable, &subject.unstable), (Aspect::Stale, &subject.stale)];
    for (aspect, list) in lists.into_iter().chain([(Aspect::NotRun, &subject.not_run)]) {
        for not_run in list {
            say(aspect, not_run.what.clone(), not_run.why.clone());
        }
    }
    if subject.ended_early.is_some() {
        say(Aspect::NotRun, "the rest of the random traces".to_owned(), "the time limit".to_owned());
    }
}
