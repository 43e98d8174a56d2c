//! The page of the protocol and its schema say what is so.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use sesscheck::stopwatch::{CONFIRM, GREETING, SILENCE};
use sesscheck::subjects::exec::answers::SMALL;
use sesscheck::subjects::exec::wire::{Capability, VERSION, schema_text};
use sesscheck::subjects::exec::{Exchange, LONGEST, PAGE, Walked, hello, stages, walk};

use super::{LONG, python, sesscheck, shipped};

#[test]
fn the_session_on_the_page_is_what_the_subject_in_python_says() {
    let Some(command) = python() else { return };
    let words: Vec<_> = command.split(' ').collect();
    let mut child = Command::new(words[0])
        .args(&words[1..])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("there is a python3");
    let mut input = child.stdin.take().expect("it was piped");
    let mut said = BufReader::new(child.stdout.take().expect("it was piped")).lines();
    for stage in stages() {
        for Exchange { sent, expected } in stage.exchanges {
            writeln!(input, "{sent}").expect("it reads");
            for expected in expected {
                let line = said.next().expect("there is a line").expect("it is text");
                assert_eq!(line, expected, "{}", stage.title);
            }
        }
    }
    drop(input);
    assert!(said.next().is_none(), "it says no more than it is asked for");
    assert!(child.wait().expect("it ends").success());
}

#[test]
fn the_page_has_the_numbers_and_words_of_the_code() {
    assert_eq!(stages()[0].exchanges[0].sent, hello(), "the page's hello is that of the harness");
    assert!(PAGE.starts_with(&format!("# The protocol of a subject, version {VERSION}\n")));
    assert!(PAGE.contains(&format!("at most {LONGEST} bytes")));
    assert!(PAGE.contains(&format!("at most {SMALL} members")));
    let seconds = |time: std::time::Duration| format!("{} seconds", time.as_secs());
    assert!(PAGE.contains(&format!("silence for {}", seconds(GREETING))));
    assert!(PAGE.contains(&format!("says nothing for {}", seconds(SILENCE))));
    assert_eq!(CONFIRM, 5, "the page says that a hang is run again with five times the patience");
    assert!(Capability::ALL.iter().all(|capability| PAGE.contains(&format!("`{}`", capability.word()))));
}

#[test]
fn the_committed_schema_is_that_of_the_types() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/subjects/exec/protocol.schema.json");
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == schema_text(),
        "conformance/src/subjects/exec/protocol.schema.json is not what `sesscheck schema --protocol` prints; print it there again"
    );
}

#[test]
fn every_op_of_the_schema_is_on_the_page() {
    let schema: serde_json::Value = serde_json::from_str(&schema_text()).expect("it is JSON");
    let ops = schema.pointer("/definitions/Step/oneOf").and_then(|ops| ops.as_array()).expect("a step is one of ops");
    assert!(ops.len() > 25, "{}", ops.len());
    for op in ops {
        let word = op["properties"]["op"]["const"].as_str().expect("each has its word");
        assert!(PAGE.contains(&format!("`{word}`")), "the page has no `{word}`");
    }
}

#[test]
fn what_is_printed_is_the_page_and_the_schema() {
    assert_eq!(sesscheck(&["subject", "--protocol"]), (PAGE.to_owned(), Some(0)));
    assert_eq!(sesscheck(&["schema", "--protocol"]), (schema_text(), Some(0)));
}

/// A cache that is wrong in one place is red at the stage that is about it, and says what was expected.
#[test]
fn a_walk_stops_at_the_first_stage_that_is_wrong() {
    if python().is_none() {
        return;
    }
    let right = std::fs::read_to_string(shipped("python/cache.py")).expect("it is shipped");
    let mistakes = [
        ("        if old is session:\n            return 0\n", "", "One add", "`returns` is 1, and 0 was expected"),
        ("return now > self.time", "return now >= self.time", "A flush, and a callback", "`events` is [Remove"),
        ("self.count(\"cache_full\")", "pass", "A full cache", "`cache_full` of context `0` is 0, and 1 was expected"),
        ("in message[\"traces\"]:", "in message[\"traces\"][:1]:", "Two traces in one message", "it is silent"),
        ("print(json.dumps(message), flush=True)", "json.dumps(message)", "The hello", "it is silent"),
        ("\"done\": begin +", "\"done\": 1 + begin +", "One op", "`done` with 3, after 2 answers"),
        ("len(id_context) > 2 * 32", "False", "With `id_context`", "`returns` is 1, and 0 was expected"),
        ("                self.forget(session.id)", "                pass", "With `external`", "`destroyed` is []"),
        (
            "self.count(\"hits\")",
            "pass",
            "A full handshake, and one that resumes",
            "`hits` of context `0` is 0, and 1 was expected",
        ),
        (
            "            if begin == 0:\n",
            "            if True:\n",
            "A full handshake, and one that resumes",
            "it ends: ",
        ),
        (
            "            session.time = self.world.now",
            "            pass",
            "A full handshake, and one that resumes",
            "`members` is [MemberSaid { context: 0, session: 0, time: 1000,",
        ),
        (
            "            self.add_session(session)\n        return session\n",
            "            pass\n        return session\n",
            "A handshake with callbacks",
            "`number` of context `0` is 0, and 1 was expected",
        ),
        (
            "            if self.cache.get(session.id) is session:\n                self.leave(session)\n            session",
            "            session",
            "A handshake with callbacks",
            "`number` of context `0` is 2, and 1 was expected",
        ),
    ];
    for (n, (text, instead, stage, wrong)) in mistakes.into_iter().enumerate() {
        assert!(right.contains(text), "{text}");
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("wrong-{n}.py"));
        let text = right.replacen(text, instead, 1);
        std::fs::write(&path, text).expect("the folder is there");
        // What never comes is not waited for as long as what may come late.
        let patience = if wrong == "it is silent" { LONG / 10 } else { LONG };
        let walked = walk(&format!("python3 {}", path.display()), patience, &mut |_, _| {});
        let Walked::Red { stage: at, words } = walked else { panic!("green, and {stage} is wrong") };
        assert_eq!(at, stage, "{words}");
        assert!(words.contains(wrong), "{words}");
        assert!(words.contains("    hint:     "), "{words}");
    }
}

#[test]
fn a_walk_with_nothing_ends_at_the_hello_and_could_not_run() {
    let (text, status) = sesscheck(&["subject-test", "exec:cat"]);
    assert_eq!(status, Some(2));
    assert!(text.starts_with("1/11 The hello                    red\n    sent:     {\"hello\":"), "{text}");
    let (_, status) = sesscheck(&["subject-test", "optimised"]);
    assert_eq!(status, Some(2));
}
