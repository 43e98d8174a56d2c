//! The command as a gatekeeper runs it: exit status, first lines, forms of the report, and subjects that go down.

use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use sesscheck::finding::Came;
use sesscheck::profiles;
use sesscheck::report::{Report, SCHEMA, Standing};
use sesscheck::subjects::Spec;
use sesscheck::suite;
use sesscheck::worker::{Held, Random};

const PROGRAM: &str = env!("CARGO_BIN_EXE_sesscheck");

fn sesscheck(arguments: &[&str]) -> Output {
    Command::new(PROGRAM).args(arguments).env("CI", "true").output().expect("the command runs")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("the output is text")
}

#[test]
fn a_subject_that_conforms_is_status_0_and_says_what_was_run() {
    let out = sesscheck(&["check", "--lane", "direct:20", "--lane", "handshakes:20"]);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stdout));
    assert!(text(&out.stdout).contains("optimised   conforms under profile optimised"));
    assert!(text(&out.stdout).contains("random: 40 traces"));
}

#[test]
fn several_subjects_are_named_at_once_and_each_decides() {
    let fast = ["--lane", "direct:20", "--scenarios", "../scenarios/flush_sessions", "--most", "1"];
    let with = |arguments: &[&str]| sesscheck(&[&["check"], arguments, &fast[..]].concat());
    let out = with(&["--subject", "optimised", "--subject", "faulty:flush.boundary"]);
    assert_eq!(out.status.code(), Some(1), "{}", text(&out.stderr));
    for said in ["optimised   conforms", "faulty:flush.boundary diverges"] {
        assert!(text(&out.stdout).contains(said), "{}", text(&out.stdout));
    }
    let twice = with(&["--subject", "model", "--subject", "model"]);
    assert_eq!((twice.status.code(), text(&twice.stderr)), (Some(2), "sesscheck: `model` is named twice\n"));
    let ledger = with(&["--subject", "model", "--subject", "optimised", "--ledger", "nowhere.yaml"]);
    assert_eq!(ledger.status.code(), Some(2));
    assert!(text(&ledger.stderr).contains("a ledger is of one subject"), "{}", text(&ledger.stderr));
}

#[test]
fn a_fault_is_status_1_and_its_first_line_is_enough() {
    let out = sesscheck(&["check", "--subject", "faulty:flush.boundary", "--lane", "direct:20", "--most", "1"]);
    assert_eq!(out.status.code(), Some(1));
    let first = text(&out.stdout).lines().next().expect("there is a first line");
    for part in
        ["faulty:flush.boundary diverges at step", "(flush_sessions)", "the manual rules:", "seen:", "[flush.boundary]"]
    {
        assert!(first.contains(part), "{first}");
    }
    let replay = text(&out.stdout).lines().find_map(|line| line.trim().strip_prefix("replay: sesscheck "));
    let replay = replay.expect("the command that shows it again is there").to_owned();
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let again = Command::new(PROGRAM).args(replay.split(' ')).current_dir(root).output().expect("the command runs");
    assert_eq!(again.status.code(), Some(1), "{replay}\n{}", text(&again.stderr));
    assert!(text(&again.stdout).contains("[flush.boundary]"));
}

#[test]
fn a_replayed_scenario_with_a_claim_that_the_manual_does_not_bear_out_is_told_and_status_1() {
    let file = std::env::temp_dir().join(format!("sesscheck-unmet-{}.yaml", std::process::id()));
    let scenario = |returns| {
        let text = "scenario: an add\nclauses: [add.adds]\nsessions: {a: {id: \"01\"}}\nsteps:\n  - add_session: a\n";
        std::fs::write(&file, format!("{text}    returns: {returns}\n")).expect("there is room");
        sesscheck(&["replay", file.to_str().expect("a path in words")])
    };
    let (borne_out, not) = (scenario(1), scenario(0));
    std::fs::remove_file(&file).expect("it is there");
    assert_eq!(borne_out.status.code(), Some(0), "{}", text(&borne_out.stdout));
    assert_eq!(not.status.code(), Some(1), "{}", text(&not.stdout));
    let said = ":6:14: claims returns 0; the model of 3.0 rules: returns 1";
    assert!(text(&not.stdout).contains(said), "{}", text(&not.stdout));
    assert!(!text(&borne_out.stdout).contains("claims"), "{}", text(&borne_out.stdout));
}

