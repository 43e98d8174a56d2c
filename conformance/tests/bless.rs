//! Proposals for what a scenario does not state: what a subject shows, what the manual says of it, and what comes of it
//! in the file.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use sesscheck::author::{Accept, Manual, Proposal, Proposals, ask, proposals, write_in};
use sesscheck::subject::Subject;
use sesscheck::subjects::{Spec, model};
use sesscheck::suite::{self, File};
use sesscheck::transcript::Transcript;

struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn scratch(text: &str) -> Scratch {
    static TIMES: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    let time = TIMES.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("sesscheck-bless-{}-{time}", std::process::id()));
    fs::create_dir_all(&folder).expect("it can be made");
    fs::write(folder.join("t.yaml"), text).expect("it can be written");
    Scratch(folder)
}

fn read(text: &str) -> Vec<File> {
    let scratch = scratch(text);
    suite::of_paths(&[scratch.0.join("t.yaml")]).unwrap_or_else(|why| panic!("{why}\n{text}"))
}

fn shown(files: &[File], subject: &str) -> Vec<Transcript> {
    let mut subject = subject.parse::<Spec>().expect("it is one").open().expect("it is always there").subject;
    let run = |file: &File| {
        let mut transcript = Transcript::default();
        subject.run(&file.scenario.trace, &mut transcript);
        transcript
    };
    files.iter().map(run).collect()
}

fn found(text: &str, subject: &str) -> (Vec<File>, Proposals) {
    let files = read(text);
    let shown = shown(&files, subject);
    let found = proposals(&files, text, &shown).expect("it is YAML");
    (files, found)
}

fn accepted(text: &str, subject: &str, accept: &str) -> String {
    let (files, found) = found(text, subject);
    let confirmed = accept.parse::<Accept>().expect("it is one").of(&found.offered).expect("they are there");
    write_in(&files, text, &confirmed).unwrap_or_else(|why| panic!("{why}"))
}

fn lines(found: &Proposals) -> Vec<String> {
    found.offered.iter().map(|one| format!("{} {}: {}", one.line, one.key, one.value)).collect()
}

