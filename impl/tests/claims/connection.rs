//! What is stored, counted and flushed when a handshake is finished, and what a close does.

use std::sync::Arc;

use session_cache::{
    AutoFlush, Begun, CacheMode, Close, Counters, NotProposed, Outcome, Proposal, Protocol, Session, Why,
};

use crate::common::*;

const SERVER: CacheMode = CacheMode::SERVER;

/// The session of a connection that has one.
fn used<P>(connection: &session_cache::Connection<P>) -> &Arc<Session<P>> {
    connection.session().expect("a handshake with ids has a session")
}

#[test]
fn a_new_session_has_time_timeout_and_id_context_of_the_begin_and_is_stored_at_the_end() {
    let (context, mut app) = context(SERVER);
    context.set_timeout(7);
    context.set_session_id_context(b"app");
    let nothing = Proposal::new(Protocol::TLS1_2, None);
    let Begun::Full(negotiating) = context.begin_accept(nothing, 1000, &mut app) else { panic!("full") };
    context.set_timeout(8);
    context.set_session_id_context(b"other");
    assert_eq!(context.counters().number, 0);
    let made = Arc::clone(used(&context.finish_full(negotiating, id(1), (), 1005, &mut app)));
    assert_eq!((made.time(), made.timeout(), made.id_context().as_bytes()), (1000, 7, &b"app"[..]));
    assert_eq!((app.told(), context.contains(&made)), (vec![Told::New(id(1))], true));
}

#[test]
fn without_its_flag_a_new_session_is_not_stored_and_the_application_not_told() {
    let (context, mut app) = context(CacheMode::CLIENT);
    let connection = full(&context, 1, 1000, &mut app);
    assert_eq!((app.told(), context.counters().number), (vec![], 0));
    assert_eq!(Arc::strong_count(used(&connection)), 1);
}

#[test]
fn under_no_internal_store_the_application_is_told_and_nothing_is_stored() {
    let (context, mut app) = context(SERVER | CacheMode::NO_INTERNAL_STORE);
    app.refuses = true;
    drop(full(&context, 1, 1000, &mut app));
    assert_eq!((app.told(), context.counters().number), (vec![Told::New(id(1))], 0));
}

#[test]
fn a_refused_session_leaves_at_once_and_stays_resumable() {
    let (context, mut app) = context(SERVER);
    app.refuses = true;
    let connection = full(&context, 1, 1000, &mut app);
    assert_eq!(app.told(), [Told::New(id(1)), Told::Removed(id(1), Why::Refused)]);
    assert!(!context.contains(used(&connection)) && used(&connection).is_resumable());
}

#[test]
fn what_a_new_session_drives_out_is_told_before_it() {
    let (context, mut app) = context(SERVER);
    context.sess_set_cache_size(1);
    context.add_session(&session(1, 1000, 300), &mut app);
    drop(full(&context, 2, 1000, &mut app));
    assert_eq!(app.told(), [Told::Removed(id(1), Why::Dropped), Told::New(id(2))]);
    assert_eq!(context.counters().cache_full, 1);
    drop(full(&context, 2, 1000, &mut app));
    assert_eq!(app.told(), [Told::Removed(id(2), Why::Replaced), Told::New(id(2))]);
    assert_eq!(context.counters().cache_full, 1);
}

#[test]
fn the_flush_runs_in_connection_255_after_its_own_session_is_stored_and_told() {
    let (context, mut app) = context(SERVER);
    context.set_timeout(-1);
    for _ in 0..254 {
        drop(full(&context, 1, 1000, &mut Recorder::default()));
    }
    assert_eq!(context.counters().number, 1);
    let connection = full(&context, 2, 1000, &mut app);
    let flushed = [Told::New(id(2)), Told::Removed(id(1), Why::Flushed), Told::Removed(id(2), Why::Flushed)];
    assert_eq!((app.told().as_slice(), context.counters().number), (&flushed[..], 0));
    assert!(used(&connection).is_resumable());
}

