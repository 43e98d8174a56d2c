//! A profile that is not its library's, or a recording that is not the library's run: held against each other, one
//! gives the other away.

use sesscheck::atlas::{Separator, Shown, differing, idle, stale};
use sesscheck::profiles::{self, Named};
use sesscheck::recording::{self, Recording};
use sesscheck::suite::File;
use sesscheck::transcript::{Answer, Ending};
use session_model::departures::Departure;
use session_model::reading::Axis;
use session_model::{Clause, Profile, Readings};

use crate::Sabotage;
use crate::honest::{FILES, put_together, taken_apart};

pub(crate) const ALL: &[Sabotage] = &[
    ("the shipped profile holds for the recording", control),
    ("a profile has a departure too few", a_departure_too_few),
    ("a profile has a departure too many", a_departure_too_many),
    ("an entry is stale", a_stale_entry),
    ("a reading is pinned to another value", another_value),
    ("a profile is that of another release", another_release),
    ("a profile names a departure that there is not", unknown_departure),
    ("a step of a recording is removed", || tampered(|steps| drop(steps.pop()))),
    ("a step of a recording is done twice", || tampered(|steps| steps.extend(steps.last().cloned()))),
    ("an answer of a recording is another", || tampered(|steps| steps[0].answer = Answer::Returns(7))),
    ("a recording ends otherwise than it did", ends_otherwise),
    ("a scenario of a recording is left out", left_out),
    ("a recorded scenario is another one since", another_trace),
    ("a recorded scenario is no longer there", no_longer_there),
    ("a line of a recording is removed", a_line_removed),
];

const PROFILE: &str = "libssl-3.0.22";

fn shipped() -> Named {
    profiles::by_name(PROFILE).expect("it is shipped")
}

/// Text of the recording of that release.
fn text() -> &'static str {
    let texts = recording::texts();
    texts.iter().find(|(name, _)| *name == "3.0.22.txt").expect("it is shipped").1
}

fn recorded() -> Recording {
    recording::read(text()).expect("a shipped recording is read")
}

fn with(profile: Profile) -> Named {
    Named { profile, ..shipped() }
}

/// Whether a scenario gives the profile away; those of the clause are asked first, since they are the likely ones.
fn noticed(profile: Profile, clause: Clause, recording: &Recording) -> bool {
    let (likely, others): (Vec<&File>, Vec<&File>) =
        FILES.iter().partition(|file| file.scenario.clauses.iter().any(|id| id.value == clause.id()));
    let named = with(profile);
    likely.into_iter().chain(others).any(|file| !differing(&named, recording, std::slice::from_ref(file)).is_empty())
}

fn control() {
    assert_eq!(differing(&shipped(), &recorded(), &FILES), Vec::<String>::new());
    assert_eq!(stale(&recorded(), &FILES), Vec::<String>::new());
}

fn a_departure_too_few() {
    let (profile, recording) = (shipped().profile, recorded());
    let unseen = profile.departures.iter().filter(|departure| {
        let without = Profile { departures: profile.departures.without(*departure), ..profile };
        !noticed(without, departure.about().clause, &recording)
    });
    assert_eq!(unseen.map(|departure| departure.about().name).collect::<Vec<_>>(), Vec::<&str>::new());
}

fn too_many(profile: &Profile) -> Vec<Departure> {
    Departure::all().filter(|departure| !profile.departures.contains(*departure)).collect()
}

/// Departures that show in no scenario beside those that the library has: whoever adds one is told by [`idle`].
const COVERED: [&str; 2] = ["identical-add-updates-time", "tls13-copy-claims-place"];

fn a_departure_too_many() {
    let (profile, recording) = (shipped().profile, recorded());
    let unseen = too_many(&profile).into_iter().filter(|departure| {
        let more = Profile { departures: profile.departures.with(*departure), ..profile };
        !noticed(more, departure.about().clause, &recording)
    });
    assert_eq!(unseen.map(|departure| departure.about().name).collect::<Vec<_>>(), COVERED);
}

/// The scenarios that list the clause of an entry.
fn of_clause(clause: Clause) -> Vec<File> {
    let lists = |file: &&File| file.scenario.clauses.iter().any(|id| id.value == clause.id());
    FILES.iter().filter(lists).cloned().collect()
}

/// An entry that no transcript bears out is named, and one that a transcript does is not.
fn a_stale_entry() {
    let shipped = shipped().profile;
    let is_named = |profile: Profile, departure: Departure| {
        let files = of_clause(departure.about().clause);
        let shown = [Shown { recording: recorded(), ran_now: false }];
        let idle = idle(&with(profile), &mut Separator::new(&files), &files, &shown);
        idle.iter().any(|entry| entry.contains(&format!(", {}: ", departure.about().name)))
    };
    for name in COVERED {
        let stale = Departure::by_name(name).expect("it is known");
        let more = Profile { departures: shipped.departures.with(stale), ..shipped };
        assert!(is_named(more, stale), "{name} is not missed");
    }
    let sound = Departure::by_name("flush-zero-empties").expect("it is known");
    assert!(shipped.departures.contains(sound) && !is_named(shipped, sound), "it is borne out");
}

