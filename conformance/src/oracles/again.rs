//! The same trace again, and once more after another one: the transcript is the same to the byte.

use crate::source::{Lane, Seed, trace_of};
use crate::subject::Subject;
use crate::trace::Trace;
use crate::transcript::Transcript;

/// Runs it three times, a trace that `choice` makes before the third; returns how many steps were the same.
pub(super) fn hold(subject: &mut dyn Subject, trace: &Trace, choice: u64) -> Result<u32, String> {
    let mut run = |trace: &Trace| {
        let mut shown = Transcript::default();
        subject.run(trace, &mut shown);
        shown
    };
    let alone = run(trace);
    same(trace, &alone, &run(trace), "the second time")?;
    run(&trace_of(Seed(choice), 0, Lane::Handshakes));
    same(trace, &alone, &run(trace), "after another trace")?;
    Ok(alone.steps.len() as u32)
}

fn same(trace: &Trace, alone: &Transcript, again: &Transcript, when: &str) -> Result<(), String> {
    if alone == again {
        return Ok(());
    }
    let differs = |n: &usize| alone.step(*n) != again.step(*n);
    match (trace.executed().enumerate()).find(|(n, _)| differs(n)) {
        Some((n, (place, op))) => {
            Err(format!("{place}, {op:?}: {when} {:?} instead of {:?}", again.step(n), alone.step(n)))
        }
        None => Err(format!("{when} it ends {:?} instead of {:?}", again.ending, alone.ending)),
    }
}
