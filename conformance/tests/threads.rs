//! Several threads and one cache: histories of ours are explained, and faults that only threads can see are found.

use sesscheck::subjects::Spec;
use sesscheck::threads::plan::Scope;
use sesscheck::threads::report::Found;
use sesscheck::threads::{Asked, Kind, Plan, Verdict, judge, open, order, planted, play, run};

fn kind(name: &str) -> Kind {
    open(&name.parse::<Spec>().expect("a subject")).expect("it can be opened")
}

fn asked(histories: u64) -> Asked {
    Asked { seed: 1, histories, threads: 4, calls: 12, limit: None, patience: play::PATIENCE }
}

#[test]
fn every_history_of_our_cache_is_explained() {
    let report = run(&kind("optimised"), &asked(3000));
    assert_eq!(report.found, None);
    assert_eq!(report.histories, 3000);
    assert!(report.undecided * 100 < report.histories, "{} undecided", report.undecided);
    // Threads that never meet show nothing.
    assert!(report.overlapping > 0, "of {} calls", report.calls);
    println!("{} of {} overlap, {} undecided", report.overlapping, report.calls, report.undecided);
}

/// The faults that let a thread that is alone come to its end.
fn alone() -> impl Iterator<Item = planted::Fault> {
    planted::ALL.into_iter().filter(|fault| fault.name != "threads.callback-under-lock")
}

#[test]
fn a_callback_under_a_lock_is_found() {
    let patience = std::time::Duration::from_secs(3);
    let report = run(&kind("faulty:threads.callback-under-lock"), &Asked { patience, ..asked(1000) });
    let found = report.found.map(|(_, found)| found);
    assert!(matches!(&found, Some(Found::Stuck(stuck)) if !stuck.panicked), "{found:?}");
}

#[test]
fn every_planted_fault_is_found() {
    for fault in alone() {
        let report = run(&kind(&format!("faulty:{}", fault.name)), &asked(100_000));
        println!("{}: {:?} of {}", fault.name, report.found.as_ref().map(|found| found.0), report.histories);
        assert!(report.found.is_some(), "{}: {}", fault.name, fault.does);
    }
}

#[test]
fn a_thread_that_is_alone_sees_no_planted_fault() {
    for fault in alone() {
        let kind = kind(&format!("faulty:{}", fault.name));
        let players = play::Players::new(1, play::PATIENCE);
        for number in 0..300 {
            let plan = Plan::draw(2, number, Scope { threads: 1, calls: 40, whole: true });
            let history = players.play(&kind, &plan, number).expect("it ends");
            let verdict = judge(&history, &kind.profile.profile, order::BUDGET);
            assert!(matches!(verdict, Verdict::Linearizable(_)), "{}: {number}: {verdict:?}", fault.name);
        }
    }
}
