//! Campaigns as they are run: killed at any moment, split over machines, in a folder that cannot be used.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use sesscheck::campaign::State;
use sesscheck::hazards::{Look, Patience};
use sesscheck::power::{Budget, Engine, measure};
use sesscheck::source::Lane;
use sesscheck::stopwatch::Stopwatch;

const PROGRAM: &str = env!("CARGO_BIN_EXE_sesscheck");

/// A fault that some of the traces of each lane show, in more than one way.
const FAULTY: &str = "faulty:flush.boundary";

/// As much time as any of this may take on a slow machine; what does not come by then does not come.
const PATIENCE: Duration = Duration::from_secs(300);

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("campaign").join(name);
    let _ = fs::remove_dir_all(&folder);
    folder
}

fn campaign(folder: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(["campaign", "--subject", FAULTY, "--dir"]).arg(folder).args(more).env("CI", "true");
    command
}

fn output(command: &mut Command) -> Output {
    command.output().expect("the command runs")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("the output is text")
}

/// The state in a folder, without what depends on time.
fn state(folder: &Path) -> State {
    State { seconds: 0, ..sesscheck::campaign::read(folder).expect("there is a state") }
}

/// The findings in a folder: file and text.
fn findings(folder: &Path) -> Vec<(String, String)> {
    let entries = fs::read_dir(folder.join("findings")).expect("the folder is there").map(|entry| {
        let path = entry.expect("it can be read").path();
        let name = path.file_name().expect("a file").to_string_lossy().into_owned();
        (name, fs::read_to_string(path).expect("a scenario"))
    });
    let mut all: Vec<_> = entries.filter(|(name, _)| name.ends_with(".yaml")).collect();
    all.sort();
    all
}

/// Waits until something is so, and gives whether it came to be before the child ended.
fn until(child: &mut Child, mut so: impl FnMut() -> bool) -> bool {
    let watch = Stopwatch::start();
    loop {
        if so() {
            return true;
        }
        if child.try_wait().expect("it can be waited for").is_some() {
            return false;
        }
        assert!(watch.elapsed() < PATIENCE, "nothing comes");
        std::thread::yield_now();
    }
}

/// Whether it was under way still.
fn kill(mut child: Child) -> bool {
    let under_way = child.try_wait().expect("it can be waited for").is_none();
    child.kill().expect("it can be killed");
    child.wait().expect("it ends");
    under_way
}

#[test]
fn killed_and_gone_on_with_it_comes_to_the_same() {
    let (whole, killed) = (folder("whole"), folder("killed"));
    let asked = ["--units", "3", "--workers", "1"];
    assert_eq!(output(&mut campaign(&whole, &asked)).status.code(), Some(1), "the fault is found");

    let start = || {
        let mut command = campaign(&killed, &asked);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts")
    };
    // As soon as there is a state; among the scenarios; at the first finding; when units are done.
    let among = |all: u64| sesscheck::campaign::read(&killed).is_ok_and(|state| (1..all).contains(&state.scenarios));
    let all = state(&whole).scenarios;
    let moments: [&dyn Fn() -> bool; 4] = [
        &|| killed.join("campaign.json").exists(),
        &|| among(all),
        &|| killed.join("findings").exists() && !findings(&killed).is_empty(),
        &|| sesscheck::campaign::read(&killed).is_ok_and(|state| state.units() > 0),
    ];
    let mut killed_under_way = 0;
    for moment in moments {
        let mut child = start();
        until(&mut child, moment);
        killed_under_way += usize::from(kill(child));
    }
    assert!(killed_under_way > 0, "each had ended before it could be killed");
    assert_eq!(output(&mut campaign(&killed, &asked)).status.code(), Some(1));
    assert_eq!(state(&killed), state(&whole));
    assert_eq!(findings(&killed), findings(&whole));
    let state = state(&whole);
    assert_eq!((state.units(), state.findings.len()), (3, findings(&whole).len()));
    assert_eq!(state.scenarios as usize, suite().len());
    assert!(!state.findings.is_empty());
}

