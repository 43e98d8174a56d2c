//! `sesscheck explore`: search for divergences, one scenario each.

use std::path::Path;

use super::arguments::{Explore, Reproducer, Subject};
use super::check::{plan, profile_of};
use super::{CouldNotRun, Done, print};
use crate::convert::{self, Form};
use crate::hazards::Campaign;
use crate::render;
use crate::report::{Found, HazardCounts, HazardReport, Standing};
use crate::source::Lane;
use crate::stopwatch::Stopwatch;
use crate::subjects::Spec;
use crate::verify::{quoted, verify};
use crate::worker::Held;

/// Random traces of one round, before the seed goes on.
const ROUND: [(Lane, u64); 5] =
    [(Lane::Direct, 400), (Lane::Handshakes, 200), (Lane::Mixed, 200), (Lane::Tickets, 100), (Lane::Mutated, 200)];

pub(super) fn explore(explore: &Explore) -> Done {
    if explore.common.hazards {
        return hazards(explore);
    }
    let (check, common) = (&explore.check, &explore.common);
    let spec = subject(check);
    let program = std::env::current_exe()?;
    let watch = Stopwatch::start();
    let mut known: Vec<Found> = Vec::new();
    let (mut traces, mut ops, mut handshakes) = (0, 0, 0);
    let (mut seed, mut unstable) = (common.seed(), 0);
    loop {
        let mut round = plan(spec.clone(), check.profile.as_deref(), true, &ROUND, common)?;
        round.seed = seed;
        round.limit = common.limit.map(|limit| limit.saturating_sub(watch.elapsed()));
        round.most_findings = usize::MAX;
        let report = verify(&program, &round, &[], &|_, _| {});
        (traces, ops, handshakes) = (traces + report.traces, ops + report.ops, handshakes + report.handshakes);
        for one in &report.unstable {
            print(&format!("unstable: {}: {}\n", one.why, one.what))?;
        }
        unstable += report.unstable.len();
        for found in report.divergences {
            if known.iter().any(|k| k.parted.key() == found.parted.key()) {
                continue;
            }
            print(&render::found(&spec.to_string(), &found))?;
            if let Some(folder) = &explore.out {
                write(folder, &found)?;
                if explore.reproducer == Some(Reproducer::C) {
                    print(&reproducer(folder, &found, &report.profile, check.profile.as_deref())?)?;
                }
            }
            known.push(found);
        }
        // What was found before it could go no further is told first.
        let stuck = report.not_run.iter().find(|not_run| not_run.what == "the rest");
        if let Some(why) = stuck.or_else(|| report.not_run.last().filter(|_| report.verdict == Standing::NotRun)) {
            return Err(CouldNotRun(format!("{spec}: {}", why.why)));
        }
        seed += 1;
        if common.limit.is_none_or(|limit| watch.elapsed() >= limit) {
            break;
        }
    }
    print(&format!(
        "{} findings, {unstable} unstable, in {traces} traces that agreed, {ops} ops, {handshakes} handshakes; seeds {} to {}\n",
        known.len(),
        common.seed(),
        seed - 1
    ))?;
    Ok(u8::from(!known.is_empty() || unstable > 0))
}

/// Random hazards traces of one round.
const HAZARDS: u64 = 200;

/// The same for hazards: what goes down is told once a cause.
fn hazards(explore: &Explore) -> Done {
    let (spec, common) = (&subject(&explore.check), &explore.common);
    let mut held = Held::start_guarded(std::env::current_exe()?, spec.clone())?;
    let watch = Stopwatch::start();
    let in_time = || common.limit.is_none_or(|limit| watch.elapsed() < limit);
    let mut campaign = Campaign::default();
    let mut seed = common.seed();
    loop {
        let new = campaign.random(&mut held, spec, (seed, HAZARDS), usize::MAX, &mut |_| in_time())?;
        for found in campaign.report.found.iter().rev().take(new).rev() {
            print(&render::found(&spec.to_string(), found))?;
            if let Some(folder) = &explore.out {
                write(folder, found)?;
            }
        }
        seed += 1;
        if common.limit.is_none() || !in_time() {
            break;
        }
    }
    let HazardReport { random, found, ops, unreduced, unstable, .. } = &campaign.report;
    let HazardCounts { completed, crashed, hung, grew, not_run } = random;
    print(&format!(
        "{} causes, {unreduced} findings not reduced, {unstable} unstable; traces: {completed} completed ({ops} ops), \
         {crashed} crashed, {hung} hung, {grew} grew, {not_run} not run; seeds {} to {}\n",
        found.len(),
        common.seed(),
        seed - 1
    ))?;
    Ok(u8::from(random.down() > 0))
}

/// One file a finding, named by what makes it one.
pub(super) fn write(folder: &Path, found: &Found) -> Result<(), CouldNotRun> {
    std::fs::create_dir_all(folder)?;
    let path = folder.join(found.file_name());
    std::fs::write(&path, &found.trace).map_err(|error| CouldNotRun(format!("{}: {error}", path.display())))
}

/// A C program beside the scenario, held to what the search was held to. A line that says where it is, or why there is
/// none.
fn reproducer(folder: &Path, found: &Found, own: &str, asked: Option<&str>) -> Result<String, CouldNotRun> {
    let profile = profile_of(asked.unwrap_or(own))?;
    let name = found.file_name();
    let path = folder.join(&name).with_extension("c");
    let given = convert::read(&name, found.trace.as_bytes(), Form::Yaml).map_err(CouldNotRun)?;
    Ok(match convert::write(&given, Form::C, &profile) {
        Ok(program) => {
            std::fs::write(&path, program).map_err(|error| CouldNotRun(format!("{}: {error}", path.display())))?;
            format!("  program: cc {} -lssl -lcrypto\n\n", quoted(&path.display().to_string()))
        }
        Err(why) => format!("  no program: {why}\n\n"),
    })
}

/// The subject that is named, or our cache.
fn subject(of: &Subject) -> Spec {
    of.subject.clone().unwrap_or(Spec::Optimised)
}
