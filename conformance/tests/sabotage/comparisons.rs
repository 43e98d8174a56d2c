//! The comparison does not look, or allows too much: then a fault of the zoo is not seen on the trace that it stands
//! with, which all of them are as long as it looks.

use std::sync::LazyLock;

use sesscheck::check::{Verdict, check};
use sesscheck::faults::{self, Made, Over, faultless};
use sesscheck::subject::Subject;
use sesscheck::subjects::model;
use sesscheck::tally::Tally;
use sesscheck::trace::Trace;
use sesscheck::transcript::{Event, Transcript};
use session_model::Profile;

use crate::Sabotage;
use crate::honest::{FILES, Step, kind, put_together, taken_apart};

pub(crate) const ALL: &[Sabotage] = &[
    ("one that looks misses no fault", honest),
    ("everything agrees with it", || misses(&|_, _, _| false)),
    ("a subject that always agrees is compared", || misses(&|case, _, ruled| red(case, ruled))),
    ("answers are not compared", || blind(|seen, ruled| seen.answer = ruled.answer)),
    ("callbacks are not compared", || blind(|seen, ruled| seen.events.clone_from(&ruled.events))),
    ("the order of callbacks is not compared", || blind(reordered)),
    ("destruction is not compared", || blind(|seen, ruled| seen.destroyed.clone_from(&ruled.destroyed))),
    ("counters are not compared", || blind(|seen, ruled| seen.counters.clone_from(&ruled.counters))),
    ("members are not compared", || {
        blind(|seen, ruled| {
            seen.members.clone_from(&ruled.members);
            seen.digest = ruled.digest;
        });
    }),
    ("times are not compared", || alike(|seen, ruled| seen.time = ruled.time)),
    ("timeouts are not compared", || alike(|seen, ruled| seen.timeout = ruled.timeout)),
    ("marks are not compared", || alike(|seen, ruled| seen.resumable = ruled.resumable)),
    ("only the first step is compared", || compared(|n, _| n == 0)),
    ("all but the last phase is compared", || compared(|n, case| n + case.trace.last_phase().len() < case.steps())),
    ("only the last phase is compared", || compared(|n, case| n + case.trace.last_phase().len() >= case.steps())),
    ("only steps that answer are compared", || compared(|n, case| case.answers(n))),
    ("a fault does nothing", nothing_done),
    ("a latitude allows any victim", || allows("victim=first_added", &|profile| reads(profile, "victim", "any"))),
    ("a latitude allows any order of callbacks", || {
        allows("callbacks.order=latest_to_expire", &|profile| reads(profile, "callbacks.order", "any"));
    }),
    ("a profile has a departure too many", || {
        allows("flush-zero-empties", &|profile| {
            let departure = session_model::departures::Departure::by_name("flush-zero-empties").expect("it is known");
            profile.departures = profile.departures.with(departure);
        });
    }),
];

/// Faults that are switches of the model and show where none of structure does: in the order of callbacks alone, or in
/// marks alone.
const SWITCHES: [&str; 6] = [
    "callbacks.order=latest_to_expire",
    "marks.context_freed=yes",
    "marks.dropped=yes",
    "marks.expired=yes",
    "marks.flushed=yes",
    "marks.replaced=yes",
];

/// A fault that shows in the last phase alone, on the beginning of a scenario: a session is added and removed.
const LEAKS: (&str, &str, usize) = ("remove.frees-once", "add_session/add-remove-add.yaml", 2);

/// A fault, on a trace that shows it: of one of structure, its own.
struct Case {
    fault: &'static str,
    trace: Trace,
    seen: Transcript,
    ruled: Transcript,
}

static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| {
    let shown = |mut subject: Box<dyn Subject>, trace: &Trace| {
        let mut transcript = Transcript::default();
        subject.run(trace, &mut transcript);
        transcript
    };
    let case = |fault: &'static str, over: Over, trace: Trace| {
        let seen = shown(faults::subject(fault, over).expect("it is there"), &trace);
        let ruled = shown(Box::new(model::subject("model", faultless())), &trace);
        Case { fault, trace, seen, ruled }
    };
    let witness = |fault: &faults::Fault| fault.witness().expect("something shows it");
    let of_structure = faults::all().iter().filter(|fault| fault.made == Made::Structure);
    let of_structure = of_structure.map(|fault| case(fault.name, Over::Optimised, witness(fault)));
    let switches = SWITCHES.iter().map(|name| {
        let fault = faults::by_name(name).unwrap_or_else(|| panic!("{name} is no fault"));
        case(fault.name, Over::Model, witness(fault))
    });
    let (fault, path, steps) = LEAKS;
    let mut begun = FILES.iter().find(|file| file.path.ends_with(path)).expect("it is built in").scenario.trace.clone();
    begun.ops.truncate(steps);
    of_structure.chain(switches).chain([case(fault, Over::Model, begun)]).collect()
});

