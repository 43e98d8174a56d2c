//! `sesscheck campaign`: a long search in a folder of its own.

use std::path::PathBuf;

use super::arguments::{CampaignArguments, CampaignRun, CampaignVerb, TableFormat};
use super::check::{profile_of, progress_bar};
use super::{CouldNotRun, Done, print};
use crate::campaign::{self, Charter, Ended, Folder, State, Taken, Until};
use crate::profiles::Document;
use crate::render;
use crate::suite;
use crate::worker::Held;

pub(super) fn campaign(arguments: &CampaignArguments) -> Done {
    match &arguments.verb {
        None => run(&arguments.run),
        Some(CampaignVerb::Report { folder, format }) => show(&campaign::read(folder)?, folder, *format),
        Some(CampaignVerb::Merge { folders, into }) => merge(folders, into),
    }
}

fn run(asked: &CampaignRun) -> Done {
    let program = std::env::current_exe()?;
    let folder = Folder::open(&asked.folder)?;
    let suite = suite::embedded()?;
    // Once, to know what it says of itself and which profile is its own.
    let held = Held::start(program.clone(), asked.subject.clone())?;
    let profile = asked.profile.as_deref().map(profile_of).transpose()?.unwrap_or_else(|| held.profile.clone());
    let charter = Charter {
        subject: asked.subject.to_string(),
        about: held.about.clone(),
        profile: Document::of(&profile),
        profile_typed: asked.profile.clone(),
        seed: asked.seed,
        shard: asked.shard,
        draws: campaign::draws(&suite),
    };
    drop(held);
    let workers = asked.workers.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    let until = Until { time: asked.limit, units: asked.units, workers };
    let bar = progress_bar();
    let subject = asked.subject.to_string();
    let mut told = |state: &State, news: Option<(&crate::report::Found, Taken)>| {
        if let Some((found, taken)) = news {
            let line = found.headline(&subject);
            let word = if taken == Taken::New { "new" } else { "shorter" };
            let file = asked.folder.join(campaign::file_of(found));
            bar.suspend(|| eprintln_quietly(&format!("{word}, {} steps: {line}\n  {}", found.steps.0, file.display())));
        }
        let all = state.all();
        bar.set_message(format!(
            "{subject}: {} units, {} ops, {} handshakes, {} findings",
            all.units,
            all.ops,
            all.handshakes,
            state.findings.len()
        ));
    };
    let ended = campaign::run(&program, (&asked.subject, &profile), charter, (&folder, &suite), until, &mut told)?;
    bar.finish_and_clear();
    let Ended { state, new, why } = ended;
    let status = show(&state, &asked.folder, asked.format)?;
    match why {
        Some(why) => Err(CouldNotRun(format!("the campaign ended early: {why}"))),
        None => {
            if asked.format == TableFormat::Text {
                print(&format!("  {new} of them new in this run\n"))?;
            }
            Ok(status)
        }
    }
}

fn merge(folders: &[PathBuf], into: &std::path::Path) -> Done {
    let states = folders.iter().map(|folder| campaign::read(folder)).collect::<Result<Vec<_>, _>>()?;
    let whole = campaign::merge(states).map_err(CouldNotRun)?;
    let folder = Folder::open(into)?;
    if folder.load()?.is_some() {
        return Err(CouldNotRun(format!("{}: there is a campaign in it", into.display())));
    }
    for finding in &whole.findings {
        folder.keep(&finding.found)?;
    }
    folder.save(&whole)?;
    show(&whole, into, TableFormat::Text)
}

fn show(state: &State, folder: &std::path::Path, format: TableFormat) -> Done {
    print(&match format {
        TableFormat::Text => render::campaign(state, folder),
        TableFormat::Json => serde_json::to_string_pretty(state)? + "\n",
    })?;
    Ok(state.status())
}

/// News go to standard error; one that is closed ends nothing.
fn eprintln_quietly(line: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "{line}");
}
