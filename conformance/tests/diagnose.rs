//! `diagnose` on subjects whose profile is known: it is found again, and what no switch explains is named.

use std::process::{Command, Output};

use sesscheck::check::{Verdict, check};
use sesscheck::diagnose::{Diagnosis, Entry, Outcome, Plan, diagnose};
use sesscheck::finding::Came;
use sesscheck::profiles::{self, Named};
use sesscheck::source::{Choices, Lane, Prng, Seed, trace_of};
use sesscheck::subject::{Driven, Subject};
use sesscheck::subjects::Spec;
use sesscheck::subjects::model::{self, Model};
use sesscheck::suite;
use sesscheck::tally::Tally;
use sesscheck::trace::{Shown, Trace};
use sesscheck::transcript::Transcript;
use sesscheck::worker::{Care, Checks, Here, Hunted, Random, Recorded, StartError, Witness};
use session_model::{Clause, Edition, Profile};

const PROGRAM: &str = env!("CARGO_BIN_EXE_sesscheck");

fn plan(edition: Edition, seed: u64) -> Plan {
    Plan {
        spec: Spec::Model,
        about: "the model under some profile".to_owned(),
        name: "found".to_owned(),
        profile_file: "found.yaml".to_owned(),
        library: None,
        edition,
        seed,
        lanes: vec![(Lane::Direct, 20), (Lane::Handshakes, 80), (Lane::Tickets, 80), (Lane::Mixed, 10)],
        limit: None,
        pin: false,
    }
}

fn diagnosed(profile: Profile, seed: u64) -> Diagnosis {
    let plan = plan(profile.edition, seed);
    let files = suite::embedded().expect("the built-in scenarios are read");
    diagnose(&mut Here::new(model::subject("model", profile)), &plan, &files, &|_, _| {}).expect("the model runs")
}

/// Traces on which a subject under `profile` does what `found` does not allow.
fn told_apart(profile: Profile, found: &Profile, seed: u64) -> Vec<String> {
    let mut subject = model::subject("model", profile);
    let mut seen = Transcript::default();
    let lanes = [(Lane::Handshakes, 40), (Lane::Tickets, 40), (Lane::Direct, 10), (Lane::Mixed, 10)];
    let traces = lanes.into_iter().flat_map(|(lane, count)| (0..count).map(move |n| (lane, n)));
    traces
        .filter_map(|(lane, number)| {
            let trace = Trace { shown: Shown::Everything, ..trace_of(Seed(seed), number, lane) };
            subject.run(&trace, &mut seen);
            match check(&trace, found, &seen, &mut Tally::default()) {
                Verdict::Diverges(divergence) => Some(format!("{lane} {number}: {divergence:?}")),
                Verdict::Conforms | Verdict::NotRun(_) => None,
            }
        })
        .collect()
}

fn profile_of(diagnosis: &Diagnosis) -> Profile {
    diagnosis.profile.clone().resolve().expect("a profile that is found can be used").profile
}

fn names(profile: Profile) -> Vec<String> {
    Entry::of(profile).map(Entry::name).collect()
}

#[test]
fn switches_thrown_at_random_are_found_again() {
    let mut prng = Prng::new(41);
    for seed in 0..2 {
        let thrown = Entry::all().filter(|_| prng.below(3) == 0).collect::<Vec<_>>();
        let profile = thrown.iter().fold(Profile::manual(Edition::V3_3), |profile, entry| entry.added_to(profile));
        let diagnosis = diagnosed(profile, seed);
        let found = profile_of(&diagnosis);
        assert_eq!(diagnosis.new.len(), 0, "{:?}\n{:?}\n{:?}", names(profile), names(found), diagnosis.new);
        let apart = told_apart(profile, &found, 1000 + seed);
        assert_eq!(apart, Vec::<String>::new(), "{:?}\n{:?}", names(profile), names(found));
    }
}

