//! Scenarios that are run again when they are saved: the loop under changes that the test makes itself, and once the
//! command under those that the system tells of.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use sesscheck::author::watch;

struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn scratch(name: &str) -> Scratch {
    let folder = std::env::temp_dir().join(format!("sesscheck-watch-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("it can be made");
    Scratch(folder)
}

const GOOD: &str =
    "scenario: s\nclauses: []\nsessions: {a: {id: \"01\"}}\nsteps:\n  - add_session: a\n    members: [a]\n";

#[test]
fn a_run_follows_each_save_that_changes_something_and_names_what_changed() {
    let scratch = scratch("loop");
    let (one, other) = (scratch.0.join("a.yaml"), scratch.0.join("sub/b.yaml"));
    fs::write(&one, GOOD).expect("it is written");
    type Change<'c> = &'c dyn Fn();
    let changes: [Change<'_>; 7] = [
        &|| fs::write(&one, "half").expect("it is written"),
        // Saved without a change, and only read.
        &|| fs::write(&one, "half").expect("it is written"),
        &|| drop(fs::read(&one)),
        &|| fs::remove_file(&one).expect("it is there"),
        &|| {
            fs::create_dir(scratch.0.join("sub")).expect("it is made");
            fs::write(&other, GOOD).expect("it is written");
            fs::write(scratch.0.join("notes.txt"), "no scenario").expect("it is written");
        },
        &|| {
            fs::write(&one, GOOD).expect("it is written");
            fs::remove_dir_all(scratch.0.join("sub")).expect("it is there");
        },
        &|| fs::remove_dir_all(&scratch.0).expect("it is there"),
    ];
    let mut runs = Vec::new();
    let changed = changes.into_iter().map(|change| change());
    let ended = watch(std::slice::from_ref(&scratch.0), changed, |number, files| {
        runs.push((number, files.to_vec()));
        Ok(())
    });
    ended.expect("what cannot be read is no error");
    let both = vec![one.clone(), other.clone()];
    let all = vec![scratch.0.clone(), one.clone()];
    let one = || vec![one.clone()];
    assert_eq!(runs, [(1, one()), (2, one()), (3, one()), (4, vec![other.clone()]), (5, both), (6, all)]);
}

#[test]
fn a_named_file_that_goes_and_comes_is_followed() {
    let scratch = scratch("file");
    let file = scratch.0.join("a.yaml");
    fs::write(&file, GOOD).expect("it is written");
    let changes: [&dyn Fn(); 3] = [
        &|| fs::remove_file(&file).expect("it is there"),
        &|| fs::write(scratch.0.join("other.yaml"), GOOD).expect("it is written"),
        &|| {
            fs::write(scratch.0.join("new"), format!("{GOOD}# more\n")).expect("it is written");
            fs::rename(scratch.0.join("new"), &file).expect("it is put in its place");
        },
    ];
    let mut runs = Vec::new();
    watch(std::slice::from_ref(&file), changes.into_iter().map(|change| change()), |number, _| {
        runs.push((number, file.exists()));
        Ok(())
    })
    .expect("nothing fails");
    assert_eq!(runs, [(1, true), (2, false), (3, true)]);
}

/// Ends the command also when the test fails.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_command_tells_green_in_a_line_and_red_as_usual_and_goes_on() {
    let scratch = scratch("command");
    let file = scratch.0.join("a.yaml");
    fs::write(&file, GOOD).expect("it is written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_sesscheck"));
    command.args(["check", "--watch", "--scenarios", "a.yaml"]).current_dir(&scratch.0).env("CI", "true");
    let mut running = Running(command.stdout(Stdio::piped()).spawn().expect("it runs"));
    let mut lines = BufReader::new(running.0.stdout.take().expect("it is piped")).lines();
    let mut until = |part: &str| {
        let mut told = String::new();
        for line in &mut lines {
            let line = line.expect("it is text");
            told += &format!("{line}\n");
            if line.contains(part) {
                return told;
            }
        }
        panic!("it ended before `{part}`: {told}");
    };
    let green = "green: 1 scenarios, every claim borne out by the model; optimised as expected\n";
    assert_eq!(until("green"), format!("== run 1: a.yaml\n{green}"));
    fs::write(&file, GOOD.replace("[a]", "[]")).expect("it is written");
    let red = until("a.yaml:6:14");
    assert!(red.starts_with("== run 2: a.yaml\n"), "{red}");
    fs::write(&file, GOOD.replace("add_session", "add_sesion")).expect("it is written");
    let mistaken = until("did you mean");
    assert!(mistaken.contains("`add_sesion` is not known here"), "{mistaken}");
    fs::remove_file(&file).expect("it is there");
    until("a.yaml: No such file");
    fs::write(&file, GOOD).expect("it is written");
    assert!(until("green").ends_with(green));
    assert_eq!(running.0.try_wait().expect("it is ours"), None, "it waits for more");
}
