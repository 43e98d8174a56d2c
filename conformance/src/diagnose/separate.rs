//! For each entry of the profile the shortest scenario that cannot do without it: the subject conforms with the entry
//! and diverges without.

use session_model::Profile;

use super::campaign::Campaign;
use super::diagnosis::Explained;
use super::entry::Entry;
use super::evidence::Judge;
use super::probe::shows;
use crate::damage::{damages_unseen, until_damage};
use crate::reduce::reduce;
use crate::scenario::{self, Header};
use crate::trace::Trace;
use crate::worker::{Care, Recorded, StartError, Witness};

/// How many candidates a reduction may try.
const REDUCTION: usize = 4000;

impl<W: Witness> Campaign<'_, W> {
    /// Each entry with its scenario.
    pub(super) fn separate(&mut self) -> Result<Vec<Explained>, StartError> {
        let mut explained = Vec::new();
        for (n, entry) in (0..).zip(Entry::of(self.profile).collect::<Vec<_>>()) {
            (self.progress)("separating scenarios", n);
            let without =
                entry.rivals().first().map_or_else(|| entry.taken_from(self.profile), |r| r.added_to(self.profile));
            let shortest = self.shortest(without);
            let trace = match &shortest {
                Some(trace) => Some(self.reduced_between(trace, without)?),
                None => None,
            };
            explained.push(Explained {
                name: entry.name(),
                clause: entry.clause().id().to_owned(),
                statement: entry.clause().entry().statement.to_owned(),
                instead: entry.instead(),
                steps: trace.as_ref().map_or(0, |trace| trace.ops.len()),
                scenario: trace.map(|trace| self.written(entry, &trace)),
            });
        }
        Ok(explained)
    }

    /// The shortest evidence that the profile explains and the other does not.
    fn shortest(&mut self, other: Profile) -> Option<Trace> {
        let (judge, profile) = (&mut self.judge, &self.profile);
        let mut pieces: Vec<_> = self.evidence.iter().filter(|piece| !piece.set_aside).collect();
        pieces.sort_by_key(|piece| (piece.trace.ops.len(), piece.length()));
        let separates = |piece: &&&_| judge.explains(profile, piece) && !judge.explains(&other, piece);
        pieces.iter().find(separates).map(|piece| piece.trace.clone())
    }

    /// Reduced as long as the subject conforms with our profile and not with the other. The model is asked first: it
    /// is fast, and where it does not tell the two apart the subject would have to be new.
    fn reduced_between(&mut self, trace: &Trace, other: Profile) -> Result<Trace, StartError> {
        let (profile, judge, witness) = (self.profile, &mut self.judge, &mut *self.witness);
        let by_damage = damages_unseen(trace, &profile);
        let mut broken = None;
        let mut same = |candidate: &Trace| {
            let by_model = Judge::default().parts(candidate, &shows(candidate, profile), &other).is_some();
            if broken.is_some() || !by_model {
                return false;
            }
            let mut run = candidate.clone();
            // What tells a departure that damages by the damage alone runs past it, in processes of their own.
            let past = by_damage && damages_unseen(candidate, &profile);
            if !past {
                until_damage(&mut run, &profile);
            }
            match alone(witness, &run, past) {
                Ok(Recorded::Shown(seen)) => {
                    judge.parts(&run, &seen, &profile).is_none() && judge.parts(&run, &seen, &other).is_some()
                }
                Ok(_) => false,
                Err(why) => {
                    broken = Some(why);
                    false
                }
            }
        };
        let reduced = reduce(trace, &mut same, REDUCTION).trace;
        broken.map_or(Ok(reduced), Err)
    }

    fn written(&self, entry: Entry, trace: &Trace) -> String {
        let title = match entry {
            Entry::Departure(_) => entry.instead(),
            Entry::Reading(..) => format!("reads {}", entry.name()),
        };
        let header = Header {
            title,
            clauses: vec![entry.clause().id().to_owned()],
            editions: vec![self.profile.edition.to_string()],
            readings: Vec::new(),
        };
        scenario::write(trace, &header, &[], &[])
    }
}

/// Runs a trace; one that does damage begins a process and ends it.
fn alone<W: Witness>(witness: &mut W, trace: &Trace, damages: bool) -> Result<Recorded, StartError> {
    if damages {
        witness.restart()?;
    }
    let recorded = witness.record(trace, Care::Glance)?;
    if damages {
        witness.restart()?;
    }
    Ok(recorded)
}
