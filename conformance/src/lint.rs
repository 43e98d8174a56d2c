//! Advice on scenarios that read well and hold: what in them shows nothing.
//!
//! A known fault is killed by a scenario when one of its claims fails on the model with that fault. Not here: mistakes
//! in a file ([`crate::scenario`]), and claims that the manual does not bear out ([`crate::judge`]).

use std::collections::BTreeSet;

use session_model::Clause;
use session_model::clause::Kind;

use crate::faults::{self, Fault, Over};
use crate::judge::{Unmet, judge};
use crate::scenario::{Expect, Scenario, Spot};
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

/// What known faults a scenario kills, and where.
struct Kills {
    faults: BTreeSet<&'static str>,
    /// The places of the claims that fail, by their first byte.
    claims: BTreeSet<usize>,
}

/// What there is to say of each scenario, in their order: clauses that it lists in vain, claims that no known fault
/// breaks, steps without which it kills the same faults, and whether it kills any that no other of these kills.
#[must_use]
pub fn advice(files: &[File]) -> Vec<Advice> {
    let kills = in_parallel(files, |file| kills(&file.scenario));
    let single = in_parallel(files, |file| of_one(file, &kills_of(file, &kills, files)));
    let mut all = Vec::new();
    for (n, (file, mut found)) in files.iter().zip(single).enumerate() {
        let others = || kills.iter().enumerate().filter(|(other, _)| *other != n).map(|(_, kills)| kills);
        let is_alone = |fault: &&str| !others().any(|kills| kills.faults.contains(*fault));
        if kills[n].faults.is_empty() {
            found.push(at(file, 1, "no known fault makes it fail".to_owned()));
        } else if files.len() > 1 && !kills[n].faults.iter().any(|fault| is_alone(&fault)) {
            found.push(at(file, 1, "each known fault that it kills is killed by another scenario as well".to_owned()));
        }
        all.extend(found);
    }
    all
}

fn kills_of<'k>(file: &File, kills: &'k [Kills], files: &[File]) -> &'k Kills {
    let n = files.iter().position(|other| std::ptr::eq(other, file)).expect("it is one of them");
    &kills[n]
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
        if clause.entry().kind == Kind::Rule && !file.bites(clause) {
            let what = format!("does not bite for {clause}: it holds also where that clause is not kept");
            found.push(at(file, listed.spot.line, what));
        }
    }
    let expectations = scenario.expectations.iter().map(|(_, expect)| expect);
    for expect in expectations.chain(scenario.last.iter().map(|(_, expect)| expect)) {
        for (claim, spot) in claims(expect) {
            if !kills.claims.contains(&spot.bytes.start) {
                found.push(at(file, spot.line, format!("no known fault breaks this claim: {claim}")));
            }
        }
    }
    for step in dead_steps(scenario, kills) {
        let line = scenario.lines.get(step).copied().unwrap_or(1);
        found.push(at(
            file,
            line,
            "without this step the claims hold, and the same known faults are killed".to_owned(),
        ));
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

/// The claims that fail on the model with this fault.
fn unmet(scenario: &Scenario, fault: &Fault) -> Vec<Unmet> {
    let mut transcript = Transcript::default();
    let Some(mut subject) = faults::subject(fault.name, Over::Model) else { return Vec::new() };
    subject.run(&scenario.trace, &mut transcript);
    judge(scenario, &transcript)
}

fn kills(scenario: &Scenario) -> Kills {
    let mut kills = Kills { faults: BTreeSet::new(), claims: BTreeSet::new() };
    // What does not hold without a fault is for other readings, or another edition.
    let before: BTreeSet<usize> = honest(scenario).iter().map(|unmet| unmet.spot.bytes.start).collect();
    for fault in faults::all() {
        let failed = unmet(scenario, fault).into_iter().filter(|unmet| !before.contains(&unmet.spot.bytes.start));
        let failed: Vec<_> = failed.map(|unmet| unmet.spot.bytes.start).collect();
        if !failed.is_empty() {
            kills.faults.insert(fault.name);
            kills.claims.extend(failed);
        }
    }
    kills
}

fn honest(scenario: &Scenario) -> Vec<Unmet> {
    let mut transcript = Transcript::default();
    faults::wrapped(Over::Model).run(&scenario.trace, &mut transcript);
    judge(scenario, &transcript)
}

/// Steps that state nothing, and without which all claims hold and no kill is lost.
fn dead_steps(scenario: &Scenario, kills: &Kills) -> Vec<usize> {
    let states = |step: usize| scenario.expectations.iter().any(|(at, _)| *at == step);
    let before = honest(scenario).len();
    let dead = |step: &usize| {
        let without = without(scenario, *step);
        honest(&without).len() <= before
            && faults::all()
                .iter()
                .filter(|fault| kills.faults.contains(fault.name))
                .all(|fault| unmet(&without, fault).len() > before)
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