const FLUSHED: &str = "\
# of a flush
scenario: a flush takes what has expired
clauses: [flush.expired]
contexts: {server: {callbacks: {remove: record}}} # it is told
sessions:
  a: {id: \"01\", timeout: 300}
steps:
  - add_session: a # the first
    members: [a]
  - free: a
  # one second after
  - flush_sessions: now+301
    callbacks: [{remove: a}]
  - probe: ~
";

#[test]
fn what_changes_and_is_not_stated_is_proposed_and_written_at_its_place() {
    let (_, proposed) = found(FLUSHED, "optimised");
    let wanted =
        ["8 returns: 1", "8 counters: {number: 1}", "12 members: []", "12 destroyed: [a]", "12 counters: {number: 0}"];
    assert_eq!(lines(&proposed), wanted);
    let whole = accepted(FLUSHED, "optimised", "all");
    let written = FLUSHED
        .replace(
            "# the first\n    members: [a]\n",
            "# the first\n    returns: 1\n    members: [a]\n    counters: {number: 1}\n",
        )
        .replace(
            "{remove: a}]\n  -",
            "{remove: a}]\n    members: []\n    destroyed: [a]\n    counters: {number: 0}\n  -",
        );
    assert_eq!(whole, written);
    assert_eq!(found(&whole, "optimised").1, Proposals::default(), "then there is nothing left");
    let some = accepted(FLUSHED, "optimised", "1,4-4");
    let written = FLUSHED
        .replace("# the first\n", "# the first\n    returns: 1\n")
        .replace("{remove: a}]\n", "{remove: a}]\n    destroyed: [a]\n");
    assert_eq!(some, written);
    assert_eq!(accepted(FLUSHED, "optimised", "none"), FLUSHED);
}

#[test]
fn what_the_manual_rules_otherwise_is_said_and_written_by_its_number_alone() {
    let text = "scenario: a session in its last second\nclauses: [flush.boundary]\nsessions: {a: {id: \"01\"}}\nsteps:\n  \
                - add_session: a\n    returns: 1\n    counters: {number: 1}\n    members: [a]\n  - flush_sessions: now+300\n";
    let (_, proposed) = found(text, "faulty:flush.boundary");
    let said: Vec<_> = proposed.offered.iter().map(|one| (one.key.as_str(), one.manual.clone())).collect();
    let Manual::Otherwise(members) = &said[0].1 else { panic!("{said:?}") };
    assert_eq!((said[0].0, members.as_str()), ("members", "the manual of 3.0 rules: members [a]"));
    assert_eq!(accepted(text, "faulty:flush.boundary", "all"), text);
    let written = accepted(text, "faulty:flush.boundary", "1");
    assert_eq!(written, format!("{text}    members: []\n"));
    assert_eq!(found(text, "optimised").1, Proposals::default(), "where the manual is kept, nothing changes");
}

#[test]
fn what_the_pages_leave_open_is_said() {
    let text = "scenario: a removal through a twin\nclauses: [remove.twin]\nsessions: {a: {id: \"01\"}, b: {id: \"01\"}}\n\
                steps:\n  - add_session: a\n    returns: 1\n    counters: {number: 1}\n    members: [a]\n  \
                - remove_session: b\n";
    let (_, proposed) = found(text, "model");
    let said =
        |found: &Proposals, key: &str| found.offered.iter().find(|one| one.key == key).map(|one| one.manual.clone());
    let Some(Manual::Open(words)) = said(&proposed, "returns") else { panic!("{proposed:?}") };
    assert_eq!(words, "the pages leave it open: under `readings: {remove.match: id}` it is otherwise");
    // Which of them goes, the manual does not choose.
    let full = "scenario: a full cache\nclauses: [size.hint]\ncontexts: {server: {size: 2}}\n\
                sessions: {a: {id: \"01\"}, b: {id: \"02\", timeout: 10}, c: {id: \"03\"}}\nsteps:\n  \
                - add_session: a\n  - add_session: b\n  - add_session: c\n";
    let files = read(full);
    let of = |victim: &str| {
        let mut profile = files[0].claims_about().last().expect("it has an edition");
        profile.readings.set("victim", victim).expect("the axis has this value");
        let mut transcript = Transcript::default();
        model::subject("one that chooses", profile).run(&files[0].scenario.trace, &mut transcript);
        let found = proposals(&files, full, &[transcript]).expect("it is YAML");
        let one = found.offered.into_iter().find(|one| one.step == 2 && one.key == "members").expect("they change");
        (one.value, one.manual)
    };
    let (mut soonest, mut first) = (of("soonest_to_expire"), of("first_added"));
    assert_eq!((soonest.0.as_str(), first.0.as_str()), ("[a, c]", "[b, c]"));
    // One of them is as the model chooses when nobody is asked.
    if matches!(soonest.1, Manual::Otherwise(_)) {
        std::mem::swap(&mut soonest, &mut first);
    }
    let Manual::Open(words) = &soonest.1 else { panic!("{soonest:?}") };
    assert!(words.starts_with("the pages leave it open: under `readings: {victim: "), "{words}");
    let words = "the manual leaves it open: this is one of several answers that it allows, and it chooses none";
    assert_eq!(first.1, Manual::Otherwise(words.to_owned()));
}

#[test]
fn of_several_scenarios_only_what_holds_for_all_is_proposed() {
    let text = "scenario: a session of $timeout seconds\nclauses: [flush.boundary]\nfor: {timeout: [1, 300]}\n\
                sessions: {a: {id: \"01\", timeout: $timeout}}\nsteps:\n  - add_session: a\n    members: [a]\n  \
                - set_timeout: {session: a, timeout: $timeout}\n  - get_timeout: a\n  - flush_sessions: 1010\n";
    let (_, proposed) = found(text, "optimised");
    let wanted = ["6 returns: 1", "6 counters: {number: 1}", "8 returns: 1"];
    assert_eq!(lines(&proposed), wanted);
    // The timeout that is got, and what the flush does to the shorter one: members and counters.
    assert_eq!(proposed.not_for_all, 3);
    let written = accepted(text, "optimised", "all");
    assert_eq!(written.matches("returns: 1\n").count(), 2);
    assert_eq!(read(&written).len(), 2);
}

#[test]
fn what_all_shipped_scenarios_are_blessed_with_holds_and_is_nothing_else() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../scenarios");
    let paths = suite::files_of(&[folder]).expect("the folder can be read");
    let mut written = 0;
    for path in paths.iter().step_by(13) {
        let text = fs::read_to_string(path).expect("a scenario is text");
        let files = suite::of_paths(std::slice::from_ref(path)).expect("it is a scenario");
        if files[0].claims_about().next().is_none() {
            continue;
        }
        let found = proposals(&files, &text, &shown(&files, "model")).expect("it is YAML");
        let confirmed = Accept::All.of(&found.offered).expect("all are there");
        written += confirmed.len();
        let after = write_in(&files, &text, &confirmed).unwrap_or_else(|why| panic!("{why}"));
        for file in read(&after) {
            for profile in file.claims_about() {
                assert_eq!(file.unmet(profile), [], "{}\n{after}", path.display());
            }
        }
    }
    assert!(written > 100, "{written}");
}

