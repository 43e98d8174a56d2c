//! The server's store. The client has rustls's own, which gives whatever it has.

use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use rustls::client::ClientSessionMemoryCache;
use rustls::server::{NoServerSessionStorage, StoresServerSessions};
use session_cache::IdContext;
use session_cache::rustls::ServerStore;

use crate::common::{Clock, Full, Resumed, TLS12, TLS13, accept, client, connect, handshake, handshake_with};
use crate::common::{Version, receive, seconds, sent, server};

/// The clock, a store of this size for 300 seconds, its server, and how one makes clients.
struct Served {
    clock: Arc<Clock>,
    store: Arc<ServerStore>,
    config: Arc<ServerConfig>,
}

impl Served {
    fn new(version: Version, size: usize) -> Self {
        let clock = Clock::new();
        let store = Arc::new(ServerStore::with_clock(size, seconds(300), Arc::clone(&clock) as _));
        let mut config = server(version, Arc::clone(&store) as _, &clock);
        config.send_tls13_tickets = 1;
        Self { clock, store, config: Arc::new(config) }
    }

    fn client(&self) -> Arc<rustls::ClientConfig> {
        client(Arc::new(ClientSessionMemoryCache::new(1000)), &self.clock)
    }

    /// Sessions stored, hits, misses, timeouts, dropped, and those in it now.
    fn counted(&self) -> [u64; 6] {
        let now = self.store.counters();
        [now.stored, now.hits, now.misses, now.timeouts, now.cache_full, now.number]
    }
}

#[test]
fn an_id_of_tls_1_2_is_resumed_as_often_as_it_comes_up_to_the_last_second() {
    let served = Served::new(&TLS12, 0);
    let client = served.client();
    assert_eq!(handshake(&client, &served.config), Full);
    for after in [0, 299, 300] {
        served.clock.set(after);
        assert_eq!(handshake(&client, &served.config), Resumed, "{after} seconds later");
    }
    // The first hello had an id too: a client that could do TLS 1.3 makes one up (RFC 8446, D.4).
    assert_eq!(served.counted(), [1, 3, 1, 0, 0, 1]);
    served.clock.set(301);
    assert_eq!(handshake(&client, &served.config), Full);
    assert_eq!(served.counted(), [2, 3, 1, 1, 0, 1]);
    // The new one has its own time.
    served.clock.set(601);
    assert_eq!(handshake(&client, &served.config), Resumed);
}

#[test]
fn a_ticket_of_tls_1_3_is_resumed_up_to_the_last_second_and_comes_with_the_next_one() {
    let served = Served::new(&TLS13, 0);
    let client = served.client();
    assert_eq!(handshake(&client, &served.config), Full);
    for after in [300, 600] {
        served.clock.set(after);
        assert_eq!(handshake(&client, &served.config), Resumed, "{after} seconds later");
    }
    // Each was taken out, and another stored.
    assert_eq!(served.counted(), [3, 2, 0, 0, 0, 1]);
    served.clock.set(901);
    assert_eq!(handshake(&client, &served.config), Full);
    assert_eq!(served.counted(), [4, 2, 0, 1, 0, 1]);
}

#[test]
fn without_a_store_nobody_resumes() {
    for version in [&TLS12, &TLS13] {
        let served = Served::new(version, 0);
        let none = Arc::new(server(version, Arc::new(NoServerSessionStorage {}), &served.clock));
        let client = served.client();
        assert_eq!((handshake(&client, &none), handshake(&client, &none)), (Full, Full));
        // The same client with a store.
        assert_eq!((handshake(&client, &served.config), handshake(&client, &served.config)), (Full, Resumed));
    }
}

#[test]
fn one_ticket_resumes_one_connection() {
    let served = Served::new(&TLS13, 0);
    let client = served.client();
    assert_eq!(handshake(&client, &served.config), Full);
    let mut proposing = connect(&client, "localhost");
    let hello = sent(&mut proposing);
    let kinds = [(); 2].map(|()| {
        let mut server = accept(&served.config);
        receive(&mut server, &hello).expect("it is a hello");
        server.handshake_kind()
    });
    assert_eq!(kinds, [Some(Resumed), Some(Full)]);
    assert_eq!(served.counted(), [1, 1, 1, 0, 0, 0]);
}

#[test]
fn one_id_of_tls_1_2_resumes_any_number() {
    let served = Served::new(&TLS12, 0);
    let client = served.client();
    assert_eq!(handshake(&client, &served.config), Full);
    let hello = sent(&mut connect(&client, "localhost"));
    let kinds = [(); 2].map(|()| {
        let mut server = accept(&served.config);
        receive(&mut server, &hello).expect("it is a hello");
        server.handshake_kind()
    });
    assert_eq!(kinds, [Some(Resumed), Some(Resumed)]);
}

#[test]
fn who_expires_first_is_dropped_for_a_newcomer() {
    for version in [&TLS12, &TLS13] {
        for (size, first) in [(2, Full), (3, Resumed)] {
            let served = Served::new(version, size);
            let clients = [(); 3].map(|()| served.client());
            for (client, after) in clients.iter().zip(0..) {
                served.clock.set(after);
                assert_eq!(handshake(client, &served.config), Full);
            }
            assert_eq!(served.counted()[4..], [u64::from(size == 2), size as u64]);
            // Who is not there is looked for last: its handshake drops another.
            let kinds = [2, 1, 0].map(|n: usize| handshake(&clients[n], &served.config));
            assert_eq!(kinds, [Resumed, Resumed, first], "of {size}");
        }
    }
}

