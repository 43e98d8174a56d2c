//! `sesscheck replay`: one trace again.

use super::arguments::Replay;
use super::check::profile_of;
use super::{CouldNotRun, Done, print};
use crate::finding::Came;
use crate::render;
use crate::source::{Seed, trace_of};
use crate::suite;
use crate::trace::{Shown, Trace};
use crate::verify::{reduced, written};
use crate::worker::{Held, lane_word};

pub(super) fn replay(replay: &Replay) -> Done {
    let mut held = Held::start(std::env::current_exe()?, replay.subject.clone())?;
    let profile = match &replay.profile {
        Some(name) => profile_of(name)?,
        None => held.profile.clone(),
    };
    let trace = trace(replay)?;
    let parted = match held.check(&trace, &profile)? {
        Came::Conforms => {
            print(&format!(
                "{} conforms under profile {} on all {} steps\n",
                replay.subject,
                profile.name,
                trace.ops.len()
            ))?;
            return Ok(0);
        }
        Came::NotRun(why) => return Err(CouldNotRun(format!("not run: {why}"))),
        Came::Diverges(parted) => parted,
    };
    let (shortest, parted) = match replay.whole {
        true => (trace.clone(), parted),
        false => reduced(&mut held, &profile, &trace)?.unwrap_or((trace.clone(), parted)),
    };
    let found = written(&shortest, parted, trace.ops.len(), command(replay, &profile.name));
    print(&render::found(&replay.subject.to_string(), &found))?;
    Ok(1)
}

fn trace(replay: &Replay) -> Result<Trace, CouldNotRun> {
    let mut trace = match (&replay.file, replay.number) {
        (Some(file), _) => suite::of_paths(std::slice::from_ref(file))?.remove(0).scenario.trace,
        (None, Some(number)) => trace_of(Seed(replay.seed), number, replay.lane),
        (None, None) => return Err(CouldNotRun("a scenario file, or --number".to_owned())),
    };
    trace.shown = Shown::Everything;
    Ok(trace)
}

fn command(replay: &Replay, profile: &str) -> String {
    let of = match (&replay.file, replay.number) {
        (Some(file), _) => file.display().to_string(),
        (None, number) => {
            let number = number.unwrap_or_default();
            format!("--seed {} --lane {} --number {number}", replay.seed, lane_word(replay.lane))
        }
    };
    format!("sesscheck replay --subject {} --profile {profile} {of}", replay.subject)
}
