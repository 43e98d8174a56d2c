//! `sesscheck exhaust` as it is typed: its status, its JSON, and the command that shows a finding again.

use std::process::{Command, Output};

use sesscheck::exhaust::{Exhausted, SCHEMA};

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sesscheck")).arg("exhaust").args(arguments).output().expect("the command runs")
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("it is text")
}

#[test]
fn what_conforms_is_counted_by_scope_and_has_status_0() {
    let output = run(&["--length", "2", "--scope", "order", "--scope", "handshakes", "--format", "json"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let exhausted: Exhausted = serde_json::from_str(&text(&output)).expect("it reads back");
    assert_eq!((exhausted.schema.as_str(), exhausted.subject.as_str()), (SCHEMA, "optimised"));
    assert!(exhausted.scopes.iter().map(|covered| covered.scope.as_str()).eq(["order", "handshakes"]));
    for covered in &exhausted.scopes {
        assert_eq!((covered.complete, covered.diverged, covered.not_run.is_none()), (2, 0, true), "{covered:?}");
        assert!(covered.behaviours > 100 && covered.states > 5, "{covered:?}");
    }
}

#[test]
fn what_is_found_has_status_1_and_a_command_that_shows_it_again() {
    let output = run(&["--subject", "faulty:flush.boundary", "--scope", "direct", "--length", "2"]);
    assert_eq!(output.status.code(), Some(1));
    let shown = text(&output);
    assert!(
        shown.contains("[flush.boundary]") && shown.contains("2 ops: no shorter trace of the scope direct"),
        "{shown}"
    );
    let replay = shown.lines().find_map(|line| line.trim().strip_prefix("replay: sesscheck exhaust ")).expect("told");
    let again = run(&replay.split(' ').collect::<Vec<_>>());
    assert_eq!(again.status.code(), Some(1));
    assert!(text(&again).contains("[flush.boundary]"));
}

#[test]
fn a_subject_that_goes_down_is_found_in_a_worker() {
    let output = run(&["--subject", "faulty:aborts-at-flush", "--scope", "order", "--length", "1"]);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(text(&output).contains("the subject crashed"), "{}", text(&output));
}

#[test]
fn what_means_nothing_is_told() {
    for (arguments, why) in [
        (vec!["--scope", "everything"], "scopes are direct, order"),
        (vec!["--scope", "order", "--trace", "200"], "has no trace 200"),
        (vec!["--length", "0"], "a number from 1"),
    ] {
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(why), "{arguments:?}");
    }
}
