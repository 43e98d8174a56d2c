//! Flushes, and what a pause for one is made of: how many sessions a call has to look at, in our cache and in others. Not
//! here: who leaves in a flush.

use session_model::{CacheMode, Time};

use super::{SERVER, Server, UnderWay};

/// Every so many connections the cache is flushed by itself.
const AUTO_FLUSH_PERIOD: u64 = 255;

/// So many sessions leave in one step of a flush of ours; other connections go on in between.
const FLUSHED_AT_ONCE: u64 = 64;

/// How many sessions one call had to look at, as ours does it, as a libssl of 1.1.1, and as one of 3.0 and later if its
/// sessions lived as long.
pub(in crate::simulate) type LookedAt = [u64; 3];

impl Server {
    /// Flushes at the time of the clock. How many sessions there were.
    pub(in crate::simulate) fn flush(&mut self) -> u64 {
        let (number, now) = (self.number(), Time(self.clock.into()));
        self.goes_into(UnderWay::Flush);
        self.pair.each(|library| library.flush_sessions(SERVER, now));
        self.pair.drain();
        self.put_on_tape();
        number
    }

    /// How many have left in the steps of an automatic flush before this one, which took so many and may have begun it.
    pub(in crate::simulate) fn goes_on_flushing(&mut self, begins: bool, flushed: u64) -> u64 {
        let before = if begins { 0 } else { self.flushed_so_far };
        if begins || flushed > 0 {
            self.flushed_so_far = if flushed == FLUSHED_AT_ONCE { before + flushed } else { 0 };
        }
        before
    }

    /// How many sessions there are, if the next connection flushes by itself, as ours counts them. Where nothing leaves,
    /// no more is known of when another cache is flushed.
    pub(super) fn walks_at_next_connection(&mut self) -> Option<u64> {
        let flushes = self.mode.contains(CacheMode::SERVER) && !self.mode.contains(CacheMode::NO_AUTO_CLEAR);
        let due = (self.established + 1).is_multiple_of(AUTO_FLUSH_PERIOD);
        if due {
            let number = self.number();
            return flushes.then_some(number);
        }
        None
    }
}

/// What a pause is made of. `walked`: how many sessions there were when a flush came, if one did.
///
/// Ours takes 64 out in a step of a flush, lets others go on, and ends with a look at the first who stays; all that are
/// dropped for one newcomer leave in one step. A libssl of 1.1.1 goes through all that there are, one of 3.0 and later
/// through those that it removes and one more, and each with its lock held. These are the sessions that are here: where
/// no timeout is set ours live for 300 s and a libssl's for 7200 s, so that its own looks would be longer. `before`: who has
/// left in the steps of this flush before; a libssl would have taken them in the same call.
pub(in crate::simulate) fn looked_at(walked: Option<u64>, (before, flushed): (u64, u64), dropped: u64) -> LookedAt {
    let Some(walked) = walked else { return [dropped; 3] };
    let step = if flushed < FLUSHED_AT_ONCE { flushed + 1 } else { FLUSHED_AT_ONCE };
    [step.min(walked), walked, before + (flushed + 1).min(walked)].map(|looked| looked.max(dropped))
}
