//! How a hazards trace ended, as a finding: which op, which hazards, which end. Never a clause.

use super::dangers;
use crate::finding::{Came, Parted};
use crate::trace::{Place, Trace};
use crate::transcript::{Ending, Transcript};

/// What came of a hazards trace whose transcript was made.
#[must_use]
pub fn ended(trace: &Trace, transcript: &Transcript) -> Came {
    match &transcript.ending {
        Ending::Completed => Came::Completed,
        Ending::Refused(why) => Came::NotRun(why.clone()),
        ending => Came::WentDown(went_down(trace, transcript.steps.len(), ending)),
    }
}

/// The finding of a subject that goes down in this step, counted from 0, of those that are executed.
///
/// What is told is the op, how it ended, and the hazards of the whole trace: of a reduced one, those that it takes.
#[must_use]
pub fn went_down(trace: &Trace, step: usize, ending: &Ending) -> Parted {
    let last = || {
        let step = u32::try_from(trace.ops.len()).expect("a trace has fewer than 2^32 steps");
        (Place { step, within: None }, "probe")
    };
    let (place, op) = trace.executed().nth(step).map_or_else(last, |(place, op)| (place, op.verb()));
    let found: Vec<_> = dangers(trace).iter().map(ToString::to_string).collect();
    let (kind, seen) = match ending {
        Ending::Crashed(why) => ("crashed", why.clone()),
        Ending::Hung => ("hung", "the step does not end".to_owned()),
        Ending::Grew(why) => ("grew", why.clone()),
        Ending::Broke(why) => ("broke the protocol", why.clone()),
        Ending::Completed | Ending::Refused(_) => unreachable!("{ending:?} is not going down"),
    };
    Parted {
        clause: format!("hazard: {}", if found.is_empty() { "none".to_owned() } else { found.join(", ") }),
        kind: kind.to_owned(),
        op: op.to_owned(),
        place: place.to_string(),
        index: step,
        ruled: "nothing: no page says what then".to_owned(),
        seen,
    }
}

/// The same of a trace of which is not known in which step.
#[must_use]
pub fn went_down_somewhere(trace: &Trace, ending: &Ending) -> Parted {
    let unknown = || "some step".to_owned();
    Parted { op: unknown(), place: unknown(), ..went_down(trace, 0, ending) }
}
