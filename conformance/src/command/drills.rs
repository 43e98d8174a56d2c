//! `sesscheck drills`: what the pages rule on an operator's bad days, and what our cache and each libssl do.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use indicatif::ProgressBar;

use super::arguments::{Drills, DrillsFormat};
use super::atlas::recording_of;
use super::check::progress_bar;
use super::{CouldNotRun, Done, print, unreadable};
use crate::atlas::Evidence;
use crate::drills::{self, NoDrill, Participant, Performed, Told};
use crate::explain::{Beside, explain};
use crate::finding::Came;
use crate::recording::{self, Recorded, Recording, fingerprint, trace_of};
use crate::releases::{Builds, Standing};
use crate::render::drills as render;
use crate::subjects::{Spec, libssl};
use crate::worker::{self, Care, Held};

pub(super) fn drills(arguments: &Drills) -> Done {
    let told = asked(&arguments.drills)?;
    if let Some(folder) = &arguments.record {
        return record(folder, &arguments.subject, &told);
    }
    let bar = progress_bar();
    let mut ran = vec![go_through(&Spec::Optimised, &told, &bar)?];
    for spec in arguments.subject.iter().filter(|spec| **spec != Spec::Optimised) {
        ran.push(go_through(spec, &told, &bar)?);
    }
    if arguments.subject.is_empty() {
        for spec in found()? {
            match go_through(&spec, &told, &bar) {
                Ok(participant) => ran.push(participant),
                // One that was only found here is nobody's mistake: its column is what was recorded of it.
                Err(CouldNotRun(why)) => drop(writeln!(std::io::stderr(), "not run: {spec}: {why}")),
            }
        }
    }
    bar.finish_and_clear();
    let participants = drills::participants(ran, &told);
    let table = drills::build(&told, &participants);
    print(&match (arguments.format, arguments.drills.is_empty()) {
        (DrillsFormat::Text, true) => render::text(&table),
        (DrillsFormat::Text, false) => render::stories(&table),
        (DrillsFormat::Markdown, _) => render::markdown(&table),
        (DrillsFormat::Json, _) => render::json(&table),
        (DrillsFormat::Html, _) => render::html(&table),
    })?;
    if arguments.steps {
        print(&told.iter().map(|told| steps(told, &participants)).collect::<String>())?;
    }
    Ok(u8::from(table.diverges()))
}

/// The drills by these names or in these files; all shipped ones, when there are none.
fn asked(names: &[String]) -> Result<Vec<Told>, CouldNotRun> {
    if names.is_empty() {
        return Ok(drills::shipped());
    }
    let one = |name: &String| {
        let is_file = Path::new(name).extension().is_some_and(|ending| ending == "yaml" || ending == "yml");
        let told = if is_file { drills::of_file(Path::new(name)) } else { drills::by_name(name) };
        told.map_err(|why| match why {
            NoDrill::Unreadable(why) => unreadable(why),
            why => why.into(),
        })
    };
    names.iter().map(one).collect()
}

/// The libssl of the machine, and those that were built here.
fn found() -> Result<Vec<Spec>, CouldNotRun> {
    let machine = libssl::locate().map(|_| Spec::Libssl(None));
    let built = Builds::here()?.all()?.into_iter().filter_map(|(build, standing)| match standing {
        Standing::Finished(_) if !build.sanitised => Some(Spec::Libssl(Some(build.to_string()))),
        Standing::Finished(_) | Standing::Unfinished => None,
    });
    Ok(machine.into_iter().chain(built).collect())
}

/// Has a subject go through the drills, now.
fn go_through(spec: &Spec, drills: &[Told], bar: &ProgressBar) -> Result<Participant, CouldNotRun> {
    let mut held = Held::start(std::env::current_exe()?, spec.clone())?;
    let mut performed = BTreeMap::new();
    for (n, told) in drills.iter().enumerate() {
        bar.set_message(format!("{spec}: {n} of {} drills", drills.len()));
        performed.insert(told.name.clone(), perform(&mut held, spec, told)?);
    }
    let Recording { library, .. } = recording_of(spec, held.about.clone(), Vec::new())?;
    let name = if matches!(spec, Spec::Libssl(_)) { library.release().to_owned() } else { spec.to_string() };
    Ok(Participant {
        name,
        about: held.about.clone(),
        hash: library.hash,
        profile: held.profile.clone(),
        evidence: Evidence::Ran,
        ours: *spec == Spec::Optimised,
        performed,
    })
}

