//! A trace: a setup and a list of ops, and nothing that depends on who runs it.

use session_model::application::{Callbacks, ExternalPolicy};
use session_model::{CacheMode, ContextRef, IdContext, Time, Timeout};

use crate::hazards::{Callback, CallsBack};
use crate::op::{Connection, Makes, Name, Op, SessionSpec};

/// What there is before the first step.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Setup {
    /// The clock.
    pub clock: Time,
    /// The contexts; [`ContextRef`] is the place in this list. At least one, at most 8.
    pub contexts: Vec<ContextSetup>,
    /// Hand-made sessions, named by their place in this list.
    pub sessions: Vec<SessionSpec>,
    /// Whether what the pages forbid or never mention is carried out; without it, it is absent.
    pub hazards: bool,
}

/// How a context is set before the first step. What is `None` is left as the library makes it.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct ContextSetup {
    /// The session cache mode; `None`: the default.
    pub mode: Option<CacheMode>,
    /// The cache size; `None`: the default.
    pub size: Option<u32>,
    /// The timeout for new sessions; `None`: the default.
    pub timeout: Option<Timeout>,
    /// The session id context; empty: not set.
    pub id_context: IdContext,
    /// Whether the server asks for the peer's certificate (`SSL_VERIFY_PEER`).
    pub verify_peer: bool,
    /// The callbacks.
    pub callbacks: Callbacks,
    /// What the callbacks do to the external cache.
    pub external: ExternalPolicy,
    /// What the callbacks call: a hazard.
    pub calls: CallsBack,
}

impl ContextSetup {
    /// Forgets what callbacks would call that are not set: a scenario cannot say it.
    pub fn drop_idle_calls(&mut self) {
        let Self { callbacks, calls, .. } = self;
        let set = [callbacks.new.is_some(), callbacks.get.is_some(), callbacks.remove];
        for (callback, set) in Callback::ALL.into_iter().zip(set) {
            if !set {
                calls.of_mut(callback).clear();
            }
        }
    }
}

/// How much a run shows.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Shown {
    /// The observation of each step, and everything at the end.
    #[default]
    Steps,
    /// Everything at every step: members with time, timeout and mark, and all objects that the trace names.
    Everything,
}

/// A setup, ops, and names for people.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Trace {
    /// What there is before the first step.
    pub setup: Setup,
    /// The steps.
    pub ops: Vec<Op>,
    /// How much a run shows.
    pub shown: Shown,
    /// What people call the contexts, sessions and connections; an index past the end is called by its number.
    pub names: Names,
}

/// What people call things. Never compared by a check: two traces that differ here run the same.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Names {
    /// Contexts, by [`ContextRef`].
    pub contexts: Vec<String>,
    /// Sessions, by [`Name`].
    pub sessions: Vec<String>,
    /// Connections, by [`Connection`].
    pub connections: Vec<String>,
}

impl Names {
    /// What a context is called.
    #[must_use]
    pub fn context(&self, context: ContextRef) -> String {
        self.contexts.get(usize::from(context.0)).cloned().unwrap_or_else(|| match context.0 {
            0 => "server".to_owned(),
            n => format!("context{n}"),
        })
    }

    /// What a session is called.
    #[must_use]
    pub fn session(&self, name: Name) -> String {
        self.sessions.get(name.0 as usize).cloned().unwrap_or_else(|| format!("s{}", name.0))
    }

    /// What a connection is called.
    #[must_use]
    pub fn connection(&self, connection: Connection) -> String {
        self.connections.get(connection.0 as usize).cloned().unwrap_or_else(|| format!("k{}", connection.0))
    }
}

/// Where an executed op stands in the text of a trace.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Place {
    /// The step, counted from 1; past the last one in the last phase.
    pub step: u32,
    /// Inside a `repeat`: the round and the op of the block, both counted from 1.
    pub within: Option<(u32, u32)>,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.within {
            None => write!(f, "step {}", self.step),
            Some((round, op)) => write!(f, "step {}, round {round}, op {op}", self.step),
        }
    }
}

impl Trace {
    /// Every op that a run executes, in order, with its place: repeats unrolled, the last phase included.
    pub fn executed(&self) -> impl Iterator<Item = (Place, std::borrow::Cow<'_, Op>)> {
        use std::borrow::Cow;
        let steps = self.ops.iter().zip(1u32..).flat_map(|(op, step)| {
            let (count, block) = match op {
                Op::Repeat(count, block) => (*count, block.as_slice()),
                _ => (1, std::slice::from_ref(op)),
            };
            let repeats = matches!(op, Op::Repeat(..));
            (1..=count).flat_map(move |round| {
                block
                    .iter()
                    .zip(1u32..)
                    .map(move |(op, n)| (Place { step, within: repeats.then_some((round, n)) }, Cow::Borrowed(op)))
            })
        });
        let after = u32::try_from(self.ops.len()).expect("a trace has fewer than 2^32 steps") + 1;
        let last = self.last_phase().into_iter().zip(after..);
        steps.chain(last.map(|(op, step)| (Place { step, within: None }, Cow::Owned(op))))
    }

