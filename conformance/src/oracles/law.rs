//! A law, a promise, and what takes a subject out of their reach.

use session_model::{Clause, Profile};

use crate::subject::Subject;
use crate::trace::Trace;
use crate::transcript::Transcript;

/// A law or a promise that a subject does not keep.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Broken {
    /// The sentence that is not true.
    pub law: &'static str,
    /// The step, and what was seen there.
    pub what: String,
}

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}, yet {}", self.law, self.what)
    }
}

impl std::error::Error for Broken {}

/// What takes a subject out of the reach of a law.
#[derive(Clone, Copy, Debug)]
pub struct Grounds {
    /// The clauses that it rests on: a known departure from one of them excuses it.
    pub clauses: &'static [Clause],
    /// The values that an axis must have for it to follow from the pages.
    pub readings: &'static [(&'static str, &'static [&'static str])],
}

impl Grounds {
    /// Why a subject of this profile need not keep it; `None`: it must.
    #[must_use]
    pub fn excuse(&self, profile: &Profile) -> Option<String> {
        let departs = profile.departures.iter().find(|departure| self.clauses.contains(&departure.about().clause));
        if let Some(departure) = departs {
            return Some(format!("known departure `{}`", departure.about().name));
        }
        self.readings.iter().find_map(|(axis, values)| {
            let value = profile.readings.get(axis).expect("the axes of a law exist");
            (!values.contains(&value)).then(|| format!("reading `{axis}: {value}`"))
        })
    }
}

/// How two runs of a subject hang together.
#[derive(Clone, Copy, Debug)]
pub struct Law {
    /// The sentence.
    pub name: &'static str,
    /// What it follows from.
    pub grounds: Grounds,
    pub(super) run: fn(&mut dyn Subject, &Trace, u64) -> Result<u32, String>,
}

impl Law {
    /// Holds a subject to the law on one trace; `choice` is whatever the law has to choose, such as by how much to
    /// shift. Returns how much the trace says about the law (ops deleted, pairs swapped, …); 0: nothing.
    ///
    /// # Errors
    ///
    /// What was seen that breaks the law.
    pub fn hold(&self, subject: &mut dyn Subject, trace: &Trace, choice: u64) -> Result<u32, Broken> {
        (self.run)(subject, trace, choice).map_err(|what| Broken { law: self.name, what })
    }
}

/// What every transcript keeps.
#[derive(Clone, Copy, Debug)]
pub struct Promise {
    /// The sentence.
    pub name: &'static str,
    /// What it follows from.
    pub grounds: Grounds,
    pub(super) run: fn(&Trace, &Transcript) -> Result<(), String>,
}

impl Promise {
    /// Holds a transcript to the promise.
    ///
    /// # Errors
    ///
    /// What was seen that breaks it.
    pub fn keep(&self, trace: &Trace, transcript: &Transcript) -> Result<(), Broken> {
        (self.run)(trace, transcript).map_err(|what| Broken { law: self.name, what })
    }
}
