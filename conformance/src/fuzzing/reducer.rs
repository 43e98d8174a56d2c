//! The reducer, on a trace in which a subject with a fault diverges.

use std::cell::Cell;
use std::panic;
use std::sync::{LazyLock, Once};

use session_model::Clause;

use super::bytes::{cut, trace_of_bytes};
use super::traces::as_scenario;
use crate::check::{Verdict, check};
use crate::divergence::Kind;
use crate::faults::{self, Fault, Over, faultless};
use crate::reduce::{Measure, Reduced, reduce};
use crate::subject::Subject;
use crate::tally::Tally;
use crate::trace::{Shown, Trace};
use crate::transcript::{Transcript, id_digest};

/// As many ops of a trace are executed under a fault before it is reduced, its last phase aside.
pub const MOST_OF_REDUCER: u32 = 150;

/// As many shorter traces are tried; what needs more stays as it is then, and is not reduced again.
const BUDGET: usize = 400;

/// A fault that the first two bytes choose, and a trace of the rest: where the subject diverges, what the reducer makes
/// of it diverges in the same clause and kind and is no larger, and to reduce that changes nothing.
///
/// # Panics
///
/// When it is not so; the message has both traces as scenarios.
pub fn reducer(bytes: &[u8]) {
    let Some(([first, second], rest)) = bytes.split_first_chunk() else { return };
    let fault = chosen(u16::from_be_bytes([*first, *second]));
    let (mut trace, _) = cut(trace_of_bytes(rest), MOST_OF_REDUCER);
    trace.shown = Shown::Everything;
    let mut subject = faults::subject(fault.name, Over::Model).expect("every fault can be put into the model");
    let mut seen = Transcript::default();
    let Some(due) = diverges(&mut *subject, &trace, &mut seen) else { return };
    let mut same = |candidate: &Trace| diverges(&mut *subject, candidate, &mut seen) == Some(due);
    if let Err(what) = keeps(&trace, &mut same, reduce) {
        panic!("{} ({}, {:?}): {what}", fault.name, due.0, due.1);
    }
}

/// What the target asks of a reducer.
type Reduce = fn(&Trace, &mut dyn FnMut(&Trace) -> bool, usize) -> Reduced;

/// Whether a reducer keeps what `same` tells, makes nothing larger, and has nothing left to do the second time.
fn keeps(trace: &Trace, same: &mut dyn FnMut(&Trace) -> bool, reduce: Reduce) -> Result<(), String> {
    let once = reduce(trace, same, BUDGET);
    let says = |what: &str| {
        let [whole, reduced] = [trace, &once.trace].map(as_scenario);
        Err(format!("{what}\n{whole}\nreduced to\n{reduced}"))
    };
    if !same(&once.trace) {
        return says("the reduced trace shows something else");
    }
    if Measure::of(&once.trace) > Measure::of(trace) {
        return says("the reduced trace is larger");
    }
    let again = (once.runs < BUDGET).then(|| reduce(&once.trace, same, BUDGET));
    match again.filter(|again| again.trace != once.trace) {
        Some(again) => says(&format!("to reduce it again changes it, to\n{}", as_scenario(&again.trace))),
        None => Ok(()),
    }
}

/// The first fault whose number is not below this one, or the first of all: so a seed keeps its fault when there are
/// more faults.
fn chosen(number: u16) -> &'static Fault {
    static ALL: LazyLock<Vec<(u16, &Fault)>> = LazyLock::new(|| {
        let mut all: Vec<_> = faults::all().iter().map(|fault| (number_of(fault), fault)).collect();
        all.sort_by_key(|(number, fault)| (*number, fault.name));
        all
    });
    ALL[ALL.partition_point(|(other, _)| *other < number) % ALL.len()].1
}

/// The number of a fault, from its name.
pub(super) fn number_of(fault: &Fault) -> u16 {
    id_digest(fault.name.as_bytes()) as u16
}

/// The clause and the kind in which the subject diverges. That it panics is an observation here, and no finding, so the
/// engine does not hear of it.
fn diverges(subject: &mut dyn Subject, trace: &Trace, seen: &mut Transcript) -> Option<(Clause, Kind)> {
    quietly(|| subject.run(trace, seen));
    match check(trace, &faultless(), seen, &mut Tally::default()) {
        Verdict::Diverges(divergence) => Some((divergence.clause, divergence.kind)),
        Verdict::Conforms | Verdict::NotRun(_) => None,
    }
}

/// Without a panic of this thread being told to the hook that is set.
fn quietly(run: impl FnOnce()) {
    static HOOK: Once = Once::new();
    thread_local!(static QUIET: Cell<bool> = const { Cell::new(false) });
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !QUIET.get() {
                before(panic);
            }
        }));
    });
    QUIET.set(true);
    run();
    QUIET.set(false);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::Op;
    use crate::source::{Lane, Seed, trace_of};

    fn adds(trace: &Trace) -> bool {
        trace.ops.iter().any(|op| matches!(op, Op::AddSession { .. }))
    }

    fn held(reduce: Reduce) -> Result<(), String> {
        let trace = trace_of(Seed(1), 3, Lane::Direct);
        assert!(adds(&trace));
        keeps(&trace, &mut |trace| adds(trace), reduce).map_err(|why| why.lines().next().unwrap_or_default().to_owned())
    }

    #[test]
    fn a_reducer_is_held_to_what_it_promises() {
        assert_eq!(held(reduce), Ok(()));
        assert_eq!(held(|trace, _, _| Reduced { trace: trace.clone(), runs: 1 }), Ok(()));
        let forgetful: Reduce = |trace, _, _| Reduced { trace: Trace { ops: vec![], ..trace.clone() }, runs: 1 };
        assert_eq!(held(forgetful), Err("the reduced trace shows something else".to_owned()));
        let growing: Reduce = |trace, _, _| Reduced {
            trace: Trace { ops: trace.ops.iter().chain(&trace.ops).cloned().collect(), ..trace.clone() },
            runs: 1,
        };
        assert_eq!(held(growing), Err("the reduced trace is larger".to_owned()));
        // It takes one op that can go, and leaves the others.
        let lazy: Reduce = |trace, same, _| {
            let without = |n: usize| {
                let mut ops = trace.ops.clone();
                ops.remove(n);
                Trace { ops, ..trace.clone() }
            };
            let shorter = (0..trace.ops.len()).map(without).find(|shorter| same(shorter));
            Reduced { trace: shorter.unwrap_or_else(|| trace.clone()), runs: 1 }
        };
        assert_eq!(held(lazy), Err("to reduce it again changes it, to".to_owned()));
    }

    #[test]
    fn every_fault_is_chosen_by_its_own_number() {
        let own = faults::all().iter().filter(|fault| chosen(number_of(fault)).name == fault.name).count();
        // Two have the same number now and then; the first by name is chosen then.
        assert!(own * 100 >= faults::all().len() * 95, "{own} of {}", faults::all().len());
    }

    #[test]
    fn what_a_subject_diverges_in_is_reduced_and_not_passed_over() {
        let fault = faults::by_name("two-tickets-at-most").expect("a fault of this name");
        let trace = fault.witness().expect("it has one");
        let mut subject = faults::subject(fault.name, Over::Model).expect("one of the model");
        let due = diverges(&mut *subject, &trace, &mut Transcript::default());
        assert!(due.is_some(), "a fault that shows is reduced");
    }
}
