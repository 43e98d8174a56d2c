//! Where a run ends, since a cache and the model part there or the cache goes down. Not here: what it comes down to, which
//! is found on a trace that is cut out of the run.

use crate::simulate::event::{Moment, Server as Place};
use crate::simulate::pair::WentDown;

/// Where a cache and the model part.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Parting {
    /// Which event of the run, counted from 0.
    pub event: u64,
    /// When.
    pub at: Moment,
    /// Where.
    pub server: Place,
    /// Whether it was in the miniature.
    pub in_sample: bool,
    /// Whether the cache went down.
    pub down: bool,
    /// What differs, or how the cache went down, in words.
    pub what: String,
}

impl std::fmt::Display for Parting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { event, at, server, in_sample, what, .. } = self;
        let sample = if *in_sample { " of the sample" } else { "" };
        let (seconds, rest) = (at.0 / 1_000_000, at.0 % 1_000_000);
        write!(f, "event {event}, at {seconds}.{rest:06} s, server {}{sample}: {what}", server.0)
    }
}

impl std::error::Error for Parting {}

impl Parting {
    pub(super) fn differs((event, at): (u64, Moment), server: Place, what: String) -> Box<Self> {
        Box::new(Self { event, at, server, in_sample: false, down: false, what })
    }

    pub(super) fn went_down(when: (u64, Moment), server: Place, WentDown(what): WentDown) -> Box<Self> {
        Box::new(Self { down: true, ..*Self::differs(when, server, what) })
    }
}
