//! A client's side of a handshake, up to the point where it is finished.
//!
//! A client never looks a session up: the application says which one it offers. A handshake that is aborted is
//! dropped.

use std::fmt;
use std::sync::Arc;

use crate::application::Application;
use crate::connection::{Connection, Ticket};
use crate::context::Context;
use crate::counters::Role;
use crate::id::SessionId;
use crate::server::Negotiating;
use crate::session::{Protocol, Session};

/// A client's handshake is begun; it holds a reference on the session that it proposes.
#[derive(Debug)]
#[must_use = "the handshake goes on with it"]
pub struct Connecting<P> {
    proposed: Option<Arc<Session<P>>>,
    fresh: Negotiating,
}

impl<P> Connecting<P> {
    /// The session to propose, if there is one.
    #[must_use]
    pub fn proposed(&self) -> Option<&Arc<Session<P>>> {
        self.proposed.as_ref()
    }
}

/// What the server has made of a client's handshake.
#[non_exhaustive]
pub enum Outcome<P> {
    /// It has resumed the session that was proposed.
    Reused,
    /// It has negotiated a new one, with this id and payload.
    New(SessionId, P),
}

/// Without the payload, which may be secret.
impl<P> fmt::Debug for Outcome<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reused => f.write_str("Reused"),
            Self::New(id, _) => f.debug_tuple("New").field(id).finish_non_exhaustive(),
        }
    }
}

/// The server has resumed a session where none was proposed: a fault of the peer, for which the connection is given up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct NotProposed;

impl fmt::Display for NotProposed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the server has resumed a session that was not proposed")
    }
}

impl std::error::Error for NotProposed {}

impl<P> Context<P> {
    /// A client begins a handshake at `now`, in seconds since the Epoch. It proposes the session that the application
    /// offers (SSL_set_session(3)) if that one is resumable and for this protocol.
    pub fn begin_connect(&self, offered: Option<&Arc<Session<P>>>, protocol: Protocol, now: i64) -> Connecting<P> {
        let mut turn = self.turn();
        let proposed = offered.filter(|session| session.is_resumable() && session.protocol() == protocol).cloned();
        turn.counters.connect += 1;
        Connecting { proposed, fresh: turn.settings.negotiate(protocol, now) }
    }

    /// A client begins a further handshake on a connection that is established, at `now`, up to TLS 1.2: an abbreviated
    /// one (SSL_renegotiate_abbreviated(3), or the server has asked for it) proposes the session of the connection if
    /// that one is resumable, any other (SSL_renegotiate(3)) none. The connection is one of this context, and the
    /// handshake is under the id context that it was begun with.
    pub fn renegotiate_connect(
        &self,
        connection: &Connection<P>,
        abbreviated: bool,
        protocol: Protocol,
        now: i64,
    ) -> Connecting<P> {
        let mut turn = self.turn();
        let proposed = connection.session().filter(|session| abbreviated && session.is_resumable()).cloned();
        turn.counters.connect_renegotiate += 1;
        Connecting { proposed, fresh: turn.settings.negotiate(protocol, now).again(connection.id_context()) }
    }

    /// A client's handshake is finished, at `now`. A new session is cached if the mode has CLIENT.
    ///
    /// # Errors
    ///
    /// When the outcome is [`Outcome::Reused`] and nothing was proposed.
    pub fn finish_connect(
        &self,
        connecting: Connecting<P>,
        outcome: Outcome<P>,
        now: i64,
        application: &mut (impl Application<P> + ?Sized),
    ) -> Result<Connection<P>, NotProposed> {
        match outcome {
            Outcome::Reused => {
                let session = connecting.proposed.ok_or(NotProposed)?;
                self.turn().counters.hits += 1;
                Ok(self.established((Role::Client, &connecting.fresh), Some(session), true, now, application))
            }
            Outcome::New(id, payload) => {
                let session = connecting.fresh.make(id, payload);
                self.cache_new(Role::Client, &session, true, application);
                Ok(self.established((Role::Client, &connecting.fresh), Some(session), false, now, application))
            }
        }
    }

    /// A client's full handshake up to TLS 1.2 is finished, at `now`, and the server has sent a ticket: the session
    /// is as old as that.
    pub fn finish_connect_stateless(
        &self,
        connecting: Connecting<P>,
        ticket: Ticket<P>,
        now: i64,
        application: &mut (impl Application<P> + ?Sized),
    ) -> Connection<P> {
        let session = self.cache_tickets(Role::Client, &connecting.fresh, [ticket], now, application);
        self.established((Role::Client, &connecting.fresh), session, false, now, application)
    }

    /// A client's handshake of TLS 1.3 is finished, at `now`, and these tickets have come. Each session is cached if
    /// the mode has CLIENT.
    ///
    /// # Errors
    ///
    /// When the server has reused a session and nothing was proposed.
    pub fn finish_connect_with(
        &self,
        connecting: Connecting<P>,
        reused: bool,
        tickets: impl IntoIterator<Item = Ticket<P>>,
        now: i64,
        application: &mut (impl Application<P> + ?Sized),
    ) -> Result<Connection<P>, NotProposed> {
        let used = if reused { Some(connecting.proposed.ok_or(NotProposed)?) } else { None };
        self.turn().counters.hits += u64::from(reused);
        let last = self.cache_tickets(Role::Client, &connecting.fresh, tickets, now, application);
        Ok(self.established((Role::Client, &connecting.fresh), last.or(used), reused, now, application))
    }
}
