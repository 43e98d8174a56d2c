//! What of a run on the model decides everything that comes: the canonical form of its world, and what can be named.
//!
//! As in [`session_model::canonical`], each type is taken apart field by field.

use session_model::canonical::{Renaming, View};
use session_model::{ConnectionRef, ContextRef, Mechanism, SessionId, SessionRef, World};

use super::{Begin, Connected, Driver, Named, Offer, Origin};
use crate::op::{Connection, Makes, Name};
use crate::subjects::model::Model;

/// How far ahead a canonical form looks: see [`View`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ahead {
    /// Connections, or sessions, that may still be counted towards an automatic flush.
    pub counted: u64,
    /// The length of the longest script of a callback that may still be set.
    pub scripted: u32,
}

/// What is called by the names of a trace: places in two lists, and the names that have them now.
#[derive(Clone, Copy, Debug)]
pub struct Called<'n> {
    /// Of sessions.
    pub sessions: &'n [Option<Name>],
    /// Of connections.
    pub connections: &'n [Option<Connection>],
    /// Names that an unfinished handshake is to give, with their places.
    pub planned: &'n [(Name, u32)],
}

/// Runs with equal states show the same from here on, up to numbers, ids and the time.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct State {
    world: World,
    sessions: Vec<Option<Holding>>,
    connections: Vec<Option<Standing>>,
}

/// A session that has a name.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Holding {
    session: SessionRef,
    context: ContextRef,
    id: SessionId,
    references: u32,
    origin: Origin,
}

/// A connection that has a name.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Standing {
    connection: ConnectionRef,
    makes: Makes,
    begin: Begin,
    finished: bool,
}

impl Driver<Model> {
    /// The contexts that are not freed.
    pub fn live_contexts(&self) -> impl Iterator<Item = ContextRef> {
        (0..).map(ContextRef).zip(&self.contexts).filter(|(_, counters)| counters.is_some()).map(|(context, _)| context)
    }

    /// The state of this run, and what became of its numbers and ids.
    #[must_use]
    pub fn state(&self, called: &Called<'_>, ahead: Ahead) -> (State, Renaming) {
        let Self {
            library,
            // The world has it.
            clock: _,
            // Which of them live, the world has; their counters are compared with the next ones, which go on from them.
            contexts: _,
            names,
            connections,
            // New numbers are new.
            numbers: _,
            // Settings of the run.
            shown: _,
            hazards: _,
            // When the members' digest is taken: of a small cache, always.
            step: _,
        } = self;
        let held = |name: &Option<Name>| match *names.get((*name)?.0 as usize)? {
            Named::Made { references: 0, .. } | Named::NeverMade => None,
            Named::Made { session, context, id, references, origin } => {
                Some(Holding { session, context, id, references, origin })
            }
        };
        let open = |k: &Option<Connection>| match *connections.get((*k)?.0 as usize)? {
            Connected::NeverMade | Connected::Gone => None,
            Connected::Open { connection, makes, begin, finished } => {
                Some(Standing { connection, makes, begin, finished })
            }
        };
        let mut sessions: Vec<_> = called.sessions.iter().map(held).collect();
        let mut connections: Vec<_> = called.connections.iter().map(open).collect();
        let named: Vec<_> = sessions.iter().flatten().map(|held| held.session).collect();
        let opened: Vec<_> = connections.iter().flatten().map(|open| open.connection).collect();
        let Ahead { counted, scripted } = ahead;
        let view = View { sessions: &named, connections: &opened, ids: &[], counted, scripted };
        let (world, mut renaming) = library.world().canonical(&view);
        for held in sessions.iter_mut().flatten() {
            held.session = renaming.session(held.session);
            held.id = renaming.id(held.id);
        }
        for open in connections.iter_mut().flatten() {
            *open = open.renamed(called.planned, &mut renaming);
        }
        (State { world, sessions, connections }, renaming)
    }
}

impl Standing {
    fn renamed(&self, planned: &[(Name, u32)], renaming: &mut Renaming) -> Self {
        let Self { connection, mut makes, begin, finished } = *self;
        let Begin {
            context,
            client,
            mechanism,
            // It was answered.
            offer: _,
            id_context,
            switch_to,
            connection: _,
            server_session,
            client_session,
            opened,
        } = begin;
        let connection = renaming.connection(connection);
        // What a finished handshake has made is named, and a further one has numbers and names of its own.
        let mut number = |c| if finished { SessionRef(0) } else { renaming.session(c) };
        let [server_session, client_session, opened] = [server_session, client_session, opened].map(&mut number);
        if finished {
            makes = Makes::UNNAMED;
        }
        makes.each_mut().flatten().for_each(|name| {
            *name = planned.iter().find(|(planned, _)| planned == name).map_or(*name, |(_, place)| Name(*place));
        });
        let begin = Begin {
            context,
            client,
            mechanism,
            offer: Offer::Nothing,
            id_context,
            switch_to,
            connection,
            server_session,
            client_session,
            opened,
        };
        Self { connection, makes, begin, finished }
    }
}

impl Ahead {
    /// As far as so many steps go, when each counts at most as many as one connection makes sessions.
    #[must_use]
    pub fn steps(steps: usize) -> Self {
        Self { counted: (steps * Mechanism::TICKETS) as u64, scripted: 0 }
    }
}
