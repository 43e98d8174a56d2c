//! What was seen: traces with the transcripts of the one subject, each of which any profile can be tried on.

use session_model::Profile;

use crate::check::{Verdict, check_with};
use crate::divergence::Divergence;
use crate::tally::Tally;
use crate::trace::Trace;
use crate::transcript::Transcript;

/// One trace, as the subject ran it once.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// Its number: its place among all evidence.
    pub number: usize,
    /// The trace.
    pub trace: Trace,
    /// What the subject showed.
    pub transcript: Transcript,
    /// What it came from: a path, or a seed, a lane and a number.
    pub origin: String,
    /// The command's arguments that show it again.
    pub replay: String,
    /// How many steps it had before it was reduced.
    pub steps_before: usize,
    /// Whether it is as short as the reducer makes it.
    pub reduced: bool,
    /// Nothing that was tried explains it: no profile is held to it any more.
    pub set_aside: bool,
}

/// Tries profiles on evidence, with buffers that are used again.
#[derive(Default)]
pub struct Judge {
    tally: Tally,
    ruled: Transcript,
}

/// How far a profile explains a piece of evidence: the steps that agree, or all of them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Reach {
    /// The first step that does not agree, counted from 0.
    Step(usize),
    /// Everything agrees, or nothing can be said of what does not.
    All,
}

impl Judge {
    /// Where the two part.
    pub fn parts(&mut self, trace: &Trace, transcript: &Transcript, profile: &Profile) -> Option<Divergence> {
        match check_with(trace, profile, transcript, &mut self.tally, &mut self.ruled) {
            Verdict::Diverges(divergence) => Some(*divergence),
            Verdict::Conforms | Verdict::NotRun(_) => None,
        }
    }

    /// Whether a profile explains the evidence.
    pub fn explains(&mut self, profile: &Profile, evidence: &Evidence) -> bool {
        self.reach(profile, evidence) == Reach::All
    }

    /// How far it does.
    pub fn reach(&mut self, profile: &Profile, evidence: &Evidence) -> Reach {
        match self.parts(&evidence.trace, &evidence.transcript, profile) {
            Some(divergence) => Reach::Step(divergence.index),
            None => Reach::All,
        }
    }
}

impl Evidence {
    /// How much there is to be run: what is quickly tried is tried first.
    #[must_use]
    pub fn length(&self) -> usize {
        self.transcript.steps.len() + self.transcript.members.len() / 4
    }
}
