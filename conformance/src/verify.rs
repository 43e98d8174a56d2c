//! Holds one subject against its profile: all scenarios, then random traces, then each finding reduced.

use std::path::Path;
use std::time::Duration;

use session_model::{Clause, Readings};

use crate::campaign::Shard;
use crate::check::{Verdict, check};
use crate::course::{Course, course};
use crate::divergence::Kind;
use crate::finding::{Came, Parted};
use crate::hazards::Campaign;
use crate::ledger::{self, Ledger};
use crate::op::Op;
use crate::profiles::Named;
use crate::reduce::reduce;
use crate::report::{Asked, Ended, Found, Known, NotRun, Origin, ScenarioCounts, Standing, SubjectReport};
use crate::scenario::{self, Header};
use crate::source::{Lane, Seed, trace_of};
use crate::stopwatch::Stopwatch;
use crate::subjects::Spec;
use crate::suite::File;
use crate::tally::{Outcome, Tally};
use crate::trace::{Shown, Trace};
use crate::worker::{Checks, Held, Hunted, Random, StartError, lane_word};

/// What is to be run on a subject.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The subject.
    pub spec: Spec,
    /// What it is held to; `None`: its own profile.
    pub profile: Option<Named>,
    /// That profile as it was typed, for the commands that are printed.
    pub profile_typed: Option<String>,
    /// Whether the exit status depends on it.
    pub gates: bool,
    /// The seed of the random traces.
    pub seed: u64,
    /// How many random traces of each kind.
    pub lanes: Vec<(Lane, u64)>,
    /// Ends the random traces early.
    pub limit: Option<Duration>,
    /// How many findings are reduced; the others are counted.
    pub most_findings: usize,
    /// Whether hazards are run, and how many random traces of them.
    pub hazards: Option<u64>,
    /// Divergences that are accepted.
    pub ledger: Ledger,
    /// The part of the scenarios and random traces that is run.
    pub shard: Shard,
}

/// How far a run is: told now and then.
pub type Progress<'p> = &'p (dyn Fn(&str, u64) + Sync);

/// How many runs a reduction may take.
const REDUCTION: usize = 4000;

/// How much a reduction may run: ops, a handshake at the subject's price.
const REDUCTION_COST: usize = 2_000_000;

/// How many may hang in the reduction of a hang, each for the whole patience, before what has been found so far will do.
pub(crate) const REDUCTION_OF_A_HANG: usize = 6;

/// How many on the way to something else.
pub(crate) const HANGS_ON_THE_WAY: usize = 3;

/// How many when each that still grows fills the memory of a worker.
const REDUCTION_OF_GROWTH: usize = 60;

/// Runs the plan. `program` is this very command, for the workers.
#[must_use]
pub fn verify(program: &Path, plan: &Plan, suite: &[File], progress: Progress<'_>) -> SubjectReport {
    let mut held = match Held::start(program.to_owned(), plan.spec.clone()) {
        Ok(held) => held,
        Err(why) => return not_run(plan, &why),
    };
    let profile = plan.profile.clone().unwrap_or_else(|| held.profile.clone());
    let mut report = blank(plan, &held.about, &profile);
    let mut tally = Tally::default();
    let ran = crate::canary::looks(&mut held, &profile)
        .and_then(|()| run(&mut held, plan, &profile, suite, &mut report, &mut tally, progress));
    let ran = ran.and_then(|()| hazards(program, plan, suite, &mut report, progress));
    fill(&mut report, &tally);
    if let Err(why) = &ran {
        report.not_run.push(NotRun { what: "the rest".to_owned(), why: why.to_string() });
    }
    report.carried_through = ran.is_ok();
    report.verdict = standing(&report);
    report
}

