//! The alphabet: one op per call of the pages, plus time, plus handshakes.
//!
//! An op is data. What it does on a subject is in [`crate::driver`]; how it is written in YAML, in
//! [`crate::scenario`].

pub use session_model::Renegotiation;
use session_model::application::Callbacks;
use session_model::{CacheMode, ContextRef, IdContext, Mechanism, Protocol, SessionId, Time, Timeout};

use crate::hazards::Hazard;

/// A session's name in a trace: an index into the names that were given out, in order of first mention.
///
/// A name is made once: by [`Op::Session`], by the setup, or by the handshake that lists it. Before that, and after the
/// trace's own references are gone, every op on it is absent.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Name(pub u32);

/// A connection's name in a trace; made once, by [`Op::AcceptBegin`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Connection(pub u32);

/// A session made by hand.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct SessionSpec {
    /// The context whose cache it may enter; in every other context, ops on it are absent, unless the setup asks for
    /// hazards (one object in two contexts is one).
    pub context: ContextRef,
    /// Its id.
    pub id: SessionId,
    /// Its protocol.
    pub protocol: Protocol,
    /// Its time; `None`: the clock's.
    pub time: Option<Time>,
    /// Its timeout.
    pub timeout: Timeout,
    /// Its id context.
    pub id_context: IdContext,
}

/// A point in time, as `flush_sessions` takes it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum At {
    /// This time.
    Absolute(Time),
    /// This many seconds after the clock's time (before it, when negative).
    Now(i64),
}

/// What a client proposes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Propose {
    /// No session.
    Nothing,
    /// A session of the trace. Up to TLS 1.2, ids and tickets do not mix: absent, when one connection made the session
    /// with the one and this connection is set to the other. In TLS 1.3 what a client context has made of a ticket is
    /// proposed under its own protocol; else absent. Without a client context the peer offers the same id and secrets
    /// from an object of its own. With one, the client context offers this very object, which must be of that context;
    /// else the op is absent.
    Session(Name),
    /// An id that belongs to no session of the trace, or only to hand-made ones; offered by the peer, so only
    /// without a client context; in TLS 1.3 as a ticket. Absent with [`Mechanism::Tickets`].
    Id(SessionId),
}

/// How a handshake is begun.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Accept {
    /// The server's context.
    pub context: ContextRef,
    /// The client's context; `None`: a peer that caches nothing and is not observed. Never equal to `context` in the
    /// core alphabet.
    pub client: Option<ContextRef>,
    /// How the two ends are set to have sessions resumed.
    pub mechanism: Mechanism,
    /// What the client proposes.
    pub propose: Propose,
    /// The session id context that the server's connection is given before the handshake
    /// (`SSL_set_session_id_context`); `None`: it has that of its context.
    pub id_context: Option<IdContext>,
    /// The context that the server's servername callback switches its connection to (`SSL_set_SSL_CTX`); the client
    /// names a host then. Absent, when that is `context` or `client`.
    pub switch_to: Option<ContextRef>,
    /// Names for the sessions that it makes.
    pub makes: Makes,
}

/// Names for the sessions that the two sides of a handshake make, in order of appearance: one each up to TLS 1.2, one
/// a ticket in TLS 1.3.
///
/// A name in TLS 1.3 is made when the server was to send its ticket (all of them after a full handshake, one after a
/// resumption), and gone at once when the object is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Makes {
    /// Those of the server.
    pub server: [Option<Name>; Mechanism::TICKETS],
    /// Those of the client context, if there is one.
    pub client: [Option<Name>; Mechanism::TICKETS],
}

impl Makes {
    /// No name for anything.
    pub const UNNAMED: Self = Self { server: [None; Mechanism::TICKETS], client: [None; Mechanism::TICKETS] };

    /// Names for the first session of each side.
    #[must_use]
    pub fn first(server: Option<Name>, client: Option<Name>) -> Self {
        let mut makes = Self::UNNAMED;
        (makes.server[0], makes.client[0]) = (server, client);
        makes
    }

    /// All of them.
    pub fn names(&self) -> impl Iterator<Item = Name> + use<> {
        self.server.into_iter().chain(self.client).flatten()
    }

    /// Both sides' names, to be changed.
    pub fn each_mut(&mut self) -> impl Iterator<Item = &mut Option<Name>> {
        self.server.iter_mut().chain(&mut self.client)
    }
}

/// How a connection is negotiated once more.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Renegotiate {
    /// Who asks for it, and what the client proposes.
    pub kind: Renegotiation,
    /// Names for the sessions that it makes.
    pub makes: Makes,
}

/// How many sessions each side is to make, by how the handshake was answered.
#[must_use]
pub fn made(mechanism: Mechanism, answer: i64) -> usize {
    match (mechanism, answer) {
        (Mechanism::Ids | Mechanism::Tickets, 0) => 1,
        (Mechanism::Ids | Mechanism::Tickets, _) => 0,
        (Mechanism::Stateful(tickets) | Mechanism::Stateless(tickets), 0) => usize::from(tickets),
        (Mechanism::Stateful(tickets) | Mechanism::Stateless(tickets), 1) => usize::from(tickets.min(1)),
        _ => 0,
    }
}

/// How a connection is closed. Each side that has an observed context closes in this way, the server first.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Close {
    /// Shut down before it is freed.
    #[default]
    Clean,
    /// Freed without a shutdown.
    Unclean,
}

