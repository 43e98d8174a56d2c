//! `sesscheck atlas`: which release does what, and the recordings that show it.

use std::path::Path;

use super::arguments::{Atlas, AtlasFormat};
use super::check::progress_bar;
use super::{CouldNotRun, Done, print};
use crate::atlas::{self, Asked, Compared, Needed, Shown, libraries, release_of};
use crate::profiles;
use crate::recording::{self, LibraryFacts, Recorded, Recording};
use crate::releases;
use crate::render::atlas as render;
use crate::subjects::{Spec, libssl};
use crate::suite::{self, File};
use crate::worker::Held;

pub(super) fn atlas(arguments: &Atlas) -> Done {
    let files = suite::embedded()?;
    if let Some(folder) = &arguments.record {
        return record(folder, &arguments.subject, &files);
    }
    let asked = asked(arguments)?;
    let bar = progress_bar();
    let needed = atlas::needed(&asked, &files, &|n| bar.set_message(format!("release {} of the table", n + 1)));
    let mut transcripts: Vec<Shown> =
        recording::shipped().into_iter().map(|(_, recording)| Shown { recording, ran_now: false }).collect();
    let mut subjects = arguments.subject.clone();
    if arguments.ours {
        subjects.push(Spec::Optimised);
    }
    for spec in &subjects {
        let run = of_need(&needed, &files);
        let recording = ran(spec, &run, &|n| bar.set_message(format!("{spec}: {n} of {} scenarios", run.len())))?;
        transcripts.push(Shown { recording, ran_now: true });
    }
    bar.finish_and_clear();
    let atlas = atlas::build(&asked, &needed, &files, &transcripts);
    print(&match arguments.format {
        AtlasFormat::Text => render::text(&atlas),
        AtlasFormat::Json => render::json(&atlas),
        AtlasFormat::Html => render::html(&atlas),
    })?;
    Ok(u8::from(atlas.is_contradicted()))
}

fn asked(arguments: &Atlas) -> Result<Asked, CouldNotRun> {
    let libraries = libraries();
    let place = |release: &str| {
        libraries.iter().position(|named| release_of(named) == release).ok_or_else(|| {
            let known: Vec<_> = libraries.iter().map(release_of).collect();
            CouldNotRun(format!("release `{release}`: no shipped profile is of it; known are {}", known.join(", ")))
        })
    };
    let from = arguments.from.as_deref().map(place).transpose()?;
    let to = arguments.to.as_deref().map(place).transpose()?;
    let compared = (from.is_some() || to.is_some()).then(|| {
        let (from, to) = (from.unwrap_or(0), to.unwrap_or(libraries.len() - 1));
        let release = |at: usize| release_of(&libraries[at]).to_owned();
        Compared { from: release(from.min(to)), to: release(from.max(to)) }
    });
    let ours = if arguments.ours { profiles::by_name("optimised") } else { None };
    let ours = ours.map(|named| profiles::Named { name: "session-cache".to_owned(), ..named });
    Ok(Asked { libraries, ours, all: arguments.all && compared.is_none(), compared })
}

/// The scenarios that tell any value of the table.
fn of_need<'f>(needed: &[Needed], files: &'f [File]) -> Vec<&'f File> {
    files.iter().filter(|file| needed.iter().any(|row| row.scenarios().any(|path| path == file.path))).collect()
}

/// What a subject shows of these scenarios, now.
fn ran(spec: &Spec, files: &[&File], told: &dyn Fn(usize)) -> Result<Recording, CouldNotRun> {
    let mut held = Held::start(std::env::current_exe()?, spec.clone())?;
    let version = held.about.clone();
    let shown = recording::record(&mut held, files, told).map_err(|why| CouldNotRun(format!("{spec}: {why}")))?;
    recording_of(spec, version, shown)
}

/// What a subject showed that says this of its version, with the facts of its file where it is a library.
pub(super) fn recording_of(spec: &Spec, version: String, shown: Vec<Recorded>) -> Result<Recording, CouldNotRun> {
    let Spec::Libssl(path) = spec else {
        let library = LibraryFacts { version, soname: String::new(), hash: String::new() };
        return Ok(Recording { library, shown });
    };
    let path = match path {
        Some(word) => releases::resolve(word).map_err(CouldNotRun)?,
        None => libssl::locate().ok_or_else(|| CouldNotRun("no libssl found".to_owned()))?,
    };
    Ok(Recording { library: LibraryFacts::of_file(&path, &version)?, shown }.without_path(&path))
}

/// Records every scenario on each of the subjects, a file a release.
fn record(folder: &Path, subjects: &[Spec], files: &[File]) -> Done {
    let all: Vec<&File> = files.iter().collect();
    std::fs::create_dir_all(folder)?;
    for spec in subjects {
        if !matches!(spec, Spec::Libssl(_)) {
            return Err(CouldNotRun(format!("{spec}: recordings are of releases of libssl, as in libssl:PATH")));
        }
        let bar = progress_bar();
        let recording = ran(spec, &all, &|n| bar.set_message(format!("{spec}: {n} of {} scenarios", all.len())))?;
        bar.finish_and_clear();
        let path = folder.join(recording.file_name());
        let text = recording::write(&recording);
        std::fs::write(&path, &text)?;
        let (scenarios, version) = (recording.shown.len(), &recording.library.version);
        print(&format!("{}: {scenarios} scenarios on {version}, {} bytes\n", path.display(), text.len()))?;
    }
    Ok(0)
}
