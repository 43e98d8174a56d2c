//! The power is measured on the very faults that are named, and the figures are those of the runs.

use sesscheck::faults::{self, Fault};
use sesscheck::power::{Budget, Engine, Power, measure};
use sesscheck::source::Lane;

use sesscheck::suite;

/// Faults whose traces were left twice as long before the reducer lowered coupled numbers together.
const REDUCED_WELL: [&str; 3] = ["flush.boundary", "update_time.on=add", "update_time.on=both"];

const BUDGET: Budget = Budget { seed: 3, seeds: 1, ops: 20_000, reductions: 2000 };

fn measured(names: &[&str], engines: &[Engine], budget: Budget) -> Power {
    let files = suite::embedded().expect("the built-in scenarios are read");
    let faults: Vec<&Fault> = names.iter().map(|name| faults::by_name(name).expect("it is a fault")).collect();
    measure(&faults, engines, &files, budget, &|_| {}).expect("the faults are subjects")
}

#[test]
fn a_fault_is_found_by_the_engines_that_reach_it_and_reduced() {
    let engines = [Engine::Scenarios, Engine::Random(Lane::Direct), Engine::Random(Lane::Handshakes)];
    let power = measured(&["flush.boundary", "auto-flush-every-256"], &engines, BUDGET);
    let found = power.faults.iter().map(|row| row.hits.iter().map(|tries| tries[0].is_some()).collect());
    let found: Vec<Vec<bool>> = found.collect();
    // Without handshakes there is no automatic flush.
    assert_eq!(found, [[true, true, true], [true, false, true]]);
    assert!(power.faults.iter().flat_map(|row| row.hits.iter().flatten().flatten()).all(|hit| hit.steps.1 <= 4));
    let [scenarios, direct, handshakes] = [0, 1, 2].map(|engine| power.total(engine));
    assert_eq!([scenarios.found, direct.found, handshakes.found], [2, 1, 2]);
    assert_eq!((direct.named, direct.ops.median), (1, power.faults[0].hits[1][0].as_ref().expect("found").ops));
}

#[test]
fn what_is_found_is_found_within_the_budget_and_a_larger_one_finds_the_same() {
    let engines = [Engine::Random(Lane::Handshakes)];
    let large = measured(&["auto-flush-every-256"], &engines, BUDGET);
    let hit = large.faults[0].hits[0][0].as_ref().expect("found");
    let again = measured(&["auto-flush-every-256"], &engines, Budget { ops: hit.ops, ..BUDGET });
    assert_eq!(again.faults[0].hits[0][0].as_ref().map(|hit| (hit.traces, hit.ops)), Some((hit.traces, hit.ops)));
    let none = measured(&["auto-flush-every-256"], &engines, Budget { ops: 1, ..BUDGET });
    assert!(none.faults[0].survives());
}

#[test]
fn the_exhaustive_engine_knows_a_shortest_trace_and_the_others_stand_beside_it() {
    let engines = [Engine::Random(Lane::Direct), Engine::Exhaustive];
    let power = measured(&["flush.boundary", "remove-absent-acts"], &engines, BUDGET);
    let steps = |row: usize, engine: usize| power.faults[row].hits[engine][0].as_ref().expect("found").steps.1;
    assert_eq!([steps(0, 1), steps(1, 1)], [2, 1]);
    let exhaustive = power.faults[0].hits[1][0].as_ref().expect("found");
    assert!(exhaustive.replay.starts_with("sesscheck exhaust --subject faulty:flush.boundary --scope "));
    // It draws nothing: one try is all.
    assert!(power.faults.iter().all(|row| row.hits[1].len() == 1));
    let [direct, itself] = power.beside.as_slice() else { panic!("{:?}", power.beside) };
    assert_eq!([direct.compared, itself.compared], [2, 2]);
    let worst = direct.worst.as_ref().expect("both engines find them");
    let row = power.faults.iter().position(|row| row.fault == worst.fault).expect("one of them");
    assert_eq!((worst.steps, worst.shortest), (steps(row, 0), steps(row, 1)));
    assert!(itself.worst.as_ref().is_some_and(|worst| worst.steps == worst.shortest));
    assert_eq!(power.given, [Some(BUDGET.ops), Some(Engine::EXHAUSTIVE)]);
    let table = sesscheck::render::power(&power);
    assert!(table.contains("exhaustive  (1000000 ops) finds 2 of 2"), "{table}");
    assert!(table.contains(&format!("worst {worst}")), "{table}");
}

#[test]
fn reduced_traces_have_no_more_than_one_and_a_half_times_the_steps_of_the_shortest() {
    let engines = [Engine::Random(Lane::Direct), Engine::Random(Lane::Mixed), Engine::Exhaustive];
    let power = measured(&REDUCED_WELL, &engines, Budget { seeds: 3, ..BUDGET });
    for beside in &power.beside {
        assert!(beside.compared >= REDUCED_WELL.len(), "{beside:?}");
        assert_eq!(beside.longer, 0, "{beside:?}");
    }
}

#[test]
fn rows_stand_in_the_order_of_the_faults_and_read_back() {
    let names = ["flush.boundary", "add.up-ref", "remove-absent-acts", "size-holds-one-less", "flush.boundary"];
    let power = measured(&names, &[Engine::Random(Lane::Direct)], BUDGET);
    assert!(power.faults.iter().map(|row| row.fault.as_str()).eq(names));
    let twice = |at: usize| power.faults[at].hits[0][0].as_ref().map(|hit| (hit.ops, hit.steps, hit.clause.clone()));
    assert_eq!(twice(0), twice(4));
    assert_eq!(serde_json::from_str::<Power>(&power.json()).expect("it reads back"), power);
}

#[test]
fn each_seed_is_a_try_of_its_own_and_the_first_is_that_of_one_seed() {
    let engines = [Engine::Scenarios, Engine::Random(Lane::Handshakes)];
    let names = ["flush.boundary", "auto-flush-every-256"];
    let [one, three] = [1, 3].map(|seeds| measured(&names, &engines, Budget { seeds, ..BUDGET }));
    for (one, three) in one.faults.iter().zip(&three.faults) {
        assert_eq!([three.hits[0].len(), three.hits[1].len()], [1, 3], "scenarios draw nothing");
        let ops = |tries: &[Option<sesscheck::power::Hit>]| tries[0].as_ref().map(|hit| (hit.ops, hit.origin.clone()));
        assert_eq!(ops(&one.hits[1]), ops(&three.hits[1]));
        let origins: std::collections::BTreeSet<_> =
            three.hits[1].iter().flatten().map(|hit| hit.origin.clone()).collect();
        assert_eq!(origins.len(), 3, "{origins:?}");
    }
}

#[test]
fn an_unknown_fault_is_told_with_what_is_near() {
    let command = std::process::Command::new(env!("CARGO_BIN_EXE_sesscheck"))
        .args(["power", "--fault", "flush.boundry"])
        .output()
        .expect("the command runs");
    assert_eq!(command.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&command.stderr).contains("did you mean `flush.boundary`?"));
}
