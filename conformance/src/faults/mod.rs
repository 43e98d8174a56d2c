//! The zoo: every known fault by name, and the subjects that have them.
//!
//! A fault is a switch of the model, or a wrapper around a library that alters its calls and what they show. No fault
//! sits in the model's own pages or in our cache. Not here: what finds them.

mod facts;
mod fault;
mod faulty;
mod flaw;
mod inner;
mod structure;
mod switches;
mod witness;

use std::sync::LazyLock;

pub use fault::{Ancestor, Fault, Made};
pub use faulty::Faulty;

use crate::driver::Library;
use crate::profiles;
use crate::subject::{Driven, Subject};
use crate::subjects::model::{self, Model};
use crate::subjects::optimised::Optimised;
use fault::How;
use flaw::Flawless;
use session_model::{ContextRef, Profile, Time};

/// What a fault is put into.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Over {
    /// The model, under the profile of our cache.
    Model,
    /// Our cache.
    Optimised,
}

/// What a faultless subject keeps to.
#[must_use]
pub fn faultless() -> Profile {
    profiles::by_name("optimised").expect("it is shipped").profile
}

/// Every fault: those of structure by family, then departures and readings, then each clause not kept.
#[must_use]
pub fn all() -> &'static [Fault] {
    static ALL: LazyLock<Vec<Fault>> = LazyLock::new(|| {
        let own = faultless();
        let switches = switches::departures().chain(switches::readings(&own)).chain(switches::rules());
        structure::all().chain(switches).collect()
    });
    &ALL
}

/// Clauses that are no rules and whose breaking nobody can see, so that no fault is made of them.
#[must_use]
pub fn inert() -> &'static [&'static str] {
    &switches::INERT
}

/// The fault of this name.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static Fault> {
    all().iter().find(|fault| fault.name == name)
}

/// The subject with this fault; `None`: there is no such fault, or our cache cannot be given it, since it is a switch of
/// the model.
#[must_use]
pub fn subject(name: &str, over: Over) -> Option<Box<dyn Subject>> {
    let fault = by_name(name)?;
    let shown = format!("faulty:{name}");
    match (fault.how, over) {
        (How::Flawed { flaw, .. }, Over::Model) => {
            Some(Box::new(Driven::new(shown, move || Faulty::new(Model::new(faultless()), flaw()))))
        }
        (How::Flawed { flaw, .. }, Over::Optimised) => {
            let shown = format!("{shown}@optimised");
            Some(Box::new(Driven::new(shown, move || Faulty::new(Optimised::default(), flaw()))))
        }
        (_, Over::Model) => Some(Box::new(model::subject(shown, fault.profile(faultless())?))),
        (_, Over::Optimised) => None,
    }
}

/// A library with this fault, to be driven step by step; `None` as for [`subject`].
#[must_use]
pub fn library(name: &str, over: Over) -> Option<Box<dyn Library>> {
    let fault = by_name(name)?;
    match (fault.how, over) {
        (How::Flawed { flaw, .. }, Over::Model) => Some(Box::new(Faulty::new(Model::new(faultless()), flaw()))),
        (How::Flawed { flaw, .. }, Over::Optimised) => Some(Box::new(Faulty::new(Optimised::default(), flaw()))),
        (_, Over::Model) => Some(Box::new(Model::new(fault.profile(faultless())?))),
        (_, Over::Optimised) => None,
    }
}

/// The model, which does this before each flush that is asked for.
pub(crate) fn before_flushes(does: fn()) -> Box<dyn Library> {
    struct Before(fn());
    impl flaw::Flaw for Before {
        fn flush_sessions(&mut self, at: &mut inner::Inner<'_>, ctx: ContextRef, tm: Time) {
            self.0();
            at.library.flush_sessions(ctx, tm);
        }
    }
    Box::new(Faulty::new(Model::new(faultless()), Box::new(Before(does))))
}

/// Our cache, with a panic in every unclean close: for tests of who has to live with that.
#[cfg(test)]
pub(crate) fn that_goes_down() -> Faulty<Optimised> {
    struct GoesDown;
    impl flaw::Flaw for GoesDown {
        fn close(&mut self, at: &mut inner::Inner<'_>, k: session_model::ConnectionRef, close: crate::op::Close) {
            assert!(close == crate::op::Close::Clean, "it goes down");
            at.library.close(k, close);
        }
    }
    Faulty::new(Optimised::default(), Box::new(GoesDown))
}

/// Our cache, with a panic in every `SSL_SESSION_free`.
#[cfg(test)]
pub(crate) fn that_goes_down_freeing() -> Faulty<Optimised> {
    struct GoesDown;
    impl flaw::Flaw for GoesDown {
        fn session_free(&mut self, _: &mut inner::Inner<'_>, _: session_model::SessionRef) {
            panic!("it goes down");
        }
    }
    Faulty::new(Optimised::default(), Box::new(GoesDown))
}

/// The wrapper with no fault in it: what it shows is what the library inside shows.
#[must_use]
pub fn wrapped(over: Over) -> Box<dyn Subject> {
    match over {
        Over::Model => Box::new(Driven::new("wrapped", || Faulty::new(Model::new(faultless()), Box::new(Flawless)))),
        Over::Optimised => {
            Box::new(Driven::new("wrapped@optimised", || Faulty::new(Optimised::default(), Box::new(Flawless))))
        }
    }
}
