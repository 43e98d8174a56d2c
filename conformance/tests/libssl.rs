//! The machine's libssl, driven through traces. Where there is none, the tests say so and claim nothing.
//!
//! What is asserted here is what OpenSSL 3.0 does, also where the pages say otherwise.

use sesscheck::op::{Accept, At, Close, Connection, Makes, Name, Op, Propose, Renegotiate, Renegotiation, SessionSpec};
use sesscheck::subject::Subject;
use sesscheck::subjects::libssl::{LoadError, load, locate, subject};
use sesscheck::trace::{ContextSetup, Names, Setup, Shown, Trace};
use sesscheck::transcript::{Answer, Counter, Ending, Event, Member, Seen, Transcript, id_digest};
use session_model::application::{Callbacks, Copy, ExternalPolicy, GetScript, NewScript};
use session_model::{CacheMode, ContextRef, IdContext, Mechanism, Protocol, SessionId, SessionRef, Time, Timeout};

const SERVER: ContextRef = ContextRef(0);
const CLIENT: ContextRef = ContextRef(1);
const NOW: Time = Time(1000);

/// The machine's libssl; `None`: there is none, or it is of another series.
fn libssl() -> Option<impl Subject> {
    let Some(path) = locate() else {
        eprintln!("not run: no libssl found");
        return None;
    };
    let (subject, version) = subject(&path).expect("the machine's libssl can be loaded");
    if !version.starts_with("OpenSSL 3.0.") {
        eprintln!("not run: what is asserted here is of 3.0, and this is {version}");
        return None;
    }
    Some(subject)
}

/// Runs a trace on the machine's libssl; `None`: there is none.
fn run(trace: &Trace) -> Option<Transcript> {
    let mut libssl = libssl()?;
    let mut out = Transcript::default();
    libssl.run(trace, &mut out);
    assert_eq!(out.ending, Ending::Completed);
    assert_destroyed_exactly_once(&out);
    Some(out)
}

/// Whatever a trace does, each object is destroyed once, and what its names stood for is gone at the end.
fn assert_destroyed_exactly_once(out: &Transcript) {
    let mut destroyed = out.destroyed.clone();
    destroyed.sort_unstable();
    let all = destroyed.len();
    destroyed.dedup();
    assert_eq!(destroyed.len(), all, "an object is destroyed twice");
    let named = (0..out.steps.len()).flat_map(|n| step(out, n).members.iter().map(|member| member.session));
    for session in named {
        assert!(destroyed.contains(&session), "{session:?} is never destroyed");
    }
}

fn trace(contexts: &[ContextSetup], sessions: &[SessionSpec], ops: Vec<Op>) -> Trace {
    let setup = Setup { clock: NOW, contexts: contexts.to_vec(), sessions: sessions.to_vec(), hazards: false };
    Trace { setup, ops, shown: Shown::Everything, names: Names::default() }
}

fn step(out: &Transcript, n: usize) -> Seen<'_> {
    out.step(n).expect("the run has this step")
}

fn id(byte: u8) -> SessionId {
    SessionId::new(&[byte]).expect("one byte is an id")
}

/// A session that the server's context may cache, with a timeout of 300 seconds.
fn session(byte: u8) -> SessionSpec {
    SessionSpec {
        context: SERVER,
        id: id(byte),
        protocol: Protocol::Tls12,
        time: None,
        timeout: Timeout(300),
        id_context: IdContext::default(),
    }
}

/// A context with all callbacks: sessions made are not kept, the external cache answers with copy flag 1.
fn recording() -> ContextSetup {
    let callbacks = Callbacks { new: Some(NewScript::default()), get: Some(GetScript::default()), remove: true };
    ContextSetup { callbacks, ..ContextSetup::default() }
}

fn add(name: u32) -> Op {
    Op::AddSession { context: SERVER, session: Name(name), synonym: false }
}

fn remove(name: u32) -> Op {
    Op::RemoveSession { context: SERVER, session: Name(name), synonym: false }
}

fn flush(at: At) -> Op {
    Op::FlushSessions { context: SERVER, at, synonym: false }
}

/// A handshake of the unobserved peer; the server's session gets the name.
fn accept(propose: Propose, name: Option<u32>) -> Accept {
    Accept {
        context: SERVER,
        client: None,
        mechanism: Mechanism::Ids,
        propose,
        id_context: None,
        switch_to: None,
        makes: Makes::first(name.map(Name), None),
    }
}

