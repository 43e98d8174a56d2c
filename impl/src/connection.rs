//! From the end of a handshake to the end of its connection.

use std::fmt;
use std::sync::Arc;

use crate::application::{Application, Leavers, Why};
use crate::context::Context;
use crate::counters::Role;
use crate::id::{IdContext, SessionId};
use crate::mode::CacheMode;
use crate::server::{Negotiating, Resuming};
use crate::session::Session;

/// The automatic flush runs in every connection of this number: SSL_CTX_set_session_cache_mode(3), NOTES to
/// `SSL_SESS_CACHE_NO_AUTO_CLEAR`.
const AUTO_FLUSH_PERIOD: u64 = 255;

/// One side of an established connection; it holds a reference on its session until it is closed. To be given back to
/// the context that made it; dropping it is a clean close.
#[derive(Debug)]
#[must_use = "how it is closed decides whether its session can be resumed"]
pub struct Connection<P> {
    session: Option<Arc<Session<P>>>,
    reused: bool,
    id_context: IdContext,
}

impl<P> Connection<P> {
    /// Its session: in TLS 1.3 that of the last ticket, or the one that was resumed. `None` where a handshake made
    /// none that can be resumed here: without a ticket, or on a server with a stateless one up to TLS 1.2.
    #[must_use]
    pub fn session(&self) -> Option<&Arc<Session<P>>> {
        self.session.as_ref()
    }

    /// The session id context that it was begun with.
    pub(crate) fn id_context(&self) -> IdContext {
        self.id_context
    }

    /// SSL_session_reused(3): whether the session is from an earlier connection.
    #[must_use]
    pub fn reused(&self) -> bool {
        self.reused
    }
}

/// A ticket that a server sends or a client receives, and the session that it stands for. In TLS 1.3 it comes once the
/// handshake is done, before that within it.
#[non_exhaustive]
pub struct Ticket<P> {
    /// The id of the session: what a stateful ticket holds, or what the client makes of the ticket.
    pub id: SessionId,
    /// What its owner puts into it.
    pub payload: P,
    /// Whether this side caches the session, as far as its mode does. A server need not when the ticket is stateless;
    /// the application is told of the session all the same.
    pub cached: bool,
}

impl<P> Ticket<P> {
    /// The ticket of a session with this id and payload, which is `cached` or not.
    #[must_use]
    pub fn new(id: SessionId, payload: P, cached: bool) -> Self {
        Self { id, payload, cached }
    }
}

/// Without the payload, which may be secret.
impl<P> fmt::Debug for Ticket<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ticket").field("id", &self.id).field("cached", &self.cached).finish_non_exhaustive()
    }
}

/// How a connection is closed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Close {
    /// Shut down before it is freed.
    Clean,
    /// Freed without a shutdown.
    Unclean,
}

impl<P> Context<P> {
    /// A server's full handshake is finished, at `now`, with this id and payload. The session is cached if the mode
    /// has SERVER.
    pub fn finish_full(
        &self,
        negotiating: Negotiating,
        id: SessionId,
        payload: P,
        now: i64,
        application: &mut (impl Application<P> + ?Sized),
    ) -> Connection<P> {
        let session = negotiating.make(id, payload);
        self.cache_new(Role::Server, &session, true, application);
        self.established((Role::Server, &negotiating), Some(session), false, now, application)
    }

    /// A server's full handshake up to TLS 1.2 is finished, at `now`, with a stateless ticket: the client has the
    /// session, and the server none.
    pub fn finish_stateless(
        &self,
        negotiating: Negotiating,
        now: i64,
        application: &mut (impl Application<P> + ?Sized),
    ) -> Connection<P> {
        self.established((Role::Server, &negotiating), None, false, now, application)
    }

    /// A server's full handshake of TLS 1.3 is finished, at `now`, and these tickets are sent.
    pub fn finish_full_with(
        &self,
        negotiating: Negotiating,
        tickets: impl IntoIterator<Item = Ticket<P>>,
        now: i64,
        application: &mut (impl Application<P> + ?Sized),
    ) -> Connection<P> {
        let last = self.cache_tickets(Role::Server, &negotiating, tickets, now, application);
        self.established((Role::Server, &negotiating), last, false, now, application)
    }

