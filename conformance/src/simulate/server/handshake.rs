//! A connection to a server, from a client's first flight to its close: what is asked of the cache for it, what it makes,
//! and what the application keeps of that. Not here: what an external cache has to say to it, which is handed in.

use session_model::{
    CacheMode, ConnectionRef, ContextRef, Mechanism, NewSession, SessionId, SessionRef, Time, Timeout,
};

use super::{Known, OTHER, PEER, SERVER, Server, UnderWay};
use crate::driver::{Begin, Offer};
use crate::numbers::{id_of_ticket, server_id};
use crate::op::{Close, Op, made};
use crate::simulate::external::Key;
use crate::simulate::recycled::Of;
use crate::simulate::tape::Proposed;
use crate::transcript::Event;

/// An open connection.
#[derive(Clone, Copy, Debug)]
pub(in crate::simulate) struct Open {
    pub(in crate::simulate) connection: ConnectionRef,
    pub(in crate::simulate) mechanism: Mechanism,
    first: SessionRef,
    /// When it was begun, by the server's clock, and the timeout that is in a ticket of TLS 1.2 which it sends.
    begun: (i64, i64),
    pub(in crate::simulate) finished: bool,
}

/// What a handshake has made that the client may propose.
#[derive(Clone, Copy, Debug)]
pub(in crate::simulate) struct Fresh {
    pub(in crate::simulate) session: SessionRef,
    pub(in crate::simulate) ticket: u8,
    pub(in crate::simulate) time: i64,
    pub(in crate::simulate) timeout: i64,
}

impl Server {
    /// A client's first flight. `brought`: what the external cache would answer. Its answer, and the connection if there
    /// is one.
    pub(in crate::simulate) fn begin(
        &mut self,
        connections: &mut u32,
        mechanism: Mechanism,
        proposed: Proposed,
        brought: Option<NewSession>,
    ) -> (i64, Open) {
        if brought.is_some() || mechanism == Mechanism::Tickets {
            self.count_ask();
        }
        let copy = brought.map(|session| self.bring(&session));
        let offer = self.offer(connections, mechanism, proposed);
        let (begin, open) = self.connect(connections, SERVER, mechanism, offer);
        self.goes_into(UnderWay::Begin(open.connection, mechanism, proposed, brought));
        let answer = self.pair.ask("accept_begin", |library| library.accept_begin(begin.connection, &begin));
        self.pair.drain();
        if let Some(copy) = copy {
            self.pair.each(|library| library.external_forget(SERVER, copy));
            self.pair.each(|library| library.session_free(copy));
            self.pair.drain();
            self.close_numbers(copy);
        }
        if answer == 1 && mechanism.is_stateless() {
            self.numbers.made(open.first, 1);
        }
        let stays = self.was_given().is_some() && !self.mode.contains(CacheMode::NO_INTERNAL_STORE);
        if let Some((_, moved)) = &mut self.counted {
            moved.brought = i64::from(stays);
        }
        if answer < 0 {
            self.close_numbers(open.first);
        } else {
            self.open += 1;
        }
        let gave = brought.filter(|_| self.was_given().is_some());
        if let Some(tape) = &mut self.tape {
            tape.begin(open.connection, mechanism, proposed, gave, answer);
        }
        self.under_way = None;
        (answer, open)
    }

    /// What `get_session_cb` has answered in this step.
    pub(in crate::simulate) fn was_given(&self) -> Option<SessionRef> {
        self.pair.seen.events.iter().find_map(|event| if let Event::Get(_, _, given) = event { *given } else { None })
    }

