//! Traces as YAML that reads back to the same trace.

use session_model::ContextRef;
use session_model::application::ExternalPolicy;

use super::expectations::Returns;
use super::layout::{Node, block, entry, item};
use super::roll::is_name;
use super::spell::{Spelling, callbacks, flags, non_empty};
use super::stated::{DEFAULT_EDITIONS, Expect, ExpectedEvent, Header, Who};
use crate::op::{Accept, Connection, Name, Op, Propose};
use crate::trace::{ContextSetup, Names, Trace};
use crate::transcript::Answer;

/// Where an editor finds the schema, from a folder of `scenarios/`.
const MODELINE: &str = "# yaml-language-server: $schema=../scenario.schema.json\n";

/// Prints the trace as a scenario. [`parse`](super::parse) reads the same setup, ops and names from it; `shown` is
/// not written.
///
/// A name that is no name for a scenario, or given twice, is replaced. The ops must keep to the contexts of the setup,
/// and repeats must not nest.
#[must_use]
pub fn write(trace: &Trace, header: &Header, expectations: &[(usize, Expect)], last: &[(Op, Expect)]) -> String {
    let names = names(trace);
    let spelling = Spelling { names: &names, several: trace.setup.contexts.len() > 1 };
    let mut out = MODELINE.to_owned();
    block(&mut out, 0, &head(header));
    entry(&mut out, 0, "clock", &Node::number(trace.setup.clock.0));
    let contexts = trace.setup.contexts.iter().zip(&names.contexts);
    section(&mut out, "contexts", contexts.map(|(setup, name)| (name.clone(), context(setup))));
    let sessions = trace.setup.sessions.iter().zip(&names.sessions);
    section(&mut out, "sessions", sessions.map(|(spec, name)| (name.clone(), spelling.hand_made(None, spec))));
    if !is_regular(trace) {
        let list = |names: &[String]| Some(Node::words(names.iter().map(String::as_str)));
        let lists = [("sessions", list(&names.sessions)), ("connections", list(&names.connections))];
        entry(&mut out, 0, "names", &Node::map(lists));
    }
    let mut expectations = expectations.iter().peekable();
    steps(
        &mut out,
        "steps",
        trace.ops.iter().enumerate().map(|(n, op)| {
            let expect = expectations.next_if(|(at, _)| *at == n).map(|(_, expect)| expect);
            step(spelling, op, expect)
        }),
    );
    if !last.is_empty() {
        steps(&mut out, "last", last.iter().map(|(op, expect)| step(spelling, op, Some(expect))));
    }
    out
}

fn head(header: &Header) -> Vec<(String, Node)> {
    let words = |words: &[String]| Node::words(words.iter().map(String::as_str));
    let editions = !header.editions.is_empty() && header.editions != DEFAULT_EDITIONS;
    let readings = header.readings.iter().map(|(axis, value)| (axis.clone(), Node::word(value))).collect();
    let entries = [
        ("scenario", Some(Node::word(&header.title))),
        ("clauses", Some(words(&header.clauses))),
        ("editions", editions.then(|| words(&header.editions))),
        ("readings", (!header.readings.is_empty()).then_some(Node::Map(readings))),
    ];
    entries.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
}

/// A map of things with names, one a line; left out when there are none.
fn section(out: &mut String, key: &str, entries: impl Iterator<Item = (String, Node)>) {
    let entries: Vec<_> = entries.collect();
    if !entries.is_empty() {
        out.push_str(key);
        out.push_str(":\n");
        block(out, 2, &entries);
    }
}

fn steps(out: &mut String, key: &str, steps: impl ExactSizeIterator<Item = Vec<(String, Node)>>) {
    out.push_str(key);
    out.push_str(if steps.len() == 0 { ": []\n" } else { ":\n" });
    steps.for_each(|step| item(out, 2, &step));
}

fn context(setup: &ContextSetup) -> Node {
    let ExternalPolicy { stores_new, forgets_removed } = setup.external;
    let external = Node::map([
        ("new", (!stores_new).then(|| Node::word("ignore"))),
        ("remove", (!forgets_removed).then(|| Node::word("keep"))),
    ]);
    let set = &setup.callbacks;
    let calls_back = set.new.is_some() || set.get.is_some() || set.remove;
    Node::map([
        ("mode", setup.mode.map(flags)),
        ("size", setup.size.map(Node::number)),
        ("timeout", setup.timeout.map(|timeout| Node::number(timeout.0))),
        ("id_context", non_empty(&setup.id_context)),
        ("verify_peer", setup.verify_peer.then(|| Node::Word("true".to_owned()))),
        ("callbacks", calls_back.then(|| callbacks(set))),
        ("external", (!stores_new || !forgets_removed).then_some(external)),
    ])
}

fn step(spelling: Spelling<'_>, op: &Op, expect: Option<&Expect>) -> Vec<(String, Node)> {
    let (verb, arguments) = spelling.op(op);
    let mut entries = vec![(verb.to_owned(), arguments)];
    if let Some(expect) = expect {
        let Node::Map(shown) = shows(spelling, op, expect) else { unreachable!("what is shown is a map") };
        entries.extend(shown);
    }
    entries
}

