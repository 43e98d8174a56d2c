//! Which contexts an op can touch, as far as the trace alone tells: by name, so never too few.

use session_model::ContextRef;

use crate::op::{Accept, Connection, Name, Op};
use crate::trace::Trace;

/// A set of contexts, of which a trace has at most 8.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Contexts(u8);

impl Contexts {
    pub(super) fn one(context: ContextRef) -> Self {
        Self(1u8.checked_shl(context.0.into()).unwrap_or(0))
    }

    pub(super) fn contains(self, context: ContextRef) -> bool {
        self.meets(Self::one(context))
    }

    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(super) fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl std::fmt::Display for Contexts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut word = "context ";
        for n in (0..8).filter(|n| self.contains(ContextRef(*n))) {
            write!(f, "{word}{n}")?;
            word = " or ";
        }
        Ok(())
    }
}

/// The contexts of a trace's names and connections.
pub(super) struct Reach {
    names: Vec<Contexts>,
    connections: Vec<Contexts>,
}

impl Reach {
    /// Of a trace without repeats.
    pub(super) fn of(trace: &Trace) -> Self {
        let mut reach = Self { names: Vec::new(), connections: Vec::new() };
        for (spec, n) in trace.setup.sessions.iter().zip(0..) {
            reach.name(Name(n), Contexts::one(spec.context));
        }
        for op in &trace.ops {
            match op {
                Op::Session(name, spec) => reach.name(*name, Contexts::one(spec.context)),
                Op::AcceptBegin(_, accept) | Op::Handshake(accept, _) => reach.made_by(accept),
                _ => {}
            }
        }
        for op in &trace.ops {
            if let Op::Renegotiate(k, again) = op
                && let Some(accept) = begun(trace, *k)
            {
                reach.made_by(&Accept { makes: again.makes, ..accept });
            }
        }
        // The names are complete: now whom a connection is with.
        for op in &trace.ops {
            if let Op::AcceptBegin(k, _) = op {
                let contexts = contexts(op).with(reach.names_of(op));
                add(&mut reach.connections, k.0, contexts);
            }
        }
        reach
    }

    fn name(&mut self, name: Name, contexts: Contexts) {
        add(&mut self.names, name.0, contexts);
    }

    fn made_by(&mut self, accept: &Accept) {
        let sides =
            [(Some(server_side(accept)), accept.makes.server), (accept.client.map(Contexts::one), accept.makes.client)];
        for (contexts, names) in sides.into_iter().filter_map(|(contexts, names)| Some((contexts?, names))) {
            names.into_iter().flatten().for_each(|name| self.name(name, contexts));
        }
    }

    fn names_of(&self, op: &Op) -> Contexts {
        let of_name = |name: Name| self.names.get(name.0 as usize).copied().unwrap_or_default();
        op.names().map(of_name).fold(Contexts::default(), Contexts::with)
    }

    fn of_connection(&self, k: Connection) -> Contexts {
        self.connections.get(k.0 as usize).copied().unwrap_or_default()
    }

    /// The contexts that an op can touch; none: it is about time, or absent.
    pub(super) fn op(&self, op: &Op) -> Contexts {
        let own = op.connection().map_or_else(|| contexts(op), |k| self.of_connection(k));
        own.with(self.names_of(op))
    }
}

/// How a connection was begun.
fn begun(trace: &Trace, k: Connection) -> Option<Accept> {
    trace.ops.iter().find_map(|op| match op {
        Op::AcceptBegin(other, accept) if *other == k => Some(*accept),
        _ => None,
    })
}

/// Those that an op names.
fn contexts(op: &Op) -> Contexts {
    op.contexts().map(Contexts::one).fold(Contexts::default(), Contexts::with)
}

/// The contexts whose cache and application the server's end of a connection can go by.
pub(super) fn server_side(accept: &Accept) -> Contexts {
    let own = Contexts::one(accept.context);
    accept.switch_to.map_or(own, |to| own.with(Contexts::one(to)))
}

fn add(to: &mut Vec<Contexts>, slot: u32, contexts: Contexts) {
    let slot = slot as usize;
    to.resize(to.len().max(slot + 1), Contexts::default());
    to[slot] = to[slot].with(contexts);
}