fn handshake(propose: Propose, name: Option<u32>) -> Op {
    Op::Handshake(accept(propose, name), Close::Clean)
}

/// The objects in the server's internal cache after a step.
fn members(out: &Transcript, n: usize) -> Vec<u32> {
    let cached = step(out, n).members.iter().filter(|member| member.context == Some(SERVER));
    cached.map(|member| member.session.0).collect()
}

/// What a step shows of an object that the trace names.
fn object(out: &Transcript, n: usize, session: u32) -> Member {
    let mut named = step(out, n).members.iter().filter(|member| member.context.is_none());
    *named.find(|member| member.session.0 == session).expect("the trace names it")
}

/// A counter of a context after a step.
fn counter(out: &Transcript, n: usize, context: ContextRef, counter: Counter) -> i64 {
    let changes = (0..=n).rev().flat_map(|n| step(out, n).counters.iter().copied());
    let mut of_this = changes.filter(|change| change.context == context && change.counter == counter);
    of_this.next().map_or(0, |change| change.value)
}

#[test]
fn it_is_named_as_on_the_command_line() {
    let Some(path) = locate() else { return eprintln!("not run: no libssl found") };
    assert!(path.is_absolute());
    let (machine, version) = subject(&path).expect("it loads");
    assert_eq!(machine.name(), "libssl");
    assert!(version.starts_with("OpenSSL "), "{version}");
    // The same file by another name is not loaded again.
    let (directory, file) = path.parent().zip(path.file_name()).expect("a file in a directory");
    let up_and_down = directory.join("..").join(directory.file_name().expect("not the root"));
    let other = up_and_down.join(file);
    let (named, _) = subject(&other).expect("it is loaded");
    assert_eq!(named.name(), format!("libssl:{}", other.display()));
}

#[test]
fn a_second_library_in_one_process_is_refused() {
    let Some(path) = locate() else {
        return eprintln!("not run: no libssl found");
    };
    load(&path).expect("it loads");
    let other = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    assert!(matches!(load(&other), Err(LoadError::Another { .. })));
    let absent = other.with_file_name("libssl.so.absent");
    assert!(matches!(load(&absent), Err(LoadError::Open { .. })));
}

// Right by the page: nothing changes.
#[test]
fn adding_the_identical_session_again_changes_its_place() {
    let flushed = |ops: &[Op]| {
        let out = run(&trace(&[recording()], &[session(1), session(2)], ops.to_vec()))?;
        assert_eq!(step(&out, ops.len() - 2).answer, Answer::Returns(i64::from(ops.len() == 3)));
        Some(step(&out, ops.len() - 1).events.to_vec())
    };
    let [one, other] = [0, 1].map(|n| Event::Remove(SERVER, SessionRef(n)));
    let Some(in_order) = flushed(&[add(0), add(1), flush(At::Now(301))]) else {
        return;
    };
    assert_eq!(in_order, [one, other]);
    let again = flushed(&[add(0), add(1), add(0), flush(At::Now(301))]);
    assert_eq!(again, Some(vec![other, one]));
}

// Right by the page: at 0 nothing has expired.
#[test]
fn flushing_at_0_empties_the_cache() {
    let ops = vec![add(0), add(1), flush(At::Absolute(Time(0)))];
    let Some(out) = run(&trace(&[recording()], &[session(1), session(2)], ops)) else {
        return;
    };
    assert_eq!(members(&out, 1), [0, 1]);
    assert!(members(&out, 2).is_empty());
    assert_eq!(step(&out, 2).answer, Answer::Nothing);
    assert_eq!(step(&out, 2).events.len(), 2);
}

#[test]
fn a_session_is_flushed_after_its_last_second() {
    let ops = vec![add(0), flush(At::Now(300)), flush(At::Now(301))];
    let Some(out) = run(&trace(&[recording()], &[session(1)], ops)) else {
        return;
    };
    assert_eq!(members(&out, 1), [0]);
    assert!(members(&out, 2).is_empty());
    assert_eq!(step(&out, 2).events, [Event::Remove(SERVER, SessionRef(0))]);
}

