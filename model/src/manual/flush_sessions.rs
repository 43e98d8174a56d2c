//! SSL_CTX_flush_sessions(3)

use crate::clause::*;
use crate::points;
use crate::reading::{AutoFlushRestart, CallbacksOrder, MarksFlushed};
use crate::ruling::{Ruling, What};
use crate::session::{ContextRef, SessionRef};
use crate::time::Time;
use crate::world::World;

impl World {
    /// `SSL_CTX_flush_sessions()`: every session expired at `tm` leaves the internal cache, nothing else does.
    pub fn flush_sessions(&mut self, ctx: ContextRef, tm: Time, why: &mut Ruling) {
        if self.profile.readings.auto_flush_restart == AutoFlushRestart::Flush {
            self.context_mut(ctx).towards_flush = [0; 2];
        }
        self.flush(ctx, tm, FLUSH_EXPIRED, usize::MAX, why);
    }

    /// The automatic flush, begun or gone on with.
    pub(crate) fn flush_automatically(&mut self, ctx: ContextRef, why: &mut Ruling) {
        let most = self.profile.readings.auto_flush_extent.most();
        self.context_mut(ctx).flush_goes_on = self.flush(ctx, self.clock, FLUSH_AUTO_255_SESSIONS, most, why);
    }

    /// A run through the internal cache, asked for or automatic, which at most `most` leave; whether more have expired.
    fn flush(&mut self, ctx: ContextRef, tm: Time, clause: Clause, most: usize, why: &mut Ruling) -> bool {
        // Only the internal cache is examined.
        if !why.keeps(FLUSH_INTERNAL_ONLY) {
            self.application_release(ctx, why);
        }
        let asked = self.may_have_expired(ctx, tm);
        let mut expired: Vec<SessionRef> =
            asked.filter(|&c| points::flush_takes(&self.profile, tm, self.is_expired_at(c, tm, why))).collect();
        self.in_order(ctx, &mut expired);
        self.reached(ctx, &mut expired);
        let more = expired.len() > most;
        expired.truncate(most);
        if expired.len() > 1 {
            why.keeps(CALLBACKS_ORDER);
        }
        self.in_order_of_callbacks(&mut expired);
        // What is in its order and not in the cache: nothing, as far as the pages go.
        self.flush_linked(ctx, tm, why);
        for c in expired {
            if why.keeps(TIMEOUT_FLUSH_REMOVES_EXPIRED) && why.rules(clause, What::Leaves(ctx, c)) {
                let marks = self.profile.readings.marks_flushed == MarksFlushed::Yes;
                self.leave(ctx, c, marks, Some(FLUSH_REMOVE_CB), why);
                // SSL_CTX_sess_set_cache_size(3): its space is reclaimed.
                if !why.keeps(SIZE_FLUSH_RECLAIMS) {
                    self.context_mut(ctx).size = self.context(ctx).size.saturating_sub(1).max(1);
                }
            }
        }
        more
    }

    /// Sessions that leave in one call, soonest to expire first, in the order in which `remove_session_cb` is told.
    pub(crate) fn in_order_of_callbacks(&self, leaving: &mut [SessionRef]) {
        if self.profile.readings.callbacks_order == CallbacksOrder::LatestToExpire {
            leaving.reverse();
        }
    }

    /// SSL_CTX_set_timeout(3), NOTES: later than its time plus its timeout.
    pub(crate) fn is_expired_at(&self, c: SessionRef, tm: Time, why: &mut Ruling) -> bool {
        // Nothing has expired at time 0: no time is before it.
        if tm == Time(0) && self.expiry(c) >= tm {
            return !why.rules(FLUSH_ZERO, What::Stays(c));
        }
        if tm == self.expiry(c) {
            return !why.rules(FLUSH_BOUNDARY, What::Stays(c));
        }
        let later = tm > self.expiry(c);
        if later { why.keeps(TIMEOUT_LATER_THAN) } else { false }
    }

    /// A session leaves because the engine removes it: marked if the reading says so, told to `remove_session_cb`,
    /// and the cache's reference freed.
    pub(crate) fn leave(
        &mut self,
        ctx: ContextRef,
        c: SessionRef,
        marks: bool,
        calls: Option<Clause>,
        why: &mut Ruling,
    ) {
        self.take_out(ctx, c);
        if marks {
            self.mark(c, LEAVE_MARKS_SILENT, why);
        }
        if let Some(clause) = calls {
            self.call_remove_cb(ctx, c, clause, why);
        }
        self.free(c, SESSION_FREE_AT_ZERO, why);
    }
}
