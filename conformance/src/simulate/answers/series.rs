//! The run over time: a bounded number of stretches, equally long, and how each server stood at the end of each.

use serde::Serialize;

use super::counts::{Counts, Handshakes};
use crate::simulate::event::{Gauges, Moment};

/// The most stretches that there are, however long the run is.
pub const MOST: u64 = 480;

const MILLI: u64 = 1000;
const SECOND: u64 = 1000 * MILLI;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Lengths that people reckon in, in microseconds.
const LENGTHS: [u64; 34] = [
    MILLI,
    2 * MILLI,
    5 * MILLI,
    10 * MILLI,
    20 * MILLI,
    50 * MILLI,
    100 * MILLI,
    200 * MILLI,
    500 * MILLI,
    SECOND,
    2 * SECOND,
    5 * SECOND,
    10 * SECOND,
    15 * SECOND,
    20 * SECOND,
    30 * SECOND,
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    20 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    5 * DAY,
    7 * DAY,
    14 * DAY,
    28 * DAY,
];

/// How long a stretch is in a run of this length: the shortest length that people reckon in of which [`MOST`] are
/// enough.
#[must_use]
pub fn width(lasts: u64) -> u64 {
    let enough = LENGTHS.into_iter().find(|width| lasts.div_ceil(*width) <= MOST);
    enough.unwrap_or_else(|| lasts.div_ceil(MOST)).max(1)
}

/// One stretch.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Stretch {
    /// From when, in microseconds.
    pub from: u64,
    /// To when; the last one ends with the run.
    pub to: u64,
    /// The most sessions that one call had to look at: ours, a libssl of 1.1.1, of 3.0 and later.
    pub looked_at: [u64; 3],
    /// The largest flush.
    pub largest_flush: u64,
    /// The most sessions that there were in all servers together.
    pub sessions: u64,
    /// The most connections that were open in all servers together.
    pub open: u64,
    /// What became of the connections of clients, without those of attackers.
    pub clients: Handshakes,
    /// Each server in it.
    pub servers: Vec<Beat>,
}

/// A server in a stretch.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Beat {
    /// What was counted in it.
    pub counts: Counts,
    /// How it stood at the end.
    pub end: Standing,
}

/// How a server stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Standing {
    /// Its clock, in seconds since the Epoch.
    pub clock: i64,
    /// Sessions in its internal cache.
    pub sessions: u64,
    /// How many these may be at most; 0: any number.
    pub size: u64,
    /// Bytes of the internal cache's tables, without the sessions: an estimate. 0: the cache has others than ours.
    #[serde(rename = "tables_bytes_about")]
    pub bytes: u64,
    /// Connections that are open.
    pub open: u64,
    /// The counters of its context, by `Counter`.
    pub counters: [i64; 12],
}

impl Standing {
    /// What the server shows now; its size is set by events alone, its counters are asked for at the end.
    pub(super) fn show(&mut self, gauges: &Gauges) {
        let Gauges { clock, sessions, bytes, connections } = *gauges;
        *self = Self { clock, sessions, bytes, open: connections, ..*self };
    }
}

impl Stretch {
    /// How long it is, in microseconds.
    #[must_use]
    pub fn lasts(&self) -> u64 {
        self.to - self.from
    }

    /// What was counted in it, on all servers.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut sum = Counts::default();
        self.servers.iter().for_each(|beat| sum.add(&beat.counts));
        sum
    }

    /// How many sessions all servers together may hold at its end; `None`: one of them any number.
    #[must_use]
    pub fn size(&self) -> Option<u64> {
        let limited = self.servers.iter().all(|beat| beat.end.size > 0);
        limited.then(|| self.servers.iter().map(|beat| beat.end.size).sum())
    }

    /// Bytes of all internal caches at its end.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.servers.iter().map(|beat| beat.end.bytes).sum()
    }
}

/// The most of something, and when and where it first was.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Peak {
    /// How much.
    pub most: u64,
    /// When, in microseconds.
    pub at: u64,
    /// At which server; of what all servers have together, where it rose last.
    pub server: u16,
}

impl Peak {
    /// Takes note of how much there is now.
    pub(super) fn note(&mut self, now: u64, at: Moment, server: u16) {
        if now > self.most {
            *self = Self { most: now, at: at.0, server };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_of_any_length_has_few_stretches_of_a_length_that_people_reckon_in() {
        assert_eq!(width(DAY), 5 * MINUTE);
        assert_eq!(width(480 * SECOND), SECOND);
        assert_eq!(width(481 * SECOND), 2 * SECOND);
        assert_eq!(width(0), MILLI);
        for lasts in [1, SECOND, HOUR, 7 * DAY, 3650 * DAY, 36_500 * DAY, u64::MAX] {
            assert!(lasts.div_ceil(width(lasts)) <= MOST, "{lasts}");
        }
    }
}
