//! Both stores, shared by threads.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread::scope;

use rustls::ClientConfig;
use rustls::server::StoresServerSessions;
use session_cache::rustls::{ClientStore, ServerStore, StoreCounters};

use crate::common::{Clock, Resumed, TLS12, TLS13, Version, client, handshake_with, seconds, server};

const THREADS: usize = 4;

#[test]
fn of_those_who_take_a_ticket_at_once_one_is_given_it() {
    let store = ServerStore::with_clock(0, seconds(300), Clock::new());
    let key = |n: u32| n.to_le_bytes();
    let given = AtomicU64::new(0);
    let keys = 0..2000;
    keys.clone().for_each(|n| assert!(store.put(key(n).to_vec(), key(n).to_vec())));
    scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for n in keys.clone() {
                    if let Some(value) = store.take(&key(n)) {
                        assert_eq!(value, key(n));
                        given.fetch_add(1, Relaxed);
                    }
                }
            });
        }
    });
    let counters = store.counters();
    assert_eq!((given.into_inner(), counters.hits, counters.number), (2000, 2000, 0));
    assert_eq!(counters.misses, 2000 * (THREADS as u64 - 1));
}

/// What stores of this size, 0 for any number, have counted when threads have gone to five servers of this version.
fn handshakes_of_threads(version: Version, size: usize) -> [StoreCounters; 2] {
    let clock = Clock::new();
    let of_server = Arc::new(ServerStore::with_clock(size, seconds(300), Arc::clone(&clock) as _));
    let of_client = ClientStore::with_clock(size, seconds(300), Arc::clone(&clock) as _).tickets_per_server(1000);
    let of_client = Arc::new(of_client);
    let served = Arc::new(server(version, Arc::clone(&of_server) as _, &clock));
    let connecting: Arc<ClientConfig> = client(Arc::clone(&of_client) as _, &clock);
    let resumed = AtomicU64::new(0);
    scope(|scope| {
        for thread in 0..THREADS {
            let (served, connecting, resumed, of_server) = (&served, &connecting, &resumed, &of_server);
            scope.spawn(move || {
                for n in 0..50 {
                    let to = format!("{}.example.com", (n + thread) % 5);
                    let kind = handshake_with(&to, connecting, served);
                    resumed.fetch_add(u64::from(kind == Resumed), Relaxed);
                    assert!(size == 0 || of_server.counters().number <= size as u64);
                }
            });
        }
    });
    let (server, client) = (of_server.counters(), of_client.counters());
    assert_eq!(resumed.load(Relaxed), server.hits);
    // Each of 5 names had a first time; more than one thread may have come in it.
    assert!(server.hits > 0 && server.hits <= 50 * THREADS as u64 - 5, "{server:?}");
    [server, client]
}

#[test]
fn threads_resume_what_others_have_stored_and_no_store_has_too_many() {
    for version in [&TLS12, &TLS13] {
        let [server, client] = handshakes_of_threads(version, 40);
        assert!(client.hits >= server.hits && client.number <= 40, "{client:?}");
    }
}

#[test]
fn each_ticket_is_offered_once_and_resumes_while_nothing_is_dropped() {
    let [server, client] = handshakes_of_threads(&TLS13, 0);
    assert_eq!(client.hits, server.hits, "{client:?} {server:?}");
    assert_eq!((client.stored - client.hits, server.stored - server.hits), (client.number, server.number));
}