/// A context in which so many sessions have expired at 1000, one after the other; the next connection is the 255th.
fn before_the_flush(stale: u8) -> (session_cache::Context<()>, Recorder) {
    let (context, mut app) = context(SERVER | CacheMode::NO_INTERNAL_STORE);
    context.set_auto_flush(AutoFlush::InSteps);
    (0..stale).for_each(|byte| _ = context.add_session(&session(byte, i64::from(byte), 1), &mut app));
    (0..254).for_each(|_| drop(full(&context, 255, 1000, &mut Recorder::default())));
    (context, app)
}

/// Whom the next connection takes out.
fn taken_by_next(context: &session_cache::Context<()>, app: &mut Recorder) -> Vec<u8> {
    drop(full(context, 255, 1000, app));
    let removed = |told| if let Told::Removed(id, Why::Flushed) = told { Some(id.as_bytes()[0]) } else { None };
    app.told().into_iter().filter_map(removed).collect()
}

#[test]
fn in_steps_a_connection_takes_out_64_and_those_that_follow_the_rest() {
    let (context, mut app) = before_the_flush(130);
    for leaves in [0..64, 64..128, 128..130, 0..0] {
        assert_eq!(taken_by_next(&context, &mut app), leaves.collect::<Vec<_>>());
    }
    // It is over, so who expires from now on stays until the 510th.
    context.add_session(&session(200, 0, 1), &mut app);
    assert_eq!(taken_by_next(&context, &mut app), []);
    assert_eq!(context.set_auto_flush(AutoFlush::All), AutoFlush::InSteps);
}

#[test]
fn in_steps_one_that_64_are_enough_for_is_over_with_them() {
    let (context, mut app) = before_the_flush(64);
    assert_eq!(taken_by_next(&context, &mut app).len(), 64);
    context.add_session(&session(200, 0, 1), &mut app);
    assert_eq!(taken_by_next(&context, &mut app), []);
}

#[test]
fn a_flush_in_steps_waits_while_the_mode_forbids_it_and_ends_whole_where_that_is_set() {
    let (context, mut app) = before_the_flush(200);
    assert_eq!(taken_by_next(&context, &mut app).len(), 64);
    let mode = context.set_session_cache_mode(SERVER | CacheMode::NO_INTERNAL_STORE | CacheMode::NO_AUTO_CLEAR);
    assert_eq!(taken_by_next(&context, &mut app), []);
    context.set_session_cache_mode(CacheMode::CLIENT);
    assert_eq!(taken_by_next(&context, &mut app), []);
    context.set_session_cache_mode(mode);
    context.set_auto_flush(AutoFlush::All);
    assert_eq!(taken_by_next(&context, &mut app), (64..200).collect::<Vec<_>>());
    context.add_session(&session(250, 0, 1), &mut app);
    assert_eq!(taken_by_next(&context, &mut app), []);
}

#[test]
fn connections_of_both_sides_full_or_resumed_count_together_if_their_flag_is_set() {
    let (context, mut app) = context(CacheMode::BOTH);
    let stale = session(9, 0, 1);
    context.add_session(&stale, &mut app);
    context.add_session(&session(1, 1000, 900), &mut app);
    let connect = |app: &mut Recorder| {
        let connecting = context.begin_connect(None, Protocol::TLS1_2, 1000);
        drop(context.finish_connect(connecting, Outcome::New(id(8), ()), 1000, app));
    };
    let accept = |app: &mut Recorder| {
        let Begun::Resume(resuming) = context.begin_accept(propose(1), 1000, app) else { panic!("resume") };
        drop(context.finish_resumed(resuming, 1000, app));
    };
    for _ in 0..127 {
        connect(&mut app);
        accept(&mut app);
    }
    // These do not count: begun and not finished, or of a side that is not cached.
    assert_eq!(begin(&context, 1, None, 1000, &mut app), "resume");
    context.set_session_cache_mode(SERVER);
    connect(&mut app);
    assert!(context.contains(&stale));
    accept(&mut app);
    assert!(!context.contains(&stale));
}

