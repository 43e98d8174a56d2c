//! The report as workflow commands of GitHub Actions: an annotation for each thing that is wrong, at file and line
//! where there are any; a built-in scenario is named instead, for its file is not there. What does not gate is a warning.

use std::fmt::Write;

use crate::report::{Aspect, Report, Standing, SubjectReport};

/// The report as workflow commands, and then as text for the log.
#[must_use]
pub fn github(report: &Report) -> String {
    let mut out = String::new();
    for claim in &report.manual.unmet {
        let mut parts = claim.place.rsplitn(3, ':');
        let (column, line, file) = (parts.next(), parts.next(), parts.next());
        let said = format!("{}{}", built_in(claim.built_in.then_some(&claim.place)), super::with_clause(claim));
        let place = if claim.built_in { Place::default() } else { Place { file, line, column } };
        let counts = report.counts("manual", Aspect::Claim, &claim.place);
        let level = if counts { Level::Error } else { Level::Warning };
        annotate(&mut out, level, &place, "a claim that the model does not bear out", &said);
    }
    for subject in &report.subjects {
        of_subject(&mut out, report, subject);
    }
    // Nothing in the text is a command: subjects and files have their words in it.
    let text = super::text(report);
    let mut token = "the-report-as-text".to_owned();
    while text.contains(&token) {
        token.push('-');
    }
    writeln!(out, "::stop-commands::{token}\n{text}::{token}::").expect("a string takes it all");
    out
}

#[derive(Clone, Copy)]
enum Level {
    Error,
    Warning,
}

#[derive(Clone, Copy, Default)]
struct Place<'p> {
    file: Option<&'p str>,
    line: Option<&'p str>,
    column: Option<&'p str>,
}

fn of_subject(out: &mut String, report: &Report, subject: &SubjectReport) {
    let usual = if subject.gates { Level::Error } else { Level::Warning };
    let name = &subject.subject;
    // What the earlier report has as well does not decide then.
    let level = |aspect: Aspect, what: &str| if report.counts(name, aspect, what) { usual } else { Level::Warning };
    let gone = subject.hazards.iter().flat_map(|hazards| hazards.known.iter().chain(&hazards.found));
    for found in subject.divergences.iter().chain(gone) {
        let line = found.origin.on_disk().map(|(_, line)| line.to_string());
        let file = found.origin.on_disk().map(|(file, _)| file);
        let place = Place { file, line: line.as_deref(), column: None };
        let said =
            format!("{}{}\nreplay: {}", built_in(found.origin.built_in().as_ref()), found.headline(name), found.replay);
        annotate(
            out,
            level(Aspect::Divergence, &found.known_by()),
            &place,
            &format!("{name}: {}", found.parted.clause),
            &said,
        );
    }
    for (aspect, title, list) in [
        (Aspect::Stale, "a stale entry of the ledger", &subject.stale),
        (Aspect::Unstable, "unstable", &subject.unstable),
    ] {
        for one in list {
            let file = one.what.split_once(" [").map_or(one.what.as_str(), |(file, _)| file);
            let file = (aspect == Aspect::Stale).then_some(file);
            let said = format!("{}: {}", one.what, one.why);
            annotate(
                out,
                level(aspect, &one.what),
                &Place { file, ..Place::default() },
                &format!("{name}: {title}"),
                &said,
            );
        }
    }
    if subject.verdict == Standing::NotRun {
        let why = subject.not_run.last().map_or("nothing to run", |not_run| not_run.why.as_str());
        annotate(out, usual, &Place::default(), &format!("{name}: not run"), why);
    }
}

/// The name of a built-in scenario, in front of what is said of it: its file is not in the repository.
fn built_in(name: Option<&String>) -> String {
    name.map_or_else(String::new, |name| format!("built-in scenario {name}: "))
}

/// One command, its text in the runner's own escapes.
fn annotate(out: &mut String, level: Level, place: &Place<'_>, title: &str, said: &str) {
    let word = match level {
        Level::Error => "error",
        Level::Warning => "warning",
    };
    let places = [("file", place.file), ("line", place.line), ("col", place.column), ("title", Some(title))];
    let places: Vec<_> =
        places.iter().filter_map(|(key, value)| Some(format!("{key}={}", of_property((*value)?)))).collect();
    writeln!(out, "::{word} {}::{}", places.join(","), of_data(said)).expect("a string takes it all");
}

fn of_data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn of_property(text: &str) -> String {
    of_data(text).replace(':', "%3A").replace(',', "%2C")
}