/// How a subject stands, by all else that its report says. What was seen decides, not what was reduced or told; and of
/// nothing nothing follows.
#[must_use]
pub fn standing(report: &SubjectReport) -> Standing {
    let (counts, whole) = (report.scenarios, report.carried_through);
    let nothing = counts.conforms + counts.diverges_known + counts.accepted == 0 && report.traces == 0;
    let endured = report.hazards.as_ref().map(|hazards| [hazards.scenarios, hazards.random]);
    let down = endured.is_some_and(|endured| endured.iter().any(|counts| counts.down() > 0));
    let ran = endured.is_some_and(|endured| endured.iter().any(|counts| counts.completed > 0));
    let unexplained = report.diverged > report.diverged_accepted || counts.diverges > 0;
    if unexplained || !report.unstable.is_empty() || !report.stale.is_empty() {
        Standing::Diverges
    } else if down {
        Standing::GoesDown
    } else if whole && nothing && ran {
        Standing::Survives
    } else if !whole || nothing {
        Standing::NotRun
    } else if report.subject == Spec::Model.to_string() {
        Standing::SelfCheck
    } else if counts.accepted > 0 || report.diverged_accepted > 0 {
        Standing::Accepted
    } else {
        Standing::Conforms
    }
}

fn run(
    held: &mut Held,
    plan: &Plan,
    profile: &Named,
    suite: &[File],
    report: &mut SubjectReport,
    tally: &mut Tally,
    progress: Progress<'_>,
) -> Result<(), StartError> {
    let accepted = &ledger::holds(held, profile, &plan.ledger, report)?;
    for (n, file) in suite[plan.shard.range(suite.len())].iter().enumerate() {
        progress("scenarios", n as u64);
        if file.scenario.trace.setup.hazards {
            if plan.hazards.is_none() {
                let why = "a hazards scenario: `--hazards` runs it".to_owned();
                report.scenarios.not_run += 1;
                report.ended.insert(file.path.clone(), Ended::NotRun);
                report.not_run.push(NotRun { what: file.path.clone(), why });
            }
            continue;
        }
        scenario_on(held, plan, profile, (file, accepted), report)?;
    }
    let watch = Stopwatch::start();
    let in_time = || plan.limit.is_none_or(|limit| watch.elapsed() < limit);
    for (lane, count) in &plan.lanes {
        let word = lane_word(*lane);
        let part = plan.shard.range(usize::try_from(*count).expect("counts are small"));
        let (first, count) = (part.start as u64, part.len() as u64);
        if !in_time() {
            report.not_run.push(NotRun { what: format!("{count} {word} traces"), why: "the time limit".to_owned() });
            continue;
        }
        let document = crate::profiles::Document::of(profile);
        let random = Random { seed: plan.seed, lane: word.to_owned(), first, count, profile: document };
        let mut early = false;
        let hunted = held.hunt(&random, profile, &mut |hunted: &Hunted| {
            progress("random ops", tally.ops + hunted.tally.ops);
            early = !in_time();
            !early
        })?;
        if early {
            let done = hunted.tally.traces + hunted.diverged;
            report.ended_early = Some(format!("after {done} of {count} {word} traces: the time limit"));
        }
        take(report, plan, *lane, &hunted);
        tally.add(&hunted.tally);
        let mut known = hunted.tells_all();
        for (numbers, parted) in &hunted.found {
            known &= found(held, plan, profile, (*lane, numbers), (parted, accepted), report)?;
        }
        report.diverged_accepted += if known { hunted.diverged } else { 0 };
    }
    Ok(())
}

/// Hazards, if they are asked for, in a worker with its limits.
fn hazards(
    program: &Path,
    plan: &Plan,
    suite: &[File],
    report: &mut SubjectReport,
    progress: Progress<'_>,
) -> Result<(), StartError> {
    let Some(count) = plan.hazards else { return Ok(()) };
    let mut held = Held::start_guarded(program.to_owned(), plan.spec.clone())?;
    let mut campaign = Campaign::default();
    campaign.scenarios(&mut held, &plan.spec, suite)?;
    let watch = Stopwatch::start();
    let most = plan.most_findings;
    if count > 0 {
        campaign.random(&mut held, &plan.spec, (plan.seed, count), most, &mut |campaign| {
            progress("hazards found", campaign.report.found.len() as u64);
            plan.limit.is_none_or(|limit| watch.elapsed() < limit)
        })?;
    }
    report.hazards = Some(campaign.report);
    Ok(())
}

