//! The workers of a campaign, and the desk where they bring what they found.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use super::charter::{Charter, Shard};
use super::folder::{Folder, FolderError};
use super::state::{Done, State, Taken};
use super::unit::Unit;
use crate::finding::Parted;
use crate::ledger::Ledger;
use crate::profiles::{Document, Named};
use crate::report::{Found, NotRun, ScenarioCounts, SubjectReport};
use crate::source::{Seed, trace_of};
use crate::stopwatch::Stopwatch;
use crate::subjects::Spec;
use crate::suite::File;
use crate::trace::Shown;
use crate::verify::{Plan, reduced, replay_command, verify, written};
use crate::worker::{Held, StartError, lane_word};

/// When a campaign ends.
#[derive(Clone, Copy, Debug)]
pub struct Until {
    /// After so long; a reduction that has begun is finished.
    pub time: Option<Duration>,
    /// When so many units are done, those of earlier runs among them.
    pub units: Option<u64>,
    /// How many worker processes.
    pub workers: usize,
}

/// What a run of a campaign came to.
#[derive(Debug)]
pub struct Ended {
    /// The state, as it is in the folder.
    pub state: State,
    /// How many findings are new since the run began.
    pub new: usize,
    /// Why it ended before its time, if it did.
    pub why: Option<String>,
}

/// How often in a row a worker may fail to start or to go on.
const FAILURES: u32 = 5;

/// How many scenarios are run before the state is written.
const SCENARIOS: usize = 20;

/// How often the state is written, when nothing was found.
const NOW_AND_THEN: Duration = Duration::from_secs(2);

/// The one place that the workers share.
struct Desk<'r> {
    state: State,
    folder: &'r Folder,
    taken: BTreeSet<u64>,
    new: usize,
    /// Seconds of earlier runs.
    before: u64,
    saved: Stopwatch,
    /// Why nobody goes on.
    stop: Option<String>,
    told: &'r mut Told<'r>,
}

/// Hears of each unit that is done, and of each finding that is new or shorter than before.
pub type Told<'t> = dyn FnMut(&State, Option<(&Found, Taken)>) + Send + 't;

/// Goes on with the campaign of this charter in its folder.
///
/// # Errors
///
/// When the folder holds another campaign, or cannot be used.
pub fn run(
    program: &Path,
    (spec, profile): (&Spec, &Named),
    charter: Charter,
    (folder, suite): (&Folder, &[File]),
    until: Until,
    told: &mut Told<'_>,
) -> Result<Ended, FolderError> {
    let state = begin(folder, charter, suite.len())?;
    let watch = Stopwatch::start();
    let desk = Desk {
        before: state.seconds,
        state,
        folder,
        taken: BTreeSet::new(),
        new: 0,
        saved: Stopwatch::start(),
        stop: None,
        told,
    };
    let desk = Mutex::new(desk);
    let shift = Shift { program, spec, profile, until, watch, desk: &desk };
    shift.scenarios(suite);
    std::thread::scope(|scope| {
        for _ in 0..until.workers.max(1) {
            scope.spawn(|| shift.work());
        }
    });
    let mut desk = desk.into_inner().expect("nobody panics with it");
    desk.save(&watch);
    Ok(Ended { state: desk.state, new: desk.new, why: desk.stop })
}

/// The state to go on from.
fn begin(folder: &Folder, charter: Charter, scenarios: usize) -> Result<State, FolderError> {
    let Some(state) = folder.load()? else {
        let state = State::new(charter);
        folder.save(&state)?;
        return Ok(state);
    };
    let merged = (state.shards.len() > 1).then(|| "it is merged from several shards".to_owned());
    let more = || format!("it has run {} of {scenarios} scenarios", state.scenarios);
    let unsound = || state.unsound().or_else(|| (state.scenarios > scenarios as u64).then(more));
    if let Some(why) = merged.or_else(|| charter.differs(&state.charter)).or_else(unsound) {
        return Err(folder.wrong(&format!("no campaign to go on with: {why}")));
    }
    // The state may have been written where there was no room for the finding: the same finding is not new again.
    for finding in state.findings.iter().filter(|finding| !folder.has(&finding.found)) {
        folder.keep(&finding.found)?;
    }
    Ok(state)
}

struct Shift<'r, 'd> {
    program: &'r Path,
    spec: &'r Spec,
    profile: &'r Named,
    until: Until,
    watch: Stopwatch,
    desk: &'r Mutex<Desk<'d>>,
}