#[test]
fn every_finding_replays_and_is_one_of_its_kind() {
    let folder = folder("replays");
    output(&mut campaign(&folder, &["--units", "4", "--workers", "2"]));
    let mut keys = std::collections::BTreeSet::new();
    for finding in state(&folder).findings {
        assert!(keys.insert(finding.found.parted.key()), "{:?}", finding.found.parted);
        let file = folder.join(sesscheck::campaign::file_of(&finding.found));
        let again = output(Command::new(PROGRAM).args(["replay", "--subject", FAULTY]).arg(&file));
        assert_eq!(again.status.code(), Some(1), "{}", file.display());
        assert!(text(&again.stdout).contains(&format!("[{}]", finding.found.parted.clause)), "{}", file.display());
    }
    let report = output(Command::new(PROGRAM).args(["campaign", "report"]).arg(&folder));
    assert_eq!(report.status.code(), Some(1));
    assert!(text(&report.stdout).contains(&format!("{} findings, 0 not kept, 0 unstable", keys.len())));
}

#[test]
fn shards_are_parts_of_one_whole() {
    let (one, two, whole) = (folder("one"), folder("two"), folder("merged"));
    for (part, shard) in [(&one, "1/2"), (&two, "2/2")] {
        output(&mut campaign(part, &["--units", "4", "--workers", "1", "--shard", shard]));
    }
    let merge = |folders: &[&Path], into: &Path| {
        let mut command = Command::new(PROGRAM);
        output(command.args(["campaign", "merge"]).args(folders).arg("--into").arg(into))
    };
    assert_eq!(merge(&[&one, &two], &whole).status.code(), Some(1));
    let (a, b, ab) = (state(&one), state(&two), state(&whole));
    assert_ne!(a.all(), b.all(), "two shards do not run the same");
    assert_eq!(ab.all(), a.all().and(&b.all()));
    assert_eq!((ab.units(), ab.shards.len()), (8, 2));
    for finding in a.findings.iter().chain(&b.findings) {
        let kept = ab.findings.iter().find(|kept| kept.found.parted.key() == finding.found.parted.key());
        assert!(kept.expect("nothing is lost").found.steps.0 <= finding.found.steps.0);
    }
    assert_eq!(findings(&whole).len(), ab.findings.len());

    let twice = merge(&[&one, &one], &folder("twice"));
    assert_eq!(twice.status.code(), Some(2));
    assert!(text(&twice.stderr).contains("shard 1/2 is there twice"), "{}", text(&twice.stderr));
    let on = output(&mut campaign(&whole, &["--units", "9", "--shard", "1/2"]));
    assert_eq!(on.status.code(), Some(2));
    assert!(text(&on.stderr).contains("merged"), "{}", text(&on.stderr));
}

#[test]
fn a_folder_goes_on_with_its_own_campaign_only() {
    let folder = folder("own");
    output(&mut campaign(&folder, &["--units", "1", "--workers", "1"]));
    let before = state(&folder);
    for (more, why) in [
        (&["--seed", "2"][..], "its seed was 1, and is 2 now"),
        (&["--shard", "1/2"], "its shard was 1/1, and is 1/2 now"),
        (&["--profile", "manual"], "its profile was another one"),
    ] {
        let other = output(&mut campaign(&folder, &[&["--units", "2"], more].concat()));
        assert_eq!(other.status.code(), Some(2), "{more:?}");
        assert!(text(&other.stderr).contains(why), "{more:?}: {}", text(&other.stderr));
    }
    let json = folder.join("campaign.json");
    let written = fs::read_to_string(&json).expect("it is there");
    for (wrong, why) in [
        (written.replace("sesscheck-campaign-2", "sesscheck-campaign-1"), "its schema is sesscheck-campaign-1"),
        (written.replace("\"done\": 1", "\"done\": \"x\""), "done: invalid type"),
        (written[..written.len() / 2].to_owned(), "EOF while parsing"),
    ] {
        fs::write(&json, &wrong).expect("it is written");
        let other = output(&mut campaign(&folder, &["--units", "2"]));
        assert_eq!(other.status.code(), Some(2), "{why}");
        let stderr = text(&other.stderr);
        assert!(stderr.contains("campaign.json") && stderr.contains(why), "{stderr}");
        assert_eq!(fs::read_to_string(&json).expect("it is there"), wrong, "what cannot be read is left alone");
    }
    fs::write(&json, written).expect("it is written");
    assert_eq!(state(&folder), before);
}

