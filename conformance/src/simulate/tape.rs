//! What a server was asked, as ops of the alphabet: the end of a run, cut out as a trace of its own.
//!
//! It has the last ops only. What was made before the first of them is unknown to the trace, which proposes nothing
//! instead, and its connections are left out. Not here: whether such a trace still shows what the run did.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use session_model::{CacheMode, ConnectionRef, Mechanism, NewSession, SessionId, SessionRef, Time, Timeout};

use super::external::Key;
use super::server::{OTHER, PEER, SERVER};
use crate::numbers::is_of_a_handshake;
use crate::op::{Accept, Close, Connection, Makes, Name, Op, Propose, SessionSpec, made};
use crate::reduce::places::{connection_mut, each_name};
use crate::trace::{ContextSetup, Names, Setup, Shown, Trace};

/// What a client proposes to a server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Proposed {
    /// Nothing.
    Nothing,
    /// A session that this server has made since it started.
    Own(SessionRef, Key),
    /// One that it has not.
    Foreign(Key),
    /// An id that nobody has given out.
    Unknown(SessionId),
}

/// The last ops of a server.
pub(super) struct Tape {
    contexts: Vec<ContextSetup>,
    most: usize,
    ops: VecDeque<Op>,
    /// As it all stands before the first op that is left.
    before: Standing,
    clock: Time,
    sessions: BTreeMap<SessionRef, Name>,
    /// Open connections, with the names of what each is to make.
    connections: BTreeMap<ConnectionRef, Vec<Name>>,
    /// Sessions that came back from outside under an id of their own: no trace has a hand-made one under that of a
    /// handshake.
    aliased: BTreeSet<Key>,
    names: u32,
}

#[derive(Clone, Copy)]
struct Standing {
    clock: Time,
    mode: Option<CacheMode>,
    size: Option<u32>,
    timeout: Option<Timeout>,
}

impl Tape {
    /// An empty tape for a server of which the world has these contexts, with the last so many ops.
    pub(super) fn new(contexts: Vec<ContextSetup>, clock: Time, most: usize) -> Self {
        let ContextSetup { mode, size, timeout, .. } = contexts[0];
        Self {
            contexts,
            most,
            ops: VecDeque::new(),
            before: Standing { clock, mode, size, timeout },
            clock,
            sessions: BTreeMap::new(),
            connections: BTreeMap::new(),
            aliased: BTreeSet::new(),
            names: 0,
        }
    }

    /// The server starts anew, and nothing of before can matter.
    pub(super) fn start_anew(&mut self) {
        *self = Self::new(std::mem::take(&mut self.contexts), self.clock, self.most);
    }

    pub(super) fn op(&mut self, op: Op) {
        if self.ops.len() == self.most
            && let Some(first) = self.ops.pop_front()
        {
            self.before.pass(&first);
        }
        if let Op::SetClock(now) = op {
            self.clock = now;
        }
        self.ops.push_back(op);
    }

    /// A handshake was begun and answered like this; `brought`: what the external cache was asked for and gave.
    pub(super) fn begin(
        &mut self,
        connection: ConnectionRef,
        mechanism: Mechanism,
        proposed: Proposed,
        brought: Option<NewSession>,
        answer: i64,
    ) {
        let k = Connection(connection.0);
        let client = (mechanism == Mechanism::Tickets).then_some(PEER);
        let mut accept = accept(mechanism, client);
        let names: Vec<_> = (0..made(mechanism, answer)).map(|_| self.name()).collect();
        let side = if client.is_some() { &mut accept.makes.client } else { &mut accept.makes.server };
        side.iter_mut().zip(&names).for_each(|(slot, name)| *slot = Some(*name));
        if answer >= 0 {
            self.connections.insert(connection, names);
        }
        let key = match proposed {
            Proposed::Own(_, key) | Proposed::Foreign(key) => Some(key),
            Proposed::Nothing | Proposed::Unknown(_) => None,
        };
        if let (Some(key), Some(session)) = (key, brought) {
            self.aliased.insert(key);
            let NewSession { protocol, time, timeout, id_context, .. } = session;
            let (name, time, id) = (self.name(), Some(time), alias(key));
            accept.propose = Propose::Id(id);
            self.op(Op::Session(name, SessionSpec { context: SERVER, id, protocol, time, timeout, id_context }));
            self.op(Op::ExternalStore(SERVER, name));
            self.op(Op::AcceptBegin(k, accept));
            self.op(Op::ExternalForget(SERVER, name));
            self.op(Op::Free(name));
            return;
        }
        accept.propose = match proposed {
            Proposed::Own(c, key) if !self.aliased.contains(&key) => {
                self.sessions.get(&c).map_or(Propose::Nothing, |name| Propose::Session(*name))
            }
            Proposed::Own(_, key) | Proposed::Foreign(key) if client.is_none() => Propose::Id(alias(key)),
            Proposed::Unknown(id) if client.is_none() && !is_of_a_handshake(&id) => Propose::Id(id),
            Proposed::Unknown(_) if client.is_none() => Propose::Nothing,
            Proposed::Nothing => Propose::Nothing,
            Proposed::Own(..) | Proposed::Foreign(_) | Proposed::Unknown(_) => {
                return self.begin_with_other_ticket(k, accept);
            }
        };
        self.op(Op::AcceptBegin(k, accept));
    }

