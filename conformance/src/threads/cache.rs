//! A cache that threads share, as a history calls it.

use std::sync::Arc;

use session_cache::AutoFlush;

use super::alphabet::Alphabet;
use super::history::{After, Answer};
use super::program::{Call, Program};
use super::steps::Steps;
use super::{libssl, ours, planted};
use crate::profiles::{self, Named};
use crate::subjects::{CannotOpen, Spec};

/// One cache, made for one program.
pub trait Cache: Send + Sync {
    /// What one thread has of it. It stays on its thread.
    fn hand(self: Arc<Self>, thread: usize) -> Box<dyn Hand>;

    /// What is there once no thread has anything of it any more.
    fn after(&self) -> After;
}

/// A thread's side.
pub trait Hand {
    /// Makes a call; `at` is its number among those of the thread.
    fn call(&mut self, at: usize, call: Call) -> Answer;
}

/// A kind of cache that can be played with.
pub struct Kind {
    /// As on the command line.
    pub name: String,
    /// What it is held to.
    pub profile: Named,
    /// What programs for it are drawn from: one of these.
    pub alphabets: &'static [Alphabet],
    /// What its calls are made of, where they are more than one step.
    pub steps: Steps,
    /// A fresh one for this program, with what is there before the threads begin.
    #[expect(clippy::type_complexity, reason = "a function")]
    pub fresh: Box<dyn Fn(&Program) -> Arc<dyn Cache>>,
}

/// The kind of cache that this subject has.
///
/// # Errors
///
/// When it cannot be opened, or nothing is known of how threads share it: why.
pub fn open(spec: &Spec) -> Result<Kind, CannotOpen> {
    let shipped = |name| profiles::by_name(name).expect("it is shipped");
    match spec {
        Spec::Optimised => Ok(Kind {
            name: spec.to_string(),
            profile: shipped("optimised"),
            alphabets: &[Alphabet::Whole],
            steps: Steps::Ours,
            fresh: Box::new(|program| Arc::new(ours::Ours::new(program, AutoFlush::All))),
        }),
        Spec::OptimisedInSteps => Ok(Kind {
            name: spec.to_string(),
            profile: shipped("optimised-in-steps"),
            alphabets: &[Alphabet::Flushes, Alphabet::Whole],
            steps: Steps::Ours,
            fresh: Box::new(|program| Arc::new(ours::Ours::new(program, AutoFlush::InSteps))),
        }),
        Spec::Libssl(_) => libssl::open(spec),
        Spec::Faulty(name) if planted::by_name(name).is_some() => Ok(planted::kind(name).expect("just seen")),
        _ => Err(CannotOpen(format!(
            "{spec}: threads share `optimised`, `optimised-in-steps`, a `libssl`, or one of the faults {}",
            planted::ALL.map(|fault| fault.name).join(", ")
        ))),
    }
}