    /// The phase that every trace ends with: everything is shown, open connections are hung up, the trace's own
    /// references are dropped one name at a time, then what the application holds, then the contexts.
    #[must_use]
    pub fn last_phase(&self) -> Vec<Op> {
        let (mut sessions, mut connections) = (self.setup.sessions.len() as u32, 0);
        for op in self.ops.iter().flat_map(|op| match op {
            Op::Repeat(_, block) => block.as_slice(),
            _ => std::slice::from_ref(op),
        }) {
            for name in op.names() {
                sessions = sessions.max(name.0 + 1);
            }
            if let Op::AcceptBegin(k, _) = op {
                connections = connections.max(k.0 + 1);
            }
        }
        let contexts = (0..self.setup.contexts.len() as u8).map(ContextRef);
        std::iter::once(Op::Probe)
            .chain((0..connections).map(|k| Op::Hangup(Connection(k))))
            .chain((0..sessions).map(|s| Op::Release(Name(s))))
            .chain(contexts.clone().map(Op::ApplicationRelease))
            .chain(contexts.map(Op::CtxFree))
            .collect()
    }
}

impl Op {
    /// The session names in this op, those that it makes included; for a `repeat`, none (look into its block).
    pub fn names(&self) -> impl Iterator<Item = Name> {
        let accept = |a: &crate::op::Accept| {
            let proposed = if let crate::op::Propose::Session(name) = a.propose { Some(name) } else { None };
            (proposed, a.makes)
        };
        let (name, makes) = match self {
            Self::Session(n, _)
            | Self::UpRef(n)
            | Self::Free(n)
            | Self::SessionSetTime(n, _)
            | Self::SessionGetTime(n)
            | Self::SessionSetTimeout(n, _)
            | Self::SessionGetTimeout(n)
            | Self::IsResumable(n)
            | Self::SessionSetIdContext(n, _)
            | Self::AddSession { session: n, .. }
            | Self::RemoveSession { session: n, .. }
            | Self::ExternalStore(_, n)
            | Self::ExternalForget(_, n)
            | Self::Release(n) => (Some(*n), Makes::UNNAMED),
            Self::Hazard(hazard) => (Some(hazard.name()), Makes::UNNAMED),
            Self::AcceptBegin(_, a) | Self::Handshake(a, _) => accept(a),
            Self::Renegotiate(_, again) => (None, again.makes),
            _ => (None, Makes::UNNAMED),
        };
        name.into_iter().chain(makes.names())
    }

    /// The contexts of this op: the one that it is on, an observed client's, and the one that it switches to; none for a
    /// `repeat`, nor for what goes on with a connection.
    pub fn contexts(&self) -> impl Iterator<Item = ContextRef> {
        let contexts = match self {
            Self::Session(_, spec) => [Some(spec.context), None, None],
            Self::AddSession { context, .. }
            | Self::RemoveSession { context, .. }
            | Self::FlushSessions { context, .. }
            | Self::SetSessionCacheMode(context, _)
            | Self::GetSessionCacheMode(context)
            | Self::SessSetCacheSize(context, _)
            | Self::SessGetCacheSize(context)
            | Self::SetTimeout(context, _)
            | Self::GetTimeout(context)
            | Self::SetSessionIdContext(context, _)
            | Self::SetCallbacks(context, _)
            | Self::ExternalStore(context, _)
            | Self::ExternalForget(context, _)
            | Self::ApplicationRelease(context)
            | Self::CtxFree(context) => [Some(*context), None, None],
            Self::AcceptBegin(_, accept) | Self::Handshake(accept, _) => {
                [Some(accept.context), accept.client, accept.switch_to]
            }
            Self::UpRef(_)
            | Self::Free(_)
            | Self::SessionSetTime(..)
            | Self::SessionGetTime(_)
            | Self::SessionSetTimeout(..)
            | Self::SessionGetTimeout(_)
            | Self::IsResumable(_)
            | Self::SessionSetIdContext(..)
            | Self::AcceptFinish(_)
            | Self::Renegotiate(..)
            | Self::AcceptAbort(_)
            | Self::Close(..)
            | Self::Advance(_)
            | Self::SetClock(_)
            | Self::Repeat(..)
            | Self::Hazard(_)
            | Self::Release(_)
            | Self::Hangup(_)
            | Self::Probe => [None, None, None],
        };
        contexts.into_iter().flatten()
    }

    /// The connection of this op; none for a handshake in one step.
    #[must_use]
    pub fn connection(&self) -> Option<Connection> {
        match self {
            Self::AcceptBegin(k, _)
            | Self::AcceptFinish(k)
            | Self::Renegotiate(k, _)
            | Self::AcceptAbort(k)
            | Self::Close(k, _)
            | Self::Hangup(k) => Some(*k),
            Self::Session(..)
            | Self::UpRef(_)
            | Self::Free(_)
            | Self::SessionSetTime(..)
            | Self::SessionGetTime(_)
            | Self::SessionSetTimeout(..)
            | Self::SessionGetTimeout(_)
            | Self::IsResumable(_)
            | Self::SessionSetIdContext(..)
            | Self::AddSession { .. }
            | Self::RemoveSession { .. }
            | Self::FlushSessions { .. }
            | Self::SetSessionCacheMode(..)
            | Self::GetSessionCacheMode(_)
            | Self::SessSetCacheSize(..)
            | Self::SessGetCacheSize(_)
            | Self::SetTimeout(..)
            | Self::GetTimeout(_)
            | Self::SetSessionIdContext(..)
            | Self::SetCallbacks(..)
            | Self::ExternalStore(..)
            | Self::ExternalForget(..)
            | Self::CtxFree(_)
            | Self::Handshake(..)
            | Self::Advance(_)
            | Self::SetClock(_)
            | Self::Repeat(..)
            | Self::Hazard(_)
            | Self::Release(_)
            | Self::ApplicationRelease(_)
            | Self::Probe => None,
        }
    }
}
