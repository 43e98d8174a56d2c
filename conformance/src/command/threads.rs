//! `sesscheck threads`: whether what several threads see of one cache can be explained by an order of their calls.

use std::path::Path;

use super::arguments::Threads;
use super::{CouldNotRun, Done, print};
use crate::replace;
use crate::threads::play::PATIENCE;
use crate::threads::report::{Found, table, told};
use crate::threads::{Asked, History, Verdict, judge, open, order, run};

pub(super) fn threads(arguments: &Threads) -> Done {
    if let Some(file) = &arguments.judge {
        return again(file);
    }
    let kind = open(&arguments.subject)?;
    let Threads { seed, histories, threads, calls, limit, .. } = *arguments;
    let asked = Asked { seed, histories, threads, calls, limit, patience: PATIENCE };
    let report = run(&kind, &asked);
    print(&told(&kind, &asked, &report))?;
    if let Some((number, found)) = &report.found {
        let file = arguments.out.join(format!("history-{seed}-{number}.json"));
        std::fs::create_dir_all(&arguments.out)?;
        replace::replace(&file, &(serde_json::to_string_pretty(found.history())? + "\n"))?;
        print(&format!("kept: {0}\nagain: sesscheck threads --judge {0}\n", file.display()))?;
        return Ok(1);
    }
    // Threads that never meet show nothing, and neither does a search that was given up.
    Ok(if report.overlapping == 0 || report.undecided == report.histories { 2 } else { 0 })
}

/// Judges a history that was kept.
fn again(file: &Path) -> Done {
    let at = |what: String| CouldNotRun(format!("{}: {what}", file.display()));
    let text = std::fs::read_to_string(file).map_err(|error| at(error.to_string()))?;
    let history: History = serde_json::from_str(&text).map_err(|error| at(error.to_string()))?;
    history.sound().map_err(at)?;
    let profile = super::check::profile_of(&history.profile)?;
    match judge(&history, &profile.profile, order::BUDGET) {
        Verdict::Linearizable(_) => print(&format!("explained under profile {}\n", profile.name)).map(|_| 0),
        Verdict::Undecided => Err(at(format!("undecided: more than {} states", order::BUDGET))),
        Verdict::Not(why) => {
            print(&Found::NotLinearizable(Box::new(history.clone()), why.clone()).first_line())?;
            print(&table(&history, Some(&why))).map(|_| 1)
        }
    }
}
