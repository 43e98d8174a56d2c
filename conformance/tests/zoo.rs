//! The zoo: each fault is one of its own and shows, and the wrapper by itself changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use sesscheck::check::{Verdict, check};
use sesscheck::faults::{self, Ancestor, Fault, Made, Over};
use sesscheck::scenario;
use sesscheck::subject::Subject;
use sesscheck::subjects::optimised::optimised;
use sesscheck::subjects::{Spec, model};
use sesscheck::suite;
use sesscheck::tally::Tally;
use sesscheck::trace::{Shown, Trace};
use sesscheck::transcript::{Ending, Transcript};
use session_model::clause::Kind;
use session_model::{Clause, Profile};

fn of(made: Made) -> impl Iterator<Item = &'static Fault> {
    faults::all().iter().filter(move |fault| fault.made == made)
}

fn shown(mut subject: Box<dyn Subject>, trace: &Trace) -> Transcript {
    let mut transcript = Transcript::default();
    subject.run(trace, &mut transcript);
    transcript
}

#[test]
fn a_fault_has_a_name_of_its_own_and_says_what_it_does() {
    let mut names = BTreeSet::new();
    let mut said = BTreeSet::new();
    for fault in faults::all() {
        assert!(names.insert(fault.name), "two faults are called {}", fault.name);
        assert!(!fault.name.contains(['@', ' ', ':']), "{} cannot be typed", fault.name);
        assert_eq!(faults::by_name(fault.name).map(|found| found.name), Some(fault.name));
        assert!(!fault.does.is_empty() && !fault.family.is_empty(), "{} says nothing", fault.name);
        assert!(fault.made != Made::Structure || said.insert(fault.does), "{} does what another does", fault.name);
        assert_ne!(fault.clause.entry().kind, Kind::Background, "{}: nothing to break", fault.name);
    }
}

#[test]
fn an_ancestor_that_is_published_has_its_number_and_a_line() {
    for fault in faults::all() {
        if let Ancestor::Defect(number, what) = fault.ancestor {
            let digits = number.strip_prefix("CVE-").and_then(|rest| rest.split_once('-'));
            let (year, n) = digits.unwrap_or_else(|| panic!("{}: {number}", fault.name));
            let all_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
            assert!(year.len() == 4 && n.len() >= 4 && all_digits(year) && all_digits(n), "{}: {number}", fault.name);
            assert!(!what.is_empty(), "{}: {number} says nothing", fault.name);
        }
    }
}

#[test]
fn there_are_as_many_faults_as_there_are_to_be() {
    assert!(of(Made::Structure).count() >= 100, "{}", of(Made::Structure).count());
    assert!(of(Made::Structure).filter(|fault| fault.deep).count() >= 40);
    assert!(of(Made::Switch).count() >= 40, "{}", of(Made::Switch).count());
}

#[test]
fn every_rule_has_a_fault_that_breaks_exactly_it() {
    for clause in Clause::all().filter(|clause| clause.entry().kind == Kind::Rule) {
        assert!(of(Made::Rule).any(|fault| fault.clause == clause), "{clause} is never broken");
    }
}

#[test]
fn what_a_fault_stands_with_is_a_scenario() {
    let mut mistakes = Vec::new();
    for fault in faults::all() {
        let text = fault.witness_text();
        assert!(text.is_some() || fault.made != Made::Structure, "{} stands alone", fault.name);
        if let Some(text) = text
            && let Err(found) = scenario::parse(fault.name, &text, &suite::vocabulary())
        {
            mistakes.extend(found.iter().map(|mistake| mistake.render(false)));
        }
    }
    assert!(mistakes.is_empty(), "{}", mistakes.join("\n\n"));
}

#[test]
fn a_fault_of_structure_shows_on_its_own_trace_around_the_model_and_around_our_cache() {
    let mut hidden = Vec::new();
    for fault in of(Made::Structure) {
        let trace = fault.witness().expect("it stands with one");
        for (over, mut sound) in [
            (Over::Model, Box::new(model::subject("model", faults::faultless())) as Box<dyn Subject>),
            (Over::Optimised, Box::new(optimised())),
        ] {
            let mut transcript = Transcript::default();
            sound.run(&trace, &mut transcript);
            let verdict = check(&trace, &faults::faultless(), &transcript, &mut Tally::default());
            assert_eq!(verdict, Verdict::Conforms, "{}: without the fault, over {over:?}", fault.name);
            let seen = shown(faults::subject(fault.name, over).expect("it is there"), &trace);
            match fault.shows_on(&trace, over) {
                Some(Verdict::Diverges(divergence)) => {
                    assert_ne!(seen, transcript, "{}: {divergence:?}", fault.name);
                }
                _ => hidden.push((fault.name, over)),
            }
        }
    }
    assert_eq!(hidden, []);
}