/// Values that leave a choice to the library agree with what it does; which the ledger tells by what it would allow.
const LATITUDES: [&str; 2] = ["any", "hint"];

/// Values that no recorded scenario tells from this library's: its departures cover what would show. A scenario that
/// tells them would be one that is missing now.
const UNTOLD: [&str; 2] = ["marks.refused: yes", "resumable.unverified: full"];

fn another_value() {
    let (profile, recording) = (shipped().profile, recorded());
    let values = |axis: &'static Axis| axis.values.iter().map(move |value| (axis, *value));
    let others = Readings::AXES.iter().flat_map(values).filter_map(|(axis, value)| {
        let mut other = profile;
        other.readings.set(axis.name, value).expect("a reading of the model");
        (other != profile && !LATITUDES.contains(&value)).then_some((axis, value, other))
    });
    let unseen = others.filter(|(axis, _, other)| !noticed(*other, axis.clause, &recording));
    assert_eq!(unseen.map(|(axis, value, _)| format!("{}: {value}", axis.name)).collect::<Vec<_>>(), UNTOLD);
}

fn another_release() {
    for named in profiles::shipped().into_iter().filter(|named| named.profile != shipped().profile) {
        assert!(
            FILES.iter().any(|file| !differing(&named, &recorded(), std::slice::from_ref(file)).is_empty()),
            "{}",
            named.name
        );
    }
}

fn unknown_departure() {
    let text = |departure: &str| format!("profile: p\nedition: \"3.0\"\ndepartures: [{departure}]\n");
    assert!(profiles::parse("p.yaml", &text("flush-zero-empties")).is_ok());
    let told = profiles::parse("p.yaml", &text("flush-zero-emptied")).expect_err("there is none").to_string();
    assert!(told.contains("there is no departure `flush-zero-emptied`"), "{told}");
}

/// Of every recorded scenario that the profile has something to say about, altered steps are seen.
fn tampered(alter: fn(&mut Vec<crate::honest::Step>)) {
    let (named, sound) = (shipped(), recorded());
    let mut wrong = sound.clone();
    for recorded in wrong.shown.iter_mut().filter(|recorded| recorded.transcript.ending == Ending::Completed) {
        let mut steps = taken_apart(&recorded.transcript);
        alter(&mut steps);
        recorded.transcript = put_together(&steps, Ending::Completed);
    }
    let completed = |file: &&File| sound.of(&file.path).is_some_and(|of| of.transcript.ending == Ending::Completed);
    let files: Vec<File> = FILES.iter().filter(completed).cloned().collect();
    // Where a known departure damages the library, what comes after it is not compared.
    let red = differing(&named, &wrong, &files).len();
    assert!(red * 10 >= files.len() * 9, "{red} of {} are red", files.len());
    assert_eq!(differing(&named, &sound, &files), Vec::<String>::new());
}

fn ends_otherwise() {
    let mut wrong = recorded();
    wrong.shown.iter_mut().for_each(|recorded| recorded.transcript.ending = Ending::Hung);
    let files = &FILES[..100];
    assert!(differing(&shipped(), &wrong, files).len() >= 90);
    assert_eq!(differing(&shipped(), &recorded(), files), Vec::<String>::new());
}

fn left_out() {
    let mut wrong = recorded();
    let gone = wrong.shown.remove(3).scenario;
    let told = stale(&wrong, &FILES);
    assert!(told.len() == 1 && told[0].contains(&gone) && told[0].contains("was never recorded"), "{told:?}");
    assert_eq!(stale(&recorded(), &FILES), Vec::<String>::new());
}

fn another_trace() {
    let mut files = FILES.clone();
    files[3].scenario.trace.ops.pop();
    let told = stale(&recorded(), &files);
    assert!(told.len() == 1 && told[0].contains("is another trace since it was recorded"), "{told:?}");
    assert_eq!(stale(&recorded(), &FILES), Vec::<String>::new());
}

fn no_longer_there() {
    let mut files = FILES.clone();
    let gone = files.remove(3).path;
    let told = stale(&recorded(), &files);
    assert!(told.len() == 1 && told[0].contains(&gone) && told[0].contains("is no scenario"), "{told:?}");
    assert_eq!(stale(&recorded(), &FILES), Vec::<String>::new());
}

/// The text of a recording with a line less is not read, or does not hold for the profile.
fn a_line_removed() {
    let (named, sound) = (shipped(), recorded());
    let lines: Vec<&str> = text().lines().collect();
    for at in (0..lines.len()).filter(|at| !lines[*at].is_empty()).step_by(lines.len() / 40) {
        let mut without = lines.clone();
        without.remove(at);
        let Ok(wrong) = recording::read(&(without.join("\n") + "\n")) else { continue };
        let files: Vec<File> =
            FILES.iter().filter(|file| wrong.of(&file.path) != sound.of(&file.path)).cloned().collect();
        let red = !stale(&wrong, &FILES).is_empty() || !differing(&named, &wrong, &files).is_empty();
        assert!(red, "line {}: {}", at + 1, lines[at]);
        assert!(differing(&named, &sound, &files).is_empty());
    }
}
