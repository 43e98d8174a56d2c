//! SSL_CTX_set_num_tickets(3): the sessions of a TLS 1.3 connection, each with a ticket, once the handshake is done.

use super::set_session_cache_mode::Role;
use crate::clause::*;
use crate::mode::CacheMode;
use crate::points;
use crate::reading::{AutoFlushSequence, ClientUsed, HitsAt, TicketsResumed};
use crate::ruling::{Counter, Ruling, What};
use crate::session::{SessionId, SessionRef};
use crate::world::{Connection, Session, Side, Ticket, World};

impl World {
    /// The rest of a TLS 1.3 handshake: the client is done, the server is done and sends its tickets, the client takes
    /// them.
    pub(crate) fn finish_tls13(&mut self, connection: &mut Connection, why: &mut Ruling) {
        let resumed = connection.resumed;
        if !resumed {
            self.refuse_offer(connection, why);
            self.let_go_of_offer(connection, why);
        }
        let tickets = self.tickets_to_send(connection, why);
        let mut client_due = false;
        if let Some(client) = &connection.client {
            if resumed {
                self.used_by_client(client, why);
                self.count(client.context, Counter::Hits, HITS_CLIENT_REUSED, why);
            }
            self.count(client.context, Counter::ConnectGood, CONNECT_GOOD_COUNTS_ESTABLISHED, why);
            client_due = self.flush_is_due(client, Role::Client, (1, tickets as u64), true, why);
        }
        let server = &mut connection.server;
        if resumed && self.profile.readings.hits_at == HitsAt::Finish {
            self.count(server.context, Counter::Hits, HITS_SERVER_RETRIEVED, why);
        }
        self.count(server.counted_by, Counter::AcceptGood, ACCEPT_GOOD_COUNTS_ESTABLISHED, why);
        let (stateless, [ids, client_ids]) = (connection.mechanism.is_stateless(), connection.ids);
        let stored = !stateless || self.caches_stateless(server.context);
        let server_due = self.flush_is_due(server, Role::Server, (1, tickets as u64), stored, why);
        let mut sent = Vec::with_capacity(tickets);
        self.flush_in_turn(server, server_due, AutoFlushSequence::BeforeStore, why);
        for (n, id) in (0..).zip(&ids[..tickets]) {
            let mut session = self.session_of_ticket(server, *id, why);
            let used = server.session.is_none_or(|used| self.session(used).resumable);
            session.resumable = points::copy_is_resumable(&self.profile, used, true);
            let ticket = Self::ticket(server.context, &session, stateless);
            session.ticket = Some(Box::new(Ticket { received: false, ..(*ticket).clone() }));
            sent.push(ticket);
            self.establish_ticket(server, Role::Server, n, session, stateless, why);
        }
        self.flush_in_turn(server, server_due, AutoFlushSequence::AfterStore, why);

        let Some(client) = &mut connection.client else { return };
        self.flush_in_turn(client, client_due, AutoFlushSequence::BeforeStore, why);
        for (n, (id, ticket)) in (0..).zip(client_ids.iter().zip(sent)) {
            let session = Session { ticket: Some(ticket), ..self.session_of_ticket(client, *id, why) };
            self.establish_ticket(client, Role::Client, n, session, false, why);
        }
        self.flush_in_turn(client, client_due, AutoFlushSequence::AfterStore, why);
    }

    /// As many as are set after a full handshake; at most one after a resumption; none when none are set.
    fn tickets_to_send(&self, connection: &Connection, why: &mut Ruling) -> usize {
        let set = usize::from(connection.mechanism.tickets());
        match (set, connection.resumed) {
            (0, _) => usize::from(!why.keeps(NUM_TICKETS_ZERO)),
            (_, true) if why.keeps(NUM_TICKETS_RESUMED) => {
                usize::from(self.profile.readings.tickets_resumed == TicketsResumed::One)
            }
            _ if why.keeps(NUM_TICKETS_FULL) => set,
            _ => set - 1,
        }
    }

    /// The session that comes with a ticket which is sent now.
    fn session_of_ticket(&self, side: &Side, id: SessionId, why: &mut Ruling) -> Session {
        let new = &side.new.1;
        let time = if why.keeps(TICKET_MADE_WHEN_SENT) { self.clock } else { new.time };
        let begin = if why.keeps(TICKET_TIMEOUT_OF_BEGIN) { new.timeout } else { self.context(side.context).timeout };
        // It is another one, with the timeout that new sessions have.
        let timeout = match side.session {
            Some(resumed) => points::renewed_timeout(&self.profile, self.session(resumed).timeout, begin),
            None => begin,
        };
        Session { id: Some(id), time, timeout, ..new.clone() }
    }

    /// One side has a new session with a ticket: the connection uses it from now on, and it is cached.
    fn establish_ticket(
        &mut self,
        side: &mut Side,
        role: Role,
        n: u32,
        session: Session,
        stateless: bool,
        why: &mut Ruling,
    ) {
        let (ctx, c) = (side.context, SessionRef(side.new.0.0 + n));
        self.put_session(c, session);
        why.rules(TIME_CREATION, What::Times(c));
        why.rules(TIMEOUT_NEW_SESSIONS, What::TimesOut(c));
        if let Some(before) = side.session.replace(c) {
            self.session_mut(c).claims = points::copy_claims(&self.profile, self.place_of(before), None);
            self.free(before, SESSION_FREE_AT_ZERO, why);
        }
        if !self.reaches_the_cache(side, role) || n > 0 && !why.keeps(TLS13_SEVERAL_SESSIONS) {
            return;
        }
        self.cache_new_session(ctx, role, c, stateless, why);
        if points::flushes_with_each_session(&self.profile, false) && self.flush_is_due_with_session(ctx, role) {
            self.flush_automatically(ctx, why);
        }
    }

    /// The automatic flush, when it is due and this is its turn.
    fn flush_in_turn(&mut self, side: &Side, due: bool, turn: AutoFlushSequence, why: &mut Ruling) {
        let waits = points::flushes_with_each_session(&self.profile, false);
        if due && turn == self.profile.readings.auto_flush_sequence && !waits {
            self.flush_automatically(side.context, why);
        }
    }

    /// NOTES of SSL_CTX_sess_set_get_cb(3): a session should be resumed once, and who sees to that is open.
    fn used_by_client(&mut self, client: &Side, why: &mut Ruling) {
        let removes = self.profile.readings.client_used == ClientUsed::Removed;
        let caches = self.context(client.context).mode.contains(CacheMode::CLIENT);
        if why.keeps(TLS13_USE_ONCE) == removes
            && caches
            && let Some(c) = client.session
        {
            self.remove_session(client.context, c, why);
        }
    }
}
