//! A server's side of a handshake, up to the point where it is finished.
//!
//! [`Context::begin_accept`] takes what the client proposes and says how to go on; the rest follows from the types.
//! A handshake that is aborted is dropped, at any point: what it found stays as it is.

use std::sync::Arc;

use crate::application::{Application, Leavers, Why};
use crate::cache::Added;
use crate::connection::Connection;
use crate::context::{Context, State};
use crate::id::{IdContext, SessionId};
use crate::mode::CacheMode;
use crate::session::{NewSession, Protocol, Session};

/// What a client's hello says of sessions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Proposal {
    /// The protocol that this handshake is for.
    pub protocol: Protocol,
    /// The session that the client would resume.
    pub id: Option<SessionId>,
}

/// How a server goes on.
#[derive(Debug)]
pub enum Begun<P> {
    /// With an abbreviated handshake.
    Resume(Resuming<P>),
    /// By asking the external cache, if there is one, and giving the answer to [`Context::external`].
    AskExternal(Asking),
    /// With a full handshake.
    Full(Negotiating),
    /// Not at all: the peer is to be verified, and the context has no id context to tell its sessions by.
    Fail,
}

/// A server resumes this session, and holds a reference on it.
#[derive(Debug)]
pub struct Resuming<P> {
    pub(crate) session: Arc<Session<P>>,
    pub(crate) fresh: Negotiating,
}

impl<P> Resuming<P> {
    /// What a session that comes with a new ticket is made from.
    #[must_use]
    pub fn next(&self) -> &Negotiating {
        &self.fresh
    }

    /// The session.
    #[must_use]
    pub fn session(&self) -> &Arc<Session<P>> {
        &self.session
    }
}

/// A server waits for the external cache.
#[derive(Debug)]
pub struct Asking {
    id: SessionId,
    fresh: Negotiating,
}

impl Asking {
    /// The id to ask for.
    #[must_use]
    pub fn id(&self) -> &SessionId {
        &self.id
    }
}

/// A new session is negotiated. It has the time, timeout and id context of the moment when the handshake was begun.
#[derive(Clone, Copy, Debug)]
pub struct Negotiating {
    protocol: Protocol,
    time: i64,
    timeout: i64,
    id_context: IdContext,
    /// Whether the connection has had a handshake before.
    again: bool,
}

impl Negotiating {
    /// When it was begun, in seconds since the Epoch.
    #[must_use]
    pub fn time(&self) -> i64 {
        self.time
    }

    /// What the session will be made with, under this id: for who puts it into a stateless ticket.
    #[must_use]
    pub fn would_be(&self, id: SessionId) -> NewSession {
        let Self { protocol, time, timeout, id_context, .. } = *self;
        NewSession { id, protocol, time, timeout, id_context }
    }

    /// The session, now that it has an id and its secrets.
    pub(crate) fn make<P>(self, id: SessionId, payload: P) -> Arc<Session<P>> {
        let Self { protocol, time, timeout, id_context, .. } = self;
        Arc::new(Session::new(NewSession { id, protocol, time, timeout, id_context }, payload))
    }

    /// The session id context of the connection.
    pub(crate) fn id_context(&self) -> IdContext {
        self.id_context
    }

    /// Whether the connection has had a handshake before.
    pub(crate) fn is_again(&self) -> bool {
        self.again
    }

    /// The same, in a further handshake on a connection that was begun under this id context.
    pub(crate) fn again(self, id_context: IdContext) -> Self {
        Self { id_context, again: true, ..self }
    }

    /// The same, to be made at `now`: it comes with a ticket that is sent then.
    pub(crate) fn at(self, now: i64) -> Self {
        Self { time: now, ..self }
    }
}

/// Which handshake of a connection it is.
#[derive(Clone, Copy)]
pub(crate) enum Handshake {
    /// The first one; `Some`: the connection has this session id context in place of the context's.
    First(Option<IdContext>),
    /// A further one of a connection that was begun under this session id context.
    Further(IdContext),
}

impl<P> Context<P> {
    /// A client's hello has come at `now`, in seconds since the Epoch. The internal cache is looked at here.
    ///
    /// The connection is this context's from here on, whatever else of a server's configuration is switched by the
    /// name that the client asks for: it is finished and closed on this context, which caches and counts it.
    pub fn begin_accept(
        &self,
        proposal: Proposal,
        now: i64,
        application: &mut (impl Application<P> + ?Sized),
    ) -> Begun<P> {
        self.begin_accept_in(None, proposal, now, application)
    }

    /// The same, on a connection that has this session id context in place of the context's, unless it is `None`:
    /// SSL_set_session_id_context(3).
    pub fn begin_accept_in(
        &self,
        id_context: Option<IdContext>,
        proposal: Proposal,
        now: i64,
        application: &mut (impl Application<P> + ?Sized),
    ) -> Begun<P> {
        let mut left = Leavers::none();
        let begun = self.state().begin_accept(proposal, Handshake::First(id_context), now, &mut left);
        left.call_back(application);
        begun
    }

    /// A client's hello has come at `now` on a connection that is established: up to TLS 1.2 that is a renegotiation,
    /// [`begin_accept`](Self::begin_accept) but for the counter, and under the id context that the connection was begun
    /// with. The connection is one of this context; it stays as it is until it is finished, which gives the one that it
    /// is from then on; if it fails, it is to be closed uncleanly.
    pub fn renegotiate_accept(
        &self,
        connection: &Connection<P>,
        proposal: Proposal,
        now: i64,
        application: &mut (impl Application<P> + ?Sized),
    ) -> Begun<P> {
        let mut left = Leavers::none();
        let begun = self.state().begin_accept(proposal, Handshake::Further(connection.id_context()), now, &mut left);
        left.call_back(application);
        begun
    }

