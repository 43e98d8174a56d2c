//! A divergence that is cut out of a run, with a word before everything that may hang: each event of the run that is
//! made again, and each trace of the reduction.
//!
//! Not here: the cutting itself, and who ends a process that stays where it is ([`super::apart`]).

use super::word::Line;
use crate::finding::Came;
use crate::profiles::Named;
use crate::simulate::cut::Source;
use crate::simulate::event::{Event, Held, Outcome};
use crate::trace::Trace;
use crate::worker::{Checks, StartError};

/// The events of a run that is made again.
pub(super) struct NotedSource<'a> {
    source: &'a mut dyn Source,
    line: &'a Line,
    events: u64,
}

impl<'a> NotedSource<'a> {
    /// These events from the first, told to this line.
    pub(super) fn new(source: &'a mut dyn Source, line: &'a Line) -> Self {
        Self { source, line, events: 0 }
    }
}

impl Source for NotedSource<'_> {
    fn next(&mut self) -> Option<Event> {
        let event = self.source.next()?;
        self.line.event_again(self.events, &event);
        self.events += 1;
        Some(event)
    }

    fn coming(&mut self, out: &mut Vec<Held>) {
        self.source.coming(out);
    }

    fn learn(&mut self, event: &Event, outcome: &Outcome) -> Option<Held> {
        self.source.learn(event, outcome)
    }
}

/// Whoever runs the traces of a reduction.
pub(super) struct NotedWitness<'a> {
    witness: Box<dyn Checks>,
    line: &'a Line,
    traces: u64,
}

impl<'a> NotedWitness<'a> {
    /// This one, told to this line.
    pub(super) fn new(witness: Box<dyn Checks>, line: &'a Line) -> Self {
        Self { witness, line, traces: 0 }
    }

    fn note(&mut self) {
        self.traces += 1;
        self.line.reduction(&format!("trace {}", self.traces));
    }
}

impl Checks for NotedWitness<'_> {
    fn check(&mut self, trace: &Trace, profile: &Named) -> Result<Came, StartError> {
        self.note();
        self.witness.check(trace, profile)
    }

    fn restart(&mut self) -> Result<(), StartError> {
        self.note();
        self.witness.restart()
    }

    fn handshake_price(&self) -> usize {
        self.witness.handshake_price()
    }
}