/// What a hunt came upon beside its findings.
fn take(report: &mut SubjectReport, plan: &Plan, lane: Lane, hunted: &Hunted) {
    report.diverged += hunted.diverged;
    for (number, why) in &hunted.unstable {
        report.unstable.push(NotRun { what: replay_random(plan, lane, *number), why: why.clone() });
    }
    if hunted.not_run.0 > 0 {
        let what = format!("{} random {} traces", hunted.not_run.0, lane_word(lane));
        report.not_run.push(NotRun { what, why: hunted.not_run.1.clone() });
    }
}

fn scenario_on(
    held: &mut Held,
    plan: &Plan,
    profile: &Named,
    (file, accepted): (&File, &ledger::Keys),
    report: &mut SubjectReport,
) -> Result<(), StartError> {
    let ended = match held.check(&file.scenario.trace, profile)? {
        Came::Unstable(why) => {
            report.scenarios.diverges += 1;
            report.unstable.push(NotRun { what: file.path.clone(), why });
            Ended::Unstable
        }
        Came::NotRun(why) => {
            report.scenarios.not_run += 1;
            report.not_run.push(NotRun { what: file.path.clone(), why });
            Ended::NotRun
        }
        // Subject and model agree, so what the model shows under this profile is what the subject showed.
        Came::Conforms if file.unmet(profile.profile).is_empty() => {
            report.scenarios.conforms += 1;
            Ended::Conforms
        }
        Came::Conforms => {
            report.scenarios.diverges_known += 1;
            Ended::DivergesKnown
        }
        Came::Completed | Came::WentDown(_) => unreachable!("no hazards scenario comes here"),
        Came::Diverges(parted) if accepted.contains(&parted.key()) => {
            report.scenarios.accepted += 1;
            Ended::Accepted(parted.clause)
        }
        Came::Diverges(parted) => {
            report.scenarios.diverges += 1;
            let ended = Ended::Diverges(parted.clause.clone());
            if report.divergences.len() < plan.most_findings {
                let replay = replay_command(&plan.spec, plan.profile_typed.as_deref(), &quoted(&file.path));
                let steps = file.scenario.trace.ops.len();
                report.divergences.push(Found {
                    statement: statement(&parted.clause),
                    origin: file.origin(parted.index),
                    course: Some(course_of(held, profile, &file.scenario.trace, &parted)),
                    parted,
                    trace: file.text.clone(),
                    steps: (steps, steps),
                    replay,
                    hung: None,
                });
            } else {
                let why = "findings enough to tell; it diverges all the same".to_owned();
                report.not_run.push(NotRun { what: format!("the divergence in {}", file.path), why });
            }
            ended
        }
    };
    report.ended.insert(file.path.clone(), ended);
    Ok(())
}

/// What happened in the caches until a subject parts. One that goes down there is not run again for it; of another it
/// is shown only if it parts at the same step again.
fn course_of(held: &mut Held, profile: &Named, trace: &Trace, parted: &Parted) -> Course {
    if goes_down(parted) {
        return course(trace, &profile.profile, None, parted.index);
    }
    let shown = held.show(trace).map_err(|why| why.to_string()).and_then(|shown| {
        match check(trace, &profile.profile, &shown, &mut Tally::default()) {
            Verdict::Diverges(again) if again.index == parted.index => Ok(shown),
            Verdict::Diverges(again) => Err(format!("run again, it parts at {}", again.place)),
            Verdict::Conforms | Verdict::NotRun(_) => Err("run again, it does not part".to_owned()),
        }
    });
    let mut course = course(trace, &profile.profile, shown.as_ref().ok(), parted.index);
    course.not_shown = shown.err();
    course
}

