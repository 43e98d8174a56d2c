//! A server's side of a handshake, up to the point where it is finished.
//!
//! [`Context::begin_accept`] takes what the client proposes and says how to go on; the rest follows from the types.
//! A handshake that is aborted is dropped, at any point: what it found stays as it is.

use std::sync::Arc;

use crate::application::{Application, Leavers, Why};
use crate::cache::Added;
use crate::connection::Connection;
use crate::context::Context;
use crate::counters::Found;
use crate::id::{IdContext, SessionId};
use crate::mode::CacheMode;
use crate::seat::Change;
use crate::session::{NewSession, Protocol, Session};
use crate::shards::{Settings, Shard};

/// What a client's hello says of sessions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Proposal {
    /// The protocol that this handshake is for.
    pub protocol: Protocol,
    /// The session that the client would resume.
    pub id: Option<SessionId>,
}

impl Proposal {
    /// A handshake for this protocol that would resume this session, or none.
    #[must_use]
    pub const fn new(protocol: Protocol, id: Option<SessionId>) -> Self {
        Self { protocol, id }
    }
}

/// How a server goes on. There is no fifth way: a match may name all.
#[derive(Debug)]
#[must_use = "the handshake goes on with it"]
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

/// A new session is negotiated. It has the time, timeout and id context of the moment when the handshake was begun. It
/// is used up by finishing the handshake, so that none is finished twice.
#[derive(Debug)]
#[must_use = "the handshake goes on with it"]
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
    pub(crate) fn make<P>(&self, id: SessionId, payload: P) -> Arc<Session<P>> {
        Arc::new(Session::new(self.would_be(id), payload))
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
    pub(crate) fn at(&self, now: i64) -> Self {
        Self { time: now, ..*self }
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
        self.accept(proposal, Handshake::First(id_context), now, application)
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
        self.accept(proposal, Handshake::Further(connection.id_context()), now, application)
    }

    /// As [`begin_accept_stateless`](Self::begin_accept_stateless), on a connection that is established.
    pub fn renegotiate_accept_stateless(
        &self,
        connection: &Connection<P>,
        decrypted: Option<Session<P>>,
        protocol: Protocol,
        now: i64,
    ) -> Begun<P> {
        self.accept_stateless(decrypted, Handshake::Further(connection.id_context()), protocol, now)
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
        self.accept_stateless(decrypted, Handshake::First(id_context), protocol, now)
    }

    /// The external cache has answered. The answer comes with a reference: a clone, if the external cache keeps its
    /// own (`get_session_cb` sets `copy` to 1). It is copied into the internal cache unless the mode has
    /// NO_INTERNAL_STORE, and then judged like any other. A session that is in the internal cache of another context
    /// is not an answer, nor is one with another id than was asked for: it may be somebody else's. No page has the ids
    /// compared; libssl 4.0 compares them.
    pub fn external(
        &self,
        asking: Asking,
        answer: Option<Arc<Session<P>>>,
        application: &mut (impl Application<P> + ?Sized),
    ) -> Begun<P> {
        let Some(found) = answer.filter(|found| *found.id() == asking.id) else {
            return Begun::Full(asking.fresh);
        };
        let mut left = Leavers::none();
        let begun = self.answered(asking.fresh, &found, &mut left);
        left.call_back(application);
        begun
    }

    fn accept(
        &self,
        proposal: Proposal,
        handshake: Handshake,
        now: i64,
        application: &mut (impl Application<P> + ?Sized),
    ) -> Begun<P> {
        let Some(id) = proposal.id else {
            let shard = self.shards.read(0);
            let fresh = shard.settings.begin(proposal.protocol, handshake, now);
            shard.looked.count(fresh.again, Found::Nothing);
            return Begun::Full(fresh);
        };
        let tag = self.key.tag(&id);
        let proposed = (proposal.protocol, handshake, now);
        {
            let shard = self.shards.read(tag);
            let (fresh, judged) = shard.judge(proposed, tag, &id);
            if let Some(begun) = shard.unchanged(fresh, id, judged) {
                return begun;
            }
        }
        // Something is to be changed. Until it is this thread's turn all may be otherwise, so it is judged again.
        let mut left = Leavers::none();
        let begun = {
            let (mut turn, mut held) = self.change();
            let shard = held.shard(tag);
            let (fresh, judged) = shard.judge(proposed, tag, &id);
            match judged {
                Judged::Expired(found) => {
                    let found = Arc::clone(found);
                    shard.looked.count(fresh.again, Found::Timeout);
                    turn.members.remove(&mut held, &found, Why::Expired, &mut left);
                    Begun::Full(fresh)
                }
                Judged::Resumed(found) => {
                    let session = Arc::clone(found);
                    shard.looked.count(fresh.again, Found::Hit);
                    if shard.settings.mode.contains(CacheMode::UPDATE_TIME) {
                        turn.members.change(&mut held, &session, Change::Time(now)).expect("it is in this cache");
                    }
                    Begun::Resume(Resuming { session, fresh })
                }
                judged => shard.unchanged(fresh, id, judged).expect("all that changes something is above"),
            }
        };
        left.call_back(application);
        begun
    }

    fn accept_stateless(
        &self,
        decrypted: Option<Session<P>>,
        handshake: Handshake,
        protocol: Protocol,
        now: i64,
    ) -> Begun<P> {
        // Nobody else has it, so no lock covers it, and its time is set when all are free.
        let decrypted = decrypted.map(Arc::new);
        let tag = decrypted.as_ref().map_or(0, |session| self.key.tag(session.id()));
        let (settings, fresh, verdict) = {
            let shard = self.shards.read(tag);
            let fresh = shard.settings.begin(protocol, handshake, now);
            let verdict = decrypted.as_deref().map(|session| shard.settings.verdict(&fresh, session));
            let found = if verdict == Some(Verdict::Resumed) { Found::Ticket } else { Found::Miss };
            shard.looked.count(fresh.again, found);
            (shard.settings, fresh, verdict)
        };
        match (verdict, decrypted) {
            (Some(Verdict::Resumed), Some(session)) => {
                if settings.mode.contains(CacheMode::UPDATE_TIME) {
                    session.set_time(now).expect("it is in no cache");
                }
                Begun::Resume(Resuming { session, fresh })
            }
            (Some(Verdict::Failed), _) => Begun::Fail,
            _ => Begun::Full(fresh),
        }
    }

    /// The external cache has given this session.
    fn answered(&self, fresh: Negotiating, found: &Arc<Session<P>>, left: &mut Leavers<P>) -> Begun<P> {
        let tag = self.key.tag(found.id());
        let (mut turn, mut held) = self.change();
        let settings = turn.settings;
        let elsewhere = if settings.mode.contains(CacheMode::NO_INTERNAL_STORE) {
            found.seat.is_elsewhere(turn.members.number)
        } else {
            turn.add(&mut held, tag, found, left) == Added::Elsewhere
        };
        if elsewhere {
            return Begun::Full(fresh);
        }
        turn.counters.cb_hits += 1;
        match settings.verdict(&fresh, found) {
            Verdict::NotThis => Begun::Full(fresh),
            Verdict::Failed => Begun::Fail,
            Verdict::Expired => {
                turn.counters.timeouts += 1;
                turn.members.remove(&mut held, found, Why::Expired, left);
                Begun::Full(fresh)
            }
            Verdict::Resumed => {
                turn.counters.hits += 1;
                if settings.mode.contains(CacheMode::UPDATE_TIME) {
                    // Cached here or nowhere, but for a race that another context wins; then its time is that one's
                    // matter.
                    let _ = turn.members.change(&mut held, found, Change::Time(fresh.time));
                }
                Begun::Resume(Resuming { session: Arc::clone(found), fresh })
            }
        }
    }
}

