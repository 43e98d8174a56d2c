//! Traces as YAML that reads back to the same trace.

use session_model::application::ExternalPolicy;

use super::called::{is_regular, names};
use super::layout::{Node, block, entry, item};
use super::shown::shows;
use super::spell::{Spelling, flags, non_empty};
use super::stated::{DEFAULT_EDITIONS, Expect, Header, Scenario};
use crate::op::Op;
use crate::trace::{ContextSetup, Trace};

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
    if trace.setup.hazards {
        entry(&mut out, 0, "hazards", &Node::Word("true".to_owned()));
    }
    entry(&mut out, 0, "clock", &Node::number(trace.setup.clock.0));
    let contexts = trace.setup.contexts.iter().zip(&names.contexts);
    section(&mut out, "contexts", contexts.map(|(setup, name)| (name.clone(), context(spelling, setup))));
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

/// Prints a scenario, all that it states included. Comments of the file that it was read from are lost.
#[must_use]
pub fn rewrite(scenario: &Scenario) -> String {
    let header = Header {
        title: scenario.title.clone(),
        clauses: scenario.clauses.iter().map(|clause| clause.value.clone()).collect(),
        editions: scenario.editions.clone(),
        readings: scenario.readings.clone(),
    };
    write(&scenario.trace, &header, &scenario.expectations, &scenario.last)
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

fn context(spelling: Spelling<'_>, setup: &ContextSetup) -> Node {
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
        ("callbacks", calls_back.then(|| spelling.callbacks(set, &setup.calls))),
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
