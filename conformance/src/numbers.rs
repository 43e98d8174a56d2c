//! Numbers: which objects and which ids each step may make, whoever carries it out.
//!
//! The driver gives the numbers out, in the order in which objects could come into being. Whoever reads a transcript
//! counts them again, from the trace and from what each op answered ([`Numbering`]). Not here: what comes into being of
//! all that has a number; that is for a subject to decide and for a transcript to show.

use session_model::{ConnectionRef, Mechanism, SessionId, SessionRef};

use crate::op::{Accept, Connection, Op};
use crate::trace::Setup;
use crate::transcript::Answer;

/// How many numbers are given out.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Numbers {
    objects: u32,
    handshakes: u32,
}

impl Numbers {
    /// A session that is made by hand takes one.
    pub fn take_session(&mut self) -> SessionRef {
        self.objects += 1;
        SessionRef(self.objects - 1)
    }

    /// A handshake takes one for its ids, and one for each object that it may make.
    pub fn take_handshake(&mut self, mechanism: Mechanism) -> Handshake {
        let tickets = Mechanism::TICKETS as u32;
        // The server's own, then the client's, then what the server makes of a stateless ticket.
        let (client, opened, count) = match mechanism {
            Mechanism::Ids => (1, 0, 2),
            _ => (tickets, 2 * tickets, 2 * tickets + 1),
        };
        let [server_session, client_session, opened] = [0, client, opened].map(|n| SessionRef(self.objects + n));
        let connection = ConnectionRef(self.handshakes);
        self.objects += count;
        self.handshakes += 1;
        Handshake { mechanism, connection, server_session, client_session, opened }
    }
}

/// The numbers of one handshake, the first of its connection or a further one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Handshake {
    /// How its two ends are set to have sessions resumed.
    pub mechanism: Mechanism,
    /// Its own number: it gives the ids of what is made, see [`handshake_id`].
    pub connection: ConnectionRef,
    /// The object that the server makes, should it make one; those of further tickets follow.
    pub server_session: SessionRef,
    /// The object that the observed client makes, should it make one; those of further tickets follow.
    pub client_session: SessionRef,
    /// The object that the server makes of a stateless ticket that it resumes from; without tickets, none.
    pub opened: SessionRef,
}

impl Handshake {
    /// The ids of the sessions that the server makes; before TLS 1.3 the first alone.
    #[must_use]
    pub fn server_ids(&self) -> [SessionId; Mechanism::TICKETS] {
        server_ids(self.connection)
    }

    /// The ids of the sessions that the client makes: the server's, or, of tickets, ids of its own.
    #[must_use]
    pub fn client_ids(&self) -> [SessionId; Mechanism::TICKETS] {
        if self.mechanism == Mechanism::Ids { self.server_ids() } else { ids_of_tickets(self.connection) }
    }

    /// The objects that have an id of this handshake, with that id: the server's, then the client's.
    pub fn sessions(&self) -> impl Iterator<Item = (SessionRef, SessionId)> + use<> {
        let each = (self.client_session.0 - self.server_session.0) as usize;
        let sides = [(self.server_session, self.server_ids()), (self.client_session, self.client_ids())];
        sides.into_iter().flat_map(move |(first, ids)| (first.0..).map(SessionRef).zip(ids).take(each))
    }

    /// The object that is made of a stateless ticket: it has the id of the session that the ticket was sent for.
    #[must_use]
    pub fn opened(&self) -> Option<SessionRef> {
        (self.mechanism != Mechanism::Ids).then_some(self.opened)
    }
}

/// The id of the session that a server makes in its connection: 28 bytes `ff`, then the connection's number,
/// big-endian. No hand-made session has such an id.
#[must_use]
pub fn handshake_id(connection: ConnectionRef) -> SessionId {
    server_id(connection, 0)
}

/// The id of what a server makes in the handshake of this number, with its ticket of this number.
pub(crate) fn server_id(connection: ConnectionRef, ticket: u8) -> SessionId {
    ticket_id(connection, ticket, Maker::Server)
}

/// The id that stands for that which a client makes of a ticket; a real one is a digest of the ticket.
pub(crate) fn id_of_ticket(connection: ConnectionRef, ticket: u8) -> SessionId {
    ticket_id(connection, ticket, Maker::Client)
}

/// The ids of all that a server makes in a handshake.
pub(crate) fn server_ids(connection: ConnectionRef) -> [SessionId; Mechanism::TICKETS] {
    [0, 1, 2, 3].map(|n| server_id(connection, n))
}

/// The ids of all that a client makes of tickets.
pub(crate) fn ids_of_tickets(connection: ConnectionRef) -> [SessionId; Mechanism::TICKETS] {
    [0, 1, 2, 3].map(|n| id_of_ticket(connection, n))
}

#[derive(Clone, Copy)]
enum Maker {
    Server,
    Client,
}

