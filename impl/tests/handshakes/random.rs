//! The client's store against a list that does what its documentation says, over random calls.

use std::sync::Arc;

use rustls::client::{ClientSessionStore, Tls12ClientSessionValue, Tls13ClientSessionValue};
use rustls::server::ServerSessionMemoryCache;
use session_cache::rustls::ClientStore;

use crate::common::{Clock, Full, TLS12, TLS13, client, handshake, name, seconds, server};

const SERVERS: [&str; 3] = ["a", "b", "c"];
const TIMEOUT: u64 = 100;
const SIZE: usize = 5;
const TICKETS: usize = 3;

/// One that is kept, in the order of coming; a session of TLS 1.2 has no label.
struct Listed {
    server: usize,
    label: Option<u8>,
    last: u64,
}

#[derive(Default)]
struct List(Vec<Listed>);

impl List {
    fn keep(&mut self, server: usize, label: Option<u8>, now: u64) {
        self.0.retain(|other| other.last >= now);
        let same = |other: &Listed| other.server == server && other.label.is_some() == label.is_some();
        let most = if label.is_some() { TICKETS } else { 1 };
        if self.0.iter().filter(|other| same(other)).count() == most {
            let oldest = self.0.iter().position(same).expect("there are some");
            self.0.remove(oldest);
        }
        if self.0.len() == SIZE {
            let first = self.0.iter().map(|other| other.last).min().expect("it is full");
            let first = self.0.iter().position(|other| other.last == first).expect("it is there");
            self.0.remove(first);
        }
        self.0.push(Listed { server, label, last: now + TIMEOUT });
    }

    /// The latest that has not expired; those of that server after it leave.
    fn give(&mut self, server: usize, ticket: bool, now: u64) -> Option<Option<u8>> {
        let same = |other: &Listed| other.server == server && other.label.is_some() == ticket;
        while let Some(latest) = self.0.iter().rposition(same) {
            if self.0[latest].last >= now {
                let label = self.0[latest].label;
                if ticket {
                    self.0.remove(latest);
                }
                return Some(label);
            }
            self.0.remove(latest);
        }
        None
    }
}

/// Values to play with, from handshakes: they say nothing of a server.
fn values() -> (Tls12ClientSessionValue, Vec<Tls13ClientSessionValue>) {
    let clock = Clock::new();
    let store = Arc::new(ClientStore::with_clock(0, seconds(300), Arc::clone(&clock) as _).tickets_per_server(1000));
    let config = client(Arc::clone(&store) as _, &clock);
    let served = |version| server(version, ServerSessionMemoryCache::new(1), &clock);
    assert_eq!(handshake(&config, &Arc::new(served(&TLS12))), Full);
    let session = store.tls12_session(&name("localhost")).expect("it was kept");
    let mut sending = served(&TLS13);
    sending.send_tls13_tickets = 100;
    let sending = Arc::new(sending);
    let taken = (0..40).flat_map(|_| {
        assert_eq!(handshake(&config, &sending), Full);
        std::iter::from_fn(|| store.take_tls13_ticket(&name("localhost"))).collect::<Vec<_>>()
    });
    (session, taken.collect())
}

#[test]
fn the_clients_store_does_what_a_list_does() {
    let (session, mut tickets) = values();
    let clock = Clock::new();
    let store = ClientStore::with_clock(SIZE, seconds(TIMEOUT), Arc::clone(&clock) as _).tickets_per_server(TICKETS);
    let (mut list, mut now, mut state) = (List::default(), 0, 0x9e37_79b9_7f4a_7c15_u64);
    let mut draw = |below: u64| {
        // Xorshift: any sequence that hits everything will do.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    };
    let (mut given, mut label) = (0, 0_u8);
    while let Some(mut ticket) = tickets.pop() {
        let server = draw(3) as usize;
        let named = name(SERVERS[server]);
        match draw(16) {
            0..8 => {
                label = label.wrapping_add(1);
                ticket.set_quic_params(&[label]);
                store.insert_tls13_ticket(named, ticket);
                list.keep(server, Some(label), now);
            }
            8..11 => {
                let shown = store.take_tls13_ticket(&named).map(|ticket| ticket.quic_params()[0]);
                assert_eq!(shown, list.give(server, true, now).flatten());
                given += u32::from(shown.is_some());
            }
            11..13 => {
                store.set_tls12_session(named, session.clone());
                list.keep(server, None, now);
            }
            13 => assert_eq!(store.tls12_session(&named).is_some(), list.give(server, false, now).is_some()),
            14 => {
                store.remove_tls12_session(&named);
                list.0.retain(|other| other.server != server || other.label.is_some());
            }
            _ => {
                now = (now + draw(250)).saturating_sub(draw(60));
                clock.set(now);
            }
        }
        assert_eq!(store.counters().number, list.0.len() as u64);
    }
    let counters = store.counters();
    assert!(given > 50 && counters.timeouts > 10 && counters.cache_full > 50, "{given} given; {counters:?}");

    // Nothing is left of a server that nothing is kept of.
    clock.set(now + TIMEOUT + 1);
    store.flush();
    let shown = format!("{store:?}");
    assert!(shown.contains("servers: 0"), "{shown}");
}
