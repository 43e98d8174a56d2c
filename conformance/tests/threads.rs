//! Several threads and one cache: histories of ours are explained, and faults that only threads can see are found.

use std::time::Duration;

use sesscheck::subjects::Spec;
use sesscheck::threads::alphabet::Alphabet;
use sesscheck::threads::program::{Call, Scope};
use sesscheck::threads::report::Found;
use sesscheck::threads::{Asked, History, Kind, Program, Report, Verdict, judge, open, order, planted, play, run};

fn kind(name: &str) -> Kind {
    open(&name.parse::<Spec>().expect("a subject")).expect("it can be opened")
}

fn played(kind: &Kind, first: u64, histories: u64, patience: Duration) -> Report {
    let (without, only) = (Vec::new(), None);
    let asked = Asked { seed: 1, first, histories, threads: 4, calls: 12, without, only, limit: None, patience };
    let mut told = 0;
    let report = run(kind, &asked, &mut |_, _| {}, &mut |_, _| told += 1);
    assert_eq!(told, report.found.len(), "what is found is told");
    report
}

/// The faults that let a thread that is alone come to its end.
fn alone() -> impl Iterator<Item = planted::Fault> {
    planted::ALL.into_iter().filter(|fault| fault.name != "threads.callback-under-lock")
}

#[test]
fn every_history_of_our_cache_is_explained() {
    let report = played(&kind("optimised"), 0, 5000, play::PATIENCE);
    assert_eq!(report.found, []);
    assert_eq!(report.histories, 5000);
    assert_eq!(report.undecided, 0);
    // On one core threads hardly ever meet.
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    assert!(cores == 1 || report.is_evidence(), "{} of {} calls met", report.overlapping, report.calls);
}

#[test]
fn every_history_of_our_cache_that_flushes_in_steps_is_explained() {
    let report = played(&kind("optimised-in-steps"), 0, 2000, play::PATIENCE);
    assert_eq!((report.found, report.histories, report.undecided), (Vec::new(), 2000, 0));
}

#[test]
fn a_flush_in_steps_is_told_from_one_at_once() {
    let [at_once, in_steps] = ["optimised", "optimised-in-steps"].map(|name| (kind(name), kind(name).profile));
    let alphabets = &[Alphabet::Flushes];
    for (cache, held_to) in [(at_once.0, in_steps.1), (in_steps.0, at_once.1)] {
        let other = Kind { alphabets, profile: held_to, ..cache };
        assert!(
            !played(&other, 0, 100, play::PATIENCE).found.is_empty(),
            "{} is taken for {}",
            other.name,
            other.profile.name
        );
    }
}

#[test]
fn every_history_of_servers_on_one_context_of_the_machines_libssl_is_explained() {
    if sesscheck::subjects::libssl::locate().is_none() {
        return eprintln!("not run: no libssl found");
    }
    let kind = kind("libssl");
    let (without, only) = (Vec::new(), Some("handshakes".to_owned()));
    let (limit, patience) = (None, play::PATIENCE);
    let asked = Asked { seed: 1, first: 0, histories: 500, threads: 3, calls: 12, without, only, limit, patience };
    let report = run(&kind, &asked, &mut |_, _| {}, &mut |_, _| {});
    // Some releases let a thread make the handshake of another one fail.
    assert_eq!(report.found.len(), usize::from(report.marked > 0), "{:?}", report.found);
    assert_eq!((report.histories, report.undecided), (500, 0));
    // On one core threads hardly ever meet.
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    assert!(cores == 1 || report.is_evidence(), "{} of {} calls met", report.overlapping, report.calls);
}

#[test]
fn a_callback_under_a_lock_is_found() {
    let report = played(&kind("faulty:threads.callback-under-lock"), 0, 1000, Duration::from_secs(3));
    let found = report.found.last().map(|(_, found)| found);
    assert!(matches!(found, Some(Found::Stuck(stuck)) if !stuck.panicked), "{found:?}");
}

#[test]
fn every_planted_fault_is_found() {
    for fault in alone() {
        let kind = kind(&format!("faulty:{}", fault.name));
        let finds = |first| {
            let report = played(&kind, first, 1000, play::PATIENCE);
            report.found.iter().any(|(_, found)| matches!(found, Found::NotLinearizable(..)))
        };
        assert!((0..100).any(|thousand| finds(thousand * 1000)), "{}: {}", fault.name, fault.does);
    }
}

#[test]
fn a_thread_that_is_alone_sees_no_planted_fault() {
    for fault in alone() {
        let kind = kind(&format!("faulty:{}", fault.name));
        let players = play::Players::new(1, play::PATIENCE);
        for number in 0..300 {
            let program = Program::draw(2, number, Scope { threads: 1, calls: 40, alphabet: Alphabet::Whole });
            let history = players.play(&kind, &program, number).expect("it ends");
            let verdict = judge(&history, &kind.profile.profile, order::BUDGET);
            assert!(matches!(verdict, Verdict::Linearizable(_)), "{}: {number}: {verdict:?}", fault.name);
        }
    }
}

#[test]
fn a_history_that_was_kept_is_judged_again_and_a_wrong_file_is_told() {
    let kind = kind("optimised");
    let program = Program::draw(1, 0, Scope { threads: 2, calls: 4, alphabet: Alphabet::Whole });
    let history = play::Players::new(2, play::PATIENCE).play(&kind, &program, 1).expect("it ends");
    let text = serde_json::to_string(&history).expect("it is written");
    let read: History = serde_json::from_str(&text).expect("it is read");
    assert_eq!((&read, read.sound()), (&history, Ok(())));
    let wrong = |change: fn(&mut History)| {
        let mut changed = history.clone();
        change(&mut changed);
        changed.sound().is_err()
    };
    assert!(wrong(|history| history.schema.push('2')));
    assert!(wrong(|history| history.program.mode = 1 << 30));
    assert!(wrong(|history| history.program.threads.truncate(1)));
    assert!(wrong(|history| history.threads[0][1].begun = history.threads[0][0].begun));
    assert!(wrong(|history| history.threads[1][0].call = Call::Add(77)));
    assert!(wrong(|history| {
        let ended = history.threads[0][0].ended.as_ref().map(|(at, _)| *at);
        history.threads[1][3].ended.as_mut().expect("it ended").0 = ended.expect("it ended");
    }));
}
