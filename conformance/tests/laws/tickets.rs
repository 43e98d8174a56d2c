//! What laws and promises know of the objects and ids that come with tickets.

use sesscheck::scenario::parse;
use sesscheck::subject::Subject;
use sesscheck::subjects::optimised::optimised;
use sesscheck::suite::vocabulary;
use sesscheck::trace::{Shown, Trace};
use sesscheck::transcript::{Event, Transcript};
use session_model::ContextRef;

use super::{law, promise};

fn trace(contexts: &str, steps: &str) -> Trace {
    let text = format!("scenario: drawn by hand\nclauses: []\ncontexts:\n{contexts}\nsteps:\n{steps}\n");
    let scenario = parse("tickets.yaml", &text, &vocabulary());
    let mistake = |mistakes: Vec<sesscheck::scenario::Mistake>| panic!("{}", mistakes[0].render(false));
    Trace { shown: Shown::Everything, ..scenario.unwrap_or_else(mistake).trace }
}

fn shown(trace: &Trace) -> Transcript {
    let mut shown = Transcript::default();
    optimised().run(trace, &mut shown);
    shown
}

const TWO: &str = "  server: {}\n  client: {mode: [CLIENT]}";

/// A full handshake and one that resumes what it has made.
fn twice(how: &str, propose: &str, names: &str) -> Trace {
    let both = format!("context: server, client: client, {how}");
    trace(TWO, &format!("  - handshake: {{{both}, as: {names}}}\n  - handshake: {{{both}, propose: {propose}}}"))
}

const WAYS: [(&str, &str); 4] = [
    ("protocol: TLSv1.2", "[s, c]"),
    ("tickets: stateless", "[_, c]"),
    ("protocol: TLSv1.3, tickets: stateful, num_tickets: 2", "[[s, _], [c, _]]"),
    ("protocol: TLSv1.3, tickets: stateless, num_tickets: 3", "[[s, _, _], [c, _, _]]"),
];

#[test]
fn whatever_comes_of_a_handshake_is_missed_when_it_is_never_destroyed() {
    let nothing_is_left = promise("when all is given back nothing is left");
    for ((how, names), at_least) in WAYS.into_iter().zip([2, 2, 6, 8]) {
        let trace = twice(how, "c", names);
        let whole = shown(&trace);
        nothing_is_left.keep(&trace, &whole).unwrap_or_else(|broken| panic!("{how}: {broken}"));
        let mut missed = 0;
        for c in &whole.destroyed {
            let mut other = whole.clone();
            // Shown as another's end, which is there already.
            other.destroyed.iter_mut().filter(|d| *d == c).for_each(|d| d.0 = u32::MAX);
            if let Err(broken) = nothing_is_left.keep(&trace, &other) {
                assert!(broken.what.starts_with(&format!("#{} of", c.0)), "{how}: {broken}");
                missed += 1;
            }
        }
        assert!(missed >= at_least, "{how}: {missed} of {} objects are missed", whole.destroyed.len());
    }
}

#[test]
fn what_a_renegotiation_makes_of_tickets_is_missed_too() {
    let nothing_is_left = promise("when all is given back nothing is left");
    let both = "context: server, client: client, tickets: stateless";
    let trace =
        trace(TWO, &format!("  - accept_begin: {{connection: k, {both}}}\n  - accept_finish: k\n  - renegotiate: k"));
    let whole = shown(&trace);
    nothing_is_left.keep(&trace, &whole).expect("the cache keeps it");
    for n in 0..whole.destroyed.len() {
        let mut other = whole.clone();
        other.destroyed[n].0 = u32::MAX;
        nothing_is_left.keep(&trace, &other).expect_err("one is left");
    }
    assert_eq!(whole.destroyed.len(), 2);
}

#[test]
fn sessions_of_one_connection_have_an_id_each() {
    let one_an_id = promise("an id is in a cache once");
    for (how, names) in WAYS {
        let trace = twice(how, "c", names);
        let whole = shown(&trace);
        one_an_id.keep(&trace, &whole).unwrap_or_else(|broken| panic!("{how}: {broken}"));
        let mut other = whole.clone();
        let members = &mut other.members;
        let Some(first) = members.iter().position(|m| m.context.is_some()) else { continue };
        members[first + 1] = members[first];
        one_an_id.keep(&trace, &other).expect_err("one is there twice");
    }
}

/// The get callback is asked for the second ticket's id, which another handshake's place gives another number.
#[test]
fn ids_of_further_tickets_follow_the_number_of_their_handshake() {
    let contexts = "  first: {callbacks: {get: record}}\n  other: {}\n  client: {mode: [CLIENT]}";
    let both = "context: first, client: client";
    let trace = trace(
        contexts,
        &format!(
            "  - handshake: {{context: other}}
  - handshake: {{{both}, protocol: TLSv1.3, tickets: stateful, num_tickets: 2, as: [[_, s]]}}
  - remove_session: {{context: first, session: s}}
  - handshake: {{context: first, protocol: TLSv1.3, tickets: stateful, num_tickets: 1, propose: s}}"
        ),
    );
    assert!(matches!(shown(&trace).events[..], [Event::Get(ContextRef(0), _, None)]), "the callback is asked");
    let swapped = law("ops on different contexts commute").hold(&mut optimised(), &trace, 0);
    assert_eq!(swapped, Ok(1));
}
