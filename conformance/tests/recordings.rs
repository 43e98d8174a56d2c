//! Recordings: written and read back they are the same, and what is shipped holds each release's profile, with no build
//! of that release at hand.

use sesscheck::atlas::{self, Separator, Shown, differing, idle, libraries, not_run, of_version, stale};
use sesscheck::profiles;
use sesscheck::recording::{self, trace_of};
use sesscheck::subject::Subject;
use sesscheck::subjects::model;
use sesscheck::suite;
use sesscheck::trace;
use sesscheck::transcript::{Answer, Counter, CounterChange, Ending, Event, Member, Transcript};
use session_model::{ContextRef, SessionRef};

#[test]
fn every_transcript_is_the_same_when_it_is_written_and_read_back() {
    let files = suite::embedded().expect("the built-in scenarios are read");
    for profile in profiles::shipped() {
        for file in &files {
            let mut trace = trace_of(file);
            for shown in [trace::Shown::Everything, trace::Shown::Steps] {
                trace.shown = shown;
                let everything = shown == trace::Shown::Everything;
                let mut transcript = Transcript::default();
                model::subject("model", profile.profile).run(&trace, &mut transcript);
                let text = recording::write_transcript(&transcript, everything);
                let again = recording::read_transcript(&text, everything);
                assert_eq!(again.as_ref(), Ok(&transcript), "{}\n{text}", file.path);
            }
        }
    }
}

/// Members twice, out of order and at the ends of their ranges, digests that do not follow, numbers that jump.
fn odd(ending: Ending) -> Transcript {
    let (context, all) = (ContextRef(7), [3, 1, 1, u32::MAX]);
    let mut odd = Transcript::default();
    for (n, digest) in [Some(0), None, Some(u64::MAX), None].into_iter().enumerate() {
        for number in &all[n..] {
            let session = SessionRef(*number);
            let of = (n % 2 == 0).then_some(context);
            odd.members.push(Member { context: of, session, time: i64::MIN, timeout: i64::MAX, resumable: n > 1 });
            odd.destroyed.push(session);
            odd.events.push(Event::Remove(context, session));
        }
        odd.events.push(Event::New(context, SessionRef(2), n > 1));
        odd.events.push(Event::Get(context, 7, (n > 2).then_some(SessionRef(u32::MAX))));
        let value = if n % 2 == 0 { i64::MIN } else { i64::MAX };
        odd.counters.push(CounterChange { context, counter: Counter::Misses, value });
        odd.end_step([Answer::Returns(i64::MIN), Answer::Nothing, Answer::Absent][n % 3], digest, n != 1);
    }
    odd.ending = ending;
    odd
}

#[test]
fn what_no_cache_should_show_is_kept_as_well() {
    let words = "signal 11\n\\ \u{1}\"é\" x".to_owned();
    for ending in [
        Ending::Completed,
        Ending::Hung,
        Ending::Crashed(words.clone()),
        Ending::Grew(words.clone()),
        Ending::Broke(words.clone()),
        Ending::Refused(words),
    ] {
        for everything in [true, false] {
            let transcript = odd(ending.clone());
            let text = recording::write_transcript(&transcript, everything);
            assert_eq!(recording::read_transcript(&text, everything), Ok(transcript), "{text}");
        }
    }
}

#[test]
fn what_cannot_be_read_is_told_by_its_line() {
    let (_, text) = recording::texts().first().expect("recordings are shipped");
    let line = |from: &str, to: &str| recording::read(&text.replacen(from, to, 1)).expect_err("it is wrong").line;
    assert_eq!(line("sesscheck-recording-1", "sesscheck-recording-9"), 1);
    assert_eq!(line("hash: ", "hash? "), 4);
    assert_eq!(line("scenario ", "scenery "), 6);
    assert_eq!(line(" everything\n", " nothing\n"), 7);
    let first = text.lines().nth(7).expect("the first step");
    assert_eq!(line(first, "maybe"), 8);
    assert_eq!(line(first, "=0 0.nmber+1"), 8);
    // Short texts that stand for more than there is room for.
    assert_eq!(line(first, "4000000000x ."), 8);
    assert_eq!(line(first, ". gone:0..4000000000+1"), 8);
}

