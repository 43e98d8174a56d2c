//! Sessions that come with tickets: TLS 1.3, stateful and stateless, and stateless ones up to TLS 1.2.

use std::sync::Arc;

use session_cache::{
    Begun, CacheMode, Close, Connecting, Counters, NewSession, NotProposed, Proposal, Protocol, Session, Ticket, Why,
};

use crate::common::*;

const SERVER: CacheMode = CacheMode::SERVER;
const NOTHING: Proposal = Proposal::new(Protocol::TLS1_3, None);

fn ticket(byte: u8, cached: bool) -> Ticket<()> {
    Ticket::new(id(byte), (), cached)
}

fn in_ticket(byte: u8, time: i64, timeout: i64) -> Session<()> {
    Session::new(NewSession::new(id(byte), Protocol::TLS1_3, time, timeout), ())
}

/// What a server makes of a stateless ticket.
fn opened(context: &session_cache::Context<()>, session: Option<Session<()>>, now: i64) -> Begun<()> {
    context.begin_accept_stateless(session, Protocol::TLS1_3, now)
}

#[test]
fn each_ticket_after_a_full_handshake_is_a_session_of_the_time_it_is_sent() {
    let (context, mut app) = context(SERVER);
    context.set_timeout(7);
    let Begun::Full(negotiating) = context.begin_accept(NOTHING, 1000, &mut app) else { panic!("full") };
    context.set_timeout(8);
    let tickets = [ticket(1, true), ticket(2, true)];
    let connection = context.finish_full_with(negotiating, tickets, 1005, &mut app);
    assert_eq!(app.told(), [Told::New(id(1)), Told::New(id(2))]);
    let last = connection.session().expect("the last ticket's");
    assert_eq!((*last.id(), last.time(), last.timeout(), connection.reused()), (id(2), 1005, 7, false));
    let Counters { number, accept, accept_good, .. } = context.counters();
    assert_eq!([number, accept, accept_good], [2, 1, 1]);
}

#[test]
fn without_a_ticket_there_is_no_session_and_the_connection_counts() {
    let (context, mut app) = context(SERVER);
    let Begun::Full(negotiating) = context.begin_accept(NOTHING, 1000, &mut app) else { panic!("full") };
    let connection = context.finish_full_with(negotiating, [], 1000, &mut app);
    assert!(connection.session().is_none());
    context.close(connection, Close::Unclean, &mut app);
    assert_eq!((app.told(), context.counters().accept_good, context.counters().number), (vec![], 1, 0));
}

#[test]
fn a_session_that_is_not_to_be_cached_is_told_and_may_be_refused() {
    let (context, mut app) = context(SERVER);
    app.refuses = true;
    let Begun::Full(negotiating) = context.begin_accept(NOTHING, 1000, &mut app) else { panic!("full") };
    drop(context.finish_full_with(negotiating, [ticket(1, false)], 1000, &mut app));
    assert_eq!((app.told(), context.counters().number), (vec![Told::New(id(1))], 0));
}

#[test]
fn a_resumption_leaves_what_it_resumed_and_goes_on_with_the_ticket_for_the_next_time() {
    let (context, mut app) = context(SERVER);
    let Begun::Full(negotiating) = context.begin_accept(NOTHING, 1000, &mut app) else { panic!("full") };
    drop(context.finish_full_with(negotiating, [ticket(1, true)], 1000, &mut app));
    let again = Proposal::new(Protocol::TLS1_3, Some(id(1)));
    let Begun::Resume(resuming) = context.begin_accept(again, 1001, &mut app) else { panic!("resume") };
    assert_eq!((resuming.session().time(), resuming.next().time()), (1000, 1001));
    app.told();
    let connection = context.finish_resumed_with(resuming, [ticket(2, true)], 1002, &mut app);
    assert_eq!((app.told(), context.counters().number), (vec![Told::New(id(2))], 2));
    assert!(connection.reused() && *connection.session().expect("the new one").id() == id(2));
    let Begun::Resume(resuming) = context.begin_accept(again, 1003, &mut app) else { panic!("resume") };
    let connection = context.finish_resumed_with(resuming, [], 1003, &mut app);
    assert_eq!(*connection.session().expect("the resumed one").id(), id(1));
}

