//! What a step shows, in the words of the trace: who is called what, callbacks, counters, the answer.

use session_model::{ContextRef, SessionRef};

use crate::naming::Naming;
use crate::trace::Trace;
use crate::transcript::{Answer, CounterChange, Event};

/// The words of a trace, and of a transcript of it.
pub(crate) struct Words<'t> {
    /// The trace.
    pub(crate) trace: &'t Trace,
    /// What the trace calls the objects of the transcript.
    pub(crate) naming: &'t Naming,
}

impl Words<'_> {
    /// A session's name, or its number.
    pub(crate) fn who(&self, c: SessionRef) -> String {
        match self.naming.name(c) {
            Some(name) => self.trace.names.session(name),
            None => format!("#{}", c.0),
        }
    }

    /// What stands before something of a context: nothing, where there is only one.
    pub(crate) fn of(&self, context: ContextRef) -> String {
        match self.trace.setup.contexts.len() {
            0 | 1 => String::new(),
            _ => format!("{}:", self.trace.names.context(context)),
        }
    }

    /// A callback.
    pub(crate) fn event(&self, event: &Event) -> String {
        match event {
            Event::New(context, c, kept) => {
                format!("{}new {} returns {}", self.of(*context), self.who(*c), i32::from(*kept))
            }
            Event::Get(context, _, Some(c)) => format!("{}get answers {}", self.of(*context), self.who(*c)),
            Event::Get(context, _, None) => format!("{}get finds nothing", self.of(*context)),
            Event::Remove(context, c) => format!("{}remove {}", self.of(*context), self.who(*c)),
        }
    }

    /// A counter and what it is now.
    pub(crate) fn counter(&self, change: &CounterChange) -> String {
        format!("{}{} {}", self.of(change.context), change.counter.name(), change.value)
    }
}

/// What a call answered.
pub(crate) fn answer(answer: Answer) -> String {
    match answer {
        Answer::Returns(value) => value.to_string(),
        Answer::Nothing => super::none(),
        Answer::Absent => "absent: it is on something that is not there".to_owned(),
    }
}
