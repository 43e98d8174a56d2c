//! What the generator believes of the trace so far.
//!
//! Not here: which sessions are cached. That would take the rules of the pages.

use session_model::{ContextRef, IdContext};

use crate::op::{Accept, Connection, Name};

/// A session that was made, or that a handshake may have made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Believed {
    pub(super) context: ContextRef,
    /// The number of its id; `None`: a handshake chose it.
    pub(super) id: Option<u32>,
    /// How many references the trace holds.
    pub(super) references: u32,
    pub(super) time: i64,
    pub(super) timeout: i64,
}

#[derive(Clone, Debug)]
pub(super) struct KnownContext {
    pub(super) alive: bool,
    pub(super) timeout: i64,
    pub(super) id_context: IdContext,
    /// Connections begun, for bursts that stop near a number.
    pub(super) connections: u32,
    /// The names that ops on this context come back to.
    pub(super) hot: Vec<Name>,
}

/// A connection that may be open.
#[derive(Clone, Copy, Debug)]
pub(super) struct Open {
    pub(super) connection: Connection,
    pub(super) accept: Accept,
    pub(super) finished: bool,
}

#[derive(Debug, Default)]
pub(super) struct Known {
    /// Exact: time is an op, and never absent.
    pub(super) clock: i64,
    pub(super) contexts: Vec<KnownContext>,
    /// By [`Name`].
    pub(super) sessions: Vec<Believed>,
    pub(super) open: Vec<Open>,
    /// How many connections have a name.
    pub(super) connections: u32,
    /// How many cold ids were used.
    pub(super) cold: u32,
    /// The last seconds in which the sessions touched last can be used; the oldest is overwritten.
    pub(super) boundaries: [i64; 16],
    next_boundary: usize,
}

impl Known {
    pub(super) fn has_context(&self) -> bool {
        self.contexts.iter().any(|context| context.alive)
    }

    pub(super) fn context(&mut self, context: ContextRef) -> &mut KnownContext {
        &mut self.contexts[usize::from(context.0)]
    }

    /// The next name is given to this session.
    pub(super) fn learn(&mut self, session: Believed) -> Name {
        let name = Name(self.sessions.len() as u32);
        self.sessions.push(session);
        self.touch(session.time + session.timeout);
        name
    }

    pub(super) fn touch(&mut self, boundary: i64) {
        self.boundaries[self.next_boundary] = boundary;
        self.next_boundary = (self.next_boundary + 1) % self.boundaries.len();
    }

    pub(super) fn session(&mut self, name: Name) -> Option<&mut Believed> {
        self.sessions.get_mut(name.0 as usize)
    }

    pub(super) fn is_live(&self, name: Name) -> bool {
        self.sessions.get(name.0 as usize).is_some_and(|session| session.references > 0)
    }
}
