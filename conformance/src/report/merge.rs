//! The reports of all shards of one check, put together: what the whole would have reported, but for what was not run,
//! which stands shard by shard, and for the most findings that are reduced, which hold for each.

use std::collections::BTreeMap;

use super::{Found, Origin, Report, SCHEMA, SubjectReport};
use crate::campaign::Shard;
use crate::verify::standing;

/// Why reports cannot be put together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CannotMerge(pub String);

impl std::fmt::Display for CannotMerge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for CannotMerge {}

/// Puts reports together, each with the name by which it is told.
///
/// # Errors
///
/// When they are not all shards of one check, each once: of one schema, seed, set of scenarios, subjects, profiles and
/// random traces asked for, and ledgers.
pub fn merge(reports: Vec<(String, Report)>) -> Result<Report, CannotMerge> {
    let mut reports = reports;
    reports.sort_by_key(|(_, report)| report.shard);
    same_check(&reports)?;
    let (_, first) = reports.first().expect("there is a first");
    let mut whole = Report { shard: Shard::WHOLE, power: None, baseline: None, ..first.clone() };
    for (_, report) in &reports[1..] {
        for (into, from) in whole.subjects.iter_mut().zip(&report.subjects) {
            add(into, from);
        }
    }
    for subject in &mut whole.subjects {
        in_order(&mut subject.divergences, &subject.asked.iter().map(|asked| asked.lane.clone()).collect::<Vec<_>>());
        subject.verdict = standing(subject);
    }
    Ok(whole)
}

fn same_check(reports: &[(String, Report)]) -> Result<(), CannotMerge> {
    let Some((first_name, first)) = reports.first() else {
        return Err(CannotMerge("there is no report to merge".to_owned()));
    };
    let of = first.shard.of;
    for (part, (name, report)) in (1..).zip(reports) {
        let differ = |what: &str| Err(CannotMerge(format!("{name}: {what} than of {first_name}")));
        if report.schema != SCHEMA {
            return Err(CannotMerge(format!("{name}: its schema is `{}`, and `{SCHEMA}` is read", report.schema)));
        } else if report.shard.of != of {
            return differ("one of another number of shards");
        } else if report.shard.part < part {
            return Err(CannotMerge(format!("{name}: shard {} was given before", report.shard)));
        } else if report.shard.part > part {
            return Err(CannotMerge(format!("shard {part}/{of} is missing")));
        } else if report.seed != first.seed {
            return differ("another seed");
        } else if report.manual != first.manual {
            return differ("other scenarios");
        }
        if !report.subjects.iter().map(identity).eq(first.subjects.iter().map(identity)) {
            return differ("other subjects, profiles or random traces");
        }
        if !report
            .subjects
            .iter()
            .map(|subject| &subject.ledger)
            .eq(first.subjects.iter().map(|subject| &subject.ledger))
        {
            return differ("another ledger");
        }
        if report.subjects.is_empty() {
            return Err(CannotMerge(format!("{name}: it has no subject")));
        }
        if report.subjects.iter().any(|subject| subject.hazards.is_some()) {
            return Err(CannotMerge(format!("{name}: hazards are not run in shards")));
        }
    }
    match reports.len() as u64 {
        given if given == of => Ok(()),
        given => Err(CannotMerge(format!("shard {}/{of} is missing", given + 1))),
    }
}

/// What two shards of one check have in common.
fn identity(subject: &SubjectReport) -> impl PartialEq + use<'_> {
    let lanes: Vec<_> = subject.asked.iter().map(|asked| (asked.lane.as_str(), asked.count)).collect();
    let known: Vec<_> = subject.known.iter().map(|known| known.name.as_str()).collect();
    (&subject.subject, &subject.about, &subject.profile, subject.gates, lanes, known)
}

fn add(into: &mut SubjectReport, from: &SubjectReport) {
    let SubjectReport {
        subject: _,
        about: _,
        profile: _,
        other_library: _,
        verdict: _,
        gates: _,
        ledger: _,
        asked: _,
        carried_through,
        scenarios,
        ended,
        traces,
        cut,
        ops,
        handshakes,
        not_run,
        latitudes,
        clauses,
        outcomes,
        known: _,
        divergences,
        diverged,
        unreduced,
        diverged_accepted,
        accepted,
        stale,
        unstable,
        unstable_clauses,
        ended_early,
        hazards: _,
    } = from;
    into.carried_through &= carried_through;
    into.scenarios.conforms = into.scenarios.conforms.saturating_add(scenarios.conforms);
    into.scenarios.diverges_known = into.scenarios.diverges_known.saturating_add(scenarios.diverges_known);
    into.scenarios.accepted = into.scenarios.accepted.saturating_add(scenarios.accepted);
    into.scenarios.diverges = into.scenarios.diverges.saturating_add(scenarios.diverges);
    into.scenarios.not_run = into.scenarios.not_run.saturating_add(scenarios.not_run);
    into.ended.extend(ended.clone());
    into.unreduced.extend(unreduced.iter().cloned());
    into.unstable_clauses.extend(unstable_clauses.iter().cloned());
    into.traces = into.traces.saturating_add(*traces);
    into.cut = into.cut.saturating_add(*cut);
    into.ops = into.ops.saturating_add(*ops);
    into.handshakes = into.handshakes.saturating_add(*handshakes);
    into.latitudes = into.latitudes.saturating_add(*latitudes);
    into.diverged = into.diverged.saturating_add(*diverged);
    into.diverged_accepted = into.diverged_accepted.saturating_add(*diverged_accepted);
    sum(&mut into.clauses, clauses);
    sum(&mut into.outcomes, outcomes);
    join(&mut into.not_run, not_run);
    join(&mut into.unstable, unstable);
    join(&mut into.accepted, accepted);
    join(&mut into.stale, stale);
    for found in divergences {
        let random = |found: &Found| matches!(found.origin, Origin::Random { .. });
        // The whole would have reduced it to one that it had; of an earlier shard are the earlier numbers.
        let known = into.divergences.iter().any(|known| known.parted.key() == found.parted.key());
        if !(random(found) && known) {
            into.divergences.push(found.clone());
        }
    }
    if let Some(early) = ended_early {
        let before = into.ended_early.take().map_or_else(String::new, |before| format!("{before}; "));
        into.ended_early = Some(format!("{before}{early}"));
    }
}

fn sum(into: &mut BTreeMap<String, u64>, from: &BTreeMap<String, u64>) {
    for (what, times) in from {
        let sum = into.entry(what.clone()).or_default();
        *sum = sum.saturating_add(*times);
    }
}

fn join<T: Clone + PartialEq>(into: &mut Vec<T>, from: &[T]) {
    for one in from {
        if !into.contains(one) {
            into.push(one.clone());
        }
    }
}

/// Scenarios first, then lane by lane as they were asked for, each in the order of the shards. A random finding that a
/// scenario of a later shard shows as well goes: the whole would have come to the scenario first.
fn in_order(found: &mut Vec<Found>, lanes: &[String]) {
    let place = |found: &Found| match &found.origin {
        Origin::Scenario { .. } => 0,
        Origin::Random { lane, .. } => 1 + lanes.iter().position(|asked| asked == lane).unwrap_or(lanes.len()),
        Origin::Unsaid => usize::MAX,
    };
    found.sort_by_key(place);
    let mut keys = std::collections::BTreeSet::new();
    found.retain(|found| keys.insert(found.parted.key()) || matches!(found.origin, Origin::Scenario { .. }));
}
