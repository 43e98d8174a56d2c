//! `sesscheck threads`: whether what several threads see of one cache can be explained by an order of their calls.
//!
//! The histories are played by a process of their own, since a cache that threads damage may end it: then the plan of
//! the last history is told.

use std::io::{Seek, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::arguments::Threads;
use super::{CouldNotRun, Done, print};
use crate::replace;
use crate::threads::play::PATIENCE;
use crate::threads::report::{Found, planned, summary, table, told};
use crate::threads::{Asked, History, Verdict, judge, open, order, run};

pub(super) fn threads(arguments: &Threads) -> Done {
    match (&arguments.judge, &arguments.inside) {
        (Some(file), _) => again(file),
        (None, Some(file)) => inside(arguments, file),
        (None, None) => apart(arguments),
    }
}

fn asked(arguments: &Threads) -> Asked {
    let Threads { seed, first, histories, threads, calls, limit, .. } = *arguments;
    let without = arguments.without.clone();
    Asked { seed, first, histories, threads, calls, without, limit, patience: PATIENCE }
}

/// Has another process do it.
fn apart(arguments: &Threads) -> Done {
    let kind = open(&arguments.subject)?;
    let word = std::env::temp_dir().join(format!("sesscheck-threads-{}", std::process::id()));
    let mut given: Vec<_> = std::env::args_os().skip(1).collect();
    given.extend(["--inside".into(), PathBuf::from(&word).into_os_string()]);
    let status = Command::new(std::env::current_exe()?).args(given).status()?;
    let last = std::fs::read_to_string(&word).ok().and_then(|text| text.trim().parse::<u64>().ok());
    let _ = std::fs::remove_file(&word);
    if let Some(code) = status.code() {
        return Ok(u8::try_from(code).unwrap_or(2));
    }
    let Some(number) = last else { return Err(CouldNotRun(format!("{}: {status} before any history", kind.name))) };
    let asked = asked(arguments);
    print(&format!("{}: went down: {status} while threads shared it\n", kind.name))?;
    print(&planned(&asked.plan(number, kind.whole)))?;
    let Asked { seed, threads, calls, .. } = asked;
    let without: String = asked.without.iter().map(|word| format!(" --without {word}")).collect();
    print(&format!(
        "  in history {number}; from there on: sesscheck threads --subject {} --seed {seed} --first {number} --threads {threads} --calls {calls}{without}\n",
        kind.name
    ))?;
    Ok(1)
}

/// Does it.
fn inside(arguments: &Threads, word: &Path) -> Done {
    let kind = open(&arguments.subject)?;
    let asked = asked(arguments);
    let mut word = std::fs::File::create(word)?;
    let mut before = |number: u64| {
        // All numbers are as long as the longest: the last one is whole whenever this process ends.
        let _ = word.rewind().and_then(|()| word.write_all(format!("{number:020}").as_bytes()));
    };
    let mut failed = None;
    let report = run(&kind, &asked, &mut before, &mut |number, found| {
        if let Err(why) = tell(arguments, &told(&kind, &asked, number, found), number, found) {
            failed.get_or_insert(why);
        }
    });
    if let Some(why) = failed {
        return Err(why);
    }
    print(&summary(&kind, &asked, &report))?;
    Ok(if report.found.is_empty() && !report.is_evidence() { 2 } else { u8::from(!report.found.is_empty()) })
}

fn tell(arguments: &Threads, text: &str, number: u64, found: &Found) -> Result<(), CouldNotRun> {
    let file = arguments.out.join(format!("history-{}-{number}.json", arguments.seed));
    print(text)?;
    std::fs::create_dir_all(&arguments.out)?;
    replace::replace(&file, &(serde_json::to_string_pretty(found.history())? + "\n"))?;
    print(&format!("  kept: {0}; again: sesscheck threads --judge {0}\n", file.display()))?;
    Ok(())
}

/// Judges a history that was kept.
fn again(file: &Path) -> Done {
    let at = |what: String| CouldNotRun(format!("{}: {what}", file.display()));
    let text = std::fs::read_to_string(file).map_err(|error| at(error.to_string()))?;
    let history: History = serde_json::from_str(&text).map_err(|error| at(error.to_string()))?;
    history.sound().map_err(at)?;
    let profile = super::check::profile_of(&history.profile)?;
    match judge(&history, &profile.profile, order::BUDGET) {
        Verdict::Linearizable(_) => print(&format!("explained under profile {}\n", profile.name)),
        Verdict::Undecided => Err(at(format!("undecided: more than {} states", order::BUDGET))),
        Verdict::Not(why) => {
            let found = Found::NotLinearizable(Box::new(history.clone()), why.clone());
            print(&found.first_line())?;
            print(&table(&history, Some(&why))).map(|_| 1)
        }
    }
}
