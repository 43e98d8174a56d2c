//! Whoever runs a subject for somebody else: in a process of its own, or here.
//!
//! Not here: what is made of what the subject shows.

use super::held::{Held, Hunted, StartError};
use super::protocol::{Random, lane};
use crate::check::{Verdict, check_with};
use crate::finding::{Came, Parted};
use crate::profiles::Named;
use crate::source::{Seed, trace_of};
use crate::subject::Subject;
use crate::subjects::Spec;
use crate::tally::Tally;
use crate::trace::{Shown, Trace};
use crate::transcript::{Ending, Transcript};

/// What a subject showed when it was asked for a transcript.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Recorded {
    /// This.
    Shown(Transcript),
    /// It took its process down at this step, counted from 0; after a glance, somewhere.
    Down(usize, Ending),
    /// It was not run: why.
    NotRun(String),
    /// It took its process down once, and not when it was run again: how.
    Unstable(String),
}

/// What is done about a subject that goes down.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Care {
    /// It runs again, step by step and with more patience.
    Confirm,
    /// It is believed.
    Glance,
}

/// Runs one subject and checks it, trace by trace: all that a reduction takes.
pub trait Checks {
    /// Runs one trace and checks it.
    ///
    /// # Errors
    ///
    /// When the subject cannot be run any more.
    fn check(&mut self, trace: &Trace, profile: &Named) -> Result<Came, StartError>;

    /// Starts afresh, with a heap that nobody has damaged yet.
    ///
    /// # Errors
    ///
    /// When the subject cannot be run any more.
    fn restart(&mut self) -> Result<(), StartError>;

    /// How many direct calls it does in the time of a handshake; that of a libssl unless it knows better.
    fn handshake_price(&self) -> usize {
        LIBSSL
    }
}

/// And shows what was seen, and hunts by itself.
pub trait Witness: Checks {
    /// Runs one trace and shows what was seen.
    ///
    /// # Errors
    ///
    /// When the subject cannot be run any more.
    fn record(&mut self, trace: &Trace, care: Care) -> Result<Recorded, StartError>;

    /// Runs and checks a range of random traces; `go_on` is told of each report and may end the hunt.
    ///
    /// # Errors
    ///
    /// When the subject cannot be run any more.
    fn hunt(
        &mut self,
        random: &Random,
        profile: &Named,
        go_on: &mut dyn FnMut(&Hunted) -> bool,
    ) -> Result<Hunted, StartError>;
}

/// What a handshake costs a libssl, in direct calls.
const LIBSSL: usize = 60;

/// What it costs a subject that does no TLS.
const NO_TLS: usize = 4;

impl Checks for Held {
    fn check(&mut self, trace: &Trace, profile: &Named) -> Result<Came, StartError> {
        Self::check(self, trace, profile)
    }

    fn restart(&mut self) -> Result<(), StartError> {
        Self::restart(self)
    }

    fn handshake_price(&self) -> usize {
        match self.spec {
            Spec::Libssl(_) | Spec::Exec(_) => LIBSSL,
            Spec::Model | Spec::Optimised | Spec::OptimisedInSteps | Spec::Faulty(_) => NO_TLS,
        }
    }
}

impl Witness for Held {
    fn record(&mut self, trace: &Trace, care: Care) -> Result<Recorded, StartError> {
        Self::record(self, trace, care)
    }

    fn hunt(
        &mut self,
        random: &Random,
        profile: &Named,
        go_on: &mut dyn FnMut(&Hunted) -> bool,
    ) -> Result<Hunted, StartError> {
        Self::hunt(self, random, profile, go_on)
    }
}

/// A subject of this very process, for those that cannot take it down.
pub struct Here<S> {
    subject: S,
    seen: Transcript,
    ruled: Transcript,
}

impl<S: Subject> Here<S> {
    /// Runs this subject.
    pub fn new(subject: S) -> Self {
        Self { subject, seen: Transcript::default(), ruled: Transcript::default() }
    }

    fn verdict(&mut self, trace: &Trace, profile: &Named, tally: &mut Tally) -> Verdict {
        self.subject.run(trace, &mut self.seen);
        check_with(trace, &profile.profile, &self.seen, tally, &mut self.ruled)
    }
}

impl<S: Subject> Checks for Here<S> {
    fn check(&mut self, trace: &Trace, profile: &Named) -> Result<Came, StartError> {
        Ok((&self.verdict(trace, profile, &mut Tally::default())).into())
    }

    fn restart(&mut self) -> Result<(), StartError> {
        Ok(())
    }

    fn handshake_price(&self) -> usize {
        NO_TLS
    }
}

impl<S: Subject> Witness for Here<S> {
    fn record(&mut self, trace: &Trace, care: Care) -> Result<Recorded, StartError> {
        // Nothing here takes the process down, so there is nothing to be careful about.
        let _ = care;
        self.subject.run(trace, &mut self.seen);
        Ok(Recorded::Shown(self.seen.clone()))
    }

    fn hunt(
        &mut self,
        random: &Random,
        profile: &Named,
        go_on: &mut dyn FnMut(&Hunted) -> bool,
    ) -> Result<Hunted, StartError> {
        let lane = lane(&random.lane).ok_or_else(|| StartError::Process(format!("no lane `{}`", random.lane)))?;
        let mut hunted = Hunted::default();
        for number in random.first..random.first + random.count {
            let mut trace = trace_of(Seed(random.seed), number, lane);
            let mut tally = Tally::default();
            match self.verdict(&trace, profile, &mut tally) {
                Verdict::Conforms => hunted.tally.add(&tally),
                Verdict::NotRun(why) => hunted.not_run = (hunted.not_run.0 + 1, why),
                Verdict::Diverges(first) => {
                    // Once more with everything shown, which tells more.
                    trace.shown = Shown::Everything;
                    let parted = match self.verdict(&trace, profile, &mut Tally::default()) {
                        Verdict::Diverges(divergence) => Parted::from(divergence.as_ref()),
                        _ => Parted::from(first.as_ref()),
                    };
                    hunted.diverged += 1;
                    hunted.add(number, parted);
                }
            }
            if !go_on(&hunted) {
                break;
            }
        }
        Ok(hunted)
    }
}
