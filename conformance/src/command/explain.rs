//! `sesscheck explain`: step by step what the manual rules, and by which clauses, beside what subjects do.

use std::time::Duration;

use super::arguments::Explain;
use super::check::profile_of;
use super::replay::one_scenario;
use super::{CouldNotRun, Done, print};
use crate::explain::{Beside, explain as explained};
use crate::stopwatch::SILENCE;
use crate::subjects::Spec;
use crate::trace::{Shown, Trace};
use crate::transcript::Transcript;
use crate::worker::{Care, Held, Recorded};

pub(super) fn explain(explain: &Explain) -> Done {
    let file = one_scenario(&explain.file)?;
    let profile = match &explain.profile {
        Some(name) => profile_of(name)?.profile,
        None => match file.claims_about().last() {
            Some(profile) => profile,
            None => return Err(CouldNotRun("a hazards scenario: the pages rule nothing".to_owned())),
        },
    };
    let beside = explain
        .subject
        .iter()
        .map(|spec| ran(spec, &file.scenario.trace, explain.silence))
        .collect::<Result<Vec<_>, _>>()?;
    print(&explained(&file.scenario.trace, &profile, &beside))
}

fn ran(spec: &Spec, trace: &Trace, silence: Option<Duration>) -> Result<Beside, CouldNotRun> {
    Ok(Beside { name: spec.to_string(), transcript: shown_by(spec, trace, silence)? })
}

/// Everything that a subject shows of a trace, or why it does not. `silence`: how long it may say nothing, where that is
/// another time than the usual one.
pub(super) fn shown_by(spec: &Spec, trace: &Trace, silence: Option<Duration>) -> Result<Transcript, CouldNotRun> {
    let mut held = Held::start(std::env::current_exe()?, spec.clone())?;
    held.set_silence(silence.unwrap_or(SILENCE));
    let trace = Trace { shown: Shown::Everything, ..trace.clone() };
    match held.record(&trace, Care::Confirm)? {
        Recorded::Shown(transcript) => Ok(transcript),
        Recorded::Down(step, ending) => {
            Err(CouldNotRun(format!("{spec} goes down in the op of number {}: {ending:?}", step + 1)))
        }
        Recorded::NotRun(why) => Err(CouldNotRun(format!("{spec}: {why}"))),
        Recorded::Unstable(why) => Err(CouldNotRun(format!("{spec} is unstable: {why}"))),
    }
}