impl Shift<'_, '_> {
    fn desk<T>(&self, at: impl FnOnce(&mut Desk<'_>) -> T) -> T {
        at(&mut self.desk.lock().expect("nobody panics with it"))
    }

    fn in_time(&self) -> bool {
        self.until.time.is_none_or(|limit| self.watch.elapsed() < limit)
    }

    /// The scenarios, once a campaign: a few at a time, so that a kill or the end of time loses no more.
    fn scenarios(&self, suite: &[File]) {
        loop {
            let done = self.desk(|desk| desk.state.scenarios);
            let rest = suite.get(usize::try_from(done).unwrap_or(usize::MAX)..).unwrap_or_default();
            let some = &rest[..rest.len().min(SCENARIOS)];
            if some.is_empty() || !self.in_time() || self.desk(|desk| desk.stop.is_some()) {
                return;
            }
            let report = verify(self.program, &self.plan(0), some, &|_, _| {});
            self.desk(|desk| desk.scenarios(report, some.len(), &self.watch));
        }
    }

    fn work(&self) {
        // A night has slow moments: one worker that cannot be had ends nothing.
        let mut failed = 0;
        while let Err(why) = self.units(&mut failed) {
            failed += 1;
            if failed > FAILURES {
                self.desk(|desk| desk.stop = Some(why.to_string()));
                return;
            }
        }
    }

    /// Unit after unit, as long as there is a worker. `failed` is 0 again when one is done.
    fn units(&self, failed: &mut u32) -> Result<(), StartError> {
        let mut held = Held::start(self.program.to_owned(), self.spec.clone())?;
        crate::canary::looks(&mut held, self.profile)?;
        while let Some(unit) = self.next() {
            let done = self.unit(&mut held, unit);
            self.desk(|desk| desk.taken.remove(&unit.number));
            done?;
            *failed = 0;
        }
        Ok(())
    }

    /// A unit that nobody has done or taken.
    fn next(&self) -> Option<Unit> {
        self.desk(|desk| {
            let Desk { state, taken, .. } = desk;
            let enough = self.until.units.is_some_and(|units| state.units() + taken.len() as u64 >= units);
            if desk.stop.is_some() || enough || !self.in_time() {
                return None;
            }
            let number = (state.done..).find(|number| !state.is_done(*number) && !taken.contains(number))?;
            taken.insert(number);
            Some(Unit::of(&state.charter, number))
        })
    }

    /// Does a unit. Its findings are brought before it counts as done; a unit that time cuts short does not count.
    fn unit(&self, held: &mut Held, unit: Unit) -> Result<(), StartError> {
        let mut whole = true;
        let hunted = held.hunt(&unit.random(Document::of(self.profile)), self.profile, &mut |_| {
            whole = self.in_time();
            whole
        })?;
        let plan = self.plan(unit.seed);
        let of = |number: u64| {
            let of = format!("--seed {} --lane {} --number {number}", unit.seed, lane_word(unit.lane));
            replay_command(&plan.spec, plan.profile_typed.as_deref(), &of)
        };
        let mut unstable: Vec<NotRun> =
            hunted.unstable.iter().map(|(number, why)| NotRun { what: of(*number), why: why.clone() }).collect();
        for (numbers, parted) in &hunted.found {
            if !self.desk(|desk| desk.state.wants(parted)) {
                continue;
            }
            match self.finding(held, unit, numbers, &of)? {
                Some(found) => self.desk(|desk| desk.bring(lane_word(unit.lane), found)),
                None => unstable.push(came_once(parted, numbers, of(numbers[0]))),
            }
        }
        self.desk(|desk| {
            if whole && desk.stop.is_none() {
                desk.complete(Done { unit, hunted, unstable }, &self.watch);
            }
        });
        Ok(())
    }

    /// The first of these traces that parts again, reduced.
    fn finding(
        &self,
        held: &mut Held,
        unit: Unit,
        numbers: &[u64],
        of: &dyn Fn(u64) -> String,
    ) -> Result<Option<Found>, StartError> {
        for number in numbers {
            let mut trace = trace_of(Seed(unit.seed), *number, unit.lane);
            trace.shown = Shown::Everything;
            if let Some((short, parted)) = reduced(held, self.profile, &trace)? {
                return Ok(Some(written(&short, parted, trace.ops.len(), of(*number))));
            }
        }
        Ok(None)
    }

    fn plan(&self, seed: u64) -> Plan {
        Plan {
            spec: self.spec.clone(),
            profile: Some(self.profile.clone()),
            profile_typed: self.desk(|desk| desk.state.charter.profile_typed.clone()),
            gates: true,
            seed,
            lanes: Vec::new(),
            limit: None,
            most_findings: usize::MAX,
            hazards: None,
            ledger: Ledger::default(),
            shard: Shard::WHOLE,
        }
    }
}

fn came_once(parted: &Parted, numbers: &[u64], what: String) -> NotRun {
    let why = format!("`{}` came {} times and not when it was run again", parted.clause, numbers.len());
    NotRun { what, why }
}

impl Desk<'_> {
    /// What so many scenarios came to.
    fn scenarios(&mut self, report: SubjectReport, count: usize, watch: &Stopwatch) {
        let ScenarioCounts { conforms, diverges_known, accepted: _, diverges, not_run } = report.scenarios;
        if conforms + diverges_known + diverges + not_run < count {
            // What ended it is told last.
            let why = report.not_run.last().map_or("the scenarios were not run to their end", |last| last.why.as_str());
            self.stop = Some(why.to_owned());
            return;
        }
        for found in report.divergences {
            self.bring("scenarios", found);
        }
        // Else they are run again, and counted then.
        if self.stop.is_none() {
            self.state.unstable_all(report.unstable);
            if let Some(last) = report.not_run.last() {
                let times = report.not_run.len() as u64;
                self.state.not_run = (self.state.not_run.0 + times, last.why.clone());
            }
            self.state.scenarios += count as u64;
        }
        self.save(watch);
    }

    /// A finding: on disk before anything else happens.
    fn bring(&mut self, from: &str, found: Found) {
        let taken = self.state.take(from, found.clone());
        if !matches!(taken, Taken::New | Taken::Shorter) {
            return;
        }
        self.new += usize::from(taken == Taken::New);
        let kept = self.folder.keep(&found).and_then(|()| self.folder.save(&self.state));
        if let Err(error) = kept {
            self.stop = Some(error.to_string());
        }
        (self.told)(&self.state, Some((&found, taken)));
    }

    fn complete(&mut self, done: Done, watch: &Stopwatch) {
        self.state.complete(done);
        if self.saved.elapsed() >= NOW_AND_THEN {
            self.save(watch);
        }
        (self.told)(&self.state, None);
    }

    fn save(&mut self, watch: &Stopwatch) {
        self.state.seconds = self.before + watch.elapsed().as_secs();
        if let Err(error) = self.folder.save(&self.state) {
            self.stop.get_or_insert(error.to_string());
        }
        self.saved = Stopwatch::start();
    }
}