#[test]
fn a_layout_that_cannot_take_a_line_is_named_with_its_step() {
    let text =
        "scenario: s\nclauses: []\nsessions: {a: {id: \"01\"}}\nsteps:\n  - probe: ~\n  - ? add_session\n    : a\n";
    let (files, found) = found(text, "optimised");
    let confirmed = Accept::All.of(&found.offered).expect("they are there");
    let why = write_in(&files, text, &confirmed).expect_err("there is no place for it");
    assert!(why.contains("left as it is: the layout of step 2 cannot take it; `sesscheck fmt` first"), "{why}");
}

#[test]
fn a_long_scenario_is_judged_in_one_pass() {
    let mut text = "scenario: s\nclauses: []\nsessions: {a: {id: \"01\"}}\nsteps:\n".to_owned();
    text += &"  - add_session: a\n  - remove_session: a\n".repeat(700);
    let (files, found) = found(&text, "optimised");
    let confirmed = Accept::All.of(&found.offered).expect("they are there");
    assert!(confirmed.len() >= 2 * 1_400, "{}", confirmed.len());
    let written = write_in(&files, &text, &confirmed).unwrap_or_else(|why| panic!("{why}"));
    assert_eq!(written.matches("returns: 1\n").count(), 1_400);
}

#[test]
fn each_is_asked_for_until_the_answers_end() {
    let (_, proposed) = found(FLUSHED, "optimised");
    let asked = |answers: &str| {
        let mut out = Vec::new();
        let confirmed = ask(&mut answers.as_bytes(), &mut out, &proposed.offered).expect("they can be read");
        let keys: Vec<_> = confirmed.into_iter().map(|one: &Proposal| (one.step, one.key.clone())).collect();
        (keys, String::from_utf8(out).expect("text").matches("[y/n/q]").count())
    };
    assert_eq!(asked("y\nwhat\nn\ny\nq\n"), (vec![(0, "returns".to_owned()), (2, "members".to_owned())], 5));
    assert_eq!(asked("n\n"), (vec![], 2));
}

#[test]
fn numbers_are_of_proposals() {
    let (_, proposed) = found(FLUSHED, "optimised");
    let beyond = "2-9".parse::<Accept>().expect("it is a range").of(&proposed.offered);
    assert_eq!(beyond, Err("9 is no number of a proposal: there are 5".to_owned()));
    for wrong in ["0", "3-1", "x", "1;2", ""] {
        assert!(wrong.parse::<Accept>().is_err(), "{wrong}");
    }
}

#[test]
fn without_confirmation_nothing_is_written_and_the_status_says_so() {
    let scratch = scratch(FLUSHED);
    let bless = |arguments: &[&str]| -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sesscheck"));
        command.args(["bless", "t.yaml", "--subject", "optimised"]).args(arguments).current_dir(&scratch.0);
        command.stdin(std::process::Stdio::null()).output().expect("it runs")
    };
    let text = || fs::read_to_string(scratch.0.join("t.yaml")).expect("it is there");
    let out = bless(&[]);
    let said = String::from_utf8(out.stdout).expect("text");
    assert_eq!((out.status.code(), text().as_str()), (Some(1), FLUSHED), "{said}");
    assert!(
        said.starts_with("  1  t.yaml:8  add_session: a\n     + returns: 1\n  2  t.yaml:8  add_session: a\n"),
        "{said}"
    );
    assert!(
        said.ends_with("t.yaml: nothing is written: `--accept all`, or numbers such as `--accept 1,3-5`\n"),
        "{said}"
    );
    assert_eq!(bless(&["--accept", "none"]).status.code(), Some(1));
    assert_eq!(bless(&["--accept", "7"]).status.code(), Some(2));
    assert_eq!(text(), FLUSHED);
    assert_eq!(bless(&["--accept", "all"]).status.code(), Some(0));
    assert!(text().contains("    destroyed: [a]\n"));
    let again = bless(&[]);
    assert_eq!(again.status.code(), Some(0), "nothing is left to propose");
}
