//! The report as JUnit XML: a suite a subject, a case for its scenarios and one for each divergence.

use quick_junit::{NonSuccessKind, Report as Junit, TestCase, TestCaseStatus, TestSuite};

use crate::report::{Report, Standing, SubjectReport};

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
        manual.add_test_case(failure(
            &claim.place,
            &format!("claims {}; the model rules: {}", claim.stated, claim.ruled),
            "",
        ));
    }
    junit.add_test_suite(manual);
    for subject in &report.subjects {
        junit.add_test_suite(suite(subject));
    }
    let mut xml = junit.to_string().expect("a report is text");
    xml.push('\n');
    xml
}

fn suite(subject: &SubjectReport) -> TestSuite {
    let mut suite = TestSuite::new(subject.subject.clone());
    match subject.verdict {
        Standing::NotRun => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(subject.not_run.last().map_or("", |not_run| not_run.why.as_str()));
            suite.add_test_case(TestCase::new("not run", status));
        }
        _ if subject.divergences.is_empty() => {
            let name = format!("{} scenarios and {} random ops", scenarios(subject), subject.ops);
            suite.add_test_case(TestCase::new(name, TestCaseStatus::success()));
        }
        _ => {}
    }
    for found in &subject.divergences {
        let name = format!("{} {} {}", found.parted.clause, found.parted.op, found.parted.kind);
        let text = super::found(&subject.subject, found);
        suite.add_test_case(failure(&name, &found.headline(&subject.subject), &text));
    }
    suite
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
