//! The calls on a context outside handshakes.

use std::sync::Arc;

use session_cache::{Begun, CacheMode, Context, Why};

use crate::common::*;

#[test]
fn a_freed_context_tells_of_its_members_in_order_of_expiry() {
    let (context, mut app) = context(CacheMode::OFF);
    let all = [(1, 300), (2, 100), (3, 300), (4, 200)].map(|(byte, timeout)| session(byte, 1000, timeout));
    all.iter().for_each(|s| assert!(context.add_session(s, &mut app)));
    context.free(&mut app);
    assert_eq!(app.told(), [2, 4, 1, 3].map(|byte| Told::Removed(id(byte), Why::ContextFreed)));
    assert!(all.iter().all(|s| s.is_resumable() && Arc::strong_count(s) == 1));
}

#[test]
fn a_removal_by_hand_marks_tells_and_succeeds_once() {
    let (context, mut app) = context(CacheMode::SERVER);
    let (a, never) = (session(1, 1000, 300), session(2, 1000, 300));
    context.add_session(&a, &mut app);
    assert!(context.remove_session(&a, &mut app) && !context.remove_session(&a, &mut app));
    assert!(!context.remove_session(&never, &mut app));
    assert_eq!(app.told(), [Told::Removed(id(1), Why::Removed)]);
    assert!(!a.is_resumable() && never.is_resumable());
}

#[test]
fn a_step_of_a_flush_has_64_leave_and_says_whether_there_are_more() {
    let (context, mut app) = context(CacheMode::SERVER);
    let all: Vec<_> = (0..=128).map(|byte| session(byte, 1000 + i64::from(byte), 300)).collect();
    all.iter().for_each(|s| assert!(context.add_session(s, &mut app)));
    let left = |bytes: std::ops::Range<u8>| bytes.map(|byte| Told::Removed(id(byte), Why::Flushed)).collect::<Vec<_>>();
    for (bytes, more) in [(0..64, true), (64..128, false), (0..0, false)] {
        assert_eq!(context.flush_step(1428, &mut app), more);
        assert_eq!(app.told(), left(bytes));
    }
    assert!(context.contains(&all[128]) && context.counters().number == 1);
}

#[test]
fn settings_return_what_they_were() {
    let context = Context::<()>::new();
    assert_eq!(context.set_session_cache_mode(CacheMode::OFF), CacheMode::SERVER);
    assert_eq!(context.session_cache_mode(), CacheMode::OFF);
    assert_eq!((context.sess_set_cache_size(3), context.sess_cache_size()), (20480, 3));
    assert_eq!((context.set_timeout(5), context.timeout()), (300, 5));
    assert!(context.set_session_id_context(&[1; 32]) && !context.set_session_id_context(&[1; 33]));
}

#[test]
fn a_setting_holds_for_every_id() {
    let (context, mut app) = context(CacheMode::SERVER);
    context.set_timeout(7);
    assert!(context.set_session_id_context(b"ours"));
    for byte in 0..=u8::MAX {
        let Begun::AskExternal(asking) = context.begin_accept(propose(byte), 1000, &mut app) else {
            panic!("nothing is cached")
        };
        let Begun::Full(negotiating) = context.external(asking, None, &mut app) else { panic!("there is no answer") };
        let would_be = negotiating.would_be(id(byte));
        assert_eq!((would_be.timeout, would_be.id_context.as_bytes()), (7, &b"ours"[..]));
    }
    assert_eq!(looked_up(&context), [0, 0, 256, 0]);
}
