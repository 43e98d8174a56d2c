//! How what a step shows is written.

use session_model::ContextRef;

use super::expectations::Returns;
use super::layout::Node;
use super::spell::Spelling;
use super::stated::{Expect, ExpectedEvent, Who};
use crate::op::{Name, Op};
use crate::trace::Names;
use crate::transcript::Answer;

/// What a step with this op shows, as it stands in a scenario: each key with its value on one line.
#[must_use]
pub fn shown_lines(op: &Op, names: &Names, expect: &Expect) -> Vec<(String, String)> {
    let spelling = Spelling { names, several: names.contexts.len() > 1 };
    let Node::Map(entries) = shows(spelling, op, expect) else { unreachable!("what is shown is a map") };
    entries.into_iter().map(|(key, value)| (key, value.flow())).collect()
}

/// What a step with this op shows, as a map.
pub(super) fn shows(spelling: Spelling<'_>, op: &Op, expect: &Expect) -> Node {
    let who = |who: &Who| match who {
        Who::Named(name) => spelling.session(*name),
        Who::Unnamed => Node::word("_"),
    };
    let list = |sessions: &[Who]| Node::List(sessions.iter().map(who).collect());
    let event = |event: &ExpectedEvent| {
        let (callback, context, session) = match event {
            ExpectedEvent::New(context, session) => ("new", *context, who(session)),
            ExpectedEvent::Remove(context, session) => ("remove", *context, who(session)),
            ExpectedEvent::Get(context, Some(session)) => ("get", *context, who(session)),
            ExpectedEvent::Get(context, None) => ("get", *context, Node::word("none")),
        };
        Node::map([(callback, Some(session)), ("context", spelling.named_context(context))])
    };
    let members = expect.members.iter().map(|members| (members.value.context, list(&members.value.sessions)));
    let mut counters: Vec<(ContextRef, Vec<(String, Node)>)> = Vec::new();
    for counter in expect.counters.iter().map(|counter| &counter.value) {
        let entry = (counter.counter.name().to_owned(), Node::number(counter.value));
        match counters.iter_mut().find(|(context, _)| *context == counter.context) {
            Some((_, entries)) => entries.push(entry),
            None => counters.push((counter.context, vec![entry])),
        }
    }
    let counters = counters.into_iter().map(|(context, entries)| (context, Node::Map(entries)));
    Node::map([
        ("returns", expect.returns.as_ref().map(|returns| answer(returns.value, op))),
        (
            "callbacks",
            expect.callbacks.as_ref().map(|events| Node::List(events.value.iter().map(|e| event(&e.value)).collect())),
        ),
        ("members", by_context(spelling, members.collect())),
        ("destroyed", expect.destroyed.as_ref().map(|sessions| list(&sessions.value))),
        ("counters", by_context(spelling, counters.collect())),
        ("times", of_sessions(spelling, expect.times.iter().map(|at| (at.value.0, Node::number(at.value.1.0))))),
        ("timeouts", of_sessions(spelling, expect.timeouts.iter().map(|t| (t.value.0, Node::number(t.value.1.0))))),
        (
            "resumable",
            of_sessions(spelling, expect.resumable.iter().map(|r| (r.value.0, Node::Word(r.value.1.to_string())))),
        ),
    ])
}

/// The value alone when there is one context; else a map.
fn by_context(spelling: Spelling<'_>, mut values: Vec<(ContextRef, Node)>) -> Option<Node> {
    if values.is_empty() || !spelling.several {
        return values.pop().map(|(_, value)| value);
    }
    Some(Node::Map(values.into_iter().map(|(context, value)| (spelling.names.context(context), value)).collect()))
}

fn of_sessions(spelling: Spelling<'_>, values: impl Iterator<Item = (Name, Node)>) -> Option<Node> {
    let entries: Vec<_> = values.map(|(name, value)| (spelling.names.session(name), value)).collect();
    (!entries.is_empty()).then_some(Node::Map(entries))
}

fn answer(answer: Answer, op: &Op) -> Node {
    match (answer, Returns::of(op)) {
        (Answer::Absent, _) => Node::word("absent"),
        (Answer::Nothing, _) => Node::word("none"),
        (Answer::Returns(1), Returns::Handshake) => Node::word("resumed"),
        (Answer::Returns(0), Returns::Handshake) => Node::word("full"),
        (Answer::Returns(-1), Returns::Handshake) => Node::word("failed"),
        (Answer::Returns(value), _) => Node::number(value),
    }
}
