//! The client's store. The server keeps all it ever stored, in rustls's own.

use std::sync::Arc;

use rustls::client::{ClientSessionStore, Tls13ClientSessionValue};
use rustls::crypto::ring::kx_group::SECP256R1;
use rustls::server::ServerSessionMemoryCache;
use rustls::{ClientConfig, ServerConfig};
use session_cache::rustls::ClientStore;

use crate::common::{Clock, Full, FullWithHelloRetryRequest, Resumed, TLS12, TLS13, Version, accept, client, connect};
use crate::common::{finish, handshake, handshake_with, name, receive, seconds, sent, server, server_with_groups};

/// The clock, a store of this size for 300 seconds, and its client.
struct Kept {
    clock: Arc<Clock>,
    store: Arc<ClientStore>,
    config: Arc<ClientConfig>,
}

impl Kept {
    fn new(size: usize) -> Self {
        Self::with_tickets(size, 8)
    }

    fn with_tickets(size: usize, tickets: usize) -> Self {
        let clock = Clock::new();
        let store = ClientStore::with_clock(size, seconds(300), Arc::clone(&clock) as _).tickets_per_server(tickets);
        let store = Arc::new(store);
        let config = client(Arc::clone(&store) as _, &clock);
        Self { clock, store, config }
    }

    /// A server that sends so many tickets a connection.
    fn server(&self, version: Version, tickets: usize) -> Arc<ServerConfig> {
        let mut config = server(version, ServerSessionMemoryCache::new(1000), &self.clock);
        config.send_tls13_tickets = tickets;
        Arc::new(config)
    }

    /// Three tickets that have left the store, with 1, 2 and 3 as parameters of QUIC to tell them by.
    fn labelled() -> Vec<Tls13ClientSessionValue> {
        let fresh = Self::new(0);
        assert_eq!(handshake(&fresh.config, &fresh.server(&TLS13, 3)), Full);
        let mut tickets: Vec<_> = std::iter::from_fn(|| fresh.store.take_tls13_ticket(&name("localhost"))).collect();
        tickets.iter_mut().zip(1..).for_each(|(ticket, n)| ticket.set_quic_params(&[n]));
        assert_eq!(tickets.len(), 3);
        tickets
    }

    /// Takes all tickets, which are told by their labels.
    fn all_taken(&self, server: &str) -> Vec<u8> {
        let tickets = std::iter::from_fn(|| self.store.take_tls13_ticket(&name(server)));
        tickets.map(|ticket| ticket.quic_params()[0]).collect()
    }

    /// Sessions stored, hits, misses, timeouts, dropped, and those in it now.
    fn counted(&self) -> [u64; 6] {
        let now = self.store.counters();
        [now.stored, now.hits, now.misses, now.timeouts, now.cache_full, now.number]
    }
}

#[test]
fn a_session_of_tls_1_2_is_given_any_number_of_times_up_to_the_last_second() {
    let kept = Kept::new(0);
    let server = kept.server(&TLS12, 0);
    assert_eq!(handshake(&kept.config, &server), Full);
    assert_eq!(kept.counted(), [1, 0, 2, 0, 0, 1]);
    for _ in 0..2 {
        let hello = sent(&mut connect(&kept.config, "localhost"));
        let mut accepting = accept(&server);
        receive(&mut accepting, &hello).expect("it is a hello");
        assert_eq!(accepting.handshake_kind(), Some(Resumed));
    }
    kept.clock.set(300);
    assert!(kept.store.tls12_session(&name("localhost")).is_some());
    kept.clock.set(301);
    assert_eq!(handshake(&kept.config, &server), Full);
    assert_eq!(kept.counted(), [2, 3, 5, 1, 0, 1]);
}

#[test]
fn a_ticket_of_tls_1_3_is_given_once() {
    let kept = Kept::new(0);
    let server = kept.server(&TLS13, 2);
    assert_eq!(handshake(&kept.config, &server), Full);
    let connecting = [(); 3].map(|()| connect(&kept.config, "localhost"));
    assert_eq!(kept.counted(), [2, 2, 4, 0, 0, 0]);
    let kinds = connecting.map(|connecting| finish(connecting, accept(&server)));
    assert_eq!(kinds, [Resumed, Resumed, Full]);
}