// Right by the page: no other effect.
#[test]
fn removing_a_session_that_is_not_cached_marks_it_and_calls_back() {
    let Some(out) = run(&trace(&[recording()], &[session(1)], vec![Op::Probe, remove(0)])) else {
        return;
    };
    assert!(object(&out, 0, 0).resumable);
    assert_eq!(step(&out, 1).answer, Answer::Returns(0));
    assert_eq!(step(&out, 1).events, [Event::Remove(SERVER, SessionRef(0))]);
    assert!(!object(&out, 1, 0).resumable);
}

// Right by the page: use sets the time.
#[test]
fn update_time_leaves_the_time_of_a_session_resumed_from_the_internal_cache() {
    let mode = Some(CacheMode::SERVER | CacheMode::UPDATE_TIME);
    let context = ContextSetup { mode, ..ContextSetup::default() };
    let ops = vec![add(0), Op::Advance(10), handshake(Propose::Session(Name(0)), None)];
    let Some(out) = run(&trace(&[context], &[session(1)], ops)) else {
        return;
    };
    assert_eq!(step(&out, 2).answer, Answer::Returns(1));
    assert_eq!(object(&out, 2, 0).time, 1000);
}

#[test]
fn the_automatic_flush_runs_during_handshake_256() {
    let ops = vec![add(0), Op::Advance(301), Op::Repeat(256, vec![handshake(Propose::Nothing, None)])];
    let mut trace = trace(&[recording()], &[session(1)], ops);
    trace.shown = Shown::Steps;
    let Some(out) = run(&trace) else { return };
    let removed = Event::Remove(SERVER, SessionRef(0));
    let flushed = (0..out.steps.len()).find(|n| step(&out, *n).events.contains(&removed));
    assert_eq!(flushed, Some(2 + 255));
}

#[test]
fn a_session_that_a_handshake_made_is_resumed() {
    let propose = Propose::Session(Name(0));
    let ops = vec![handshake(Propose::Nothing, Some(0)), handshake(propose, None), handshake(propose, Some(1))];
    let Some(out) = run(&trace(&[recording()], &[], ops)) else {
        return;
    };
    assert_eq!(step(&out, 0).answer, Answer::Returns(0));
    assert_eq!(step(&out, 0).events, [Event::New(SERVER, SessionRef(0), false)]);
    assert_eq!(members(&out, 0), [0]);
    let made = object(&out, 0, 0);
    // Right by the page: 300 seconds.
    assert_eq!((made.time, made.timeout, made.resumable), (1000, 7200, true));
    assert_eq!(step(&out, 1).answer, Answer::Returns(1));
    assert_eq!(step(&out, 1).events, []);
    assert_eq!(step(&out, 2).answer, Answer::Returns(1));
    assert_eq!(counter(&out, 2, SERVER, Counter::Accept), 3);
    assert_eq!(counter(&out, 2, SERVER, Counter::AcceptGood), 3);
    assert_eq!(counter(&out, 2, SERVER, Counter::Hits), 2);
}

#[test]
fn a_hand_made_session_is_resumed_at_any_time_of_the_world() {
    let ops = vec![
        add(0),
        handshake(Propose::Session(Name(0)), None),
        handshake(Propose::Id(id(1)), None),
        handshake(Propose::Id(id(2)), None),
        Op::SetClock(Time(900_000_000)),
        Op::SessionSetTime(Name(0), Time(900_000_000)),
        handshake(Propose::Session(Name(0)), None),
        Op::Advance(300),
        handshake(Propose::Session(Name(0)), None),
        Op::Advance(1),
        handshake(Propose::Session(Name(0)), None),
    ];
    let Some(out) = run(&trace(&[ContextSetup::default()], &[session(1)], ops)) else {
        return;
    };
    let answers = [1, 2, 3, 6, 8, 10].map(|n| step(&out, n).answer);
    assert_eq!(answers, [1, 1, 0, 1, 1, 0].map(Answer::Returns));
    assert_eq!(counter(&out, 10, SERVER, Counter::Timeouts), 1);
    assert_eq!(counter(&out, 10, SERVER, Counter::Misses), 1);
}

