//! What the public types promise to who holds them, whatever they do: threads, messages, references.

use std::error::Error;
use std::fmt::Debug;
use std::sync::Arc;

use session_cache::{
    Added, Application, Asking, Begun, CacheMode, Cached, Close, Connecting, Connection, Context, Counters, IdContext,
    InternalCache, Left, Negotiating, NewSession, NotProposed, NotWhole, Outcome, Proposal, Protocol, Resuming,
    Session, SessionId, Ticket, Why,
};

use crate::common::{context, id, session};

fn goes_between_threads<T: Send + Sync + Debug + 'static>() {}

fn is_plain<T: Send + Sync + Debug + Copy + Eq + 'static>() {}

fn is_an_error<T: Error + Send + Sync + Clone + Eq + 'static>() {}

#[test]
fn every_type_goes_between_threads_and_shows_itself() {
    goes_between_threads::<Context<Vec<u8>>>();
    goes_between_threads::<InternalCache<Vec<u8>>>();
    goes_between_threads::<Session<Vec<u8>>>();
    goes_between_threads::<Left<Vec<u8>>>();
    goes_between_threads::<Begun<Vec<u8>>>();
    goes_between_threads::<Resuming<Vec<u8>>>();
    goes_between_threads::<Asking>();
    goes_between_threads::<Negotiating>();
    goes_between_threads::<Connecting<Vec<u8>>>();
    goes_between_threads::<Connection<Vec<u8>>>();
    goes_between_threads::<Outcome<Vec<u8>>>();
    goes_between_threads::<Ticket<Vec<u8>>>();
}

#[test]
fn what_is_plain_is_copied_and_compared() {
    is_plain::<SessionId>();
    is_plain::<IdContext>();
    is_plain::<CacheMode>();
    is_plain::<Protocol>();
    is_plain::<NewSession>();
    is_plain::<Proposal>();
    is_plain::<Counters>();
    is_plain::<Added>();
    is_plain::<Why>();
    is_plain::<Close>();
}

#[test]
fn errors_are_errors() {
    is_an_error::<Cached>();
    is_an_error::<NotProposed>();
    is_an_error::<NotWhole>();
}

#[test]
fn no_payload_is_shown() {
    let secret = "master secret";
    let new = NewSession::new(id(1), Protocol::TLS1_2, 1000, 300);
    let (context, mut cache) = (Context::new(), InternalCache::new(0));
    let (here, there) = (Arc::new(Session::new(new, secret)), Arc::new(Session::new(new, secret)));
    assert!(context.add_session(&here, &mut ()));
    assert_eq!(cache.add(&there, &mut Vec::new()), Added::Now);
    let begun = context.begin_accept(Proposal::new(Protocol::TLS1_2, Some(id(1))), 1000, &mut ());
    let (ticket, outcome) = (Ticket::new(id(1), secret, true), Outcome::New(id(1), secret));
    let shown = [
        format!("{context:?}"),
        format!("{cache:?}"),
        format!("{here:?}"),
        format!("{begun:?}"),
        format!("{ticket:?}"),
        format!("{outcome:?}"),
    ];
    for shown in shown {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn the_payload_goes_to_who_has_the_last_reference() {
    let session = Arc::new(Session::new(NewSession::new(id(1), Protocol::TLS1_2, 1000, 300), vec![7]));
    let other = Arc::clone(&session);
    assert!(Arc::into_inner(session).is_none());
    assert_eq!(Arc::into_inner(other).map(Session::into_payload), Some(vec![7]));
}

#[test]
fn an_application_serves_through_a_reference_too() {
    let (context, mut app) = context(CacheMode::SERVER);
    let s = session(1, 1000, 300);
    let mut by_reference: &mut dyn Application<()> = &mut app;
    assert!(context.add_session(&s, &mut by_reference));
    assert!(context.remove_session(&s, &mut by_reference));
    assert_eq!(app.told(), [crate::common::Told::Removed(id(1), Why::Removed)]);
}
