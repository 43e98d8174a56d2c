//! Advice on scenarios that read well and hold: what in them shows nothing.
//!
//! What is known to be wrong: every fault of the zoo, every rule that is not kept, every reading that is another. A
//! scenario kills it when one of its claims fails on a model that does so. Not here: mistakes
//! in a file ([`crate::scenario`]), and claims that the manual does not bear out ([`crate::judge`]).

use std::collections::{BTreeMap, BTreeSet};

use session_model::clause::Kind;
use session_model::{Clause, Profile, Readings};

use crate::faults::{self, Fault, Made, Over};
use crate::judge::{Unmet, judge};
use crate::scenario::{Expect, Scenario, Spot};
use crate::subject::Subject;
use crate::subjects::model;
use crate::suite::File;
use crate::transcript::Transcript;

/// Something to think about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Advice {
    /// The file, and the line counted from 1.
    pub place: (String, usize),
    /// What there is to say.
    pub what: String,
}

/// What a scenario kills, and where.
struct Kills {
    wrong: BTreeMap<String, Wrong>,
    /// The faults that it was tried on.
    tried: Vec<&'static Fault>,
    /// The places of the claims that fail, by their first byte.
    claims: BTreeSet<usize>,
}

/// What there is to say of scenarios.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Advised {
    /// Of each by itself, in their order: clauses that it lists in vain, claims that nothing known breaks, steps without
    /// which it kills the same.
    pub advice: Vec<Advice>,
    /// Those that kill nothing that no other of them kills: their paths. Two that kill the same are both here, and one
    /// of them is needed.
    pub covered: Vec<String>,
}

/// What there is to say of these scenarios.
#[must_use]
pub fn advice(files: &[File]) -> Advised {
    let found = in_parallel(files, |file| {
        let kills = kills(file);
        (of_one(file, &kills), kills.wrong.into_keys().collect::<Vec<_>>())
    });
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for name in found.iter().flat_map(|(_, kills)| kills) {
        *times.entry(name).or_default() += 1;
    }
    let covered = found.iter().zip(files).filter(|((_, kills), _)| kills.iter().all(|name| times[name.as_str()] > 1));
    let covered = covered.map(|(_, file)| file.path.clone()).collect();
    Advised { advice: found.into_iter().flat_map(|(advice, _)| advice).collect(), covered }
}

/// The clauses that none of these scenarios lists, those apart of which there is nothing to show: background, and what
/// is forbidden to the caller.
#[must_use]
pub fn without_scenario(files: &[File]) -> Vec<Clause> {
    let listed: BTreeSet<_> =
        files.iter().flat_map(|file| &file.scenario.clauses).map(|listed| listed.value.as_str()).collect();
    let shows = |clause: &Clause| !matches!(clause.entry().kind, Kind::Background | Kind::Hazard);
    Clause::all().filter(shows).filter(|clause| !listed.contains(clause.id())).collect()
}

/// On two threads or more, in order.
fn in_parallel<T: Send>(files: &[File], of: impl Fn(&File) -> T + Sync) -> Vec<T> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let chunk = files.len().div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        let of = &of;
        let parts: Vec<_> =
            files.chunks(chunk).map(|part| scope.spawn(move || part.iter().map(of).collect::<Vec<_>>())).collect();
        parts.into_iter().flat_map(|part| part.join().expect("nothing panics there")).collect()
    })
}

fn at(file: &File, line: usize, what: String) -> Advice {
    Advice { place: (file.path.clone(), line), what }
}

fn of_one(file: &File, kills: &Kills) -> Vec<Advice> {
    let scenario = &file.scenario;
    let mut found = Vec::new();
    for listed in &scenario.clauses {
        let clause = Clause::by_id(&listed.value).expect("the parser knows the clauses");
        if clause.entry().kind == Kind::Rule && !file.bites(clause) && !kills.a_fault_of(clause) {
            let beside = match kills.tried.iter().filter(|fault| fault.clause == clause).count() {
                0 => String::new(),
                1 => ", and with the one known fault of it".to_owned(),
                n => format!(", and with each of the {n} known faults of it"),
            };
            let what = format!("does not bite for {clause}: it holds also where that clause is not kept{beside}");
            found.push(at(file, listed.spot.line, what));
        }
    }
    let expectations = scenario.expectations.iter().map(|(_, expect)| expect);
    for expect in expectations.chain(scenario.last.iter().map(|(_, expect)| expect)) {
        for (claim, spot) in claims(expect) {
            if !kills.claims.contains(&spot.bytes.start) {
                found.push(at(file, spot.line, format!("nothing known breaks this claim: {claim}")));
            }
        }
    }
    if kills.wrong.is_empty() {
        found.push(at(file, 1, "nothing known makes it fail: no fault, no broken rule, no other reading".to_owned()));
    }
    for step in dead_steps(file, kills) {
        let line = scenario.lines.get(step).copied().unwrap_or(1);
        found.push(at(file, line, "without this step the claims hold, and the same is killed".to_owned()));
    }
    found
}

