//! `sesscheck explore`: search for divergences, one scenario each.

use std::path::Path;

use super::arguments::Explore;
use super::check::{plan, profile_of};
use super::{CouldNotRun, Done, print};
use crate::render;
use crate::report::{Found, Standing};
use crate::source::Lane;
use crate::stopwatch::Stopwatch;
use crate::verify::verify;

/// Random traces of one round, before the seed goes on.
const ROUND: [(Lane, u64); 3] = [(Lane::Direct, 400), (Lane::Handshakes, 200), (Lane::Mixed, 200)];

pub(super) fn explore(explore: &Explore) -> Done {
    let (check, common) = (&explore.check, &explore.check.common);
    let profile = check.profile.as_deref().map(profile_of).transpose()?;
    let program = std::env::current_exe()?;
    let watch = Stopwatch::start();
    let mut known: Vec<Found> = Vec::new();
    let (mut traces, mut ops, mut handshakes) = (0, 0, 0);
    let mut seed = common.seed;
    loop {
        let mut round = plan(check.subject.clone(), profile.clone(), true, &ROUND, common);
        round.seed = seed;
        round.limit = common.limit.map(|limit| limit.saturating_sub(watch.elapsed()));
        round.most_findings = usize::MAX;
        let report = verify(&program, &round, &[], &|_, _| {});
        if report.verdict == Standing::NotRun {
            let why = report.not_run.last().map_or_else(String::new, |not_run| not_run.why.clone());
            return Err(CouldNotRun(format!("{}: {why}", check.subject)));
        }
        (traces, ops, handshakes) = (traces + report.traces, ops + report.ops, handshakes + report.handshakes);
        for found in report.divergences {
            if known.iter().any(|k| k.parted.same(&found.parted) && k.parted.op == found.parted.op) {
                continue;
            }
            print(&render::found(&check.subject.to_string(), &found))?;
            if let Some(folder) = &explore.out {
                write(folder, &found)?;
            }
            known.push(found);
        }
        seed += 1;
        if common.limit.is_none_or(|limit| watch.elapsed() >= limit) {
            break;
        }
    }
    print(&format!(
        "{} findings in {traces} traces that agreed, {ops} ops, {handshakes} handshakes; seeds {} to {}\n",
        known.len(),
        common.seed,
        seed - 1
    ))?;
    Ok(u8::from(!known.is_empty()))
}

/// One file a finding, named by what makes it one.
fn write(folder: &Path, found: &Found) -> Result<(), CouldNotRun> {
    std::fs::create_dir_all(folder)?;
    let name = format!("{}-{}-{}.yaml", found.parted.clause, found.parted.op, found.parted.kind).replace(' ', "-");
    let path = folder.join(name);
    std::fs::write(&path, &found.trace).map_err(|error| CouldNotRun(format!("{}: {error}", path.display())))
}
