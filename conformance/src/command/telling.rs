//! A report, told: held against an earlier one, printed, written to files, and turned into the exit status. And
//! `sesscheck merge`.

use std::path::{Path, PathBuf};

use super::arguments::{Format, Merge, Telling};
use super::{CouldNotRun, Done, print};
use crate::atlas;
use crate::gate;
use crate::render;
use crate::report::{self, Compared, Report, SCHEMA};

/// The earlier report, read before anything is run; and whether the files of this one can be written.
pub(super) fn before(telling: &Telling) -> Result<Option<(PathBuf, Report)>, CouldNotRun> {
    for (_, file) in &telling.also {
        // What is there stays until the report is.
        let opened = std::fs::File::options().append(true).create(true).open(file);
        opened.map_err(|error| CouldNotRun(format!("{}: {error}", file.display())))?;
    }
    telling.baseline.as_ref().map(|file| Ok((file.clone(), read(file)?))).transpose()
}

/// Tells a report in every form that was asked for.
pub(super) fn tell(mut report: Report, before: Option<(PathBuf, Report)>, telling: &Telling) -> Done {
    report.baseline = before.map(|(file, before)| Compared {
        file: file.display().to_string(),
        only_new: telling.only_new,
        differences: report::compare(&before, &report),
    });
    // A file that cannot be written costs no report.
    print(&in_form(&report, telling.format))?;
    for (format, file) in &telling.also {
        let written = std::fs::write(file, in_form(&report, *format));
        written.map_err(|error| CouldNotRun(format!("{}: {error}", file.display())))?;
    }
    Ok(report.status())
}

/// Puts the reports of shards together.
pub(super) fn merge(merge: &Merge) -> Done {
    let read = |file: &PathBuf| Ok((file.display().to_string(), read(file)?));
    let reports = merge.reports.iter().map(read).collect::<Result<Vec<_>, CouldNotRun>>()?;
    tell(report::merge(reports)?, before(&merge.telling)?, &merge.telling)
}

fn in_form(report: &Report, format: Format) -> String {
    match format {
        Format::Text => render::text(report),
        Format::Json => render::json(report),
        Format::Junit => render::junit(report),
        Format::Github => render::github(report),
        Format::Sarif => render::sarif(report),
        Format::Markdown => render::markdown(report),
        Format::Html => render::html(report, &gate::recorded(), &atlas::recorded()),
    }
}

fn read(file: &Path) -> Result<Report, CouldNotRun> {
    let wrong = |what: &dyn std::fmt::Display| CouldNotRun(format!("{}: {what}", file.display()));
    let text = std::fs::read_to_string(file).map_err(|error| wrong(&error))?;
    let report: Report = serde_json::from_str(&text).map_err(|error| wrong(&format!("no report: {error}")))?;
    match report.schema == SCHEMA {
        true => Ok(report),
        false => Err(wrong(&format!("its schema is `{}`, and `{SCHEMA}` is read", report.schema))),
    }
}
