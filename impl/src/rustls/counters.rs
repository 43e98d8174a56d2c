//! What a store counts.

use crate::sync::atomic::AtomicU64;
use crate::sync::atomic::Ordering::Relaxed;

/// What a store has counted. While other threads are at work, each is of a moment of its own.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub struct StoreCounters {
    /// Sessions in it now; those that have expired and have not left yet are among them.
    pub number: u64,
    /// Sessions taken in.
    pub stored: u64,
    /// Sessions not taken in: the key has no byte or more than 32, which no key of rustls has; the clock has no time;
    /// or a client keeps no tickets.
    pub refused: u64,
    /// Sessions asked for and given.
    pub hits: u64,
    /// Sessions asked for that it does not have, or has under another id context.
    pub misses: u64,
    /// Sessions asked for that it has and that have expired.
    pub timeouts: u64,
    /// Sessions dropped for want of room.
    pub cache_full: u64,
}

/// Those of them that many threads count.
#[derive(Default)]
pub(super) struct Counted {
    pub(super) stored: AtomicU64,
    pub(super) refused: AtomicU64,
    pub(super) hits: AtomicU64,
    pub(super) misses: AtomicU64,
    pub(super) timeouts: AtomicU64,
}

impl Counted {
    /// One more.
    pub(super) fn count(of: &AtomicU64) {
        of.fetch_add(1, Relaxed);
    }

    /// All of them now.
    pub(super) fn now(&self) -> StoreCounters {
        StoreCounters {
            stored: self.stored.load(Relaxed),
            refused: self.refused.load(Relaxed),
            hits: self.hits.load(Relaxed),
            misses: self.misses.load(Relaxed),
            timeouts: self.timeouts.load(Relaxed),
            ..StoreCounters::default()
        }
    }
}