#[test]
fn the_shipped_recordings_are_as_they_were_written() {
    for (name, text) in recording::texts() {
        let recording = recording::read(text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(*name, recording.file_name());
        assert!(recording::write(&recording) == *text, "{name} is not as it is written");
        let path = text.lines().find(|line| line.starts_with("refused") && line.contains('/'));
        assert_eq!(path, None, "{name} names a file of some machine");
    }
}

#[test]
fn every_scenario_is_recorded_as_it_is_today() {
    let files = suite::embedded().expect("the built-in scenarios are read");
    let told: Vec<_> = recording::shipped().iter().flat_map(|(_, recording)| stale(recording, &files)).collect();
    assert_eq!(told, Vec::<String>::new());
}

#[test]
fn every_profile_holds_for_what_was_recorded_of_its_release() {
    let files = suite::embedded().expect("the built-in scenarios are read");
    let libraries = libraries();
    let mut without_a_profile = Vec::new();
    assert!(!recording::shipped().is_empty(), "releases are recorded");
    for (name, recording) in recording::shipped() {
        match of_version(&libraries, &recording.library.version) {
            Some(named) => assert_eq!(differing(named, &recording, &files), Vec::<String>::new()),
            None => without_a_profile.push(name.to_string()),
        }
    }
    assert_eq!(without_a_profile, Vec::<String>::new());
}

#[test]
fn what_was_not_run_of_a_release_is_what_its_edition_has_not() {
    let files = suite::embedded().expect("the built-in scenarios are read");
    let libraries = libraries();
    for (name, recording) in recording::shipped() {
        let named = of_version(&libraries, &recording.library.version).expect("it has a profile");
        let reasons = not_run(named, &recording, &files);
        let synonyms = |why: &String| why.contains("the old synonyms");
        assert!(reasons.len() == 1 && reasons.iter().all(synonyms), "{name}: {reasons:?}");
    }
}

#[test]
fn every_entry_of_every_profile_is_shown_by_a_recorded_scenario() {
    let files = suite::embedded().expect("the built-in scenarios are read");
    let libraries = libraries();
    assert!(!libraries.is_empty(), "no profile of a libssl is shipped");
    let (mut separator, mut told) = (Separator::new(&files), Vec::new());
    for named in &libraries {
        let of_it = recording::shipped().into_iter().filter(|(_, recording)| {
            of_version(&libraries, &recording.library.version).is_some_and(|library| library.name == named.name)
        });
        let shown: Vec<_> = of_it.map(|(_, recording)| Shown { recording, ran_now: false }).collect();
        let release = atlas::release_of(named);
        assert!(!shown.is_empty(), "{release} has a profile and no recording: sesscheck atlas --record");
        told.extend(idle(named, &mut separator, &files, &shown));
    }
    assert_eq!(told, Vec::<String>::new());
}

fn sesscheck(arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_sesscheck"));
    let out = command.args(arguments).env("CI", "true").output().expect("the command runs");
    (out.status.code(), String::from_utf8([out.stdout, out.stderr].concat()).expect("it prints text"))
}

#[test]
fn the_atlas_can_be_asked_for_on_the_command_line() {
    let (first, second) =
        (atlas::release_of(&libraries()[0]).to_owned(), atlas::release_of(&libraries()[1]).to_owned());
    let (status, text) = sesscheck(&["atlas", "--from", &first, "--to", &second, "--ours", "--format", "json"]);
    assert_eq!(status, Some(0), "{text}");
    let atlas: atlas::Atlas = serde_json::from_str(&text).expect("it is an atlas");
    assert_eq!((atlas.schema.as_str(), atlas.releases.len()), (atlas::SCHEMA, 3));
    let ran = atlas.cells().filter(|cell| cell.evidence == atlas::Evidence::Ran).count();
    assert!(ran > 0 && !atlas.rows.is_empty(), "our own cache is run for it: {text}");
}

#[test]
fn what_the_atlas_cannot_do_is_status_2_and_says_why() {
    for (arguments, why) in [
        (&["atlas", "--from", "0.1"][..], "no shipped profile is of it; known are"),
        (&["atlas", "--record", "nowhere"], "--subject"),
        (&["atlas", "--record", "/dev/null/nowhere", "--subject", "libssl"], "sesscheck:"),
        (&["atlas", "--subject", "libssl:/nowhere/libssl.so.3"], "cannot be loaded"),
    ] {
        let (status, text) = sesscheck(arguments);
        assert_eq!(status, Some(2), "{arguments:?}: {text}");
        assert!(text.contains(why), "{arguments:?}: {text}");
    }
}
