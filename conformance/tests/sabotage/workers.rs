//! The worker lies to its parent. Each lie is told under a fault that is found, or under our cache, which conforms, by
//! the very program that, with no lie, is believed.

use std::path::PathBuf;

use sesscheck::campaign::Shard;
use sesscheck::finding::Came;
use sesscheck::ledger::Ledger;
use sesscheck::report::{Standing, SubjectReport};
use sesscheck::source::Lane;
use sesscheck::subjects::Spec;
use sesscheck::suite::File;
use sesscheck::verify::{Plan, verify};
use sesscheck::worker::{Held, StartError};

use crate::Sabotage;
use crate::honest::FILES;
use crate::lies::lying;

pub(crate) const ALL: &[Sabotage] = &[
    ("no lie is believed", no_lie),
    ("it leaves out random traces", || not_run("skips", "accounts for 20 of 40 traces")),
    ("it says at once that it is done", || not_run("does nothing", "accounts for 0 of 40 traces")),
    ("it counts more traces than it ran", || not_run("counts one more", "accounts for 41 of 40 traces")),
    ("it agrees with all", || not_run("agrees with all", "agrees with a manual that is known to be wrong")),
    ("it agrees at random only", agrees_at_random),
    ("it counts what diverges and does not tell it", hides_what_it_found),
    ("it invents a divergence", invents),
    ("it prints what is no reply", babbles),
    ("it answers something else", || not_run("answers something else", "an answer to something else")),
    ("it quits when there is something to do", || not_run("quits", "goes down in no trace that it says")),
    ("it does not tell which trace it runs", tells_no_number),
    ("it says that its profile allows what it does", is_lenient),
    ("it is no worker", no_worker),
    ("there is nothing to run", nothing_to_run),
    ("a reduction takes all for the same", || not_reduced("takes all for the same")),
    ("a reduction changes the clause", || not_reduced("changes the clause")),
];

/// This very program, which serves with a lie when it is started as a worker.
fn liar() -> PathBuf {
    std::env::current_exe().expect("it runs")
}

fn plan(spec: Spec, traces: u64) -> Plan {
    Plan {
        spec,
        profile: None,
        profile_typed: None,
        gates: true,
        seed: 1,
        lanes: vec![(Lane::Direct, traces)],
        limit: None,
        most_findings: 1,
        hazards: None,
        ledger: Ledger::default(),
        shard: Shard::WHOLE,
    }
}

const TRACES: u64 = 40;

fn held(lie: &str, subject: &str, suite: &[File]) -> SubjectReport {
    verify(&liar(), &plan(lying(lie, subject), TRACES), suite, &|_, _| {})
}

fn scenario(path: &str) -> File {
    FILES.iter().find(|file| file.path.ends_with(path)).expect("it is built in").clone()
}

fn no_lie() {
    let suite = [scenario("flush_sessions/last-second.yaml")];
    let report = held("nothing", "optimised", &suite);
    assert_eq!((report.verdict, report.traces, report.scenarios.conforms), (Standing::Conforms, TRACES, 1));
    assert!(report.not_run.is_empty() && report.unstable.is_empty(), "{report:?}");
    let report = held("nothing", "faulty:flush.boundary", &suite);
    assert_eq!(report.verdict, Standing::Diverges);
    assert!(report.divergences.iter().all(|found| found.parted.clause == "flush.boundary"), "{report:?}");
    assert!(!report.divergences.is_empty() && report.diverged > 0 && report.unstable.is_empty(), "{report:?}");
}

/// It is found out, whatever it is that it serves, and the words say how.
fn not_run(lie: &str, why: &str) {
    for subject in ["optimised", "faulty:flush.boundary"] {
        let report = held(lie, subject, &[]);
        assert_eq!(report.verdict, Standing::NotRun, "{subject}: {report:?}");
        assert!(report.not_run.iter().any(|not_run| not_run.why.contains(why)), "{subject}: {report:?}");
    }
}

