//! A trace as the calls that it comes to, and the subject's answers as what a library would have done.
//!
//! The driver runs twice, here: once on a library that writes down what it is called with, and once on one that hands
//! out the answers. What is called depends on an answer only where a handshake fails, or makes sessions that the trace
//! names: there the first run asks for what was written down so far, a piece of the trace, and goes on with the answers.
//! So the calls of a trace without handshakes are one message, and the subject needs to know nothing of names, of what
//! is absent, of repeats and of the last phase.
//!
//! Not here: what a trace takes of a subject ([`super::needs`]), and which op is which call (`other_end`).

use super::other_end::{Asks, Wire};
use super::wire::{Call, Said, Step};
use crate::driver::Driver;
use crate::op::{Makes, Op};
use crate::trace::{Shown, Trace};
use crate::transcript::{Ending, Transcript};

/// The calls of a trace, each with the step of the trace that it belongs to.
#[derive(Clone, Debug, Default)]
pub struct Calls {
    /// What is asked.
    pub steps: Vec<Step>,
    /// Of each, the step of the trace, counted from 0; those of the setup belong to the first.
    pub of: Vec<u32>,
    /// How many steps the trace has; when it was not gone through to its end, how many were.
    pub count: u32,
}

/// What is asked at once: all calls up to one that the next ones depend on, or to the end of the trace.
#[derive(Clone, Copy, Debug)]
pub struct Piece<'p> {
    /// The number of its first call.
    pub from: u32,
    /// The calls.
    pub steps: &'p [Step],
    /// Of each, the step of the trace.
    pub of: &'p [u32],
    /// Whether the trace goes on.
    pub more: bool,
}

/// What came of a trace: its calls, the answers to them, which may be fewer, and how it ended.
#[derive(Clone, Debug)]
pub struct Asked {
    /// What was asked.
    pub calls: Calls,
    /// What was answered.
    pub answers: Vec<Said>,
    /// How it ended.
    pub ending: Ending,
}

/// Asks a subject for a trace, piece by piece. `ask` pushes an answer for each call of its piece; anything but
/// [`Ending::Completed`] ends the trace there.
pub fn converse(trace: &Trace, ask: &mut dyn FnMut(Piece<'_>, &mut Vec<Said>) -> Ending) -> Asked {
    let mut driver = Driver::new(Wire::asking(trace, ask), &trace.setup, trace.shown);
    let mut none = Transcript::default();
    let mut count = 0;
    for (_, op) in trace.executed() {
        let shows = matches!(*op, Op::Probe) || trace.shown == Shown::Everything || count % 64 == 0;
        driver.library_mut().begin_op(count, asks(&op), shows);
        driver.step(&op, &mut none);
        if driver.library().ended() {
            break;
        }
        driver.library_mut().end_op(shows);
        count += 1;
        none.clear();
    }
    driver.library_mut().ask_for_the_rest(count)
}

/// The calls of a trace without handshakes: all of them are one piece.
#[must_use]
pub fn calls_of(trace: &Trace) -> Calls {
    converse(trace, &mut |_, _| Ending::Completed).calls
}

/// Where what is called next depends on what comes of this op.
fn asks(op: &Op) -> Asks {
    match op {
        Op::AcceptBegin(..) | Op::AcceptFinish(_) | Op::Renegotiate(..) => Asks::Always,
        // What fails is gone at the end of the step: whatever is called on it does nothing.
        Op::Handshake(accept, _) if accept.makes != Makes::UNNAMED => Asks::AtTheEnd,
        _ => Asks::Never,
    }
}

/// Fills a transcript with what the answers come to. There may be fewer of them than calls: then the transcript ends
/// before the step of the first call that is not answered.
pub fn transcript_of(trace: &Trace, asked: Asked, out: &mut Transcript) {
    let Asked { calls, answers, ending } = asked;
    let whole = calls.of.get(answers.len()).copied().unwrap_or(calls.count);
    // The setup belongs to the first step.
    if whole > 0 {
        let mut driver = Driver::new(Wire::answered(trace, calls, answers), &trace.setup, trace.shown);
        for ((_, op), _) in trace.executed().zip(0..whole) {
            driver.step(&op, out);
        }
    }
    out.ending = ending;
}

/// Whether a call shows no members.
pub(super) fn is_show(op: &Call) -> bool {
    matches!(op, Call::ShowSession { .. })
}
