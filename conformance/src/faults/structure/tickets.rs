//! Tickets: how many, under which ids, for how long, and how often they can be used.

use std::collections::BTreeMap;

use session_model::clause::*;
use session_model::{CacheMode, ConnectionRef, ContextRef, Mechanism, SessionRef, Time};

use crate::driver::{Begin, Offer};
use crate::faults::fault::{Fault, fault, flaw};
use crate::faults::flaw::Flaw;
use crate::faults::inner::Inner;
use crate::numbers::handshake_id;

pub(super) const TABLE: &[Fault] = &[
    fault(
        "two-tickets-at-most",
        NUM_TICKETS_FULL,
        "a server never sends more than 2 tickets",
        flaw::<TwoAtMost>,
        "steps: [{handshake: {protocol: TLSv1.3, tickets: stateful, num_tickets: 3}}]",
    ),
    fault(
        "second-ticket-of-the-same-id",
        TLS13_SEVERAL_SESSIONS,
        "the sessions of a connection's first two tickets have one id, so that the second takes the first one's place",
        flaw::<SameId>,
        "contexts: {server: {callbacks: {remove: record}}}
steps: [{handshake: {protocol: TLSv1.3, tickets: stateful, num_tickets: 2, as: [[s, t]]}}]",
    ),
    fault(
        "stateless-never-expires",
        FLUSH_NOT_REUSED_ONCE_EXPIRED,
        "a session that comes out of a stateless ticket is resumed after it has expired",
        flaw::<StatelessNeverExpires>,
        "steps:
  - handshake: {protocol: TLSv1.3, tickets: stateless, num_tickets: 1, as: s}
  - advance: 301
  - handshake: {protocol: TLSv1.3, tickets: stateless, num_tickets: 1, propose: s}",
    )
    .deep(),
    fault(
        "ticket-key-forgotten",
        TICKET_STATELESS_RESUMES,
        "a server takes another key with every 255th connection, and does not know the old one any more",
        flaw::<KeyForgotten>,
        "steps:
  - handshake: {protocol: TLSv1.3, tickets: stateless, num_tickets: 1, as: s}
  - repeat: {times: 254, steps: [{handshake: {}}]}
  - handshake: {protocol: TLSv1.3, tickets: stateless, num_tickets: 1, propose: s}",
    )
    .deep(),
    fault(
        "stateful-ticket-used-once",
        TLS13_USE_ONCE,
        "a server takes a session out of its cache once a TLS 1.3 connection has resumed it",
        flaw::<UsedOnce>,
        "steps:
  - handshake: {protocol: TLSv1.3, tickets: stateful, num_tickets: 1, as: s}
  - handshake: {protocol: TLSv1.3, tickets: stateful, num_tickets: 1, propose: s}",
    ),
    fault(
        "renewed-ticket-not-cached",
        TICKET_STATEFUL,
        "the session of the stateful ticket that follows a resumption is not cached",
        flaw::<RenewedNotCached>,
        "steps:
  - handshake: {protocol: TLSv1.3, tickets: stateful, num_tickets: 1, as: s}
  - handshake: {protocol: TLSv1.3, tickets: stateful, num_tickets: 1, propose: s, as: t}",
    ),
    fault(
        "no-ticket-after-two-resumptions",
        NUM_TICKETS_RESUMED,
        "a resumption of a session that itself came with a resumption brings no ticket",
        flaw::<NoTicketAfterTwo>,
        "steps:
  - handshake: {protocol: TLSv1.3, tickets: stateful, num_tickets: 1, as: s}
  - handshake: {protocol: TLSv1.3, tickets: stateful, num_tickets: 1, propose: s, as: t}
  - handshake: {protocol: TLSv1.3, tickets: stateful, num_tickets: 1, propose: t, as: u}",
    )
    .deep(),
    fault(
        "handshake-ids-wrap",
        MODE_SERVER,
        "the ids that a server gives to its sessions come again after 256 connections",
        flaw::<IdsWrap>,
        "steps: [{repeat: {times: 257, steps: [{handshake: {}}]}}]",
    )
    .deep(),
];

#[derive(Default)]
struct TwoAtMost;

impl Flaw for TwoAtMost {
    fn accept_begin(&mut self, at: &mut Inner<'_>, k: ConnectionRef, begin: &Begin) -> i64 {
        let mechanism = match begin.mechanism {
            Mechanism::Stateful(n) => Mechanism::Stateful(n.min(2)),
            Mechanism::Stateless(n) => Mechanism::Stateless(n.min(2)),
            other => other,
        };
        at.library.accept_begin(k, &Begin { mechanism, ..*begin })
    }
}

