//! `sesscheck` and `sesscheck check`.

use std::io::IsTerminal;
use std::path::Path;
use std::sync::Mutex;

use indicatif::{ProgressBar, ProgressStyle};

use super::arguments::{Check, Common, Format};
use super::{CouldNotRun, Done, print};
use crate::gate::{self, LIBSSL, OURS};
use crate::profiles::{self, Named};
use crate::render;
use crate::report::{Manual, Report, SCHEMA, Standing, UnmetClaim};
use crate::source::Lane;
use crate::subjects::Spec;
use crate::suite::{self, File};
use crate::verify::{Plan, verify};

/// Random traces of hazards.
const HAZARDS: u64 = 4000;

/// The main job: our cache decides, the machine's libssl is reported.
pub(super) fn main_job(common: &Common) -> Done {
    let ours = plan(Spec::Optimised, None, true, &OURS, common)?;
    let libssl = plan(Spec::Libssl(None), None, false, &LIBSSL, common)?;
    run(vec![ours, libssl], common)
}

/// One subject, which decides.
pub(super) fn check(check: &Check) -> Done {
    let lanes: &[(Lane, u64)] = if matches!(check.subject, Spec::Libssl(_)) { &LIBSSL } else { &OURS };
    let plan = plan(check.subject.clone(), check.profile.as_deref(), true, lanes, &check.common)?;
    run(vec![plan], &check.common)
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
    Ok(Plan {
        spec,
        profile: profile.map(profile_of).transpose()?,
        profile_typed: profile.map(ToOwned::to_owned),
        gates,
        seed: common.seed,
        lanes,
        hazards: common.hazards.then_some(if common.lane.is_empty() { HAZARDS } else { of_hazards }),
        limit: common.limit,
        most_findings: common.most,
    })
}

/// The scenarios that were asked for.
pub(super) fn scenarios(paths: &[std::path::PathBuf]) -> Result<Vec<File>, CouldNotRun> {
    Ok(if paths.is_empty() { suite::embedded()? } else { suite::of_paths(paths)? })
}

fn run(plans: Vec<Plan>, common: &Common) -> Done {
    let suite = if common.hazards && common.scenarios.is_empty() {
        suite::embedded_hazards()?
    } else {
        scenarios(&common.scenarios)?
    };
    let program = std::env::current_exe()?;
    let mut report = whole(&program, plans.clone(), &suite, common)?;
    // What could not be run has found nothing.
    let ours = Spec::Optimised.to_string();
    let ran = report.subjects.iter().any(|subject| subject.subject == ours && subject.verdict != Standing::NotRun);
    report.power = measured(&plans, common).filter(|_| ran);
    let text = match common.format {
        Format::Text => render::text(&report),
        Format::Json => render::json(&report),
        Format::Junit => render::junit(&report),
    };
    print(&text)?;
    Ok(report.status())
}

/// What the run is known to find, if it is the very run that was measured: our cache as the main job runs it.
fn measured(plans: &[Plan], common: &Common) -> Option<gate::Finds> {
    let plain = common.scenarios.is_empty() && common.limit.is_none() && !common.hazards;
    let measured = |plan: &Plan| plan.spec == Spec::Optimised && plan.profile.is_none() && plan.lanes == OURS;
    (plain && plans.iter().any(measured)).then(|| gate::recorded().finds())
}

fn whole(program: &Path, mut plans: Vec<Plan>, suite: &[File], common: &Common) -> Result<Report, CouldNotRun> {
    for spec in &common.require {
        match plans.iter_mut().find(|plan| plan.spec == *spec) {
            Some(_) => {}
            None => plans.push(plan(spec.clone(), None, false, &LIBSSL, common)?),
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
        let required = common.require.iter().any(|spec| spec.to_string() == subject.subject);
        subject.gates |= required && subject.verdict == Standing::NotRun;
    }
    Ok(Report { schema: SCHEMA.to_owned(), seed: common.seed, manual: manual(suite), subjects, power: None })
}

/// The scenarios as claims about the manual.
pub(super) fn manual(suite: &[File]) -> Manual {
    let unmet = suite.iter().flat_map(|file| {
        file.claims_about().flat_map(move |profile| {
            file.unmet(profile).into_iter().map(move |unmet| UnmetClaim {
                place: format!("{}:{}:{}", file.path, unmet.spot.line, unmet.spot.column),
                edition: profile.edition.to_string(),
                stated: unmet.stated,
                ruled: unmet.seen,
            })
        })
    });
    Manual { scenarios: suite.len(), unmet: unmet.collect() }
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
