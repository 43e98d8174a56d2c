//! The state that the pages speak of: clock, session objects, contexts with their internal caches, connections.
//!
//! It has no rule of its own: those are in [`crate::manual`], one method per function of the pages.

use std::collections::{BTreeMap, BTreeSet};

use crate::application::{Application, Callbacks, ExternalPolicy};
use crate::internal_cache::{InternalCache, Key};
use crate::mode::CacheMode;
use crate::profile::Profile;
use crate::ruling::Counter;
use crate::session::{ConnectionRef, ContextRef, IdContext, Mechanism, NewSession, Protocol, SessionId, SessionRef};
use crate::time::{Time, Timeout};

/// A world under a profile. Equal worlds behave alike; a clone goes its own way.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct World {
    pub(crate) profile: Profile,
    pub(crate) clock: Time,
    /// By [`SessionRef`]; `None`: never made, or destroyed.
    pub(crate) sessions: Vec<Option<Session>>,
    /// By [`ContextRef`]; `None`: freed.
    pub(crate) contexts: Vec<Option<Context>>,
    /// The applications of contexts that were freed, with what they hold still.
    pub(crate) left_behind: BTreeMap<ContextRef, Application>,
    /// Open connections, by [`ConnectionRef`]; each by itself, since the nodes of a map move what is in them.
    pub(crate) connections: BTreeMap<ConnectionRef, Box<Connection>>,
    /// The next place that a session takes among those that expire with it.
    pub(crate) next_place: u64,
    /// The caches whose order is frozen, first to leave first: see [`World::freeze_order`].
    pub(crate) frozen: BTreeMap<ContextRef, Vec<SessionRef>>,
    /// Sessions that are in the order of a cache and not in the cache: see [`World::place_uncached`].
    pub(crate) linked: BTreeSet<(ContextRef, SessionRef)>,
    /// See [`World::is_damaged`].
    pub(crate) damaged: bool,
}

/// A session object.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Session {
    /// Without an id a session can be neither cached nor proposed.
    pub(crate) id: Option<SessionId>,
    pub(crate) protocol: Protocol,
    pub(crate) time: Time,
    pub(crate) timeout: Timeout,
    pub(crate) id_context: IdContext,
    pub(crate) resumable: bool,
    pub(crate) references: u32,
    /// When it took its place in the order of those that expire together.
    pub(crate) place: u64,
    /// When it was added to the cache.
    pub(crate) added: u64,
    /// With what a client proposes it; `None`: with its id.
    pub(crate) ticket: Option<Box<Ticket>>,
    /// Under a departure, the cache in whose order it has a place without being in that cache.
    pub(crate) claims: Option<ContextRef>,
}

/// What a server has sent for a session in a ticket.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Ticket {
    /// How long it may be used, as the server told the client.
    pub(crate) lifetime: Timeout,
    /// By the client whose session this is; false: this is the server's, and only peers that are not observed have
    /// received it.
    pub(crate) received: bool,
    pub(crate) content: Content,
}

/// What is in a ticket.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Content {
    /// Stateful: the id of the server's session.
    Id(SessionId),
    /// Stateless: the server's session as it was, under the key of this context.
    State(ContextRef, Box<Session>),
}

/// A context.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Context {
    pub(crate) mode: CacheMode,
    /// 0: unlimited.
    pub(crate) size: u64,
    pub(crate) timeout: Timeout,
    pub(crate) id_context: IdContext,
    pub(crate) verify_peer: bool,
    pub(crate) application: Application,
    pub(crate) internal_cache: InternalCache,
    pub(crate) counters: [i64; 12],
    /// What the automatic flush counts, as server and as client.
    pub(crate) towards_flush: [u64; 2],
    /// Whether an automatic flush in steps has left somebody who had expired.
    pub(crate) flush_goes_on: bool,
}

/// A side of a connection.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Side {
    /// Whose session cache it uses.
    pub(crate) context: ContextRef,
    /// Which context counts that its handshake is finished; another one only where a server's connection was switched.
    pub(crate) counted_by: ContextRef,
    /// Towards whose automatic flush it counts; the same.
    pub(crate) flushes: ContextRef,
    /// Whether it asks for the peer's certificate.
    pub(crate) verify_peer: bool,
    /// The session that it uses and holds a reference on.
    pub(crate) session: Option<SessionRef>,
    /// What it makes when a new session is negotiated; in TLS 1.3 the first of what it makes, and what those that
    /// follow are made from.
    pub(crate) new: (SessionRef, Session),
}

/// What a server's connection goes by: the context that it began on, unless it was switched to another.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Served {
    pub(crate) began: ContextRef,
    pub(crate) switched: ContextRef,
    /// Whose session cache it uses.
    pub(crate) cache: ContextRef,
    /// Which counts that the handshake is finished.
    pub(crate) counts_end: ContextRef,
    /// Towards whose automatic flush it counts.
    pub(crate) flushes: ContextRef,
    /// Its session id context.
    pub(crate) id_context: IdContext,
    /// The one that is its own.
    pub(crate) own: Option<IdContext>,
    /// That of further handshakes, as it was when the connection began, and the context that has given it.
    pub(crate) further: IdContext,
    pub(crate) further_of: ContextRef,
    /// Whether it asks for the peer's certificate: as the context that it was made from.
    pub(crate) verify_peer: bool,
}

impl Served {
    pub(crate) fn is_switched(&self) -> bool {
        self.switched != self.began
    }
}

