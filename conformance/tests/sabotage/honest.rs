//! What our cache shows of the built-in scenarios, which agrees with the manual: the control of whatever is altered.

use std::sync::LazyLock;

use sesscheck::check::{Verdict, check};
use sesscheck::faults::faultless;
use sesscheck::recording;
use sesscheck::subject::Subject;
use sesscheck::subjects::optimised::optimised;
use sesscheck::suite::{self, File};
use sesscheck::tally::Tally;
use sesscheck::trace::Trace;
use sesscheck::transcript::{Answer, CounterChange, Ending, Event, Member, Transcript};
use session_model::SessionRef;

/// Longer traces show nothing here that shorter ones do not.
const SHORT: usize = 120;

pub(crate) static FILES: LazyLock<Vec<File>> =
    LazyLock::new(|| suite::embedded().expect("the built-in scenarios are read"));

/// A trace, and what our cache shows of it.
pub(crate) struct Shown {
    pub(crate) trace: Trace,
    pub(crate) transcript: Transcript,
}

/// Of every short scenario that our cache can run.
pub(crate) static SHOWN: LazyLock<Vec<Shown>> = LazyLock::new(|| {
    let traces = FILES.iter().map(recording::trace_of).filter(|trace| trace.executed().count() <= SHORT);
    let shown = traces.filter_map(|trace| {
        let mut transcript = Transcript::default();
        optimised().run(&trace, &mut transcript);
        match verdict(&trace, &transcript) {
            Verdict::Conforms => Some(Shown { trace, transcript }),
            // The old synonyms are no part of the edition.
            Verdict::NotRun(_) => None,
            Verdict::Diverges(divergence) => panic!("the control is red: {divergence:?}"),
        }
    });
    let shown: Vec<_> = shown.collect();
    assert!(shown.len() > 400, "{} scenarios are the control", shown.len());
    shown
});

/// What the check says under the profile of our cache.
pub(crate) fn verdict(trace: &Trace, transcript: &Transcript) -> Verdict {
    check(trace, &faultless(), transcript, &mut Tally::default())
}

/// The kind of the divergence, in words; `None`: it conforms.
pub(crate) fn kind(trace: &Trace, transcript: &Transcript) -> Option<String> {
    match verdict(trace, transcript) {
        Verdict::Conforms => None,
        Verdict::Diverges(divergence) => Some(divergence.kind.name()),
        Verdict::NotRun(why) => panic!("not run: {why}"),
    }
}

/// One step of a transcript with all that belongs to it, so that it can be altered by itself.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Step {
    pub(crate) answer: Answer,
    pub(crate) digest: Option<u64>,
    pub(crate) probed: bool,
    pub(crate) events: Vec<Event>,
    pub(crate) destroyed: Vec<SessionRef>,
    pub(crate) counters: Vec<CounterChange>,
    pub(crate) members: Vec<Member>,
}

/// The steps of a transcript.
pub(crate) fn taken_apart(transcript: &Transcript) -> Vec<Step> {
    let steps = (0..transcript.steps.len()).filter_map(|n| transcript.step(n));
    let owned = steps.map(|seen| Step {
        answer: seen.answer,
        digest: seen.digest,
        probed: seen.probed,
        events: seen.events.to_vec(),
        destroyed: seen.destroyed.to_vec(),
        counters: seen.counters.to_vec(),
        members: seen.members.to_vec(),
    });
    owned.collect()
}

/// The transcript of these steps.
pub(crate) fn put_together(steps: &[Step], ending: Ending) -> Transcript {
    let mut transcript = Transcript::default();
    for step in steps {
        transcript.events.extend(&step.events);
        transcript.destroyed.extend(&step.destroyed);
        transcript.counters.extend(&step.counters);
        transcript.members.extend(&step.members);
        transcript.end_step(step.answer, step.digest, step.probed);
    }
    transcript.ending = ending;
    transcript
}
