//! Subjects with faults: the model with something broken, and wrappers for what no clause of the model can break.

use sesscheck::op::Op;
use sesscheck::profiles;
use sesscheck::subject::{Driven, Subject};
use sesscheck::subjects::model::{self, Model};
use sesscheck::trace::Trace;
use sesscheck::transcript::{Answer, Transcript};
use session_model::clause::Clause;
use session_model::departures::Departure;
use session_model::{Departures, Profile, SessionId, Time, Timeout};

pub(crate) fn profile() -> Profile {
    profiles::by_name("optimised").expect("a shipped profile").profile
}

/// The model.
pub(crate) fn honest() -> Driven<Model> {
    model::subject("model", profile())
}

/// The model that does not keep this clause.
pub(crate) fn broken(clause: &str) -> Driven<Model> {
    let broken = Some(Clause::by_id(clause).expect("a clause of the registry"));
    model::subject(clause, Profile { broken, ..profile() })
}

/// The model with this departure.
pub(crate) fn departing(name: &str) -> Driven<Model> {
    let departure = Departure::by_name(name).expect("a known departure");
    model::subject(name, Profile { departures: Departures::NONE.with(departure), ..profile() })
}

/// Carries out other ops than it says: the answers are those of the ops asked for.
pub(crate) struct Meddling(pub(crate) fn(&Op, Answer) -> Option<Op>);

impl Subject for Meddling {
    fn name(&self) -> &str {
        "meddling"
    }

    fn run_watched(&mut self, trace: &Trace, out: &mut Transcript, before: &mut dyn FnMut(u32)) {
        honest().run(trace, out);
        if trace.ops.iter().any(|op| matches!(op, Op::Repeat(..))) {
            return;
        }
        let answers: Vec<Answer> = out.steps.iter().map(|step| step.answer).collect();
        let ops =
            trace.ops.iter().zip(&answers).map(|(op, answer)| (self.0)(op, *answer).unwrap_or_else(|| op.clone()));
        let wrong = Trace { ops: ops.collect(), ..trace.clone() };
        // A last phase of another length would give it away.
        if wrong.last_phase() == trace.last_phase() {
            honest().run_watched(&wrong, out, before);
            for (step, answer) in out.steps.iter_mut().zip(answers).take(trace.ops.len()) {
                step.answer = answer;
            }
        }
    }
}

/// Takes the first bytes of an id for the whole.
pub(crate) struct Truncating(pub(crate) usize);

impl Subject for Truncating {
    fn name(&self) -> &str {
        "truncating"
    }

    fn run_watched(&mut self, trace: &Trace, out: &mut Transcript, before: &mut dyn FnMut(u32)) {
        let mut trace = trace.clone();
        let truncate = |id: &mut SessionId| {
            let bytes = id.as_bytes();
            *id = SessionId::new(&bytes[..bytes.len().min(self.0)]).expect("no longer than it was");
        };
        trace.setup.sessions.iter_mut().for_each(|spec| truncate(&mut spec.id));
        for op in &mut trace.ops {
            if let Op::Session(_, spec) = op {
                truncate(&mut spec.id);
            }
        }
        honest().run_watched(&trace, out, before);
    }
}

/// Its clock is a second later in each run.
#[derive(Default)]
pub(crate) struct Ageing(i128);

impl Subject for Ageing {
    fn name(&self) -> &str {
        "ageing"
    }

    fn run_watched(&mut self, trace: &Trace, out: &mut Transcript, before: &mut dyn FnMut(u32)) {
        let mut trace = trace.clone();
        trace.setup.clock = Time(trace.setup.clock.0) + Timeout(self.0);
        self.0 += 1;
        honest().run_watched(&trace, out, before);
    }
}

/// The model, with its transcript changed at the end.
pub(crate) struct Misreporting(pub(crate) fn(&mut Transcript));

impl Subject for Misreporting {
    fn name(&self) -> &str {
        "misreporting"
    }

    fn run_watched(&mut self, trace: &Trace, out: &mut Transcript, before: &mut dyn FnMut(u32)) {
        honest().run_watched(trace, out, before);
        (self.0)(out);
    }
}
