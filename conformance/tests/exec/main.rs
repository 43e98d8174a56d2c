//! Any program as a subject: those that break the protocol, those that are shipped, and the page of the protocol.

mod hostile;
mod page;
mod shipped;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use sesscheck::trace::Trace;
use sesscheck::worker::trace_of_text;

const PROGRAM: &str = env!("CARGO_BIN_EXE_sesscheck");

/// Far more than anything here takes.
const LONG: Duration = Duration::from_secs(20);

/// A session is added. On the wire, with the last phase, that is eight steps.
fn one_add() -> Trace {
    trace("  - add_session: a\n")
}

/// These steps with a session `a`.
fn trace(steps: &str) -> Trace {
    let text = format!("scenario: a trace\nclauses: [add.adds]\nsessions: {{a: {{id: \"01\"}}}}\nsteps:\n{steps}");
    trace_of_text(&text).expect("it is a scenario")
}

fn shipped(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("subjects").join(file)
}

/// The command of the subject in Python; `None`: there is no Python here, and it is said.
fn python() -> Option<String> {
    let found = Command::new("python3").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !found.is_ok_and(|status| status.success()) {
        eprintln!("not run: no python3");
        return None;
    }
    Some(format!("python3 {}", shipped("python/cache.py").display()))
}

/// What the command line printed, and its exit status.
fn sesscheck(arguments: &[&str]) -> (String, Option<i32>) {
    let output = Command::new(PROGRAM).args(arguments).stderr(Stdio::null()).output().expect("it can be started");
    (String::from_utf8(output.stdout).expect("it prints text"), output.status.code())
}
