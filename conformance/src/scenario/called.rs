//! What things are called in a file that is written, and whether that follows from its text.

use session_model::{ContextRef, Mechanism, Protocol};

use super::roll::is_name;
use crate::op::{Accept, Connection, Makes, Name, Op, Propose};
use crate::trace::{Names, Trace};

/// The ops of a trace, those of repeats once.
fn flat(trace: &Trace) -> impl Iterator<Item = &Op> {
    trace.ops.iter().flat_map(|op| match op {
        Op::Repeat(_, block) => block.as_slice(),
        _ => std::slice::from_ref(op),
    })
}

/// What everything is called in the file: the trace's own names where they serve.
pub(super) fn names(trace: &Trace) -> Names {
    let sessions = flat(trace).flat_map(Op::names).map(|name| name.0 as usize + 1).max().unwrap_or(0);
    let called = trace.setup.contexts.iter().flat_map(|context| context.calls.all());
    let called = called.filter_map(|(_, call)| Some(call.name()?.0 as usize + 1)).max().unwrap_or(0);
    let sessions = sessions.max(trace.setup.sessions.len()).max(called);
    let connections = flat(trace).filter_map(Op::connection).map(|k| k.0 as usize + 1).max().unwrap_or(0);
    let contexts = trace.setup.contexts.len();
    let number = |n: usize| u32::try_from(n).expect("a trace has fewer than 2^32 names");
    let context = |n| trace.names.context(ContextRef(u8::try_from(n).expect("a trace has at most 8 contexts")));
    Names {
        contexts: distinct((0..contexts).map(context), "context"),
        sessions: distinct((0..sessions).map(|n| trace.names.session(Name(number(n)))), "s"),
        connections: distinct((0..connections).map(|n| trace.names.connection(Connection(number(n)))), "k"),
    }
}

/// The names, and others in place of those that are no names or stand there before.
fn distinct(names: impl Iterator<Item = String>, letter: &str) -> Vec<String> {
    let given: Vec<_> = names.collect();
    let mut taken = std::collections::HashSet::new();
    let fits: Vec<_> = given.iter().map(|name| is_name(name) && taken.insert(name.clone())).collect();
    let mut fresh = (0..).map(|n| format!("{letter}{n}")).filter(|name| !taken.contains(name));
    let named = given
        .into_iter()
        .zip(fits)
        .map(|(name, fits)| if fits { name } else { fresh.next().expect("there is no end of numbers") });
    named.collect()
}

/// Whether the names follow from the text: numbered as they are made, used after that, and no op that is always
/// absent. If not, the file lists them.
pub(super) fn is_regular(trace: &Trace) -> bool {
    let sessions = trace.setup.sessions.iter().map(|spec| Some(spec.context)).collect();
    let mut made = Made { sessions, begun: Vec::new(), connections: 0, hazards: trace.setup.hazards };
    let mut called = trace.setup.contexts.iter().flat_map(|context| context.calls.all());
    flat(trace).all(|op| made.takes(op))
        && called.all(|(_, call)| call.name().is_none_or(|name| (name.0 as usize) < made.sessions.len()))
}

/// What is made so far: the context of each session, where it is known.
struct Made {
    sessions: Vec<Option<ContextRef>>,
    begun: Vec<Accept>,
    connections: u32,
    hazards: bool,
}

impl Made {
    fn takes(&mut self, op: &Op) -> bool {
        match op {
            Op::Session(name, spec) => name.0 as usize == self.sessions.len() && self.makes(*name, spec.context),
            Op::AddSession { context, session, .. }
            | Op::RemoveSession { context, session, .. }
            | Op::ExternalStore(context, session)
            | Op::ExternalForget(context, session) => self.is_of(*session, *context),
            Op::AcceptBegin(k, accept) => {
                let next = k.0 == self.connections;
                self.connections += 1;
                self.begun.push(*accept);
                next && self.accepts(accept)
            }
            Op::Handshake(accept, _) => self.accepts(accept),
            Op::Renegotiate(k, again) => match self.begun.get(k.0 as usize).copied() {
                Some(accept) => accept.mechanism.protocol() != Protocol::Tls13 && self.gives(&again.makes, &accept),
                None => false,
            },
            op => {
                op.names().all(|name| (name.0 as usize) < self.sessions.len())
                    && op.connection().is_none_or(|k| k.0 < self.connections)
            }
        }
    }

    fn accepts(&mut self, accept: &Accept) -> bool {
        let proposes = match (accept.propose, accept.client) {
            (Propose::Nothing, _) => true,
            // With tickets no id is proposed.
            (Propose::Id(_), None) => accept.mechanism != Mechanism::Tickets,
            (Propose::Id(_), Some(_)) => false,
            (Propose::Session(name), None) => (name.0 as usize) < self.sessions.len(),
            (Propose::Session(name), Some(client)) => self.is_of(name, client),
        };
        let switches = accept.switch_to.is_none_or(|to| to != accept.context && Some(to) != accept.client);
        proposes && switches && accept.client != Some(accept.context) && self.gives(&accept.makes, accept)
    }

    /// Whether a handshake of a connection that was begun like this may give these names.
    fn gives(&mut self, makes: &Makes, accept: &Accept) -> bool {
        let server = makes.server.into_iter().flatten().all(|name| self.makes(name, accept.context));
        let client = match accept.client {
            None => makes.client == Makes::UNNAMED.client,
            Some(client) => makes.client.into_iter().flatten().all(|name| self.makes(name, client)),
        };
        server && client
    }

    fn is_of(&self, name: Name, context: ContextRef) -> bool {
        self.sessions.get(name.0 as usize).is_some_and(|of| self.hazards || of.is_none_or(|of| of == context))
    }

    fn makes(&mut self, name: Name, context: ContextRef) -> bool {
        match self.sessions.get_mut(name.0 as usize) {
            Some(of) if *of == Some(context) => true,
            Some(of) => {
                *of = None;
                true
            }
            None => {
                let next = name.0 as usize == self.sessions.len();
                self.sessions.push(Some(context));
                next
            }
        }
    }
}
