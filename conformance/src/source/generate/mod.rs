//! One generator of traces, whatever the choices come from.
//!
//! It keeps a rough idea of what its trace has made so far ([`known`]), so that ops meet: the same few ids, times on
//! the boundaries of sessions that exist, connections that are open. The idea may be wrong, since it knows no rule of
//! the pages: an op that turns out to be on nothing is absent, and a trace is total whatever is drawn.

mod bursts;
mod callbacks;
mod contexts;
mod handshakes;
mod hazards;
mod ids;
mod known;
mod plan;
mod renegotiations;
mod sessions;
mod setup;
mod times;

#[cfg(test)]
mod coverage;

pub use plan::{Lane, Plan};

use crate::op::Op;
use crate::source::choices::Choices;
use crate::source::weights::Kind;
use crate::source::{mutated, scopes};
use crate::trace::{Names, Shown, Trace};

use known::Known;

/// The trace that these choices make.
pub fn generate(choices: &mut impl Choices, lane: Lane) -> Trace {
    match lane {
        Lane::Hazards => hazards::generate(choices),
        Lane::Mutated => mutated::generate(choices),
        Lane::Scopes => scopes::generate(choices),
        _ => Plan::draw(choices, lane).follow(choices),
    }
}

impl Plan {
    /// The trace that these choices make under this plan.
    pub fn follow(&self, choices: &mut impl Choices) -> Trace {
        let mut generator = Generator {
            choices,
            plan: self,
            known: Known::default(),
            ops: Vec::with_capacity(self.length as usize + 16),
        };
        let setup = generator.setup();
        generator.steps();
        Trace { setup, ops: generator.ops, shown: Shown::Steps, names: Names::default() }
    }
}

/// A trace on its way.
struct Generator<'g, C> {
    choices: &'g mut C,
    plan: &'g Plan,
    known: Known,
    ops: Vec<Op>,
}

impl<C: Choices> Generator<'_, C> {
    fn steps(&mut self) {
        let table = self.plan.weights.table();
        for step in 0..self.plan.length {
            if self.choices.is_spent() || !self.known.has_context() {
                break;
            }
            if self.plan.bursts.contains(&step) {
                self.burst();
            } else if self.plan.context_free == Some(step) {
                self.ctx_free();
            } else {
                let kind = self.choices.pick(&table);
                self.step(kind);
            }
        }
    }

    /// Draws an op of this kind, and what it takes to make it meet something.
    fn step(&mut self, kind: Kind) {
        match kind {
            Kind::AddSession => self.add_session(),
            Kind::RemoveSession => self.remove_session(),
            Kind::Advance => self.advance(),
            Kind::Session => self.session(),
            Kind::FlushSessions => self.flush_sessions(),
            Kind::SessionSetTime => self.session_set_time(),
            Kind::SessionSetTimeout => self.session_set_timeout(),
            Kind::IsResumable => self.on_a_name(Op::IsResumable),
            Kind::SessSetCacheSize => self.sess_set_cache_size(),
            Kind::Free => self.free(),
            Kind::SetClock => self.set_clock(),
            Kind::ExternalStore => self.external(Op::ExternalStore),
            Kind::SetSessionCacheMode => self.set_session_cache_mode(),
            Kind::UpRef => self.up_ref(),
            Kind::SessionGetTime => self.on_a_name(Op::SessionGetTime),
            Kind::SessionGetTimeout => self.on_a_name(Op::SessionGetTimeout),
            Kind::SessionSetIdContext => self.session_set_id_context(),
            Kind::SetTimeout => self.set_timeout(),
            Kind::SetCallbacks => self.set_callbacks(),
            Kind::ExternalForget => self.external(Op::ExternalForget),
            Kind::SetSessionIdContext => self.set_session_id_context(),
            Kind::GetSessionCacheMode => self.on_a_context(Op::GetSessionCacheMode),
            Kind::SessGetCacheSize => self.on_a_context(Op::SessGetCacheSize),
            Kind::GetTimeout => self.on_a_context(Op::GetTimeout),
            Kind::Repeat => self.repeat(),
            Kind::Handshake => self.handshake(),
            Kind::AcceptBegin => self.accept_begin(),
            Kind::AcceptFinish => self.accept_finish(),
            Kind::Renegotiate => self.renegotiate(),
            Kind::AcceptAbort => self.accept_abort(),
            Kind::Close => self.close(),
        }
    }
}