/// Nothing else sees it than that a fault of the zoo is found, which is what the zoo is for.
fn agrees_at_random() {
    assert_eq!(held("nothing", "faulty:flush.boundary", &[]).verdict, Standing::Diverges);
    assert_eq!(held("agrees at random", "faulty:flush.boundary", &[]).verdict, Standing::Conforms);
    let shown = [scenario("flush_sessions/last-second.yaml")];
    assert_eq!(held("agrees at random", "faulty:flush.boundary", &shown).verdict, Standing::Diverges);
}

fn hides_what_it_found() {
    let report = held("hides what it found", "faulty:flush.boundary", &[]);
    assert_eq!(report.verdict, Standing::Diverges);
    assert!(report.diverged > 0 && report.divergences.is_empty(), "{report:?}");
}

fn invents() {
    let report = held("invents", "optimised", &[]);
    assert_eq!((report.verdict, report.divergences.len()), (Standing::Diverges, 0), "{report:?}");
    assert!(report.unstable[0].why.contains("`add.returns` came 1 times and not when it was run again"), "{report:?}");
}

fn babbles() {
    let mut held = Held::start(liar(), lying("babbles", "optimised")).expect("it is ready");
    let profile = held.profile.clone();
    let file = scenario("add_session/add-remove-add.yaml");
    let Came::Diverges(parted) = held.check(&file.scenario.trace, &profile).expect("it starts again") else {
        panic!("it is believed");
    };
    assert!(parted.kind == "crashed" && parted.seen.contains("it prints what is no reply"), "{parted:?}");
}

/// A crash is laid to no trace that it cannot have been.
fn tells_no_number() {
    let report = held("tells no number", "faulty:aborts-at-flush", &[]);
    let why = "goes down in no trace that it says";
    assert_eq!(report.verdict, Standing::NotRun, "{report:?}");
    assert!(report.not_run[0].why.contains(why), "{report:?}");
    let report = held("nothing", "faulty:aborts-at-flush", &[]);
    assert_eq!(report.verdict, Standing::Diverges, "{report:?}");
    assert!(!report.not_run.iter().any(|not_run| not_run.why.contains(why)), "{report:?}");
}

fn is_lenient() {
    let report = held("is lenient", "faulty:flush-zero-empties", &[]);
    assert_eq!(report.verdict, Standing::NotRun);
    assert!(report.not_run[0].why.contains("its profile `optimised` is not the shipped one"), "{report:?}");
    assert_eq!(held("nothing", "faulty:flush-zero-empties", &[]).verdict, Standing::Diverges);
}

fn no_worker() {
    for program in ["true", "echo"] {
        match Held::start(PathBuf::from(program), Spec::Optimised) {
            Err(StartError::Process(_)) => {}
            Err(other) => panic!("{program}: {other}"),
            Ok(_) => panic!("{program} is taken for a worker"),
        }
    }
    assert!(Held::start(liar(), lying("nothing", "optimised")).is_ok());
}

fn nothing_to_run() {
    let ran = |traces, suite: &[File]| verify(&liar(), &plan(lying("nothing", "optimised"), traces), suite, &|_, _| {});
    assert_eq!(ran(0, &[]).verdict, Standing::NotRun);
    assert_eq!(ran(1, &[]).verdict, Standing::Conforms);
    assert_eq!(ran(0, &[scenario("add_session/add-remove-add.yaml")]).verdict, Standing::Conforms);
}

/// What is left does not part as it did, and that is said; without the lie it does.
fn not_reduced(lie: &str) {
    let report = held(lie, "faulty:flush.boundary", &[]);
    assert_eq!((report.verdict, report.divergences.len()), (Standing::Diverges, 0), "{report:?}");
    assert!(report.unstable[0].why.contains("and not when it was run again"), "{report:?}");
    let report = held("nothing", "faulty:flush.boundary", &[]);
    assert_eq!((report.divergences.len(), report.unstable.len()), (1, 0), "{report:?}");
    assert!(report.divergences[0].steps.0 <= 5, "the lie has something to lie about: {report:?}");
}
