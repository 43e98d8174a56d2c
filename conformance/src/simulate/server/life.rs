//! The life of a server's process: its contexts, its start and its end. Not here: what happens to its connections, which
//! end before it does.

use session_model::{CacheMode, Time};

use super::{OTHER, PEER, SERVER, Server, UnderWay};
use crate::simulate::recycled::{Of, Recycled};
use crate::trace::{ContextSetup, Setup};

impl Server {
    /// The process starts, set as it was at first.
    pub(in crate::simulate) fn begin_life(&mut self) {
        self.life += 1;
        self.ended = false;
        let context = &self.setting.context;
        self.mode = context.mode.unwrap_or(CacheMode::SERVER);
        let setup =
            Setup { clock: Time(self.clock.into()), contexts: contexts(context), sessions: Vec::new(), hazards: false };
        self.count_ask();
        self.pair.begin(&setup);
        self.numbers = Recycled::default();
        self.known.clear();
        (self.established, self.most, self.open) = (0, 0, 0);
        // A number for what is never made: clients that are not observed make nothing.
        self.take(Of::One);
        if let Some(tape) = &mut self.tape {
            tape.start_anew();
        }
    }

    /// Whether its process is at its end, with no context any more.
    pub(in crate::simulate) fn is_ended(&self) -> bool {
        self.ended
    }

    /// The process ends: its connections are gone already.
    pub(in crate::simulate) fn end_life(&mut self) {
        self.ended = true;
        self.goes_into(UnderWay::EndLife);
        if let Some(ticket) = self.other_ticket.take() {
            self.pair.each(|library| library.session_free(ticket));
        }
        for context in [SERVER, PEER, OTHER] {
            self.pair.each(|library| library.application_release(context));
        }
        for context in [SERVER, PEER, OTHER] {
            self.pair.each(|library| library.ctx_free(context));
        }
        self.pair.drain();
        self.put_on_tape();
    }
}

pub(super) fn contexts(server: &ContextSetup) -> Vec<ContextSetup> {
    let off = ContextSetup { mode: Some(CacheMode::OFF), ..ContextSetup::default() };
    let peer = ContextSetup { id_context: server.id_context, ..off.clone() };
    vec![server.clone(), peer, ContextSetup { id_context: server.id_context, ..off }]
}
