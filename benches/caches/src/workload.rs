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
    /// Sets its time, in seconds.
    Touch(u32, i64),
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

/// What is measured of a run. One is added here and in [`crate::run`].
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Measure {
    /// The mean of an element, in nanoseconds.
    Mean,
    /// The longest call, in nanoseconds. A call that is long by itself is so in every round, one that somebody else
    /// made long is not: what counts is the round in which it was the least.
    Longest,
    /// The call that all but so few of a million are shorter than, in nanoseconds.
    AllBut(u32),
    /// The time of so many threads that share one cache, by the clock on the wall, for each step of all, in
    /// nanoseconds.
    Together(usize),
    /// The same where each of them has a cache of its own, and nothing is shared.
    Apart(usize),
    /// What a session costs beside itself, in bytes of memory that the process really has; in a process of its own.
    Bytes,
    /// The same of the moment when that was most: a table that grows is there twice.
    MostBytes,
}

impl Measure {
    /// What figures are counted in.
    #[must_use]
    pub fn unit(self) -> &'static str {
        match self {
            Self::Mean | Self::Longest | Self::AllBut(_) | Self::Together(_) | Self::Apart(_) => "ns",
            Self::Bytes | Self::MostBytes => "B",
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
    /// How often, each time with a cache of its own: what is short is measured many times.
    pub passes: usize,
    /// When a run for a mean ends early, in nanoseconds.
    pub budget: f64,
    /// Who lacks this does not take part.
    pub needs: &'static [Less],
    /// What is measured.
    pub measure: Measure,
}

impl Workload {
    /// What a cache is made for.
    #[must_use]
    pub fn room(&self) -> Room {
        Room { limit: self.size, sessions: self.specs.len() }
    }
}

/// What a cache is made for.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// How many sessions it may have; 0: any number.
    pub limit: usize,
    /// How many there are in all, for those that want to know beforehand.
    pub sessions: usize,
}
