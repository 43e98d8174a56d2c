//! A libssl's context, shared by threads: with its functions alone, or with servers that accept connections on it.

use std::sync::Arc;

use super::alphabet::{Alphabet, NO_INTERNAL_STORE};
use super::cache::{Cache, Hand, Kind};
use super::history::{After, Answer};
use super::program::{Call, NOW, Program};
use super::steps::Steps;
use crate::subjects::libssl::accepts::{Accepts, Proposed};
use crate::subjects::libssl::{self, Api, shared};
use crate::subjects::{CannotOpen, Spec};
use crate::{profiles, releases};

/// The libssl that is named.
pub(super) fn open(spec: &Spec) -> Result<Kind, CannotOpen> {
    let Spec::Libssl(word) = spec else { return Err(CannotOpen(format!("{spec} is no libssl"))) };
    let path = match word {
        Some(word) => releases::resolve(word).map_err(CannotOpen)?,
        None => libssl::locate().ok_or_else(|| CannotOpen("no libssl found".to_owned()))?,
    };
    let api = libssl::load(&path).map_err(|error| CannotOpen(error.to_string()))?;
    if !shared::can(api) {
        return Err(CannotOpen(format!("{spec}: it lacks a function that histories call")));
    }
    let profile = profiles::nearest(api.version()).expect("a libssl profile is shipped");
    let fresh = Box::new(move |program: &Program| Arc::new(Library::new(api, program)) as Arc<dyn Cache>);
    let alphabets = &[Alphabet::Functions, Alphabet::Handshakes];
    Ok(Kind { name: spec.to_string(), profile, alphabets, steps: Steps::Library, fresh })
}

/// A context and the sessions of a program.
struct Library {
    context: shared::Context,
    /// By thread and call, the number of the session that it would make.
    makes: Vec<Vec<u32>>,
}

impl Library {
    fn new(api: &'static Api, program: &Program) -> Self {
        let calls = || program.threads.iter().flatten();
        let handshakes = calls().any(|call| matches!(call, Call::Begin(_) | Call::BeginOwn));
        let mut context = shared::Context::new(api, program.size, handshakes);
        if program.established > 0 {
            context.set_mode(program.mode | NO_INTERNAL_STORE);
            let mut accepts = Accepts::new(&context, NOW);
            for _ in 0..program.established {
                accepts.begin(&context, Proposed::Nothing, u32::MAX);
                let _ = accepts.finish();
            }
        }
        context.set_mode(program.mode);
        for (number, made) in (0u32..).zip(&program.sessions) {
            context.make(made.id, made.time, made.timeout);
            if made.cached {
                let _ = context.add(number, NOW);
            }
        }
        drop(shared::left());
        Self { context, makes: program.makes() }
    }
}

impl Cache for Library {
    fn hand(self: Arc<Self>, thread: usize) -> Box<dyn Hand> {
        let (asks, accepts) = (self.context.asks(), Accepts::new(&self.context, NOW));
        Box::new(LibraryHand { asks, accepts, thread, library: self })
    }

    fn after(&self) -> After {
        let (counters, mut members) = self.context.after();
        members.sort_unstable();
        After { counters, members }
    }
}

struct LibraryHand {
    /// Both before the context that they are of.
    asks: shared::Asks,
    accepts: Accepts,
    thread: usize,
    library: Arc<Library>,
}

impl Hand for LibraryHand {
    fn call(&mut self, at: usize, call: Call) -> Answer {
        let Library { context, makes } = &*self.library;
        let makes = makes[self.thread][at];
        let returns = match call {
            Call::Add(s) => Some(context.add(s, NOW)),
            Call::Remove(s) => Some(context.remove(s)),
            Call::Flush(tm) => {
                context.flush(tm);
                None
            }
            Call::Has(s) => Some(self.asks.has(context, s)),
            Call::SetTime(s, time) => Some(context.set_time(s, time)),
            Call::SetTimeout(s, timeout) => Some(context.set_timeout(s, timeout)),
            Call::Number => Some(context.number()),
            Call::Begin(None) => Some(self.accepts.begin(context, Proposed::Nothing, makes)),
            Call::Begin(Some(s)) => Some(self.accepts.begin(context, Proposed::HandMade(s), makes)),
            Call::BeginOwn => Some(self.accepts.begin(context, Proposed::Own, makes)),
            Call::Finish => self.accepts.finish(),
            Call::CloseUnclean => {
                self.accepts.close_uncleanly();
                None
            }
            Call::SetSize(_) | Call::SetMode(_) | Call::Counters => {
                unreachable!("no alphabet of a library has these")
            }
        };
        Answer { returns, left: shared::left(), counters: None }
    }
}