/// A finding of the random traces: reduced, and reported unless it comes down to one that was reported. Whether it is
/// nothing but what the ledger accepts.
fn found(
    held: &mut Held,
    plan: &Plan,
    profile: &Named,
    (lane, numbers): (Lane, &[u64]),
    (parted, accepted): (&Parted, &ledger::Keys),
    report: &mut SubjectReport,
) -> Result<bool, StartError> {
    if report.divergences.len() >= plan.most_findings {
        let what = format!("reduction of `{}` by {}", parted.clause, parted.op);
        report.not_run.push(NotRun { what, why: "findings enough to reduce; they diverge all the same".to_owned() });
        report.unreduced.insert(parted.clause.clone());
        return Ok(false);
    }
    let mut known = false;
    for number in numbers {
        let mut trace = trace_of(Seed(plan.seed), *number, lane);
        trace.shown = Shown::Everything;
        let mut hung = Hangs::default();
        let Some((reduced, parted)) = reduced_but(held, profile, &trace, accepted, &mut hung)? else {
            continue;
        };
        // Another trace of the kind may have another cause.
        if accepted.contains(&parted.key()) {
            known = true;
            continue;
        }
        if !report.divergences.iter().any(|known| known.parted.key() == parted.key()) {
            let replay = replay_random(plan, lane, *number);
            let origin = Origin::Random { lane: lane_word(lane).to_owned(), number: *number };
            let course = Some(course_of(held, profile, &reduced, &parted));
            let before = trace.ops.len();
            let hung = hung.that_ended_it();
            report.divergences.push(Found { origin, course, hung, ..written(&reduced, parted, before, replay) });
        }
        return Ok(false);
    }
    if !known {
        let why = format!("`{}` came {} times and not when it was run again", parted.clause, numbers.len());
        report.unstable.push(NotRun { what: replay_random(plan, lane, numbers[0]), why });
        report.unstable_clauses.insert(parted.clause.clone());
    }
    Ok(known)
}

/// The command that shows a random trace again.
fn replay_random(plan: &Plan, lane: Lane, number: u64) -> String {
    let of = format!("--seed {} --lane {} --number {number}", plan.seed, lane_word(lane));
    replay_command(&plan.spec, plan.profile_typed.as_deref(), &of)
}

/// The command that shows something again: on this subject, under the profile as it was typed.
#[must_use]
pub fn replay_command(spec: &Spec, profile_typed: Option<&str>, of: &str) -> String {
    let profile = profile_typed.map(|typed| format!(" --profile {}", quoted(typed))).unwrap_or_default();
    format!("sesscheck replay --subject {}{profile} {of}", quoted(&spec.to_string()))
}

/// A word as a shell takes it.
#[must_use]
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=+,@".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// The shortest trace that still parts in the same clause and kind; `None`: it does not part so again.
///
/// # Errors
///
/// When a new worker is needed and cannot be started.
pub fn reduced(held: &mut dyn Checks, profile: &Named, trace: &Trace) -> Result<Option<(Trace, Parted)>, StartError> {
    reduced_within(held, profile, trace, &mut Hangs::default())
}

/// The same where other passes go before and after, and all of them have one account of what hangs.
pub(crate) fn reduced_within(
    held: &mut dyn Checks,
    profile: &Named,
    trace: &Trace,
    hung: &mut Hangs,
) -> Result<Option<(Trace, Parted)>, StartError> {
    reduced_but(held, profile, trace, &ledger::Keys::new(), hung)
}

/// How many candidates of a reduction have hung, each for the whole patience.
#[derive(Default, Debug)]
pub(crate) struct Hangs {
    so_many: usize,
    /// Whether another was not tried for that.
    ended: bool,
}

