//! Our cache and its peers on the same workloads: prints the table of ratios, and writes it with plots as a page.
//!
//! The question: what a server gains with `session-cache` over what its author would reach for. `cargo bench -p
//! session-cache-peers -- --help` says what can be asked for.

use std::io::Write as _;
use std::path::PathBuf;

use session_cache_peers::peers;
use session_cache_peers::rounds::{ALONE, Plan, alone};
use session_cache_peers::workloads::{ALL, Scale};
use session_cache_peers::{page, table};

const HELP: &str = "\
Our cache and its peers on the same workloads, side by side.

  --quick            caches of 100,000 for those of a million, 3 rounds, short runs
  --rounds N         how many rounds (5)
  --workload WORDS   only workloads whose names have these words; may be repeated
  --subject NAME     only subjects whose names have this in them, and ours; may be repeated
  --list             the workloads and the subjects
";

#[derive(Default)]
struct Asked {
    quick: bool,
    list: bool,
    help: bool,
    rounds: Option<usize>,
    workloads: Vec<String>,
    subjects: Vec<String>,
}

fn asked(arguments: impl Iterator<Item = String>) -> Result<Asked, String> {
    let (mut asked, mut arguments) = (Asked::default(), arguments);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| format!("{argument}: a value is missing"));
        match argument.as_str() {
            "--quick" => asked.quick = true,
            "--list" => asked.list = true,
            "--help" => asked.help = true,
            "--rounds" => {
                let rounds = value()?.parse().ok().filter(|n| *n > 0);
                asked.rounds = Some(rounds.ok_or("--rounds: a number from 1 on")?);
            }
            "--workload" => asked.workloads.push(value()?),
            "--subject" => asked.subjects.push(value()?),
            // What cargo adds.
            "--bench" => {}
            other => return Err(format!("{other}: not known; see --help")),
        }
    }
    Ok(asked)
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut out = std::io::stdout();
    if let [first, subject, workload, large] = &arguments[..]
        && first == ALONE
    {
        let figure = alone(subject, workload, large).unwrap_or(f64::NAN);
        let _ = writeln!(out, "{figure}");
        return;
    }
    if let Err(why) = asked(arguments.into_iter()).and_then(run) {
        eprintln!("{why}");
        std::process::exit(2);
    }
}

fn run(asked: Asked) -> Result<(), String> {
    let (subjects, note) = peers::here();
    let named = |name: &str, words: &[String]| words.is_empty() || words.iter().any(|word| name.contains(word));
    let ours = |name: &str| name == peers::OURS.name;
    let plan = Plan {
        subjects: subjects.into_iter().filter(|s| ours(s.name) || named(s.name, &asked.subjects)).collect(),
        workloads: ALL.iter().copied().filter(|(name, _)| named(name, &asked.workloads)).collect(),
        rounds: asked.rounds.unwrap_or(if asked.quick { 3 } else { 5 }),
        scale: if asked.quick { Scale::QUICK } else { Scale::FULL },
    };
    let mut out = std::io::stdout();
    let mut say = |line: &str| writeln!(out, "{line}").map_err(|error| error.to_string());
    if asked.help {
        return say(HELP);
    }
    if asked.list {
        plan.workloads.iter().try_for_each(|(name, _)| say(name))?;
        return plan.subjects.iter().try_for_each(|subject| say(subject.name));
    }
    if plan.workloads.is_empty() {
        return Err("no workload has such a name; see --list".to_owned());
    }
    say(&note)?;
    say(&table::head(&plan.subjects))?;
    let mut lines = Vec::new();
    for workload in &plan.workloads {
        let line = plan.run(*workload);
        say(&table::line(&line))?;
        lines.push(line);
    }
    say(&table::legend())?;
    let path = target().join("session-caches.html");
    std::fs::write(&path, page::page(&plan.subjects, &lines, &note))
        .map_err(|error| format!("{}: {error}", path.display()))?;
    say(&format!("with plots: {}", path.display()))
}

/// The target directory: this program is in `deps` of its profile's.
fn target() -> PathBuf {
    let program = std::env::current_exe().unwrap_or_default();
    let deps = program.ancestors().nth(1).filter(|folder| folder.ends_with("deps"));
    deps.and_then(|deps| deps.ancestors().nth(2)).map_or_else(|| PathBuf::from("."), PathBuf::from)
}
