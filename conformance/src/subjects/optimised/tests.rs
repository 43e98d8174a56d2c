use session_model::application::{ExternalPolicy, NewScript};

use super::*;
use crate::op::{Accept, At, Makes, Name, Propose, SessionSpec};
use crate::subject::Subject;
use crate::trace::{Names, Shown, Trace};
use crate::transcript::{Answer, Ending, Event};

const SERVER: ContextRef = ContextRef(0);

fn run(ops: Vec<Op>) -> Transcript {
    let new = Some(NewScript { first: Vec::new(), then: false });
    let context = ContextSetup {
        callbacks: Callbacks { new, get: None, remove: true },
        external: ExternalPolicy::default(),
        ..ContextSetup::default()
    };
    let session = SessionSpec {
        context: SERVER,
        id: SessionId::new(&[1]).expect("1 byte"),
        protocol: session_model::Protocol::Tls12,
        time: None,
        timeout: Timeout(300),
        id_context: IdContext::default(),
    };
    let setup = Setup { clock: Time(1000), contexts: vec![context], sessions: vec![session], hazards: false };
    let mut out = Transcript::default();
    optimised().run(&Trace { setup, ops, shown: Shown::Steps, names: Names::default() }, &mut out);
    assert_eq!(out.ending, Ending::Completed);
    out
}

fn handshake(propose: Propose) -> Op {
    let (mechanism, makes) = (Mechanism::Ids, Makes::UNNAMED);
    let accept = Accept { context: SERVER, client: None, mechanism, propose, id_context: None, switch_to: None, makes };
    Op::Handshake(accept, Close::Clean)
}

#[test]
fn a_session_that_is_added_is_resumed_until_it_has_expired() {
    let out = run(vec![
        Op::AddSession { context: SERVER, session: Name(0), synonym: false },
        Op::AddSession { context: SERVER, session: Name(0), synonym: false },
        Op::Advance(300),
        handshake(Propose::Session(Name(0))),
        Op::FlushSessions { context: SERVER, at: At::Now(0), synonym: false },
        Op::Advance(1),
        Op::FlushSessions { context: SERVER, at: At::Now(0), synonym: false },
    ]);
    let answers: Vec<_> = out.steps.iter().take(7).map(|step| step.answer).collect();
    let (one, zero, none) = (Answer::Returns(1), Answer::Returns(0), Answer::Nothing);
    assert_eq!(answers, [one, zero, none, one, none, none, none]);
    assert_eq!(out.events, [Event::Remove(SERVER, SessionRef(0))]);
    // The trace has held it all along; its own reference is dropped in the last phase.
    assert_eq!(out.destroyed, [SessionRef(0)]);
    assert!(out.step(6).is_some_and(|step| step.destroyed.is_empty()));
}

#[test]
fn a_new_session_that_the_application_refuses_is_destroyed_with_its_connection() {
    let out = run(vec![handshake(Propose::Nothing)]);
    let made = SessionRef(1);
    assert_eq!(out.events, [Event::New(SERVER, made, false), Event::Remove(SERVER, made)]);
    assert_eq!(out.step(0).expect("one step").destroyed, [made]);
}