#[test]
fn a_ticket_is_given_up_to_the_last_second() {
    let kept = Kept::new(0);
    let server = kept.server(&TLS13, 1);
    assert_eq!(handshake(&kept.config, &server), Full);
    kept.clock.set(300);
    assert_eq!(handshake(&kept.config, &server), Resumed);
    kept.clock.set(601);
    assert_eq!(handshake(&kept.config, &server), Full);
    assert_eq!(kept.counted(), [3, 1, 3, 1, 0, 1]);
}

#[test]
fn the_latest_ticket_is_given_first_and_for_one_too_many_the_oldest_leaves() {
    for (tickets, after, given, timeouts) in
        [(3, 300, vec![3, 2, 1], 0), (3, 301, vec![3, 2], 1), (3, 500, vec![3], 1), (2, 300, vec![3, 2], 0)]
    {
        let kept = Kept::with_tickets(0, tickets);
        for (ticket, at) in Kept::labelled().into_iter().zip([0, 100, 200]) {
            kept.clock.set(at);
            kept.store.insert_tls13_ticket(name("localhost"), ticket);
        }
        assert_eq!(kept.store.counters().number, tickets as u64);
        kept.clock.set(after);
        assert_eq!(kept.all_taken("localhost"), given);
        let counters = kept.store.counters();
        assert_eq!((counters.timeouts, counters.number), (timeouts, 0));
        assert_eq!(counters.cache_full, 3 - tickets as u64);
    }
}

#[test]
fn who_expires_first_is_dropped_for_a_newcomer_whatever_its_server() {
    for (size, of_a, dropped) in [(2, vec![], 1), (3, vec![1], 0)] {
        let kept = Kept::new(size);
        for ((ticket, at), server) in Kept::labelled().into_iter().zip([0, 1, 2]).zip(["a", "b", "b"]) {
            kept.clock.set(at);
            kept.store.insert_tls13_ticket(name(server), ticket);
        }
        assert_eq!((kept.store.counters().number, kept.store.counters().cache_full), (size as u64, dropped));
        assert_eq!((kept.all_taken("a"), kept.all_taken("b")), (of_a, vec![3, 2]));
    }
}

#[test]
fn a_session_is_for_the_server_that_it_is_with() {
    let kept = Kept::new(0);
    for server in [kept.server(&TLS12, 0), kept.server(&TLS13, 1)] {
        assert_eq!(handshake_with("a.example.com", &kept.config, &server), Full);
        assert_eq!(handshake_with("b.example.com", &kept.config, &server), Full);
        assert_eq!(handshake_with("a.example.com", &kept.config, &server), Resumed);
        kept.store.clear();
        assert_eq!(handshake_with("a.example.com", &kept.config, &server), Full);
        kept.store.clear();
    }
}

#[test]
fn a_session_of_tls_1_2_whose_resumption_fails_is_removed() {
    let kept = Kept::new(0);
    let server = kept.server(&TLS12, 0);
    for damaged in [false, true] {
        assert_eq!(handshake(&kept.config, &server), Full);
        assert_eq!(handshake(&kept.config, &server), Resumed);
        let (mut connecting, mut accepting) = (connect(&kept.config, "localhost"), accept(&server));
        receive(&mut accepting, &sent(&mut connecting)).expect("it is a hello");
        let mut wire = sent(&mut accepting);
        // The end of what the server says is its Finished, which is encrypted.
        *wire.last_mut().expect("it says something") ^= u8::from(damaged);
        assert_eq!(receive(&mut connecting, &wire).is_err(), damaged);
        let kept_still = kept.store.tls12_session(&name("localhost")).is_some();
        assert_eq!((kept_still, kept.store.counters().number), (!damaged, u64::from(!damaged)));
        kept.store.clear();
    }
    assert_eq!(handshake(&kept.config, &server), Full);
}