#[test]
fn each_entry_of_what_is_found_has_a_scenario_that_cannot_do_without_it() {
    let profile = profiles::by_name("libssl-3.0.22").expect("it is shipped").profile;
    let diagnosis = diagnosed(profile, 7);
    let found = profile_of(&diagnosis);
    assert_eq!(diagnosis.outcome, Outcome::Explained);
    assert_eq!(diagnosis.entries.len(), Entry::of(found).count());
    let mut subject = model::subject("model", profile);
    let mut seen = Transcript::default();
    for (entry, explained) in Entry::of(found).zip(&diagnosis.entries) {
        let text = explained.scenario.as_ref().expect("only a pinned latitude has none");
        let scenario = sesscheck::scenario::parse("found", text, &suite::vocabulary()).expect("it reads back");
        let trace = Trace { shown: Shown::Everything, ..scenario.trace };
        subject.run(&trace, &mut seen);
        let verdict = |profile: &Profile| check(&trace, profile, &seen, &mut Tally::default());
        assert_eq!(verdict(&found), Verdict::Conforms, "{}", explained.name);
        assert!(matches!(verdict(&entry.taken_from(found)), Verdict::Diverges(_)), "{}\n{text}", explained.name);
    }
    assert_eq!(told_apart(profile, &found, 1007), Vec::<String>::new(), "{:?}", names(found));
    // What the shipped profile pins is left to the subject, and reported.
    for latitude in &diagnosis.latitudes {
        assert_eq!(latitude.agrees_with, ["soonest_to_expire"], "{}", latitude.axis);
    }
}

#[test]
fn the_pure_manual_is_found_to_be_just_that() {
    let diagnosis = diagnosed(Profile::manual(Edition::V3_3), 3);
    assert_eq!((diagnosis.outcome, diagnosis.status()), (Outcome::Conforms, 0));
    assert!(diagnosis.entries.is_empty() && diagnosis.assurance.whole);
    assert!(diagnosis.assurance.ops > 1000 && diagnosis.assurance.handshakes > 100);
}

#[test]
fn a_broken_clause_that_no_switch_explains_is_new_and_named() {
    for id in ["flush.boundary", "timeouts.found-but-expired"] {
        let clause = Clause::by_id(id).expect("it is a clause");
        let diagnosis = diagnosed(Profile { broken: Some(clause), ..Profile::manual(Edition::V3_3) }, 5);
        assert_eq!((diagnosis.outcome, diagnosis.status()), (Outcome::New, 1), "{id}");
        assert!(diagnosis.suspects.iter().any(|suspect| suspect == id), "{id}: {:?}", diagnosis.suspects);
        assert!(!diagnosis.new.is_empty());
    }
}

fn sesscheck(arguments: &[&str]) -> Output {
    Command::new(PROGRAM).args(arguments).env("CI", "true").output().expect("the command runs")
}

#[test]
fn a_subject_that_goes_down_does_not_end_it() {
    let small = ["--lane", "direct:4", "--subject", "faulty:aborts-at-flush", "--format", "json"];
    let out = sesscheck(&[&["diagnose"][..], &small].concat());
    assert_eq!(out.status.code(), Some(1), "{}", String::from_utf8_lossy(&out.stderr));
    let diagnosis: Diagnosis = serde_json::from_slice(&out.stdout).expect("it reads back");
    assert_eq!(diagnosis.json().as_bytes(), out.stdout);
    let crashed = |found: &&sesscheck::report::Found| found.parted.kind == "crashed";
    let crash = diagnosis.new.iter().find(crashed).expect("the crash is told");
    assert_eq!((crash.parted.op.as_str(), crash.steps.0), ("flush_sessions", 1));
}

/// A witness that counts how often its subject begins afresh, as each reduction of something new does.
struct Counting(Here<Driven<Model>>, usize);

impl Checks for Counting {
    fn check(&mut self, trace: &Trace, profile: &Named) -> Result<Came, StartError> {
        self.0.check(trace, profile)
    }

    fn restart(&mut self) -> Result<(), StartError> {
        self.1 += 1;
        self.0.restart()
    }
}

