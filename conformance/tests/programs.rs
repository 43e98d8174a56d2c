//! C programs: each departs on the machine's libssl exactly where a replay under the same profile does, and compiles
//! without a warning. Where there is no C compiler, no header of libssl or no libssl, the tests say so and claim
//! nothing.
//!
//! A sample is run here. `SESSCHECK_PROGRAMS=all cargo test --release --test programs -- --nocapture` runs every
//! built-in scenario, and prints how many have a program and how many agree.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sesscheck::convert::c::{About, program};
use sesscheck::finding::Came;
use sesscheck::profiles::{self, Named};
use sesscheck::subjects::Spec;
use sesscheck::subjects::libssl::locate;
use sesscheck::suite::{self, File};
use sesscheck::worker::Held;

/// Whatever a program can have is in one of these.
const SAMPLE: [&str; 20] = [
    "add_session/add-remove-add.yaml",
    "add_session/identical-add-keeps-its-place-among-equals.yaml",
    "flush_sessions/last-second.yaml",
    "flush_sessions/zero-removes-nothing.yaml",
    "sess_set_cache_size/holds-as-many-as-its-size.yaml",
    "ctx_free/calls-the-remove-callback.yaml",
    "session_get_time/get-and-set-time.yaml",
    "set_session_id_context/too-long-is-refused.yaml",
    "set_session_id_context/own-context-decides.yaml",
    "sess_set_get_cb/copy-zero.yaml",
    "sess_set_get_cb/new-callback-feeds-the-external-cache.yaml",
    "set_session_cache_mode/auto-flush-in-connection-255.yaml",
    "set_session_cache_mode/update-time-on-resume.yaml",
    "set_session/the-set-session-is-offered.yaml",
    "get_session/abort-keeps-the-resumed-session.yaml",
    "key_update/an-abbreviated-renegotiation-resumes.yaml",
    "set_options/a-stateless-ticket-is-resumed-in-tls12.yaml",
    "set_options/a-stateful-ticket-of-a-session-added-by-hand.yaml",
    "set_num_tickets/as-many-sessions-as-set.yaml",
    "set_tlsext_servername_callback/the-callbacks-of-the-other.yaml",
];

/// A folder for one run, and the C compiler in it.
struct Bench(PathBuf);

impl Bench {
    /// `None`: programs cannot be run here; why is told.
    fn here(name: &str) -> Option<Self> {
        if locate().is_none() {
            eprintln!("not run: no libssl found");
            return None;
        }
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::create_dir_all(&folder).expect("the folder can be made");
        let bench = Self(folder);
        let least = "#include <openssl/ssl.h>\nint main(void)\n{\n    return SSL_CTX_new(TLS_method()) == NULL;\n}\n";
        if bench.compile("least", least).is_err() {
            eprintln!("not run: no C compiler, or no header of libssl");
            return None;
        }
        Some(bench)
    }

    fn compile(&self, name: &str, text: &str) -> Result<PathBuf, String> {
        let (source, out) = (self.0.join(name).with_extension("c"), self.0.join(name));
        std::fs::write(&source, text).expect("the folder can be written");
        let mut cc = Command::new("cc");
        cc.args(["-Wall", "-Wextra", "-Werror", "-o"]).arg(&out).arg(&source).args(["-lssl", "-lcrypto"]);
        let said = cc.output().map_err(|error| error.to_string())?;
        if said.status.success() { Ok(out) } else { Err(String::from_utf8_lossy(&said.stderr).into_owned()) }
    }

    /// How a program ends, and what it prints.
    fn run(&self, name: &str, text: &str) -> (Option<i32>, String) {
        let file = self.compile(name, text).unwrap_or_else(|why| panic!("{name}: {why}"));
        let said = Command::new(file).stdin(Stdio::null()).output().expect("it can be started");
        (said.status.code(), String::from_utf8_lossy(&said.stdout).into_owned())
    }
}

fn profile(name: &str) -> Named {
    profiles::by_name(name).expect("it is shipped")
}

