//! The ledger does not rot: profiles against recordings, each in words when something is wrong.

use std::collections::BTreeSet;

use super::{Behaviour, Evidence, Separator, Shown, evidence};
use crate::profiles::Named;
use crate::recording::{Recording, Stands, fingerprint, trace_of};
use crate::suite::File;

/// The command that renews a recording.
fn renew(recording: &Recording) -> String {
    let (release, soname) = (recording.library.release(), &recording.library.soname);
    format!(
        "renew it with a build of {release}: \
         sesscheck atlas --record conformance/recordings --subject libssl:PATH/{soname}"
    )
}

/// Scenarios that were not recorded, or are other ones since, and those that are not there any more.
#[must_use]
pub fn stale(recording: &Recording, files: &[File]) -> Vec<String> {
    let release = recording.library.release();
    let of_file = files.iter().filter_map(|file| match recording.of(&file.path) {
        None => Some(format!("{release}: {} was never recorded; {}", file.path, renew(recording))),
        Some(recorded) if recorded.fingerprint != fingerprint(&trace_of(file)) => {
            Some(format!("{release}: {} is another trace since it was recorded; {}", file.path, renew(recording)))
        }
        Some(_) => None,
    });
    let there: BTreeSet<_> = files.iter().map(|file| file.path.as_str()).collect();
    let gone = recording.shown.iter().filter(|recorded| !there.contains(recorded.scenario.as_str()));
    let gone = gone.map(|recorded| format!("{release}: {} is no scenario; {}", recorded.scenario, renew(recording)));
    of_file.chain(gone).collect()
}

/// Where the model under a profile and a recording part.
#[must_use]
pub fn differing(named: &Named, recording: &Recording, files: &[File]) -> Vec<String> {
    let (profile, release) = (&named.name, recording.library.release());
    held(named, recording, files, |file, stands| match stands {
        Stands::Differs(divergence) => {
            let (place, ruled, seen) = (divergence.place, &divergence.ruled, &divergence.seen);
            let path = &file.path;
            Some(format!("{profile} does not hold for {release}: {path}, {place}: it rules {ruled}; seen: {seen}"))
        }
        Stands::Agrees | Stands::NotRun(_) | Stands::Stale => None,
    })
}

/// Why recorded scenarios say nothing of the release, each reason once.
#[must_use]
pub fn not_run(named: &Named, recording: &Recording, files: &[File]) -> BTreeSet<String> {
    let reasons = held(named, recording, files, |_, stands| match stands {
        Stands::NotRun(why) => Some(why),
        Stands::Agrees | Stands::Differs(_) | Stands::Stale => None,
    });
    reasons.into_iter().collect()
}

fn held(
    named: &Named,
    recording: &Recording,
    files: &[File],
    told: impl Fn(&File, Stands) -> Option<String>,
) -> Vec<String> {
    let under = files.iter().filter_map(|file| Some((file, recording.of(&file.path)?)));
    under.filter_map(|(file, recorded)| told(file, recorded.under(&named.profile, file))).collect()
}

/// Entries of a profile, values other than the pure manual's, that no scenario shows, or none of the transcripts.
#[must_use]
pub fn idle(named: &Named, separator: &mut Separator<'_>, files: &[File], transcripts: &[Shown]) -> Vec<String> {
    let entries = Behaviour::all().filter(|behaviour| behaviour.value(&named.profile) != behaviour.pages());
    let idle = entries.filter_map(|behaviour| {
        let separation = separator.separate(&named.profile, behaviour);
        let (evidence, why) = evidence(&named.profile, behaviour, separation.as_ref(), files, transcripts);
        let scenario = separation.map_or_else(String::new, |separation| format!(" in {}", separation.scenario));
        let why = why.map_or_else(String::new, |why| format!(": {why}"));
        let is_shown = matches!(evidence, Evidence::Ran | Evidence::Recorded);
        let entry = format!("{}: {}", behaviour.name(), behaviour.value(&named.profile));
        (!is_shown).then(|| format!("{}, {entry}{scenario}: {}{why}", named.name, evidence.means()))
    });
    idle.collect()
}
