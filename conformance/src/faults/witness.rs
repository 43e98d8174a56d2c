//! What shows a fault: a trace of a few steps on which a subject with it diverges.

use std::sync::LazyLock;

use super::fault::{Fault, How};
use super::{Over, faultless, subject, switches};
use crate::check::{Verdict, check};
use crate::scenario;
use crate::suite;
use crate::tally::Tally;
use crate::trace::{Shown, Trace};
use crate::transcript::Transcript;

impl Fault {
    /// The scenario that it stands with, as YAML: contexts, sessions and steps, and nothing expected. A fault of
    /// structure has one.
    #[must_use]
    pub fn witness_text(&self) -> Option<String> {
        let by_name = || switches::WITNESSES.iter().find(|(name, _)| *name == self.name).map(|(_, steps)| *steps);
        let steps = if let How::Flawed { witness, .. } = self.how { Some(witness) } else { by_name() };
        steps.map(|steps| format!("scenario: {}\nclauses: [{}]\n{steps}\n", self.name, self.clause))
    }

    /// The trace that shows it: the one that it stands with, else that of the first built-in scenario that does, those
    /// of its clause first. `None`: no scenario shows it.
    ///
    /// # Panics
    ///
    /// When a fault's own scenario cannot be read: a test reads them all.
    #[must_use]
    pub fn witness(&self) -> Option<Trace> {
        if let Some(text) = self.witness_text() {
            let read = scenario::parse(self.name, &text, &suite::vocabulary());
            let read = read.unwrap_or_else(|mistakes| panic!("{}", mistakes[0].render(false)));
            return Some(Trace { shown: Shown::Everything, ..read.trace });
        }
        static FILES: LazyLock<Vec<suite::File>> =
            LazyLock::new(|| suite::embedded().expect("the built-in scenarios are read"));
        let lists_it = |file: &&suite::File| file.scenario.clauses.iter().any(|id| id.value == self.clause.id());
        let own = FILES.iter().filter(lists_it);
        let others = FILES.iter().filter(|file| !lists_it(file));
        own.chain(others).map(|file| &file.scenario.trace).find(|trace| self.shows_apart(trace)).cloned()
    }

    /// Whether it shows, and not only what the switch shows that it goes with.
    fn shows_apart(&self, trace: &Trace) -> bool {
        let [mut own, mut other] = [Transcript::default(), Transcript::default()];
        if let Some(companion) = self.companion() {
            subject(self.name, Over::Model).expect("a switch is one of the model").run(trace, &mut own);
            subject(companion, Over::Model).expect("a switch is one of the model").run(trace, &mut other);
        }
        (own != other || self.companion().is_none()) && self.shows_on(trace, Over::Model).is_some()
    }

    /// What the check says of a subject with this fault, when it diverges on this trace.
    #[must_use]
    pub fn shows_on(&self, trace: &Trace, over: Over) -> Option<Verdict> {
        let mut transcript = Transcript::default();
        subject(self.name, over)?.run(trace, &mut transcript);
        let verdict = check(trace, &faultless(), &transcript, &mut Tally::default());
        matches!(verdict, Verdict::Diverges(_)).then_some(verdict)
    }
}
