//! Our cache and its peers on the same workloads: prints the table of ratios and what belongs together, and writes all
//! of it with plots as a page.
//!
//! The question: what a server gains with `session-cache` over what its author would reach for. `cargo bench -p
//! session-cache-peers -- --help` says what can be asked for.

use std::io::Write as _;
use std::path::PathBuf;

use session_cache_peers::rounds::{ALONE, Line, Plan, alone};
use session_cache_peers::series::{self, Says, Series};
use session_cache_peers::workloads::{self, Scale, growth};
use session_cache_peers::{markdown, page, peers, table};

const HELP: &str = "\
Our cache and its peers on the same workloads, side by side.

  --quick            caches of 100,000 for those of a million, 3 rounds of short runs
  --rounds N         how many rounds (5)
  --workload WORDS   only workloads whose names have these words; may be repeated
  --subject NAME     only subjects whose names have this in them, and ours; may be repeated
  --growth           only the growth series: each op in caches of 1,000 to a million
  --markdown         only what README.md shows, as its table at the end
  --list             the workloads and the subjects
";

#[derive(Default)]
struct Asked {
    quick: bool,
    list: bool,
    help: bool,
    growth: bool,
    markdown: bool,
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
            "--growth" => asked.growth = true,
            "--markdown" => asked.markdown = true,
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

impl Asked {
    fn is(name: &str, words: &[String]) -> bool {
        words.is_empty() || words.iter().any(|word| name.contains(word))
    }

    fn workloads(&self) -> Vec<workloads::Named> {
        let shown = |name: &str| !self.markdown || markdown::ROWS.contains(&name);
        let wanted = |(name, _): &workloads::Named| !self.growth && shown(name) && Self::is(name, &self.workloads);
        workloads::ALL.iter().copied().filter(wanted).collect()
    }

    fn growth(&self) -> Vec<growth::Op> {
        let wanted = |(name, _): &growth::Op| !self.markdown && Self::is(name, &self.workloads);
        growth::ALL.iter().copied().filter(wanted).collect()
    }

    fn plan(&self) -> (Plan, String) {
        let (mut subjects, mut note) = peers::here();
        let shown = |name: &str| !self.markdown || markdown::COLUMNS.contains(&name);
        let ours = peers::OURS.name;
        subjects.retain(|s| s.name == ours || shown(s.name) && Self::is(s.name, &self.subjects));
        let rounds = self.rounds.unwrap_or(if self.quick { 3 } else { 5 });
        let scale = if self.quick { Scale::QUICK } else { Scale::FULL };
        if self.quick {
            note.push_str("\nA look: caches of 100,000 stand for those of a million.");
        }
        (Plan { subjects, rounds, scale }, note)
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut out = std::io::stdout();
    if let [first, subject, workload, size] = &arguments[..]
        && first == ALONE
    {
        let [figure, hits] = alone(subject, workload, size).unwrap_or([f64::NAN; 2]);
        let _ = writeln!(out, "{figure} {hits}");
        return;
    }
    if let Err(why) = asked(arguments.into_iter()).and_then(|asked| run(&asked)) {
        eprintln!("{why}");
        std::process::exit(2);
    }
}

fn run(asked: &Asked) -> Result<(), String> {
    let mut out = std::io::stdout();
    let mut say = |line: &str| writeln!(out, "{line}").map_err(|error| error.to_string());
    if asked.help {
        return say(HELP);
    }
    let ((plan, note), workloads, ops) = (asked.plan(), asked.workloads(), asked.growth());
    if asked.list {
        let names = workloads.iter().map(|(name, _)| name).chain(ops.iter().map(|(name, _)| name));
        return names.chain(plan.subjects.iter().map(|subject| &subject.name)).try_for_each(|name| say(name));
    }
    if workloads.is_empty() && ops.is_empty() {
        return Err("no workload has such a name; see --list".to_owned());
    }
    say(&note)?;
    let mut lines = Vec::new();
    if !workloads.is_empty() {
        say(&table::head(&plan.subjects))?;
    }
    for group in workloads.chunk_by(|(one, _), (other, _)| series::belong_together(one, other)) {
        let group: Vec<_> = group.iter().map(|(name, make)| (*name, make(plan.scale))).collect();
        for line in plan.run(&group) {
            say(&table::line(&line))?;
            lines.push(line);
        }
    }
    if !lines.is_empty() {
        say(&table::legend())?;
    }
    for drawn in series::ALL {
        if let Some(series) = drawn.series(&lines) {
            say(&table::series(&series, &plan.subjects))?;
        }
    }
    if asked.markdown {
        say(&markdown::table(&plan.subjects, &lines))?;
        return say(&markdown::below(plan.rounds, &note));
    }
    let mut grown = Vec::new();
    for op in ops {
        let points = points(&plan, op);
        say(&table::series(&series_of(op, &points), &plan.subjects))?;
        grown.push((op, points));
    }
    let growth: Vec<Series<'_>> = grown.iter().map(|(op, points)| series_of(*op, points)).collect();
    let path = target().join("session-caches.html");
    std::fs::write(&path, page::page(&plan.subjects, &lines, &growth, &note))
        .map_err(|error| format!("{}: {error}", path.display()))?;
    say(&format!("with plots: {}", path.display()))
}

/// An op in caches of each size.
fn points(plan: &Plan, (name, make): growth::Op) -> Vec<(&'static str, Line)> {
    let sizes: Vec<_> = growth::SIZES.into_iter().filter(|(size, _)| *size <= plan.scale.large).collect();
    let workloads: Vec<_> = sizes.iter().map(|(size, _)| (name, make(plan.scale, *size))).collect();
    sizes.iter().map(|(_, caption)| *caption).zip(plan.run(&workloads)).collect()
}

fn series_of<'a>((name, _): growth::Op, points: &'a [(&'static str, Line)]) -> Series<'a> {
    let points = points.iter().map(|(caption, line)| (*caption, line)).collect();
    Series { name, points, says: Says::Growth }
}

/// The target directory: this program is in `deps` of its profile's.
fn target() -> PathBuf {
    let program = std::env::current_exe().unwrap_or_default();
    let deps = program.ancestors().nth(1).filter(|folder| folder.ends_with("deps"));
    deps.and_then(|deps| deps.ancestors().nth(2)).map_or_else(|| PathBuf::from("."), PathBuf::from)
}