/// What is to be made of a session that is proposed and found, in a cache or in its ticket.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// It is not for this handshake, or not resumable.
    NotThis,
    /// The peer is to be verified, and there is no id context to tell sessions by.
    Failed,
    /// It has expired.
    Expired,
    /// It is resumed.
    Resumed,
}

/// What is to be made of an id that is proposed.
enum Judged<'s, P> {
    /// Nobody is asked.
    Unasked,
    /// The external cache is asked.
    Asked,
    /// The session that is found is not for this handshake, or not resumable.
    NotThis,
    /// The handshake fails.
    Failed,
    /// This session has expired: it leaves.
    Expired(&'s Arc<Session<P>>),
    /// This session is resumed.
    Resumed(&'s Arc<Session<P>>),
}

impl Settings {
    /// A session negotiated from `now` on.
    pub(crate) fn negotiate(&self, protocol: Protocol, now: i64) -> Negotiating {
        Negotiating { protocol, time: now, timeout: self.timeout, id_context: self.id_context, again: false }
    }

    /// A server's handshake is begun.
    fn begin(&self, protocol: Protocol, handshake: Handshake, now: i64) -> Negotiating {
        let fresh = self.negotiate(protocol, now);
        match handshake {
            Handshake::First(own) => Negotiating { id_context: own.unwrap_or(self.id_context), ..fresh },
            Handshake::Further(id_context) => fresh.again(id_context),
        }
    }

    /// Whether a session is resumed in this handshake.
    fn verdict<P>(&self, fresh: &Negotiating, found: &Session<P>) -> Verdict {
        if found.protocol() != fresh.protocol || found.id_context() != fresh.id_context {
            return Verdict::NotThis;
        }
        if self.verify_peer && fresh.id_context.is_empty() {
            return Verdict::Failed;
        }
        if found.is_expired_at(fresh.time) {
            return Verdict::Expired;
        }
        if found.is_resumable() { Verdict::Resumed } else { Verdict::NotThis }
    }
}

impl<P> Shard<P> {
    /// Looks an id up, and judges what is found. Nothing is changed or counted.
    #[inline]
    fn judge(
        &self,
        (protocol, handshake, now): (Protocol, Handshake, i64),
        tag: u32,
        id: &SessionId,
    ) -> (Negotiating, Judged<'_, P>) {
        let fresh = self.settings.begin(protocol, handshake, now);
        let mode = self.settings.mode;
        let served = mode.contains(CacheMode::SERVER);
        let looks = served && !mode.contains(CacheMode::NO_INTERNAL_LOOKUP);
        let found = if looks { self.table.find(tag, |session| session.id() == id) } else { None };
        let judged = match found.map(|(_, found)| (self.settings.verdict(&fresh, found), found)) {
            // Not found internally, be it that nobody looked.
            None if served => Judged::Asked,
            None => Judged::Unasked,
            Some((Verdict::NotThis, _)) => Judged::NotThis,
            Some((Verdict::Failed, _)) => Judged::Failed,
            Some((Verdict::Expired, found)) => Judged::Expired(found),
            Some((Verdict::Resumed, found)) => Judged::Resumed(found),
        };
        (fresh, judged)
    }

    /// Counts a handshake that changes nothing else; `None`: it does, and is not counted.
    #[inline]
    fn unchanged(&self, fresh: Negotiating, id: SessionId, judged: Judged<'_, P>) -> Option<Begun<P>> {
        let again = fresh.again;
        let (counted, begun) = match judged {
            Judged::Unasked => (Found::Miss, Begun::Full(fresh)),
            Judged::Asked => (Found::Miss, Begun::AskExternal(Asking { id, fresh })),
            Judged::NotThis => (Found::Nothing, Begun::Full(fresh)),
            Judged::Failed => (Found::Nothing, Begun::Fail),
            Judged::Expired(_) => return None,
            Judged::Resumed(_) if self.settings.mode.contains(CacheMode::UPDATE_TIME) => return None,
            Judged::Resumed(found) => (Found::Hit, Begun::Resume(Resuming { session: Arc::clone(found), fresh })),
        };
        self.looked.count(again, counted);
        Some(begun)
    }
}
