//! What is known of the subject so far, and how it grows: evidence, and the profile that explains it.
//!
//! Not here: where evidence comes from; see `probe` and `hunt`.

use session_model::departures::Departure;
use session_model::{Clause, Departures, Profile};

use super::entry::Entry;
use super::evidence::{Evidence, Judge};
use super::fit::{Fit, Hopeless};
use super::{Plan, Progress};
use crate::damage::{damages_unseen, until_damage};
use crate::driver::Library;
use crate::finding::Parted;
use crate::profiles::Named;
use crate::report::{Found, NotRun};
use crate::stopwatch::Stopwatch;
use crate::subjects::model::Model;
use crate::suite::File;
use crate::trace::{Shown, Trace};
use crate::transcript::{Ending, Transcript};
use crate::verify::{quoted, replay_command, written};
use crate::worker::{Care, Recorded, StartError, Witness};

/// A diagnosis on its way.
pub(super) struct Campaign<'c, W> {
    pub(super) witness: &'c mut W,
    pub(super) plan: &'c Plan,
    pub(super) progress: Progress<'c>,
    pub(super) watch: Stopwatch,
    pub(super) profile: Profile,
    /// Latitudes that are pinned, needed or not.
    pub(super) pinned: Vec<Entry>,
    pub(super) evidence: Vec<Evidence>,
    /// What no profile explains, reduced.
    pub(super) new: Vec<Told>,
    /// Divergences like one of [`Self::new`], counted and not reduced.
    pub(super) alike: usize,
    /// Traces that took the subject down, or did once and not when they were run again.
    pub(super) downs: Vec<(Trace, Origin)>,
    /// The departures that damage the subject with which everything was seen again.
    pub(super) damaging: Departures,
    pub(super) unstable: Vec<NotRun>,
    pub(super) not_run: Vec<NotRun>,
    pub(super) judge: Judge,
    pub(super) hopeless: Hopeless,
    /// How often a search through worse profiles may still be tried before something is taken to be new.
    pub(super) wanders: usize,
    pub(super) early: bool,
}

/// Something that no profile explains, and the evidence of it; `None`: the subject went down.
pub(super) struct Told {
    found: Found,
    evidence: Option<usize>,
}

impl Told {
    /// What makes it the same as another: clause, op and kind of difference.
    pub(super) fn key(&self) -> (String, String, String) {
        self.found.parted.key()
    }
}

/// The departures of the profile that damage a subject.
fn damaging(profile: &Profile) -> Departures {
    let damages = |departure: &Departure| Departures::default().with(*departure).damage();
    profile.departures.iter().filter(damages).fold(Departures::default(), Departures::with)
}

/// Where a trace comes from.
#[derive(Clone)]
pub(super) struct Origin {
    pub(super) name: String,
    /// The arguments of `sesscheck replay` that show it again.
    pub(super) replay: String,
    pub(super) steps_before: usize,
    /// Whether it is as short as the reducer makes it.
    pub(super) reduced: bool,
}

