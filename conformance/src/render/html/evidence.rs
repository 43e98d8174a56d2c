//! What a cell of the clauses rests on: the clause's words and place, what each subject showed of it, and the scenarios
//! that list it, those together that came out alike.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::cell::{Cell, Counts, Row};
use super::of_finding;
use crate::campaign::Shard;
use crate::evidence::cited;
use crate::render::page::{LINE, anchor, code, count};
use crate::report::{Ended, Report, Standing, SubjectReport};

/// The place of what is said of a clause.
pub(super) fn of_clause(clause: &str) -> String {
    anchor("clause", clause)
}

/// The place of what is said of a clause and a subject, counted from 0.
pub(super) fn of_cell(clause: &str, subject: usize) -> String {
    format!("{}-by-{}", of_clause(clause), subject + 1)
}

pub(super) fn evidence(report: &Report, rows: &[Row<'_>]) -> Markup {
    html! {
        h2 #evidence { "What each cell rests on" } (LINE)
        @for row in rows { (section(report, row)) }
    }
}

fn section(report: &Report, row: &Row<'_>) -> Markup {
    let entry = row.clause.entry();
    let cited = cited(row.clause);
    html! {
        details.clause {
            summary { code #(of_clause(entry.id)) { (entry.id) } " " (entry.kind) }
            p { (code(entry.statement)) }
            dl {
                dt { "Where" }
                dd {
                    @if entry.page.is_empty() { "no page has a word on it" } @else {
                        (entry.page) ", " (entry.section) ", "
                        @if entry.sentences.len() == 1 { "sentence " } @else { "sentences " }
                        (entry.sentences.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
                        "; editions " (entry.first) " to " (entry.last)
                    }
                }
                @if !cited.is_empty() { dt { "Cited in" } dd { (cited.join(", ")) } }
                @for (n, (subject, cell)) in report.subjects.iter().zip(&row.cells).enumerate() {
                    dt { (subject.subject) } dd #(of_cell(entry.id, n)) { (said(n, subject, cell)) }
                }
            }
            (LINE)
            (scenarios(report, &row.scenarios))
        }
        (LINE)
    }
}

/// What one subject showed.
fn said(n: usize, subject: &SubjectReport, cell: &Cell<'_>) -> Markup {
    html! {
        span.state.(cell.state.class()) { (cell.state.sign()) " " (cell.state.word()) }
        @for finding in &cell.found {
            @let number = finding + 1;
            " " a href={ "#" (of_finding(n, *finding)) } { "divergence " (number) } "."
        }
        @if cell.unreduced { " Random traces part here that were not reduced." }
        @for known in &cell.known { " " code { (known.name) } ": " (code(&known.instead)) "." }
        @for accepted in &cell.accepted { " " code { (accepted.scenario) } ": " (accepted.reason) "." }
        @if subject.verdict != Standing::NotRun { " " (shown(cell.scenarios, cell.random)) }
    }
}

/// What scenarios and random traces came to, in words.
fn shown(counts: Counts, random: u64) -> String {
    let words = [
        (counts.conforms, "as the pages"),
        (counts.known, "otherwise as known"),
        (counts.accepted, "otherwise as accepted"),
        (counts.here, "otherwise in this clause"),
        (counts.elsewhere, "otherwise in another clause"),
        (counts.unstable, "unstable"),
        (counts.not_run, "not run"),
    ];
    let words = words.into_iter().filter(|(number, _)| *number > 0).map(|(number, word)| format!("{number} {word}"));
    let words: Vec<_> = words.collect();
    let scenarios = if words.is_empty() { "none".to_owned() } else { words.join(", ") };
    format!("Scenarios: {scenarios}; decided {random} times at random.")
}

/// The scenarios that list a clause, those together that came out alike on all subjects.
fn scenarios(report: &Report, listing: &[&str]) -> Markup {
    let mut alike: BTreeMap<Vec<String>, Vec<&str>> = BTreeMap::new();
    for scenario in listing {
        let of = |subject: &SubjectReport| {
            let under_hazards = || of_hazards(report, subject, scenario).unwrap_or("not run").to_owned();
            subject.ended.get(*scenario).map_or_else(under_hazards, ended)
        };
        alike.entry(report.subjects.iter().map(of).collect()).or_default().push(scenario);
    }
    html! {
        @for (ended, scenarios) in alike {
            p.alike { (count(scenarios.len(), "scenario", "scenarios")) ", " (by_whom(report, &ended)) ":" }
            ul.files { @for scenario in scenarios { li { (scenario) } } }
            (LINE)
        }
    }
}

/// What became of a hazards scenario; `None`: it is none, or was not run. Of a part of a run the others are not known.
fn of_hazards(report: &Report, subject: &SubjectReport, scenario: &str) -> Option<&'static str> {
    let hazards = subject.hazards.as_ref()?;
    if hazards.known.iter().any(|found| found.known_by() == scenario) {
        return Some("went down under hazards");
    }
    let all = report.shard == Shard::WHOLE && subject.carried_through && !subject.ended.is_empty();
    let was_run = hazards.not_run.iter().all(|not_run| not_run.what != scenario);
    (all && was_run && hazards.scenarios.completed > 0).then_some("completed under hazards")
}

fn ended(ended: &Ended) -> String {
    match ended {
        Ended::Conforms => "as the pages".to_owned(),
        Ended::DivergesKnown => "otherwise as known".to_owned(),
        Ended::Accepted(clause) => format!("otherwise in {clause} as accepted"),
        Ended::Diverges(clause) => format!("otherwise in {clause}, unexplained"),
        Ended::Unstable => "unstable".to_owned(),
        Ended::NotRun => "not run".to_owned(),
    }
}

/// What they came to, each outcome once, with the subjects.
fn by_whom(report: &Report, ended: &[String]) -> String {
    if let [first, rest @ ..] = ended
        && rest.iter().all(|other| other == first)
    {
        return if rest.is_empty() { first.clone() } else { format!("{first} by all") };
    }
    let mut outcomes: Vec<(&str, Vec<&str>)> = Vec::new();
    for (outcome, subject) in ended.iter().zip(&report.subjects) {
        match outcomes.iter_mut().find(|(known, _)| known == outcome) {
            Some((_, subjects)) => subjects.push(&subject.subject),
            None => outcomes.push((outcome, vec![&subject.subject])),
        }
    }
    let words = outcomes.iter().map(|(outcome, subjects)| format!("{outcome} by {}", subjects.join(", ")));
    words.collect::<Vec<_>>().join("; ")
}
