//! The two subjects that are shipped are caches: they conform, each under its profile, wherever they can be run.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use sesscheck::finding::Came;
use sesscheck::profiles;
use sesscheck::source::{Lane, Seed, trace_of};
use sesscheck::subjects::Spec;
use sesscheck::subjects::exec::{Walked, walk};
use sesscheck::suite;
use sesscheck::transcript::Ending;
use sesscheck::worker::{Care, Held, Recorded};

use super::{LONG, PROGRAM, python, sesscheck, shipped};

/// The subject in C, compiled; `None`: it cannot be made here, and why is told.
fn c() -> Option<String> {
    // Once: a program that runs cannot be written.
    static MADE: LazyLock<Option<String>> = LazyLock::new(compiled);
    MADE.clone()
}

fn compiled() -> Option<String> {
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("libssl-subject-{}", std::process::id()));
    let mut cc = Command::new("cc");
    cc.args(["-O1", "-Wall", "-Wextra", "-o"]).arg(&out).arg(shipped("c/libssl.c")).args(["-lssl", "-lcrypto"]);
    let Ok(made) = cc.stdin(Stdio::null()).output() else {
        eprintln!("not run: no C compiler");
        return None;
    };
    let said = String::from_utf8_lossy(&made.stderr);
    if !made.status.success() {
        assert!(!said.contains("libssl.c:") || said.contains("openssl/ssl.h"), "{said}");
        eprintln!("not run: no header of libssl, or no libssl");
        return None;
    }
    assert_eq!(said, "", "it compiles without a warning");
    Some(out.display().to_string())
}

#[track_caller]
fn green(command: &str) {
    let mut stages = 0;
    assert_eq!(walk(command, LONG, &mut |_, _| stages += 1), Walked::Green);
    assert_eq!(stages, 11);
}

#[test]
fn the_subject_in_c_is_short() {
    let text = std::fs::read_to_string(shipped("c/libssl.c")).expect("it is shipped");
    assert!(text.lines().count() <= 200, "{} lines", text.lines().count());
}

#[test]
fn the_cache_in_python_conforms_to_the_manual() {
    let Some(command) = python() else { return };
    green(&command);
    let subject = format!("exec:{command}");
    let (text, status) = sesscheck(&[
        "check",
        "--subject",
        &subject,
        "--lane",
        "direct:30",
        "--lane",
        "handshakes:30",
        "--lane",
        "mixed:30",
    ]);
    assert_eq!(status, Some(0), "{text}");
    let about = "cache.py 2.0 (with external, id_context, handshakes, client, renegotiation, servername)";
    assert!(text.contains(&format!(" conforms under profile manual   {about}")), "{text}");
    assert!(text.contains("random: 90 traces, "), "{text}");
    assert!(!text.contains(" 0 handshakes, "), "{text}");
    assert!(text.contains(": tickets are not in the protocol"), "what is not run is said: {text}");
    let (text, status) = sesscheck(&["subject-test", &subject]);
    assert_eq!(status, Some(0), "{text}");
    assert!(text.starts_with("1/11 The hello                    green   cache.py 2.0\n"), "{text}");
}

/// The same library behind two adapters: the one in C shows what the one of the harness shows, under the same profile.
#[test]
fn the_libssl_in_c_shows_what_the_same_libssl_shows() {
    let Some(command) = c() else { return };
    green(&command);
    let mut theirs = Held::start(PROGRAM.into(), Spec::Exec(command)).expect("it has walked");
    let mut ours = match Held::start(PROGRAM.into(), Spec::Libssl(None)) {
        Ok(ours) if theirs.about.contains(&ours.about) => ours,
        Ok(ours) => {
            eprintln!("not run: the compiler links {}, and the machine's is {}", theirs.about, ours.about);
            return;
        }
        Err(why) => {
            eprintln!("not run: {why}");
            return;
        }
    };
    let mut shown = 0;
    for file in suite::embedded().expect("the built-in scenarios are read") {
        let trace = &file.scenario.trace;
        if trace.setup.hazards {
            continue;
        }
        let Recorded::Shown(seen) = theirs.record(trace, Care::Glance).expect("the worker goes on") else {
            panic!("{}: it goes down", file.path)
        };
        if let Ending::Refused(_) = seen.ending {
            continue;
        }
        assert_eq!(Recorded::Shown(seen), ours.record(trace, Care::Glance).expect("it goes on"), "{}", file.path);
        shown += 1;
    }
    assert!(shown > 100, "{shown} scenarios");
}

#[test]
fn the_libssl_in_c_conforms_under_the_profile_of_its_release_and_not_to_the_manual() {
    let Some(command) = c() else { return };
    let held = Held::start(PROGRAM.into(), Spec::Exec(command.clone())).expect("it can be started");
    let profile = profiles::nearest(held.about.trim_start_matches("libssl.c, ")).expect("a libssl profile is shipped");
    let check = |profile: &str| {
        sesscheck(&[
            "check",
            "--subject",
            &format!("exec:{command}"),
            "--profile",
            profile,
            "--lane",
            "direct:60",
            "--most",
            "1",
        ])
    };
    let (text, status) = check("manual");
    assert_eq!(status, Some(1), "{text}");
    let known = profile.library.as_ref().is_some_and(|library| held.about.contains(&library.version));
    if !known {
        eprintln!("not run: no profile of {}", held.about);
        return;
    }
    let (text, status) = check(&profile.name);
    assert_eq!(status, Some(0), "{text}");
    assert!(text.contains(&format!(" conforms under profile {}", profile.name)), "{text}");
}

#[test]
fn a_long_trace_is_held_with_everything_shown_where_that_can_be_borne() {
    let Some(command) = python() else { return };
    let mut trace = trace_of(Seed(1), 3, Lane::Direct);
    assert!(trace.executed().count() > 4000);
    trace.shown = sesscheck::trace::Shown::Everything;
    let mut held = Held::start(PROGRAM.into(), Spec::Exec(command)).expect("it can be started");
    let profile = held.profile.clone();
    assert_eq!(held.check(&trace, &profile).expect("the worker lives"), Came::Conforms);
}
