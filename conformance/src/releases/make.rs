//! A build from source to the finished folder, step by step.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::available_parallelism;

use super::builds::{Build, Builds};
use super::fetch::{Cargo, Source};
use super::lookup::{NotFound, find};
use super::recipe;
use super::steps::{Begun, Steps, remove_uncertain};
use super::tools::{Missing, Tools};

/// Why there is no build.
#[derive(Debug)]
pub enum BuildError {
    /// Tools are missing.
    Tools(Missing),
    /// There is no source.
    Source(NotFound),
    /// A step failed.
    Step {
        /// The build.
        build: Build,
        /// What failed.
        what: &'static str,
        /// Why, or the end of what was printed.
        why: String,
        /// Where all of it is.
        log: Option<PathBuf>,
    },
    /// A file cannot be written or read.
    Io(io::Error),
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tools(missing) => missing.fmt(f),
            Self::Source(not_found) => not_found.fmt(f),
            Self::Step { build, what, why, log } => {
                write!(f, "libssl {build}: {what} failed: {}", why.trim_end())?;
                log.as_ref().map_or(Ok(()), |log| write!(f, "\nlog: {}", log.display()))
            }
            Self::Io(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for BuildError {}

impl From<io::Error> for BuildError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Loads a libssl where it can do no harm, and returns its version string, or why it cannot be run.
pub type Load<'l> = &'l dyn Fn(&Path) -> Result<String, String>;

/// The libssl of this build: the finished one if there is one, else it is made. `told` hears of the progress.
///
/// A kill at any moment leaves the finished folder whole or absent, and the next run goes on.
///
/// # Errors
///
/// When tools or source are missing, or a step fails.
pub fn build(builds: &Builds, build: Build, load: Load<'_>, told: &mut dyn FnMut(&str)) -> Result<PathBuf, BuildError> {
    if let Some(library) = builds.library(build) {
        return Ok(library);
    }
    let tools = Tools::find(build.sanitised).map_err(BuildError::Tools)?;
    let work = builds.work(build);
    let plan = format!("{tools:?}\n{:?}\n", recipe::configure(build.release, build.sanitised, ARCHITECTURE, &[]));
    let steps = Steps::open(&work, &plan, &mut || told("somebody else builds it; waiting"))?;
    // Perhaps finished in the meantime.
    if let Some(library) = builds.library(build) {
        return Ok(library);
    }
    told("source");
    let source = match source(build, &work) {
        Err(error) if !steps.is_begun()? => {
            // A release that there is not leaves nothing.
            fs::remove_dir_all(&work)?;
            return Err(error);
        }
        source => source?,
    };
    told(&format!("source: openssl-src {}", source.version));
    let making = Making { build, tools, steps, source, load };
    making.configure(told)?;
    making.generate(told)?;
    making.compile(told)?;
    making.link(told)?;
    told("load");
    making.check()?;
    publish(&making.output(), &builds.finished(build))?;
    // The logs stay.
    making.steps.clear()?;
    let library = builds.library(build);
    library.ok_or_else(|| making.failed("link", "it leaves no libssl".to_owned(), None))
}

const ARCHITECTURE: &str = std::env::consts::ARCH;

fn source(build: Build, work: &Path) -> Result<Source, BuildError> {
    let mut cargo = Cargo::new(work.join("source"));
    let version = find(build.release, &mut cargo).map_err(BuildError::Source)?;
    cargo.source(&version, build.release).map_err(|why| {
        BuildError::Source(NotFound { release: build.release, tried: format!("openssl-src ={version}"), why })
    })
}

/// The finished folder appears at once and whole.
fn publish(output: &Path, finished: &Path) -> io::Result<()> {
    // A folder without a libssl is not a build; nobody else is at work on it.
    match fs::remove_dir_all(finished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    fs::rename(output, finished)
}

struct Making<'l> {
    build: Build,
    tools: Tools,
    steps: Steps,
    source: Source,
    load: Load<'l>,
}

impl Making<'_> {
    fn objects(&self) -> PathBuf {
        self.steps.folder().join("objects")
    }

    fn output(&self) -> PathBuf {
        self.steps.folder().join("output")
    }

    fn failed(&self, what: &'static str, why: String, log: Option<PathBuf>) -> BuildError {
        BuildError::Step { build: self.build, what, why, log }
    }

    fn configure(&self, told: &mut dyn FnMut(&str)) -> Result<(), BuildError> {
        self.steps.step(CONFIGURE, |_| {
            told("configure");
            let mut unknown = Vec::new();
            loop {
                empty(&self.objects())?;
                let mut command = Command::new(&self.tools.perl);
                command.arg(self.source.folder.join("Configure"));
                command.args(recipe::configure(self.build.release, self.build.sanitised, ARCHITECTURE, &unknown));
                command.env("CC", &self.tools.cc);
                match self.run(CONFIGURE, command, &self.objects(), &mut |_| {}) {
                    Err(BuildError::Step { why, log, .. }) => {
                        let more = recipe::unknown_options(&why);
                        if more.is_empty() || more.iter().any(|option| unknown.contains(option)) {
                            return Err(self.failed(CONFIGURE, why, log));
                        }
                        told(&format!("configure: this release does not know {}", more.join(" ")));
                        unknown.extend(more);
                    }
                    ended => return ended,
                }
            }
        })
    }

    fn generate(&self, told: &mut dyn FnMut(&str)) -> Result<(), BuildError> {
        self.steps.step(GENERATE, |begun| {
            self.after_a_kill(begun, CONFIGURE, told)?;
            told("generate sources");
            self.run(GENERATE, self.make(&["build_generated"]), &self.objects(), &mut |_| {})
        })
    }

    /// What was begun goes on without what a kill may have left half written since the step before.
    fn after_a_kill(&self, begun: Begun, before: &str, told: &mut dyn FnMut(&str)) -> Result<(), BuildError> {
        if let (Begun::Before, Some(since)) = (begun, self.steps.done(before)?) {
            let removed = remove_uncertain(&self.objects(), since)?;
            told(&format!("goes on; {removed} files that may be half written are made again"));
        }
        Ok(())
    }

    fn compile(&self, told: &mut dyn FnMut(&str)) -> Result<(), BuildError> {
        self.steps.step("compile", |begun| {
            self.after_a_kill(begun, GENERATE, told)?;
            let mut total = 0;
            let mut count = |line: &str| total += u32::from(recipe::is_compilation(line));
            self.run(
                "plan",
                self.make(&["-n", recipe::ARCHIVES[0], recipe::ARCHIVES[1]]),
                &self.objects(),
                &mut count,
            )?;
            let (mut compiled, mut tenth) = (0, 0);
            told(&format!("compile: {total} files"));
            let mut count = |line: &str| {
                compiled += u32::from(recipe::is_compilation(line));
                if compiled * 10 / total.max(1) > tenth {
                    tenth = compiled * 10 / total;
                    told(&format!("compile: {compiled} of {total}"));
                }
            };
            self.run("compile", self.make(&recipe::ARCHIVES), &self.objects(), &mut count)
        })
    }

    fn link(&self, told: &mut dyn FnMut(&str)) -> Result<(), BuildError> {
        // Short, and what a kill leaves is of no use: always from its start.
        told("link");
        empty(&self.output())?;
        let commands = recipe::link(&self.tools, self.build.release, self.build.sanitised, &self.objects());
        for (what, command) in ["link-libcrypto", "link-libssl"].into_iter().zip(commands) {
            self.run(what, command, &self.output(), &mut |_| {})?;
        }
        Ok(())
    }

    /// The library says its release when it is loaded, and can be run.
    fn check(&self) -> Result<(), BuildError> {
        let library = self.output().join(format!("libssl.so.{}", self.build.release.soname()));
        match (self.load)(&library) {
            Ok(version) if version.starts_with(&self.build.release.version_string()) => Ok(()),
            Ok(version) => Err(self.failed("load", format!("it says that it is `{version}`"), None)),
            Err(why) => Err(self.failed("load", why, None)),
        }
    }

    fn make(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.tools.make);
        let jobs = available_parallelism().map_or(1, usize::from);
        command.arg(format!("-j{jobs}")).args(arguments);
        // A make around this one must not tell it how to run.
        command.env_remove("MAKEFLAGS").env_remove("MAKELEVEL");
        command
    }

