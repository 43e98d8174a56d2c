//! What a handshake does to the caches of its two sides, and when: the order is TLS 1.2's. TLS 1.3 begins in the same
//! way and goes on in `set_num_tickets.rs`; tickets are made and opened in `set_options.rs`.
//!
//! No page is about this; each step belongs to a clause of the page that it is made on.

use super::add_session::Cause;
use super::set_session_cache_mode::Role;
use crate::clause::*;
use crate::points;
use crate::reading::{
    AbortInHandshake, AutoFlushSequence, HitsAt, LookupExpired, MarksExpired, OffSessionId, ResumableUnverified,
    UpdateTimeOn,
};
use crate::ruling::{Called, Counter, Ruling, What};
use crate::session::{ConnectionRef, ContextRef, IdContext, Mechanism, Protocol, SessionId, SessionRef};
use crate::world::{Connection, Content, Served, Session, Side, World};

/// What a client proposes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Proposal {
    /// No session.
    Nothing,
    /// An unobserved peer proposes this id, or the ticket of this session.
    Peer(SessionId, Option<SessionRef>),
    /// The observed client proposes this session of its own.
    Own(SessionRef),
}

/// How a handshake is begun.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Accept {
    /// The server's context.
    pub context: ContextRef,
    /// The context that the server's connection is switched to by the name that the client asks for.
    pub switch_to: Option<ContextRef>,
    /// The session id context of the server's connection, if it has one of its own.
    pub id_context: Option<IdContext>,
    /// The client's context, when it is observed.
    pub client: Option<ContextRef>,
    /// How sessions are resumed in this connection.
    pub mechanism: Mechanism,
    /// What the client proposes.
    pub proposal: Proposal,
    /// The ids of what the server makes, should it make anything; before TLS 1.3 the first alone.
    pub ids: [SessionId; Mechanism::TICKETS],
    /// The ids that the client makes of tickets.
    pub client_ids: [SessionId; Mechanism::TICKETS],
    /// The server's new session, should it make one; those of further tickets follow in number.
    pub server_session: SessionRef,
    /// The observed client's new session, should it make one; those of further tickets follow in number.
    pub client_session: SessionRef,
    /// What the server makes of a stateless ticket that it resumes from.
    pub opened: SessionRef,
}

/// What a server makes of a session that it has found.
enum Verdict {
    Resume,
    Full,
    /// By this clause the handshake fails.
    Fail(Clause),
}

impl World {
    /// A client's first flight, and the server's answer. 1: it agrees to resume; 0: not; −1: the handshake fails.
    pub fn accept_begin(&mut self, k: ConnectionRef, accept: &Accept, why: &mut Ruling) -> i64 {
        let served = self.served(accept, why);
        let accept = &Accept { context: served.cache, ..*accept };
        if let Some(client) = accept.client {
            self.count(client, Counter::Connect, CONNECT_COUNTS_STARTED, why);
        }

        let proposed = match accept.proposal {
            Proposal::Nothing => None,
            Proposal::Peer(id, of) => {
                of.map_or(Some(Content::Id(id)), |c| self.content(c, accept.mechanism).or(Some(Content::Id(id))))
            }
            Proposal::Own(c) => self.set_session(c, accept.mechanism, why),
        };
        let client_id_context = accept.client.map_or(served.id_context, |client| self.context(client).id_context);
        let (mut connection, fails) = self.answer(accept, proposed, (&served, client_id_context), why);
        self.count(self.counts_start(&served, fails.is_some()), Counter::Accept, ACCEPT_COUNTS_STARTED, why);
        if let Some(clause) = fails {
            self.let_go_of_offer(&mut connection, why);
            return why.returns(clause, -1);
        }
        let resumed = connection.resumed;
        self.connections.insert(k, connection);
        why.returns(REUSED_FLAG, i64::from(resumed))
    }

