//! The report as JUnit XML: a suite a subject, a case for its scenarios and one for each divergence.

use quick_junit::{NonSuccessKind, Report as Junit, TestCase, TestCaseStatus, TestSuite};

use crate::report::{Aspect, Report, Standing, SubjectReport};

/// The report as JUnit XML.
///
/// # Panics
///
/// Never: the text has no characters that XML cannot hold but those that the writer drops.
#[must_use]
pub fn junit(report: &Report) -> String {
    let mut junit = Junit::new("sesscheck");
    let mut manual = TestSuite::new("manual");
    if report.manual.unmet.is_empty() {
        manual
            .add_test_case(TestCase::new(format!("{} scenarios", report.manual.scenarios), TestCaseStatus::success()));
    }
    for claim in &report.manual.unmet {
        let (said, text) = (super::with_clause(claim), super::below(claim));
        let counts = report.counts("manual", Aspect::Claim, &claim.place);
        manual.add_test_case(if counts { failure(&claim.place, &said, &text) } else { skipped(&claim.place, &said) });
    }
    junit.add_test_suite(manual);
    for subject in &report.subjects {
        junit.add_test_suite(suite(report, subject));
    }
    let mut xml = junit.to_string().expect("a report is text");
    xml.push('\n');
    xml
}

fn suite(report: &Report, subject: &SubjectReport) -> TestSuite {
    let mut suite = TestSuite::new(subject.subject.clone());
    let name = format!("{} scenarios and {} random ops", scenarios(subject), subject.ops);
    match (subject.verdict, subject.gates) {
        (Standing::NotRun, gates) => {
            let why = subject.not_run.last().map_or("nothing to run", |not_run| not_run.why.as_str());
            let error = || TestCaseStatus::non_success(NonSuccessKind::Error);
            let mut status = if gates { error() } else { TestCaseStatus::skipped() };
            status.set_message(why);
            suite.add_test_case(TestCase::new("not run", status));
        }
        (Standing::Diverges, true) if report.is_red(subject) => {
            let (files, traces) = (subject.scenarios.diverges, subject.diverged);
            let message = format!("{files} scenarios and {traces} random traces diverge");
            suite.add_test_case(failure(&name, &message, ""));
        }
        (Standing::GoesDown, true) if report.is_red(subject) => {
            suite.add_test_case(failure(&name, "it does not survive hazards", ""));
        }
        // What does not gate, or is as an earlier report has it where only what is new counts, does not fail.
        _ => {
            suite.add_test_case(TestCase::new(name, TestCaseStatus::success()));
        }
    }
    let gone = subject.hazards.iter().flat_map(|hazards| hazards.known.iter().chain(&hazards.found));
    let counts = |aspect, what: &str| subject.gates && report.counts(&subject.subject, aspect, what);
    for found in subject.divergences.iter().chain(gone) {
        let name = found.parted.name();
        let (message, text) = (found.headline(&subject.subject), super::found(&subject.subject, found));
        let counts = counts(Aspect::Divergence, &found.known_by());
        suite.add_test_case(if counts { failure(&name, &message, &text) } else { skipped(&name, &message) });
    }
    for stale in &subject.stale {
        suite.add_test_case(if counts(Aspect::Stale, &stale.what) {
            failure(&stale.what, &stale.why, "")
        } else {
            skipped(&stale.what, &stale.why)
        });
    }
    for accepted in &subject.accepted {
        suite.add_test_case(skipped(&accepted.parted.name(), &format!("accepted: {}", accepted.reason)));
    }
    for (why, times) in subject.reasons() {
        suite.add_test_case(skipped(&format!("not run, {times}: {why}"), why));
    }
    if let Some(early) = &subject.ended_early {
        suite.add_test_case(skipped("ended early", early));
    }
    suite
}

fn skipped(name: &str, message: &str) -> TestCase {
    let mut status = TestCaseStatus::skipped();
    status.set_message(message);
    TestCase::new(name.to_owned(), status)
}

fn scenarios(subject: &SubjectReport) -> usize {
    let counts = subject.scenarios;
    counts.conforms + counts.diverges_known + counts.diverges
}

fn failure(name: &str, message: &str, text: &str) -> TestCase {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_message(message).set_description(text);
    TestCase::new(name.to_owned(), status)
}
