//! One engine after one fault.

use serde::{Deserialize, Serialize};
use session_model::Profile;

use super::engine::{Engine, Origin};
use super::measure::Budget;
use crate::check::{Verdict, check};
use crate::divergence::Divergence;
use crate::reduce::{Measure, reduce};
use crate::source::Seed;
use crate::stopwatch::Stopwatch;
use crate::subject::Subject;
use crate::suite::File;
use crate::tally::Tally;
use crate::trace::Trace;
use crate::transcript::Transcript;

/// An engine has found a fault.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hit {
    /// How many traces it took, the one that shows it included.
    pub traces: u64,
    /// How many ops it took, the one that shows it included.
    pub ops: u64,
    /// How many milliseconds it took, here and now.
    pub millis: u64,
    /// The clause that the divergence names.
    pub clause: String,
    /// How many steps the trace has, and how many are left of it: there, a `repeat` counts its block and one.
    pub steps: (usize, usize),
    /// The trace, as `replay` takes it: a scenario's path, or seed, lane and number; or as `exhaust` does: scope and
    /// letters.
    pub origin: String,
    /// The command that shows it again.
    pub replay: String,
}

/// A subject with a fault, and what it is held to.
pub(super) struct Prey<'p> {
    pub(super) name: &'p str,
    pub(super) subject: &'p mut dyn Subject,
    pub(super) profile: Profile,
}

impl Prey<'_> {
    /// Where it diverges in a trace. Ops that were agreed with are counted in `tally`.
    fn diverges(&mut self, trace: &Trace, seen: &mut Transcript, tally: &mut Tally) -> Option<Box<Divergence>> {
        self.subject.run(trace, seen);
        match check(trace, &self.profile, seen, tally) {
            Verdict::Diverges(divergence) => Some(divergence),
            Verdict::Conforms | Verdict::NotRun(_) => None,
        }
    }

    /// Sends an engine after it, under one seed. What does not end by itself gives up after `budget.ops`.
    pub(super) fn hunted(&mut self, engine: Engine, seed: u64, files: &[File], budget: &Budget) -> Option<Hit> {
        let watch = Stopwatch::start();
        let (mut seen, mut tally, mut traces) = (Transcript::default(), Tally::default(), 0);
        for (Origin(origin), trace) in engine.traces(files, Seed(seed), &self.profile) {
            // Each trace has an op at least, if it is run at all.
            if engine.given(budget.ops).is_some_and(|given| tally.ops.max(traces) >= given) {
                return None;
            }
            traces += 1;
            let Some(divergence) = self.diverges(&trace, &mut seen, &mut tally) else { continue };
            let millis = u64::try_from(watch.elapsed().as_millis()).unwrap_or(u64::MAX);
            return Some(Hit {
                traces,
                // Those before this trace agreed, and of this one all up to the divergence.
                ops: tally.ops + 1,
                millis,
                clause: divergence.clause.id().to_owned(),
                steps: (trace.executed().count(), self.shortest(&trace, &divergence, budget.reductions)),
                replay: format!("sesscheck {} --subject faulty:{} {origin}", engine.verb(), self.name),
                origin,
            });
        }
        None
    }

    /// How many steps are left of a trace that shows the same.
    fn shortest(&mut self, trace: &Trace, divergence: &Divergence, budget: usize) -> usize {
        let mut seen = Transcript::default();
        let mut same = |candidate: &Trace| {
            let other = self.diverges(candidate, &mut seen, &mut Tally::default());
            other.is_some_and(|other| (other.clause, other.kind) == (divergence.clause, divergence.kind))
        };
        Measure::of(&reduce(trace, &mut same, budget).trace).ops as usize
    }
}