    /// A server's answer to what a client proposes, and what the server goes by and the client's id context: the
    /// connection from then on, and by which clause the handshake fails, if it does.
    pub(crate) fn answer(
        &mut self,
        accept: &Accept,
        proposed: Option<Content>,
        (served, client_id_context): (&Served, IdContext),
        why: &mut Ruling,
    ) -> (Box<Connection>, Option<Clause>) {
        let ctx = accept.context;
        if let (Some(client), Some(&Content::Id(id))) = (accept.client, proposed.as_ref())
            && !why.keeps(GET_CB_SERVER_ONLY)
            && let Some(c) = self.call_get_cb(client, id, why)
        {
            self.free(c, SESSION_FREE_AT_ZERO, why);
        }
        let offered = proposed.clone();
        let found =
            proposed.filter(|_| self.has_a_ticket(accept, why)).and_then(|content| self.retrieve(accept, content, why));
        let verdict = found.map_or(Verdict::Full, |c| self.may_resume(accept, served, c, why));
        let resumed = matches!(verdict, Verdict::Resume);
        self.damaged |= found.is_some_and(|c| resumed && self.answers_without_id(c));
        let fails = matches!(verdict, Verdict::Fail(_));
        if let Some(c) = found.filter(|_| !resumed) {
            self.let_go_of_found(accept, c, fails, why);
        }

        let [server_id, client_id] = self.ids_for_new_sessions(accept, served, why);
        let server = Side {
            context: served.cache,
            counted_by: served.counts_end,
            flushes: served.flushes,
            verify_peer: served.verify_peer,
            session: found.filter(|_| resumed),
            new: (accept.server_session, self.nascent(ctx, server_id, accept.mechanism, served.id_context, why)),
        };
        let client = accept.client.map(|client| Side {
            context: client,
            counted_by: client,
            flushes: client,
            verify_peer: false,
            session: if let Proposal::Own(c) = accept.proposal { Some(c) } else { None },
            new: (accept.client_session, self.nascent(client, client_id, accept.mechanism, client_id_context, why)),
        });
        let (mechanism, ids) = (accept.mechanism, [accept.ids, accept.client_ids]);
        let (renegotiated, served) = (false, *served);
        let mut connection =
            Box::new(Connection { server, client, served, resumed, mechanism, ids, renegotiated, offered });
        if connection.offered.is_none() {
            // Nothing to be reused: the client's reference on what it could not propose goes at once.
            self.let_go_of_offer(&mut connection, why);
        }
        let fails = if let Verdict::Fail(clause) = verdict { Some(clause) } else { None };
        (connection, fails)
    }

    /// The rest of the handshake. 1: a session was reused; 0: none was, and each side has what new sessions the
    /// handshake has made, which may be none; −1: it fails.
    pub fn accept_finish(&mut self, k: ConnectionRef, why: &mut Ruling) -> i64 {
        let connection = self.connections.remove(&k).expect("a connection is finished once");
        self.finish(k, connection, why)
    }

    /// From the server's answer to the end of a handshake, the first of its connection or a further one.
    pub(crate) fn finish(&mut self, k: ConnectionRef, mut connection: Box<Connection>, why: &mut Ruling) -> i64 {
        let again = connection.renegotiated;
        if self.damaged && connection.mechanism.protocol() != Protocol::Tls13 {
            // The client sees an id that it has not proposed, and the server goes on as if it had followed.
            self.refuse_offer(&mut connection, why);
            self.drop_unfinished(connection, why);
            return why.returns(REUSED_FLAG, -1);
        }
        if connection.resumed && self.client_gives_up(&connection) {
            return self.fail(connection, why);
        }
        if connection.mechanism.protocol() == Protocol::Tls13 {
            self.finish_tls13(&mut connection, why);
        } else if connection.resumed {
            // The server speaks first, so the client is done first.
            if let Some(client) = &connection.client {
                self.count(client.context, Counter::Hits, HITS_CLIENT_REUSED, why);
                self.finish_side(client, Role::Client, (false, again), why);
            }
            if self.profile.readings.hits_at == HitsAt::Finish {
                self.count(connection.server.context, Counter::Hits, HITS_SERVER_RETRIEVED, why);
            }
            self.finish_side(&connection.server, Role::Server, (false, again), why);
        } else {
            self.refuse_offer(&mut connection, why);
            self.let_go_of_offer(&mut connection, why);
            let (mechanism, new) = (connection.mechanism, &connection.server.new.1);
            if mechanism == Mechanism::Tickets && points::ticket_fails(&self.profile, new.time, self.clock, false) {
                self.drop_unfinished(connection, why);
                return why.returns(REUSED_FLAG, -1);
            }
            connection.offered = connection.server.new.1.id.map(Content::Id);
            if connection.mechanism == Mechanism::Tickets {
                self.send_state(&mut connection, why);
            }
            if connection.mechanism == Mechanism::Tickets && connection.server.new.1.id.is_none() {
                // The client has the session, and the server keeps none.
                self.finish_side(&connection.server, Role::Server, (true, again), why);
            } else {
                self.establish(&mut connection.server, Role::Server, again, why);
            }
            if let Some(client) = &mut connection.client {
                self.establish(client, Role::Client, again, why);
            }
        }
        let answer = why.returns(REUSED_FLAG, i64::from(connection.resumed));
        self.connections.insert(k, connection);
        answer
    }

