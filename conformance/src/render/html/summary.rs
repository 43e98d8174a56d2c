//! What comes first: how each subject stands, and on what.

use maud::{Markup, html};

use crate::render::page::{LINE, code, count, scroll};
use crate::report::{Aspect, Report, Standing, SubjectReport};

/// In one line: who diverges, or that nobody does; where only what is new counts, whether something is.
pub(super) fn title(report: &Report) -> String {
    let of = report.subjects.len();
    let claims = &report.manual.unmet;
    let unmet = claims.iter().filter(|claim| report.counts("manual", Aspect::Claim, &claim.place)).count();
    let red: Vec<_> = report.subjects.iter().filter(|subject| report.is_red(subject)).collect();
    let words = if unmet > 0 {
        format!("{} of scenarios not borne out", count(unmet, "claim", "claims"))
    } else if let [only] = red[..] {
        let is = match only.verdict {
            Standing::Diverges => "diverges",
            Standing::GoesDown => "goes down",
            _ => "is red",
        };
        format!("{} {is}", only.subject)
    } else if !red.is_empty() {
        let diverge = red.iter().all(|subject| subject.verdict == Standing::Diverges);
        format!("{} of {of} subjects {}", red.len(), if diverge { "diverge" } else { "are red" })
    } else if let Some(file) = only_new(report) {
        format!("{} beside {file}", if report.status() == 1 { "something is worse" } else { "nothing new" })
    } else {
        of_green(report)
    };
    format!("sesscheck: {words}")
}

/// The same where nothing is red.
fn of_green(report: &Report) -> String {
    let of = report.subjects.len();
    let those = |verdict| report.subjects.iter().filter(move |subject| subject.verdict == verdict);
    let (conform, accepted) = (those(Standing::Conforms).count(), those(Standing::Accepted).count());
    match (&report.subjects[..], conform, accepted) {
        (_, 0, 0) => "no word about conformance".to_owned(),
        ([only], ..) => format!("{} {}", only.subject, only.verdict),
        _ if conform == of => format!("all {of} subjects conform"),
        _ if conform + accepted == of => format!("none of {of} subjects diverges beyond what is accepted"),
        (_, _, 0) => format!("{conform} of {of} subjects conform, and none diverges"),
        _ => format!("{conform} of {of} subjects conform, and none diverges beyond what is accepted"),
    }
}

/// The earlier report, where only what is new beside it counts.
fn only_new(report: &Report) -> Option<&str> {
    report.baseline.as_ref().filter(|baseline| baseline.only_new).map(|baseline| baseline.file.as_str())
}

/// Why the exit status is what it is.
fn why(report: &Report) -> String {
    let accepts = report.subjects.iter().any(|subject| subject.gates && subject.verdict == Standing::Accepted);
    match (report.status(), only_new(report)) {
        (0, Some(file)) => format!("nothing new beside {file}"),
        (0, None) if accepts => "nothing that decides it diverges beyond what is accepted".to_owned(),
        (0, None) => "nothing that decides it diverges".to_owned(),
        (1, Some(file)) => format!("something that decides it is new or worse beside {file}"),
        (1, None) => "something that decides it is red".to_owned(),
        _ => "something that decides it could not be run".to_owned(),
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
                @if !claim.clause.is_empty() { " [" (claim.clause) "]" }
            }
        }
        (table(report))
        dl.facts {
            dt { "Exit status" }
            dd { (report.status()) ": " (why(report)) }
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
