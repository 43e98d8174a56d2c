//! Subjects that go down at their first flush, so that the harness itself can be tested by sabotage.
//!
//! Up to that step they are the model.

use crate::op::Op;
use crate::subject::{Driven, Subject};
use crate::subjects::model::Model;
use crate::trace::Trace;
use crate::transcript::Transcript;

/// How a subject goes down.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum How {
    /// The process aborts.
    Aborts,
    /// The call never returns.
    Hangs,
}

impl How {
    /// Each with its name as a fault.
    pub const ALL: [(&'static str, Self); 2] = [("aborts-at-flush", Self::Aborts), ("hangs-at-flush", Self::Hangs)];

    /// The one of this name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, how)| *how)
    }
}

/// A subject that goes down.
pub struct Misbehaving {
    how: How,
    until_then: Driven<Model>,
}

impl Misbehaving {
    /// The subject that is `until_then` up to its first flush.
    #[must_use]
    pub fn new(how: How, until_then: Driven<Model>) -> Self {
        Self { how, until_then }
    }
}

impl Subject for Misbehaving {
    fn name(&self) -> &str {
        self.until_then.name()
    }

    fn run_watched(&mut self, trace: &Trace, out: &mut Transcript, before: &mut dyn FnMut(u32)) {
        let flush = trace.executed().position(|(_, op)| matches!(*op, Op::FlushSessions { .. }));
        let how = self.how;
        self.until_then.run_watched(trace, out, &mut |step| {
            before(step);
            if flush == Some(step as usize) {
                go_down(how);
            }
        });
    }
}

fn go_down(how: How) {
    match how {
        How::Aborts => std::process::abort(),
        How::Hangs => loop {
            std::thread::park();
        },
    }
}