#[test]
fn a_session_of_tls_1_2_leaves_when_its_server_has_learnt_tls_1_3() {
    let kept = Kept::new(0);
    assert_eq!(handshake(&kept.config, &kept.server(&TLS12, 0)), Full);
    assert_eq!(handshake(&kept.config, &kept.server(&TLS13, 0)), Full);
    assert_eq!((kept.store.tls12_session(&name("localhost")).is_some(), kept.store.counters().number), (false, 0));
}

#[test]
fn a_hint_spares_a_round_trip_when_the_session_is_gone() {
    let kept = Kept::new(1);
    let server =
        Arc::new(server_with_groups(&TLS13, vec![SECP256R1], ServerSessionMemoryCache::new(1000), &kept.clock));
    assert_eq!(handshake_with("a.example.com", &kept.config, &server), FullWithHelloRetryRequest);
    kept.clock.set(301);
    assert_eq!(handshake_with("a.example.com", &kept.config, &server), Full);
    // There is room for one server.
    assert_eq!(handshake_with("b.example.com", &kept.config, &server), FullWithHelloRetryRequest);
    assert_eq!(kept.store.kx_hint(&name("b.example.com")), Some(SECP256R1.name()));
    assert_eq!(kept.store.kx_hint(&name("a.example.com")), None);
}

#[test]
fn no_ticket_is_kept_where_none_may_be() {
    let kept = Kept::with_tickets(0, 0);
    let server = kept.server(&TLS13, 2);
    assert_eq!((handshake(&kept.config, &server), handshake(&kept.config, &server)), (Full, Full));
    assert_eq!((kept.store.counters().refused, kept.store.counters().number), (4, 0));
}

#[test]
fn without_a_time_nothing_is_kept_or_given() {
    let kept = Kept::new(0);
    let mut tickets = Kept::labelled();
    kept.store.insert_tls13_ticket(name("localhost"), tickets.remove(0));
    kept.clock.stop();
    kept.store.insert_tls13_ticket(name("localhost"), tickets.remove(0));
    kept.store.flush();
    assert!(kept.store.take_tls13_ticket(&name("localhost")).is_none());
    assert_eq!((kept.store.counters().refused, kept.store.counters().number), (1, 1));
    kept.clock.set(0);
    assert_eq!(kept.all_taken("localhost"), [1]);
}

#[test]
fn a_flush_has_those_leave_that_have_expired() {
    let kept = Kept::new(0);
    for (ticket, at) in Kept::labelled().into_iter().zip([0, 1, 2]) {
        kept.clock.set(at);
        kept.store.insert_tls13_ticket(name("localhost"), ticket);
    }
    for (after, left) in [(300, 3), (301, 2), (303, 0)] {
        kept.clock.set(after);
        kept.store.flush();
        assert_eq!(kept.store.counters().number, left, "{after} seconds later");
    }
}

#[test]
fn nobody_keeps_a_session_for_more_than_seven_days() {
    let clock = Clock::new();
    let store = Arc::new(ClientStore::with_clock(0, seconds(u64::MAX), Arc::clone(&clock) as _));
    let config = client(Arc::clone(&store) as _, &clock);
    let server = Arc::new(server(&TLS12, ServerSessionMemoryCache::new(1000), &clock));
    assert_eq!(handshake(&config, &server), Full);
    for (after, kept) in [(604_800, true), (604_801, false)] {
        clock.set(after);
        assert_eq!(store.tls12_session(&name("localhost")).is_some(), kept);
    }
}

#[test]
fn nothing_of_a_session_is_shown() {
    let kept = Kept::new(0);
    assert_eq!(handshake(&kept.config, &kept.server(&TLS12, 0)), Full);
    let shown = format!("{:?}", kept.store);
    assert!(shown.contains("stored: 1") && !shown.contains("localhost") && shown.len() < 300, "{shown}");
}
