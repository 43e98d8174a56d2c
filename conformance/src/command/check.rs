//! `sesscheck` and `sesscheck check`.

use std::io::IsTerminal;
use std::path::Path;
use std::sync::Mutex;

use indicatif::{ProgressBar, ProgressStyle};

use super::arguments::{Check, Common, Gate};
use super::telling;
use super::{CouldNotRun, Done};
use crate::campaign::Shard;
use crate::claims::manual;
use crate::gate::{self, EXEC, LIBSSL, OURS};
use crate::ledger::Ledger;
use crate::profiles::{self, Named};
use crate::project::{self, Project};
use crate::report::{Report, SCHEMA, Standing};
use crate::source::Lane;
use crate::subjects::Spec;
use crate::suite::{self, File};
use crate::verify::{Plan, verify};

/// Random traces of hazards.
const HAZARDS: u64 = 4000;

/// The project that is here; else the main job: our cache decides, the machine's libssl is reported.
pub(super) fn main_job(gate: &Gate) -> Done {
    if let Some(project) = project(gate)? {
        return of_project(&project, gate);
    }
    let usual = |spec: Spec, gates| plan(spec.clone(), None, gates, lanes(&spec, &gate.common), &gate.common);
    let (ours, libssl) = (usual(Spec::Optimised, true)?, usual(Spec::Libssl(None), false)?);
    run(vec![ours, libssl], &gate.common, gate)
}

/// The project that is here, unless a subject is named; else what is named, all of which decides.
pub(super) fn check(check: &Check) -> Done {
    let Check { subject: _, profile, ledger, gate, watch: _ } = check;
    if check.subject.is_empty()
        && let Some(project) = project(gate)?
    {
        if profile.is_some() || ledger.is_some() {
            let why = "the project file says what its subjects are held to; `--subject` names another one";
            return Err(CouldNotRun(why.to_owned()));
        }
        return of_project(&project, gate);
    }
    if gate.project.is_some() {
        return Err(CouldNotRun("a project file says which subjects there are: no `--subject` beside it".to_owned()));
    }
    let mut plans = named(check, |spec| lanes(spec, &gate.common))?;
    match (ledger, &mut plans[..]) {
        (Some(ledger), [plan]) => plan.ledger = Ledger::read(ledger)?,
        (Some(_), _) => {
            let why = "a ledger is of one subject; in a project file each has its own";
            return Err(CouldNotRun(why.to_owned()));
        }
        (None, _) => {}
    }
    run(plans, &gate.common, gate)
}

/// A plan for each subject that is named, or else for our cache; all of them decide.
pub(super) fn named(check: &Check, lanes: impl Fn(&Spec) -> &'static [(Lane, u64)]) -> Result<Vec<Plan>, CouldNotRun> {
    let specs = if check.subject.is_empty() { &[Spec::Optimised][..] } else { &check.subject };
    let mut plans = Vec::new();
    for (n, spec) in specs.iter().enumerate() {
        if specs[..n].contains(spec) {
            return Err(CouldNotRun(format!("`{spec}` is named twice")));
        }
        plans.push(plan(spec.clone(), check.profile.as_deref(), true, lanes(spec), &check.gate.common)?);
    }
    Ok(plans)
}

/// The usual random traces; none beside scenarios that are named.
fn lanes(spec: &Spec, common: &Common) -> &'static [(Lane, u64)] {
    match spec {
        _ if !common.scenarios.is_empty() => &[],
        Spec::Libssl(_) => &LIBSSL,
        Spec::Exec(_) => &EXEC,
        _ => &OURS,
    }
}

fn project(gate: &Gate) -> Result<Option<Project>, CouldNotRun> {
    match &gate.project {
        Some(path) => Ok(Some(Project::read(path)?)),
        None if Path::new(project::FILE).exists() => Ok(Some(Project::read(Path::new(project::FILE))?)),
        None => Ok(None),
    }
}

/// All subjects of a project; what is typed goes before what it says.
fn of_project(project: &Project, gate: &Gate) -> Done {
    let mut common = gate.common.clone();
    common.seed = common.seed.or(project.seed);
    common.limit = common.limit.or(project.limit);
    common.most = common.most.or(project.most.map(Into::into));
    let mut plans = Vec::new();
    for subject in &project.subjects {
        let usual = lanes(&subject.name, &common);
        let lanes = if subject.lanes.0.is_empty() { usual } else { &subject.lanes.0 };
        let mut plan = plan(subject.name.clone(), subject.profile.as_deref(), subject.gates, lanes, &common)?;
        if let Some(ledger) = &subject.ledger {
            plan.ledger = Ledger::read(ledger)?;
        }
        plans.push(plan);
    }
    if common.hazards {
        return run(plans, &common, gate);
    }
    if common.scenarios.is_empty() && !project.scenarios.is_empty() {
        let mut suite = suite::of_paths(&project.scenarios)?;
        if project.built_in() {
            suite.extend(suite::embedded()?);
        }
        return run_on(plans, &suite, &common, gate);
    }
    if common.scenarios.is_empty() && !project.built_in() {
        return run_on(plans, &[], &common, gate);
    }
    run(plans, &common, gate)
}

