//! Texts of somebody who gates on a subject of their own: the project file, the ledger, and what a program that is a
//! subject says.

use std::path::Path;

use crate::check::{Verdict, check};
use crate::ledger::{Ledger, LedgerError, Written};
use crate::profiles::by_name;
use crate::project::Project;
use crate::recording::{read_transcript, write_transcript};
use crate::subjects::exec::answers::{Came, Reading};
use crate::subjects::exec::calls::{Piece, converse, transcript_of};
use crate::suite;
use crate::tally::Tally;
use crate::trace::Trace;
use crate::transcript::{Ending, Transcript};

/// Text as a project file, and as a ledger.
///
/// # Panics
///
/// When a ledger that is printed is not what was read, or when a mistake has no place in the text.
pub fn project_parser(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Err(error) = Project::parse(Path::new("fuzzed.toml"), text) {
        assert!(error.to_string().starts_with("fuzzed.toml: "), "{error}");
    }
    let written = |text: &str| Ledger::written(Path::new("fuzzed.yaml"), text);
    match written(text) {
        Err(LedgerError::Wrong(_, (line, column), what)) => {
            let there = text.split('\n').nth(line - 1).unwrap_or_default();
            assert!(column <= there.chars().count() + 1, "{line}:{column}: {what}: is beyond its line in\n{text}");
        }
        Err(other) => panic!("no file was read: {other}"),
        Ok(entries) => {
            let printed = serde_yaml::to_string(&entries).expect("a ledger is YAML");
            let again: Vec<Written> = written(&printed).unwrap_or_else(|error| panic!("{error}, in\n{printed}"));
            assert_eq!(again, entries, "another ledger reads back from\n{printed}");
        }
    }
}

/// Lines as what a program says in answer to a trace. The first byte says which: see [`asked`].
///
/// # Panics
///
/// When what comes of it is no transcript that can be stored, sent and held against the manual.
pub fn subject_parser(bytes: &[u8]) {
    let _ = verdict_on(bytes);
}

/// What [`subject_parser`] comes to; `None`: no byte says which trace.
///
/// # Panics
///
/// As [`subject_parser`].
#[must_use]
pub fn verdict_on(bytes: &[u8]) -> Option<Verdict> {
    let (which, lines) = bytes.split_first()?;
    let trace = asked(*which);
    let text = String::from_utf8_lossy(lines);
    let mut lines = text.lines();
    let mut reading: Option<Reading> = None;
    let asked = converse(&trace, &mut |Piece { steps, more, .. }, answers| {
        let reading = match &mut reading {
            Some(reading) => {
                reading.go_on(steps, more);
                reading
            }
            None => reading.insert(Reading::new(1, steps.to_vec(), more)),
        };
        while !reading.is_all() {
            match lines.next().map(|line| reading.read(line)) {
                None => return Ending::Crashed("it ended".to_owned()),
                Some(Ok(Came::Answered(said))) => answers.push(*said),
                Some(Ok(Came::Done)) => break,
                Some(Err(what)) => {
                    assert!(what.contains("; the line: `"), "{what}");
                    return Ending::Broke(what);
                }
            }
        }
        Ending::Completed
    });
    let mut shown = Transcript::default();
    transcript_of(&trace, asked, &mut shown);
    let written = write_transcript(&shown, true);
    let again = read_transcript(&written, true).unwrap_or_else(|error| panic!("{error}, in\n{written}"));
    assert_eq!(again, shown, "another transcript reads back from\n{written}");
    Some(check(&trace, &by_name("manual").expect("it is shipped").profile, &shown, &mut Tally::default()))
}

/// What a program is asked: one of five built-in scenarios, by number.
///
/// # Panics
///
/// When it is built in no more: a test replays the seeds.
#[must_use]
pub fn asked(which: u8) -> Trace {
    const OF: [&str; 5] = [
        include_str!("../../../scenarios/add_session/add-remove-add.yaml"),
        include_str!("../../../scenarios/flush_sessions/calls-the-remove-callback.yaml"),
        include_str!("../../../scenarios/sess_set_cache_size/one-add-drops-one.yaml"),
        include_str!("../../../scenarios/ctx_free/last-phase.yaml"),
        include_str!("../../../scenarios/sess_set_get_cb/new-callback-feeds-the-external-cache.yaml"),
    ];
    let text = OF[usize::from(which) % OF.len()];
    let scenario = crate::scenario::parse("asked.yaml", text, &suite::vocabulary()).expect("it is built in");
    Trace { shown: crate::trace::Shown::Everything, ..scenario.trace }
}
