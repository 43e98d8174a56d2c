//! What the main job says of its own power is so: the record is of these faults, these scenarios and these traces.

use sesscheck::check::{Verdict, check};
use sesscheck::faults::{self, Over};
use sesscheck::gate::{self, MISSED, OURS, Record, recorded};
use sesscheck::source::{Lane, Seed, trace_of};
use sesscheck::suite;
use sesscheck::tally::Tally;
use sesscheck::trace::{Shown, Trace};
use sesscheck::transcript::Transcript;

const AGAIN: &str = "measure again: sesscheck power --engine gate --seeds 10 --record conformance/power/gate.json";

fn diverges(fault: &str, trace: &Trace) -> bool {
    let mut subject = faults::subject(fault, Over::Model).expect("it is a fault");
    let mut seen = Transcript::default();
    subject.run(trace, &mut seen);
    matches!(check(trace, &faults::faultless(), &seen, &mut Tally::default()), Verdict::Diverges(_))
}

/// The trace of `--seed S --lane L --number N`, if the main job runs it.
fn random(origin: &str) -> Option<Trace> {
    let words: Vec<_> = origin.split(' ').collect();
    let ["--seed", seed, "--lane", lane, "--number", number] = words[..] else { return None };
    let (lane, count): (Lane, u64) = *OURS.iter().find(|(known, _)| known.to_string() == lane)?;
    let number = number.parse().ok().filter(|number| *number < count)?;
    Some(trace_of(Seed(seed.parse().ok()?), number, lane))
}

#[test]
fn the_record_is_of_every_fault_and_of_the_budget_that_is_run() {
    let record = recorded();
    let known: Vec<_> = record.scenarios.keys().chain(record.random.keys()).map(String::as_str).collect();
    for fault in faults::all() {
        assert!(known.contains(&fault.name), "{} is not measured; {AGAIN}", fault.name);
    }
    assert_eq!(known.len(), faults::all().len(), "a fault that is not there is in the record; {AGAIN}");
    let lanes: Vec<_> = OURS.iter().map(|(lane, count)| (lane.to_string(), *count)).collect();
    assert_eq!(record.lanes, lanes, "{AGAIN}");
    assert_eq!(record.schema, gate::SCHEMA);
    assert!(record.seeds.1 >= 10 && record.random.values().all(|tries| tries.len() == record.seeds.1));
}

#[test]
fn a_fault_that_the_gate_misses_is_named_with_its_reason() {
    let misses = recorded().finds().never;
    let named: Vec<_> = MISSED.iter().map(|(name, _)| *name).collect();
    for missed in &misses {
        assert!(named.contains(&missed.as_str()), "the gate misses {missed}, and nothing says why it may");
    }
    for (name, why) in MISSED {
        assert!(misses.contains(&name.to_owned()), "{name} is found: it is no miss");
        assert!(!why.is_empty());
    }
}

#[test]
fn every_fault_dies_on_the_scenario_of_the_record() {
    let files = suite::embedded().expect("the built-in scenarios are read");
    for (fault, path) in &recorded().scenarios {
        let file = files.iter().find(|file| file.path == *path).unwrap_or_else(|| panic!("{path} is gone; {AGAIN}"));
        let trace = Trace { shown: Shown::Everything, ..file.scenario.trace.clone() };
        assert!(diverges(fault, &trace), "{fault} does not show in {path}; {AGAIN}");
    }
}

#[test]
fn every_fault_dies_on_the_random_traces_of_the_record() {
    let record = recorded();
    for (fault, tries) in &record.random {
        for (seed, origin) in (record.seeds.0..).zip(tries) {
            let Some(origin) = origin else { continue };
            assert!(origin.starts_with(&format!("--seed {seed} ")), "{origin} is not of seed {seed}; {AGAIN}");
            let trace = random(origin).unwrap_or_else(|| panic!("{origin} is no trace of the main job; {AGAIN}"));
            assert!(diverges(fault, &trace), "{fault} does not show in {origin}; {AGAIN}");
        }
    }
}

#[test]
fn what_is_found_is_counted_apart() {
    let hit = |n: u64| Some(format!("--seed {n} --lane direct --number 0"));
    let mut record = Record { seeds: (1, 2), ..recorded() };
    record.scenarios = [("a".to_owned(), "x.yaml".to_owned())].into();
    record.random = [
        ("always".to_owned(), vec![hit(1), hit(2)]),
        ("never".to_owned(), vec![None, None]),
        ("once".to_owned(), vec![None, hit(2)]),
    ]
    .into();
    let finds = record.finds();
    assert_eq!((finds.faults, finds.scenarios, finds.always), (4, 1, 1));
    assert_eq!((finds.sometimes, finds.never), (vec![("once".to_owned(), 1)], vec!["never".to_owned()]));
}