/// A connection: a server's side and, when it is observed, a client's.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Connection {
    pub(crate) server: Side,
    pub(crate) client: Option<Side>,
    pub(crate) served: Served,
    pub(crate) resumed: bool,
    pub(crate) mechanism: Mechanism,
    /// The ids of what the server makes, and of what the client makes of tickets.
    pub(crate) ids: [[SessionId; Mechanism::TICKETS]; 2],
    /// Whether its handshake is not its first.
    pub(crate) renegotiated: bool,
    /// What a client that is not observed has to propose in the next handshake; before the first one has finished, what
    /// it has proposed.
    pub(crate) offered: Option<Content>,
}

/// How a context is made; what is `None` is left at its default.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct NewContext {
    /// The session cache mode.
    pub mode: Option<CacheMode>,
    /// The size of the internal cache.
    pub size: Option<u64>,
    /// The timeout of new sessions.
    pub timeout: Option<Timeout>,
    /// The session id context.
    pub id_context: IdContext,
    /// Whether a server asks for the peer's certificate.
    pub verify_peer: bool,
    /// The callbacks.
    pub callbacks: Callbacks,
    /// What the callbacks do to the external cache.
    pub external: ExternalPolicy,
}

impl World {
    /// A world with a clock and no context.
    #[must_use]
    pub fn new(profile: Profile, clock: Time) -> Self {
        Self {
            profile,
            clock,
            sessions: Vec::new(),
            contexts: Vec::new(),
            left_behind: BTreeMap::new(),
            connections: BTreeMap::new(),
            next_place: 0,
            frozen: BTreeMap::new(),
            linked: BTreeSet::new(),
            damaged: false,
        }
    }

    /// The profile.
    #[must_use]
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> Time {
        self.clock
    }

    /// Sets the clock.
    pub fn set_clock(&mut self, now: Time) {
        self.clock = now;
    }

    /// Whether a known departure has damaged the library's own memory. From then on nothing is known of it, and what
    /// this world shows is worth nothing. Without departures it never is.
    #[must_use]
    pub fn is_damaged(&self) -> bool {
        self.damaged
    }

    /// Makes a session by hand (`SSL_SESSION_new()` and the setters), with one reference.
    ///
    /// # Panics
    ///
    /// When the reference was used before in this world.
    pub fn new_session(&mut self, c: SessionRef, new: &NewSession) {
        let NewSession { id, protocol, time, timeout, id_context } = *new;
        let session = Session {
            id: Some(id),
            protocol,
            time,
            timeout,
            id_context,
            resumable: true,
            references: 1,
            place: 0,
            added: 0,
            ticket: None,
            claims: None,
        };
        self.put_session(c, session);
    }

    pub(crate) fn put_session(&mut self, c: SessionRef, session: Session) {
        let slot = c.0 as usize;
        if self.sessions.len() <= slot {
            self.sessions.resize(slot + 1, None);
        }
        assert!(self.sessions[slot].is_none(), "a reference names one object");
        self.sessions[slot] = Some(session);
    }

    /// The value of a counter of a live context.
    #[must_use]
    pub fn counters(&self, ctx: ContextRef) -> [i64; 12] {
        let context = self.context(ctx);
        let mut counters = context.counters;
        counters[Counter::Number as usize] += i64::try_from(context.internal_cache.len()).expect("fits");
        counters
    }

    /// The internal cache of a live context, in order of id.
    pub fn members(&self, ctx: ContextRef) -> impl Iterator<Item = SessionRef> {
        self.context(ctx).internal_cache.sessions()
    }

    /// A live object as its getters show it: time, timeout, resumable mark.
    #[must_use]
    pub fn shown(&self, c: SessionRef) -> (Time, Timeout, bool) {
        let session = self.session(c);
        (session.time, session.timeout, session.resumable && session.id.is_some())
    }

    /// Whether an object lives and has an id.
    #[must_use]
    pub fn has_id(&self, c: SessionRef) -> bool {
        self.sessions.get(c.0 as usize).and_then(Option::as_ref).is_some_and(|session| session.id.is_some())
    }

    pub(crate) fn session(&self, c: SessionRef) -> &Session {
        self.sessions[c.0 as usize].as_ref().expect("whoever names an object holds a reference on it")
    }

    pub(crate) fn session_mut(&mut self, c: SessionRef) -> &mut Session {
        self.sessions[c.0 as usize].as_mut().expect("whoever names an object holds a reference on it")
    }

    pub(crate) fn context(&self, ctx: ContextRef) -> &Context {
        self.contexts[usize::from(ctx.0)].as_ref().expect("a context is used until it is freed")
    }

    pub(crate) fn context_mut(&mut self, ctx: ContextRef) -> &mut Context {
        self.contexts[usize::from(ctx.0)].as_mut().expect("a context is used until it is freed")
    }

    /// The end of a session's life: its time plus its timeout.
    pub(crate) fn expiry(&self, c: SessionRef) -> Time {
        let session = self.session(c);
        session.time + session.timeout
    }

    /// Under what a session is cached; `None`: it has no id.
    pub(crate) fn key(&self, c: SessionRef) -> Option<Key> {
        let session = self.session(c);
        Some((session.id?, crate::points::compared_protocol(&self.profile, session.protocol, Protocol::Tls12)))
    }

    /// Takes a session out of the internal cache, which has it, and does nothing else.
    pub(crate) fn take_out(&mut self, ctx: ContextRef, c: SessionRef) {
        let (key, turn) = (self.key(c).expect("what is cached has an id"), self.turn(c));
        self.context_mut(ctx).internal_cache.remove(&key, turn);
    }

    /// What the internal cache holds under the id of `c`: `c` itself or another object.
    pub(crate) fn cached_under_id_of(&self, ctx: ContextRef, c: SessionRef) -> Option<SessionRef> {
        self.context(ctx).internal_cache.get(&self.key(c)?)
    }
}
