//! What a server makes of a proposal.

use std::sync::Arc;

use session_cache::{Begun, CacheMode, Context, IdContext, NewSession, Protocol, Session, Why};

use crate::common::*;

const SERVER: CacheMode = CacheMode::SERVER;

#[test]
fn a_session_found_is_resumed_and_counted_at_the_lookup() {
    let (context, mut app) = context(SERVER);
    context.add_session(&session(1, 1000, 300), &mut app);
    assert_eq!(begin(&context, 1, None, 1300, &mut app), "resume");
    assert_eq!(looked_up(&context), [1, 0, 0, 0]);
    let counters = context.counters();
    assert_eq!((counters.accept, counters.accept_good), (1, 0));
}

#[test]
fn a_session_found_in_another_protocol_or_id_context_or_marked_stays_and_counts_nothing() {
    let (context, mut app) = context(SERVER);
    let new = NewSession::new(id(1), Protocol::TLS1_1, 1000, 300);
    let marked = session(3, 1000, 300);
    context.add_session(&marked, &mut app);
    context.remove_session(&marked, &mut ());
    for s in [Arc::new(Session::new(new, ())), of_context(2, 1000, 300, b"x"), marked] {
        assert!(context.add_session(&s, &mut app));
    }
    for byte in [1, 2, 3] {
        assert_eq!(begin(&context, byte, None, 1000, &mut app), "full");
    }
    assert_eq!((looked_up(&context), context.counters().number, app.told()), ([0; 4], 3, vec![]));
}

#[test]
fn a_session_found_expired_is_a_timeout_and_leaves() {
    let (context, mut app) = context(SERVER);
    let a = session(1, 1000, 300);
    context.add_session(&a, &mut app);
    assert_eq!(begin(&context, 1, None, 1301, &mut app), "full");
    assert_eq!((looked_up(&context), app.told()), ([0, 0, 0, 1], vec![Told::Removed(id(1), Why::Expired)]));
    assert!(a.is_resumable() && !context.contains(&a));
}

#[test]
fn a_peer_to_be_verified_fails_the_handshake_if_a_session_is_found_and_no_id_context_is_set() {
    let (context, mut app) = context(SERVER);
    context.set_verify_peer(true);
    context.add_session(&session(1, 0, 300), &mut app);
    // Asked before the expiry is.
    assert_eq!(begin(&context, 1, None, 1000, &mut app), "fail");
    assert_eq!(begin(&context, 2, None, 1000, &mut app), "asked, full");
    context.set_session_id_context(b"app");
    assert_eq!(begin(&context, 1, None, 1000, &mut app), "full");
    context.add_session(&of_context(3, 1000, 300, b"app"), &mut app);
    assert_eq!(begin(&context, 3, None, 1000, &mut app), "resume");
}

#[test]
fn what_is_not_found_internally_is_a_miss_and_asked_for_externally() {
    let (context, mut app) = context(SERVER);
    let a = session(1, 1000, 300);
    assert_eq!(begin(&context, 1, None, 1000, &mut app), "asked, full");
    assert_eq!(looked_up(&context), [0, 0, 1, 0]);
    assert_eq!(begin(&context, 1, Some(&a), 1000, &mut app), "asked, resume");
    assert_eq!((looked_up(&context), context.contains(&a)), ([1, 1, 2, 0], true));
}

#[test]
fn an_answer_with_another_id_is_none() {
    let (context, mut app) = context(SERVER);
    let somebody_elses = session(2, 1000, 300);
    assert_eq!(begin(&context, 1, Some(&somebody_elses), 1000, &mut app), "asked, full");
    assert_eq!((looked_up(&context), context.contains(&somebody_elses)), ([0, 0, 1, 0], false));
}

#[test]
fn without_internal_lookup_every_proposal_is_a_miss_and_asked_for() {
    let (context, mut app) = context(SERVER | CacheMode::NO_INTERNAL_LOOKUP);
    let a = session(1, 1000, 300);
    context.add_session(&a, &mut app);
    // The very object that is cached: nothing is copied in.
    assert_eq!(begin(&context, 1, Some(&a), 1000, &mut app), "asked, resume");
    assert_eq!((looked_up(&context), app.told()), ([1, 1, 1, 0], vec![]));
    // Another one with its id takes its place.
    let twin = session(1, 1000, 300);
    assert_eq!(begin(&context, 1, Some(&twin), 1000, &mut app), "asked, resume");
    assert_eq!((context.contains(&twin), app.told()), (true, vec![Told::Removed(id(1), Why::Replaced)]));
}

#[test]
fn a_server_without_its_flag_looks_nowhere_and_counts_a_miss() {
    let (context, mut app) = context(CacheMode::CLIENT);
    context.add_session(&session(1, 1000, 300), &mut app);
    assert_eq!(begin(&context, 1, None, 1000, &mut app), "full");
    assert_eq!(looked_up(&context), [0, 0, 1, 0]);
}

