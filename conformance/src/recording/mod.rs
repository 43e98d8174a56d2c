//! Recordings: what a release showed of the scenarios, kept as text, so that a machine without that release still
//! holds its profile against it.
//!
//! A recording is made in a worker ([`record`]), written ([`write()`]) and read back ([`read()`]) to the very same
//! transcripts. Not here: what a recording is evidence of; that is the atlas's.
//!
//! The text is made for people and for `diff`. First the header, then a block a scenario, then a line an executed step,
//! the last phase included:
//!
//! ```text
//! sesscheck-recording-1
//! library: OpenSSL 3.0.22 25 Aug 2026
//! soname: libssl.so.3
//! hash: 01011ef5c5f356d2
//!
//! scenario scenarios/add_session/identical-is-noop.yaml
//! trace 91c2d21cc5a0f3b7 everything
//! =1 0.number+1 +0/0@1000+300 +o/0@1000+300
//! =0
//! ```
//!
//! A line begins with the answer: `=1` returned, `.` returns nothing, `absent`. Then, in this order and each only where
//! there is something to say: callbacks `new:CTX/SESSION=1`, `get:CTX/ID=SESSION`, `remove:CTX/SESSION`; `gone:SESSION`
//! for an object that was destroyed; `CTX.counter+N`, by how much it went up or down; and what changed since the
//! members were last shown: `+CTX/SESSION@TIME+TIMEOUT`, `~` for one that is there with other values, `-` for one that
//! is not there any more, with `!` at the end of one that is not resumable, and with `o` for CTX for the objects that
//! the trace names. `all`: not what changed, but all that there is. `#` before a digest that does not follow from the
//! members. `Nx` before a line: N such lines, in which `^` is the next object that no line has named, `^N` the one N
//! after that. `FIRST..LAST+STEP` for SESSION: that many such words. What ends a run early is its last line: `crashed`,
//! `grew` or `refused` with the reason, or `hung`.

mod library;
mod members;
mod read;
mod shipped;
mod write;

pub use library::{FileError, LibraryFacts};
pub use read::{ReadError, read, read_transcript};
pub use shipped::{shipped, texts};
pub use write::{write, write_transcript};

use std::path::Path;

use session_model::Profile;

use crate::check::{Verdict, check};
use crate::divergence::Divergence;
use crate::suite::File;
use crate::tally::Tally;
use crate::trace::{Names, Shown, Trace};
use crate::transcript::{Ending, Transcript};
use crate::worker::{Held, StartError};

/// The version of the text.
pub const FORMAT: &str = "sesscheck-recording-1";

/// From how many executed steps on a scenario is recorded step by step instead of with everything at each step, which
/// in memory is as large as the members times the steps.
const LONG: usize = 1500;

/// What one library showed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recording {
    /// Which library it was.
    pub library: LibraryFacts,
    /// Its transcripts, in order of path.
    pub shown: Vec<Recorded>,
}

/// What it showed of one scenario.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recorded {
    /// The scenario's path.
    pub scenario: String,
    /// [`fingerprint`] of the trace that ran.
    pub fingerprint: u64,
    /// How much was shown.
    pub everything: bool,
    /// What was shown.
    pub transcript: Transcript,
}

/// What a recorded transcript comes to under a profile.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Stands {
    /// The model agrees with it.
    Agrees,
    /// It does not: first here.
    Differs(Box<Divergence>),
    /// The library or the edition has not the op: why.
    NotRun(String),
    /// The scenario is another one since: it has to be recorded again.
    Stale,
}

impl Recording {
    /// What its file is called: the release, in letters that every system takes.
    #[must_use]
    pub fn file_name(&self) -> String {
        let plain = |c: char| if c.is_ascii_alphanumeric() || ".-".contains(c) { c } else { '_' };
        format!("{}.txt", self.library.release().chars().map(plain).collect::<String>())
    }

    /// What it has of the scenario at this path.
    #[must_use]
    pub fn of(&self, scenario: &str) -> Option<&Recorded> {
        self.shown.binary_search_by(|recorded| recorded.scenario.as_str().cmp(scenario)).ok().map(|at| &self.shown[at])
    }
}

impl Recorded {
    /// Holds it against the model under a profile.
    #[must_use]
    pub fn under(&self, profile: &Profile, file: &File) -> Stands {
        let trace = trace_of(file);
        if fingerprint(&trace) != self.fingerprint || (trace.shown == Shown::Everything) != self.everything {
            return Stands::Stale;
        }
        match check(&trace, profile, &self.transcript, &mut Tally::default()) {
            Verdict::Conforms => Stands::Agrees,
            Verdict::Diverges(divergence) => Stands::Differs(divergence),
            Verdict::NotRun(why) => Stands::NotRun(why),
        }
    }
}

impl Recording {
    /// Calls the library's file by its soname in what the library refuses, so that the text is of no one machine.
    #[must_use]
    pub fn without_path(mut self, path: &Path) -> Self {
        let real = path.canonicalize().unwrap_or_else(|_| path.to_owned()).display().to_string();
        for recorded in &mut self.shown {
            if let Ending::Refused(why) = &mut recorded.transcript.ending {
                *why =
                    why.replace(&real, &self.library.soname).replace(&path.display().to_string(), &self.library.soname);
            }
        }
        self
    }
}

/// The trace of a scenario as it is recorded.
#[must_use]
pub fn trace_of(file: &File) -> Trace {
    let mut trace = file.scenario.trace.clone();
    trace.shown = if trace.executed().count() < LONG { Shown::Everything } else { Shown::Steps };
    trace
}

/// What tells whether two traces run the same: 64-bit FNV-1a of the trace written as a scenario, without what people
/// call things.
#[must_use]
pub fn fingerprint(trace: &Trace) -> u64 {
    let unnamed = Trace { names: Names::default(), ..trace.clone() };
    crate::pages::fnv1a(crate::worker::text_of_trace(&unnamed).bytes())
}

/// Has a subject run these scenarios and keeps what it showed. `told` is told of each, counted from 0.
///
/// # Errors
///
/// When the worker goes down, or cannot be started again.
pub fn record(held: &mut Held, files: &[&File], told: &dyn Fn(usize)) -> Result<Vec<Recorded>, StartError> {
    let mut shown = Vec::with_capacity(files.len());
    for (n, file) in files.iter().enumerate() {
        told(n);
        let trace = trace_of(file);
        let everything = trace.shown == Shown::Everything;
        let transcript = held.show(&trace).map_err(|why| StartError::Process(format!("{}: {why}", file.path)))?;
        shown.push(Recorded { scenario: file.path.clone(), fingerprint: fingerprint(&trace), everything, transcript });
    }
    shown.sort_by(|a, b| a.scenario.cmp(&b.scenario));
    Ok(shown)
}