fn perform(held: &mut Held, spec: &Spec, told: &Told) -> Result<Performed, CouldNotRun> {
    let trace = trace_of(&told.file);
    if trace.setup.hazards {
        return endure(spec, told);
    }
    Ok(match held.record(&trace, Care::Confirm)? {
        worker::Recorded::Shown(transcript) => Performed::of(&transcript),
        worker::Recorded::NotRun(why) => Performed::NotRun(why),
        worker::Recorded::Unstable(why) => Performed::Unstable(why),
        worker::Recorded::Down(step, ending) => {
            let place =
                trace.executed().nth(step).map_or_else(String::new, |(place, op)| format!("{place} ({})", op.verb()));
            Performed::Down(format!("goes down at {place}: {ending:?}"))
        }
    })
}

/// A drill in which the pages rule nothing, in a worker that may go down.
fn endure(spec: &Spec, told: &Told) -> Result<Performed, CouldNotRun> {
    let trace = trace_of(&told.file);
    let mut held = Held::start_guarded(std::env::current_exe()?, spec.clone())?;
    match held.endure(&trace)? {
        // Where and how are left out: what is damaged is memory, and whether that crashes or takes memory without end, and
        // at which step, differs from run to run.
        Came::WentDown(_) => Ok(Performed::Down("it goes down".to_owned())),
        Came::NotRun(why) => Ok(Performed::NotRun(why)),
        Came::Unstable(why) => Ok(Performed::Unstable(why)),
        Came::Completed | Came::Conforms | Came::Diverges(_) => Ok(match held.record(&trace, Care::Glance)? {
            worker::Recorded::Shown(transcript) => Performed::of(&transcript),
            worker::Recorded::NotRun(why) => Performed::NotRun(why),
            worker::Recorded::Unstable(why) => Performed::Unstable(why),
            worker::Recorded::Down(_, ending) => Performed::Unstable(format!("completed once, then {ending:?}")),
        }),
    }
}

/// Records what each of the subjects shows of the drills, a file a release.
fn record(folder: &Path, subjects: &[Spec], drills: &[Told]) -> Done {
    std::fs::create_dir_all(folder)?;
    let bar = progress_bar();
    for spec in subjects {
        if !matches!(spec, Spec::Libssl(_)) {
            return Err(CouldNotRun(format!("{spec}: recordings are of releases of libssl, as in libssl:PATH")));
        }
        let participant = go_through(spec, drills, &bar)?;
        let shown: Vec<_> = drills.iter().filter_map(|told| recorded(told, &participant)).collect();
        let recording = recording_of(spec, participant.about, shown)?;
        let path = folder.join(recording.file_name());
        let text = recording::write(&recording);
        std::fs::write(&path, &text)?;
        let (drills, version) = (recording.shown.len(), &recording.library.version);
        print(&format!("{}: {drills} drills on {version}, {} bytes\n", path.display(), text.len()))?;
    }
    bar.finish_and_clear();
    Ok(0)
}

fn recorded(told: &Told, participant: &Participant) -> Option<Recorded> {
    let trace = trace_of(&told.file);
    let transcript = participant.performed.get(&told.name)?.transcript()?;
    let (scenario, fingerprint) = (told.file.path.clone(), fingerprint(&trace));
    Some(Recorded { scenario, fingerprint, everything: true, transcript })
}

/// A drill step by step, beside who ran it; nothing, where the pages rule nothing.
fn steps(told: &Told, participants: &[Participant]) -> String {
    let Some(profile) = told.file.claims_about().last() else { return String::new() };
    let ran = participants.iter().filter(|one| one.evidence == Evidence::Ran);
    let beside = ran.filter_map(|one| match one.performed.get(&told.name)? {
        Performed::Shown(transcript) => Some(Beside { name: one.name.clone(), transcript: transcript.clone() }),
        Performed::Down(_) | Performed::NotRun(_) | Performed::Unstable(_) => None,
    });
    let steps = explain(&trace_of(&told.file), &profile, &beside.collect::<Vec<_>>());
    format!("\n{}, step by step:\n\n{steps}", told.name)
}
