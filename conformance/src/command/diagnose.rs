//! `sesscheck diagnose`: a subject's profile, from nothing.

use std::path::Path;
use std::time::Duration;

use super::arguments::{Diagnose, TableFormat};
use super::check::progress_bar;
use super::{CouldNotRun, Done, print};
use crate::diagnose::{Diagnosis, Plan, diagnose as work_out};
use crate::profiles::{LibraryFile, hash_of};
use crate::source::Lane;
use crate::subjects::{Spec, libssl};
use crate::suite;
use crate::verify::quoted;
use crate::worker::Held;

/// Random traces that have to pass.
const BUDGET: [(Lane, u64); 4] =
    [(Lane::Direct, 300), (Lane::Handshakes, 200), (Lane::Tickets, 120), (Lane::Mixed, 60)];

/// How long a subject may be silent in one trace: each hang on the way costs this, and the traces are short.
const SILENCE: Duration = Duration::from_secs(5);

pub(super) fn diagnose(arguments: &Diagnose) -> Done {
    let mut held = Held::start(std::env::current_exe()?, arguments.subject.clone())?;
    held.set_silence(SILENCE);
    let plan = plan(arguments, &held);
    let bar = progress_bar();
    let told = |what: &str, done: u64| bar.set_message(format!("{}: {done} {what}", plan.spec));
    let diagnosis = work_out(&mut held, &plan, &suite::embedded()?, &told)?;
    bar.finish_and_clear();
    if let Some(file) = &arguments.out {
        write(file, &diagnosis.yaml())?;
    }
    if let Some(folder) = &arguments.scenarios {
        scenarios(folder, &diagnosis)?;
    }
    let text = match arguments.format {
        TableFormat::Json => diagnosis.json(),
        TableFormat::Text => diagnosis.text(),
    };
    print(&text)?;
    Ok(diagnosis.status())
}

fn plan(arguments: &Diagnose, held: &Held) -> Plan {
    let library = library(&arguments.subject, &held.about);
    let version = library.as_ref().map(|library| format!("libssl-{}", library.version));
    let file = arguments.out.as_ref().map_or_else(|| "PROFILE.yaml".to_owned(), |file| file.display().to_string());
    Plan {
        spec: arguments.subject.clone(),
        about: held.about.clone(),
        name: version.unwrap_or_else(|| arguments.subject.to_string().replace(':', "-")),
        profile_file: file,
        library,
        edition: arguments.edition.unwrap_or(held.profile.profile.edition),
        seed: arguments.seed,
        lanes: if arguments.lane.is_empty() { BUDGET.to_vec() } else { arguments.lane.clone() },
        limit: arguments.limit,
        pin: arguments.pin,
    }
}

/// The file that a libssl is, with its release.
fn library(spec: &Spec, about: &str) -> Option<LibraryFile> {
    let path = match spec {
        Spec::Libssl(None) => libssl::locate()?,
        Spec::Libssl(Some(path)) => path.into(),
        _ => return None,
    };
    let file = path.canonicalize().ok()?;
    let soname = file.file_name()?.to_str()?.to_owned();
    let version = about.split_whitespace().nth(1)?.to_owned();
    let hash = hash_of(&file).ok()?;
    Some(LibraryFile { soname, version, since: None, hash })
}

/// One file an entry, and one each for what is new.
fn scenarios(folder: &Path, diagnosis: &Diagnosis) -> Result<(), CouldNotRun> {
    std::fs::create_dir_all(folder)?;
    let plain = |name: String| name.replace(": ", "-").replace([' ', '_'], "-");
    for entry in &diagnosis.entries {
        if let Some(scenario) = &entry.scenario {
            write(&folder.join(format!("{}.yaml", plain(entry.name.clone()))), scenario)?;
        }
    }
    for new in &diagnosis.new {
        let name = plain(format!("new-{}-{}-{}", new.parted.clause, new.parted.op, new.parted.kind));
        write(&folder.join(format!("{name}.yaml")), &new.trace)?;
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<(), CouldNotRun> {
    let shown = quoted(&path.display().to_string());
    std::fs::write(path, text).map_err(|error| CouldNotRun(format!("{shown}: {error}")))
}