#[derive(Default)]
struct SameId;

impl Flaw for SameId {
    fn accept_finish(&mut self, at: &mut Inner<'_>, k: ConnectionRef) -> i64 {
        let begin = at.open(k).begin;
        let answer = at.library.accept_finish(k);
        if answer == 0 && matches!(begin.mechanism, Mechanism::Stateful(2..)) {
            at.take_out(begin.context, begin.server_session);
        }
        answer
    }
}

#[derive(Default)]
struct StatelessNeverExpires;

impl Flaw for StatelessNeverExpires {
    fn accept_begin(&mut self, at: &mut Inner<'_>, k: ConnectionRef, begin: &Begin) -> i64 {
        let now = at.facts.clock;
        let offered = at.facts.offered(begin).filter(|&c| begin.mechanism.is_stateless() && at.facts.held(c) > 0);
        let ends = offered.map(|c| at.library.session_get_time(c) + at.library.session_get_timeout(c));
        if let Some(ends) = ends.filter(|&ends| i128::from(ends) < now.0) {
            at.library.set_clock(Time(ends.into()));
        }
        let answer = at.library.accept_begin(k, begin);
        at.library.set_clock(now);
        answer
    }
}

/// How many connections each context had begun, and under which of its keys each ticket was made.
#[derive(Default)]
struct KeyForgotten {
    begun: BTreeMap<ContextRef, u32>,
    made: BTreeMap<SessionRef, (ContextRef, u32)>,
}

impl Flaw for KeyForgotten {
    fn accept_begin(&mut self, at: &mut Inner<'_>, k: ConnectionRef, begin: &Begin) -> i64 {
        let mut begin = *begin;
        let begun = self.begun.entry(begin.context).or_default();
        let key = *begun / 255;
        *begun += 1;
        for n in 0..u32::from(begin.mechanism.tickets().max(1)) {
            for session in [begin.server_session, begin.client_session] {
                self.made.insert(SessionRef(session.0 + n), (begin.context, key));
            }
        }
        if begin.mechanism.is_stateless()
            && let Offer::Peer(_, Some(c)) = begin.offer
            && self.made.get(&c).is_some_and(|made| *made != (begin.context, key))
        {
            begin.offer = Offer::Peer(handshake_id(ConnectionRef(u32::MAX)), None);
        }
        at.library.accept_begin(k, &begin)
    }
}

#[derive(Default)]
struct UsedOnce;

impl Flaw for UsedOnce {
    fn accept_finish(&mut self, at: &mut Inner<'_>, k: ConnectionRef) -> i64 {
        let open = at.open(k);
        let answer = at.library.accept_finish(k);
        if let Some(c) = open.found.filter(|_| answer == 1 && open.is_tls13()) {
            at.take_out(open.begin.context, c);
        }
        answer
    }
}

#[derive(Default)]
struct RenewedNotCached;

impl Flaw for RenewedNotCached {
    fn accept_finish(&mut self, at: &mut Inner<'_>, k: ConnectionRef) -> i64 {
        let open = at.open(k);
        let ctx = open.begin.context;
        let mut mode = at.mode(ctx);
        if open.resumed && open.is_tls13() {
            mode = mode | CacheMode::NO_INTERNAL_STORE;
        }
        at.in_mode(ctx, mode, |at| at.library.accept_finish(k))
    }
}

/// The sessions that came with a resumption.
#[derive(Default)]
struct NoTicketAfterTwo(Vec<SessionRef>);

impl Flaw for NoTicketAfterTwo {
    fn accept_begin(&mut self, at: &mut Inner<'_>, k: ConnectionRef, begin: &Begin) -> i64 {
        let again = at.facts.offered(begin).is_some_and(|c| self.0.contains(&c));
        let mechanism = match begin.mechanism {
            Mechanism::Stateful(_) if again => Mechanism::Stateful(0),
            Mechanism::Stateless(_) if again => Mechanism::Stateless(0),
            other => other,
        };
        let answer = at.library.accept_begin(k, &Begin { mechanism, ..*begin });
        if answer == 1 {
            self.0.extend([begin.server_session, begin.client_session]);
        }
        answer
    }
}

#[derive(Default)]
struct IdsWrap;

impl Flaw for IdsWrap {
    fn accept_begin(&mut self, at: &mut Inner<'_>, k: ConnectionRef, begin: &Begin) -> i64 {
        let connection = ConnectionRef(begin.connection.0 & 0xff);
        at.library.accept_begin(k, &Begin { connection, ..*begin })
    }
}
