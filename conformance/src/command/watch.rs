//! `sesscheck check --watch`: scenarios on a subject, again on each save.

use std::io;
use std::path::{Path, PathBuf};

use super::arguments::Check;
use super::check::{named, whole};
use super::{CouldNotRun, Done, print, unreadable};
use crate::author::{saves, watch as watched};
use crate::render;
use crate::report::SubjectReport;
use crate::suite;

pub(super) fn watch(check: &Check) -> Done {
    let paths = &check.gate.common.scenarios;
    // What is saved during the first run is not missed.
    let changes = saves(paths).map_err(CouldNotRun)?;
    let program = std::env::current_exe()?;
    watched(paths, changes, |number, changed| {
        let told = once(check, &program).unwrap_or_else(|CouldNotRun(why)| format!("{}\n", why.trim_end()));
        let text = format!("== run {number}: {}\n{told}", names(changed));
        print(&text).map(|_| ()).map_err(|CouldNotRun(why)| io::Error::other(why))
    })?;
    Ok(0)
}

/// What there is to say of one run: a line when all is green, else the report.
fn once(check: &Check, program: &Path) -> Result<String, CouldNotRun> {
    let common = &check.gate.common;
    let files = suite::of_paths(&common.scenarios).map_err(unreadable)?;
    let report = whole(program, named(check, |_| &[])?, &files, common, &check.gate)?;
    if report.status() != 0 {
        return Ok(render::text(&report));
    }
    let subjects: Vec<_> = report.subjects.iter().map(as_expected).collect();
    let (count, subjects) = (files.len(), subjects.join("; "));
    Ok(format!("green: {count} scenarios, every claim borne out by the model; {subjects}\n"))
}

fn as_expected(subject: &SubjectReport) -> String {
    let counts = subject.scenarios;
    let mut words = format!("{} as expected", subject.subject);
    if counts.diverges_known > 0 {
        words += &format!(", {} of them otherwise as its profile knows", counts.diverges_known);
    }
    if counts.not_run > 0 {
        words += &format!(", {} not run", counts.not_run);
    }
    words
}

/// The first few files.
fn names(files: &[PathBuf]) -> String {
    const FEW: usize = 3;
    let mut names: Vec<_> = files.iter().take(FEW).map(|file| file.display().to_string()).collect();
    if files.len() > FEW {
        names.push(format!("and {} more", files.len() - FEW));
    }
    names.join(", ")
}
