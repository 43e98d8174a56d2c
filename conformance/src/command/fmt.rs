//! `sesscheck fmt`: scenario files in the one layout.

use std::fmt::Write;
use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};

use super::arguments::Fmt;
use super::{CouldNotRun, Done, print};
use crate::replace::replace_read;
use crate::scenario::{Unformatted, Vocabulary, format};
use crate::suite::{files_of, vocabulary};

pub(super) fn fmt(fmt: &Fmt) -> Done {
    let vocabulary = vocabulary();
    if fmt.paths.contains(&PathBuf::from("-")) {
        return standard_input(fmt, &vocabulary);
    }
    let (mut out, mut wrong, mut changed) = (String::new(), String::new(), 0);
    let files = files_of(&fmt.paths)?;
    if files.is_empty() {
        return Err(CouldNotRun("no scenario there".to_owned()));
    }
    for path in &files {
        match one(path, fmt.check, &vocabulary) {
            Ok(false) => {}
            Ok(true) => {
                changed += 1;
                writeln!(out, "{}{}", path.display(), if fmt.check { " would change" } else { "" })?;
            }
            Err(CouldNotRun(why)) => writeln!(wrong, "{}", why.trim_end())?,
        }
    }
    let would = if fmt.check { "would change" } else { "changed" };
    writeln!(out, "{} files, {changed} {would}", files.len())?;
    print(&out)?;
    match wrong.is_empty() {
        true => Ok(u8::from(fmt.check && changed > 0)),
        false => Err(CouldNotRun(wrong)),
    }
}

/// Lays one file out; whether that changes it.
fn one(path: &Path, check: bool, vocabulary: &Vocabulary) -> Result<bool, CouldNotRun> {
    let shown = path.display().to_string();
    let told = |error: std::io::Error| CouldNotRun(format!("{shown}: {error}"));
    let text = std::fs::read_to_string(path).map_err(told)?;
    let laid_out = format(&shown, &text, vocabulary).map_err(words)?;
    if laid_out != text && !check {
        replace_read(path, &text, &laid_out).map_err(told)?;
    }
    Ok(laid_out != text)
}

fn standard_input(fmt: &Fmt, vocabulary: &Vocabulary) -> Done {
    if fmt.paths.len() > 1 {
        return Err(CouldNotRun("`-` stands alone".to_owned()));
    }
    let mut text = String::new();
    std::io::stdin().lock().read_to_string(&mut text)?;
    let laid_out = format("-", &text, vocabulary).map_err(words)?;
    if !fmt.check {
        return print(&laid_out);
    }
    if laid_out != text {
        print("- would change\n")?;
    }
    Ok(u8::from(laid_out != text))
}

fn words(why: Unformatted) -> CouldNotRun {
    let colour = std::io::stderr().is_terminal();
    CouldNotRun(match why {
        Unformatted::Lost(what) => what,
        Unformatted::Mistakes(mistakes) => {
            mistakes.iter().map(|mistake| mistake.render(colour)).collect::<Vec<_>>().join("\n")
        }
    })
}
