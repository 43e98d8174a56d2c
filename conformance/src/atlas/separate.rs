//! The shortest scenario that tells a profile from the same profile with one entry changed: searched for each time, so
//! that it cannot go stale.

use std::collections::HashMap;

use session_model::Profile;

use super::{Behaviour, Kind, Side};
use crate::check::{Verdict, check};
use crate::op::{Accept, Op};
use crate::recording::trace_of;
use crate::subject::Subject;
use crate::subjects::model;
use crate::suite::File;
use crate::tally::Tally;
use crate::trace::Trace;
use crate::transcript::{Event, Transcript};

/// Longer traces are searched with each step's observation alone: what differs there also differs with everything shown,
/// which grows with the square of the steps.
const EVERYTHING: usize = 100;

/// How a transcript is told from what the other value would show.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum How {
    /// It diverges from the model under the other value.
    OtherValue,
    /// The other value allows it too, and any order of removals beside; with the removals of each step in reverse it
    /// diverges from the model under its own value.
    Reversed,
}

/// What tells a value from another.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Separation {
    /// The scenario's path.
    pub scenario: String,
    /// The other value.
    pub against: &'static str,
    /// How.
    pub how: How,
    /// Who can tell.
    pub side: Side,
}

/// The search, with what it has run.
pub struct Separator<'f> {
    /// Scenarios with their traces: those of servers first, the shorter ones first.
    traces: Vec<(&'f File, Trace, Side, usize)>,
    kept: HashMap<(Profile, usize), Transcript>,
}

impl<'f> Separator<'f> {
    /// A search among these scenarios.
    #[must_use]
    pub fn new(files: &'f [File]) -> Self {
        let mut traces: Vec<_> = files
            .iter()
            .map(|file| {
                let mut trace = trace_of(file);
                let (side, steps) = (side(&trace), trace.executed().count());
                if steps > EVERYTHING {
                    trace.shown = crate::trace::Shown::Steps;
                }
                (file, trace, side, steps)
            })
            .collect();
        traces.sort_by(|a, b| (a.2, a.3, &a.0.path).cmp(&(b.2, b.3, &b.0.path)));
        Self { traces, kept: HashMap::new() }
    }

    /// The shortest scenario on which the model under `profile` shows what it would not show if `behaviour` had the
    /// pure manual's value, or, where it has that one or the pages allow its own too, another one.
    pub fn separate(&mut self, profile: &Profile, behaviour: Behaviour) -> Option<Separation> {
        let value = behaviour.value(profile);
        let others = || behaviour.values().iter().copied().filter(|other| *other != value);
        let found = others().find_map(|other| self.found(profile, behaviour, other, How::OtherValue));
        // Only a reading can have a value that allows what another shows.
        if found.is_some() || behaviour.kind() == Kind::Departure {
            return found;
        }
        others().find_map(|other| self.found(profile, behaviour, other, How::Reversed))
    }

    fn found(
        &mut self,
        profile: &Profile,
        behaviour: Behaviour,
        against: &'static str,
        how: How,
    ) -> Option<Separation> {
        let other = behaviour.set(profile, against);
        let at = (0..self.traces.len()).find(|at| self.tells(profile, &other, how, *at))?;
        let (file, _, side, _) = &self.traces[at];
        Some(Separation { scenario: file.path.clone(), against, how, side: *side })
    }

    fn tells(&mut self, profile: &Profile, other: &Profile, how: How, at: usize) -> bool {
        let Self { traces, kept } = self;
        let (_, trace, ..) = &traces[at];
        let run = || {
            let mut transcript = Transcript::default();
            model::subject("model", *profile).run(trace, &mut transcript);
            transcript
        };
        tells(trace, profile, other, how, kept.entry((*profile, at)).or_insert_with(run))
    }
}

/// Whether a transcript that agrees with the model under `profile` tells it from `other`.
pub(super) fn tells(trace: &Trace, profile: &Profile, other: &Profile, how: How, transcript: &Transcript) -> bool {
    let diverges = |profile: &Profile, transcript: &Transcript| {
        matches!(check(trace, profile, transcript, &mut Tally::default()), Verdict::Diverges(_))
    };
    match how {
        How::OtherValue => diverges(other, transcript),
        How::Reversed => {
            let reversed = reversed(transcript);
            reversed != *transcript && diverges(profile, &reversed) && !diverges(other, &reversed)
        }
    }
}

/// The transcript with the removals of each step in reverse order.
fn reversed(transcript: &Transcript) -> Transcript {
    let mut reversed = transcript.clone();
    let mut from = 0;
    for step in &transcript.steps {
        let to = step.events as usize;
        let removals = |events: &[Event]| {
            let at = |n: &usize| matches!(events[*n], Event::Remove(..));
            (from..to).filter(at).collect::<Vec<_>>()
        };
        let places = removals(&transcript.events);
        for (place, other) in places.iter().zip(places.iter().rev()) {
            reversed.events[*place] = transcript.events[*other];
        }
        from = to;
    }
    reversed
}

/// Whether what a trace shows is a server's: no client is observed, or a context has both roles.
fn side(trace: &Trace) -> Side {
    let ops = trace.ops.iter().flat_map(|op| match op {
        Op::Repeat(_, block) => block.as_slice(),
        _ => std::slice::from_ref(op),
    });
    let accepts: Vec<&Accept> = ops
        .filter_map(|op| match op {
            Op::AcceptBegin(_, accept) | Op::Handshake(accept, _) => Some(accept),
            _ => None,
        })
        .collect();
    let is_server = |context| accepts.iter().any(|accept| accept.context == context);
    let mut clients = accepts.iter().filter_map(|accept| accept.client).peekable();
    if clients.peek().is_none() || clients.any(is_server) { Side::Server } else { Side::Client }
}