impl<W: Witness> Campaign<'_, W> {
    /// Whether there is time left; once there is none, there is none any more.
    pub(super) fn in_time(&mut self) -> bool {
        self.early |= self.plan.limit.is_some_and(|limit| self.watch.elapsed() >= limit);
        !self.early
    }

    /// The profile so far, as it travels.
    pub(super) fn named(&self) -> Named {
        Named { name: self.plan.name.clone(), profile: self.profile, library: None }
    }

    /// Runs every scenario once.
    pub(super) fn scenarios(&mut self, suite: &[File]) -> Result<(), StartError> {
        for (n, file) in (0..).zip(suite) {
            (self.progress)("scenarios", n);
            if file.scenario.trace.setup.hazards {
                let why = "a hazard: the pages rule nothing there".to_owned();
                self.not_run.push(NotRun { what: file.path.clone(), why });
                continue;
            }
            let trace = Trace { shown: Shown::Everything, ..file.scenario.trace.clone() };
            let steps_before = trace.ops.len();
            let origin = Origin { name: file.path.clone(), replay: quoted(&file.path), steps_before, reduced: false };
            self.see(trace, origin)?;
        }
        Ok(())
    }

    /// Runs a trace on the subject and keeps what is seen; whether it is evidence.
    pub(super) fn see(&mut self, mut trace: Trace, origin: Origin) -> Result<bool, StartError> {
        until_damage(&mut trace, &self.profile);
        let model = Model::new(Profile::manual(self.profile.edition));
        if let Some(why) = trace.executed().find_map(|(_, op)| model.refuses(&op)) {
            self.not_run.push(NotRun { what: origin.name, why });
            return Ok(false);
        }
        match self.witness.record(&trace, Care::Confirm)? {
            Recorded::Shown(transcript)
                if matches!(
                    transcript.ending,
                    Ending::Crashed(_) | Ending::Hung | Ending::Grew(_) | Ending::Broke(_)
                ) =>
            {
                self.goes_down(&trace, origin)?;
            }
            Recorded::Shown(transcript) => return Ok(self.keep(trace, transcript, origin)),
            Recorded::Down(..) => self.goes_down(&trace, origin)?,
            Recorded::NotRun(why) => self.not_run.push(NotRun { what: origin.name, why }),
            Recorded::Unstable(why) => self.tell_unstable(trace, origin, why),
        }
        Ok(false)
    }

    /// What comes once and not again is told, unless the profile comes to say what an earlier trace has left behind.
    pub(super) fn tell_unstable(&mut self, trace: Trace, origin: Origin, why: String) {
        self.unstable.push(NotRun { what: origin.name.clone(), why });
        self.downs.push((trace, origin));
    }

    fn keep(&mut self, trace: Trace, transcript: Transcript, origin: Origin) -> bool {
        // Where it diverges before the step that is refused, the rest is not run either.
        if let Ending::Refused(why) = transcript.ending {
            self.not_run.push(NotRun { what: origin.name, why });
            return false;
        }
        let number = self.evidence.len();
        let Origin { name: origin, replay, steps_before, reduced } = origin;
        self.evidence.push(Evidence {
            number,
            trace,
            transcript,
            origin,
            replay,
            steps_before,
            reduced,
            set_aside: false,
        });
        true
    }

    /// A crash or a hang is told, and explains nothing.
    fn goes_down(&mut self, trace: &Trace, origin: Origin) -> Result<(), StartError> {
        self.downs.push((trace.clone(), origin.clone()));
        match self.shortest_alike(trace)? {
            Some((shortest, parted)) => {
                let replay = self.replay(&origin.replay);
                self.tell(written(&shortest, parted, origin.steps_before, replay), None);
            }
            // It is among the downs already.
            None => {
                let why = "it went down, and not when it was run again".to_owned();
                self.unstable.push(NotRun { what: origin.name, why });
            }
        }
        Ok(())
    }

    /// Sees everything again, if the profile has come to say that the subject's memory is damaged on the way: what was
    /// seen after the damage, in that trace or the next ones, means nothing. Whether it did.
    pub(super) fn see_again(&mut self) -> Result<bool, StartError> {
        let damaging = damaging(&self.profile);
        if damaging.iter().all(|departure| self.damaging.contains(departure)) {
            return Ok(false);
        }
        self.damaging = damaging.iter().fold(self.damaging, Departures::with);
        self.new.clear();
        self.unstable.clear();
        self.hopeless.clear();
        let again: Vec<_> = std::mem::take(&mut self.evidence)
            .into_iter()
            .map(|piece| {
                let Evidence { trace, origin: name, replay, steps_before, reduced, .. } = piece;
                (trace, Origin { name, replay, steps_before, reduced })
            })
            .chain(std::mem::take(&mut self.downs))
            .collect();
        for (trace, origin) in &again {
            if damages_unseen(trace, &self.profile) {
                self.see_damage(trace, origin)?;
            }
        }
        self.witness.restart()?;
        for (trace, origin) in again {
            self.see(trace, origin)?;
        }
        Ok(true)
    }

    /// Sees the damage itself, which is all that tells of a departure whose step shows nothing else. A process of its
    /// own has no other damage, and leaves none to others. A subject that goes down over it shows nothing.
    fn see_damage(&mut self, trace: &Trace, origin: &Origin) -> Result<(), StartError> {
        self.witness.restart()?;
        if let Recorded::Shown(transcript) = self.witness.record(trace, Care::Glance)?
            && transcript.ending == Ending::Completed
        {
            let name = format!("{}, past the damage", origin.name);
            self.keep(trace.clone(), transcript, Origin { name, ..origin.clone() });
        }
        Ok(())
    }

    /// The command that shows something again under the profile that is found.
    pub(super) fn replay(&self, of: &str) -> String {
        replay_command(&self.plan.spec, Some(&self.plan.profile_file), of)
    }

    /// Reports something new, unless it is like something that was.
    fn tell(&mut self, found: Found, evidence: Option<usize>) {
        if self.is_told(&found.parted) {
            self.alike += 1;
        } else {
            self.new.push(Told { found, evidence });
        }
    }

    /// Whether something like it was reported as new.
    pub(super) fn is_told(&self, parted: &Parted) -> bool {
        self.new.iter().any(|new| new.key() == parted.key())
    }

    /// Finds the profile that explains the evidence; what none explains is reduced and set aside.
    pub(super) fn fit(&mut self) -> Result<(), StartError> {
        while let Some(red) = self.first_red() {
            if !self.in_time() {
                return Ok(());
            }
            self.set_aside(red)?;
            self.set_told_aside();
        }
        let (judge, profile) = (&mut self.judge, &self.profile);
        for piece in self.evidence.iter_mut().filter(|piece| piece.set_aside) {
            piece.set_aside = !judge.explains(profile, piece);
        }
        Ok(())
    }

    /// Fits; the shortest evidence that is not explained then.
    fn first_red(&mut self) -> Option<usize> {
        (self.progress)("pieces of evidence", self.evidence.len() as u64);
        let (watch, limit) = (self.watch, self.plan.limit);
        let in_time = || limit.is_none_or(|limit| watch.elapsed() < limit);
        let mut fit = Fit::new(&self.evidence).keeping(&self.pinned).limited(&in_time);
        let (mut profile, mut all) = fit.from(self.profile, &mut self.hopeless);
        // Reducing what is not explained takes the subject long, and nothing may be new.
        if !all && self.wanders > 0 {
            self.wanders -= 1;
            if let Some(found) = fit.wander(profile) {
                (profile, all) = (found, true);
            }
        }
        self.profile = profile;
        let red = if all { None } else { fit.first_red(&profile) };
        red.map(|piece| piece.number)
    }

    /// Sets aside whatever diverges as something does that was told.
    fn set_told_aside(&mut self) {
        let (judge, profile, new) = (&mut self.judge, &self.profile, &self.new);
        for piece in self.evidence.iter_mut().filter(|piece| !piece.set_aside) {
            let parted = judge.parts(&piece.trace, &piece.transcript, profile).map(|divergence| (&divergence).into());
            let told = |parted: Parted| new.iter().any(|new| new.key() == parted.key());
            piece.set_aside = parted.is_some_and(told);
            self.alike += usize::from(piece.set_aside);
        }
    }

    /// Something is new: perhaps an entry was taken in haste, and a search from the pages on explains everything.
    /// Whether it does.
    pub(super) fn think_again(&mut self) -> bool {
        let mut evidence = self.evidence.clone();
        evidence.iter_mut().for_each(|piece| piece.set_aside = false);
        let (watch, limit) = (self.watch, self.plan.limit);
        let in_time = || limit.is_none_or(|limit| watch.elapsed() < limit);
        let mut fit = Fit::new(&evidence).keeping(&self.pinned).limited(&in_time);
        let (profile, all) = fit.from(Profile::manual(self.profile.edition), &mut Hopeless::default());
        let found = if all { Some(profile) } else { fit.wander(self.profile) };
        let all = found.is_some();
        if let Some(profile) = found {
            self.profile = profile;
            self.evidence = evidence;
            self.new.retain(|told| told.evidence.is_none());
        }
        all
    }

    /// Evidence that was set aside and diverges as nothing that was told does.
    pub(super) fn untold(&mut self) -> Option<usize> {
        let (judge, profile, new) = (&mut self.judge, &self.profile, &self.new);
        self.evidence.iter().position(|piece| {
            let mut parts = || judge.parts(&piece.trace, &piece.transcript, profile);
            let told = |parted: &Parted| new.iter().any(|new| new.key() == parted.key());
            piece.set_aside && !piece.reduced && parts().is_some_and(|divergence| !told(&(&divergence).into()))
        })
    }

    /// Evidence that nothing explains: its shortest form takes its place, or is told if it is that.
    pub(super) fn set_aside(&mut self, red: usize) -> Result<(), StartError> {
        self.evidence[red].set_aside = true;
        let piece = self.evidence[red].clone();
        let parted = self.judge.parts(&piece.trace, &piece.transcript, &self.profile).expect("it is not explained");
        let parted = Parted::from(&parted);
        let replay = self.replay(&piece.replay);
        if self.is_told(&parted) {
            self.alike += 1;
        } else if piece.reduced {
            self.tell(written(&piece.trace, parted, piece.steps_before, replay), Some(red));
        } else {
            // Once is enough.
            self.evidence[red].reduced = true;
            match self.shortest_alike(&piece.trace)? {
                Some((shortest, _)) => {
                    let name = format!("{}, reduced", piece.origin);
                    let steps_before = piece.steps_before;
                    self.see(shortest, Origin { name, replay: piece.replay, steps_before, reduced: true })?;
                }
                None => {
                    let why = format!("`{}` came once and not when it was run again", parted.clause);
                    self.unstable.push(NotRun { what: piece.origin, why });
                }
            }
        }
        Ok(())
    }

    /// Clauses each of which, not kept, explains all evidence of something new that does not go down.
    pub(super) fn suspects(&mut self) -> Vec<Clause> {
        if self.new.iter().all(|told| told.evidence.is_none()) {
            return Vec::new();
        }
        let mut evidence = self.evidence.clone();
        evidence.iter_mut().for_each(|piece| piece.set_aside = false);
        // A model that does not keep a clause may panic, and then it is no explanation; nobody need read of it.
        let hook = std::panic::take_hook();
        crate::worker::quiet_panics();
        let explains = |clause: &Clause| {
            let broken = Profile { broken: Some(*clause), ..self.profile };
            let holds = || Fit::new(&evidence).holds(&broken);
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(holds)).unwrap_or(false)
        };
        let suspects = Clause::all().filter(explains).collect();
        std::panic::set_hook(hook);
        suspects
    }

    /// What is told as new, under the profile that it came to in the end.
    pub(super) fn still_new(&mut self) -> Vec<Found> {
        let mut found: Vec<Found> = Vec::new();
        for Told { found: told, evidence } in std::mem::take(&mut self.new) {
            let mut told = told;
            if let Some(piece) = evidence.map(|at| &self.evidence[at]) {
                let Some(parts) = self.judge.parts(&piece.trace, &piece.transcript, &self.profile) else { continue };
                told = written(&piece.trace, (&parts).into(), told.steps.1, told.replay);
            }
            if !found.iter().any(|other| other.parted.key() == told.parted.key()) {
                found.push(told);
            }
        }
        found
    }
}