#[test]
fn a_session_of_another_protocol_or_id_context_is_not_resumed() {
    let old = SessionSpec { protocol: Protocol::Tls11, ..session(1) };
    let foreign = SessionSpec { id_context: IdContext::new(b"app").expect("3 bytes"), ..session(2) };
    let ops = vec![
        add(0),
        add(1),
        handshake(Propose::Session(Name(0)), None),
        handshake(Propose::Session(Name(1)), None),
        Op::SetSessionIdContext(SERVER, sesscheck::op::LongIdContext::new(b"app").expect("3 bytes")),
        handshake(Propose::Session(Name(1)), None),
        Op::SetSessionIdContext(SERVER, sesscheck::op::LongIdContext::new(&[0; 33]).expect("33 bytes")),
        handshake(Propose::Session(Name(1)), None),
    ];
    let Some(out) = run(&trace(&[ContextSetup::default()], &[old, foreign], ops)) else {
        return;
    };
    let answers = [2, 3, 4, 5, 6, 7].map(|n| step(&out, n).answer);
    assert_eq!(answers, [0, 0, 1, 1, 0, 1].map(Answer::Returns));
}

#[test]
fn a_found_session_without_id_context_fails_the_handshake_of_a_server_that_verifies_its_peer() {
    let context = ContextSetup { verify_peer: true, ..ContextSetup::default() };
    let begin = Op::AcceptBegin(Connection(0), accept(Propose::Session(Name(0)), None));
    let ops = vec![add(0), begin, handshake(Propose::Nothing, None)];
    let Some(out) = run(&trace(&[context], &[session(1)], ops)) else {
        return;
    };
    assert_eq!(step(&out, 1).answer, Answer::Returns(-1));
    assert_eq!(step(&out, 2).answer, Answer::Returns(0));
}

#[test]
fn an_observed_client_stores_and_proposes_its_own_session() {
    let client = ContextSetup { mode: Some(CacheMode::CLIENT), ..recording() };
    let both = |propose, server: Option<u32>, own: Option<u32>| {
        let makes = Makes::first(server.map(Name), own.map(Name));
        let accept = Accept { client: Some(CLIENT), makes, ..accept(propose, server) };
        Op::Handshake(accept, Close::Clean)
    };
    let ops = vec![
        both(Propose::Nothing, Some(0), Some(1)),
        both(Propose::Session(Name(1)), None, None),
        // The server's own object is not the client's to propose.
        both(Propose::Session(Name(0)), None, None),
        handshake(Propose::Session(Name(1)), None),
    ];
    let Some(out) = run(&trace(&[recording(), client], &[], ops)) else {
        return;
    };
    let new = [Event::New(SERVER, SessionRef(0), false), Event::New(CLIENT, SessionRef(1), false)];
    assert_eq!(step(&out, 0).events, new);
    assert_eq!(step(&out, 1).answer, Answer::Returns(1));
    assert_eq!(counter(&out, 1, CLIENT, Counter::Hits), 1);
    assert_eq!(counter(&out, 1, CLIENT, Counter::ConnectGood), 2);
    assert_eq!(step(&out, 2).answer, Answer::Absent);
    // The unobserved peer has the secrets of the client's object too.
    assert_eq!(step(&out, 3).answer, Answer::Returns(1));
}

#[test]
fn a_stateful_ticket_is_looked_up_when_it_has_32_bytes() {
    let session = |id: &[u8]| {
        let id = SessionId::new(id).expect("1 to 32 bytes");
        SessionSpec { id, protocol: Protocol::Tls13, ..session(0) }
    };
    let with =
        |propose| Op::Handshake(Accept { mechanism: Mechanism::Stateful(0), ..accept(propose, None) }, Close::Clean);
    let ops = vec![
        add(0),
        add(1),
        with(Propose::Session(Name(0))),
        with(Propose::Session(Name(1))),
        with(Propose::Id(id(2))),
    ];
    let sessions = [session(&[1; 32]), session(&[1; 31])];
    let Some(out) = run(&trace(&[recording()], &sessions, ops)) else {
        return;
    };
    assert_eq!([2, 3, 4].map(|n| step(&out, n).answer), [1, 0, 0].map(Answer::Returns));
    assert_eq!(members(&out, 4), [0, 1]);
    assert_eq!(counter(&out, 4, SERVER, Counter::Misses), 0);
    // Nobody is asked.
    assert!((2..5).all(|n| step(&out, n).events.is_empty()));
}

