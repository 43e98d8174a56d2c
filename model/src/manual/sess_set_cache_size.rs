//! SSL_CTX_sess_set_cache_size(3)

use crate::clause::*;
use crate::points;
use crate::reading::{MarksDropped, SizeLimit, Victim};
use crate::ruling::{Counter, Ruling, What};
use crate::session::{ContextRef, SessionRef};
use crate::world::World;

/// DEFAULT: `SSL_SESSION_CACHE_MAX_SIZE_DEFAULT`, 1024 times 20 sessions.
pub(crate) const DEFAULT_SIZE: u64 = 1024 * 20;

impl World {
    /// `SSL_CTX_sess_set_cache_size()`: the previous size is returned. Nothing leaves until the next add.
    pub fn sess_set_cache_size(&mut self, ctx: ContextRef, t: u64, why: &mut Ruling) -> i64 {
        let previous = std::mem::replace(&mut self.context_mut(ctx).size, t);
        why.returns(SIZE_SET_RETURNS_PREVIOUS, i64::try_from(previous).expect("sizes are small"))
    }

    /// `SSL_CTX_sess_get_cache_size()`
    pub fn sess_get_cache_size(&mut self, ctx: ContextRef, why: &mut Ruling) -> i64 {
        let size = self.context(ctx).size;
        why.returns(SIZE_GET, i64::try_from(size).expect("sizes are small"))
    }

    /// NOTES: what makes the cache exceed its size is made good by dropping from the end; never the newcomer.
    pub(crate) fn drop_for_size(&mut self, ctx: ContextRef, newcomer: SessionRef, why: &mut Ruling) {
        let (size, held) = (self.context(ctx).size, self.context(ctx).internal_cache.len() as u64);
        if size == 0 && why.keeps(SIZE_ZERO_UNLIMITED) {
            return;
        }
        let over = held.saturating_sub(points::room(&self.profile, size, size));
        if over == 0 {
            return;
        }
        if over > 1 && !why.keeps(SIZE_SMALLER_AT_NEXT_ADD) {
            return;
        }
        for victim in self.victims(ctx, newcomer, over, why) {
            if why.rules(FLUSH_COLLECTS, What::Leaves(ctx, victim)) {
                let marks = self.profile.readings.marks_dropped == MarksDropped::Yes;
                self.leave(ctx, victim, marks, Some(REMOVE_CB_WHENEVER_REMOVED), why);
                self.count(ctx, Counter::CacheFull, CACHE_FULL_COUNTS_DROPPED, why);
            }
        }
    }

    /// "From the end": which end is open.
    fn victims(&self, ctx: ContextRef, newcomer: SessionRef, over: u64, why: &mut Ruling) -> Vec<SessionRef> {
        why.keeps(SIZE_DROPS_FROM_END);
        // One that nobody else chooses needs no order of all the others.
        if over == 1 && why.members_left.is_none() {
            let others = self.members(ctx).filter(|&c| c != newcomer);
            let first = match self.profile.readings.victim {
                Victim::FirstAdded => others.min_by_key(|&c| self.session(c).added),
                _ => self.first_in_order_but(ctx, newcomer),
            };
            return first.into_iter().collect();
        }
        let mut allowed: Vec<_> = self.members(ctx).filter(|&c| c != newcomer).collect();
        match self.profile.readings.victim {
            Victim::FirstAdded => allowed.sort_unstable_by_key(|&c| self.session(c).added),
            _ => self.in_order(ctx, &mut allowed),
        }
        let mut over = usize::try_from(over).expect("no more than are held");
        let left = why.members_left.take();
        let open = self.profile.readings.victim == Victim::Any;
        let hint = self.profile.readings.size_limit == SizeLimit::Hint;
        if let Some(left) = left.as_ref().filter(|_| open || hint) {
            // A latitude: the subject's choice is taken if it is one that the page allows. Who has expired may have
            // left by a flush of the same step, so they come last.
            let mut gone: Vec<_> = allowed.iter().copied().filter(|&c| !left.contains(&(ctx, c))).collect();
            gone.sort_by_key(|&c| self.clock > self.expiry(c));
            if hint {
                over = gone.len();
            }
            if gone.len() >= over && (open || hint) {
                allowed = gone;
                why.latitudes += 1;
            }
        }
        why.members_left = left;
        allowed.truncate(over);
        self.in_order_of_callbacks(&mut allowed);
        allowed
    }
}