/// One step of a trace.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Op {
    /// Makes a session by hand. On a name that was made before: absent.
    Session(Name, SessionSpec),
    /// `SSL_SESSION_up_ref`: the trace holds one more reference.
    UpRef(Name),
    /// `SSL_SESSION_free`: the trace gives up one of its references.
    Free(Name),
    /// `SSL_SESSION_set_time`
    SessionSetTime(Name, Time),
    /// `SSL_SESSION_get_time`
    SessionGetTime(Name),
    /// `SSL_SESSION_set_timeout`
    SessionSetTimeout(Name, Timeout),
    /// `SSL_SESSION_get_timeout`
    SessionGetTimeout(Name),
    /// `SSL_SESSION_is_resumable`
    IsResumable(Name),
    /// `SSL_SESSION_set1_id_context`
    SessionSetIdContext(Name, IdContext),

    /// `SSL_CTX_add_session`, or its old synonym.
    AddSession {
        /// The context.
        context: ContextRef,
        /// The session.
        session: Name,
        /// Called as `SSL_add_session`.
        synonym: bool,
    },
    /// `SSL_CTX_remove_session`, or its old synonym.
    RemoveSession {
        /// The context.
        context: ContextRef,
        /// The session.
        session: Name,
        /// Called as `SSL_remove_session`.
        synonym: bool,
    },
    /// `SSL_CTX_flush_sessions`, or its old synonym.
    FlushSessions {
        /// The context.
        context: ContextRef,
        /// The time to test expiry against.
        at: At,
        /// Called as `SSL_flush_sessions`.
        synonym: bool,
    },

    /// `SSL_CTX_set_session_cache_mode`
    SetSessionCacheMode(ContextRef, CacheMode),
    /// `SSL_CTX_get_session_cache_mode`
    GetSessionCacheMode(ContextRef),
    /// `SSL_CTX_sess_set_cache_size`
    SessSetCacheSize(ContextRef, u32),
    /// `SSL_CTX_sess_get_cache_size`
    SessGetCacheSize(ContextRef),
    /// `SSL_CTX_set_timeout`
    SetTimeout(ContextRef, Timeout),
    /// `SSL_CTX_get_timeout`
    GetTimeout(ContextRef),
    /// `SSL_CTX_set_session_id_context`; more bytes than `SSL_MAX_SID_CTX_LENGTH` (32) can be asked for, up to 64.
    SetSessionIdContext(ContextRef, LongIdContext),
    /// `SSL_CTX_sess_set_new_cb`, `_remove_cb`, `_get_cb` at once.
    SetCallbacks(ContextRef, Callbacks),
    /// The application stores a session in the external cache of its own accord, with a reference of its own.
    ExternalStore(ContextRef, Name),
    /// The application forgets what its external cache has under this session's id.
    ExternalForget(ContextRef, Name),
    /// `SSL_CTX_free`. With a connection still open on the context: absent, unless the setup asks for hazards.
    CtxFree(ContextRef),

    /// A handshake up to the point where the server has answered the client's first flight: the server has looked
    /// the proposed session up and decided. Returns 1 when it agreed to resume, 0 when not, −1 when it failed (the
    /// connection is then gone).
    AcceptBegin(Connection, Accept),
    /// The rest of the handshake, with the tickets that follow it in TLS 1.3. Returns 1 when a session was reused, 0
    /// when a new one was negotiated, −1 when it failed (the connection is then gone).
    AcceptFinish(Connection),
    /// Another handshake on a finished connection, up to TLS 1.2, begun and finished in one step. In TLS 1.3: absent.
    /// Returns 1 when a session was reused, 0 when a new one was negotiated, −1 when it failed (the connection is then
    /// gone).
    Renegotiate(Connection, Renegotiate),
    /// Drops a connection whose handshake is begun and not finished. On a finished one: absent.
    AcceptAbort(Connection),
    /// Closes a finished connection. On an unfinished one: absent.
    Close(Connection, Close),
    /// Begin, finish and close in one step; returns as finish does, or −1.
    Handshake(Accept, Close),

    /// The clock goes on by so many seconds.
    Advance(u32),
    /// The clock is set, also backwards.
    SetClock(Time),
    /// The block, so many times. Blocks do not nest.
    Repeat(u32, Vec<Self>),

    /// What the pages forbid or never mention; absent unless the setup asks for hazards.
    Hazard(Hazard),

    /// Part of the last phase: gives up every reference that the trace itself holds on the name, one by one. Returns at
    /// which of them, counted from 1, the object was destroyed; 0: it lives on.
    Release(Name),
    /// Part of the last phase: closes the connection cleanly if it is finished, drops it if it is not.
    Hangup(Connection),
    /// Part of the last phase: the application frees all that it holds for the context.
    ApplicationRelease(ContextRef),
    /// Part of the last phase: nothing happens, and everything is shown.
    Probe,
}

/// The bytes that `SSL_CTX_set_session_id_context()` is given: 0 to 64 of them, so that the limit can be overstepped.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct LongIdContext {
    bytes: [u8; 64],
    len: u8,
}

impl LongIdContext {
    /// These bytes; `None` when there are more than 64.
    #[must_use]
    pub fn new(context: &[u8]) -> Option<Self> {
        if context.len() > 64 {
            return None;
        }
        let mut bytes = [0; 64];
        bytes[..context.len()].copy_from_slice(context);
        Some(Self { bytes, len: u8::try_from(context.len()).expect("at most 64") })
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

impl std::fmt::Debug for LongIdContext {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "\"{}\"", self.as_bytes().escape_ascii())
    }
}