    /// Runs a command, writes what it prints to the log of this name, and shows it line by line.
    fn run(
        &self,
        what: &'static str,
        mut command: Command,
        folder: &Path,
        shown: &mut dyn FnMut(&str),
    ) -> Result<(), BuildError> {
        let path = self.steps.folder().join(format!("{what}.log"));
        let mut log = File::create(&path)?;
        let (reader, writer) = io::pipe()?;
        command.current_dir(folder).env("LC_ALL", "C").env("OPENSSL_CONF", "/dev/null");
        command.stdin(self.steps.hold()?).stdout(writer.try_clone()?).stderr(Stdio::from(writer));
        writeln!(log, "{command:?}")?;
        let started = command.spawn();
        // It has the ends of the pipe that are written to; with them here, the reading would not end.
        drop(command);
        let mut child = started.map_err(|error| self.failed(what, error.to_string(), Some(path.clone())))?;
        let (mut reader, mut line, mut last) = (BufReader::new(reader), Vec::new(), Vec::new());
        while reader.read_until(b'\n', &mut line)? > 0 {
            log.write_all(&line)?;
            let text = String::from_utf8_lossy(&line).into_owned();
            shown(&text);
            last.push(text);
            if last.len() > LAST_LINES {
                last.remove(0);
            }
            line.clear();
        }
        let status = child.wait()?;
        if status.success() {
            Ok(())
        } else {
            Err(self.failed(what, format!("{status}\n{}", last.concat()), Some(path)))
        }
    }
}