/// A profile by the name of a shipped one, or by its file.
pub(super) fn profile_of(name: &str) -> Result<Named, CouldNotRun> {
    if let Some(named) = profiles::by_name(name) {
        return Ok(named);
    }
    let text = std::fs::read_to_string(name).map_err(|error| {
        let shipped: Vec<_> = profiles::shipped().into_iter().map(|named| named.name).collect();
        CouldNotRun(format!("profile `{name}`: neither a shipped one ({}) nor a file: {error}", shipped.join(", ")))
    })?;
    Ok(profiles::parse(name, &text)?)
}

pub(super) fn plan(
    spec: Spec,
    profile: Option<&str>,
    gates: bool,
    lanes: &[(Lane, u64)],
    common: &Common,
) -> Result<Plan, CouldNotRun> {
    let of_hazards: u64 = common.lane.iter().filter(|(lane, _)| *lane == Lane::Hazards).map(|(_, count)| count).sum();
    let asked: Vec<_> = common.lane.iter().copied().filter(|(lane, _)| *lane != Lane::Hazards).collect();
    if of_hazards > 0 && !common.hazards {
        return Err(CouldNotRun("the lane `hazards` runs with `--hazards` only".to_owned()));
    }
    let lanes = if common.hazards || !common.lane.is_empty() { asked } else { lanes.to_vec() };
    let hazards = match &common.lane[..] {
        // Beside scenarios that are named there are none, as of the other lanes.
        [] if !common.scenarios.is_empty() => 0,
        [] => HAZARDS,
        _ => of_hazards,
    };
    Ok(Plan {
        spec,
        profile: profile.map(profile_of).transpose()?,
        profile_typed: profile.map(ToOwned::to_owned),
        gates,
        seed: common.seed(),
        lanes,
        hazards: common.hazards.then_some(hazards),
        limit: common.limit,
        most_findings: common.most(),
        ledger: Ledger::default(),
        shard: Shard::WHOLE,
    })
}

/// The scenarios that were asked for.
pub(super) fn scenarios(paths: &[std::path::PathBuf]) -> Result<Vec<File>, CouldNotRun> {
    Ok(if paths.is_empty() { suite::embedded()? } else { suite::of_paths(paths)? })
}

fn run(plans: Vec<Plan>, common: &Common, gate: &Gate) -> Done {
    let suite = if common.hazards && common.scenarios.is_empty() {
        suite::embedded_hazards()?
    } else {
        scenarios(&common.scenarios)?
    };
    run_on(plans, &suite, common, gate)
}

fn run_on(mut plans: Vec<Plan>, suite: &[File], common: &Common, gate: &Gate) -> Done {
    let program = std::env::current_exe()?;
    let before = telling::before(&gate.telling)?;
    for plan in &mut plans {
        plan.shard = gate.shard;
    }
    let mut report = whole(&program, plans.clone(), suite, common, gate)?;
    // What could not be run has found nothing.
    let ours = Spec::Optimised.to_string();
    let ran = report.subjects.iter().any(|subject| subject.subject == ours && subject.verdict != Standing::NotRun);
    report.power = measured(&plans, common, gate).filter(|_| ran);
    telling::tell(report, before, &gate.telling)
}

/// What the run is known to find, if it is the very run that was measured: our cache as the main job runs it.
fn measured(plans: &[Plan], common: &Common, gate: &Gate) -> Option<gate::Finds> {
    let plain = gate.shard == Shard::WHOLE && common.scenarios.is_empty() && common.limit.is_none() && !common.hazards;
    let measured = |plan: &Plan| plan.spec == Spec::Optimised && plan.profile.is_none() && plan.lanes == OURS;
    (plain && plans.iter().any(measured)).then(|| gate::recorded().finds())
}

pub(super) fn whole(
    program: &Path,
    mut plans: Vec<Plan>,
    suite: &[File],
    common: &Common,
    gate: &Gate,
) -> Result<Report, CouldNotRun> {
    for spec in &gate.require {
        if !plans.iter().any(|plan| plan.spec == *spec) {
            let required = plan(spec.clone(), None, false, lanes(spec, common), common)?;
            plans.push(Plan { shard: gate.shard, ..required });
        }
    }
    let bar = progress_bar();
    let subjects = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for (n, plan) in plans.iter().enumerate() {
            let (bar, subjects) = (&bar, &subjects);
            scope.spawn(move || {
                let told = |what: &str, done: u64| bar.set_message(format!("{}: {done} {what}", plan.spec));
                let report = verify(program, plan, suite, &told);
                subjects.lock().expect("nobody panics with it").push((n, report));
            });
        }
    });
    bar.finish_and_clear();
    let mut subjects = subjects.into_inner().expect("nobody panics with it");
    subjects.sort_by_key(|(n, _)| *n);
    let mut subjects: Vec<_> = subjects.into_iter().map(|(_, report)| report).collect();
    for subject in &mut subjects {
        // Required and not run: then it decides.
        let required = gate.require.iter().any(|spec| spec.to_string() == subject.subject);
        subject.gates |= required && subject.verdict == Standing::NotRun;
    }
    Ok(Report {
        schema: SCHEMA.to_owned(),
        seed: common.seed(),
        shard: gate.shard,
        manual: manual(suite),
        subjects,
        power: None,
        baseline: None,
    })
}

/// Progress on standard error, when that is a terminal and not a CI's.
pub(super) fn progress_bar() -> ProgressBar {
    if !std::io::stderr().is_terminal() || std::env::var_os("CI").is_some() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner();
    bar.set_style(ProgressStyle::with_template("{spinner} {elapsed} {msg}").expect("the template is tested by use"));
    bar
}
