//! What people read, as text: a divergence, the help, the table of clauses, an explanation. Read these first in a
//! review.

use sesscheck::check::{Verdict, check};
use sesscheck::profiles;
use sesscheck::subjects::Spec;
use sesscheck::suite;
use sesscheck::tally::Tally;
use sesscheck::transcript::Transcript;
use sesscheck::verify::written;
use sesscheck::{command, explain, finding::Parted, pages, render};

fn built_in(name: &str) -> suite::File {
    let files = suite::embedded().expect("the built-in scenarios are read");
    files.into_iter().find(|file| file.path.ends_with(name)).expect("it is built in")
}

#[test]
fn a_divergence_reads_so() {
    let file = built_in("flush_sessions/last-second.yaml");
    let profile = profiles::by_name("optimised").expect("it is shipped").profile;
    let mut faulty = Spec::Faulty("flush.boundary".to_owned()).open().expect("a fault is always there").subject;
    let mut transcript = Transcript::default();
    faulty.run(&file.scenario.trace, &mut transcript);
    let Verdict::Diverges(divergence) = check(&file.scenario.trace, &profile, &transcript, &mut Tally::default())
    else {
        panic!("the fault shows in this scenario");
    };
    let replay = format!("sesscheck replay --subject faulty:flush.boundary {}", file.path);
    let found = written(&file.scenario.trace, Parted::from(divergence.as_ref()), 40, replay);
    insta::assert_snapshot!(render::found("faulty:flush.boundary", &found));
}

#[test]
fn the_help_reads_so() {
    insta::assert_snapshot!(command::help());
}

#[test]
fn the_table_of_clauses_reads_so() {
    insta::assert_snapshot!(pages::inventory().to_string());
}

#[test]
fn an_explanation_reads_so() {
    let file = built_in("add_session/add-remove-add.yaml");
    let profile = file.claims_about().last().expect("a scenario has an edition");
    insta::assert_snapshot!(explain::explain(&file.scenario.trace, &profile, &[]));
}

#[test]
fn a_subject_beside_the_manual_reads_so() {
    let file = built_in("flush_sessions/last-second.yaml");
    let profile = file.claims_about().last().expect("a scenario has an edition");
    let beside = ["optimised", "faulty:flush.boundary"].map(|name| {
        let mut subject = name.parse::<Spec>().expect("it is one").open().expect("it is always there").subject;
        let mut transcript = Transcript::default();
        subject.run(&file.scenario.trace, &mut transcript);
        explain::Beside { name: name.to_owned(), transcript }
    });
    insta::assert_snapshot!(explain::explain(&file.scenario.trace, &profile, &beside));
}