    fn answers_without_id(&self, c: SessionRef) -> bool {
        !self.session(c).resumable && points::marked_session_loses_id(&self.profile, false)
    }

    fn client_gives_up(&self, connection: &Connection) -> bool {
        let Some(client) = &connection.client else { return false };
        let other = client.session.is_some_and(|c| self.session(c).id_context != client.new.1.id_context);
        other && points::client_gives_up_other_context(&self.profile, false)
    }

    /// The client meets a fatal error and drops the connection; the server is left in the middle of its first
    /// handshake.
    fn fail(&mut self, mut connection: Box<Connection>, why: &mut Ruling) -> i64 {
        if let Some(client) = connection.client.take() {
            self.close_side(&client, false, why);
        }
        if connection.renegotiated {
            // Unlike one that is still being set up, an open connection is told.
            self.close_side(&connection.server, false, why);
            return why.returns(REUSED_FLAG, -1);
        }
        self.drop_unfinished(connection, why);
        why.returns(REUSED_FLAG, -1)
    }

    /// A connection is dropped before its handshake is finished.
    pub fn accept_abort(&mut self, k: ConnectionRef, why: &mut Ruling) {
        let connection = self.connections.remove(&k).expect("a connection is dropped once");
        self.drop_unfinished(connection, why);
    }

    fn drop_unfinished(&mut self, mut connection: Box<Connection>, why: &mut Ruling) {
        why.keeps(ABORT_IN_HANDSHAKE);
        if let Some(c) = connection.server.session {
            if self.profile.readings.abort_in_handshake == AbortInHandshake::Removes {
                let cause = Cause {
                    removes: ABORT_IN_HANDSHAKE,
                    marks: Some(ABORT_IN_HANDSHAKE),
                    calls_back: Some(REMOVE_CB_UNCLEAN),
                };
                self.remove_through(connection.server.context, c, cause, why);
            }
            self.free(c, SESSION_FREE_AT_ZERO, why);
        }
        self.let_go_of_offer(&mut connection, why);
    }

    /// A finished connection is closed: the server's side, then the client's.
    pub fn close(&mut self, k: ConnectionRef, clean: bool, why: &mut Ruling) {
        let connection = self.connections.remove(&k).expect("a connection is closed once");
        self.close_side(&connection.server, clean, why);
        if let Some(client) = &connection.client {
            self.close_side(client, clean, why);
        }
    }

    /// A server has found `c` by what the client proposes: its id or its ticket.
    fn may_resume(&mut self, accept: &Accept, served: &Served, c: SessionRef, why: &mut Ruling) -> Verdict {
        let (ctx, protocol) = (accept.context, accept.mechanism.protocol());
        let session = self.session(c);
        let Served { id_context, verify_peer, .. } = *served;
        if session.protocol != protocol && points::other_protocol_fails(&self.profile, protocol, false) {
            return Verdict::Fail(PROTOCOL_MUST_MATCH);
        }
        if session.protocol != protocol && why.keeps(PROTOCOL_MUST_MATCH) {
            return Verdict::Full;
        }
        if session.id_context != id_context && why.keeps(MODE_ID_CONTEXT) && why.keeps(ID_CONTEXT_MISMATCH_FULL) {
            return Verdict::Full;
        }
        let marked = !session.resumable;
        let unverified = verify_peer && id_context.is_empty();
        let full = unverified && marked && self.prevented_before_verified(why);
        if unverified && !full && why.keeps(ID_CONTEXT_VERIFY_PEER_FAILS) {
            return Verdict::Fail(ID_CONTEXT_VERIFY_PEER_FAILS);
        }
        if self.is_expired_at(c, self.clock, why) && why.keeps(FLUSH_NOT_REUSED_ONCE_EXPIRED) {
            self.found_expired(accept, c, why);
            return Verdict::Full;
        }
        if marked && points::mark_prevents_resumption(&self.profile, true) && why.keeps(RESUMABLE_FULL_HANDSHAKE) {
            return Verdict::Full;
        }
        if self.profile.readings.hits_at == HitsAt::Lookup {
            self.count(ctx, Counter::Hits, HITS_SERVER_RETRIEVED, why);
        }
        if self.profile.readings.update_time_on != UpdateTimeOn::Add {
            self.update_time(ctx, c, why);
        }
        Verdict::Resume
    }