#[test]
fn a_switched_connection_calls_back_and_caches_where_it_began() {
    let accept = Accept { switch_to: Some(CLIENT), ..accept(Propose::Nothing, Some(0)) };
    let ops = vec![Op::Handshake(accept, Close::Clean), handshake(Propose::Session(Name(0)), None)];
    let Some(out) = run(&trace(&[recording(), recording()], &[], ops)) else {
        return;
    };
    assert_eq!(step(&out, 0).events, [Event::New(SERVER, SessionRef(0), false)]);
    assert_eq!(counter(&out, 0, CLIENT, Counter::AcceptGood), 1);
    assert_eq!(step(&out, 1).answer, Answer::Returns(1));
}

#[test]
fn a_connections_own_id_context_decides_what_it_resumes() {
    let own = IdContext::new(b"web");
    let with = |propose, name| Op::Handshake(Accept { id_context: own, ..accept(propose, name) }, Close::Clean);
    let ops = vec![
        with(Propose::Nothing, Some(0)),
        handshake(Propose::Session(Name(0)), None),
        with(Propose::Session(Name(0)), None),
    ];
    let Some(out) = run(&trace(&[recording()], &[], ops)) else {
        return;
    };
    let answers = [0, 1, 2].map(|n| step(&out, n).answer);
    assert_eq!(answers, [0, 0, 1].map(Answer::Returns));
}

#[test]
fn an_unclean_close_removes_the_session_and_a_clean_one_does_not() {
    let unclean = |propose, name| Op::Handshake(accept(propose, name), Close::Unclean);
    let ops = vec![handshake(Propose::Nothing, Some(0)), unclean(Propose::Session(Name(0)), None)];
    let Some(out) = run(&trace(&[recording()], &[], ops)) else {
        return;
    };
    assert_eq!(members(&out, 0), [0]);
    assert!(object(&out, 0, 0).resumable);
    assert_eq!(step(&out, 1).answer, Answer::Returns(1));
    assert_eq!(step(&out, 1).events, [Event::Remove(SERVER, SessionRef(0))]);
    assert!(members(&out, 1).is_empty());
    assert!(!object(&out, 1, 0).resumable);
}

#[test]
fn both_observed_ends_of_an_unclean_close_remove_their_session_the_server_first() {
    let client = ContextSetup { mode: Some(CacheMode::CLIENT), ..recording() };
    let accept = Accept { client: Some(CLIENT), ..accept(Propose::Nothing, Some(0)) };
    let ops = vec![
        Op::AcceptBegin(Connection(0), accept),
        Op::AcceptFinish(Connection(0)),
        Op::Close(Connection(0), Close::Unclean),
    ];
    let Some(out) = run(&trace(&[recording(), client], &[], ops)) else {
        return;
    };
    assert_eq!(step(&out, 0).events, []);
    assert_eq!(step(&out, 1).answer, Answer::Returns(0));
    let removed = [Event::Remove(SERVER, SessionRef(0)), Event::Remove(CLIENT, SessionRef(1))];
    assert_eq!(step(&out, 2).events, removed);
    assert_eq!(step(&out, 2).destroyed, [SessionRef(1)]);
}

#[test]
fn a_renegotiation_proposes_nothing_unless_it_is_abbreviated_or_the_server_asks_for_it() {
    let client = ContextSetup { mode: Some(CacheMode::CLIENT), ..recording() };
    let accept = Accept { client: Some(CLIENT), ..accept(Propose::Nothing, Some(0)) };
    let again = |kind, name: Option<u32>| {
        let makes = Makes::first(name.map(Name), None);
        Op::Renegotiate(Connection(0), Renegotiate { kind, makes })
    };
    let ops = vec![
        Op::AcceptBegin(Connection(0), accept),
        Op::AcceptFinish(Connection(0)),
        again(Renegotiation::Abbreviated, None),
        again(Renegotiation::New, Some(1)),
        again(Renegotiation::Requested, None),
    ];
    let Some(out) = run(&trace(&[recording(), client], &[], ops)) else {
        return;
    };
    assert_eq!([2, 3, 4].map(|n| step(&out, n).answer), [1, 0, 1].map(Answer::Returns));
    assert_eq!(members(&out, 2), [0]);
    // Two numbers for the first handshake, two for the abbreviated one, which makes nothing.
    assert_eq!(members(&out, 3), [0, 4]);
    assert_eq!(members(&out, 4), [0, 4]);
}

