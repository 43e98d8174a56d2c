//! Each divergence: its first line, the clause, a picture of the cache until it parts and the same as a table, the
//! reduced scenario, and the command that shows it again.

use maud::{Markup, html};

use super::evidence::of_clause;
use super::of_finding;
use super::picture::picture;
use crate::course::{Course, Resident, Showed};
use crate::render::page::{LINE, code, scroll};
use crate::report::{Found, Origin, Report, SubjectReport};

/// All of them; `None`: there is none.
pub(super) fn findings(report: &Report) -> Option<Markup> {
    let mut all = Vec::new();
    for (s, subject) in report.subjects.iter().enumerate() {
        for (n, found) in subject.divergences.iter().enumerate() {
            all.push((of_finding(s, n), subject, found));
        }
        let gone = subject.hazards.iter().flat_map(|hazards| hazards.known.iter().chain(&hazards.found));
        for (n, found) in gone.enumerate() {
            all.push((format!("hazard-{}-{}", s + 1, n + 1), subject, found));
        }
    }
    if all.is_empty() {
        return None;
    }
    Some(html! {
        h2 #divergences { "Divergences" } (LINE)
        @if let [_, _, ..] = all[..] {
            ol.contents {
                @for (n, (place, subject, found)) in all.iter().enumerate() {
                    @let words = |subject: &SubjectReport, found: &Found| {
                        format!("{}, {}", subject.subject, found.parted.name())
                    };
                    @let reads = words(subject, found);
                    @let alike = all.iter().filter(|(_, subject, found)| words(subject, found) == reads).count() > 1;
                    li { a href={ "#" (place) } { (reads) @if alike { ", " (whence(n, found)) } } } (LINE)
                }
            }
        }
        @for (place, subject, found) in &all { (finding(place, &subject.subject, found)) }
    })
}

/// Where a finding comes from, in a word or two; `n`: its place among all, counted from 0.
fn whence(n: usize, found: &Found) -> String {
    match &found.origin {
        Origin::Scenario { file, with, .. } if with.is_empty() => file.clone(),
        Origin::Scenario { file, with, .. } => format!("{file} [{with}]"),
        Origin::Random { lane, number } => format!("{lane} {number}"),
        Origin::Unsaid => format!("number {}", n + 1),
    }
}

fn finding(place: &str, subject: &str, found: &Found) -> Markup {
    let (left, before) = found.steps;
    html! {
        article id=(place) {
            h3 { (code(&found.headline(subject))) } (LINE)
            @if !found.statement.is_empty() {
                p { a href={ "#" (of_clause(&found.parted.clause)) } { (found.parted.clause) } ": " (code(&found.statement)) }
            }
            p.origin {
                @match &found.origin {
                    Origin::Scenario { file, line, with, .. } => {
                        "In " code { (file) ":" (line) } @if !with.is_empty() { ", with " (with) } "."
                    }
                    Origin::Random { lane, number } => {
                        "At random, " (lane) " " (number) "; reduced from " (before) " steps to " (left) "."
                    }
                    Origin::Unsaid => { "Reduced from " (before) " steps to " (left) "." }
                }
            }
            (LINE)
            @if let Some(course) = &found.course {
                (picture(course, found, subject, place))
                details open[course.beats.len() <= 12] {
                    summary { "The same as a table" }
                    (scroll(&format!("Step by step, {place}"), &table(course, subject)))
                }
                (LINE)
            }
            h4 { @if matches!(found.origin, Origin::Scenario { .. }) { "The scenario" } @else { "The reduced scenario" } }
            (text(&format!("The scenario, {place}"), &found.trace))
            h4 { "To see it again" }
            (text(&format!("The command, {place}"), &found.replay))
        }
        (LINE)
    }
}

/// Text as it is, in a box of its own.
fn text(label: &str, text: &str) -> Markup {
    html! { pre tabindex="0" role="region" aria-label=(label) { code { (text.trim_end()) } } (LINE) }
}

fn table(course: &Course, subject: &str) -> Markup {
    let last = course.beats.len().saturating_sub(1);
    html! {
        table.steps {
            caption { "Step by step, until manual and subject part" }
            thead {
                tr {
                    th scope="col" { "Step" } th scope="col" { "Op" } th.number scope="col" { "Clock" }
                    th scope="col" { "In the cache after it" } th scope="col" { "Answer" }
                    th scope="col" { "Callbacks" } th scope="col" { "Destroyed" } th scope="col" { "Counters" }
                }
            }
            (LINE)
            tbody {
                @for (n, beat) in course.beats.iter().enumerate() {
                    @let parts = n == last;
                    tr .parts[parts] {
                        th scope="row" { (beat.place) @if parts { ", the manual" } }
                        td { code { (beat.op) } } td.number { (beat.clock) }
                        (cells(course, &beat.ruled))
                    }
                    (LINE)
                }
                @if let Some(beat) = course.beats.last() {
                    tr.parts {
                        th scope="row" { (beat.place) ", " (subject) }
                        td { code { (beat.op) } } td.number { (beat.clock) }
                        @match (&course.instead, &course.not_shown) {
                            (Some(showed), _) => { (cells(course, showed)) }
                            (None, Some(why)) => { td colspan="5" { "could not be shown: " (code(why)) } }
                            (None, None) => { td colspan="5" { "did not get through this step" } }
                        }
                    }
                }
            }
        }
    }
}

fn cells(course: &Course, showed: &Showed) -> Markup {
    let member = |m: &Resident| {
        let mark = if m.resumable { "" } else { " non-resumable" };
        format!("{} {}+{}{mark}", course.sessions[m.session], m.time, m.timeout)
    };
    let several = |words: Vec<String>| if words.is_empty() { "-".to_owned() } else { words.join(", ") };
    html! {
        td { (several(showed.members.iter().map(member).collect())) }
        td { (showed.answer) }
        td { (several(showed.callbacks.iter().map(|call| call.words.clone()).collect())) }
        td { (several(showed.destroyed.clone())) }
        td { (several(showed.counters.clone())) }
    }
}