    /// With a ticket of TLS 1.2 under the key of another context.
    fn begin_with_other_ticket(&mut self, k: Connection, mut asked: Accept) {
        let name = self.name();
        let mut other = Accept { context: OTHER, ..accept(Mechanism::Tickets, Some(PEER)) };
        other.makes = Makes::first(None, Some(name));
        asked.propose = Propose::Session(name);
        self.op(Op::Handshake(other, Close::Clean));
        self.op(Op::AcceptBegin(k, asked));
        self.op(Op::Free(name));
    }

    /// A handshake was finished: what it has made, and what of that the client has no use for.
    pub(super) fn finish(&mut self, connection: ConnectionRef, made: &[SessionRef], forgotten: &[SessionRef]) {
        let Some(names) = self.connections.get_mut(&connection).map(std::mem::take) else { return };
        self.op(Op::AcceptFinish(Connection(connection.0)));
        for (c, name) in made.iter().zip(&names) {
            self.sessions.insert(*c, *name);
        }
        for c in forgotten {
            if let Some(name) = self.sessions.get(c) {
                self.op(Op::ExternalForget(SERVER, *name));
            }
        }
        let unused = names.len().saturating_sub(1);
        names[..unused].iter().for_each(|name| self.op(Op::Free(*name)));
    }

    /// A connection has ended.
    pub(super) fn end(&mut self, connection: ConnectionRef, how: fn(Connection) -> Op) {
        if self.connections.remove(&connection).is_some() {
            self.op(how(Connection(connection.0)));
        }
    }

    /// The client has no session of this number any more.
    pub(super) fn free(&mut self, c: SessionRef) {
        if let Some(name) = self.sessions.remove(&c) {
            self.op(Op::Free(name));
        }
    }

    pub(super) fn len(&self) -> usize {
        self.ops.len()
    }

    /// The last so many ops as a trace.
    pub(super) fn trace(&self, last: usize) -> Trace {
        let (left_out, mut before) = (self.ops.len().saturating_sub(last), self.before);
        self.ops.iter().take(left_out).for_each(|op| before.pass(op));
        let mut contexts = self.contexts.clone();
        let Standing { clock, mode, size, timeout } = before;
        let server = &mut contexts[0];
        (server.mode, server.size, server.timeout) = (mode, size, timeout);
        let setup = Setup { clock, contexts, sessions: Vec::new(), hazards: false };
        let ops = dense(self.ops.iter().skip(left_out).cloned());
        Trace { setup, ops, shown: Shown::Steps, names: Names::default() }
    }

    fn name(&mut self) -> Name {
        self.names += 1;
        Name(self.names - 1)
    }
}

impl Standing {
    fn pass(&mut self, op: &Op) {
        match op {
            Op::SetClock(now) => self.clock = *now,
            Op::SetSessionCacheMode(SERVER, mode) => self.mode = Some(*mode),
            Op::SessSetCacheSize(SERVER, size) => self.size = Some(*size),
            Op::SetTimeout(SERVER, timeout) => self.timeout = Some(*timeout),
            _ => {}
        }
    }
}

pub(super) fn accept(mechanism: Mechanism, client: Option<session_model::ContextRef>) -> Accept {
    let (propose, makes) = (Propose::Nothing, Makes::UNNAMED);
    Accept { context: SERVER, client, mechanism, propose, id_context: None, switch_to: None, makes }
}

/// The id in a trace of a session that was made outside of it.
fn alias(key: Key) -> SessionId {
    SessionId::new(&key.0.to_be_bytes()).expect("8 bytes are an id")
}

/// Names and connections by the order in which they are made; what was made before the first op is left out.
pub(super) fn dense(ops: impl Iterator<Item = Op>) -> Vec<Op> {
    let (mut names, mut connections) = (BTreeMap::new(), BTreeMap::new());
    ops.filter_map(|mut op| {
        let count = connections.len() as u32;
        if let Op::AcceptBegin(k, accept) = &mut op {
            connections.insert(*k, Connection(count));
            if matches!(accept.propose, Propose::Session(name) if !names.contains_key(&name)) {
                accept.propose = Propose::Nothing;
            }
        }
        let makes = match &op {
            Op::AcceptBegin(_, accept) | Op::Handshake(accept, _) => accept.makes.names().collect(),
            Op::Session(name, _) => vec![*name],
            _ => Vec::new(),
        };
        for name in makes {
            let next = Name(names.len() as u32);
            names.entry(name).or_insert(next);
        }
        let mut known = true;
        each_name(&mut op, &mut |name| match names.get(name) {
            Some(dense) => *name = *dense,
            None => known = false,
        });
        if let Some(k) = connection_mut(&mut op) {
            match connections.get(k) {
                Some(dense) => *k = *dense,
                None => known = false,
            }
        }
        known.then_some(op)
    })
    .collect()
}
