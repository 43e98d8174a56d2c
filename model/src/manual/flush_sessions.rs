//! SSL_CTX_flush_sessions(3)

use crate::clause::*;
use crate::points;
use crate::reading::{AutoFlushRestart, MarksFlushed};
use crate::ruling::{Ruling, What};
use crate::session::{ContextRef, SessionRef};
use crate::time::Time;
use crate::world::World;

impl World {
    /// `SSL_CTX_flush_sessions()`: every session expired at `tm` leaves the internal cache, nothing else does.
    pub fn flush_sessions(&mut self, ctx: ContextRef, tm: Time, why: &mut Ruling) {
        why.keeps(FLUSH_NO_VALUE);
        if self.profile.readings.auto_flush_restart == AutoFlushRestart::Flush {
            self.context_mut(ctx).towards_flush = [0; 2];
        }
        self.flush(ctx, tm, FLUSH_EXPIRED, why);
    }

    /// A run through the internal cache, asked for or automatic.
    pub(crate) fn flush(&mut self, ctx: ContextRef, tm: Time, clause: Clause, why: &mut Ruling) {
        // Only the internal cache is examined.
        why.keeps(FLUSH_INTERNAL_ONLY);
        if tm == Time(0) {
            why.keeps(FLUSH_ZERO);
        }
        let mut expired: Vec<SessionRef> = self
            .context(ctx)
            .internal_cache
            .values()
            .copied()
            .filter(|&c| points::flush_takes(&self.profile, tm, self.is_expired_at(c, tm, why)))
            .collect();
        expired.sort_unstable_by_key(|&c| (self.expiry(c), self.session(c).place));
        if expired.len() > 1 {
            why.keeps(CALLBACKS_ORDER);
        }
        for c in expired {
            if why.rules(clause, What::Leaves(ctx, c)) {
                let marks = self.profile.readings.marks_flushed == MarksFlushed::Yes;
                self.leave(ctx, c, marks, FLUSH_REMOVE_CB, why);
            }
        }
    }

    /// SSL_CTX_set_timeout(3), NOTES: later than its time plus its timeout.
    pub(crate) fn is_expired_at(&self, c: SessionRef, tm: Time, why: &mut Ruling) -> bool {
        if tm == self.expiry(c) {
            return !why.keeps(FLUSH_BOUNDARY);
        }
        let later = tm > self.expiry(c);
        if later { why.keeps(TIMEOUT_LATER_THAN) } else { false }
    }

    /// A session leaves because the engine removes it: marked if the reading says so, told to `remove_session_cb`,
    /// and the cache's reference freed.
    pub(crate) fn leave(&mut self, ctx: ContextRef, c: SessionRef, marks: bool, calls: Clause, why: &mut Ruling) {
        let key = self.key(c).expect("what is cached has an id");
        self.context_mut(ctx).internal_cache.remove(&key);
        if marks {
            self.mark(c, LEAVE_MARKS_SILENT, why);
        }
        self.call_remove_cb(ctx, c, calls, why);
        self.free(c, SESSION_FREE_AT_ZERO, why);
    }
}