#[test]
fn under_no_auto_clear_connections_count_and_nothing_is_flushed() {
    let (context, mut app) = context(SERVER | CacheMode::NO_AUTO_CLEAR);
    let stale = session(9, 0, 1);
    context.add_session(&stale, &mut app);
    for _ in 0..256 {
        drop(full(&context, 1, 1000, &mut app));
    }
    context.set_session_cache_mode(SERVER);
    for _ in 256..509 {
        drop(full(&context, 1, 1000, &mut app));
    }
    assert!(context.contains(&stale));
    drop(full(&context, 1, 1000, &mut app));
    assert!(!context.contains(&stale));
}

#[test]
fn a_client_proposes_what_is_resumable_and_of_the_protocol_whatever_its_time() {
    let (context, mut app) = context(CacheMode::CLIENT);
    let a = session(1, 0, 1);
    let proposes = |protocol| context.begin_connect(Some(&a), protocol, 1000).proposed().is_some();
    assert!(proposes(Protocol::TLS1_2));
    assert!(!proposes(Protocol::TLS1_1));
    context.add_session(&a, &mut app);
    context.remove_session(&a, &mut app);
    assert!(!proposes(Protocol::TLS1_2));
    assert_eq!((context.counters().connect, looked_up(&context)), (3, [0; 4]));
}

#[test]
fn a_client_that_reuses_counts_a_hit_at_the_end_and_stores_nothing() {
    let (context, mut app) = context(CacheMode::CLIENT);
    let a = session(1, 1000, 300);
    let connecting = context.begin_connect(Some(&a), Protocol::TLS1_2, 1000);
    assert_eq!((context.counters().hits, Arc::strong_count(&a)), (0, 2));
    let connection = context.finish_connect(connecting, Outcome::Reused, 1000, &mut app).expect("it was proposed");
    assert!(connection.reused() && Arc::ptr_eq(used(&connection), &a));
    let Counters { hits, connect, connect_good, number, .. } = context.counters();
    assert_eq!(([hits, connect, connect_good, number], app.told()), ([1, 1, 1, 0], vec![]));
    context.close(connection, Close::Clean, &mut app);
    assert_eq!(Arc::strong_count(&a), 1);
}

#[test]
fn a_client_is_not_led_to_reuse_what_it_did_not_propose() {
    let (context, mut app) = context(CacheMode::CLIENT);
    let connecting = context.begin_connect(None, Protocol::TLS1_2, 1000);
    let finished = context.finish_connect(connecting, Outcome::Reused, 1000, &mut app);
    assert!(matches!(finished, Err(NotProposed { .. })));
    assert_eq!(context.counters().connect_good, 0);
}

#[test]
fn a_clean_close_changes_nothing_and_an_unclean_one_removes_and_marks() {
    let (context, mut app) = context(SERVER);
    let connection = full(&context, 1, 1000, &mut app);
    let a = Arc::clone(used(&connection));
    context.close(connection, Close::Clean, &mut app);
    assert!(context.contains(&a) && a.is_resumable());
    let Begun::Resume(resuming) = context.begin_accept(propose(1), 1000, &mut app) else { panic!("resume") };
    app.told();
    let connection = context.finish_resumed(resuming, 1000, &mut app);
    context.close(connection, Close::Unclean, &mut app);
    assert_eq!(app.told(), [Told::Removed(id(1), Why::Unclean)]);
    assert!(!context.contains(&a) && !a.is_resumable());
}

#[test]
fn an_unclean_close_leaves_another_object_of_the_id_and_marks_its_own() {
    let (context, mut app) = context(SERVER);
    let connection = full(&context, 1, 1000, &mut app);
    let (own, twin) = (Arc::clone(used(&connection)), session(1, 1000, 300));
    context.add_session(&twin, &mut app);
    app.told();
    context.close(connection, Close::Unclean, &mut app);
    assert_eq!((context.contains(&twin), twin.is_resumable(), own.is_resumable()), (true, true, false));
    assert_eq!(app.told(), []);
}
