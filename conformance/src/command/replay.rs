//! `sesscheck replay`: one trace again.

use std::path::Path;

use super::arguments::Replay;
use super::check::profile_of;
use super::{CouldNotRun, Done, print};
use crate::claims::manual;
use crate::finding::Came;
use crate::hazards;
use crate::recording;
use crate::render;
use crate::simulate::read::as_typed;
use crate::source::{Seed, trace_of};
use crate::stopwatch::SILENCE;
use crate::subjects::Spec;
use crate::suite::{self, File};
use crate::trace::{Shown, Trace};
use crate::verify::{quoted, reduced, replay_command, written};
use crate::worker::{Care, Held, Recorded, lane_word};

pub(super) fn replay(replay: &Replay) -> Done {
    if replay.hazards {
        return hazards(replay);
    }
    if replay.transcript {
        return transcript(replay);
    }
    let mut held = held(replay)?;
    let profile = match &replay.profile {
        Some(name) => profile_of(name)?,
        None => held.profile.clone(),
    };
    let trace = trace(replay)?;
    if trace.setup.hazards {
        return Err(CouldNotRun("a hazards trace: `--hazards` runs it".to_owned()));
    }
    let unmet = unmet(replay)?;
    let parted = match held.check(&trace, &profile)? {
        Came::Conforms => {
            let says = if replay.subject == Spec::Model { "agrees with itself" } else { "conforms" };
            print(&format!(
                "{} {says} under profile {} on all {} steps\n",
                replay.subject,
                profile.name,
                trace.ops.len()
            ))?;
            return Ok(u8::from(unmet));
        }
        Came::NotRun(why) => return Err(CouldNotRun(format!("not run: {why}"))),
        Came::Unstable(why) => {
            print(&format!("{}: unstable: {why}\n", replay.subject))?;
            return Ok(1);
        }
        Came::Diverges(parted) => parted,
        Came::Completed | Came::WentDown(_) => unreachable!("no hazards trace comes here"),
    };
    let (shortest, parted) = match replay.whole {
        true => (trace.clone(), parted),
        false => reduced(&mut held, &profile, &trace)?.unwrap_or((trace.clone(), parted)),
    };
    let found = written(&shortest, parted, trace.ops.len(), command(replay));
    print(&render::found(&replay.subject.to_string(), &found))?;
    Ok(1)
}

/// Tells the claims of a scenario that the manual does not bear out; whether there are any. The subject is held to the
/// manual, whatever the scenario claims.
fn unmet(replay: &Replay) -> Result<bool, CouldNotRun> {
    let Some(path) = &replay.file else { return Ok(false) };
    let claims = manual(&[one_scenario(path)?]).unmet;
    let told: String = claims
        .iter()
        .map(|claim| format!("{}: {}\n{}", claim.place, render::with_clause(claim), render::below(claim)))
        .collect();
    print(&told)?;
    Ok(!claims.is_empty())
}

/// What one trace shows.
fn transcript(replay: &Replay) -> Done {
    match held(replay)?.record(&trace(replay)?, Care::Confirm)? {
        Recorded::Shown(transcript) => {
            print(&recording::write_transcript(&transcript, true))?;
            Ok(0)
        }
        Recorded::Down(step, ending) => {
            print(&format!("{} goes down at step {}: {ending:?}\n", replay.subject, step + 1))?;
            Ok(1)
        }
        Recorded::Unstable(why) => {
            print(&format!("{}: unstable: {why}\n", replay.subject))?;
            Ok(1)
        }
        Recorded::NotRun(why) => Err(CouldNotRun(format!("not run: {why}"))),
    }
}

/// One hazards trace again: how it ends.
fn hazards(replay: &Replay) -> Done {
    let trace = trace(replay)?;
    if !trace.setup.hazards {
        return Err(CouldNotRun("it asks for no hazards".to_owned()));
    }
    let mut held = held(replay)?;
    let parted = match held.endure(&trace)? {
        Came::Completed => {
            print(&format!("{} completed all {} steps\n", replay.subject, trace.ops.len()))?;
            return Ok(0);
        }
        Came::WentDown(parted) => parted,
        Came::NotRun(why) => return Err(CouldNotRun(format!("not run: {why}"))),
        other => unreachable!("no outcome of a hazards trace: {other:?}"),
    };
    let (shortest, parted) = match replay.whole {
        true => (trace.clone(), parted),
        false => hazards::reduced(&mut held, &trace)?.unwrap_or((trace.clone(), parted)),
    };
    let found = hazards::written(&shortest, parted, trace.ops.len(), command(replay));
    print(&render::found(&replay.subject.to_string(), &found))?;
    Ok(1)
}

/// The subject, and how long it may be silent.
fn held(replay: &Replay) -> Result<Held, CouldNotRun> {
    let start = if replay.hazards { Held::start_guarded } else { Held::start };
    let mut held = start(std::env::current_exe()?, replay.subject.clone())?;
    held.set_silence(replay.silence.unwrap_or(SILENCE));
    Ok(held)
}

fn trace(replay: &Replay) -> Result<Trace, CouldNotRun> {
    let mut trace = match (&replay.file, replay.number) {
        (Some(file), _) => one_scenario(file)?.scenario.trace,
        (None, Some(number)) => trace_of(Seed(replay.seed), number, replay.lane),
        (None, None) => return Err(CouldNotRun("a scenario file, or --number".to_owned())),
    };
    trace.shown = Shown::Everything;
    Ok(trace)
}

/// The scenario of this file, or the built-in one of this path.
pub(super) fn one_scenario(path: &Path) -> Result<File, CouldNotRun> {
    let shown = path.display().to_string();
    let (disk, _) = suite::file_and_choice(path);
    let mut files = match disk.exists() {
        true => suite::of_path(path)?,
        false => suite::embedded()?.into_iter().chain(suite::embedded_hazards()?).collect(),
    };
    if !disk.exists() {
        files.retain(|file| file.path == shown || file.on_disk() == shown);
    }
    match files.len() {
        0 => Err(CouldNotRun(format!("{shown}: no such file, and no built-in scenario of this path"))),
        1 => Ok(files.remove(0)),
        n => Err(CouldNotRun(format!("{shown}: {n} scenarios there; name one, such as {}", quoted(&files[0].path)))),
    }
}

fn command(replay: &Replay) -> String {
    let of = match (&replay.file, replay.number) {
        (Some(file), _) => quoted(&file.display().to_string()),
        (None, number) => {
            let number = number.unwrap_or_default();
            format!("--seed {} --lane {} --number {number}", replay.seed, lane_word(replay.lane))
        }
    };
    let of = if replay.hazards { format!("--hazards {of}") } else { of };
    let of = match replay.silence {
        Some(silence) => format!("--silence {} {of}", as_typed(silence)),
        None => of,
    };
    replay_command(&replay.subject, replay.profile.as_deref(), &of)
}
