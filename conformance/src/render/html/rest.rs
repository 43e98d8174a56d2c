//! What was not run, and what is unstable, stale, accepted, or another than in an earlier report.

use std::collections::BTreeMap;

use maud::{Markup, html};

use crate::render::page::{LINE, code, count};
use crate::report::{Change, Compared, NotRun, Report, SubjectReport};

pub(super) fn rest(report: &Report) -> Markup {
    html! {
        @if let Some(baseline) = &report.baseline { (since(baseline)) }
        h2 #rest { "What was not run" } (LINE)
        @for subject in &report.subjects { (of_subject(subject)) }
        @if report.subjects.iter().all(was_run) {
            p { "Everything that was asked for was run." }
        }
    }
}

/// Whether everything that was asked for was run on a subject.
fn was_run(subject: &SubjectReport) -> bool {
    let of_hazards = subject
        .hazards
        .as_ref()
        .is_none_or(|hazards| hazards.not_run.is_empty() && hazards.scenarios.not_run + hazards.random.not_run == 0);
    subject.ended_early.is_none() && subject.not_run.iter().all(is_untold) && of_hazards
}

/// Whether it was run and diverged, and was not reduced or told for want of room.
fn is_untold(one: &NotRun) -> bool {
    one.why.starts_with("findings enough")
}

fn of_subject(subject: &SubjectReport) -> Markup {
    let mut reasons: BTreeMap<(bool, &str), Vec<&NotRun>> = BTreeMap::new();
    for not_run in &subject.not_run {
        reasons.entry((is_untold(not_run), &not_run.why)).or_default().push(not_run);
    }
    let name = &subject.subject;
    html! {
        @if let Some(early) = &subject.ended_early { p { (name) ": ended early " (early) } }
        @for ((untold, why), all) in reasons {
            @let words = if untold { " diverged and not told or reduced: " } else { " not run: " };
            details {
                summary { (name) ", " (all.iter().map(|one| u128::from(one.how_many())).sum::<u128>()) (words) (why) }
                ul.files { @for one in all { li { (one.what) } } }
            }
            (LINE)
        }
        @if subject.cut > 0 {
            p { (name) ": " (subject.cut) " random traces end where a known divergence damages the library." }
        }
        @if subject.diverged_accepted > 0 {
            p { (name) ": " (subject.diverged_accepted) " random traces go no further than what the ledger accepts." }
        }
        (list(name, "unstable", &subject.unstable))
        (list(name, "stale entries of the ledger", &subject.stale))
        @if !subject.accepted.is_empty() {
            p { (name) ", accepted by the ledger:" }
            ul {
                @for accepted in &subject.accepted {
                    li { code { (accepted.scenario) } " " (accepted.parted.name()) ": " (accepted.reason) }
                }
            }
        }
        @if let Some(hazards) = &subject.hazards {
            @let random = hazards.random;
            p {
                (name) ", hazards: " (hazards.scenarios.completed) " scenarios completed, "
                (hazards.scenarios.down()) " went down; " (random.completed) " random traces completed, "
                (random.crashed) " crashed, " (random.hung) " hung, " (random.grew) " grew, " (random.not_run)
                " not run " (hazards.why_not)
            }
            (list(name, "hazards that were not run", &hazards.not_run))
        }
    }
}

fn list(name: &str, what: &str, all: &[NotRun]) -> Markup {
    html! {
        @if !all.is_empty() {
            p { (name) ", " (what) ":" }
            ul { @for one in all { li { (code(&one.what)) ": " (code(&one.why)) } (LINE) } }
        }
    }
}

fn since(baseline: &Compared) -> Markup {
    let [new, gone, changed] = baseline.counts();
    html! {
        h2 #since { "Since an earlier report" } (LINE)
        p { "Beside " code { (baseline.file) } ": " (new) " new, " (gone) " gone, " (changed) " changed." }
        @if !baseline.differences.is_empty() {
            details {
                summary { (count(baseline.differences.len(), "difference", "differences")) }
                ul {
                    @for difference in &baseline.differences {
                        li {
                            (match difference.change() {
                                Change::New => "new",
                                Change::Gone => "gone",
                                Change::Changed => "changed",
                            })
                            ", " (difference.subject) " " (difference.what) ": "
                            @if let Some(was) = &difference.was { "was: " (was) "; " }
                            @if let Some(is) = &difference.is { "is: " (is) }
                        }
                        (LINE)
                    }
                }
            }
        }
    }
}