    /// The rest of a handshake. `fresh` is filled with every session that it has made, and `stored` with those that
    /// `new_session_cb` was told of. The answer, what the client proposes from now on, and what the automatic flush had
    /// to look at.
    pub(in crate::simulate) fn finish(
        &mut self,
        open: &mut Open,
        stored: &mut Vec<(Key, NewSession)>,
    ) -> (i64, Option<Fresh>, Option<u64>) {
        let walked = self.walks_at_next_connection();
        let looks = self.counted.is_some_and(|(before, _)| before.may_flush());
        if looks {
            self.look(0);
        }
        let connection = open.connection;
        self.goes_into(UnderWay::Finish(connection));
        let answer = self.pair.ask("accept_finish", |library| library.accept_finish(connection));
        open.finished = answer >= 0;
        if looks {
            self.look(1);
        }
        let number = made(open.mechanism, answer);
        self.numbers.made(open.first, number);
        self.pair.drain();
        let (mut last, mut held) = (None, [SessionRef(0); Mechanism::TICKETS]);
        let mut count = 0;
        for (c, ticket) in self.objects(open).zip(0..).take(number) {
            if self.pair.ask("whether a new session has an id", |library| library.has_id(c).into()) == 1 {
                self.pair.each(|library| _ = library.session_up_ref(c));
                self.known[c.0 as usize] = Known { key: Some(key_of(connection, ticket)), tie: None };
                held[count] = c;
                count += 1;
                last = Some((c, ticket));
            }
        }
        let held = &held[..count];
        let forgotten = self.tell(held, open.mechanism, stored);
        for unused in &held[..count.saturating_sub(1)] {
            self.pair.each(|library| library.session_free(*unused));
        }
        if count > 1 || !forgotten.is_empty() {
            self.pair.drain();
        }
        if let Some(tape) = &mut self.tape {
            tape.finish(connection, held, &forgotten);
        }
        self.under_way = None;
        self.close_numbers(open.first);
        if answer < 0 {
            self.open -= 1;
        } else if self.mode.contains(CacheMode::SERVER) {
            self.established += 1;
        }
        let fresh = last.map(|(session, ticket)| {
            let shown = self.pair.object(session);
            // What is in a ticket of TLS 1.2 is as old as the handshake and the server's; what the client makes of it
            // is its own.
            let (time, timeout) = match open.mechanism {
                Mechanism::Tickets => open.begun,
                _ => (shown.time, shown.timeout),
            };
            Fresh { session, ticket, time, timeout }
        });
        (answer, fresh, walked.filter(|_| answer >= 0))
    }

    /// A connection is dropped in its handshake.
    pub(in crate::simulate) fn abort(&mut self, open: &Open) {
        let connection = open.connection;
        self.goes_into(UnderWay::End(connection, Op::AcceptAbort));
        self.pair.each(|library| library.accept_abort(connection));
        self.pair.drain();
        self.close_numbers(open.first);
        self.open -= 1;
        self.put_on_tape();
    }

    /// A finished connection is closed.
    pub(in crate::simulate) fn close(&mut self, open: &Open, clean: bool) {
        let (connection, close) = (open.connection, if clean { Close::Clean } else { Close::Unclean });
        let how = if clean { |k| Op::Close(k, Close::Clean) } else { |k| Op::Close(k, Close::Unclean) };
        self.goes_into(UnderWay::End(connection, how));
        self.pair.each(|library| library.close(connection, close));
        self.pair.drain();
        self.open -= 1;
        self.put_on_tape();
    }

    /// The application has a session from outside, for as long as a handshake begins.
    fn bring(&mut self, session: &NewSession) -> SessionRef {
        let copy = self.take(Of::One);
        self.numbers.made(copy, 1);
        self.pair.each(|library| library.session(copy, session));
        self.pair.each(|library| library.external_store(SERVER, copy));
        copy
    }

    fn offer(&mut self, connections: &mut u32, mechanism: Mechanism, proposed: Proposed) -> Offer {
        let by_client = mechanism == Mechanism::Tickets;
        match proposed {
            Proposed::Nothing => Offer::Nothing,
            Proposed::Own(session, _) if by_client => Offer::Own(session),
            Proposed::Own(session, key) => Offer::Peer(id_of(key, mechanism), Some(session)),
            Proposed::Foreign(_) | Proposed::Unknown(_) if by_client => Offer::Own(self.other_ticket(connections)),
            Proposed::Foreign(key) => Offer::Peer(id_of(key, mechanism), None),
            Proposed::Unknown(id) => Offer::Peer(id, None),
        }
    }