#[test]
fn a_renegotiation_that_fails_removes_the_session_of_both_ends() {
    let server = ContextSetup { verify_peer: true, ..recording() };
    let client = ContextSetup { mode: Some(CacheMode::CLIENT), ..recording() };
    let accept = Accept { client: Some(CLIENT), ..accept(Propose::Nothing, Some(0)) };
    let ops = vec![
        Op::AcceptBegin(Connection(0), accept),
        Op::AcceptFinish(Connection(0)),
        Op::AddSession { context: SERVER, session: Name(0), synonym: false },
        Op::Renegotiate(
            Connection(0),
            Renegotiate { kind: Renegotiation::Abbreviated, makes: Makes::first(None, None) },
        ),
        Op::Close(Connection(0), Close::Clean),
    ];
    let Some(out) = run(&trace(&[server, client], &[], ops)) else {
        return;
    };
    assert_eq!(members(&out, 2), [0]);
    assert_eq!(step(&out, 3).answer, Answer::Returns(-1));
    let removed = [Event::Remove(SERVER, SessionRef(0)), Event::Remove(CLIENT, SessionRef(1))];
    assert_eq!((step(&out, 3).events, members(&out, 3)), (&removed[..], vec![]));
    assert!(!object(&out, 3, 0).resumable);
    assert_eq!(step(&out, 4).answer, Answer::Absent);
}

#[test]
fn what_a_failed_renegotiation_opened_is_not_what_it_would_have_made() {
    let client = ContextSetup { mode: Some(CacheMode::CLIENT), ..recording() };
    let makes = Makes::first(None, Some(Name(0)));
    let accept =
        Accept { client: Some(CLIENT), mechanism: Mechanism::Tickets, makes, ..accept(Propose::Nothing, None) };
    let again = Renegotiate { kind: Renegotiation::Abbreviated, makes: Makes::UNNAMED };
    let ops = vec![
        Op::AcceptBegin(Connection(0), accept),
        Op::AcceptFinish(Connection(0)),
        Op::SessionSetIdContext(Name(0), IdContext::new(b"other").expect("it is short")),
        Op::Renegotiate(Connection(0), again),
    ];
    let Some(out) = run(&trace(&[recording(), client], &[], ops)) else {
        return;
    };
    // The client gives up a session of another id context. A handshake with tickets takes nine numbers: of the second
    // one 9 would be the server's new session, 17 is what it has made of the ticket.
    assert_eq!(step(&out, 3).answer, Answer::Returns(-1));
    assert_eq!(step(&out, 3).events, [Event::Remove(CLIENT, SessionRef(4)), Event::Remove(SERVER, SessionRef(17))]);
}

#[test]
fn the_external_cache_answers_with_each_copy_flag() {
    for copy in [Copy::Unset, Copy::Zero, Copy::One] {
        let callbacks = Callbacks { new: None, get: Some(GetScript { first: vec![], then: copy }), remove: true };
        let external = ExternalPolicy { stores_new: true, forgets_removed: true };
        let mode = Some(CacheMode::SERVER | CacheMode::NO_INTERNAL_LOOKUP);
        let context = ContextSetup { mode, callbacks, external, ..ContextSetup::default() };
        let ops = vec![
            Op::ExternalStore(SERVER, Name(0)),
            handshake(Propose::Session(Name(0)), None),
            handshake(Propose::Id(id(2)), None),
            Op::Release(Name(0)),
            remove_all(),
        ];
        let Some(out) = run(&trace(&[context], &[session(1)], ops)) else {
            return;
        };
        assert_eq!(step(&out, 1).answer, Answer::Returns(1), "{copy:?}");
        assert_eq!(step(&out, 1).events, [Event::Get(SERVER, id_digest(&[1]), Some(SessionRef(0)))]);
        // Copied into the internal cache.
        assert_eq!(members(&out, 1), [0]);
        assert_eq!(step(&out, 2).events, [Event::Get(SERVER, id_digest(&[2]), None)]);
        assert_eq!(counter(&out, 2, SERVER, Counter::CbHits), 1);
        assert_eq!(step(&out, 3).destroyed, []);
        // The cache lets go of it, and so does the application, which is told: that was the last reference.
        assert_eq!(step(&out, 4).destroyed.first(), Some(&SessionRef(0)), "{copy:?}");
    }
}

fn remove_all() -> Op {
    flush(At::Absolute(Time(1_000_000)))
}