#[test]
fn an_expired_answer_is_copied_in_counted_and_taken_out_again() {
    let (context, mut app) = context(SERVER);
    context.sess_set_cache_size(1);
    context.add_session(&session(2, 1000, 900), &mut app);
    assert_eq!(begin(&context, 1, Some(&session(1, 1000, 300)), 1301, &mut app), "asked, full");
    assert_eq!(app.told(), [Told::Removed(id(2), Why::Dropped), Told::Removed(id(1), Why::Expired)]);
    assert_eq!((looked_up(&context), context.counters().cache_full), ([0, 1, 1, 1], 1));
}

#[test]
fn under_no_internal_store_an_answer_is_used_and_not_copied_in() {
    let (context, mut app) = context(SERVER | CacheMode::NO_INTERNAL_STORE | CacheMode::UPDATE_TIME);
    let (fresh, stale) = (session(1, 1000, 300), session(2, 0, 300));
    assert_eq!(begin(&context, 1, Some(&fresh), 1200, &mut app), "asked, resume");
    assert_eq!(begin(&context, 2, Some(&stale), 1200, &mut app), "asked, full");
    assert_eq!((fresh.time(), stale.time()), (1200, 0));
    assert_eq!((looked_up(&context), context.counters().number, app.told()), ([1, 2, 2, 1], 0, vec![]));
}

#[test]
fn an_answer_that_is_cached_in_another_context_is_none() {
    let ((context, mut app), other) = (context(SERVER), Context::new());
    let a = session(1, 1000, 300);
    other.add_session(&a, &mut ());
    assert_eq!(begin(&context, 1, Some(&a), 1000, &mut app), "asked, full");
    assert_eq!((looked_up(&context), other.contains(&a)), ([0, 0, 1, 0], true));
}

#[test]
fn under_update_time_a_resumed_session_counts_from_now_and_takes_a_new_place() {
    let (context, mut app) = context(SERVER | CacheMode::UPDATE_TIME);
    let (a, b) = (session(1, 1000, 300), session(2, 1000, 300));
    context.add_session(&a, &mut app);
    context.add_session(&b, &mut app);
    // The very same second: only the place is new.
    assert_eq!(begin(&context, 1, None, 1000, &mut app), "resume");
    context.sess_set_cache_size(2);
    context.add_session(&session(3, 1000, 300), &mut app);
    assert_eq!(app.told(), [Told::Removed(id(2), Why::Dropped)]);
    assert_eq!(begin(&context, 1, None, 1300, &mut app), "resume");
    assert_eq!(begin(&context, 1, None, 1600, &mut app), "resume");
    assert_eq!(a.time(), 1600);
    // It does not bring back what has expired.
    assert_eq!(begin(&context, 1, None, 1901, &mut app), "full");
    assert_eq!(a.time(), 1600);
}

#[test]
fn without_update_time_a_resumed_session_keeps_its_time() {
    let (context, mut app) = context(SERVER);
    let a = session(1, 1000, 300);
    context.add_session(&a, &mut app);
    assert_eq!(begin(&context, 1, None, 1300, &mut app), "resume");
    assert_eq!(a.time(), 1000);
}

#[test]
fn a_connection_with_an_id_context_of_its_own_goes_by_that() {
    let (context, mut app) = context(SERVER);
    context.set_session_id_context(b"app");
    context.add_session(&of_context(1, 1000, 300, b"app"), &mut app);
    let web = IdContext::new(b"web");
    let Begun::Full(negotiating) = context.begin_accept_in(web, propose(1), 1000, &mut app) else { panic!("full") };
    assert_eq!(Some(negotiating.would_be(id(2)).id_context), web);
    drop(context.finish_full(negotiating, id(2), (), 1000, &mut app));
    assert_eq!(["full", "resume"], [2, 1].map(|byte| begin(&context, byte, None, 1000, &mut app)));
    assert!(matches!(context.begin_accept_in(web, propose(2), 1000, &mut app), Begun::Resume(_)));

    // So does one with a stateless ticket, and the verification of the peer.
    let came = |id_context: Option<IdContext>| {
        let new = NewSession::new(id(3), Protocol::TLS1_3, 1000, 300);
        Some(Session::new(new.in_id_context(id_context.unwrap_or_default()), ()))
    };
    let opened = |own, held| context.begin_accept_stateless_in(own, came(held), Protocol::TLS1_3, 1000);
    assert!(matches!(opened(web, web), Begun::Resume(_)) && matches!(opened(None, web), Begun::Full(_)));
    context.set_verify_peer(true);
    let none = IdContext::new(b"");
    assert!(matches!(opened(none, none), Begun::Fail) && matches!(opened(web, web), Begun::Resume(_)));
}