#[test]
fn what_is_cleared_is_not_resumed() {
    for version in [&TLS12, &TLS13] {
        let served = Served::new(version, 0);
        let client = served.client();
        assert_eq!(handshake(&client, &served.config), Full);
        served.store.clear();
        assert_eq!(served.store.counters().number, 0);
        assert_eq!((handshake(&client, &served.config), handshake(&client, &served.config)), (Full, Resumed));
    }
}

#[test]
fn a_flush_has_those_leave_that_have_expired() {
    let served = Served::new(&TLS13, 0);
    for after in [0, 1] {
        served.clock.set(after);
        assert_eq!(handshake(&served.client(), &served.config), Full);
    }
    for (after, left) in [(300, 2), (301, 1), (302, 0)] {
        served.clock.set(after);
        served.store.flush();
        assert_eq!(served.store.counters().number, left, "{after} seconds later");
    }
}

#[test]
fn whoever_stores_a_session_has_64_expired_ones_leave() {
    let served = Served::new(&TLS12, 0);
    let store = |n: u8| assert!(served.store.put(vec![n; 32], vec![n]));
    (0..130).for_each(store);
    served.clock.set(301);
    for (n, left) in [(200, 67), (201, 4), (202, 3)] {
        store(n);
        assert_eq!(served.store.counters().number, left);
    }
}

#[test]
fn configurations_of_other_id_contexts_share_the_room_and_no_session() {
    for version in [&TLS12, &TLS13] {
        let served = Served::new(version, 2);
        let other = served.store.in_id_context(IdContext::new(b"other").expect("5 bytes"));
        let other = Arc::new(server(version, Arc::new(other), &served.clock));
        let client = served.client();
        assert_eq!((handshake(&client, &served.config), handshake(&client, &other)), (Full, Full));
        // What it has now is the other's, or both in TLS 1.3, of which it proposes the latest first.
        assert_eq!((handshake(&client, &other), handshake(&client, &served.config)), (Resumed, Full));
        assert_eq!(served.store.counters().number, 2);
    }
}

#[test]
fn a_server_name_is_a_matter_of_rustls() {
    let served = Served::new(&TLS12, 0);
    let client = served.client();
    assert_eq!(handshake_with("a.example.com", &client, &served.config), Full);
    assert_eq!(handshake_with("b.example.com", &client, &served.config), Full);
    assert_eq!(handshake_with("a.example.com", &client, &served.config), Resumed);
}

#[test]
fn keys_that_are_no_ids_are_refused_and_never_found() {
    let served = Served::new(&TLS12, 0);
    for long in [0, 33, 65_535] {
        let key = vec![7; long];
        assert!(!served.store.put(key.clone(), b"secret".to_vec()), "{long} bytes");
        assert_eq!((served.store.get(&key), served.store.take(&key)), (None, None));
    }
    assert_eq!((served.store.counters().refused, served.store.counters().number), (3, 0));
    for long in [1, 32] {
        let key = vec![7; long];
        assert!(served.store.put(key.clone(), vec![long as u8]), "{long} bytes");
        assert_eq!(served.store.get(&key), Some(vec![long as u8]));
    }
}

#[test]
fn a_key_that_comes_again_has_the_latest_value() {
    let served = Served::new(&TLS12, 0);
    assert!(served.store.put(vec![7], b"former".to_vec()) && served.store.put(vec![7], b"latest".to_vec()));
    assert_eq!(served.store.take(&[7]), Some(b"latest".to_vec()));
    assert_eq!((served.store.take(&[7]), served.store.counters().number), (None, 0));
}

#[test]
fn who_has_expired_is_not_dropped_for_a_newcomer() {
    let served = Served::new(&TLS12, 2);
    assert!(served.store.put(vec![1], vec![1]) && served.store.put(vec![2], vec![2]));
    served.clock.set(301);
    assert!(served.store.put(vec![3], vec![3]));
    assert_eq!((served.store.counters().number, served.store.counters().cache_full), (1, 0));
}

#[test]
fn without_a_time_nothing_is_stored_or_given() {
    let served = Served::new(&TLS12, 0);
    assert!(served.store.can_cache() && served.store.put(vec![7], b"secret".to_vec()));
    served.clock.stop();
    assert!(!served.store.put(vec![8], b"secret".to_vec()));
    served.store.flush();
    assert_eq!((served.store.get(&[7]), served.store.take(&[7])), (None, None));
    served.clock.set(0);
    assert_eq!(served.store.get(&[7]), Some(b"secret".to_vec()));
}

#[test]
fn nothing_of_a_session_is_shown() {
    let served = Served::new(&TLS12, 0);
    assert!(served.store.put(b"its id".to_vec(), b"its secret".to_vec()));
    let shown = format!("{:?}", served.store);
    assert!(shown.contains("stored: 1") && !shown.contains("its "), "{shown}");
    // As bytes neither.
    assert!(!shown.contains("105, 116"), "{shown}");
}

#[test]
fn a_timeout_of_any_length_ends_before_time_does() {
    for timeout in [Duration::MAX, seconds(i64::MAX as u64)] {
        let clock = Clock::new();
        let store = ServerStore::with_clock(0, timeout, Arc::clone(&clock) as _);
        assert!(store.put(vec![7], vec![1]));
        clock.set(i64::MAX as u64 / 2);
        assert_eq!(store.get(&[7]), Some(vec![1]));
        store.clear();
        assert_eq!((store.get(&[7]), store.counters().number), (None, 0));
    }
}