#[test]
fn what_new_session_cb_keeps_is_freed_when_the_application_lets_go() {
    let new = Some(NewScript { first: vec![true], then: false });
    let callbacks = Callbacks { new, get: None, remove: false };
    let mode = Some(CacheMode::SERVER | CacheMode::NO_INTERNAL_STORE);
    let context = ContextSetup { mode, callbacks, ..ContextSetup::default() };
    let ops = vec![
        handshake(Propose::Nothing, None),
        handshake(Propose::Nothing, None),
        Op::SetCallbacks(SERVER, Callbacks::default()),
        handshake(Propose::Nothing, None),
        Op::ApplicationRelease(SERVER),
    ];
    let Some(out) = run(&trace(&[context], &[], ops)) else {
        return;
    };
    assert_eq!(step(&out, 0).events, [Event::New(SERVER, SessionRef(0), true)]);
    assert_eq!(step(&out, 0).destroyed, []);
    assert_eq!(step(&out, 1).events, [Event::New(SERVER, SessionRef(2), false)]);
    assert_eq!(step(&out, 1).destroyed, [SessionRef(2)]);
    assert_eq!(step(&out, 3).events, []);
    assert_eq!(step(&out, 3).destroyed, [SessionRef(4)]);
    assert_eq!(step(&out, 4).destroyed, [SessionRef(0)]);
}

#[test]
fn an_aborted_handshake_leaves_the_cache_as_it_was() {
    let ops = vec![
        add(0),
        Op::AcceptBegin(Connection(0), accept(Propose::Session(Name(0)), None)),
        Op::AcceptBegin(Connection(1), accept(Propose::Nothing, Some(1))),
        Op::AcceptAbort(Connection(0)),
        Op::AcceptAbort(Connection(1)),
        handshake(Propose::Session(Name(0)), None),
        Op::AcceptBegin(Connection(2), accept(Propose::Session(Name(0)), None)),
    ];
    let Some(out) = run(&trace(&[recording()], &[session(1)], ops)) else {
        return;
    };
    assert_eq!([1, 2, 5, 6].map(|n| step(&out, n).answer), [1, 0, 1, 1].map(Answer::Returns));
    for n in [3, 4] {
        assert_eq!(step(&out, n).answer, Answer::Nothing);
        assert_eq!(step(&out, n).events, []);
        assert_eq!(step(&out, n).destroyed, []);
        assert_eq!(members(&out, n), [0]);
    }
    assert_eq!(out.destroyed, [SessionRef(0)]);
}

#[test]
fn a_freed_context_calls_back_for_its_members_and_a_named_session_outlives_it() {
    let ops = vec![add(0), Op::CtxFree(SERVER), Op::IsResumable(Name(0)), Op::Free(Name(0))];
    let Some(out) = run(&trace(&[recording()], &[session(1)], ops)) else {
        return;
    };
    assert_eq!(step(&out, 1).events, [Event::Remove(SERVER, SessionRef(0))]);
    assert_eq!(step(&out, 1).destroyed, []);
    assert!(matches!(step(&out, 2).answer, Answer::Returns(_)));
    assert_eq!(step(&out, 3).destroyed, [SessionRef(0)]);
}

#[test]
fn a_synonym_that_the_library_does_not_have_is_refused() {
    let synonym = Op::AddSession { context: SERVER, session: Name(0), synonym: true };
    let trace = trace(&[ContextSetup::default()], &[session(1)], vec![add(0), synonym]);
    let Some(mut libssl) = libssl() else {
        return;
    };
    let mut out = Transcript::default();
    libssl.run(&trace, &mut out);
    let Ending::Refused(why) = &out.ending else { panic!("{:?}", out.ending) };
    assert!(why.ends_with("has no SSL_add_session"), "{why}");
    assert_eq!(out.steps.len(), 1);
}

#[test]
fn a_run_is_the_same_alone_and_after_others() {
    let client = ContextSetup { mode: Some(CacheMode::CLIENT), ..recording() };
    let both = Accept { client: Some(CLIENT), ..accept(Propose::Nothing, Some(2)) };
    let ops = vec![
        add(0),
        add(1),
        Op::Handshake(both, Close::Clean),
        handshake(Propose::Session(Name(1)), None),
        Op::Advance(301),
        handshake(Propose::Session(Name(1)), None),
    ];
    let trace = trace(&[recording(), client], &[session(1), session(2)], ops);
    let Some(first) = run(&trace) else { return };
    for _ in 0..20 {
        assert_eq!(run(&trace).as_ref(), Some(&first));
    }
}
