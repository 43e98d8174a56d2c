//! A workload: sessions, and steps on them.

use session_cache::SessionId;

use crate::peer::Less;

/// What a session is made with.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// Its id.
    pub id: SessionId,
    /// Its time, in seconds.
    pub time: i64,
    /// Its timeout, in seconds.
    pub timeout: i64,
}

/// One call. A lookup has the id with it, so that fetching it is no part of what is measured.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// Looks this id up.
    Lookup(SessionId),
    /// Adds the session of this number.
    Add(u32),
    /// Removes it.
    Remove(u32),
    /// Flushes at this time.
    Flush(i64),
    /// Where threads share a clock: adds the session after the last that any of them added, and every 255th time
    /// flushes at its time.
    AddNext,
    /// Looks up the session that came so many before the last.
    LookupLate(u32),
    /// Removes it.
    RemoveLate(u32),
}

/// What is measured of a run.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Measure {
    /// The mean of an element, in nanoseconds times `unit`; a run ends early after `budget` nanoseconds.
    Mean {
        /// When to stop.
        budget: f64,
        /// What the figure is divided by to be shown.
        unit: (f64, &'static str),
    },
    /// The longest call.
    Longest,
    /// The time of so many threads that share the steps, by the clock on the wall, for each step of all, in
    /// nanoseconds.
    Together(usize),
    /// What a session costs beside itself, in bytes of memory that the process really has; in a process of its own.
    Bytes,
}

impl Measure {
    /// What a figure is divided by to be shown, and its unit then.
    #[must_use]
    pub fn unit(self) -> (f64, &'static str) {
        match self {
            Self::Mean { unit, .. } => unit,
            Self::Longest => (1e3, "µs"),
            Self::Together(_) => (1.0, "ns"),
            Self::Bytes => (1.0, "B"),
        }
    }
}

/// What all subjects are run on.
pub struct Workload {
    /// The sessions that it is about.
    pub specs: Vec<Spec>,
    /// How many of them are cached before it begins.
    pub full: usize,
    /// The size of the cache; 0: any.
    pub size: usize,
    /// What is timed.
    pub steps: Vec<Step>,
    /// How many elements that is, for the mean.
    pub elements: usize,
    /// Who lacks this does not take part.
    pub needs: &'static [Less],
    /// What is measured.
    pub measure: Measure,
}