    /// The mark keeps a session from being resumed; whether it does so before the peer that cannot be told apart fails
    /// the handshake.
    fn prevented_before_verified(&self, why: &mut Ruling) -> bool {
        why.keeps(RESUMABLE_UNVERIFIED);
        self.profile.readings.resumable_unverified == ResumableUnverified::Full
            && points::mark_prevents_resumption(&self.profile, true)
    }

    /// What a server has found is not resumed. A session that only came with a ticket goes unseen, unless a callback
    /// was told of it.
    fn let_go_of_found(&mut self, accept: &Accept, c: SessionRef, failed: bool, why: &mut Ruling) {
        let ctx = accept.context;
        let same = self.session(c).protocol == accept.mechanism.protocol();
        if failed && same && points::failure_removes_found(&self.profile, accept.mechanism.protocol(), false) {
            let cause = Cause {
                removes: ABORT_IN_HANDSHAKE,
                marks: Some(ABORT_IN_HANDSHAKE),
                calls_back: Some(REMOVE_CB_UNCLEAN),
            };
            self.remove_through(ctx, c, cause, why);
        }
        let told = why.decided.contains(&(REMOVE_CB_UNCLEAN, What::Calls(Called::Remove(ctx, c))))
            || why.decided.contains(&(REMOVE_ABSENT_FAILS, What::Calls(Called::Remove(ctx, c))));
        if c == accept.opened && accept.mechanism.is_stateless() && !told {
            self.sessions[c.0 as usize] = None;
        } else {
            self.free(c, SESSION_FREE_AT_ZERO, why);
        }
    }

    fn found_expired(&mut self, accept: &Accept, c: SessionRef, why: &mut Ruling) {
        let ctx = accept.context;
        // What came with a ticket was found in neither cache.
        let came_with_ticket = accept.mechanism.is_stateless() && c == accept.opened;
        if !came_with_ticket || points::expired_ticket_counts(&self.profile, false) {
            self.count(ctx, Counter::Timeouts, TIMEOUTS_FOUND_BUT_EXPIRED, why);
        }
        if !why.keeps(TIMEOUTS_NOT_HITS) {
            self.count(ctx, Counter::Hits, HITS_SERVER_RETRIEVED, why);
        }
        let leaves =
            !came_with_ticket && points::found_expired_leaves(&self.profile, accept.mechanism.protocol(), true);
        if leaves && self.profile.readings.lookup_expired == LookupExpired::Removed {
            let marks = self.profile.readings.marks_expired == MarksExpired::Yes;
            let cause = Cause {
                removes: LEAVE_LOOKUP_EXPIRED,
                marks: marks.then_some(LEAVE_MARKS_SILENT),
                calls_back: Some(REMOVE_CB_EXPIRED),
            };
            self.remove_through(ctx, c, cause, why);
        }
    }

    /// A session that this context would make now.
    fn nascent(
        &self,
        ctx: ContextRef,
        id: Option<SessionId>,
        mechanism: Mechanism,
        id_context: IdContext,
        why: &mut Ruling,
    ) -> Session {
        let context = self.context(ctx);
        let time = if why.keeps(TIME_CREATION) { self.clock } else { crate::time::Time(0) };
        let default = super::set_timeout::default_timeout(&self.profile);
        let timeout = if why.keeps(TIMEOUT_NEW_SESSIONS) { context.timeout } else { default };
        let timeout = points::taken_timeout(&self.profile, timeout);
        let id_context = if why.keeps(ID_CONTEXT_BECOMES_PART) { id_context } else { IdContext::default() };
        Session {
            id,
            protocol: mechanism.protocol(),
            time,
            timeout,
            id_context,
            resumable: true,
            references: 1,
            place: 0,
            added: 0,
            ticket: None,
            claims: None,
        }
    }

