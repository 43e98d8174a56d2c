//! What rules a drill, and where the pages leave open what it shows.

use session_model::{Clause, Profile, Readings};

use super::{Open, Rule, Told};
use crate::check::{Verdict, check};
use crate::judge::judge;
use crate::recording::trace_of;
use crate::subject::Subject;
use crate::subjects::model;
use crate::tally::Tally;
use crate::transcript::Transcript;

/// The clauses that a drill lists.
pub(super) fn rules(told: &Told) -> Vec<Rule> {
    let listed = told.file.scenario.clauses.iter().filter_map(|listed| Clause::by_id(&listed.value));
    let rule = |clause: Clause| {
        let entry = clause.entry();
        Rule {
            clause: entry.id.to_owned(),
            kind: entry.kind.to_string(),
            page: entry.page.to_owned(),
            statement: entry.statement.to_owned(),
        }
    };
    listed.map(rule).collect()
}

/// The axes of which another value would show something else in the drill.
pub(super) fn open(told: &Told) -> Vec<Open> {
    let Some(profile) = told.file.claims_about().last() else { return Vec::new() };
    let ruled = shown(told, &profile);
    let axes = Readings::AXES.iter().filter_map(|axis| {
        let read_as = profile.readings.get(axis.name).expect("an axis has a value");
        let others = axis.values.iter().filter(|value| **value != read_as);
        let under = |value: &str| {
            let mut other = profile;
            other.readings.set(axis.name, value).expect("it is a value of the axis");
            other
        };
        let (trace, tally) = (trace_of(&told.file), &mut Tally::default());
        let others: Vec<_> = others
            .filter(|value| matches!(check(&trace, &under(value), &ruled, tally), Verdict::Diverges(_)))
            .map(|value| (*value).to_owned())
            .collect();
        let stated = others.iter().any(|value| !judge(&told.file.scenario, &shown(told, &under(value))).is_empty());
        let (axis, clause) = (axis.name.to_owned(), axis.clause.id().to_owned());
        (!others.is_empty()).then(|| Open { axis, clause, read_as: read_as.to_owned(), others, stated })
    });
    axes.collect()
}

/// What the model shows of a drill under a profile.
pub(super) fn shown(told: &Told, profile: &Profile) -> Transcript {
    let mut transcript = Transcript::default();
    model::subject("model", *profile).run(&trace_of(&told.file), &mut transcript);
    transcript
}
