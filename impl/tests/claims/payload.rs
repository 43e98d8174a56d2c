//! A payload is dropped with the last reference on its session, whichever way the cache gave up its own: so one that
//! overwrites itself when it is dropped leaves no secret behind.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use session_cache::{
    Begun, Close, Context, InternalCache, NewSession, Outcome, Proposal, Protocol, Session, Ticket, Why,
};

use crate::common::id;

/// A secret, which counts how many have been overwritten.
struct Secret {
    bytes: [u8; 4],
    overwritten: Arc<AtomicUsize>,
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.bytes.fill(0);
        self.overwritten.fetch_add(1, Relaxed);
    }
}

/// A context and a session in it, made at 1000 for 300 seconds, whose one reference is the cache's.
struct Kept {
    context: Context<Secret>,
    overwritten: Arc<AtomicUsize>,
}

impl Kept {
    fn new() -> Self {
        let kept = Self { context: Context::new(), overwritten: Arc::default() };
        kept.context.add_session(&kept.session(1), &mut ());
        kept
    }

    fn session(&self, byte: u8) -> Arc<Session<Secret>> {
        Arc::new(Session::new(NewSession::new(id(byte), Protocol::TLS1_2, 1000, 300), self.secret()))
    }

    fn secret(&self) -> Secret {
        Secret { bytes: *b"keys", overwritten: Arc::clone(&self.overwritten) }
    }

    fn overwritten(&self) -> usize {
        self.overwritten.load(Relaxed)
    }

    fn accept(&self, now: i64) -> Begun<Secret> {
        self.context.begin_accept(Proposal::new(Protocol::TLS1_2, Some(id(1))), now, &mut ())
    }
}

#[test]
fn each_way_out_of_the_cache_overwrites_the_secret() {
    let ways: [fn(&Kept); 5] = [
        |kept| assert!(kept.context.remove_session(&kept.context.cached(&id(1)).expect("it is in"), &mut ())),
        |kept| kept.context.flush_sessions(1301, &mut ()),
        |kept| drop(kept.accept(1301)),
        |kept| assert!(kept.context.add_session(&kept.session(1), &mut ())),
        |kept| {
            kept.context.sess_set_cache_size(1);
            kept.context.add_session(&kept.session(2), &mut ());
        },
    ];
    for (way, leaves) in ways.into_iter().zip(1..) {
        let kept = Kept::new();
        assert_eq!(kept.overwritten(), 0);
        way(&kept);
        assert_eq!(kept.overwritten(), 1, "way {leaves}");
    }
    let kept = Kept::new();
    kept.context.free(&mut ());
    assert_eq!(kept.overwritten.load(Relaxed), 1);
}

#[test]
fn a_secret_that_is_in_use_stays_until_that_ends() {
    let kept = Kept::new();
    let Begun::Resume(resuming) = kept.accept(1300) else { panic!("it has not expired") };
    kept.context.flush_sessions(1301, &mut ());
    assert_eq!((kept.overwritten(), resuming.session().payload().bytes), (0, *b"keys"));
    let connection = kept.context.finish_resumed(resuming, 1301, &mut ());
    assert_eq!(kept.overwritten(), 0);
    kept.context.close(connection, Close::Clean, &mut ());
    assert_eq!(kept.overwritten(), 1);
}

#[test]
fn what_is_not_cached_is_overwritten_at_the_end_of_the_connection() {
    let kept = Kept::new();
    let Begun::Full(negotiating) = kept.context.begin_accept(Proposal::new(Protocol::TLS1_3, None), 1000, &mut ())
    else {
        panic!("nothing is proposed")
    };
    let tickets = [2, 3].map(|byte| Ticket::new(id(byte), kept.secret(), false));
    let connection = kept.context.finish_full_with(negotiating, tickets, 1000, &mut ());
    // The connection has the last one.
    assert_eq!(kept.overwritten(), 1);
    drop(connection);
    assert_eq!(kept.overwritten(), 2);

    let connecting = kept.context.begin_connect(None, Protocol::TLS1_2, 1000);
    let finished = kept.context.finish_connect(connecting, Outcome::New(id(4), kept.secret()), 1000, &mut ());
    drop(finished.expect("it is a new one"));
    assert_eq!(kept.overwritten(), 3);
}

#[test]
fn an_internal_cache_alone_keeps_no_reference_on_who_has_left() {
    let kept = Kept::new();
    let mut cache = InternalCache::new(0);
    let mut left = Vec::new();
    cache.add(&kept.session(5), &mut left);
    cache.clear(Why::Removed, &mut left);
    assert_eq!((kept.overwritten(), left.len()), (0, 1));
    left.clear();
    assert_eq!(kept.overwritten(), 1);
    cache.add(&kept.session(6), &mut left);
    drop(cache);
    assert_eq!(kept.overwritten(), 2);
}
