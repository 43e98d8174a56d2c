//! Two runs of one subject, step beside step: what the second has to show, given the first.

use super::reach::Contexts;
use super::translation::{Translated, Translation};
use super::walk::numbered;
use crate::numbers::Numbered;
use crate::op::Op;
use crate::subject::Subject;
use crate::trace::{Shown, Trace};
use crate::transcript::{Ending, Transcript};

/// Up to this many steps everything is shown after each; beyond, it would be one long walk.
const ALL_SHOWN: usize = 400;

/// The trace without repeats, so that each step is an op of its own; all is shown while that is cheap.
pub(super) fn unrolled(trace: &Trace) -> Trace {
    let last = trace.last_phase().len();
    let mut ops: Vec<Op> = trace.executed().map(|(_, op)| op.into_owned()).collect();
    ops.truncate(ops.len() - last);
    let shown = if ops.len() <= ALL_SHOWN { Shown::Everything } else { Shown::Steps };
    Trace { setup: trace.setup.clone(), ops, shown, names: trace.names.clone() }
}

/// A trace and what a subject showed of it.
pub(super) struct Run {
    pub(super) trace: Trace,
    pub(super) shown: Transcript,
    /// By step.
    numbered: Vec<Numbered>,
}

impl Run {
    pub(super) fn of(subject: &mut dyn Subject, trace: Trace) -> Self {
        let mut shown = Transcript::default();
        subject.run(&trace, &mut shown);
        let numbered = numbered(&trace, &shown).map(|(.., numbered)| numbered).collect();
        Self { trace, shown, numbered }
    }

    /// Whether it came to its end, so that it can be compared with.
    pub(super) fn completed(&self) -> bool {
        self.shown.ending == Ending::Completed
    }
}

/// A step of the first run and the one of the second that has to show the same.
#[derive(Clone, Copy)]
pub(super) struct Pair {
    pub(super) first: usize,
    pub(super) second: usize,
    /// The contexts whose members it is compared in; `None`: everything that is shown.
    pub(super) of: Option<Contexts>,
}

/// The pairs of a trace and of another that keeps some of its ops, in order: those ops, and the last phase.
pub(super) fn pairs(first: &Trace, second: &Trace, kept: &[usize]) -> Vec<Pair> {
    let pair = |first, second| Pair { first, second, of: None };
    let mut pairs: Vec<Pair> = kept.iter().zip(0..).map(|(at, n)| pair(*at, n)).collect();
    let last = first.last_phase();
    let mut rest = last.iter().zip(first.ops.len()..);
    for (op, second) in second.last_phase().iter().zip(second.ops.len()..) {
        // A name that no op mentions any more has no release.
        let (_, first) = rest.find(|(other, _)| *other == op).expect("an altered trace makes no new name");
        pairs.push(pair(first, second));
    }
    pairs
}

/// Compares the pairs in order; the error is the first difference.
pub(super) fn compare(first: &Run, second: &Run, pairs: &[Pair], translation: Translation) -> Result<(), String> {
    let mut translated = Translated::new(translation, &first.trace.setup);
    let ops: Vec<_> = first.trace.executed().collect();
    for pair in pairs {
        let (place, op) = &ops[pair.first];
        let (Some(was), Some(is)) = (first.shown.step(pair.first), second.shown.step(pair.second)) else {
            return Err(format!("{place}, {op:?}: the altered run ended there: {:?}", second.shown.ending));
        };
        translated.learn_step(first.numbered[pair.first], second.numbered[pair.second]);
        let (due, seen) = (translated.due(op, was, pair.of), translated.seen(op, is, pair.of));
        if let Some(difference) = due.difference(&seen) {
            return Err(format!("{place}, {op:?}: {difference}"));
        }
    }
    Ok(())
}
