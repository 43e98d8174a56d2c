//! The server's store for rustls: what it does in several steps of the context's looks like one.

use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::UnixTime;
use rustls::server::StoresServerSessions;
use rustls::time_provider::TimeProvider;
use session_cache::rustls::ServerStore;
use shuttle::check_random;
use shuttle::thread::spawn;

const SCHEDULES: usize = 2000;

/// It stands.
#[derive(Debug)]
struct Clock(u64);

impl TimeProvider for Clock {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(Duration::from_secs(self.0)))
    }
}

/// A store with one session, and what two threads are given who do this at once.
fn at_once(each: [fn(&ServerStore) -> Option<Vec<u8>>; 2]) -> (Arc<ServerStore>, [Option<Vec<u8>>; 2]) {
    let store = Arc::new(ServerStore::with_clock(0, Duration::from_secs(300), Arc::new(Clock(1000))));
    assert!(store.put(vec![7], b"former".to_vec()));
    let threads = each.map(|each| {
        let store = Arc::clone(&store);
        spawn(move || each(&store))
    });
    let given = threads.map(|thread| thread.join().expect("nobody panics"));
    (store, given)
}

#[test]
fn of_two_who_take_a_session_one_is_given_it() {
    let check = || {
        let (store, given) = at_once([|store| store.take(&[7]), |store| store.take(&[7])]);
        assert_eq!(given.iter().flatten().count(), 1);
        assert_eq!(store.get(&[7]), None);
    };
    check_random(check, SCHEDULES);
}

#[test]
fn who_takes_a_session_while_it_is_replaced_is_given_one_of_the_two() {
    let check = || {
        let put = |store: &ServerStore| store.put(vec![7], b"latest".to_vec()).then(Vec::new);
        let (store, [given, put]) = at_once([|store| store.take(&[7]), put]);
        assert!(put.is_some());
        // The former was in before the latest was, and whoever is given a session takes no other one out.
        match given.as_deref() {
            Some(b"former") => assert_eq!(store.get(&[7]), Some(b"latest".to_vec())),
            Some(b"latest") => assert_eq!(store.get(&[7]), None),
            other => panic!("{other:?}"),
        }
    };
    check_random(check, SCHEDULES);
}