impl Hangs {
    /// Takes note of what came of a candidate. What came once and not again was a hang where one is looked for, mostly.
    pub(crate) fn note(&mut self, came: &Came, for_a_hang: bool) {
        self.so_many += usize::from(match came {
            Came::Diverges(parted) => hangs(parted),
            Came::Unstable(_) => for_a_hang,
            Came::Conforms | Came::NotRun(_) | Came::Completed | Came::WentDown(_) => false,
        });
    }

    /// Another candidate for this is at hand: whether what has been found so far will do, since to try it costs too much.
    pub(crate) fn are_enough_for(&mut self, parted: &Parted) -> bool {
        self.are_so_many(if hangs(parted) { REDUCTION_OF_A_HANG } else { HANGS_ON_THE_WAY })
    }

    /// The same where nothing has been found yet: so many have hung.
    pub(crate) fn are_enough_for_a_start(&mut self) -> Option<usize> {
        self.are_so_many(HANGS_ON_THE_WAY).then_some(self.so_many)
    }

    fn are_so_many(&mut self, most: usize) -> bool {
        let enough = self.so_many >= most;
        self.ended |= enough;
        enough
    }

    /// How many have hung, if that has ended a reduction early.
    pub(crate) fn that_ended_it(&self) -> Option<usize> {
        self.ended.then_some(self.so_many)
    }
}

/// As [`reduced`], and never to what is accepted, unless the trace itself shows that.
fn reduced_but(
    held: &mut dyn Checks,
    profile: &Named,
    trace: &Trace,
    accepted: &ledger::Keys,
    hung: &mut Hangs,
) -> Result<Option<(Trace, Parted)>, StartError> {
    // In a worker that has run nothing: a damaged heap may lie.
    held.restart()?;
    let Came::Diverges(parted) = held.check(trace, profile)? else { return Ok(None) };
    let known = accepted.contains(&parted.key());
    let budget = if parted.kind == Kind::Grew.name() { REDUCTION_OF_GROWTH } else { REDUCTION };
    let (mut broken, mut spent) = (None, 0);
    let price = held.handshake_price();
    let mut same = |candidate: &Trace| {
        spent += cost(candidate, price);
        if broken.is_some() || spent > REDUCTION_COST || hung.are_enough_for(&parted) {
            return false;
        }
        match held.check(candidate, profile) {
            Ok(came) => {
                hung.note(&came, hangs(&parted));
                let Came::Diverges(other) = came else { return false };
                other.same(&parted) && (known || !accepted.contains(&other.key()))
            }
            Err(why) => {
                broken = Some(why);
                false
            }
        }
    };
    let reduced = reduce(trace, &mut same, budget).trace;
    if let Some(why) = broken {
        return Err(why);
    }
    held.restart()?;
    match held.check(&reduced, profile)? {
        Came::Diverges(again) if again.same(&parted) => Ok(Some((reduced, again))),
        _ => Ok(None),
    }
}

/// Whether the subject went down there.
pub(crate) fn goes_down(parted: &Parted) -> bool {
    [Kind::Crashed, Kind::Hung, Kind::Grew, Kind::Broke].iter().any(|kind| kind.name() == parted.kind)
}

/// Whether it did not answer in time.
pub(crate) fn hangs(parted: &Parted) -> bool {
    parted.kind == Kind::Hung.name()
}

/// How much there is to run, in direct calls, when a handshake costs so many of them.
#[must_use]
pub fn cost(trace: &Trace, handshake: usize) -> usize {
    let one = |op: &Op| {
        if matches!(op, Op::AcceptBegin(..) | Op::Renegotiate(..) | Op::Handshake(..)) { handshake } else { 1 }
    };
    trace.executed().map(|(_, op)| one(&op)).sum()
}

/// A divergence with its trace written as a scenario.
#[must_use]
pub fn written(trace: &Trace, parted: Parted, before: usize, replay: String) -> Found {
    let header = Header {
        title: format!("{}: {}", parted.op, parted.ruled),
        clauses: vec![parted.clause.clone()],
        editions: Vec::new(),
        readings: Vec::new(),
    };
    Found {
        statement: statement(&parted.clause),
        parted,
        trace: scenario::write(trace, &header, &[], &[]),
        steps: (trace.ops.len(), before),
        replay,
        origin: Origin::Unsaid,
        course: None,
        hung: None,
    }
}

