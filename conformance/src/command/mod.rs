//! The command line: `sesscheck` alone does the main job.
//!
//! Exit status 0: conforms; 1: diverges; 2: could not run. Output goes to standard output, progress and errors to
//! standard error.

mod apart;
mod arguments;
mod atlas;
mod bless;
mod calibrate;
mod campaign;
mod check;
mod clauses;
mod convert;
mod diagnose;
mod drills;
mod exhaust;
mod explain;
mod explore;
mod fmt;
mod libssl;
mod lint;
mod new;
mod noted;
mod power;
mod replay;
mod simulate;
mod subject;
mod subject_test;
mod telling;
mod threads;
mod watch;
mod word;

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use arguments::{Arguments, Verb};

use crate::suite::SuiteError;

/// Something that kept the command from running: in words, for standard error.
#[derive(Debug)]
pub struct CouldNotRun(pub String);

impl<E: std::error::Error> From<E> for CouldNotRun {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

/// Files that cannot be run: each mistake with its line, in colour on a terminal.
fn unreadable(why: SuiteError) -> CouldNotRun {
    let SuiteError::Mistakes(mistakes) = why else { return why.into() };
    let colour = std::io::stderr().is_terminal();
    let text: Vec<_> = mistakes.iter().map(|mistake| mistake.render(colour)).collect();
    let mistakes = if let [_] = &mistakes[..] { "mistake" } else { "mistakes" };
    CouldNotRun(format!("{} {mistakes}\n{}", text.len(), text.join("\n")))
}

type Done = Result<u8, CouldNotRun>;

/// Reads the command line, does what it says, and gives the exit status.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let help = !error.use_stderr();
            let _ = error.print();
            return ExitCode::from(if help { 0 } else { 2 });
        }
    };
    match run(arguments) {
        Ok(status) => ExitCode::from(status),
        Err(CouldNotRun(why)) => {
            let _ = writeln!(std::io::stderr(), "sesscheck: {}", why.trim_end());
            ExitCode::from(2)
        }
    }
}

/// The help, as `--help` prints it.
#[must_use]
pub fn help() -> String {
    Arguments::command().term_width(100).render_long_help().to_string()
}

fn run(arguments: Arguments) -> Done {
    match arguments.verb {
        None => check::main_job(&arguments.gate),
        Some(Verb::Check(check)) if check.watch => watch::watch(&check),
        Some(Verb::Check(check)) => check::check(&check),
        Some(Verb::Merge(merge)) => telling::merge(&merge),
        Some(Verb::Explore(explore)) => explore::explore(&explore),
        Some(Verb::Campaign(arguments)) => campaign::campaign(&arguments),
        Some(Verb::Exhaust(arguments)) => exhaust::exhaust(&arguments),
        Some(Verb::Diagnose(arguments)) => diagnose::diagnose(&arguments),
        Some(Verb::Simulate(arguments)) => simulate::simulate(&arguments),
        Some(Verb::Drills(arguments)) => drills::drills(&arguments),
        Some(Verb::Calibrate(arguments)) => calibrate::calibrate(&arguments),
        Some(Verb::Replay(replay)) => replay::replay(&replay),
        Some(Verb::Threads(arguments)) => threads::threads(&arguments),
        Some(Verb::Convert(arguments)) => convert::convert(&arguments),
        Some(Verb::Explain(explain)) => explain::explain(&explain),
        Some(Verb::New(new)) => new::new(&new),
        Some(Verb::Bless(bless)) => bless::bless(&bless),
        Some(Verb::Fmt(fmt)) => fmt::fmt(&fmt),
        Some(Verb::Lint(lint)) => lint::lint(&lint),
        Some(Verb::Schema(schema)) if schema.protocol => print(&crate::subjects::exec::wire::schema_text()),
        Some(Verb::Schema(schema)) if schema.workload => print(&crate::simulate::read::schema_text()),
        Some(Verb::Schema(_)) => print(&crate::scenario::schema_text()),
        Some(Verb::Clauses(clauses)) => clauses::clauses(&clauses),
        Some(Verb::Libssl(verb)) => libssl::libssl(&verb),
        Some(Verb::Atlas(atlas)) => atlas::atlas(&atlas),
        Some(Verb::Power(arguments)) => power::power(&arguments),
        Some(Verb::Subject(subject)) if subject.protocol => print(crate::subjects::exec::PAGE),
        Some(Verb::Subject(subject)) => subject::subject(&subject),
        Some(Verb::SubjectTest(arguments)) => subject_test::subject_test(&arguments),
        Some(Verb::Completions { shell }) => print(&completions(shell)),
        Some(Verb::Man { folder }) => man(folder.as_deref()),
        Some(Verb::Worker(worker)) => {
            crate::worker::become_worker();
            crate::worker::Limits::of(worker.guarded).keep();
            let word = std::fs::File::options().write(true).open(&worker.word)?;
            crate::worker::serve(&worker.subject, &word, std::io::stdin().lock(), std::io::stdout().lock())?;
            Ok(0)
        }
    }
}

fn completions(shell: clap_complete::Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "sesscheck", &mut script);
    String::from_utf8(script).expect("a script is text")
}

fn man(folder: Option<&std::path::Path>) -> Done {
    let command = Arguments::command().disable_help_subcommand(true);
    let Some(folder) = folder else {
        let mut page = Vec::new();
        clap_mangen::Man::new(command).render(&mut page)?;
        return print(&String::from_utf8(page).expect("a page is text"));
    };
    std::fs::create_dir_all(folder)?;
    clap_mangen::generate_to(command, folder)?;
    Ok(0)
}

/// Puts text on standard output. A reader that went away ends the command quietly.
fn print(text: &str) -> Done {
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(0),
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(0),
        Err(error) => Err(error.into()),
    }
}