const CONFIGURE: &str = "configure";
const GENERATE: &str = "generate";

/// How many of the last lines are in an error.
const LAST_LINES: usize = 12;

/// An empty folder.
fn empty(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    fs::create_dir_all(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finished_build_is_not_made_again() {
        let folder = std::env::temp_dir().join(format!("sesscheck-make-{}", std::process::id()));
        let library = folder.join("3.3.1/libssl.so.3");
        fs::create_dir_all(folder.join("3.3.1")).expect("it can be made");
        fs::write(&library, "").expect("it can be written");
        let builds = Builds::at(&folder).expect("it is absolute");
        let found = build(&builds, "3.3.1".parse().expect("a build"), &|_| panic!("it is loaded"), &mut |_| {});
        let begun = folder.join("3.3.1.build").exists();
        fs::remove_dir_all(&folder).expect("it was just made");
        assert_eq!(found.expect("it is there"), library);
        assert!(!begun, "nothing is begun");
    }

    #[test]
    fn what_failed_names_its_log() {
        let error = BuildError::Step {
            build: "3.3.1".parse().expect("a build"),
            what: "compile",
            why: "exit status: 2\nlast line\n".to_owned(),
            log: Some("/t/compile.log".into()),
        };
        assert_eq!(error.to_string(), "libssl 3.3.1: compile failed: exit status: 2\nlast line\nlog: /t/compile.log");
    }

    #[test]
    fn a_build_replaces_what_is_none() {
        let folder = std::env::temp_dir().join(format!("sesscheck-publish-{}", std::process::id()));
        let (output, finished) = (folder.join("output"), folder.join("3.3.1"));
        for (path, file) in [(&output, "libssl.so.3"), (&finished, "left-over")] {
            fs::create_dir_all(path).expect("it can be made");
            fs::write(path.join(file), "").expect("it can be written");
        }
        publish(&output, &finished).expect("it can be renamed");
        let (there, left) = (finished.join("libssl.so.3").is_file(), finished.join("left-over").exists());
        fs::remove_dir_all(&folder).expect("it was just made");
        assert!(there && !left);
    }
}
