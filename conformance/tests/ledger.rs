//! The ledger does not rot: every departure and every value of a reading makes a difference that a scenario shows.

use sesscheck::profiles;
use sesscheck::subject::Subject;
use sesscheck::subjects::model;
use sesscheck::suite::{self, File};
use sesscheck::transcript::Transcript;
use session_model::departures::Departure;
use session_model::{Edition, Profile, Readings};

fn shows(file: &File, profile: Profile) -> Transcript {
    let mut transcript = Transcript::default();
    model::subject("model", profile).run(&file.scenario.trace, &mut transcript);
    transcript
}

fn told_apart(files: &[File], a: Profile, b: Profile) -> bool {
    files.iter().any(|file| shows(file, a) != shows(file, b))
}

#[test]
fn every_departure_makes_a_difference_that_a_scenario_shows() {
    let files = suite::embedded().expect("the built-in scenarios are read");
    let library = profiles::by_name("libssl-3.0").expect("it is shipped").profile;
    for departure in Departure::all() {
        // Some only show under the readings of a library that has them.
        let differs = [Profile::manual(Edition::V3_0), library].into_iter().any(|base| {
            let with = Profile { departures: base.departures.with(departure), ..base };
            let without = Profile { departures: base.departures.without(departure), ..base };
            told_apart(&files, with, without)
        });
        assert!(differs, "{} changes nothing in any scenario", departure.about().name);
    }
}

#[test]
fn every_reading_makes_a_difference_that_a_scenario_shows() {
    let files = suite::embedded().expect("the built-in scenarios are read");
    // `any` is answered by a subject, and `hint` by whoever is left; alone, the model has nobody to ask.
    let latitudes = ["victim: soonest_to_expire", "size.limit: hint", "callbacks.order: soonest_to_expire"];
    for axis in Readings::AXES {
        for value in &axis.values[1..] {
            let base = Profile::manual(Edition::V3_3);
            let bases = [("", ""), ("update_time.on", "add"), ("remove.match", "id")].map(|(other, other_value)| {
                let mut profile = base;
                profile.readings.set(other, other_value);
                profile
            });
            let differs = bases.into_iter().any(|base| {
                let mut other = base;
                other.readings.set(axis.name, value).expect("the axis has this value");
                told_apart(&files, base, other)
            });
            let name = format!("{}: {value}", axis.name);
            assert!(differs || latitudes.contains(&name.as_str()), "{name} changes nothing in any scenario");
        }
    }
}

#[test]
fn every_rule_has_a_scenario_that_turns_red_when_the_rule_is_broken() {
    let files = suite::embedded().expect("the built-in scenarios are read");
    let rules = session_model::Clause::all().filter(|c| c.entry().kind == session_model::clause::Kind::Rule);
    let idle: Vec<_> = rules
        .filter(|clause| {
            let lists = |file: &&File| file.scenario.clauses.iter().any(|id| id.value == clause.id());
            !files.iter().filter(lists).any(|file| file.bites(*clause))
        })
        .map(session_model::Clause::id)
        .collect();
    assert_eq!(idle, Vec::<&str>::new(), "no scenario bites for these rules");
}