#[test]
fn a_replay_takes_a_subject_to_hang_after_the_silence_that_is_asked_for_and_says_so_in_its_command() {
    let hangs = ["--subject", "faulty:hangs-at-flush", "--silence", "1s", "scenarios/flush_sessions/last-second.yaml"];
    let out = sesscheck(&[&["replay", "--whole"], &hangs[..]].concat());
    let said = text(&out.stdout);
    assert_eq!(out.status.code(), Some(1), "{said}");
    let first = said.lines().next().expect("it says something");
    assert!(first.starts_with("faulty:hangs-at-flush diverges at step 2 (flush_sessions)"), "{first}");
    assert!(first.contains("seen: the subject did not answer in time"), "{first}");
    assert!(said.contains(&format!("\n  replay: sesscheck replay {}\n", hangs.join(" "))), "{said}");
}

#[test]
fn an_explanation_takes_a_subject_to_hang_after_the_silence_that_is_asked_for() {
    let hangs = ["--subject", "faulty:hangs-at-flush", "--silence", "1s", "scenarios/flush_sessions/last-second.yaml"];
    let out = sesscheck(&[&["explain"], &hangs[..]].concat());
    assert_eq!(out.status.code(), Some(2), "{}", text(&out.stdout));
    assert!(text(&out.stderr).contains("goes down in the op of number 2: Hung"), "{}", text(&out.stderr));
}

#[test]
fn what_is_not_there_is_not_run_and_status_2() {
    for arguments in [
        &["check", "--subject", "libssl:/nowhere/libssl.so.3"][..],
        &["check", "--subject", "optimized"],
        &["check", "--profile", "nowhere"],
        &["check", "--scenarios", "nowhere"],
        &["--lane", "direct"],
        &["replay", "nowhere.yaml"],
    ] {
        let out = sesscheck(arguments);
        assert_eq!(out.status.code(), Some(2), "{arguments:?}: {}", text(&out.stdout));
    }
    let out = sesscheck(&["check", "--subject", "optimized"]);
    assert!(text(&out.stderr).contains("did you mean `optimised`?"), "{}", text(&out.stderr));
}

#[test]
fn the_model_against_itself_never_says_conforms() {
    let out = sesscheck(&["check", "--subject", "model", "--lane", "direct:5"]);
    assert_eq!(out.status.code(), Some(0));
    assert!(text(&out.stdout).contains("a self-check"));
    assert!(!text(&out.stdout).contains("conforms"));
}

#[test]
fn the_same_run_gives_the_same_report_in_every_form() {
    for format in ["text", "json", "junit"] {
        let run = || sesscheck(&["check", "--lane", "mixed:30", "--format", format]).stdout;
        assert_eq!(text(&run()), text(&run()));
    }
    let out = sesscheck(&[
        "check",
        "--subject",
        "faulty:add.returns",
        "--lane",
        "direct:5",
        "--most",
        "2",
        "--format",
        "json",
    ]);
    let report: Report = serde_json::from_slice(&out.stdout).expect("the report reads back");
    assert_eq!(report.schema, SCHEMA);
    assert_eq!(report.subjects[0].verdict, Standing::Diverges);
    assert!(report.subjects[0].divergences.iter().all(|found| found.parted.clause == "add.returns"));
}

#[test]
fn a_scenario_with_mistakes_is_told_by_line_and_column() {
    let file = std::env::temp_dir().join(format!("sesscheck-mistake-{}.yaml", std::process::id()));
    let scenario = "scenario: s\nclauses: [add.adds]\nsteps:\n";
    for (steps, number) in
        [("  - add_sesion: a\n", "1 mistake\n"), ("  - add_sesion: a\n  - flsh: 1\n", "2 mistakes\n")]
    {
        std::fs::write(&file, format!("{scenario}{steps}")).expect("it can be written");
        let out = sesscheck(&["lint", &file.display().to_string()]);
        assert_eq!(out.status.code(), Some(2));
        let told = text(&out.stderr);
        assert!(told.contains(":4:") && told.contains("add_session"), "{told}");
        assert!(told.starts_with(&format!("sesscheck: {number}")), "{told}");
    }
    std::fs::remove_file(&file).expect("it was just made");
}

/// The command in a folder that it may write to.
fn in_folder(folder: &Path, arguments: &[&str], path: Option<&str>) -> Output {
    let mut command = Command::new(PROGRAM);
    command.args(arguments).current_dir(folder).env_remove("CARGO_TARGET_DIR").env_remove("CC");
    if let Some(path) = path {
        command.env("PATH", path);
    }
    command.output().expect("the command runs")
}