#[test]
fn no_fault_of_structure_ends_a_run_early() {
    for fault in of(Made::Structure) {
        let trace = fault.witness().expect("it stands with one");
        for over in [Over::Model, Over::Optimised] {
            let seen = shown(faults::subject(fault.name, over).expect("it is there"), &trace);
            assert_eq!(seen.ending, Ending::Completed, "{} over {over:?}", fault.name);
        }
    }
}

#[test]
fn no_two_faults_of_structure_show_the_same_on_the_traces_of_all() {
    let brief = |fault: &Fault| Trace { shown: Shown::Steps, ..fault.witness().expect("it stands with one") };
    let traces: Vec<_> = of(Made::Structure).map(brief).collect();
    let mut known: BTreeMap<u64, &str> = BTreeMap::new();
    for fault in of(Made::Structure) {
        let mut hash = DefaultHasher::new();
        for trace in &traces {
            shown(faults::subject(fault.name, Over::Model).expect("it is there"), trace).hash(&mut hash);
        }
        let same = known.insert(hash.finish(), fault.name);
        assert_eq!(same, None, "{} shows nothing else", fault.name);
    }
}

/// What no built-in scenario shows under the profile of `optimised`: the old names of the functions, which its edition
/// refuses.
const UNSEEN: [&str; 1] = ["synonyms"];

#[test]
fn a_switch_and_a_rule_broken_show_on_a_built_in_scenario() {
    let of_the_model = of(Made::Switch).chain(of(Made::Rule)).filter(|fault| fault.witness().is_none());
    let hidden: Vec<_> = of_the_model.map(|fault| fault.name).collect();
    assert_eq!(hidden, UNSEEN, "what cannot be seen is in INERT of switches.rs, or has a scenario");
}

#[test]
fn a_clause_that_no_fault_is_made_of_is_no_rule_and_changes_nothing_when_broken() {
    let files = suite::embedded().expect("the built-in scenarios are read");
    let traces: Vec<_> = files.into_iter().map(|file| Trace { shown: Shown::Steps, ..file.scenario.trace }).collect();
    let of = |profile: Profile| {
        let mut subject = model::subject("model", profile);
        let mut transcript = Transcript::default();
        let mut hash = DefaultHasher::new();
        for trace in &traces {
            subject.run(trace, &mut transcript);
            transcript.hash(&mut hash);
        }
        hash.finish()
    };
    let sound = of(faults::faultless());
    for id in faults::inert() {
        let clause = Clause::by_id(id).unwrap_or_else(|| panic!("{id} is no clause"));
        assert_ne!(clause.entry().kind, Kind::Rule, "{clause}");
        assert_eq!(of(Profile { broken: Some(clause), ..faults::faultless() }), sound, "{clause} shows");
    }
}

#[test]
fn a_fault_is_a_subject_by_its_name_and_a_wrong_name_is_told_the_nearest() {
    let said = |name: &str| name.parse::<Spec>().map_err(|error| error.to_string());
    for name in ["faulty:weak-replacement", "faulty:weak-replacement@optimised", "faulty:remove.match=id"] {
        let spec = said(name).expect("it is known");
        assert_eq!(spec.to_string(), name);
        assert_eq!(spec.open().expect("it is always there").subject.name(), name);
    }
    let misspelt = said("faulty:weak-replacment@optimised").expect_err("no such fault");
    assert!(misspelt.contains("did you mean `weak-replacement`?"), "{misspelt}");
    let switch = said("faulty:flush.boundary@optimised").expect_err("our cache has no switches");
    assert!(switch.contains("`flush.boundary` is a switch of the model"), "{switch}");
    let nowhere = said("faulty:weak-replacement@libssl").expect_err("no fault is put into a libssl");
    assert!(nowhere.contains("`libssl` is nothing that a fault is put into"), "{nowhere}");
}

#[test]
fn the_wrapper_by_itself_shows_what_is_inside_to_the_byte() {
    for file in suite::embedded().expect("the built-in scenarios are read") {
        let trace = &file.scenario.trace;
        let inside = [
            (Box::new(model::subject("model", faults::faultless())) as Box<dyn Subject>, Over::Model),
            (Box::new(optimised()), Over::Optimised),
        ];
        for (subject, over) in inside {
            let (inside, wrapped) = (shown(subject, trace), shown(faults::wrapped(over), trace));
            assert_eq!(wrapped, inside, "{} over {over:?}", file.path);
        }
    }
}
