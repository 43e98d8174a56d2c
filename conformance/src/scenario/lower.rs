//! From the parts of a document to a scenario.
//!
//! Header and setup are in [`super::setup`], steps in [`super::steps`], what they show in [`super::expectations`].

use std::ops::Range;

use serde_yaml::Value;
use session_model::Time;

use super::document::{CallbackWords, Document};
use super::names::Kind;
use super::places::child;
use super::read::Reader;
use super::roll::Roll;
use super::stated::{Expect, Scenario, Spot, Vocabulary};
use crate::op::{Accept, Connection, Op};
use crate::trace::{Names, Setup, Shown, Trace};

/// How many ops of the last phase a message lists at most.
const LISTED: usize = 24;

/// A document on its way to a scenario.
pub(super) struct Lowering<'r> {
    pub(super) reader: &'r mut Reader,
    pub(super) vocabulary: &'r Vocabulary,
    /// The names of the contexts.
    pub(super) contexts: Vec<String>,
    pub(super) sessions: Roll,
    pub(super) connections: Roll,
    /// Mistakes about names that are not on the roll (so far): index in the reader's mistakes, the name, which roll.
    pub(super) unknown: Vec<(usize, String, Kind)>,
    /// Parts that could not be read: a name that stands in one of them may be made there.
    pub(super) lost: Vec<Range<usize>>,
    /// The step at hand states that its op is absent, so that it may be one that never is carried out.
    pub(super) absent: bool,
    /// Hazards are asked for.
    pub(super) hazards: bool,
    /// The connections that are begun so far.
    pub(super) begun: Vec<(Connection, Accept)>,
    /// The callbacks of each context, as they are written.
    pub(super) calls: Vec<Option<CallbackWords>>,
}

impl<'r> Lowering<'r> {
    pub(super) fn new(reader: &'r mut Reader, vocabulary: &'r Vocabulary) -> Self {
        Self {
            reader,
            vocabulary,
            contexts: Vec::new(),
            sessions: Roll::default(),
            connections: Roll::default(),
            unknown: Vec::new(),
            lost: Vec::new(),
            absent: false,
            hazards: false,
            begun: Vec::new(),
            calls: Vec::new(),
        }
    }

    /// The scenario, or `None` and mistakes.
    pub(super) fn scenario(mut self, document: Document) -> Option<Scenario> {
        if document.scenario.trim().is_empty() {
            self.reader.at_value("/scenario", "a scenario says in a sentence what it shows");
        }
        let clauses = self.clauses(document.clauses);
        let editions = self.editions(document.editions);
        let readings = self.readings(document.readings.unwrap_or_default());
        self.hazards = document.hazards.unwrap_or(false);
        let clock = Time(document.clock.map_or(1000, |clock| clock.0));
        let contexts = self.context_setups(document.contexts);
        self.name_lists(document.names);
        let sessions = self.session_specs(document.sessions);
        let mut trace = Trace {
            setup: Setup { clock, contexts, sessions: sessions.unwrap_or_default(), hazards: self.hazards },
            ops: Vec::new(),
            shown: Shown::Steps,
            names: Names::default(),
        };
        let mut expectations = Vec::new();
        let mut lines = Vec::new();
        for (n, value) in document.steps.into_iter().enumerate() {
            if self.reader.is_full() {
                break;
            }
            let Some((op, expect)) = self.step(value, &child("/steps", n)) else {
                continue;
            };
            lines.push(expect.spot.line);
            if !expect.is_empty() {
                expectations.push((trace.ops.len(), expect));
            }
            trace.ops.push(op);
        }
        trace.names = self.names();
        self.calls_back(&mut trace.setup.contexts);
        let last = self.last(document.last.unwrap_or_default(), &trace);
        self.check_hazards(&trace, expectations.iter().map(|(_, expect)| expect).chain(last.iter().map(|(_, e)| e)));
        self.settle_unknown();
        let title = document.scenario;
        let with = String::new();
        Some(Scenario { title, clauses, editions, readings, trace, expectations, last, lines, with })
    }

    pub(super) fn spot(&self, pointer: &str) -> Spot {
        self.reader.source.spot(self.reader.places.get(pointer).value)
    }

    fn names(&self) -> Names {
        let owned = |roll: &Roll| roll.names().map(str::to_owned).collect();
        Names {
            contexts: self.contexts.clone(),
            sessions: owned(&self.sessions),
            connections: owned(&self.connections),
        }
    }

    /// What ops of the last phase show, matched to it in order.
    fn last(&mut self, values: Vec<Value>, trace: &Trace) -> Vec<(Op, Expect)> {
        let phase = trace.last_phase();
        let mut from = 0;
        let mut last = Vec::new();
        for (n, value) in values.into_iter().enumerate() {
            let pointer = child("/last", n);
            let Some((op, expect)) = self.step(value, &pointer) else {
                continue;
            };
            match phase[from..].iter().position(|of_phase| *of_phase == op) {
                Some(at) => {
                    from += at + 1;
                    last.push((op, expect));
                }
                None => {
                    let ops = phase[from..].iter().take(LISTED).map(|op| super::op_line(op, &trace.names));
                    let ops: Vec<_> = ops.collect();
                    self.reader
                        .at_key(&pointer, "no such op follows in the last phase")
                        .note(format!("what follows is: {}", ops.join(", ")));
                }
            }
        }
        last
    }

    /// Notes that what stands at this pointer could not be read.
    pub(super) fn lose(&mut self, pointer: &str) {
        if self.reader.places.has(pointer) {
            self.lost.push(self.reader.places.get(pointer).value);
        }
    }
}
