//! Texts that people and processes give us: what reads is printed and reads the same again, what does not has a mistake
//! that says where.

use std::sync::LazyLock;

use crate::pages::{self, Fingerprint, Recorded};
use crate::profiles;
use crate::recording;
use crate::scenario::{parse, passes_agree, rewrite};
use crate::suite::vocabulary;
use crate::worker::{self, Reply, Request};

/// Text as a scenario; and the pass that notes where values stand takes it for the same values as the one that reads
/// them.
///
/// # Panics
///
/// When what is printed is not what was read, when a mistake is not in the text, or when the passes disagree.
pub fn scenario_parser(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Err(why) = passes_agree(text) {
        panic!("the two passes disagree: {why}\n{text}");
    }
    match parse("fuzzed.yaml", text, &vocabulary()) {
        Err(mistakes) => {
            assert!(!mistakes.is_empty(), "a refusal says why");
            for mistake in mistakes {
                assert!(mistake.spot().bytes.end <= text.len(), "a mistake is in the text: {mistake:?}");
                assert!(mistake.render(false).starts_with("error"), "{}", mistake.render(false));
            }
        }
        Ok(scenario) => {
            let printed = rewrite(&scenario);
            let again = parse("printed.yaml", &printed, &vocabulary()).unwrap_or_else(|mistakes| {
                panic!("what is printed does not read: {}\n{printed}", mistakes[0].render(false))
            });
            assert_eq!(again.trace, scenario.trace, "another trace reads back from\n{printed}");
            assert_eq!(rewrite(&again), printed, "another scenario is printed from\n{printed}");
        }
    }
}

/// Text as a profile.
///
/// # Panics
///
/// When what is printed is not what was read, or when a mistake is not in the text.
pub fn profile_parser(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match profiles::parse("fuzzed.yaml", text) {
        Err(error) => {
            let (line, column) = error.place.unwrap_or_else(|| panic!("{error} has no place in\n{text}"));
            let there = text.split('\n').nth(line - 1).unwrap_or_default();
            assert!(column <= there.chars().count() + 1, "{error} is beyond its line in\n{text}");
            assert!(error.to_string().starts_with(&format!("fuzzed.yaml:{line}:{column}: ")), "{error}");
        }
        Ok(named) => {
            let printed = profiles::write(&named);
            let again = profiles::parse("printed.yaml", &printed);
            assert_eq!(again.as_ref(), Ok(&named), "another profile reads back from\n{printed}");
            assert_eq!(profiles::write(&again.expect("it was just read")), printed);
        }
    }
}

/// Lines as what parent and worker say to each other, with the traces, profiles and transcripts in them.
///
/// # Panics
///
/// When what is printed is not what was read.
pub fn protocol_parser(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for line in text.lines() {
        if let Ok(request) = Request::read(line) {
            let printed = request.line();
            assert_eq!(
                Request::read(&printed).ok().as_ref(),
                Some(&request),
                "another request reads back from {printed}"
            );
            match request {
                Request::Check { trace, profile, .. } => {
                    trace_travels(&trace);
                    profile_travels(profile);
                }
                Request::Show { trace, .. } => trace_travels(&trace),
                Request::Random(random) => {
                    assert!(worker::lane(&random.lane).is_none_or(|lane| worker::lane_word(lane) == random.lane));
                    profile_travels(random.profile);
                }
            }
        }
        if let Ok(reply) = Reply::read(line) {
            let printed = reply.line();
            assert_eq!(Reply::read(&printed).ok().as_ref(), Some(&reply), "another reply reads back from {printed}");
            match reply {
                Reply::Ready(_, profile) => profile_travels(profile),
                Reply::Shown(lines) => {
                    [false, true].iter().for_each(|everything| shown_travels(&lines, *everything));
                }
                _ => {}
            }
        }
    }
}

/// What reads as a trace is written, reads as the same trace, and is written the same.
fn trace_travels(text: &str) {
    let Ok(trace) = worker::trace_of_text(text) else { return };
    let printed = worker::text_of_trace(&trace);
    let again = worker::trace_of_text(&printed).unwrap_or_else(|why| panic!("{why}, in what was printed\n{printed}"));
    assert_eq!((&again.setup, &again.ops), (&trace.setup, &trace.ops), "another trace reads back from\n{printed}");
    assert_eq!(worker::text_of_trace(&again), printed);
}

fn profile_travels(document: profiles::Document) {
    let Ok(named) = document.resolve() else { return };
    let again = profiles::Document::of(&named).resolve();
    assert_eq!(again.as_ref(), Ok(&named), "another profile reads back");
}

fn shown_travels(lines: &str, everything: bool) {
    let Ok(shown) = recording::read_transcript(lines, everything) else { return };
    let printed = recording::write_transcript(&shown, everything);
    let again = recording::read_transcript(&printed, everything);
    let again = again.unwrap_or_else(|error| panic!("{error}, in what was printed\n{printed}"));
    assert_eq!(again, shown, "another transcript reads back from\n{printed}");
}

/// Text as a man page in any form: every sentence has the fingerprint of its text, and the comparison with the pages
/// on record accounts for each.
///
/// # Panics
///
/// When one has not, or is lost.
pub fn pages_reader(bytes: &[u8]) {
    static ON_RECORD: LazyLock<Vec<Recorded>> = LazyLock::new(pages::recorded);
    let text = String::from_utf8_lossy(bytes);
    for page in pages::read(&text) {
        for sentence in &page.sentences {
            assert_eq!(Fingerprint::of(&sentence.text), sentence.fingerprint, "{sentence:?}");
            assert_eq!(sentence.fingerprint.to_string().parse(), Ok(sentence.fingerprint));
        }
        let compared = pages::compare("fuzzed".as_ref(), &page, &ON_RECORD);
        assert_eq!(compared.matched + compared.unknown.len(), page.sentences.len(), "{compared}");
    }
}