impl Witness for Counting {
    fn record(&mut self, trace: &Trace, care: Care) -> Result<Recorded, StartError> {
        self.0.record(trace, care)
    }

    fn hunt(
        &mut self,
        random: &Random,
        profile: &Named,
        go_on: &mut dyn FnMut(&Hunted) -> bool,
    ) -> Result<Hunted, StartError> {
        self.0.hunt(random, profile, go_on)
    }
}

/// When the automatic flush runs is settled by entries of which one taken in haste shuts out the others.
#[test]
fn nothing_is_reduced_that_known_entries_explain() {
    let profile = profiles::by_name("libssl-3.3.1").expect("it is shipped").profile;
    let mut witness = Counting(Here::new(model::subject("model", profile)), 0);
    let files = suite::embedded().expect("the built-in scenarios are read");
    let plan = Plan { lanes: vec![(Lane::Handshakes, 8)], ..plan(profile.edition, 1) };
    let diagnosis = diagnose(&mut witness, &plan, &files, &|_, _| {}).expect("the model runs");
    assert_eq!((diagnosis.outcome, witness.1), (Outcome::Explained, 0));
    assert_eq!(names(profile_of(&diagnosis)), names(without_latitudes(profile)));
}

/// A departure that shows by the damage alone is found, and told not to be there where it is not.
#[test]
fn damage_that_shows_only_later_is_found_and_where_there_is_none_nothing_is_open() {
    let name = "tls13-copy-claims-place";
    for (library, is_there) in [("libssl-3.0.7", true), ("libssl-3.3.1", false)] {
        let profile = profiles::by_name(library).expect("it is shipped").profile;
        let mut witness = Here::new(model::subject("model", profile));
        let files = suite::embedded().expect("the built-in scenarios are read");
        let plan = Plan { lanes: vec![(Lane::Handshakes, 8)], ..plan(profile.edition, 1) };
        let diagnosis = diagnose(&mut witness, &plan, &files, &|_, _| {}).expect("the model runs");
        assert_eq!(names(profile_of(&diagnosis)).iter().any(|entry| entry == name), is_there, "{library}");
        assert!(diagnosis.open.iter().all(|open| open.what != name), "{library}: {:?}", diagnosis.open);
    }
}

fn without_latitudes(profile: Profile) -> Profile {
    Entry::of(profile).filter(|entry| entry.is_latitude()).fold(profile, |profile, entry| entry.taken_from(profile))
}

fn diagnosed_by_the_command(subject: &str) -> (Option<i32>, Diagnosis) {
    let small = ["--lane", "handshakes:20", "--seed", "3", "--format", "json", "--subject", subject];
    let out = sesscheck(&[&["diagnose"][..], &small].concat());
    let diagnosis = serde_json::from_slice(&out.stdout);
    (out.status.code(), diagnosis.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&out.stderr))))
}

#[test]
fn what_damage_of_an_earlier_trace_brings_down_is_not_unstable() {
    let (status, diagnosis) = diagnosed_by_the_command("faulty:aborts-after-damage");
    assert_eq!((status, diagnosis.outcome), (Some(0), Outcome::Explained), "{:?}", diagnosis.unstable);
    let profile = profiles::by_name("libssl-1.1.1w").expect("it is shipped").profile;
    assert_eq!(names(profile_of(&diagnosis)), names(without_latitudes(profile)));
}

#[test]
fn what_goes_down_now_and_then_is_unstable_whatever_else_damages() {
    let (status, diagnosis) = diagnosed_by_the_command("faulty:aborts-at-late-flush");
    assert_eq!((status, diagnosis.outcome), (Some(1), Outcome::New));
    assert!(diagnosis.unstable.iter().any(|unstable| unstable.why.contains("not when it was run again")));
    assert!(names(profile_of(&diagnosis)).iter().any(|entry| entry == "marked-session-loses-id"));
}

#[test]
fn what_is_not_there_is_not_diagnosed() {
    let out = sesscheck(&["diagnose", "--subject", "libssl:/nowhere/libssl.so.3"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&out.stderr).contains("/nowhere/libssl.so.3"));
}
