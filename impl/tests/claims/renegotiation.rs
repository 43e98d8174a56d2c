//! A further handshake on an established connection.

use std::sync::Arc;

use session_cache::{Begun, CacheMode, Close, Connection, Context, Counters, Outcome, Proposal, Protocol, Why};

use crate::common::*;

const SERVER: CacheMode = CacheMode::SERVER;
const NOTHING: Proposal = Proposal::new(Protocol::TLS1_2, None);

/// A server's renegotiation in which the client proposes this: the connection from then on.
fn again(
    context: &Context<()>,
    connection: &Connection<()>,
    proposal: Proposal,
    new: u8,
    now: i64,
    app: &mut Recorder,
) -> Connection<()> {
    match context.renegotiate_accept(connection, proposal, now, app) {
        Begun::Resume(resuming) => context.finish_resumed(resuming, now, app),
        Begun::Full(negotiating) => context.finish_full(negotiating, id(new), (), now, app),
        Begun::AskExternal(asking) => match context.external(asking, None, app) {
            Begun::Full(negotiating) => context.finish_full(negotiating, id(new), (), now, app),
            _ => panic!("nothing was answered"),
        },
        Begun::Fail => panic!("nobody is to be verified"),
    }
}

#[test]
fn a_renegotiation_is_counted_apart_when_it_is_begun_and_as_any_handshake_when_it_is_finished() {
    let (context, mut app) = context(CacheMode::BOTH);
    let connection = full(&context, 1, 1000, &mut app);
    drop(again(&context, &connection, NOTHING, 2, 1000, &mut app));
    let client = context.begin_connect(None, Protocol::TLS1_2, 1000);
    let client = context.finish_connect(client, Outcome::New(id(3), ()), 1000, &mut app).expect("new");
    let connecting = context.renegotiate_connect(&client, false, Protocol::TLS1_2, 1000);
    drop(context.finish_connect(connecting, Outcome::New(id(4), ()), 1000, &mut app));
    let Counters { accept, accept_good, accept_renegotiate, connect, connect_good, connect_renegotiate, .. } =
        context.counters();
    assert_eq!([accept, accept_good, accept_renegotiate], [1, 2, 1]);
    assert_eq!([connect, connect_good, connect_renegotiate], [1, 2, 1]);
}

#[test]
fn a_server_looks_up_again_and_stores_again() {
    let (context, mut app) = context(SERVER);
    let connection = full(&context, 1, 1000, &mut app);
    let resumed = again(&context, &connection, propose(1), 2, 1300, &mut app);
    assert!(resumed.reused() && looked_up(&context) == [1, 0, 0, 0]);
    let new = again(&context, &resumed, propose(1), 2, 1301, &mut app);
    assert_eq!((new.reused(), looked_up(&context), context.counters().number), (false, [1, 0, 0, 1], 1));
    assert_eq!(app.told(), [Told::New(id(1)), Told::Removed(id(1), Why::Expired), Told::New(id(2))]);
    let removed = Arc::clone(new.session().expect("it has one"));
    assert!(context.remove_session(&removed, &mut app));
    let after = again(&context, &new, propose(2), 3, 1301, &mut app);
    assert_eq!((after.reused(), looked_up(&context), context.counters().number), (false, [1, 0, 1, 1], 1));
}

#[test]
fn a_renegotiation_is_under_the_id_context_of_its_connection() {
    let (context, mut app) = context(SERVER);
    context.set_session_id_context(b"before");
    let connection = full(&context, 1, 1000, &mut app);
    context.set_session_id_context(b"after");
    let resumed = again(&context, &connection, propose(1), 2, 1000, &mut app);
    assert!(resumed.reused());
    let new = again(&context, &resumed, NOTHING, 2, 1000, &mut app);
    assert_eq!(new.session().expect("it has one").id_context().as_bytes(), b"before");
    assert_eq!(begin(&context, 1, None, 1000, &mut app), "full");
}

#[test]
fn a_renegotiation_is_no_connection_to_the_automatic_flush() {
    let (context, mut app) = context(SERVER);
    context.add_session(&session(9, 0, 1), &mut app);
    let mut connection = full(&context, 1, 1000, &mut app);
    for _ in 0..300 {
        connection = again(&context, &connection, propose(1), 2, 1000, &mut app);
    }
    assert_eq!(context.counters().number, 2);
    for _ in 0..254 {
        drop(full(&context, 1, 1000, &mut app));
    }
    assert_eq!(context.counters().number, 1);
}

#[test]
fn a_renegotiation_that_fails_leaves_the_connection_to_be_closed_uncleanly() {
    let (context, mut app) = context(SERVER);
    context.set_verify_peer(true);
    let connection = full(&context, 1, 1000, &mut app);
    let used = Arc::clone(connection.session().expect("it has one"));
    let Begun::Fail = context.renegotiate_accept(&connection, propose(1), 1000, &mut app) else {
        panic!("there is no id context")
    };
    assert!(context.contains(&used) && used.is_resumable());
    context.close(connection, Close::Unclean, &mut app);
    assert!(!context.contains(&used) && !used.is_resumable());
}

#[test]
fn a_client_proposes_the_session_of_its_connection_if_it_is_to_and_can() {
    let (context, mut app) = context(CacheMode::CLIENT);
    let connecting = context.begin_connect(None, Protocol::TLS1_2, 1000);
    let connection = context.finish_connect(connecting, Outcome::New(id(1), ()), 1000, &mut app).expect("new");
    let used = Arc::clone(connection.session().expect("it has one"));
    let proposed = |abbreviated| {
        let connecting = context.renegotiate_connect(&connection, abbreviated, Protocol::TLS1_2, 1000);
        connecting.proposed().map(|session| *session.id())
    };
    assert_eq!([proposed(true), proposed(false)], [Some(id(1)), None]);
    assert!(context.remove_session(&used, &mut app));
    assert_eq!(proposed(true), None);
}

#[test]
fn a_stateless_ticket_is_renegotiated_with_too() {
    let (context, mut app) = context(SERVER);
    let Begun::Full(negotiating) = context.begin_accept_stateless(None, Protocol::TLS1_2, 1000) else { panic!("full") };
    let connection = context.finish_stateless(negotiating, 1000, &mut app);
    let opened = Arc::into_inner(session(1, 1000, 300));
    let Begun::Resume(_) = context.renegotiate_accept_stateless(&connection, opened, Protocol::TLS1_2, 1000) else {
        panic!("it has not expired")
    };
    let Counters { accept, accept_renegotiate, hits, misses, .. } = context.counters();
    assert_eq!([accept, accept_renegotiate, hits, misses], [1, 1, 1, 2]);
}
