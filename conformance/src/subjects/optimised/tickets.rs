//! The tickets that were sent: what a TLS stack around the crate puts into them and gets out again.

use std::collections::{HashMap, HashSet};

use session_cache::{Negotiating, Session};
use session_model::{ContextRef, Mechanism, SessionId, SessionRef};

use super::crate_id;
use super::outside::Object;

/// What the session of each ticket is proposed with.
#[derive(Default)]
pub(super) struct Tickets {
    sent: HashMap<SessionRef, (Content, session_cache::Protocol)>,
    made_by_servers: HashSet<SessionRef>,
}

/// What is in a ticket.
#[derive(Clone, Copy)]
pub(super) enum Content {
    /// The id of the server's session.
    Id(SessionId),
    /// The whole session, under the key of this context.
    State(ContextRef, State),
}

/// A session as it was when its ticket was sent.
#[derive(Clone, Copy)]
pub(super) struct State {
    pub(super) id: SessionId,
    new: session_cache::NewSession,
}

impl State {
    /// Of what is being negotiated, with this id and time.
    pub(super) fn new(from: &Negotiating, id: SessionId, time: i64) -> Self {
        let mut new = from.would_be(crate_id(&id));
        new.time = time;
        Self { id, new }
    }

    /// The session again, as another object.
    pub(super) fn open(self, object: Object) -> Session<Object> {
        Session::new(self.new, object)
    }
}

impl Tickets {
    /// A server has made this session for a ticket.
    pub(super) fn made_by_server(&mut self, session: SessionRef) {
        self.made_by_servers.insert(session);
    }

    /// A ticket is sent for this session.
    pub(super) fn send(&mut self, session: SessionRef, of: ContextRef, state: State, stateless: bool) {
        let content = if stateless { Content::State(of, state) } else { Content::Id(state.id) };
        self.sent.insert(session, (content, state.new.protocol));
    }

    /// This number will be another session's.
    pub(super) fn forget(&mut self, session: SessionRef) {
        self.sent.remove(&session);
        self.made_by_servers.remove(&session);
    }

    /// Whether an observed client has a ticket for this session: not for one that it has made as a server of TLS 1.3.
    pub(super) fn has_received(&self, session: SessionRef) -> bool {
        !self.made_by_servers.contains(&session)
    }

    /// What is proposed for a session with this id in such a connection: its ticket, or the id.
    pub(super) fn content(&self, session: Option<SessionRef>, id: SessionId, mechanism: Mechanism) -> Content {
        let protocol = super::crate_protocol(mechanism.protocol());
        let sent = session.and_then(|session| self.sent.get(&session)).filter(|(_, of)| *of == protocol);
        sent.map_or(Content::Id(id), |(content, _)| *content)
    }
}
