//! The scenarios claim nothing, claim the wrong, or are not there.

use std::path::Path;
use std::process::Command;

use sesscheck::scenario;
use sesscheck::suite::{File, SuiteError, of_paths, vocabulary};
use sesscheck::trace::Shown;
use session_model::Clause;
use session_model::clause::{ADD_RETURNS, FLUSH_BOUNDARY, Kind};

use crate::Sabotage;
use crate::honest::FILES;

pub(crate) const ALL: &[Sabotage] = &[
    ("its expectations are removed", expectations_removed),
    ("an expectation claims the contrary", contrary),
    ("an expectation is on the wrong step", wrong_step),
    ("it lists a clause that it has nothing to do with", another_clause),
    ("it lists a clause that there is not", unknown_clause),
    ("its expectations have a word that means nothing", unknown_word),
    ("the folder is empty", empty_folder),
    ("one of the folder cannot be read", one_with_a_mistake),
    ("a rule of the registry is in nobody's code", rule_without_code),
    ("a rule has no scenario that bites for it", rule_without_scenario),
];

const PROGRAM: &str = env!("CARGO_BIN_EXE_sesscheck");

fn text() -> String {
    FILES
        .iter()
        .find(|file| file.path.ends_with("flush_sessions/last-second.yaml"))
        .expect("it is built in")
        .text
        .clone()
}

fn read(text: &str) -> Result<File, String> {
    let mut scenario = scenario::parse("sabotage.yaml", text, &vocabulary()).map_err(|all| all[0].to_string())?;
    scenario.trace.shown = Shown::Everything;
    let (path, text) = ("sabotage.yaml".to_owned(), text.to_owned());
    Ok(File { path, whole: text.clone(), text, built_in: false, scenario })
}

/// The scenario with this altered, which is there to be altered.
fn altered(from: &str, to: &str) -> Result<File, String> {
    assert!(text().contains(from), "{from}");
    read(&text().replace(from, to))
}

fn unmet(file: &File) -> usize {
    file.claims_about().map(|profile| file.unmet(profile).len()).sum()
}

/// The control of all: as it is, it holds, and it bites for what it lists.
fn whole() -> File {
    let whole = read(&text()).expect("it is read");
    assert!(whole.bites(FLUSH_BOUNDARY));
    assert_eq!(unmet(&whole), 0);
    whole
}

fn expectations_removed() {
    let kept =
        text().lines().filter(|line| !line.contains("members:")).map(|line| format!("{line}\n")).collect::<String>();
    let without = read(&kept).expect("it is read");
    assert_eq!(without.scenario.trace, whole().scenario.trace, "it runs the same");
    assert!(!without.bites(FLUSH_BOUNDARY), "it claims nothing and bites");
}

fn contrary() {
    whole();
    assert_ne!(unmet(&altered("members: []", "members: [a]").expect("it is read")), 0);
}

fn wrong_step() {
    whole();
    assert_ne!(unmet(&altered("flush_sessions: 1300", "flush_sessions: 1301").expect("it is read")), 0);
}

fn another_clause() {
    let other = altered("flush.boundary", "add.returns").expect("it is read");
    assert!(!other.bites(ADD_RETURNS), "it claims nothing of what an add returns");
    assert!(whole().bites(FLUSH_BOUNDARY));
}

fn unknown_clause() {
    whole();
    let told = altered("flush.boundary", "flush.bounday").expect_err("there is no such clause");
    assert!(told.contains("flush.boundary"), "{told}");
}

fn unknown_word() {
    whole();
    let told = altered("members:", "membres:").expect_err("there is no such word");
    assert!(told.contains("membres"), "{told}");
}

/// The command on a folder with these files: exit status, and what it says.
fn checked(name: &str, files: &[(&str, &str)]) -> (Option<i32>, String) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sabotage").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("it can be made");
    for (name, text) in files {
        std::fs::write(folder.join(name), text).expect("it can be written");
    }
    assert_eq!(matches!(of_paths(std::slice::from_ref(&folder)), Err(SuiteError::Empty(_))), files.is_empty());
    let mut command = Command::new(PROGRAM);
    let out = command.args(["check", "--lane", "direct:1", "--scenarios"]).arg(folder).env("CI", "true").output();
    let out = out.expect("the command runs");
    (out.status.code(), String::from_utf8([out.stdout, out.stderr].concat()).expect("it prints text"))
}

fn empty_folder() {
    let (status, told) = checked("empty", &[]);
    assert!(status == Some(2) && told.contains("no scenario there"), "{told}");
    assert_eq!(checked("not empty", &[("a.yaml", &text())]).0, Some(0));
}

fn one_with_a_mistake() {
    let wrong = text().replace("add_session", "add_sesion");
    let (status, told) = checked("mistake", &[("a.yaml", &text()), ("b.yaml", &wrong)]);
    assert!(status == Some(2) && told.contains("b.yaml"), "{told}");
    let contrary = text().replace("members: []", "members: [a]");
    assert_eq!(checked("contrary", &[("a.yaml", &text()), ("b.yaml", &contrary)]).0, Some(1));
    assert_eq!(checked("sound", &[("a.yaml", &text()), ("b.yaml", &text())]).0, Some(0));
}

/// Rules for which none of these scenarios bites.
fn idle(rules: impl IntoIterator<Item = Clause>, files: &[File]) -> Vec<&'static str> {
    let lists = |file: &&File, clause: Clause| file.scenario.clauses.iter().any(|id| id.value == clause.id());
    let bites = |clause: Clause| files.iter().filter(|file| lists(file, clause)).any(|file| file.bites(clause));
    rules.into_iter().filter(|clause| !bites(*clause)).map(Clause::id).collect()
}

/// Clauses that scenarios list and the model goes by in neither way: rules that were entered and never written would
/// be like them.
const NOBODYS: [&str; 3] = ["session.no-session-after-free", "switch.cache", "ticket.not-cached"];

fn rule_without_code() {
    let clauses = |ids: [&str; 3]| ids.map(|id| Clause::by_id(id).expect("a clause"));
    assert!(NOBODYS.iter().all(|id| sesscheck::faults::inert().contains(id)));
    assert_eq!(idle(clauses(NOBODYS), &FILES), NOBODYS, "no scenario bites for what nobody wrote");
    assert_eq!(idle(clauses(["flush.boundary", "add.returns", "add.up-ref"]), &FILES), Vec::<&str>::new());
}

fn rule_without_scenario() {
    assert_eq!(FLUSH_BOUNDARY.entry().kind, Kind::Rule);
    assert_eq!(idle([FLUSH_BOUNDARY], &FILES), Vec::<&str>::new());
    let lists = |file: &&File| file.scenario.clauses.iter().any(|id| id.value == FLUSH_BOUNDARY.id());
    let without: Vec<File> = FILES.iter().filter(|file| !lists(file)).cloned().collect();
    assert_eq!(idle([FLUSH_BOUNDARY], &without), [FLUSH_BOUNDARY.id()]);
}
