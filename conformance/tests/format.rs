//! The layout of scenario files: what is shipped has it, what has not gets it, and nothing else changes.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use sesscheck::scenario::{Unformatted, format, parse_each, rewrite};
use sesscheck::suite::{files_of, vocabulary};

fn shipped() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios");
    let files = files_of(&[folder]).expect("the folder can be read");
    assert!(files.len() >= 700, "{}", files.len());
    files
        .into_iter()
        .map(|path| (path.display().to_string(), fs::read_to_string(&path).expect("a scenario is text")))
        .collect()
}

fn laid_out(file: &str, text: &str) -> String {
    format(file, text, &vocabulary()).unwrap_or_else(|why| panic!("{why:?}\n{text}"))
}

/// What a file says, places apart.
fn meaning(file: &str, text: &str) -> Vec<(String, String)> {
    let scenarios = parse_each(file, text, &vocabulary()).unwrap_or_else(|mistakes| panic!("{mistakes:?}\n{text}"));
    scenarios.iter().map(|scenario| (scenario.with.clone(), rewrite(scenario))).collect()
}

#[test]
fn every_shipped_scenario_is_laid_out() {
    let vocabulary = vocabulary();
    for (file, text) in shipped() {
        assert_eq!(format(&file, &text, &vocabulary), Ok(text), "`sesscheck fmt scenarios` lays it out");
    }
}

/// The text with other indentation, spaces inside brackets and around colons, empty lines, and a comment on each line.
fn disfigured(text: &str) -> String {
    let mut out = String::new();
    for (n, line) in text.lines().enumerate() {
        let indent = line.len() - line.trim_start().len();
        // Quotes may have anything in them.
        let loose = |part: &str| part.replace(", ", " ,   ").replace('[', "[ ").replace(": ", ":   ");
        let line = match line.contains(['"', '\'', '{', '#']) || !line.contains('[') {
            true => line.trim_start().to_owned(),
            false => loose(line.trim_start()),
        };
        // What follows a dash is indented twice as far too.
        let line = line.strip_prefix("- ").map_or(line.clone(), |item| format!("-   {item}"));
        out += &format!("{}{line}   # of line {n}\n{}", " ".repeat(indent * 2), "\n".repeat(n % 3));
    }
    out
}

#[test]
fn a_file_that_is_laid_out_means_the_same_keeps_each_comment_and_stays_so() {
    for (file, text) in shipped() {
        let before = disfigured(&text);
        let after = laid_out(&file, &before);
        assert_eq!(meaning(&file, &after), meaning(&file, &before), "{file}");
        for n in 0..text.lines().count() {
            let comment = format!("# of line {n}");
            let lines = |text: &str| text.lines().filter(|line| line.ends_with(&comment)).count();
            assert_eq!((lines(&before), lines(&after)), (1, 1), "{file}: {comment}\n{after}");
        }
        assert_eq!(laid_out(&file, &after), after, "{file}");
        let bare = laid_out(&file, &before.replace('\n', "\r\n"));
        assert_eq!(bare, after.replace('\n', "\r\n"), "{file}: line ends are kept");
    }
}

#[test]
fn a_text_with_mistakes_is_told_with_their_places() {
    let wrong = "scenario: s\nclauses: []\nsteps:\n  -   add_sesion: a\n";
    let Err(Unformatted::Mistakes(mistakes)) = format("t.yaml", wrong, &vocabulary()) else {
        panic!("it has a mistake");
    };
    let told: Vec<_> = mistakes.iter().map(ToString::to_string).collect();
    assert_eq!(told, ["t.yaml:4:7: `add_sesion` is not known here; did you mean `add_session`?"]);
}

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("sesscheck-format-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("it can be made");
    folder
}

fn fmt(arguments: &[&str], folder: &Path, input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sesscheck"));
    command.arg("fmt").args(arguments).current_dir(folder);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    child.stdin.take().expect("it is piped").write_all(input.as_bytes()).expect("it is read");
    child.wait_with_output().expect("it ends")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("the output is text")
}

const LOOSE: &str = "scenario:   s # why\nclauses: [ ]\nsteps:\n- probe: ~\n";
const LAID_OUT: &str = "scenario: s # why\nclauses: []\nsteps:\n  - probe: ~\n";

#[test]
fn check_names_what_would_change_and_changes_nothing() {
    let folder = folder("check");
    fs::write(folder.join("loose.yaml"), LOOSE).expect("it is written");
    fs::write(folder.join("good.yaml"), LAID_OUT).expect("it is written");
    let out = fmt(&["--check", "."], &folder, "");
    assert_eq!(out.status.code(), Some(1));
    assert_eq!(text(&out.stdout), "./loose.yaml would change\n2 files, 1 would change\n");
    assert_eq!(fs::read_to_string(folder.join("loose.yaml")).expect("it is there"), LOOSE);
    assert_eq!(fmt(&["."], &folder, "").status.code(), Some(0));
    assert_eq!(fs::read_to_string(folder.join("loose.yaml")).expect("it is there"), LAID_OUT);
    assert_eq!(fs::read_dir(&folder).expect("it is there").count(), 2, "nothing is left beside them");
    assert_eq!(fmt(&["--check", "."], &folder, "").status.code(), Some(0));
}

#[test]
fn a_file_with_mistakes_is_left_and_the_others_are_laid_out() {
    let folder = folder("mistakes");
    let wrong = LOOSE.replace("probe", "prove");
    fs::write(folder.join("a.yaml"), &wrong).expect("it is written");
    fs::write(folder.join("b.yaml"), LOOSE).expect("it is written");
    let out = fmt(&["a.yaml", "b.yaml"], &folder, "");
    assert_eq!(out.status.code(), Some(2));
    assert!(text(&out.stderr).contains("a.yaml:4:3"), "{}", text(&out.stderr));
    assert_eq!(fs::read_to_string(folder.join("a.yaml")).expect("it is there"), wrong);
    assert_eq!(fs::read_to_string(folder.join("b.yaml")).expect("it is there"), LAID_OUT);
}

#[test]
fn standard_input_is_laid_out_on_standard_output() {
    let folder = folder("input");
    let out = fmt(&["-"], &folder, LOOSE);
    assert_eq!((out.status.code(), text(&out.stdout)), (Some(0), LAID_OUT));
    let out = fmt(&["--check", "-"], &folder, LOOSE);
    assert_eq!((out.status.code(), text(&out.stdout)), (Some(1), "- would change\n"));
}
