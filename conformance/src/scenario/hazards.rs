//! What a scenario says of hazards, and what is wrong when it has one and does not say so.

use super::document::{CallWords, CallbackWords, Reads};
use super::layout::Node;
use super::lower::Lowering;
use super::places::child;
use super::scalars::When;
use super::shapes::Brief;
use super::spell::{Spelling, when};
use super::stated::Expect;
use crate::hazards::{Call, Callback, CallsBack, Misplaced, Whom, misplaced};
use crate::op::At;
use crate::trace::{ContextSetup, Trace};

/// The session that a callback was called with.
const THIS: &str = "this";

impl Lowering<'_> {
    /// The calls from inside callbacks, now that every session is known.
    pub(super) fn calls_back(&mut self, contexts: &mut [ContextSetup]) {
        let words = std::mem::take(&mut self.calls);
        for (n, (words, context)) in words.iter().zip(contexts).enumerate() {
            let Some(words) = words else { continue };
            let pointer = child(&child("/contexts", &self.contexts[n]), "callbacks");
            for (callback, calls) in calls_in(words) {
                let pointer = child(&child(&pointer, callback.word()), "calls");
                let calls = calls.iter().enumerate().filter_map(|(n, call)| self.call(call, &child(&pointer, n)));
                *context.calls.of_mut(callback) = calls.collect();
            }
        }
    }

    /// Callbacks that are set by a step call nothing.
    pub(super) fn check_no_calls(&mut self, words: &CallbackWords, at: &str) {
        if calls_in(words).next().is_some() {
            self.reader.at_value(at, "what callbacks call is said once, where the context is set up");
        }
    }

    fn call(&mut self, words: &CallWords, at: &str) -> Option<Call> {
        let CallWords { add_session, remove_session, flush_sessions, read, free_unowned } = words.clone();
        let mut whom = |name: &str, key: &str| self.whom(name, &child(at, key));
        let calls = [
            add_session.map(|name| whom(&name, "add_session").map(Call::Add)),
            remove_session.map(|name| whom(&name, "remove_session").map(Call::Remove)),
            free_unowned.map(|name| whom(&name, "free_unowned").map(Call::FreeUnowned)),
            flush_sessions.map(|when| Some(Call::Flush(at_of(when)))),
            read.map(|Reads::Counters| Some(Call::ReadCounters)),
        ];
        let mut calls = calls.into_iter().flatten();
        match (calls.next(), calls.next()) {
            (Some(call), None) => call,
            _ => {
                self.reader.at_value(
                    at,
                    "a call is one of `add_session`, `remove_session`, `flush_sessions`, `read`, `free_unowned`",
                );
                None
            }
        }
    }

    fn whom(&mut self, name: &str, at: &str) -> Option<Whom> {
        if name == THIS { Some(Whom::This) } else { self.session(name, at).map(Whom::Named) }
    }

    /// A hazard in a scenario that does not ask for hazards is a mistake, and so is a claim in one that does.
    pub(super) fn check_hazards<'e>(&mut self, trace: &Trace, expectations: impl Iterator<Item = &'e Expect>) {
        if self.hazards {
            for expect in expectations {
                self.reader
                    .mistake(expect.spot.bytes.clone(), "under `hazards: true` nothing is stated")
                    .note("such a scenario is judged by how it ends: no page says what a step shows");
            }
            return;
        }
        for (place, danger) in misplaced(trace) {
            let pointer = match place {
                Misplaced::Clock => "/clock".to_owned(),
                Misplaced::Context(n) => child("/contexts", &self.contexts[n]),
                Misplaced::Session(n) => child("/sessions", trace.names.session(crate::op::Name(n as u32))),
                Misplaced::Step(step, None) => child("/steps", step),
                Misplaced::Step(step, Some(n)) => child(&child(&child(&child("/steps", step), "repeat"), "steps"), n),
            };
            self.reader
                .at_value(&pointer, format!("this is a hazard: {danger}"))
                .note("`hazards: true` at the top of the scenario asks for it");
        }
    }
}

fn calls_in(words: &CallbackWords) -> impl Iterator<Item = (Callback, &[CallWords])> {
    let new = words.new.as_ref().and_then(|new| if let Brief::Full(new) = new { new.calls.as_deref() } else { None });
    let get = words.get.as_ref().and_then(|get| if let Brief::Full(get) = get { get.calls.as_deref() } else { None });
    let remove = words.remove.as_ref();
    let remove = remove.and_then(|remove| if let Brief::Full(remove) = remove { Some(&*remove.calls) } else { None });
    Callback::ALL.into_iter().zip([new, get, remove]).filter_map(|(callback, calls)| Some((callback, calls?)))
}

fn at_of(when: When) -> At {
    match when {
        When::Absolute(seconds) => At::Absolute(session_model::Time(seconds)),
        When::Now(later) => At::Now(later),
    }
}

impl Spelling<'_> {
    /// What a callback calls; `None`: nothing.
    pub(super) fn calls(self, calls: &CallsBack, callback: Callback) -> Option<Node> {
        let calls = calls.of(callback);
        (!calls.is_empty()).then(|| Node::List(calls.iter().map(|call| self.call(call)).collect()))
    }

    fn call(self, call: &Call) -> Node {
        let whom = |whom: &Whom| match whom {
            Whom::This => Node::word(THIS),
            Whom::Named(name) => self.session(*name),
        };
        let argument = match call {
            Call::Add(session) | Call::Remove(session) | Call::FreeUnowned(session) => whom(session),
            Call::Flush(at) => when(*at),
            Call::ReadCounters => Node::word("counters"),
        };
        Node::map([(call.word(), Some(argument))])
    }
}