#[test]
fn a_stateless_ticket_is_a_miss_and_its_session_is_judged_like_any_other() {
    let (context, mut app) = context(SERVER);
    assert!(matches!(opened(&context, None, 1000), Begun::Full(_)));
    assert!(matches!(opened(&context, Some(in_ticket(1, 1000, 10)), 1000), Begun::Resume(_)));
    assert!(matches!(opened(&context, Some(in_ticket(1, 900, 10)), 1000), Begun::Full(_)));
    context.set_session_id_context(b"app");
    assert!(matches!(opened(&context, Some(in_ticket(1, 1000, 10)), 1000), Begun::Full(_)));
    // Found in no cache: neither asked for outside, nor expired in one, nor told.
    assert_eq!((looked_up(&context), app.told(), context.counters().accept), ([1, 0, 4, 0], vec![], 4));
}

#[test]
fn an_expired_ticket_fails_where_a_peer_is_to_be_verified_without_id_context() {
    let (context, _) = context(SERVER);
    context.set_verify_peer(true);
    for time in [900, 1000] {
        assert!(matches!(opened(&context, Some(in_ticket(1, time, 10)), 1000), Begun::Fail));
    }
    assert!(matches!(opened(&context, None, 1000), Begun::Full(_)));
}

#[test]
fn a_stateless_ticket_of_another_protocol_is_none() {
    let (context, _) = context(SERVER);
    let begun = context.begin_accept_stateless(Some(in_ticket(1, 1000, 10)), Protocol::TLS1_2, 1000);
    assert!(matches!(begun, Begun::Full(_)));
}

#[test]
fn up_to_tls_1_2_a_server_that_sends_a_ticket_keeps_no_session() {
    let (context, mut app) = context(SERVER);
    let Begun::Full(negotiating) = context.begin_accept_stateless(None, Protocol::TLS1_2, 1000) else { panic!("full") };
    let connection = context.finish_stateless(negotiating, 1000, &mut app);
    assert!(connection.session().is_none() && !connection.reused());
    assert_eq!((app.told(), context.counters().accept_good, context.counters().number), (vec![], 1, 0));
}

fn connecting(context: &session_cache::Context<()>, offered: Option<&Shared>) -> Connecting<()> {
    context.begin_connect(offered, Protocol::TLS1_3, 1000)
}

#[test]
fn a_client_caches_what_each_ticket_stands_for_and_reuses_only_what_it_proposed() {
    let (context, mut app) = context(CacheMode::CLIENT);
    let tickets = [ticket(1, true), ticket(2, true)];
    let finished = context.finish_connect_with(connecting(&context, None), false, tickets, 1001, &mut app);
    let last = Arc::clone(finished.expect("new").session().expect("the last ticket's"));
    assert_eq!((app.told(), *last.id(), last.time()), (vec![Told::New(id(1)), Told::New(id(2))], id(2), 1001));
    let reused = context.finish_connect_with(connecting(&context, Some(&last)), true, [], 1002, &mut app);
    assert!(Arc::ptr_eq(reused.expect("it was proposed").session().expect("the old one"), &last));
    let not = context.finish_connect_with(connecting(&context, None), true, [], 1002, &mut app);
    assert!(matches!(not, Err(NotProposed { .. })));
    let Counters { hits, connect, connect_good, number, .. } = context.counters();
    assert_eq!([hits, connect, connect_good, number], [1, 3, 2, 2]);
}

#[test]
fn up_to_tls_1_2_a_clients_session_is_as_old_as_its_ticket() {
    let (context, mut app) = context(CacheMode::CLIENT);
    let connecting = context.begin_connect(None, Protocol::TLS1_2, 1000);
    let connection = context.finish_connect_stateless(connecting, ticket(1, true), 1005, &mut app);
    let made = Arc::clone(connection.session().expect("the ticket's"));
    assert_eq!((made.time(), context.contains(&made), app.told()), (1005, true, vec![Told::New(id(1))]));
    context.close(connection, Close::Unclean, &mut app);
    assert_eq!((context.contains(&made), app.told()), (false, vec![Told::Removed(id(1), Why::Unclean)]));
}