    /// A ticket of TLS 1.2 under other keys than this server's.
    fn other_ticket(&mut self, connections: &mut u32) -> SessionRef {
        if let Some(ticket) = self.other_ticket {
            return ticket;
        }
        let (begin, open) = self.connect(connections, OTHER, Mechanism::Tickets, Offer::Nothing);
        self.pair.each(|library| {
            library.accept_begin(begin.connection, &begin);
            library.accept_finish(begin.connection);
            library.session_up_ref(begin.client_session);
            library.close(begin.connection, Close::Clean);
        });
        self.pair.drain();
        self.numbers.made(open.first, 1);
        self.close_numbers(open.first);
        *self.other_ticket.insert(begin.client_session)
    }

    /// A new connection to this context, with numbers for what it may make.
    fn connect(
        &mut self,
        connections: &mut u32,
        context: ContextRef,
        mechanism: Mechanism,
        offer: Offer,
    ) -> (Begin, Open) {
        let connection = ConnectionRef(*connections);
        *connections = connections.checked_add(1).expect("a service that is full is told of");
        let first = self.take(Of::mechanism(mechanism));
        let begin = begin(context, mechanism, offer, connection, first);
        let by_ticket = mechanism == Mechanism::Tickets;
        let timeout = if by_ticket { self.pair.ask("get_timeout", |library| library.get_timeout(context)) } else { 0 };
        (begin, Open { connection, mechanism, first, begun: (self.clock, timeout), finished: false })
    }

    /// What `new_session_cb` was told of goes to the external cache as it is now. The application keeps no reference;
    /// those that it has given up again.
    fn tell(
        &mut self,
        held: &[SessionRef],
        mechanism: Mechanism,
        stored: &mut Vec<(Key, NewSession)>,
    ) -> Vec<SessionRef> {
        let mut forgotten = Vec::new();
        for at in 0..self.pair.seen.events.len() {
            let Event::New(SERVER, c, keeps) = self.pair.seen.events[at] else { continue };
            let Some(key) = self.known[c.0 as usize].key.filter(|_| held.contains(&c)) else { continue };
            let shown = self.pair.object(c);
            stored.push((
                key,
                NewSession {
                    id: id_of(key, mechanism),
                    protocol: mechanism.protocol(),
                    time: Time(shown.time.into()),
                    timeout: Timeout(shown.timeout.into()),
                    id_context: self.setting.context.id_context,
                },
            ));
            if keeps {
                self.pair.each(|library| library.external_forget(SERVER, c));
                forgotten.push(c);
            }
        }
        forgotten
    }

    /// What a handshake makes that a client may propose: of its own side, where the client is observed.
    fn objects(&self, open: &Open) -> impl Iterator<Item = SessionRef> + use<> {
        let begin = begin(SERVER, open.mechanism, Offer::Nothing, open.connection, open.first);
        let first = if open.mechanism == Mechanism::Tickets { begin.client_session } else { begin.server_session };
        (first.0..).map(SessionRef)
    }
}

/// By what a session of a handshake is known everywhere.
pub(in crate::simulate) fn key_of(connection: ConnectionRef, ticket: u8) -> Key {
    Key(u64::from(connection.0) << 2 | u64::from(ticket))
}

/// The id that a server knows it by, or with tickets of TLS 1.2 the client.
fn id_of(key: Key, mechanism: Mechanism) -> SessionId {
    let connection = ConnectionRef(u32::try_from(key.0 >> 2).expect("a key is a connection and a ticket"));
    let ticket = (key.0 & 3) as u8;
    if mechanism == Mechanism::Tickets { id_of_ticket(connection, ticket) } else { server_id(connection, ticket) }
}

fn begin(
    context: ContextRef,
    mechanism: Mechanism,
    offer: Offer,
    connection: ConnectionRef,
    first: SessionRef,
) -> Begin {
    let tickets = Mechanism::TICKETS as u32;
    let of_client = match mechanism {
        Mechanism::Ids => [SessionRef(0); 2],
        _ => [first.0 + tickets, first.0 + 2 * tickets].map(SessionRef),
    };
    Begin {
        context,
        client: (mechanism == Mechanism::Tickets).then_some(PEER),
        mechanism,
        offer,
        id_context: None,
        switch_to: None,
        connection,
        server_session: first,
        client_session: of_client[0],
        opened: of_client[1],
    }
}
