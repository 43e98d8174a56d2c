//! Where a session is cached, and the two numbers that give it its place there.
//!
//! A session is in one cache at a time. It knows in which and at which slot, so that the very same object is recognised
//! without a hash, and what another cache has is left alone. This is the one thing that caches share and no lock
//! covers. Not here: what else a session has ([`crate::session`]).

use crate::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use crate::sync::atomic::{AtomicI64, AtomicU32, AtomicU64};
use crate::sync::yield_now;

use crate::session::Cached;

/// The seat of one session.
pub(crate) struct Seat {
    // Read at any time. Written by the cache that it is in, else by whoever has made it `TAKEN`.
    time: AtomicI64,
    timeout: AtomicI64,
    /// Its slot in the cache that it is in, whose matter it is.
    slot: AtomicU32,
    /// The number of that cache; [`NOWHERE`] or [`TAKEN`].
    cache: AtomicU64,
}

/// In no cache. What is in one leaves it by that one's doing only.
const NOWHERE: u64 = 0;
/// In no cache, and for a moment somebody's who enters it into one or sets its time.
const TAKEN: u64 = u64::MAX;

/// How a session answers a cache that has a slot for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Seated {
    /// It was in no cache, and now is in this one. This is its expiry.
    Now(i64),
    /// It is in this cache already.
    Already,
    /// It is in another one.
    Elsewhere,
}

/// One of the two numbers that make the expiry.
#[derive(Clone, Copy)]
pub(crate) enum Change {
    Time(i64),
    Timeout(i64),
}

impl Seat {
    /// In no cache.
    pub(crate) fn new(time: i64, timeout: i64) -> Self {
        Self {
            time: AtomicI64::new(time),
            timeout: AtomicI64::new(timeout),
            slot: AtomicU32::new(0),
            cache: AtomicU64::new(NOWHERE),
        }
    }

    #[inline]
    pub(crate) fn time(&self) -> i64 {
        self.time.load(Relaxed)
    }

    #[inline]
    pub(crate) fn timeout(&self) -> i64 {
        self.timeout.load(Relaxed)
    }

    #[inline]
    pub(crate) fn expiry(&self) -> i64 {
        self.time().saturating_add(self.timeout())
    }

    /// Changes a number of a session that is in no cache.
    pub(crate) fn change_outside(&self, change: Change) -> Result<(), Cached> {
        self.change(NOWHERE, change).map(drop)
    }

    /// Changes a number of a session that is in no cache or in this one; in this one, says its slot and its new expiry.
    pub(crate) fn change(&self, cache: u64, change: Change) -> Result<Option<(u32, i64)>, Cached> {
        let now_in = self.take();
        let set = || match change {
            Change::Time(time) => self.time.store(time, Relaxed),
            Change::Timeout(timeout) => self.timeout.store(timeout, Relaxed),
        };
        if now_in == NOWHERE {
            set();
            self.cache.store(NOWHERE, Release);
            return Ok(None);
        }
        if now_in != cache {
            return Err(Cached);
        }
        set();
        Ok(Some((self.slot.load(Relaxed), self.expiry())))
    }

    /// Takes this slot of this cache, unless it has one in a cache.
    #[inline]
    pub(crate) fn take_slot(&self, cache: u64, slot: u32) -> Seated {
        let now_in = self.take();
        if now_in == NOWHERE {
            self.slot.store(slot, Relaxed);
            let expiry = self.expiry();
            self.cache.store(cache, Release);
            return Seated::Now(expiry);
        }
        if now_in == cache { Seated::Already } else { Seated::Elsewhere }
    }

    /// Its slot, if it is in this cache.
    #[inline]
    pub(crate) fn slot_in(&self, cache: u64) -> Option<u32> {
        (self.cache.load(Acquire) == cache).then(|| self.slot.load(Relaxed))
    }

    /// Whether it is in a cache, and not in this one.
    pub(crate) fn is_elsewhere(&self, cache: u64) -> bool {
        ![NOWHERE, TAKEN, cache].contains(&self.cache.load(Acquire))
    }

    /// Leaves the cache that it is in: that one says so.
    #[inline]
    pub(crate) fn leave(&self) {
        self.cache.store(NOWHERE, Release);
    }

    /// The cache that it is in; if that is [`NOWHERE`], the caller has made it [`TAKEN`].
    #[inline]
    fn take(&self) -> u64 {
        loop {
            match self.cache.compare_exchange(NOWHERE, TAKEN, Acquire, Acquire) {
                // For as long as it takes to store two numbers.
                Err(TAKEN) => yield_now(),
                Ok(cache) | Err(cache) => return cache,
            }
        }
    }
}

#[cfg(all(test, loom))]
mod tests;