/// As [`handshake_id`]; the 28th byte is lower for further tickets, the 27th for a client.
fn ticket_id(connection: ConnectionRef, ticket: u8, maker: Maker) -> SessionId {
    let mut id = [0xff; 32];
    id[26] -= maker as u8;
    id[27] -= ticket;
    id[28..].copy_from_slice(&connection.0.to_be_bytes());
    SessionId::new(&id).expect("32 bytes are an id")
}

/// Whether this is, or could be, the id of something that a handshake makes.
pub(crate) fn is_of_a_handshake(id: &SessionId) -> bool {
    let bytes = id.as_bytes();
    let least = [0xff - Maker::Client as u8, 0xff - (Mechanism::TICKETS - 1) as u8];
    bytes.len() == SessionId::MAX && bytes[..26] == [0xff; 26] && bytes[26] >= least[0] && bytes[27] >= least[1]
}

/// Counts the numbers of a trace, step by step.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Numbering {
    given: Numbers,
    /// By connection of the trace: how it was begun, and its last handshake.
    begun: Vec<Option<(Accept, Handshake)>>,
}

/// What a step is about that has numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Numbered {
    /// The session that it made by hand.
    pub session: Option<SessionRef>,
    /// The handshake that it began. How its connection was begun, with the names of what this handshake makes.
    pub began: Option<(Accept, Handshake)>,
    /// The handshake that it ended, this way or that. An op that is begin and end in one has both.
    pub ended: Option<(Accept, Handshake)>,
}

impl Numbering {
    /// The sessions of the setup have their numbers.
    #[must_use]
    pub fn of(setup: &Setup) -> Self {
        let objects = u32::try_from(setup.sessions.len()).expect("fewer than 2^32 sessions");
        Self { given: Numbers { objects, handshakes: 0 }, begun: Vec::new() }
    }

    /// Goes on by one step that was answered like this.
    pub fn step(&mut self, op: &Op, answer: Answer) -> Numbered {
        if answer == Answer::Absent {
            return Numbered::default();
        }
        match op {
            Op::Session(..) => Numbered { session: Some(self.given.take_session()), ..Numbered::default() },
            Op::AcceptBegin(k, accept) => Numbered { began: Some(self.begin(*k, accept)), ..Numbered::default() },
            Op::AcceptFinish(k) => Numbered { ended: self.last_of(*k), ..Numbered::default() },
            Op::Renegotiate(k, again) => {
                let begun = self.last_of(*k).map(|(accept, _)| Accept { makes: again.makes, ..accept });
                let both = begun.map(|accept| self.begin(*k, &accept));
                Numbered { began: both, ended: both, session: None }
            }
            Op::Handshake(accept, _) => {
                let both = Some((*accept, self.given.take_handshake(accept.mechanism)));
                Numbered { began: both, ended: both, session: None }
            }
            _ => Numbered::default(),
        }
    }

    fn begin(&mut self, k: Connection, accept: &Accept) -> (Accept, Handshake) {
        let begun = (*accept, self.given.take_handshake(accept.mechanism));
        let slot = k.0 as usize;
        self.begun.resize(self.begun.len().max(slot + 1), None);
        self.begun[slot] = Some(begun);
        begun
    }

    fn last_of(&self, k: Connection) -> Option<(Accept, Handshake)> {
        self.begun.get(k.0 as usize).copied().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::Driver;
    use crate::source::{Lane, Seed, trace_of};
    use crate::subjects::optimised::Optimised;
    use crate::transcript::Transcript;

    #[test]
    fn the_id_of_whatever_a_handshake_makes_is_told_from_one_made_by_hand() {
        let handshake = Numbers::default().take_handshake(Mechanism::Stateful(4));
        assert!(handshake.sessions().all(|(_, id)| is_of_a_handshake(&id)));
        assert_eq!(handshake.sessions().count(), 2 * Mechanism::TICKETS);
        let by_hand = [[0xff; 31].as_slice(), &[0xee; 32]].map(|id| SessionId::new(id).expect("an id"));
        assert!(!by_hand.iter().any(is_of_a_handshake));
    }

    #[test]
    fn what_is_counted_again_is_what_the_driver_has_given_out() {
        for (lane, number) in
            [Lane::Handshakes, Lane::Mixed, Lane::Tickets].into_iter().flat_map(|l| (0..8).map(move |n| (l, n)))
        {
            let trace = trace_of(Seed(1), number, lane);
            let mut shown = Transcript::default();
            let mut driver = Driver::new(Optimised::default(), &trace.setup, trace.shown);
            let mut numbering = Numbering::of(&trace.setup);
            for (n, (place, op)) in trace.executed().enumerate() {
                driver.step(&op, &mut shown);
                numbering.step(&op, shown.steps[n].answer);
                assert_eq!(numbering.given, driver.numbers(), "{lane} {number}, {place}, {op:?}");
            }
        }
    }
}
