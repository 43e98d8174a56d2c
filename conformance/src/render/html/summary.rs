//! What comes first: how each subject stands, and on what.

use maud::{Markup, html};

use crate::render::page::{LINE, code, count, scroll};
use crate::report::{Report, Standing, SubjectReport};

/// In one line: who diverges, or that nobody does.
pub(super) fn title(report: &Report) -> String {
    let standing = |wanted: &[Standing]| {
        let those = report.subjects.iter().filter(|subject| wanted.contains(&subject.verdict));
        those.map(|subject| subject.subject.as_str()).collect::<Vec<_>>()
    };
    let red = standing(&[Standing::Diverges, Standing::GoesDown]);
    let green = standing(&[Standing::Conforms, Standing::Accepted]);
    let unmet = report.manual.unmet.len();
    let of = report.subjects.len();
    if unmet > 0 {
        format!("sesscheck: {} of scenarios not borne out", count(unmet, "claim", "claims"))
    } else if let [only] = red[..] {
        format!("sesscheck: {only} diverges")
    } else if !red.is_empty() {
        format!("sesscheck: {} of {of} subjects diverge", red.len())
    } else if green.is_empty() {
        "sesscheck: no word about conformance".to_owned()
    } else if let ([only], 1) = (&green[..], of) {
        format!("sesscheck: {only} conforms")
    } else if green.len() == of {
        format!("sesscheck: all {of} subjects conform")
    } else {
        format!("sesscheck: {} of {of} subjects conform, and none diverges", green.len())
    }
}

/// The sign of a verdict, so that colour is never the only one.
fn sign(verdict: Standing) -> &'static str {
    match verdict {
        Standing::Conforms | Standing::Survives => "✓",
        Standing::Accepted => "!",
        Standing::Diverges | Standing::GoesDown => "✗",
        Standing::SelfCheck => "=",
        Standing::NotRun => "–",
    }
}

fn class(verdict: Standing) -> &'static str {
    match verdict {
        Standing::Conforms | Standing::Survives => "conforms",
        Standing::Accepted => "accepted",
        Standing::Diverges | Standing::GoesDown => "new",
        Standing::SelfCheck | Standing::NotRun => "none",
    }
}

pub(super) fn summary(report: &Report) -> Markup {
    let Report { seed, shard, manual, subjects, .. } = report;
    html! {
        h2 #summary { "Summary" } (LINE)
        ul.verdicts {
            @for subject in subjects {
                li.(class(subject.verdict)) {
                    span.sign aria-hidden="true" { (sign(subject.verdict)) } " "
                    strong { (subject.subject) " " (subject.verdict) }
                    (first_line(subject))
                }
                (LINE)
            }
        }
        @for claim in &manual.unmet {
            p.new {
                "A scenario is not borne out: " code { (claim.place) } " claims " (code(&claim.stated))
                "; the model of " (claim.edition) " rules: " (code(&claim.ruled))
            }
        }
        (table(report))
        dl.facts {
            dt { "Exit status" }
            dd {
                (report.status())
                @match report.status() {
                    0 => ": nothing that decides it diverges",
                    1 => ": something that decides it diverges",
                    _ => ": something that decides it could not be run",
                }
            }
            dt { "Scenarios" } dd { (manual.scenarios) ", digest " code { (manual.digest) } }
            dt { "Seed" } dd { (seed) }
            @if *shard != crate::campaign::Shard::WHOLE { dt { "Part" } dd { (shard) } }
            dt { "sesscheck" } dd { (env!("CARGO_PKG_VERSION")) }
        }
        (LINE)
    }
}

/// What stands behind the verdict of a subject.
fn first_line(subject: &SubjectReport) -> Markup {
    let gates = if subject.gates { "; the exit status depends on it" } else { "" };
    html! {
        @match subject.verdict {
            Standing::NotRun => {
                @for not_run in subject.not_run.iter().rev().take(1) { ": " (not_run.why) }
                (gates)
            }
            _ => { " under profile " (subject.profile) ", " (subject.about) (gates) }
        }
        @if let Some(found) = subject.divergences.first() {
            @let parted = &found.parted;
            ". First: " a href="#divergences" { (parted.op) " at " (parted.place) } ": the manual rules: " (code(&parted.ruled))
            "; seen: " (code(&parted.seen)) " [" (parted.clause) "]"
        }
        @if let Some(other) = &subject.other_library { ". Profile " (subject.profile) " was " (other) }
    }
}

fn table(report: &Report) -> Markup {
    let table = html! {
        table {
            caption { "What was run on each subject" }
            thead {
                tr {
                    th scope="col" { "Subject" }
                    th scope="col" { "Version" }
                    th scope="col" { "Profile" }
                    th.number scope="col" { "Scenarios as the pages" }
                    th.number scope="col" { "otherwise as known" }
                    th.number scope="col" { "accepted" }
                    th.number scope="col" { "unexplained" }
                    th.number scope="col" { "not run" }
                    th.number scope="col" { "Random traces" }
                    th.number scope="col" { "ops" }
                    th.number scope="col" { "handshakes" }
                    th.number scope="col" { "diverged" }
                    th.number scope="col" { "latitudes" }
                }
            }
            (LINE)
            tbody {
                @for subject in &report.subjects {
                    @let counts = subject.scenarios;
                    tr {
                        th scope="row" { (subject.subject) }
                        td { (subject.about) } td { (subject.profile) }
                        @for number in
                            [counts.conforms, counts.diverges_known, counts.accepted, counts.diverges, counts.not_run]
                        { td.number { (number) } }
                        @for number in
                            [subject.traces, subject.ops, subject.handshakes, subject.diverged, subject.latitudes]
                        { td.number { (number) } }
                    }
                    (LINE)
                }
            }
        }
    };
    scroll("What was run on each subject", &table)
}