impl Case {
    fn steps(&self) -> usize {
        self.ruled.steps.len()
    }

    fn answers(&self, step: usize) -> bool {
        matches!(self.ruled.steps[step].answer, sesscheck::transcript::Answer::Returns(_))
    }

    /// What is seen, with each step made what a comparison takes it for.
    fn taken(&self, taken: impl Fn(usize, &mut Step, &Step)) -> Transcript {
        let (mut seen, ruled) = (taken_apart(&self.seen), taken_apart(&self.ruled));
        assert_eq!(seen.len(), ruled.len(), "{}", self.fault);
        seen.iter_mut().zip(&ruled).enumerate().for_each(|(n, (seen, ruled))| taken(n, seen, ruled));
        put_together(&seen, self.seen.ending.clone())
    }
}

fn red(case: &Case, transcript: &Transcript) -> bool {
    kind(&case.trace, transcript).is_some()
}

/// The faults that a comparison, which is given what is seen and what is ruled, does not find.
fn missed(comparison: &dyn Fn(&Case, &Transcript, &Transcript) -> bool) -> Vec<&'static str> {
    CASES.iter().filter(|case| !comparison(case, &case.seen, &case.ruled)).map(|case| case.fault).collect()
}

fn honest() {
    assert!(CASES.len() >= 100, "{} faults", CASES.len());
    assert_eq!(missed(&|case, seen, _| red(case, seen)), Vec::<&str>::new());
}

fn misses(comparison: &dyn Fn(&Case, &Transcript, &Transcript) -> bool) {
    assert_ne!(missed(comparison), Vec::<&str>::new(), "every fault is found all the same");
}

/// A comparison that takes something of each step for what is ruled.
fn blind(takes: fn(&mut Step, &Step)) {
    misses(&|case, _, _| red(case, &case.taken(|_, seen, ruled| takes(seen, ruled))));
}

/// A comparison that takes something of each member for what is ruled.
fn alike(takes: fn(&mut sesscheck::transcript::Member, &sesscheck::transcript::Member)) {
    misses(&|case, _, _| {
        let taken = case.taken(|_, seen, ruled| {
            for member in &mut seen.members {
                let same =
                    |m: &&sesscheck::transcript::Member| (m.context, m.session) == (member.context, member.session);
                if let Some(ruled) = ruled.members.iter().find(same) {
                    takes(member, ruled);
                }
            }
            seen.digest = ruled.digest;
        });
        red(case, &taken)
    });
}

/// A comparison of some of the steps.
fn compared(is: fn(usize, &Case) -> bool) {
    misses(&|case, _, _| {
        let taken = case.taken(|n, seen, ruled| {
            if !is(n, case) {
                *seen = ruled.clone();
            }
        });
        red(case, &taken)
    });
}

fn reordered(seen: &mut Step, ruled: &Step) {
    let sorted = |events: &[Event]| {
        let mut events = events.to_vec();
        events.sort_unstable();
        events
    };
    if sorted(&seen.events) == sorted(&ruled.events) {
        seen.events.clone_from(&ruled.events);
    }
}

fn nothing_done() {
    let mut transcript = Transcript::default();
    for case in CASES.iter() {
        faults::wrapped(Over::Optimised).run(&case.trace, &mut transcript);
        assert!(!red(case, &transcript), "{}: what does nothing shows", case.fault);
        assert!(red(case, &case.seen), "{}: what does something does not", case.fault);
    }
}

fn reads(profile: &mut Profile, axis: &str, value: &str) {
    profile.readings.set(axis, value).expect("a reading of the model");
}

/// A profile that allows what a fault does hides it; the one of our cache does not.
fn allows(fault: &str, wider: &dyn Fn(&mut Profile)) {
    let found = faults::by_name(fault).unwrap_or_else(|| panic!("{fault} is no fault"));
    let trace = found.witness().expect("a scenario shows it");
    let mut seen = Transcript::default();
    faults::subject(fault, Over::Model).expect("it is there").run(&trace, &mut seen);
    let mut wide = faultless();
    wider(&mut wide);
    let under = |profile: &Profile| check(&trace, profile, &seen, &mut Tally::default());
    assert!(matches!(under(&faultless()), Verdict::Diverges(_)), "{fault} is seen");
    assert_eq!(under(&wide), Verdict::Conforms, "{fault} is not seen where it is allowed");
}
