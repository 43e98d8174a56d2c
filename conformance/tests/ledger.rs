//! The ledger does not rot: every entry of every shipped profile, and every value of a reading, makes a difference that
//! a scenario shows.

use std::cell::OnceCell;

use sesscheck::check::{Verdict, check};
use sesscheck::profiles::{self, Named};
use sesscheck::subject::Subject;
use sesscheck::subjects::model;
use sesscheck::suite::{self, File};
use sesscheck::tally::Tally;
use sesscheck::transcript::Transcript;
use session_model::departures::Departure;
use session_model::reading::Axis;
use session_model::{Clause, Edition, Profile, Readings};

fn shows(file: &File, profile: Profile) -> Transcript {
    let mut transcript = Transcript::default();
    model::subject("model", profile).run(&file.scenario.trace, &mut transcript);
    transcript
}

fn told_apart(files: &[File], a: Profile, b: Profile) -> bool {
    files.iter().any(|file| shows(file, a) != shows(file, b))
}

/// Files whose clauses name that of the entry first: they are the likely ones.
fn likely_first(files: &[File], clause: Clause) -> Vec<usize> {
    let lists = |n: &usize| files[*n].scenario.clauses.iter().any(|id| id.value == clause.id());
    let mut order: Vec<usize> = (0..files.len()).collect();
    order.sort_by_key(|n| !lists(n));
    order
}

/// Whether an embedded scenario shows the difference between a shipped profile and the same without one entry.
struct Shown<'f> {
    files: &'f [File],
    profile: Profile,
    /// The transcripts under the profile, by file, once asked for.
    whole: Vec<OnceCell<Transcript>>,
}

impl Shown<'_> {
    fn whole(&self, n: usize) -> &Transcript {
        self.whole[n].get_or_init(|| shows(&self.files[n], self.profile))
    }

    /// The model shows something else without the entry.
    fn otherwise(&self, clause: Clause, without: Profile) -> bool {
        likely_first(self.files, clause).into_iter().any(|n| *self.whole(n) != shows(&self.files[n], without))
    }

    /// What only a third value shows is agreed with without the entry, and diverges under the profile: how the pinning
    /// of a latitude is seen, since the model by itself has nobody to leave the choice to.
    fn pins(&self, axis: &Axis, without: Profile) -> bool {
        let thirds = axis.values.iter().filter_map(|value| {
            let mut third = self.profile;
            third.readings.set(axis.name, value).map(|()| third)
        });
        let agrees = |file: &File, profile: &Profile, transcript: &Transcript| {
            check(&file.scenario.trace, profile, transcript, &mut Tally::default()) == Verdict::Conforms
        };
        thirds.filter(|third| *third != self.profile && *third != without).any(|third| {
            likely_first(self.files, axis.clause).into_iter().map(|n| &self.files[n]).any(|file| {
                let seen = shows(file, third);
                !agrees(file, &self.profile, &seen) && agrees(file, &without, &seen)
            })
        })
    }
}

#[test]
fn every_entry_of_every_shipped_profile_makes_a_difference_that_a_scenario_shows() {
    let files = suite::embedded().expect("the built-in scenarios are read");
    let mut idle = Vec::new();
    for Named { name, profile, .. } in profiles::shipped() {
        let shown = Shown { files: &files, profile, whole: vec![OnceCell::new(); files.len()] };
        for departure in profile.departures.iter() {
            let without = Profile { departures: profile.departures.without(departure), ..profile };
            if !shown.otherwise(departure.about().clause, without) {
                idle.push(format!("{name}: {}", departure.about().name));
            }
        }
        for axis in Readings::AXES {
            let mut without = profile;
            without.readings.set(axis.name, axis.values[0]).expect("the axis has this value");
            if without != profile && !shown.otherwise(axis.clause, without) && !shown.pins(axis, without) {
                idle.push(format!("{name}: {}", axis.name));
            }
        }
    }
    assert_eq!(idle, Vec::<String>::new(), "these entries change nothing in any scenario");
}

#[test]
fn every_departure_is_in_a_shipped_profile() {
    let shipped = profiles::shipped();
    let used = |departure| shipped.iter().any(|named| named.profile.departures.contains(departure));
    let unused: Vec<_> = Departure::all().filter(|d| !used(*d)).map(|d| d.about().name).collect();
    assert_eq!(unused, Vec::<&str>::new(), "no library is known to do this");
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