    /// A server's abbreviated handshake of TLS 1.3 is finished, at `now`, and these tickets are sent; mostly one, for
    /// the next time.
    pub fn finish_resumed_with(
        &self,
        resuming: Resuming<P>,
        tickets: impl IntoIterator<Item = Ticket<P>>,
        now: i64,
        application: &mut (impl Application<P> + ?Sized),
    ) -> Connection<P> {
        let last = self.cache_tickets(Role::Server, &resuming.fresh, tickets, now, application);
        self.established(
            (Role::Server, &resuming.fresh),
            Some(last.unwrap_or(resuming.session)),
            true,
            now,
            application,
        )
    }

    /// A server's abbreviated handshake is finished, at `now`.
    pub fn finish_resumed(
        &self,
        resuming: Resuming<P>,
        now: i64,
        application: &mut (impl Application<P> + ?Sized),
    ) -> Connection<P> {
        self.established((Role::Server, &resuming.fresh), Some(resuming.session), true, now, application)
    }

    /// A connection is closed. Uncleanly, its session leaves the internal cache, unless that has another object under
    /// its id, and is marked non-resumable in any case: SSL_get_session(3).
    pub fn close(&self, connection: Connection<P>, close: Close, application: &mut (impl Application<P> + ?Sized)) {
        let Some(session) = connection.session.filter(|_| close == Close::Unclean) else { return };
        let mut left = Leavers::none();
        {
            let (mut turn, mut held) = self.change();
            turn.members.remove(&mut held, &session, Why::Unclean, &mut left);
            session.mark_not_resumable();
        }
        left.call_back(application);
    }

    /// Sessions come with tickets, at `now`, one after the other; the last one is the connection's.
    pub(crate) fn cache_tickets(
        &self,
        role: Role,
        negotiating: &Negotiating,
        tickets: impl IntoIterator<Item = Ticket<P>>,
        now: i64,
        application: &mut (impl Application<P> + ?Sized),
    ) -> Option<Arc<Session<P>>> {
        let mut last = None;
        for Ticket { id, payload, cached } in tickets {
            let session = last.insert(negotiating.at(now).make(id, payload));
            self.cache_new(role, session, cached, application);
        }
        last
    }

    /// A session was negotiated: it is stored, then the application is told of it, and may refuse it.
    pub(crate) fn cache_new(
        &self,
        role: Role,
        session: &Arc<Session<P>>,
        stored: bool,
        application: &mut (impl Application<P> + ?Sized),
    ) {
        let mut left = Leavers::none();
        {
            let tag = self.key.tag(session.id());
            let (mut turn, mut held) = self.change();
            let mode = turn.settings.mode;
            if !mode.contains(role.flag()) {
                return;
            }
            if stored && !mode.contains(CacheMode::NO_INTERNAL_STORE) {
                turn.add(&mut held, tag, session, &mut left);
            }
        }
        left.call_back(application);
        if !application.new_session(session) {
            let mut left = Leavers::none();
            {
                let (mut turn, mut held) = self.change();
                turn.members.remove(&mut held, session, Why::Refused, &mut left);
            }
            left.call_back(application);
        }
    }

    /// A handshake is finished and what is new is stored: it is counted, and with every so many connections what has
    /// expired leaves.
    pub(crate) fn established(
        &self,
        (role, from): (Role, &Negotiating),
        session: Option<Arc<Session<P>>>,
        reused: bool,
        now: i64,
        application: &mut (impl Application<P> + ?Sized),
    ) -> Connection<P> {
        let mut left = Leavers::none();
        {
            let mut turn = self.turn();
            match role {
                Role::Server => turn.counters.accept_good += 1,
                Role::Client => turn.counters.connect_good += 1,
            }
            let mode = turn.settings.mode;
            if mode.contains(role.flag()) && !from.is_again() {
                turn.established += 1;
                let due = turn.established % AUTO_FLUSH_PERIOD == 0 || turn.flush_goes_on;
                if due && !mode.contains(CacheMode::NO_AUTO_CLEAR) {
                    self.flush_automatically(turn, now, &mut left);
                }
            }
        }
        left.call_back(application);
        Connection { session, reused, id_context: from.id_context() }
    }
}
