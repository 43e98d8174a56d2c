//! The oracles without a model, over traces that quickcheck draws: each holds of the cache, and each is seen to fail on
//! a subject with a fault.

mod drawn;
mod faulty;
mod tickets;

use quickcheck::{Gen, QuickCheck, TestResult};
use sesscheck::op::Op;
use sesscheck::oracles::{LAWS, Law, PROMISES, Promise};
use sesscheck::subject::Subject;
use sesscheck::subjects::optimised::optimised;
use sesscheck::trace::{Shown, Trace};
use sesscheck::transcript::{Answer, Counter, CounterChange, Transcript};
use session_model::{ContextRef, Timeout};

use drawn::Drawn;
use faulty::{Ageing, Meddling, Misreporting, Truncating, broken, departing};

/// How many traces that say something about it each law and promise is held on.
const TRACES: u64 = 150;
/// How many traces there are to find a fault in.
const TRACES_FOR_A_FAULT: u64 = 400;

/// Runs that repeat: the same traces each time.
fn quickcheck(traces: u64) -> QuickCheck {
    QuickCheck::new().rng(Gen::from_size_and_seed(100, 42)).tests(traces).max_tests(traces * 20).min_tests_passed(1)
}

fn law(name: &str) -> &'static Law {
    LAWS.iter().find(|law| law.name == name).expect("a law of this name")
}

fn promise(name: &str) -> &'static Promise {
    PROMISES.iter().find(|promise| promise.name == name).expect("a promise of this name")
}

/// A trace that says nothing about the law does not count.
fn held(law: &Law, subject: &mut dyn Subject, drawn: &Drawn) -> TestResult {
    match law.hold(subject, &drawn.trace(), drawn.choice) {
        Ok(0) => TestResult::discard(),
        Ok(_) => TestResult::passed(),
        Err(broken) => TestResult::error(format!("{broken}, on {}", subject.name())),
    }
}

/// Everything is shown where that is cheap.
fn kept(promise: &Promise, subject: &mut dyn Subject, drawn: &Drawn) -> TestResult {
    let mut trace = drawn.trace();
    if trace.executed().count() <= 600 {
        trace.shown = Shown::Everything;
    }
    let mut transcript = Transcript::default();
    subject.run(&trace, &mut transcript);
    match promise.keep(&trace, &transcript) {
        Ok(()) => TestResult::passed(),
        Err(broken) => TestResult::error(format!("{broken}, on {}", subject.name())),
    }
}

/// Two tests each: it holds of the cache, and it does not hold of the faulty subject.
macro_rules! oracles {
    ($oracle:ident $check:ident $all:ident: $($name:ident $sentence:literal fails on $faulty:expr;)+) => {
        $(mod $name {
            use super::*;

            #[test]
            fn holds() {
                fn property(drawn: Drawn) -> TestResult {
                    $check($oracle($sentence), &mut optimised(), &drawn)
                }
                quickcheck(TRACES).quickcheck(property as fn(Drawn) -> TestResult);
            }

            #[test]
            fn fails_on_a_fault() {
                fn property(drawn: Drawn) -> TestResult {
                    $check($oracle($sentence), &mut $faulty, &drawn)
                }
                let found = quickcheck(TRACES_FOR_A_FAULT).quicktest(property as fn(Drawn) -> TestResult);
                let broken = found.expect_err("the fault is found");
                assert!(broken.is_failure(), "{broken:?}");
                let said = format!("{broken:?}");
                assert!(said.contains($sentence), "{said}");
            }
        })+

        #[test]
        fn $all() {
            let named = [$($sentence),+];
            assert!(sesscheck::oracles::$all.iter().map(|oracle| oracle.name).eq(named));
        }
    };
}

mod laws {
    #![expect(non_snake_case, reason = "the list of all has the name of the constant")]
    use super::*;

    oracles! {
        law held LAWS:
        absent "an absent op can be left out" fails on Meddling(|op, answer| match op {
            // Something on a name that is gone lets time pass.
            Op::UpRef(_) | Op::Free(_) if answer == Answer::Absent => Some(Op::Advance(1000)),
            _ => None,
        });
        question "an op that only asks can be left out" fails on Meddling(|op, _| match op {
            Op::IsResumable(name) => Some(Op::SessionSetTimeout(*name, Timeout(0))),
            _ => None,
        });
        identical_add "an identical add can be left out" fails on departing("identical-add-moves");
        absent_remove "a removal of what is not cached can be left out" fails on departing("remove-absent-acts");
        same_setting "a setting that is set already can be left out" fails on broken("timeout.established-unaffected");
        shift "when it all happens does not matter" fails on broken("time.creation");
        rename "what the ids are does not matter" fails on Truncating(4);
        apart "a context does not see what another does" fails on Meddling(wrong_flush);
        commute "ops on different contexts commute" fails on Meddling(wrong_flush);
        again "a run leaves nothing behind for the next" fails on Ageing::default();
    }

    /// What is asked of the second context is done to the first.
    fn wrong_flush(op: &Op, _: Answer) -> Option<Op> {
        match *op {
            Op::FlushSessions { context: ContextRef(1), at, synonym } => {
                Some(Op::FlushSessions { context: ContextRef(0), at, synonym })
            }
            _ => None,
        }
    }
}

mod promises {
    #![expect(non_snake_case, reason = "the list of all has the name of the constant")]
    use super::*;

    oracles! {
        promise kept PROMISES:
        size "a cache holds no more than its size after an add" fails on broken("flush.collects");
        number "number is how many members there are" fails on broken("number.counts-members");
        one_an_id "an id is in a cache once" fails on departing("protocol-compared");
        rise "no counter but number goes down" fails on Misreporting(|shown| {
            let hits = |change: &&mut CounterChange| change.counter == Counter::Hits;
            shown.counters.iter_mut().rev().filter(hits).take(1).for_each(|change| change.value -= 1);
        });
        bounds "a handshake counts once, and for the good when it was started" fails on broken("accept.counts-started");
        absent "an absent op shows nothing" fails on Misreporting(|shown| {
            shown.steps.iter_mut().for_each(|step| step.answer = Answer::Absent);
        });
        destroyed_once "an object is destroyed once and not seen again" fails on Misreporting(|shown| {
            // The last object is destroyed instead of the first.
            if let [first, .., last] = &mut shown.destroyed[..] {
                *first = *last;
            }
        });
        nothing_left "when all is given back nothing is left" fails on broken("remove.frees-once");
        flush "a flush takes what has expired and nothing else" fails on broken("flush.boundary");
        flush_zero "a flush at 0 takes nothing" fails on departing("flush-zero-empties");
        times "only a cache with UPDATE_TIME sets a time by itself" fails on broken("timeout.established-unaffected");
        marks "a session that is not resumable stays so" fails on Misreporting(|shown| {
            let odd = shown.members.iter_mut().skip(1).step_by(2);
            odd.for_each(|member| member.resumable = !member.resumable);
        });
    }
}

#[test]
fn a_trace_that_is_shrunk_is_a_beginning_of_itself() {
    use quickcheck::Arbitrary;
    let drawn = Drawn::arbitrary(&mut Gen::from_size_and_seed(100, 1));
    let Trace { ops, .. } = drawn.trace();
    let shorter: Vec<Trace> = drawn.shrink().map(|drawn| drawn.trace()).collect();
    assert!(shorter.iter().all(|trace| trace.ops.len() < ops.len() && ops.starts_with(&trace.ops)));
    assert!(!shorter.is_empty());
}
