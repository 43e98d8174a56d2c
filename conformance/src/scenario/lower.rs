//! From the parts of a document to a scenario: the header and the setup.
//!
//! Steps are in [`super::steps`], what they show in [`super::expectations`].

use std::ops::Range;

use serde_yaml::Value;
use session_model::{ContextRef, Time};

use super::document::{Context, Document, NameLists, Session};
use super::places::child;
use super::read::Reader;
use super::roll::{Roll, is_name};
use super::shapes::Ordered;
use super::stated::{DEFAULT_EDITIONS, Expect, Scenario, Spot, Stated, Vocabulary};
use crate::op::Op;
use crate::trace::{ContextSetup, Names, Setup, Shown, Trace};

/// A document on its way to a scenario.
pub(super) struct Lowering<'r> {
    pub(super) reader: &'r mut Reader,
    vocabulary: &'r Vocabulary,
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
}

/// What a name is a name of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Context,
    Session,
    Connection,
}

impl Kind {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Context => "context",
            Self::Session => "session",
            Self::Connection => "connection",
        }
    }
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
        let clock = Time(document.clock.map_or(1000, |clock| clock.0));
        let contexts = self.context_setups(document.contexts);
        self.name_lists(document.names);
        let sessions = self.session_specs(document.sessions);
        let mut trace = Trace {
            setup: Setup { clock, contexts, sessions: sessions.unwrap_or_default() },
            ops: Vec::new(),
            shown: Shown::Steps,
            names: Names::default(),
        };
        let mut expectations = Vec::new();
        let mut lines = Vec::new();
        for (n, value) in document.steps.into_iter().enumerate() {
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
        let last = self.last(document.last.unwrap_or_default(), &trace);
        self.settle_unknown();
        Some(Scenario { title: document.scenario, clauses, editions, readings, trace, expectations, last, lines })
    }

    fn clauses(&mut self, clauses: Vec<String>) -> Vec<Stated<String>> {
        let stated = clauses.into_iter().enumerate().map(|(n, value)| {
            let pointer = child("/clauses", n);
            if !self.vocabulary.clauses.contains(&value.as_str()) {
                let allowed = self.vocabulary.clauses.iter().copied();
                self.reader.at_value(&pointer, format!("`{value}` is no clause")).allow(&value, allowed);
            }
            Stated { value, spot: self.spot(&pointer) }
        });
        stated.collect()
    }

    fn editions(&mut self, editions: Option<Vec<String>>) -> Vec<String> {
        let editions = editions.unwrap_or_else(|| DEFAULT_EDITIONS.map(str::to_owned).to_vec());
        if editions.is_empty() {
            self.reader.at_value("/editions", "a scenario holds under at least one edition");
        }
        for (n, edition) in editions.iter().enumerate() {
            if !self.vocabulary.editions.contains(&edition.as_str()) {
                let allowed = self.vocabulary.editions.iter().copied();
                let pointer = child("/editions", n);
                self.reader.at_value(&pointer, format!("`{edition}` is no edition")).allow(edition, allowed);
            }
        }
        editions
    }

    fn readings(&mut self, readings: Ordered<String>) -> Vec<(String, String)> {
        for (axis, value) in &readings.0 {
            let pointer = child("/readings", axis);
            let axes = &self.vocabulary.readings;
            match axes.iter().find(|(name, _)| name == axis) {
                None => {
                    let allowed = axes.iter().map(|(name, _)| *name);
                    self.reader.at_key(&pointer, format!("`{axis}` is no axis")).allow(axis, allowed);
                }
                Some((_, values)) if !values.contains(&value.as_str()) => {
                    let message = format!("`{value}` is no value of `{axis}`");
                    self.reader.at_value(&pointer, message).allow(value, values.iter().copied());
                }
                Some(_) => {}
            }
        }
        readings.0
    }

    fn context_setups(&mut self, contexts: Option<Ordered<Value>>) -> Vec<ContextSetup> {
        let Some(Ordered(contexts)) = contexts else {
            self.lose("/contexts");
            self.contexts = vec!["server".to_owned()];
            return vec![ContextSetup::default()];
        };
        if !(1..=8).contains(&contexts.len()) {
            self.reader.at_key("/contexts", format!("{} contexts; a scenario has 1 to 8", contexts.len()));
        }
        let mut setups = Vec::new();
        for (name, value) in contexts {
            let pointer = child("/contexts", &name);
            self.check_name(&name, &pointer, true);
            self.contexts.push(name);
            let context: Option<Context> = self.reader.read(value, &pointer, &[]);
            setups.push(self.context_setup(context.unwrap_or_default(), &pointer));
        }
        setups
    }

    fn name_lists(&mut self, names: Option<NameLists>) {
        let Some(NameLists { sessions, connections }) = names else {
            return;
        };
        for (key, list) in [("sessions", sessions), ("connections", connections)] {
            let Some(list) = list else { continue };
            let pointer = child("/names", key);
            for (n, name) in list.iter().enumerate() {
                let pointer = child(&pointer, n);
                self.check_name(name, &pointer, false);
                if list[..n].contains(name) {
                    self.reader.at_value(&pointer, format!("`{name}` stands here a second time"));
                }
            }
            let roll = Roll::listed(&list);
            if key == "sessions" {
                self.sessions = roll;
            } else {
                self.connections = roll;
            }
        }
    }

    fn session_specs(&mut self, sessions: Option<Ordered<Value>>) -> Option<Vec<crate::op::SessionSpec>> {
        let Some(Ordered(sessions)) = sessions else {
            self.lose("/sessions");
            return None;
        };
        let mut specs = Vec::new();
        for (n, (name, value)) in sessions.into_iter().enumerate() {
            let pointer = child("/sessions", &name);
            let session: Option<Session> = self.reader.read(value, &pointer, &[]);
            let spec = session.and_then(|session| self.session_spec(session, &pointer));
            let index = self.make_session(&name, &pointer, spec.map(|spec| spec.context), false);
            if index.is_some_and(|index| index.0 as usize != n) {
                self.reader.at_key(&pointer, format!("`{name}` is number {} of `sessions`, but not of `names`", n + 1));
            }
            specs.extend(spec);
        }
        Some(specs)
    }

    /// Notes a mistake when nothing may be called so.
    pub(super) fn check_name(&mut self, name: &str, pointer: &str, key: bool) {
        if is_name(name) {
            return;
        }
        let message = format!("`{name}` is no name");
        let mistake = if key { self.reader.at_key(pointer, message) } else { self.reader.at_value(pointer, message) };
        mistake.note("a name is a letter, then letters, digits, `_`, `-` or `.`, 64 at most; `none` is taken");
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
                    let phase: Vec<_> = phase.iter().map(|op| super::op_line(op, &trace.names)).collect();
                    self.reader
                        .at_key(&pointer, "the last phase has no such op after the one before")
                        .note(format!("the last phase is: {}", phase.join(", ")));
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

    /// What is said of an unknown name depends on the whole file.
    fn settle_unknown(&mut self) {
        for (mistake, name, kind) in std::mem::take(&mut self.unknown).into_iter().rev() {
            let text = &self.reader.source.text;
            if self.lost.iter().any(|lost| text[lost.clone()].contains(&name)) {
                self.reader.mistakes.remove(mistake);
                continue;
            }
            let roll = if kind == Kind::Connection { &self.connections } else { &self.sessions };
            if let Some(made) = roll.made_at(&name).filter(|_| kind != Kind::Context) {
                let made = self.reader.places.get(made).value;
                self.reader.mistakes[mistake].is_early(&name, made);
            }
        }
    }
}

/// The context of a scenario that has one.
pub(super) const ONLY: ContextRef = ContextRef(0);
