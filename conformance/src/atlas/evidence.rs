//! How a cell is known: its separating scenario against the transcripts that there are.

use session_model::Profile;

use super::separate::tells;
use super::{Behaviour, Evidence, Separation};
use crate::recording::{Recording, Stands, trace_of};
use crate::suite::File;

/// A library's transcripts, recorded or made just now.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The transcripts.
    pub recording: Recording,
    /// Whether they were made just now.
    pub ran_now: bool,
}

/// What the transcripts of a release say on one behaviour, and why no more.
#[must_use]
pub fn evidence(
    profile: &Profile,
    behaviour: Behaviour,
    separation: Option<&Separation>,
    files: &[File],
    transcripts: &[Shown],
) -> (Evidence, Option<String>) {
    let Some(separation) = separation else { return (Evidence::Indifferent, None) };
    if transcripts.is_empty() {
        return (Evidence::Claimed, Some("no transcript of this release".to_owned()));
    }
    let said = transcripts.iter().map(|shown| of_one(profile, behaviour, separation, files, shown));
    let mut said: Vec<_> = said.collect();
    // One that says otherwise outweighs all others; else the best counts.
    said.sort_by_key(|(evidence, _)| (*evidence != Evidence::Contradicted, *evidence));
    said.swap_remove(0)
}

fn of_one(
    profile: &Profile,
    behaviour: Behaviour,
    separation: &Separation,
    files: &[File],
    shown: &Shown,
) -> (Evidence, Option<String>) {
    let claimed = |why: String| (Evidence::Claimed, Some(why));
    let Some(file) = files.iter().find(|file| file.path == separation.scenario) else {
        return claimed("the scenario is not there".to_owned());
    };
    let Some(recorded) = shown.recording.of(&separation.scenario) else {
        return claimed(format!("{} was not recorded", separation.scenario));
    };
    match recorded.under(profile, file) {
        Stands::Stale => claimed("the scenario is another one since it was recorded".to_owned()),
        Stands::NotRun(why) => claimed(why),
        Stands::Differs(divergence) => {
            let (at, ruled, seen) = (divergence.place, &divergence.ruled, &divergence.seen);
            (Evidence::Contradicted, Some(format!("{at}: the profile rules: {ruled}; seen: {seen}")))
        }
        Stands::Agrees => {
            let other = behaviour.set(profile, separation.against);
            match tells(&trace_of(file), profile, &other, separation.how, &recorded.transcript) {
                true if shown.ran_now => (Evidence::Ran, None),
                true => (Evidence::Recorded, None),
                false => claimed("the transcript agrees with either value".to_owned()),
            }
        }
    }
}
