//! A trace and its transcript, step by step, with what has numbers.

use std::borrow::Cow;

use crate::numbers::{Numbered, Numbering};
use crate::op::Op;
use crate::trace::{Place, Trace};
use crate::transcript::{Seen, Transcript};

/// The steps that were carried out.
pub(super) fn steps<'t>(
    trace: &'t Trace,
    transcript: &'t Transcript,
) -> impl Iterator<Item = (Place, Cow<'t, Op>, Seen<'t>)> {
    trace.executed().zip(0..).map_while(|((place, op), n)| Some((place, op, transcript.step(n)?)))
}

/// The same, each with what it is about that has numbers.
pub(super) fn numbered<'t>(
    trace: &'t Trace,
    transcript: &'t Transcript,
) -> impl Iterator<Item = (Place, Cow<'t, Op>, Seen<'t>, Numbered)> {
    let mut numbering = Numbering::of(&trace.setup);
    steps(trace, transcript).map(move |(place, op, seen)| {
        let numbered = numbering.step(&op, seen.answer);
        (place, op, seen, numbered)
    })
}