fn program_of(file: &File, profile: &Named) -> Result<String, String> {
    let clauses = file.scenario.clauses.iter().map(|clause| clause.value.clone()).collect();
    program(&file.scenario.trace, &About { title: file.scenario.title.clone(), clauses }, profile)
}

/// How many there were of each kind.
#[derive(Debug, Default)]
struct Counts {
    agree: usize,
    depart: usize,
    undecided: usize,
    without: Vec<String>,
    otherwise: Vec<String>,
}

impl Counts {
    /// Prints them. None may do otherwise.
    fn tell(&self, scenarios: usize) {
        let Self { agree, depart, undecided, without, otherwise } = self;
        eprintln!(
            "{scenarios} scenarios, {} without a program; {agree} agree, {depart} of them depart; {undecided} undecided",
            without.len()
        );
        without.iter().for_each(|why| eprintln!("{why}"));
        assert!(otherwise.is_empty(), "{} do otherwise:\n{}", otherwise.len(), otherwise.join("\n"));
    }
}

/// The sample, or all.
fn files() -> Vec<File> {
    let mut files = suite::embedded().expect("the built-in scenarios are read");
    if std::env::var("SESSCHECK_PROGRAMS").is_err() {
        files.retain(|file| SAMPLE.iter().any(|path| file.path.ends_with(path)));
        assert_eq!(files.len(), SAMPLE.len(), "some are gone");
    }
    files
}

/// Holds the programs of scenarios to what a replay says.
fn compare(bench: &Bench, files: &[File], profile: &Named) -> Counts {
    let mut held = Held::start(env!("CARGO_BIN_EXE_sesscheck").into(), Spec::Libssl(None)).expect("a libssl is here");
    let mut counts = Counts::default();
    for file in files {
        let text = match program_of(file, profile) {
            Ok(text) => text,
            Err(why) => {
                counts.without.push(format!("{}: {why}", file.path));
                continue;
            }
        };
        let name = file.path.replace(['/', '.'], "-");
        let (status, said) = bench.run(&name, &text);
        let last = said.lines().last().unwrap_or_default();
        let came = held.check(&file.scenario.trace, profile).expect("the worker goes on");
        let (agrees, departs) = match (&came, status) {
            (Came::Conforms, Some(0)) => (true, false),
            (Came::Diverges(parted), Some(1)) => {
                // What a replay shows with the first step, a program shows before it.
                let place = last.replace(" departs at the set-up (", " departs at step 1 (");
                (place.contains(&format!(" departs at {} (", parted.place)), true)
            }
            (_, Some(2)) if last.contains(": undecided at ") => {
                counts.undecided += 1;
                continue;
            }
            _ => (false, false),
        };
        counts.depart += usize::from(agrees && departs);
        counts.agree += usize::from(agrees);
        if !agrees {
            counts.otherwise.push(format!("{}: {came:?}\n  {status:?}: {last}", file.path));
        }
    }
    counts
}

#[test]
fn a_program_departs_where_a_replay_does_and_nowhere_else() {
    let Some(bench) = Bench::here("programs") else { return };
    let files = files();
    let counts = compare(&bench, &files, &profile("manual"));
    counts.tell(files.len());
    assert!(counts.depart > 3 && counts.agree > counts.depart + 3, "both ways: {counts:?}");
}

#[test]
fn a_program_of_the_librarys_own_profile_departs_nowhere() {
    let Some(bench) = Bench::here("programs-own") else { return };
    let held = Held::start(env!("CARGO_BIN_EXE_sesscheck").into(), Spec::Libssl(None)).expect("a libssl is here");
    if let Some(other) = held.profile.library.as_ref().and_then(|library| library.differs(&held.about, None)) {
        eprintln!("not run: profile {} was {other}", held.profile.name);
        return;
    }
    let files = files();
    let counts = compare(&bench, &files, &held.profile);
    counts.tell(files.len());
    assert!(counts.agree > 15 && counts.depart == 0, "{counts:?}");
}
