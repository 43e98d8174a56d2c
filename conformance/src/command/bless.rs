//! `sesscheck bless`: what a subject shows and a scenario does not state yet.

use std::fmt::Write;
use std::io::IsTerminal;

use super::arguments::Bless;
use super::explain::shown_by;
use super::{CouldNotRun, Done, print, unreadable};
use crate::author::{Manual, Proposal, ask, proposals, write_in};
use crate::replace::replace_read;
use crate::suite::{self, SuiteError};

pub(super) fn bless(bless: &Bless) -> Done {
    let file = bless.file.display().to_string();
    let told = |error: std::io::Error| CouldNotRun(format!("{file}: {error}"));
    let text = std::fs::read_to_string(&bless.file).map_err(told)?;
    let files = suite::of_text(&file, &text).map_err(unreadable)?;
    if files.iter().any(|file| file.claims_about().next().is_none()) {
        return Err(CouldNotRun(format!("{file}: a hazards scenario: the pages rule nothing")));
    }
    let shown =
        files.iter().map(|file| shown_by(&bless.subject, &file.scenario.trace, None)).collect::<Result<Vec<_>, _>>()?;
    let found = proposals(&files, &text, &shown).map_err(|mistakes| unreadable(SuiteError::Mistakes(mistakes)))?;
    let mut out = String::new();
    found.offered.iter().zip(1..).try_for_each(|(one, n)| show(&mut out, &file, n, one))?;
    if found.not_for_all > 0 {
        writeln!(out, "{} more hold for some of the file's scenarios only, and are not offered", found.not_for_all)?;
    }
    if found.offered.is_empty() {
        writeln!(out, "{file}: nothing to propose: it states what {} shows", bless.subject)?;
        return print(&out);
    }
    let confirmed = match &bless.accept {
        Some(accept) => accept.of(&found.offered).map_err(CouldNotRun)?,
        None if std::io::stdin().is_terminal() => {
            print(&std::mem::take(&mut out))?;
            ask(&mut std::io::stdin().lock(), &mut std::io::stderr().lock(), &found.offered)?
        }
        None => Vec::new(),
    };
    if confirmed.is_empty() {
        writeln!(out, "{file}: nothing is written: `--accept all`, or numbers such as `--accept 1,3-5`")?;
        print(&out)?;
        return Ok(1);
    }
    let written = write_in(&files, &text, &confirmed).map_err(CouldNotRun)?;
    replace_read(&bless.file, &text, &written).map_err(told)?;
    writeln!(out, "{file}: {} of {} are written", confirmed.len(), found.offered.len())?;
    print(&out)
}

fn show(out: &mut String, file: &str, number: usize, proposal: &Proposal) -> std::fmt::Result {
    let Proposal { line, op, key, value, manual, .. } = proposal;
    writeln!(out, "{number:>3}  {file}:{line}  {op}\n     + {key}: {value}")?;
    match manual {
        Manual::Same => Ok(()),
        Manual::Open(words) => writeln!(out, "     ~ {words}"),
        Manual::Otherwise(words) => writeln!(out, "     ! {words}; only by its number"),
    }
}
