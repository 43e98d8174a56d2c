//! Whatever can be held against the manual.

use crate::driver::{self, Library};
use crate::trace::Trace;
use crate::transcript::{Ending, Transcript};

/// Runs a whole trace and fills a transcript. A run is a function of the trace: run alone or after a thousand others,
/// the transcript is the same to the byte.
pub trait Subject {
    /// As on the command line: `optimised`, `libssl:PATH`, …
    fn name(&self) -> &str;

    /// Runs the trace; `out` is emptied first, its buffers are reused. `before` is told of each step, counted from 0,
    /// before it is carried out, so that somebody outside knows the step of a crash.
    fn run_watched(&mut self, trace: &Trace, out: &mut Transcript, before: &mut dyn FnMut(u32));

    /// Runs the trace, and tells nobody.
    fn run(&mut self, trace: &Trace, out: &mut Transcript) {
        self.run_watched(trace, out, &mut |_| {});
    }
}

impl<S: Subject + ?Sized> Subject for Box<S> {
    fn name(&self) -> &str {
        (**self).name()
    }

    fn run_watched(&mut self, trace: &Trace, out: &mut Transcript, before: &mut dyn FnMut(u32)) {
        (**self).run_watched(trace, out, before);
    }
}

/// A subject made of a [`Library`]. A panic of the library is its crash at that step.
pub struct Driven<L> {
    name: String,
    fresh: Box<dyn Fn() -> L + Send>,
}

impl<L> Driven<L> {
    /// The subject that runs each trace on a library of its own.
    pub fn new(name: impl Into<String>, fresh: impl Fn() -> L + Send + 'static) -> Self {
        Self { name: name.into(), fresh: Box::new(fresh) }
    }
}

impl<L: Library> Subject for Driven<L> {
    fn name(&self) -> &str {
        &self.name
    }

    fn run_watched(&mut self, trace: &Trace, out: &mut Transcript, before: &mut dyn FnMut(u32)) {
        out.clear();
        // After a panic the library is dropped as it is, and the transcript ends with the last whole step.
        let run = std::panic::AssertUnwindSafe(|| drop(driver::run((self.fresh)(), trace, out, before)));
        if let Err(panic) = std::panic::catch_unwind(run) {
            out.drop_unfinished_step();
            out.ending = Ending::Crashed(words_of(&*panic));
        }
    }
}

/// What somebody said who panicked.
pub(crate) fn words_of(panic: &(dyn std::any::Any + Send)) -> String {
    let string = panic.downcast_ref::<String>().map(String::as_str);
    let why = string.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic without words");
    format!("panic: {why}")
}

impl Transcript {
    /// Forgets what a step left in the buffers before it could end.
    pub(crate) fn drop_unfinished_step(&mut self) {
        let (events, destroyed, counters, members) = self.steps.last().map_or((0, 0, 0, 0), |last| {
            (last.events as usize, last.destroyed as usize, last.counters as usize, last.members as usize)
        });
        self.events.truncate(events);
        self.destroyed.truncate(destroyed);
        self.counters.truncate(counters);
        self.members.truncate(members);
    }
}