fn statement(clause: &str) -> String {
    Clause::by_id(clause).map_or_else(String::new, |clause| clause.entry().statement.to_owned())
}

fn blank(plan: &Plan, about: &str, profile: &Named) -> SubjectReport {
    SubjectReport {
        subject: plan.spec.to_string(),
        about: about.to_owned(),
        profile: profile.name.clone(),
        other_library: other_library(&plan.spec, about, profile),
        verdict: Standing::NotRun,
        gates: plan.gates,
        ledger: plan.ledger.digest(),
        asked: plan
            .lanes
            .iter()
            .map(|(lane, count)| Asked { lane: lane_word(*lane).to_owned(), count: *count })
            .collect(),
        carried_through: false,
        scenarios: ScenarioCounts::default(),
        ended: std::collections::BTreeMap::new(),
        traces: 0,
        cut: 0,
        ops: 0,
        handshakes: 0,
        not_run: Vec::new(),
        latitudes: 0,
        clauses: std::collections::BTreeMap::new(),
        outcomes: std::collections::BTreeMap::new(),
        known: known(profile),
        divergences: Vec::new(),
        diverged: 0,
        unreduced: std::collections::BTreeSet::new(),
        diverged_accepted: 0,
        accepted: Vec::new(),
        stale: Vec::new(),
        unstable: Vec::new(),
        unstable_clauses: std::collections::BTreeSet::new(),
        ended_early: None,
        hazards: None,
    }
}

/// In what a libssl is not the one that the profile was worked out on.
fn other_library(spec: &Spec, about: &str, profile: &Named) -> Option<String> {
    let Spec::Libssl(path) = spec else { return None };
    let file = path.as_ref().map(std::path::PathBuf::from).or_else(crate::subjects::libssl::locate);
    profile.library.as_ref()?.differs(about, file.as_deref())
}

fn not_run(plan: &Plan, why: &StartError) -> SubjectReport {
    let profile =
        plan.profile.clone().or_else(|| crate::profiles::by_name("manual")).expect("the manual's profile is shipped");
    let mut report = blank(plan, "", &profile);
    report.known.clear();
    report.not_run.push(NotRun { what: plan.spec.to_string(), why: why.to_string() });
    report
}

fn fill(report: &mut SubjectReport, tally: &Tally) {
    report.traces = tally.traces;
    report.cut = tally.cut;
    report.ops = tally.ops;
    report.handshakes = tally.handshakes;
    report.latitudes = tally.latitudes;
    report.clauses = Clause::all()
        .map(|clause| (clause.id().to_owned(), tally.cited[clause.index()]))
        .filter(|(_, times)| *times > 0)
        .collect();
    report.outcomes =
        Outcome::ALL.iter().zip(tally.outcomes).map(|((_, words), times)| ((*words).to_owned(), times)).collect();
}

/// What a profile knows its subject to do otherwise than the pure manual. A latitude that is pinned is no divergence.
fn known(profile: &Named) -> Vec<Known> {
    profile
        .profile
        .departures
        .iter()
        .map(|departure| departure.about())
        .map(|about| Known {
            name: about.name.to_owned(),
            clause: about.clause.id().to_owned(),
            instead: about.instead.to_owned(),
        })
        .chain(Readings::AXES.iter().filter_map(|axis| {
            let value = profile.profile.readings.get(axis.name).filter(|value| *value != axis.values[0])?;
            let instead = format!("reads {} as {value}, the pure manual as {}", axis.name, axis.values[0]);
            Some(Known { name: format!("{}: {value}", axis.name), clause: axis.clause.id().to_owned(), instead })
        }))
        .collect()
}