fn shows(spelling: Spelling<'_>, op: &Op, expect: &Expect) -> Node {
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

/// The ops of a trace, those of repeats once.
fn flat(trace: &Trace) -> impl Iterator<Item = &Op> {
    trace.ops.iter().flat_map(|op| match op {
        Op::Repeat(_, block) => block.as_slice(),
        _ => std::slice::from_ref(op),
    })
}

/// What everything is called in the file: the trace's own names where they serve.
fn names(trace: &Trace) -> Names {
    let sessions = flat(trace).flat_map(Op::names).map(|name| name.0 as usize + 1).max().unwrap_or(0);
    let sessions = sessions.max(trace.setup.sessions.len());
    let connections = flat(trace).filter_map(connection).map(|k| k.0 as usize + 1).max().unwrap_or(0);
    let contexts = trace.setup.contexts.len();
    let number = |n: usize| u32::try_from(n).expect("a trace has fewer than 2^32 names");
    let context = |n| trace.names.context(ContextRef(u8::try_from(n).expect("a trace has at most 8 contexts")));
    Names {
        contexts: distinct((0..contexts).map(context), "context"),
        sessions: distinct((0..sessions).map(|n| trace.names.session(Name(number(n)))), "s"),
        connections: distinct((0..connections).map(|n| trace.names.connection(Connection(number(n)))), "k"),
    }
}

/// The names, and others in place of those that are no names or stand there before.
fn distinct(names: impl Iterator<Item = String>, letter: &str) -> Vec<String> {
    let given: Vec<_> = names.collect();
    let mut taken = std::collections::HashSet::new();
    let fits: Vec<_> = given.iter().map(|name| is_name(name) && taken.insert(name.clone())).collect();
    let mut fresh = (0..).map(|n| format!("{letter}{n}")).filter(|name| !taken.contains(name));
    let named = given
        .into_iter()
        .zip(fits)
        .map(|(name, fits)| if fits { name } else { fresh.next().expect("there is no end of numbers") });
    named.collect()
}

fn connection(op: &Op) -> Option<Connection> {
    match op {
        Op::AcceptBegin(k, _) | Op::AcceptFinish(k) | Op::AcceptAbort(k) | Op::Close(k, _) | Op::Hangup(k) => Some(*k),
        _ => None,
    }
}

/// Whether the names follow from the text: numbered as they are made, used after that, and no op that is always
/// absent. If not, the file lists them.
fn is_regular(trace: &Trace) -> bool {
    let mut made =
        Made { sessions: trace.setup.sessions.iter().map(|spec| Some(spec.context)).collect(), connections: 0 };
    flat(trace).all(|op| made.takes(op))
}

/// What is made so far: the context of each session, where it is known.
struct Made {
    sessions: Vec<Option<ContextRef>>,
    connections: u32,
}

impl Made {
    fn takes(&mut self, op: &Op) -> bool {
        match op {
            Op::Session(name, spec) => name.0 as usize == self.sessions.len() && self.makes(*name, spec.context),
            Op::AddSession { context, session, .. }
            | Op::RemoveSession { context, session, .. }
            | Op::ExternalStore(context, session)
            | Op::ExternalForget(context, session) => self.is_of(*session, *context),
            Op::AcceptBegin(k, accept) => {
                let next = k.0 == self.connections;
                self.connections += 1;
                next && self.accepts(accept)
            }
            Op::Handshake(accept, _) => self.accepts(accept),
            op => {
                op.names().all(|name| (name.0 as usize) < self.sessions.len())
                    && connection(op).is_none_or(|k| k.0 < self.connections)
            }
        }
    }

    fn accepts(&mut self, accept: &Accept) -> bool {
        let proposes = match (accept.propose, accept.client) {
            (Propose::Nothing, _) | (Propose::Id(_), None) => true,
            (Propose::Id(_), Some(_)) => false,
            (Propose::Session(name), None) => (name.0 as usize) < self.sessions.len(),
            (Propose::Session(name), Some(client)) => self.is_of(name, client),
        };
        let server = accept.server_session.is_none_or(|name| self.makes(name, accept.context));
        let client = match (accept.client_session, accept.client) {
            (None, client) => client != Some(accept.context),
            (Some(_), None) => false,
            (Some(name), Some(client)) => client != accept.context && self.makes(name, client),
        };
        proposes && server && client
    }

    fn is_of(&self, name: Name, context: ContextRef) -> bool {
        self.sessions.get(name.0 as usize).is_some_and(|of| of.is_none_or(|of| of == context))
    }

    fn makes(&mut self, name: Name, context: ContextRef) -> bool {
        match self.sessions.get_mut(name.0 as usize) {
            Some(of) if *of == Some(context) => true,
            Some(of) => {
                *of = None;
                true
            }
            None => {
                let next = name.0 as usize == self.sessions.len();
                self.sessions.push(Some(context));
                next
            }
        }
    }
}
