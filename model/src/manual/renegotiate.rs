//! SSL_key_update(3): `SSL_renegotiate()` and `SSL_renegotiate_abbreviated()`, up to TLS 1.2, and the handshake that
//! follows, which is one as in `handshake.rs` on a connection that is open.

use super::handshake::{Accept, Proposal};
use crate::clause::*;
use crate::points;
use crate::reading::{AutoFlushRenegotiation, RenegotiateEstablished, RenegotiateIdContext, RenegotiateStarted};
use crate::ruling::{Counter, Ruling};
use crate::session::{ConnectionRef, ContextRef, IdContext, Mechanism, SessionId, SessionRef};
use crate::world::{Connection, Content, Served, World};

/// Who asks for a further handshake, and for which.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Renegotiation {
    /// `SSL_renegotiate()` on the client.
    #[default]
    New,
    /// `SSL_renegotiate_abbreviated()` on the client.
    Abbreviated,
    /// `SSL_renegotiate()` on the server.
    Requested,
}

/// A further handshake, with what it may make, as in [`Accept`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Renegotiate {
    /// Who asks for it, and for which.
    pub kind: Renegotiation,
    /// The ids of what the server makes; the first alone.
    pub ids: [SessionId; Mechanism::TICKETS],
    /// The ids that the client makes of tickets.
    pub client_ids: [SessionId; Mechanism::TICKETS],
    /// The server's new session, should it make one.
    pub server_session: SessionRef,
    /// The observed client's new session, should it make one.
    pub client_session: SessionRef,
    /// What the server makes of a stateless ticket that it resumes from.
    pub opened: SessionRef,
}

impl World {
    /// A further handshake on a finished connection, begin to end. 1: a session was reused; 0: a new one was
    /// negotiated; −1: it fails, and the connection is over.
    pub fn renegotiate(&mut self, k: ConnectionRef, again: &Renegotiate, why: &mut Ruling) -> i64 {
        let before = self.connections.remove(&k).expect("an open connection is negotiated again");
        let (ctx, client) = (before.server.context, before.client.as_ref().map(|client| client.context));
        self.count_renegotiation(before.served.counts_end, client, again.kind, why);

        let proposed = self.proposed_again(&before, again.kind, why);
        if again.kind == Renegotiation::New {
            self.holds_without_proposing(&before, why);
        }
        let Renegotiate { ids, client_ids, server_session, client_session, opened, .. } = *again;
        let (mechanism, held) = (before.mechanism, before.client.as_ref().and_then(|client| client.session));
        let proposal = held.map_or(Proposal::Nothing, Proposal::Own);
        let accept = Accept {
            context: ctx,
            switch_to: None,
            id_context: None,
            client,
            mechanism,
            proposal,
            ids,
            client_ids,
            server_session,
            client_session,
            opened,
        };
        if before.served.is_switched() {
            why.keeps(SWITCH_ID_CONTEXT);
        }
        let Served { own, further, further_of, .. } = before.served;
        let id_context = own.unwrap_or_else(|| self.id_context_again(further_of, further, why));
        let client_id_context = before
            .client
            .as_ref()
            .map_or(id_context, |client| self.id_context_again(client.context, client.new.1.id_context, why));
        let served = Served { id_context, ..before.served };
        let (mut connection, fails) = self.answer(&accept, proposed, (&served, client_id_context), why);
        connection.renegotiated = true;
        if let Some(clause) = fails {
            // The end of the whole connection, and no clean one.
            self.close_side(&before.server, false, why);
            if let Some(client) = &connection.client {
                self.close_side(client, false, why);
            }
            return why.returns(clause, -1);
        }
        if let Some(used) = before.server.session {
            self.free(used, SESSION_FREE_AT_ZERO, why);
        }
        self.finish(k, connection, why)
    }

    /// What the client proposes; it holds a reference on its session already.
    fn proposed_again(&self, before: &Connection, kind: Renegotiation, why: &mut Ruling) -> Option<Content> {
        let tries = match kind {
            // A completely new handshake: the session of the connection is not proposed.
            Renegotiation::New => !why.keeps(RENEGOTIATE_NEW),
            // The same, but the session of the connection is proposed.
            Renegotiation::Abbreviated => why.keeps(RENEGOTIATE_ABBREVIATED),
            // The server can only ask; a client of OpenSSL proposes the session of the connection then.
            Renegotiation::Requested => why.keeps(RENEGOTIATE_REQUESTED),
        };
        match &before.client {
            _ if !tries => None,
            Some(client) => self.proposed(client.session?, before.mechanism, why),
            None => before.offered.clone(),
        }
    }

    /// The session id context that one end is under: it was set when the connection was begun, or is its context's.
    fn id_context_again(&self, ctx: ContextRef, set: IdContext, why: &mut Ruling) -> IdContext {
        why.keeps(RENEGOTIATE_ID_CONTEXT);
        match self.profile.readings.renegotiate_id_context {
            RenegotiateIdContext::Connection => set,
            RenegotiateIdContext::Context => self.context(ctx).id_context,
        }
    }

    /// A client that proposes nothing has its session still, until the new one is there.
    fn holds_without_proposing(&mut self, before: &Connection, why: &mut Ruling) {
        let Some(client) = &before.client else { return };
        let can = client.session.is_some_and(|c| self.session(c).resumable && self.session(c).id.is_some());
        if can && points::client_counts_misses(&self.profile, false) {
            self.count(client.context, Counter::Misses, MISSES_NOT_FOUND_INTERNALLY, why);
        }
    }

    /// SSL_CTX_sess_number(3): renegotiations have counters of their own.
    fn count_renegotiation(
        &mut self,
        ctx: ContextRef,
        client: Option<ContextRef>,
        kind: Renegotiation,
        why: &mut Ruling,
    ) {
        let started = self.profile.readings.renegotiate_started == RenegotiateStarted::Both;
        if let Some(client) = client {
            self.count(client, Counter::ConnectRenegotiate, CONNECT_RENEGOTIATE_COUNTS_STARTED, why);
            if started {
                self.count(client, Counter::Connect, RENEGOTIATE_COUNTS_STARTED, why);
            }
        }
        let times = points::counts_of_renegotiation(&self.profile, kind == Renegotiation::Requested, 1);
        for _ in 0..times {
            self.count(ctx, Counter::AcceptRenegotiate, ACCEPT_RENEGOTIATE_COUNTS_STARTED, why);
        }
        if started {
            self.count(ctx, Counter::Accept, RENEGOTIATE_COUNTS_STARTED, why);
        }
    }

    /// Whether a renegotiation that succeeds is among the established.
    pub(crate) fn renegotiation_is_established(&self, why: &mut Ruling) -> bool {
        why.keeps(RENEGOTIATE_COUNTS_ESTABLISHED);
        self.profile.readings.renegotiate_established == RenegotiateEstablished::Counted
    }

    /// Whether the automatic flush takes it for a connection.
    pub(crate) fn renegotiation_is_a_connection(&self, why: &mut Ruling) -> bool {
        why.keeps(RENEGOTIATE_AUTO_FLUSH);
        self.profile.readings.auto_flush_renegotiation == AutoFlushRenegotiation::Counted
    }
}