    /// As [`begin_accept_stateless`](Self::begin_accept_stateless), on a connection that is established.
    pub fn renegotiate_accept_stateless(
        &self,
        connection: &Connection<P>,
        decrypted: Option<Session<P>>,
        protocol: Protocol,
        now: i64,
    ) -> Begun<P> {
        self.state().begin_accept_stateless(decrypted, Handshake::Further(connection.id_context()), protocol, now)
    }

    /// A client's hello has come at `now` with a ticket. The session is what the server has decrypted it to; `None`,
    /// when it cannot, be it that the ticket is stateful and the server's are not. The internal cache knows nothing of
    /// it, so it is a miss.
    pub fn begin_accept_stateless(&self, decrypted: Option<Session<P>>, protocol: Protocol, now: i64) -> Begun<P> {
        self.begin_accept_stateless_in(None, decrypted, protocol, now)
    }

    /// The same, on a connection that has this session id context in place of the context's, unless it is `None`.
    pub fn begin_accept_stateless_in(
        &self,
        id_context: Option<IdContext>,
        decrypted: Option<Session<P>>,
        protocol: Protocol,
        now: i64,
    ) -> Begun<P> {
        self.state().begin_accept_stateless(decrypted, Handshake::First(id_context), protocol, now)
    }

    /// The external cache has answered. The answer comes with a reference: a clone, if the external cache keeps its
    /// own (`get_session_cb` sets `copy` to 1). It is copied into the internal cache unless the mode has
    /// NO_INTERNAL_STORE, and then judged like any other. A session that is in the internal cache of another context
    /// is not an answer.
    pub fn external(
        &self,
        asking: Asking,
        answer: Option<Arc<Session<P>>>,
        application: &mut (impl Application<P> + ?Sized),
    ) -> Begun<P> {
        let mut left = Leavers::none();
        let begun = self.state().external(asking, answer, &mut left);
        left.call_back(application);
        begun
    }
}

impl<P> State<P> {
    /// A session negotiated from `now` on.
    pub(crate) fn negotiate(&self, protocol: Protocol, now: i64) -> Negotiating {
        Negotiating { protocol, time: now, timeout: self.timeout, id_context: self.id_context, again: false }
    }

    /// A server's handshake is begun.
    fn begin(&mut self, protocol: Protocol, handshake: Handshake, now: i64) -> Negotiating {
        let fresh = self.negotiate(protocol, now);
        match handshake {
            Handshake::First(own) => {
                self.counters.accept += 1;
                Negotiating { id_context: own.unwrap_or(self.id_context), ..fresh }
            }
            Handshake::Further(id_context) => {
                self.counters.accept_renegotiate += 1;
                fresh.again(id_context)
            }
        }
    }

    fn begin_accept_stateless(
        &mut self,
        decrypted: Option<Session<P>>,
        handshake: Handshake,
        protocol: Protocol,
        now: i64,
    ) -> Begun<P> {
        let fresh = self.begin(protocol, handshake, now);
        self.counters.misses += 1;
        match decrypted {
            // What is not cached does not leave, so the application has nothing to hear of.
            Some(decrypted) => self.judge(Arc::new(decrypted), fresh, false, &mut Leavers::none()),
            None => Begun::Full(fresh),
        }
    }

    fn begin_accept(&mut self, proposal: Proposal, handshake: Handshake, now: i64, left: &mut Leavers<P>) -> Begun<P> {
        let fresh = self.begin(proposal.protocol, handshake, now);
        let Some(id) = proposal.id else {
            return Begun::Full(fresh);
        };
        let served = self.mode.contains(CacheMode::SERVER);
        let looks = served && !self.mode.contains(CacheMode::NO_INTERNAL_LOOKUP);
        if looks && let Some(found) = self.cache.lookup(&id) {
            return self.judge(Arc::clone(found), fresh, true, left);
        }
        // Not found internally, be it that nobody looked.
        self.counters.misses += 1;
        if served { Begun::AskExternal(Asking { id, fresh }) } else { Begun::Full(fresh) }
    }

    fn external(&mut self, asking: Asking, answer: Option<Arc<Session<P>>>, left: &mut Leavers<P>) -> Begun<P> {
        let Some(found) = answer.filter(|found| !self.cache.is_elsewhere(found)) else {
            return Begun::Full(asking.fresh);
        };
        self.counters.cb_hits += 1;
        if !self.mode.contains(CacheMode::NO_INTERNAL_STORE) && self.add(&found, left) == Added::Elsewhere {
            // Another context has got hold of it since the line above.
            return Begun::Full(asking.fresh);
        }
        self.judge(found, asking.fresh, true, left)
    }

    /// The session that is proposed is found, in a cache or in its ticket: whether it is resumed.
    fn judge(&mut self, found: Arc<Session<P>>, fresh: Negotiating, cached: bool, left: &mut Leavers<P>) -> Begun<P> {
        let now = fresh.time;
        if found.protocol() != fresh.protocol || found.id_context() != fresh.id_context {
            return Begun::Full(fresh);
        }
        if self.verify_peer && fresh.id_context.is_empty() {
            return Begun::Fail;
        }
        if found.is_expired_at(now) {
            // The counter of timeouts is for what was found in a cache.
            if cached {
                self.counters.timeouts += 1;
                self.cache.remove_to(&found, Why::Expired, left);
            }
            return Begun::Full(fresh);
        }
        if !found.is_resumable() {
            return Begun::Full(fresh);
        }
        self.counters.hits += 1;
        if self.mode.contains(CacheMode::UPDATE_TIME) {
            // Cached here or nowhere, but for a race that another context wins; then its time is that one's matter.
            let _ = self.cache.set_time(&found, now);
        }
        Begun::Resume(Resuming { session: found, fresh })
    }
}
