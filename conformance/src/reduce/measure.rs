//! How large a trace is.

use session_model::application::ExternalPolicy;
use session_model::{Mechanism, Protocol};

use super::values::{
    cost_of_at, cost_of_bytes, cost_of_callbacks, cost_of_id, cost_of_mode, cost_of_time, cost_of_timeout,
};
use super::{ids, names};
use crate::hazards::{Call, Hazard};
use crate::op::{Accept, At, Close, Op, Propose, SessionSpec};
use crate::trace::{ContextSetup, Trace};

/// What a reduction makes smaller at each step: the first of these that differs decides.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Measure {
    /// Ops, those of blocks and the repeats themselves included; sessions of the setup, and those that handshakes make
    /// and name; contexts.
    pub things: u64,
    /// Ops alone: a session is read more easily in the setup.
    pub ops: u64,
    /// Ops in blocks: what need not be repeated stands beside the repeat.
    pub repeated: u64,
    /// What is set to anything but its default.
    pub settings: u64,
    /// How far times, timeouts, counts, sizes and ids are from simple ones.
    pub numbers: u128,
    /// The numbers behind names of sessions, connections and contexts, added up.
    pub names: u64,
    /// How often a name or an id of one byte comes before a lower one; counted in short traces only.
    pub disorder: u64,
}

/// Up to this many ops order matters to a reader.
const SHORT: u64 = 100;

impl Measure {
    /// The measure of a trace.
    #[must_use]
    pub fn of(trace: &Trace) -> Self {
        let setup = &trace.setup;
        let mut measure = Self { things: (setup.sessions.len() + setup.contexts.len()) as u64, ..Self::default() };
        measure.numbers += cost_of_time(setup.clock);
        setup.contexts.iter().for_each(|context| measure.add_context(context));
        for spec in &setup.sessions {
            measure.names += u64::from(spec.context.0);
            measure.add_session(spec);
        }
        for op in &trace.ops {
            measure.add_op(op);
            if let Op::Repeat(count, block) = op {
                measure.numbers += u128::from(*count);
                measure.repeated += block.len() as u64;
                block.iter().for_each(|op| measure.add_op(op));
            }
        }
        if measure.ops <= SHORT {
            measure.disorder = names::disorder(trace) + ids::disorder(trace);
        }
        measure
    }

    fn add_context(&mut self, context: &ContextSetup) {
        let ContextSetup { mode, size, timeout, id_context, verify_peer, callbacks, external, calls } = context;
        let usual = ExternalPolicy::default();
        self.settings += mode.map_or(0, |mode| 1 + cost_of_mode(mode))
            + u64::from(size.is_some())
            + u64::from(timeout.is_some())
            + u64::from(!id_context.is_empty())
            + u64::from(*verify_peer)
            + cost_of_callbacks(callbacks)
            + u64::from(external.stores_new != usual.stores_new)
            + u64::from(external.forgets_removed != usual.forgets_removed);
        for (_, call) in calls.all() {
            self.things += 1;
            self.settings += u64::from(matches!(call, Call::Flush(At::Absolute(_))));
            self.names += call.name().map_or(0, |name| 1 + u64::from(name.0));
            self.numbers += if let Call::Flush(at) = call { cost_of_at(*at) } else { 0 };
        }
        self.numbers +=
            size.map_or(0, u128::from) + timeout.map_or(0, cost_of_timeout) + cost_of_bytes(id_context.as_bytes());
    }

    fn add_session(&mut self, spec: &SessionSpec) {
        let SessionSpec { id, protocol, time, timeout, id_context, .. } = spec;
        self.settings +=
            u64::from(*protocol != Protocol::default()) + u64::from(time.is_some()) + u64::from(!id_context.is_empty());
        self.numbers += cost_of_id(id)
            + time.map_or(0, cost_of_time)
            + cost_of_timeout(*timeout)
            + cost_of_bytes(id_context.as_bytes());
    }

    fn add_op(&mut self, op: &Op) {
        self.things += 1;
        self.ops += 1;
        self.names += op.names().map(|name| u64::from(name.0)).sum::<u64>();
        self.names += op.contexts().map(|context| u64::from(context.0)).sum::<u64>();
        match op {
            Op::Session(_, spec) => self.add_session(spec),
            Op::SessionSetTime(_, time) => self.numbers += cost_of_time(*time),
            Op::SessionSetTimeout(_, timeout) | Op::SetTimeout(_, timeout) => {
                self.numbers += cost_of_timeout(*timeout);
            }
            Op::SessionSetIdContext(_, id_context) => self.add_id_context(id_context.as_bytes()),
            Op::SetSessionIdContext(_, id_context) => self.add_id_context(id_context.as_bytes()),
            Op::AddSession { synonym, .. } | Op::RemoveSession { synonym, .. } => {
                self.settings += u64::from(*synonym);
            }
            Op::FlushSessions { at, synonym, .. } => {
                self.settings += u64::from(*synonym) + u64::from(matches!(at, At::Absolute(_)));
                self.numbers += cost_of_at(*at);
            }
            Op::SetSessionCacheMode(_, mode) => self.settings += cost_of_mode(*mode),
            Op::SessSetCacheSize(_, size) => self.numbers += u128::from(*size),
            Op::SetCallbacks(_, callbacks) => self.settings += cost_of_callbacks(callbacks),
            Op::AcceptBegin(_, accept) => self.add_accept(accept),
            Op::Handshake(accept, close) => {
                self.add_accept(accept);
                self.settings += u64::from(*close == Close::Unclean);
            }
            Op::Renegotiate(_, again) => {
                let named = again.makes.names().count() as u64;
                self.things += named;
                self.settings += named + again.kind as u64;
            }
            Op::Close(_, close) => self.settings += u64::from(*close == Close::Unclean),
            Op::Hazard(Hazard::SetId(_, id)) => self.numbers += cost_of_bytes(id.as_bytes()),
            Op::Advance(seconds) => self.numbers += u128::from(*seconds),
            Op::SetClock(time) => {
                self.settings += 1;
                self.numbers += cost_of_time(*time);
            }
            _ => {}
        }
        self.names += op.connection().map_or(0, |connection| u64::from(connection.0));
    }

    fn add_id_context(&mut self, bytes: &[u8]) {
        self.settings += u64::from(!bytes.is_empty());
        self.numbers += cost_of_bytes(bytes);
    }

    fn add_accept(&mut self, accept: &Accept) {
        if let Some(own) = accept.id_context {
            self.settings += 1;
            self.add_id_context(own.as_bytes());
        }
        self.things += accept.makes.names().count() as u64;
        self.settings += 2 * u64::from(accept.client.is_some())
            + 2 * u64::from(accept.switch_to.is_some())
            + accept.makes.names().count() as u64
            + match accept.mechanism {
                Mechanism::Ids => 0,
                Mechanism::Tickets => 1,
                Mechanism::Stateful(tickets) | Mechanism::Stateless(tickets) => 2 + u64::from(tickets),
            };
        match accept.propose {
            Propose::Nothing => {}
            Propose::Session(_) => self.settings += 1,
            Propose::Id(id) => {
                self.settings += 2;
                self.numbers += cost_of_id(&id);
            }
        }
    }
}
