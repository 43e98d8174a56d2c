//! How a simulated service is set: its servers, and the external cache that they share. Not here: who comes and when,
//! which is in `workload`, and what happens to these settings on the way, which are events.

use super::event::Moment;
use super::law::Law;
use crate::trace::ContextSetup;

/// A service.
#[derive(Clone, PartialEq, Debug)]
pub struct Setting {
    /// The clock at the start, in seconds since the Epoch.
    pub clock: i64,
    /// Its servers, at least one.
    pub servers: Vec<ServerSetting>,
    /// The external cache, which servers with a new or get callback ask; `None`: there is none.
    pub external: Option<ExternalSetting>,
}

/// A server: one context in a process and on a machine of its own.
#[derive(Clone, PartialEq, Debug)]
pub struct ServerSetting {
    /// Its context. Without an external cache no callback is set.
    pub context: ContextSetup,
    /// By how many seconds its clock is ahead at the start; negative: behind.
    pub ahead: i64,
    /// By how many microseconds its clock gains in a second; negative: loses.
    pub drift: i64,
}

/// An external cache, at the other end of a network.
#[derive(Clone, PartialEq, Debug)]
pub struct ExternalSetting {
    /// How long a call takes.
    pub takes: Law,
    /// After how many microseconds a server waits no longer, and goes on without an answer; `None`: it waits.
    pub gives_up: Option<u64>,
    /// For how many microseconds a server does not call any more once it has given a call up; `None`: it calls each time.
    pub retry_after: Option<u64>,
    /// The share of stores and deletes that never arrive.
    pub lost: f64,
    /// After how many microseconds what was stored or deleted shows.
    pub lag: u64,
    /// For how many seconds it keeps a session, by a clock that is right; `None`: for its timeout.
    pub keeps: Option<u64>,
    /// How many sessions it has at most; the oldest makes room. `None`: any number.
    pub entries: Option<u64>,
    /// Whether it is told of sessions that a server removes, so that it deletes them.
    pub deletes: bool,
    /// From when to when it does not answer at all.
    pub away: Vec<(Moment, Moment)>,
}