#[test]
fn a_state_that_cannot_be_written_ends_the_campaign_and_leaves_the_old_one() {
    let folder = folder("unwritable");
    output(&mut campaign(&folder, &["--units", "1", "--workers", "1"]));
    let before = state(&folder);
    // No file may be longer than 1024 bytes, as on a disk that is full; to write more fails, and does not end a process.
    assert!(fs::metadata(folder.join("campaign.json")).expect("it is there").len() > 1024);
    let more = campaign(&folder, &["--units", "3", "--workers", "1"]);
    let mut full = Command::new("bash");
    full.args(["-c", r#"trap '' XFSZ; ulimit -f 1; exec "$0" "$@""#]).arg(more.get_program()).args(more.get_args());
    let out = output(&mut full);
    assert_eq!(out.status.code(), Some(2), "{}", text(&out.stdout));
    assert!(text(&out.stderr).contains("campaign.json"), "{}", text(&out.stderr));
    assert_eq!(state(&folder), before);
}

#[test]
fn a_finding_whose_file_is_gone_is_written_again() {
    let folder = folder("gone");
    let asked = ["--units", "1", "--workers", "1"];
    output(&mut campaign(&folder, &asked));
    let before = findings(&folder);
    let (first, _) = before.first().expect("the fault is found");
    fs::remove_file(folder.join("findings").join(first)).expect("it is there");
    output(&mut campaign(&folder, &asked));
    assert_eq!(findings(&folder), before);
}

/// The replay command of a finding as it was printed.
fn replayed(command: &str) -> Output {
    let words: Vec<&str> = command.split(' ').collect();
    let ["sesscheck", rest @ ..] = words.as_slice() else { panic!("{command}") };
    output(Command::new(PROGRAM).args(rest))
}

#[test]
fn each_kind_of_unit_finds_and_its_command_shows_it_again() {
    let folder = folder("kinds");
    // As many as there are lanes.
    output(&mut campaign(&folder, &["--units", "6", "--workers", "1"]));
    let ran = state(&folder);
    let lanes: Vec<&str> = ran.lanes.keys().map(String::as_str).collect();
    assert_eq!(lanes, ["direct", "handshakes", "mixed", "mutated", "scopes", "tickets"]);
    assert!(ran.lanes.values().all(|went| went.units == 1 && went.diverged > 0), "{:?}", ran.lanes);
    for finding in ran.findings {
        let again = replayed(&finding.found.replay);
        assert_eq!(again.status.code(), Some(1), "{}", finding.found.replay);
    }
    // Where another lane was first, these have no finding of their own.
    let (faults, files) = ([sesscheck::faults::by_name("flush.boundary").expect("a fault")], suite());
    let budget = Budget { seed: 0, seeds: 1, ops: 100_000, reductions: 100 };
    let engines = [Lane::Mutated, Lane::Scopes].map(Engine::Random);
    let power = measure(&faults, &engines, &files, budget, &|_| {}).expect("the fault is a subject");
    for hit in power.faults[0].hits.iter().flatten() {
        let hit = hit.as_ref().expect("it is found");
        assert_eq!(replayed(&hit.replay).status.code(), Some(1), "{}", hit.replay);
    }
}

fn suite() -> Vec<sesscheck::suite::File> {
    sesscheck::suite::embedded().expect("they are read")
}

#[test]
fn the_end_of_time_comes_among_the_scenarios_too() {
    let folder = folder("no-time");
    let out = output(&mut campaign(&folder, &["--for", "0s"]));
    assert_eq!(out.status.code(), Some(2), "{}", text(&out.stderr));
    assert_eq!((state(&folder).scenarios, state(&folder).units()), (0, 0));
    assert!(text(&out.stdout).contains("0 scenarios run"), "{}", text(&out.stdout));
}

#[test]
fn counts_that_cannot_be_are_refused_in_words() {
    let (edited, other) = (folder("edited"), folder("other"));
    for (part, shard) in [(&edited, "1/2"), (&other, "2/2")] {
        output(&mut campaign(part, &["--units", "1", "--workers", "1", "--shard", shard]));
    }
    let mut wrong = sesscheck::campaign::read(&edited).expect("there is a state");
    let told = sesscheck::report::NotRun { what: "a trace".to_owned(), why: "once".to_owned() };
    (wrong.unstable, wrong.unstable_times) = (vec![told], 0);
    fs::write(edited.join("campaign.json"), serde_json::to_string(&wrong).expect("JSON")).expect("it is written");
    let mut merge = Command::new(PROGRAM);
    let merged = output(merge.args(["campaign", "merge"]).args([&other, &edited]).arg("--into").arg(folder("into")));
    let on = output(&mut campaign(&edited, &["--units", "2", "--shard", "1/2"]));
    for refused in [merged, on] {
        assert_eq!(refused.status.code(), Some(2));
        let stderr = text(&refused.stderr);
        assert!(stderr.contains("1 that were unstable are told, and 0 are counted"), "{stderr}");
    }
}

#[test]
fn what_killed_processes_left_behind_is_removed_and_nothing_else() {
    if !Path::new("/proc/self/stat").exists() {
        eprintln!("not run: the system does not tell which processes there are");
        return;
    }
    let (folder, left) = (folder("sweeps"), folder("left"));
    fs::create_dir_all(&left).expect("it is made");
    // No process has a number that large.
    let of = |process: u32| left.join(format!("sesscheck-{process}-0.word"));
    let (gone, alive, held) = (of(u32::MAX), of(std::process::id()), of(u32::MAX - 1));
    for file in [&gone, &alive, &held, &left.join("sesscheck-notes.word")] {
        fs::write(file, [0; 8]).expect("it is written");
    }
    let holder = fs::File::open(&held).expect("it is there");
    holder.lock().expect("nobody has it");
    let mut command = campaign(&folder, &["--for", "0s"]);
    assert_eq!(output(command.env("TMPDIR", &left)).status.code(), Some(2));
    assert!(!gone.exists());
    assert!([alive, held, left.join("sesscheck-notes.word")].iter().all(|file| file.exists()));
}

#[test]
fn two_do_not_run_in_one_folder_and_no_worker_outlives_its_campaign() {
    if !Path::new("/proc/self/stat").exists() {
        eprintln!("not run: the system does not tell which processes there are");
        return;
    }
    let folder = folder("busy");
    // It hangs at its first flush, for longer than the test takes.
    let mut command = Command::new(PROGRAM);
    command.args(["campaign", "--subject", "faulty:hangs-at-flush", "--units", "1", "--workers", "1", "--dir"]);
    let mut child = command.arg(&folder).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    let started = child.id();
    assert!(until(&mut child, || folder.join("campaign.json").exists() && !children(started).is_empty()));
    let second = output(&mut campaign(&folder, &["--units", "1"]));
    assert_eq!(second.status.code(), Some(2));
    assert!(text(&second.stderr).contains("another campaign runs in it"), "{}", text(&second.stderr));
    let workers = children(started);
    // One that is not in its endless call yet would end by itself, when nobody asks it for more.
    let mut patience = Patience::with(workers[0]);
    let hangs = || {
        std::thread::park_timeout(Duration::from_millis(20));
        patience.look() == Look::Hung
    };
    assert!(until(&mut child, hangs));
    kill(child);
    let watch = Stopwatch::start();
    while workers.iter().any(|worker| lives(*worker)) {
        assert!(watch.elapsed() < PATIENCE, "a worker goes on without its parent");
        std::thread::yield_now();
    }
}

/// The processes whose parent this is, as the system tells.
fn children(parent: u32) -> Vec<u32> {
    let processes = fs::read_dir("/proc").expect("the system tells").filter_map(Result::ok);
    let numbers = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    numbers.filter(|process| field(*process, 1).is_some_and(|of| of == parent.to_string())).collect()
}

fn lives(process: u32) -> bool {
    field(process, 0).is_some_and(|state| state != "Z")
}

/// A field of `/proc/PID/stat` behind the name: 0 the state, 1 the parent.
fn field(process: u32, n: usize) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(n).map(ToOwned::to_owned)
}
