//! Renegotiations of connections that are open, mostly after something has happened to the session.

use session_model::{Mechanism, Protocol};

use super::Generator;
use super::ids::draw_long_id_context;
use super::known::Open;
use crate::op::{At, Makes, Op, Renegotiate, Renegotiation};
use crate::source::choices::Choices;

const KINDS: [Renegotiation; 5] = [
    Renegotiation::New,
    Renegotiation::Abbreviated,
    Renegotiation::New,
    Renegotiation::Abbreviated,
    Renegotiation::Requested,
];

impl<C: Choices> Generator<'_, C> {
    pub(super) fn renegotiate(&mut self) {
        let open = self.a_renegotiable();
        if self.choices.below(2) == 0 {
            self.disturb(open);
        }
        let accept = open.accept;
        let makes = if accept.mechanism == Mechanism::Ids {
            let server = self.choices.one_in(2).then(|| self.name_negotiated(accept.context));
            let client = accept.client.filter(|_| self.choices.one_in(2)).map(|client| self.name_negotiated(client));
            Makes::first(server, client)
        } else {
            self.names_of_tickets(accept.context, accept.client, 1)
        };
        let kind = self.choices.pick(&KINDS);
        self.count_connection(accept.context, 1);
        let same = |known: &&mut Open| known.connection == open.connection;
        if let Some(known) = self.known.open.iter_mut().find(same).filter(|_| kind == Renegotiation::New) {
            known.accept.makes = makes;
        }
        self.ops.push(Op::Renegotiate(open.connection, Renegotiate { kind, makes }));
    }

    /// An op for a block: a renegotiation of an open connection that names nothing.
    pub(super) fn renegotiate_unnamed(&mut self) -> Option<(Open, Op)> {
        let open = self.finished_before_tls13()?;
        let kind = self.choices.pick(&KINDS);
        Some((open, Op::Renegotiate(open.connection, Renegotiate { kind, makes: Makes::UNNAMED })))
    }

    /// A finished connection that can be renegotiated, rarely one that cannot; where there is none, one is made.
    fn a_renegotiable(&mut self) -> Open {
        if !self.known.open.is_empty() && self.choices.one_in(32) {
            let place = self.choices.below(self.known.open.len() as u32) as usize;
            return self.known.open[place];
        }
        if let Some(open) = self.finished_before_tls13() {
            return open;
        }
        if self.known.open.len() >= super::handshakes::MOST_OPEN {
            self.close();
        }
        let mut accept = self.draw_accept();
        if accept.mechanism.protocol() == Protocol::Tls13 {
            let makes = Makes::first(accept.makes.server[0], accept.makes.client[0]);
            (accept.mechanism, accept.makes) = (Mechanism::Ids, makes);
        }
        self.push_begin(accept);
        let open = self.known.open.last_mut().expect("it was just begun");
        open.finished = true;
        let open = *open;
        self.ops.push(Op::AcceptFinish(open.connection));
        open
    }

    fn finished_before_tls13(&mut self) -> Option<Open> {
        let fits = |open: &&Open| open.finished && open.accept.mechanism.protocol() != Protocol::Tls13;
        let fitting = self.known.open.iter().filter(fits).count();
        if fitting == 0 {
            return None;
        }
        let nth = self.choices.below(fitting as u32) as usize;
        self.known.open.iter().filter(fits).nth(nth).copied()
    }

    /// Something that may end the session of this connection, or change what it is resumed under.
    fn disturb(&mut self, open: Open) {
        let Open { accept, .. } = open;
        let context = self.choices.pick(&[Some(accept.context), accept.client]).unwrap_or(accept.context);
        let names = if context == accept.context { accept.makes.server } else { accept.makes.client };
        match (self.choices.below(6), names[0]) {
            (0 | 1, Some(session)) => self.ops.push(Op::RemoveSession { context, session, synonym: false }),
            (2, Some(session)) => self.ops.push(Op::AddSession { context, session, synonym: false }),
            (3, _) => self.set_session_cache_mode(),
            (4, _) => self.advance(),
            (5, _) => self.ops.push(Op::FlushSessions { context, at: At::Now(0), synonym: false }),
            _ => {
                let id_context = draw_long_id_context(self.choices);
                if let Some(fits) = session_model::IdContext::new(id_context.as_bytes()) {
                    self.known.context(context).id_context = fits;
                }
                self.ops.push(Op::SetSessionIdContext(context, id_context));
            }
        }
    }
}