    /// What the server's and the client's new session are called; in TLS 1.3 nothing before their ticket is sent.
    fn ids_for_new_sessions(&self, accept: &Accept, served: &Served, why: &mut Ruling) -> [Option<SessionId>; 2] {
        let ([id, ..], [client_id, ..]) = (accept.ids, accept.client_ids);
        let serves = |ctx| self.context(ctx).mode.contains(crate::mode::CacheMode::SERVER);
        let mut given = serves(served.cache) || self.profile.readings.off_session_id == OffSessionId::Given;
        if served.is_switched() {
            given = points::switched_has_id(&self.profile, serves(served.switched), given);
        }
        match accept.mechanism {
            Mechanism::Stateful(_) | Mechanism::Stateless(_) => [None; 2],
            Mechanism::Tickets => [(!why.keeps(TICKET_NO_ID)).then_some(id), Some(client_id)],
            Mechanism::Ids => [given.then_some(id); 2],
        }
    }

    /// The client has made an offer and the server has not agreed.
    pub(crate) fn refuse_offer(&mut self, connection: &mut Connection, why: &mut Ruling) {
        let mechanism = connection.mechanism;
        let Some(client) = connection.client.as_mut().filter(|client| client.session.is_some()) else { return };
        if points::client_counts_misses(&self.profile, false) {
            self.count(client.context, Counter::Misses, MISSES_NOT_FOUND_INTERNALLY, why);
        }
        if points::client_makes_session_late(&self.profile, false) {
            let id_context = client.new.1.id_context;
            client.new.1 = self.nascent(client.context, client.new.1.id, mechanism, id_context, why);
        }
    }

    /// SSL_set_session(3): the session is not reused, so the client's reference on it goes.
    pub(crate) fn let_go_of_offer(&mut self, connection: &mut Connection, why: &mut Ruling) {
        let Some(client) = &mut connection.client else { return };
        if let Some(c) = client.session.take() {
            self.free(c, SET_SESSION_UP_REF, why);
        }
    }

    /// One side has negotiated a new session.
    fn establish(&mut self, side: &mut Side, role: Role, again: bool, why: &mut Ruling) {
        let (c, session) = side.new.clone();
        self.put_session(c, session);
        why.rules(TIME_CREATION, What::Times(c));
        why.rules(TIMEOUT_NEW_SESSIONS, What::TimesOut(c));
        side.session = Some(c);
        self.finish_side(side, role, (true, again), why);
    }

    /// One side is done: what is new is cached, the automatic flush has its turn, the counters follow. Whether a
    /// session was made, and whether this is not the first handshake of the connection.
    fn finish_side(&mut self, side: &Side, role: Role, (made, again): (bool, bool), why: &mut Ruling) {
        let ctx = side.context;
        let connections = u64::from(!again || self.renegotiation_is_a_connection(why));
        let due = self.flush_is_due(side, role, (connections, u64::from(made)), side.session.is_some(), why);
        if self.reaches_the_cache(side, role) {
            let flushes_first = self.profile.readings.auto_flush_sequence == AutoFlushSequence::BeforeStore;
            if due && flushes_first {
                self.flush_automatically(ctx, why);
            }
            if let Some(c) = side.session.filter(|&c| made && self.session(c).id.is_some()) {
                self.cache_new_session(ctx, role, c, false, why);
            }
            if due && !flushes_first {
                self.flush_automatically(ctx, why);
            }
        }
        if again && !self.renegotiation_is_established(why) {
            return;
        }
        match role {
            Role::Server => self.count(side.counted_by, Counter::AcceptGood, ACCEPT_GOOD_COUNTS_ESTABLISHED, why),
            Role::Client => self.count(ctx, Counter::ConnectGood, CONNECT_GOOD_COUNTS_ESTABLISHED, why),
        }
    }

    /// Whether a side that is done has anything to do with its context's cache.
    pub(crate) fn reaches_the_cache(&self, side: &Side, role: Role) -> bool {
        let session = side.session.map_or(&side.new.1, |c| self.session(c));
        let uncontexted = role == Role::Server && side.verify_peer && session.id_context.is_empty();
        (session.resumable || points::marked_session_flushes(&self.profile, true))
            && (session.id.is_some() || points::idless_session_flushes(&self.profile, true))
            && (!uncontexted || points::stores_without_id_context(&self.profile, true))
    }
}
