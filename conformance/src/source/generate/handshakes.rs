//! Handshakes: in one step, or in parts with other ops between them.

use session_model::{ContextRef, IdContext, Mechanism};

use super::ids::draw_id_context;
use super::known::{Believed, Open};
use super::{Generator, Lane};
use crate::op::{Accept, Close, Connection, Makes, Name, Op, Propose, made};
use crate::source::choices::Choices;

/// As many as may be open at a time: enough for them to cross.
pub(super) const MOST_OPEN: usize = 6;

impl<C: Choices> Generator<'_, C> {
    /// How a handshake is begun: what is proposed mostly is of the right context.
    pub(super) fn draw_accept(&mut self) -> Accept {
        let context = self.a_context();
        let client = self.a_client(context);
        let mechanism = self.a_mechanism();
        let propose = match client {
            Some(client) => self.own_proposal(client),
            None => self.peers_proposal(context),
        };
        // With tickets an id alone is never proposed.
        let by_id = matches!(propose, Propose::Id(_)) && mechanism == Mechanism::Tickets;
        let propose = if by_id { Propose::Nothing } else { propose };
        // What resumes makes no session, so that a name would mostly come to nothing.
        let rare = if matches!(propose, Propose::Session(_)) { 4 } else { 2 };
        let makes = if mechanism == Mechanism::Ids {
            let server = self.choices.one_in(rare).then(|| self.name_negotiated(context));
            let client = client.filter(|_| self.choices.one_in(rare)).map(|c| self.name_negotiated(c));
            Makes::first(server, client)
        } else {
            self.names_of_tickets(context, client, made(mechanism, 0))
        };
        self.count_connection(context, 1);
        let (id_context, switch_to) = self.its_own(context, client);
        Accept { context, client, mechanism, propose, id_context, switch_to, makes }
    }

    /// What few connections have: a session id context for themselves, and a context to be switched to.
    fn its_own(&mut self, context: ContextRef, client: Option<ContextRef>) -> (Option<IdContext>, Option<ContextRef>) {
        let id_context = self.choices.one_in(8).then(|| draw_id_context(self.choices));
        (id_context, if self.choices.one_in(6) { self.another(context, client) } else { None })
    }

    /// A context beside a server's and its client's, if one is drawn.
    pub(super) fn another(&mut self, context: ContextRef, client: Option<ContextRef>) -> Option<ContextRef> {
        if self.plan.contexts == 1 {
            return None;
        }
        Some(self.a_context()).filter(|to| *to != context && Some(*to) != client)
    }

    /// How the ends are set: session ids alone, but in the lane of tickets.
    fn a_mechanism(&mut self) -> Mechanism {
        if !matches!(self.plan.lane, Lane::Tickets | Lane::Uniform) {
            return Mechanism::Ids;
        }
        let kind = self.choices.below(20);
        match kind {
            0..=2 => Mechanism::Ids,
            3..=5 => Mechanism::Tickets,
            6..=13 => Mechanism::Stateful(self.choices.pick(&[2, 1, 2, 1, 2, 3, 0, 4])),
            _ => Mechanism::Stateless(self.choices.pick(&[2, 1, 2, 1, 2, 3, 0, 4])),
        }
    }

    /// Names for some of what comes with tickets.
    pub(super) fn names_of_tickets(&mut self, server: ContextRef, client: Option<ContextRef>, tickets: usize) -> Makes {
        let mut makes = Makes::UNNAMED;
        for n in 0..tickets {
            if self.choices.one_in(2) {
                makes.server[n] = Some(self.name_negotiated(server));
            }
            if let Some(client) = client
                && self.choices.one_in(2)
            {
                makes.client[n] = Some(self.name_negotiated(client));
            }
        }
        makes
    }

    /// Another context, or a peer that is not observed.
    fn a_client(&mut self, server: ContextRef) -> Option<ContextRef> {
        if self.plan.contexts == 1 || self.choices.below(2) == 0 {
            return None;
        }
        Some(self.a_context()).filter(|client| *client != server)
    }

    fn own_proposal(&mut self, client: ContextRef) -> Propose {
        if self.choices.below(4) == 0 { Propose::Nothing } else { Propose::Session(self.a_name_of(client)) }
    }

    fn peers_proposal(&mut self, server: ContextRef) -> Propose {
        match self.choices.below(8) {
            0 | 1 => Propose::Nothing,
            2..=5 => Propose::Session(self.a_name_of(server)),
            6 => Propose::Session(self.a_name().0),
            _ => Propose::Id(self.plan.shape.id(self.choices.below(self.plan.hot + 2))),
        }
    }

    /// A name for what a handshake may make.
    pub(super) fn name_negotiated(&mut self, context: ContextRef) -> Name {
        let timeout = self.known.context(context).timeout;
        self.heat(Believed { context, id: None, references: 1, time: self.known.clock, timeout })
    }

    /// A handshake that names nothing, for a block: a peer's, or an observed client's.
    pub(super) fn draw_unnamed(&mut self, context: ContextRef, propose: Propose) -> Accept {
        let client = if propose == Propose::Nothing { self.a_client(context) } else { None };
        let mechanism = match propose {
            Propose::Id(_) => Mechanism::Ids,
            _ => self.a_mechanism(),
        };
        let (id_context, switch_to) = self.its_own(context, client);
        Accept { context, client, mechanism, propose, id_context, switch_to, makes: Makes::UNNAMED }
    }

    pub(super) fn count_connection(&mut self, context: ContextRef, times: u32) {
        self.known.context(context).connections += times;
        let boundary = self.known.clock + self.known.context(context).timeout;
        self.known.touch(boundary);
    }

    fn draw_close(&mut self) -> Close {
        if self.choices.one_in(4) { Close::Unclean } else { Close::Clean }
    }

    pub(super) fn handshake(&mut self) {
        let accept = self.draw_accept();
        let close = self.draw_close();
        self.ops.push(Op::Handshake(accept, close));
    }

    pub(super) fn accept_begin(&mut self) {
        if self.known.open.len() >= MOST_OPEN {
            return self.close();
        }
        let accept = self.draw_accept();
        self.push_begin(accept);
    }

    pub(super) fn push_begin(&mut self, accept: Accept) {
        let connection = Connection(self.known.connections);
        self.known.connections += 1;
        self.known.open.push(Open { connection, accept, finished: false });
        self.ops.push(Op::AcceptBegin(connection, accept));
    }

    /// The place of an open connection that is finished or is not; rarely of any.
    fn an_open(&mut self, finished: bool) -> Option<usize> {
        let open = &self.known.open;
        if open.is_empty() {
            return None;
        }
        let from = self.choices.below(open.len() as u32) as usize;
        if self.choices.one_in(32) {
            return Some(from);
        }
        let open = &self.known.open;
        (0..open.len()).map(|n| (from + n) % open.len()).find(|n| open[*n].finished == finished)
    }

    pub(super) fn accept_finish(&mut self) {
        let Some(place) = self.an_open(false) else {
            return self.accept_begin();
        };
        let open = &mut self.known.open[place];
        open.finished = true;
        self.ops.push(Op::AcceptFinish(open.connection));
    }

    pub(super) fn accept_abort(&mut self) {
        let Some(place) = self.an_open(false) else {
            return self.handshake();
        };
        let open = self.known.open.swap_remove(place);
        self.ops.push(Op::AcceptAbort(open.connection));
    }

    pub(super) fn close(&mut self) {
        let Some(place) = self.an_open(true) else {
            return self.accept_finish_or_handshake();
        };
        let open = self.known.open.swap_remove(place);
        let close = self.draw_close();
        self.ops.push(Op::Close(open.connection, close));
    }

    fn accept_finish_or_handshake(&mut self) {
        if self.known.open.is_empty() {
            self.handshake();
        } else {
            self.accept_finish();
        }
    }

    /// Ends every open connection.
    pub(super) fn hang_up(&mut self) {
        for open in std::mem::take(&mut self.known.open) {
            let close = self.draw_close();
            self.ops.push(if open.finished {
                Op::Close(open.connection, close)
            } else {
                Op::AcceptAbort(open.connection)
            });
        }
    }
}
