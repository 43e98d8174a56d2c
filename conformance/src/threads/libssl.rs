//! A libssl's context, shared by threads: its functions alone, since a handshake is many calls there.

use std::sync::Arc;

use super::cache::{Cache, Hand, Kind};
use super::history::Answer;
use super::program::{Call, Program};
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
    Ok(Kind { name: spec.to_string(), profile, whole: false, fresh })
}

/// A context and the sessions of a program.
struct Library(shared::Context);

impl Library {
    fn new(api: &'static Api, program: &Program) -> Self {
        let mut context = shared::Context::new(api, program.size, program.mode);
        for (number, made) in (0u32..).zip(&program.sessions) {
            context.make(made.id, made.time, made.timeout);
            if made.cached {
                let _ = context.add(number);
            }
        }
        drop(shared::left());
        Self(context)
    }
}

impl Cache for Library {
    fn hand(self: Arc<Self>, _thread: usize) -> Box<dyn Hand> {
        let asks = self.0.asks();
        Box::new(LibraryHand { asks, library: self })
    }
}

struct LibraryHand {
    /// Before the context that it is of.
    asks: shared::Asks,
    library: Arc<Library>,
}

impl Hand for LibraryHand {
    fn call(&mut self, _at: usize, call: Call) -> Answer {
        let Library(context) = &*self.library;
        let returns = match call {
            Call::Add(s) => Some(context.add(s)),
            Call::Remove(s) => Some(context.remove(s)),
            Call::Flush(tm) => {
                context.flush(tm);
                None
            }
            Call::Has(s) => Some(self.asks.has(context, s)),
            Call::SetTime(s, time) => Some(context.set_time(s, time)),
            Call::SetTimeout(s, timeout) => Some(context.set_timeout(s, timeout)),
            Call::Number => Some(context.number()),
            Call::SetSize(_)
            | Call::SetMode(_)
            | Call::Counters
            | Call::Begin(_)
            | Call::Finish
            | Call::CloseUnclean => {
                unreachable!("a program for functions alone has none of these")
            }
        };
        Answer { returns, left: shared::left(), counters: None }
    }
}
