//! A trace and its transcript, step by step, and what the driver numbers on the way.

use std::borrow::Cow;

use crate::op::Op;
use crate::trace::{Place, Trace};
use crate::transcript::{Answer, Seen, Transcript};

/// The steps that were carried out.
pub(super) fn steps<'t>(
    trace: &'t Trace,
    transcript: &'t Transcript,
) -> impl Iterator<Item = (Place, Cow<'t, Op>, Seen<'t>)> {
    trace.executed().zip(0..).map_while(|((place, op), n)| Some((place, op, transcript.step(n)?)))
}

/// How many objects and connections have a number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Allotted {
    pub(super) objects: u32,
    pub(super) connections: u32,
}

impl Allotted {
    /// Those of the setup.
    pub(super) fn before(trace: &Trace) -> Self {
        let objects = u32::try_from(trace.setup.sessions.len()).expect("fewer than 2^32 sessions");
        Self { objects, connections: 0 }
    }

    /// After one more step: a session takes a number, a handshake one and two for what it may make.
    pub(super) fn after(mut self, op: &Op, answer: Answer) -> Self {
        match op {
            _ if answer == Answer::Absent => {}
            Op::Session(..) => self.objects += 1,
            Op::AcceptBegin(..) | Op::Renegotiate(..) | Op::Handshake(..) => {
                self.objects += 2;
                self.connections += 1;
            }
            _ => {}
        }
        self
    }
}

/// What is allotted before each step, and after the last.
pub(super) fn allotted(trace: &Trace, transcript: &Transcript) -> Vec<Allotted> {
    let mut so_far = Allotted::before(trace);
    let mut all = vec![so_far];
    for (_, op, seen) in steps(trace, transcript) {
        so_far = so_far.after(&op, seen.answer);
        all.push(so_far);
    }
    all
}
