//! The tickets that were sent: what a TLS stack around the crate puts into them and gets out again.

use std::rc::Rc;

use session_cache::{Negotiating, Session};
use session_model::{ContextRef, Mechanism, SessionId, SessionRef};

use super::crate_id;
use super::outside::Object;

/// What the session of each ticket is proposed with.
#[derive(Default)]
pub(super) struct Tickets {
    /// By [`SessionRef`]. Most numbers never have a ticket.
    of: Vec<Option<Box<Sent>>>,
}

/// What was sent for a session.
#[derive(Default)]
struct Sent {
    ticket: Option<(Content, session_cache::Protocol)>,
    made_by_server: bool,
}

/// What is in a ticket.
#[derive(Clone)]
pub(super) enum Content {
    /// The id of the server's session.
    Id(SessionId),
    /// The whole session, under the key of this context.
    State(ContextRef, Rc<State>),
}

/// A session as it was when its ticket was sent.
pub(super) struct State {
    pub(super) id: SessionId,
    new: session_cache::NewSession,
}

impl State {
    /// Of what is being negotiated, with this id and time.
    pub(super) fn new(from: &Negotiating, id: SessionId, time: i64) -> Rc<Self> {
        let mut new = from.would_be(crate_id(&id));
        new.time = time;
        Rc::new(Self { id, new })
    }

    /// The session again, as another object.
    pub(super) fn open(&self, object: Object) -> Session<Object> {
        Session::new(self.new, object)
    }
}

impl Tickets {
    /// A server has made this session for a ticket.
    pub(super) fn made_by_server(&mut self, session: SessionRef) {
        self.sent(session).made_by_server = true;
    }

    /// A ticket is sent for this session.
    pub(super) fn send(&mut self, session: SessionRef, of: ContextRef, state: &Rc<State>, stateless: bool) {
        let content = if stateless { Content::State(of, Rc::clone(state)) } else { Content::Id(state.id) };
        self.sent(session).ticket = Some((content, state.new.protocol));
    }

    /// This number will be another session's.
    pub(super) fn forget(&mut self, session: SessionRef) {
        if let Some(sent) = self.of.get_mut(session.0 as usize) {
            *sent = None;
        }
    }

    /// Whether an observed client has a ticket for this session: not for one that it has made as a server of TLS 1.3.
    pub(super) fn has_received(&self, session: SessionRef) -> bool {
        self.known(session).is_none_or(|sent| !sent.made_by_server)
    }

    /// What is proposed for a session with this id in such a connection: its ticket, or the id.
    pub(super) fn content(&self, session: Option<SessionRef>, id: SessionId, mechanism: Mechanism) -> Content {
        let protocol = super::crate_protocol(mechanism.protocol());
        match session.and_then(|session| self.known(session)?.ticket.as_ref()) {
            Some((content, of)) if *of == protocol => content.clone(),
            _ => Content::Id(id),
        }
    }

    fn known(&self, session: SessionRef) -> Option<&Sent> {
        self.of.get(session.0 as usize)?.as_deref()
    }

    fn sent(&mut self, session: SessionRef) -> &mut Sent {
        let slot = session.0 as usize;
        if self.of.len() <= slot {
            self.of.resize_with(slot + 1, || None);
        }
        self.of[slot].get_or_insert_default()
    }
}