/// What a step states, with the place of each.
fn claims(expect: &Expect) -> Vec<(&'static str, &Spot)> {
    let Expect { spot: _, returns, callbacks, members, destroyed, counters, times, timeouts, resumable } = expect;
    let mut claims = Vec::new();
    claims.extend(returns.iter().map(|stated| ("returns", &stated.spot)));
    claims.extend(callbacks.iter().map(|stated| ("callbacks", &stated.spot)));
    claims.extend(members.iter().map(|stated| ("members", &stated.spot)));
    claims.extend(destroyed.iter().map(|stated| ("destroyed", &stated.spot)));
    claims.extend(counters.iter().map(|stated| ("counters", &stated.spot)));
    claims.extend(times.iter().map(|stated| ("times", &stated.spot)));
    claims.extend(timeouts.iter().map(|stated| ("timeouts", &stated.spot)));
    claims.extend(resumable.iter().map(|stated| ("resumable", &stated.spot)));
    claims
}

/// A model that does something otherwise than the scenario claims of it.
#[derive(Clone, Copy)]
enum Wrong {
    /// A known fault.
    Fault(&'static Fault),
    /// The manual that the scenario is about, one of its rules not kept, or read otherwise.
    Manual(Profile),
}

/// Each wrong model with its name. Where the scenario does not hold under the profile of the faults, for it is about
/// other readings or another edition, they are none for it.
fn wrong(file: &File) -> Vec<(String, Wrong)> {
    let mut all = Vec::new();
    if failed(&file.scenario, &mut *faults::wrapped(Over::Model)).is_empty() {
        all.extend(faults::all().iter().map(|fault| (fault.name.to_owned(), Wrong::Fault(fault))));
    }
    let Some(profile) = file.claims_about().last() else { return all };
    let rules = Clause::all().filter(|clause| clause.entry().kind == Kind::Rule);
    all.extend(rules.map(|rule| (rule.to_string(), Wrong::Manual(Profile { broken: Some(rule), ..profile }))));
    for axis in Readings::AXES {
        for value in axis.values {
            let mut other = profile;
            other.readings.set(axis.name, value).expect("it is a value of the axis");
            if other != profile {
                all.push((format!("{}: {value}", axis.name), Wrong::Manual(other)));
            }
        }
    }
    all
}

impl Wrong {
    fn fault(&self) -> Option<&'static Fault> {
        if let Self::Fault(fault) = self { Some(fault) } else { None }
    }
}

impl Kills {
    /// Whether it kills a known fault of this clause.
    fn a_fault_of(&self, clause: Clause) -> bool {
        self.wrong.values().filter_map(Wrong::fault).any(|fault| fault.clause == clause)
    }
}

/// The claims that fail on it.
fn unmet(scenario: &Scenario, wrong: Wrong) -> Vec<Unmet> {
    match wrong {
        Wrong::Fault(fault) => match faults::subject(fault.name, Over::Model) {
            Some(mut subject) => failed(scenario, &mut *subject),
            None => Vec::new(),
        },
        Wrong::Manual(profile) => failed(scenario, &mut model::subject("model", profile)),
    }
}

fn failed(scenario: &Scenario, subject: &mut dyn Subject) -> Vec<Unmet> {
    let mut transcript = Transcript::default();
    subject.run(&scenario.trace, &mut transcript);
    judge(scenario, &transcript)
}

fn kills(file: &File) -> Kills {
    let mut kills = Kills { wrong: BTreeMap::new(), tried: Vec::new(), claims: BTreeSet::new() };
    for (name, wrong) in wrong(file) {
        // Those of one rule are the clause that is not kept once more.
        kills.tried.extend(wrong.fault().filter(|fault| fault.made != Made::Rule));
        let failed: Vec<_> = unmet(&file.scenario, wrong).into_iter().map(|unmet| unmet.spot.bytes.start).collect();
        if !failed.is_empty() {
            kills.wrong.insert(name, wrong);
            kills.claims.extend(failed);
        }
    }
    kills
}

/// Steps that state nothing, and without which all claims hold and no kill is lost.
fn dead_steps(file: &File, kills: &Kills) -> Vec<usize> {
    let scenario = &file.scenario;
    let states = |step: usize| scenario.expectations.iter().any(|(at, _)| *at == step);
    let dead = |step: &usize| {
        let without = without(scenario, *step);
        let holds = |profile| failed(&without, &mut model::subject("model", profile)).is_empty();
        file.claims_about().all(holds) && kills.wrong.values().all(|wrong| !unmet(&without, *wrong).is_empty())
    };
    (0..scenario.trace.ops.len()).filter(|step| !states(*step)).filter(dead).collect()
}

fn without(scenario: &Scenario, step: usize) -> Scenario {
    let mut shorter = scenario.clone();
    shorter.trace.ops.remove(step);
    if step < shorter.lines.len() {
        shorter.lines.remove(step);
    }
    for (at, _) in &mut shorter.expectations {
        *at -= usize::from(*at > step);
    }
    shorter
}
