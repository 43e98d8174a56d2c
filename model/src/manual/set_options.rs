//! SSL_CTX_set_options(3): tickets, with `SSL_OP_NO_TICKET` and without it.

use super::handshake::{Accept, Proposal};
use crate::clause::*;
use crate::points;
use crate::reading::{MissesWithoutLookup, StatelessStored};
use crate::ruling::{Counter, Ruling};
use crate::session::{ContextRef, Mechanism, Protocol, SessionRef};
use crate::time::Timeout;
use crate::world::{Connection, Content, Session, Ticket, World};

impl World {
    /// What a client has to propose for a session in such a connection: its ticket, or its id.
    pub(crate) fn content(&self, c: SessionRef, mechanism: Mechanism) -> Option<Content> {
        let session = self.session(c);
        match &session.ticket {
            Some(ticket) if session.protocol == mechanism.protocol() => Some(ticket.content.clone()),
            _ => session.id.map(Content::Id),
        }
    }

    /// What a server finds for what is proposed, with a reference for the connection.
    pub(crate) fn retrieve(&mut self, accept: &Accept, content: Content, why: &mut Ruling) -> Option<SessionRef> {
        let ctx = accept.context;
        match (content, accept.mechanism.is_stateless()) {
            (Content::Id(id), false) => {
                let protocol = accept.mechanism.protocol();
                let is_ticket = protocol == Protocol::Tls13;
                if is_ticket && !points::ticket_is_looked_up(&self.profile, id, true) {
                    self.not_looked_up(ctx, why);
                    return None;
                }
                let looks = !is_ticket || why.keeps(TICKET_STATEFUL);
                if looks { self.look_up(ctx, id, protocol, why) } else { None }
            }
            // Under the server's own key: the session comes out as it went in.
            (Content::State(of, session), true) if of == ctx => {
                self.not_looked_up(ctx, why);
                if !why.keeps(TICKET_STATELESS_RESUMES) {
                    return None;
                }
                let time = points::opened_time(&self.profile, self.clock, session.time);
                self.put_session(accept.opened, Session { time, ..*session });
                Some(accept.opened)
            }
            _ => {
                why.keeps(TICKET_OTHER_KIND);
                self.not_looked_up(ctx, why);
                None
            }
        }
    }

    /// SSL_CTX_sess_number(3): what is proposed with a ticket and not looked up is not found in the internal cache.
    fn not_looked_up(&mut self, ctx: ContextRef, why: &mut Ruling) {
        if self.profile.readings.misses_without_lookup == MissesWithoutLookup::Counted {
            self.count(ctx, Counter::Misses, MISSES_NOT_FOUND_INTERNALLY, why);
        }
    }

    /// Whether the observed client sends what it has for its session: in TLS 1.3 a ticket, which it has received.
    pub(crate) fn has_a_ticket(&self, accept: &Accept, why: &mut Ruling) -> bool {
        let Proposal::Own(c) = accept.proposal else { return true };
        let session = self.session(c);
        if session.protocol != Protocol::Tls13 {
            return true;
        }
        let ticket = session.ticket.as_ref();
        if ticket.is_some_and(|ticket| !ticket.received) && why.keeps(TICKET_RECEIVED) {
            return false;
        }
        let lifetime = ticket.map_or(points::TICKET_LIFETIME, |ticket| ticket.lifetime);
        !points::ticket_is_kept_back(&self.profile, self.clock.0 - session.time.0, lifetime, false)
    }

    /// The ticket that a server sends for its session `state`.
    pub(crate) fn ticket(ctx: ContextRef, state: &Session, stateless: bool) -> Box<Ticket> {
        let content = match state.id {
            Some(id) if !stateless => Content::Id(id),
            _ => Content::State(ctx, Box::new(Session { references: 1, ticket: None, ..state.clone() })),
        };
        let lifetime = Timeout(state.timeout.0.min(points::TICKET_LIFETIME.0));
        Box::new(Ticket { lifetime, received: true, content })
    }

    /// Up to TLS 1.2 the ticket comes before the handshake ends; the client's session takes its time from it.
    pub(crate) fn send_state(&mut self, connection: &mut Connection, why: &mut Ruling) {
        let server = &connection.server;
        // The client gives the session an id of its own, and the server gives that to what it opens.
        let state = Session { id: Some(connection.ids[1][0]), ..server.new.1.clone() };
        let ticket = Self::ticket(server.context, &state, true);
        connection.offered = Some(ticket.content.clone());
        let Some(client) = &mut connection.client else { return };
        client.new.1.ticket = Some(ticket);
        if why.keeps(TICKET_MADE_WHEN_SENT) {
            client.new.1.time = self.clock;
        }
    }

    /// Whether a server caches a session whose ticket is stateless.
    pub(crate) fn caches_stateless(&self, ctx: ContextRef) -> bool {
        match self.profile.readings.stateless_stored {
            StatelessStored::No => false,
            StatelessStored::WithRemoveCallback => self.context(ctx).application.callbacks().remove,
            StatelessStored::Yes => true,
        }
    }
}
