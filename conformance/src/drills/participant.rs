//! Who goes through the drills: subjects that ran just now, releases that were recorded, and releases of which only the
//! profile is at hand.

use std::collections::BTreeMap;

use super::recorded::shipped_recordings;
use super::{Column, Told};
use crate::atlas::{Evidence, libraries, of_version, release_of};
use crate::profiles::{self, Named};
use crate::recording::{Recording, fingerprint, trace_of};
use crate::releases::Release;
use crate::transcript::{Ending, Transcript};

/// What a participant did in a drill.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Performed {
    /// It showed this.
    Shown(Transcript),
    /// It went down. Where and how stand in the words only where it is no hazard: how a hazard ends differs from run to
    /// run.
    Down(String),
    /// It was not run: why.
    NotRun(String),
    /// It went down once, and not when it was run again: how.
    Unstable(String),
}

/// Somebody who goes through the drills.
#[derive(Clone, Debug)]
pub struct Participant {
    /// What stands above the column.
    pub name: String,
    /// What it says of itself.
    pub about: String,
    /// The fingerprint of a library's file; empty where there is none.
    pub hash: String,
    /// What it is held to.
    pub profile: Named,
    /// How what it does is known; [`Evidence::Claimed`]: by the profile alone.
    pub evidence: Evidence,
    /// Whether it is our own cache.
    pub ours: bool,
    /// What it did, by the names of the drills; what is not there is known by the profile alone.
    pub performed: BTreeMap<String, Performed>,
}

impl Participant {
    /// The release, of a libssl; `None` of anybody else.
    fn release(&self) -> Option<Release> {
        let is_library = self.profile.library.is_some();
        if is_library { Release::of(&self.about).or_else(|| Release::of(&self.name)) } else { None }
    }

    pub(super) fn column(&self) -> Column {
        Column {
            name: self.name.clone(),
            about: self.about.clone(),
            hash: self.hash.clone(),
            profile: self.profile.name.clone(),
            evidence: self.evidence,
            ours: self.ours,
        }
    }
}

/// All participants: those that ran, and of the releases that did not, what was recorded of them, or their shipped
/// profile. First who is no libssl, in the order given, then releases in order of version.
///
/// # Panics
///
/// Never: tests read the recordings.
#[must_use]
pub fn participants(ran: Vec<Participant>, drills: &[Told]) -> Vec<Participant> {
    let mut all = ran;
    for recording in shipped_recordings() {
        let recorded = of_recording(&recording, drills);
        if all.iter().all(|one| one.release() != recorded.release()) {
            all.push(recorded);
        }
    }
    for named in libraries() {
        let claimed = of_profile(named);
        if all.iter().all(|one| one.release() != claimed.release()) {
            all.push(claimed);
        }
    }
    all.sort_by_key(Participant::release);
    told_apart(&mut all);
    all
}

/// What a recording has of these drills. What was recorded of another form of a drill is left out.
fn of_recording(recording: &Recording, drills: &[Told]) -> Participant {
    let version = &recording.library.version;
    let profile = of_version(&libraries(), version).cloned().or_else(|| profiles::nearest(version));
    let performed = drills.iter().filter_map(|told| {
        let recorded = recording.of(&told.file.path)?;
        let same = recorded.fingerprint == fingerprint(&trace_of(&told.file));
        same.then(|| (told.name.clone(), Performed::of(&recorded.transcript)))
    });
    Participant {
        name: recording.library.release().to_owned(),
        about: version.clone(),
        hash: recording.library.hash.clone(),
        profile: profile.expect("profiles of libssl are shipped"),
        evidence: Evidence::Recorded,
        ours: false,
        performed: performed.collect(),
    }
}

fn of_profile(named: Named) -> Participant {
    Participant {
        name: release_of(&named).to_owned(),
        about: "not run, and not recorded".to_owned(),
        hash: String::new(),
        evidence: Evidence::Claimed,
        ours: false,
        performed: BTreeMap::new(),
        profile: named,
    }
}

/// Two of one name are told apart by their number.
fn told_apart(all: &mut [Participant]) {
    let names: Vec<_> = all.iter().map(|one| one.name.clone()).collect();
    for (n, one) in all.iter_mut().enumerate() {
        let before = names[..n].iter().filter(|name| **name == one.name).count();
        if before > 0 {
            one.name = format!("{} ({})", one.name, before + 1);
        }
    }
}

impl Performed {
    /// What a transcript comes to.
    #[must_use]
    pub fn of(transcript: &Transcript) -> Self {
        match &transcript.ending {
            Ending::Completed => Self::Shown(transcript.clone()),
            Ending::Refused(why) => Self::NotRun(why.clone()),
            Ending::Crashed(how) | Ending::Grew(how) | Ending::Broke(how) => Self::Down(how.clone()),
            Ending::Hung => Self::Down("a step does not end".to_owned()),
        }
    }

    /// As a transcript, so that it can be recorded; one that was unstable cannot.
    #[must_use]
    pub fn transcript(&self) -> Option<Transcript> {
        let ended = |ending| Transcript { ending, ..Transcript::default() };
        match self {
            Self::Shown(transcript) => Some(transcript.clone()),
            Self::Down(how) => Some(ended(Ending::Crashed(how.clone()))),
            Self::NotRun(why) => Some(ended(Ending::Refused(why.clone()))),
            Self::Unstable(_) => None,
        }
    }
}
