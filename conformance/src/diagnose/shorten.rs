//! The shortest trace on which the subject still diverges alike, whatever profile it is held to.
//!
//! As [`crate::verify::reduced`], with two differences: a candidate that hangs is given up at the first silence, since
//! what is sought costs seconds where a hang costs minutes; and the time limit ends it.

use super::campaign::Campaign;
use super::evidence::Judge;
use crate::damage::until_damage;
use crate::finding::{Came, Parted};
use crate::reduce::reduce;
use crate::trace::Trace;
use crate::transcript::{Ending, Transcript};
use crate::verify::cost;
use crate::worker::{Care, Recorded, StartError, Witness};

/// How many candidates a reduction may try.
const RUNS: usize = 4000;

/// How many when each that still hangs costs a silence.
const RUNS_OF_A_HANG: usize = 8;

/// How much they may run, as [`cost`] counts it.
const COST: usize = 1_500_000;

impl<W: Witness> Campaign<'_, W> {
    /// The shortest trace found, and how the subject parts from the profile there; `None`: it does not part again.
    pub(super) fn shortest_alike(&mut self, trace: &Trace) -> Result<Option<(Trace, Parted)>, StartError> {
        let profile = self.named();
        // In a worker that has run nothing: a damaged heap may lie.
        self.witness.restart()?;
        let Came::Diverges(parted) = self.witness.check(trace, &profile)? else { return Ok(None) };
        let hangs = parted.kind == crate::divergence::Kind::Hung.name();
        let (watch, limit) = (self.watch, self.plan.limit);
        let (witness, judge) = (&mut *self.witness, &mut self.judge);
        let (mut broken, mut spent) = (None, 0);
        let price = witness.handshake_price();
        let mut same = |candidate: &Trace| {
            spent += cost(candidate, price);
            let over = spent > COST || limit.is_some_and(|limit| watch.elapsed() >= limit);
            if over || broken.is_some() {
                return false;
            }
            let mut run = candidate.clone();
            until_damage(&mut run, &profile.profile);
            match witness.record(&run, Care::Glance) {
                Ok(Recorded::Shown(seen)) => alike(judge, &run, &seen, &profile.profile, &parted),
                Ok(Recorded::Down(_, ending)) => went_down(&ending) == parted.kind,
                Ok(Recorded::Unstable(_) | Recorded::NotRun(_)) => false,
                Err(why) => {
                    broken = Some(why);
                    false
                }
            }
        };
        let reduced = reduce(trace, &mut same, if hangs { RUNS_OF_A_HANG } else { RUNS }).trace;
        if let Some(why) = broken {
            return Err(why);
        }
        match self.witness.check(&reduced, &profile)? {
            Came::Diverges(parted) => Ok(Some((reduced, parted))),
            _ => Ok(None),
        }
    }
}

fn alike(
    judge: &mut Judge,
    trace: &Trace,
    seen: &Transcript,
    profile: &session_model::Profile,
    parted: &Parted,
) -> bool {
    judge.parts(trace, seen, profile).is_some_and(|divergence| Parted::from(&divergence).same(parted))
}

fn went_down(ending: &Ending) -> String {
    match ending {
        Ending::Hung => crate::divergence::Kind::Hung.name(),
        _ => crate::divergence::Kind::Crashed.name(),
    }
}