#[test]
fn a_build_is_a_subject_by_its_release_and_one_that_is_not_here_names_the_command() {
    let folder = std::env::temp_dir().join(format!("sesscheck-libssl-{}", std::process::id()));
    let fake = folder.join("target/libssl/3.3.1/libssl.so.3");
    std::fs::create_dir_all(fake.parent().expect("it has one")).expect("it can be made");
    std::fs::write(&fake, "no library").expect("it can be written");
    std::fs::write(folder.join("Cargo.lock"), "").expect("it can be written");
    let listed = in_folder(&folder, &["libssl", "list"], None);
    let built = in_folder(&folder, &["libssl", "build", "3.3.1"], Some("/nowhere"));
    let loaded = in_folder(&folder, &["check", "--subject", "libssl:3.3.1"], None);
    let absent = in_folder(&folder, &["check", "--subject", "libssl:3.0.7-asan"], None);
    let without_tools = in_folder(&folder, &["libssl", "build", "3.0.7"], Some("/nowhere"));
    let begun = folder.join("target/libssl/3.0.7.build").exists();
    std::fs::remove_dir_all(&folder).expect("it was just made");

    let line = format!("{:<12} {}   built here, not sanitised, profile ", "3.3.1", fake.display());
    assert_eq!(listed.status.code(), Some(0));
    assert!(text(&listed.stdout).starts_with(&line), "{}", text(&listed.stdout));
    assert_eq!(text(&built.stdout), format!("{}\n", fake.display()), "what is finished is not made again");
    assert_eq!((loaded.status.code(), absent.status.code()), (Some(2), Some(2)));
    assert!(text(&loaded.stdout).contains(&*fake.display().to_string()), "{}", text(&loaded.stdout));
    let told = text(&absent.stdout);
    assert!(told.contains("`sesscheck libssl build 3.0.7 --sanitize` makes it"), "{told}");
    let told = text(&without_tools.stderr);
    assert_eq!(without_tools.status.code(), Some(2));
    assert!(told.contains("missing here: perl; make; a C compiler"), "{told}");
    assert!(!begun, "without tools nothing is begun");
}

fn held(fault: &str) -> Held {
    Held::start(PROGRAM.into(), Spec::Faulty(fault.to_owned())).expect("a fault is always there")
}

/// The step of the first flush is where it goes down, and the next trace runs as if nothing had been.
fn goes_down_at_its_flush(mut held: Held, kind: &str) {
    let files = suite::embedded().expect("the built-in scenarios are read");
    let with = |name: &str| files.iter().find(|file| file.path.ends_with(name)).expect("it is built in");
    let profile = held.profile.clone();
    let trace = &with("flush_sessions/last-second.yaml").scenario.trace;
    let Came::Diverges(parted) = held.check(trace, &profile).expect("the worker starts again") else {
        panic!("it does not go down");
    };
    assert_eq!((parted.kind.as_str(), parted.index, parted.op.as_str()), (kind, 1, "flush_sessions"));
    let trace = &with("add_session/add-remove-add.yaml").scenario.trace;
    assert_eq!(held.check(trace, &profile).expect("the worker is there"), Came::Conforms);
}

#[test]
fn a_crash_is_an_observation_at_its_step_and_not_the_end() {
    goes_down_at_its_flush(held("aborts-at-flush"), "crashed");
}

#[test]
fn a_hang_is_an_observation_at_its_step_and_not_the_end() {
    let mut held = held("hangs-at-flush");
    held.set_silence(Duration::from_millis(400));
    goes_down_at_its_flush(held, "hung");
}

#[test]
fn more_memory_than_a_worker_may_have_is_an_observation_at_its_step_and_not_the_end() {
    goes_down_at_its_flush(held("grows-at-flush"), "grew");
}

#[test]
fn a_hunt_goes_on_after_each_crash() {
    let mut held = held("aborts-at-flush");
    let profile = profiles::by_name("optimised").expect("it is shipped");
    let document = profiles::Document::of(&profile);
    let random = Random { seed: 3, lane: "direct".to_owned(), first: 0, count: 12, profile: document };
    let hunted = held.hunt(&random, &profile, &mut |_| true).expect("the worker starts again");
    assert_eq!(hunted.found.len(), 1, "one kind of crash: {:?}", hunted.found);
    assert_eq!(hunted.found[0].1.kind, "crashed");
    assert!(hunted.diverged > 5, "most traces have a flush: {}", hunted.diverged);
}
