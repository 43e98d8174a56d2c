//! The order in which the sessions of one cache leave it: soonest to expire first, and of those that expire together,
//! first placed first.
//!
//! Not here: which sessions leave. The pages leave the order open; readings refer to this one. A departure may have an
//! order freeze ([`World::freeze_order`]), after which places are taken as in a list that is sorted no more.
//! Another one gives a session a place that is not cached ([`World::place_uncached`]).

use crate::clause::FLUSH_EXPIRED;
use crate::internal_cache::Turn;
use crate::ruling::Ruling;
use crate::session::{ContextRef, SessionRef};
use crate::time::Time;
use crate::world::{Session, World};

impl World {
    /// Gives a session the last place among those that expire with it.
    pub(crate) fn take_place(&mut self, c: SessionRef) {
        self.place_uncached(c);
        self.next_place += 1;
        let place = self.next_place;
        self.change_turn(c, |session| session.place = place);
        let frozen: Vec<ContextRef> = self.frozen.keys().copied().filter(|&ctx| self.holds(ctx, c)).collect();
        for ctx in frozen {
            self.link(ctx, c);
        }
    }

    /// In the order of which cache a session has a place, be it in the cache or not.
    pub(crate) fn place_of(&self, c: SessionRef) -> Option<ContextRef> {
        let mut contexts = (0..).zip(&self.contexts).filter(|(_, context)| context.is_some());
        let cached = contexts.find_map(|(n, _)| Some(ContextRef(n)).filter(|&ctx| self.holds(ctx, c)));
        cached.or(self.session(c).claims)
    }

    /// A session that claims a place without being cached comes into the order of the cache, which has no reference on
    /// it and may be gone. Once it is cached it claims nothing any more.
    fn place_uncached(&mut self, c: SessionRef) {
        let Some(ctx) = self.session(c).claims else { return };
        if self.holds(ctx, c) {
            self.session_mut(c).claims = None;
            return;
        }
        self.linked.insert((ctx, c));
        self.damaged = true;
    }

    /// A flush comes to those that are in the order and not in the cache as well. The reference that it frees is
    /// somebody else's, which is more than can be shown here: the world is damaged.
    pub(crate) fn flush_linked(&mut self, ctx: ContextRef, tm: Time, why: &mut Ruling) {
        let of_it = self.linked.iter().copied().filter(|(of, _)| *of == ctx).collect::<Vec<_>>();
        for (_, c) in of_it {
            let lives = self.sessions[c.0 as usize].is_some();
            if !lives || tm > self.expiry(c) {
                self.linked.remove(&(ctx, c));
            }
            if lives && tm > self.expiry(c) {
                self.mark(c, FLUSH_EXPIRED, why);
                self.call_remove_cb(ctx, c, FLUSH_EXPIRED, why);
            }
        }
    }

    /// Sorts sessions of one cache, first to leave first.
    pub(crate) fn in_order(&self, ctx: ContextRef, sessions: &mut [SessionRef]) {
        match self.frozen.get(&ctx) {
            None => sessions.sort_unstable_by_key(|&c| self.turn(c)),
            Some(list) => sessions.sort_unstable_by_key(|c| list.iter().position(|listed| listed == c)),
        }
    }

    /// What a session's turn to leave follows from.
    pub(crate) fn turn(&self, c: SessionRef) -> Turn {
        (self.expiry(c), self.session(c).place)
    }

    /// Sets a session's time.
    pub(crate) fn give_time(&mut self, c: SessionRef, time: Time) {
        self.change_turn(c, |session| session.time = time);
    }

    /// Changes what a session's turn follows from: its time, its timeout or its place.
    pub(crate) fn change_turn(&mut self, c: SessionRef, change: impl FnOnce(&mut Session)) {
        let before = self.turn(c);
        change(self.session_mut(c));
        let now = self.turn(c);
        for context in self.contexts.iter_mut().flatten() {
            context.internal_cache.change_turn(c, before, now);
        }
    }

    /// Of the sessions of one cache, the first to leave that is not this one.
    pub(crate) fn first_in_order_but(&self, ctx: ContextRef, stays: SessionRef) -> Option<SessionRef> {
        match self.frozen.get(&ctx) {
            None => self.context(ctx).internal_cache.in_order().map(|(_, c)| c).find(|&c| c != stays),
            Some(list) => {
                let others = self.members(ctx).filter(|&c| c != stays);
                others.min_by_key(|c| list.iter().position(|listed| listed == c))
            }
        }
    }

    /// The sessions of one cache, first to expire first, of which it is to be asked whether they have expired at `tm`:
    /// the others expire later. At time 0 all are asked: FLUSH_ZERO speaks of each of them.
    pub(crate) fn may_have_expired(&self, ctx: ContextRef, tm: Time) -> impl Iterator<Item = SessionRef> {
        let all = self.context(ctx).internal_cache.in_order();
        all.take_while(move |(expiry, _)| *expiry <= tm || tm == Time(0)).map(|(_, c)| c)
    }

    /// Of sessions that have expired, first to leave first, those that a flush comes to: all of them, unless the order
    /// is frozen and it meets one that lives.
    pub(crate) fn reached(&self, ctx: ContextRef, expired: &mut Vec<SessionRef>) {
        if let Some(list) = self.frozen.get(&ctx) {
            let listed = list.iter().filter(|&&c| self.holds(ctx, c));
            let reached = listed.zip(expired.iter()).take_while(|(listed, expired)| listed == expired).count();
            expired.truncate(reached);
        }
    }

    /// From now on expiry sorts this cache no more: each session keeps its place until it takes another one.
    pub(crate) fn freeze_order(&mut self, ctx: ContextRef) {
        if !self.frozen.contains_key(&ctx) {
            let mut list: Vec<SessionRef> = self.members(ctx).collect();
            self.in_order(ctx, &mut list);
            self.frozen.insert(ctx, list);
        }
    }

    /// Links a session into a frozen order where libssl's `SSL_SESSION_list_add()` would: by comparing it with the last
    /// to leave, then with the first, then with the others from the last on.
    fn link(&mut self, ctx: ContextRef, c: SessionRef) {
        let mut list = self.frozen.remove(&ctx).expect("the caller has seen that it is frozen");
        list.retain(|&listed| listed != c && self.holds(ctx, listed));
        let expiry = self.expiry(c);
        let not_after = |listed: &SessionRef| self.expiry(*listed) <= expiry;
        let at = match (list.first(), list.last()) {
            (Some(first), Some(last)) if !not_after(last) => {
                if not_after(first) {
                    list.iter().rposition(not_after).map_or(0, |before| before + 1)
                } else {
                    0
                }
            }
            _ => list.len(),
        };
        list.insert(at, c);
        self.frozen.insert(ctx, list);
    }

    fn holds(&self, ctx: ContextRef, c: SessionRef) -> bool {
        let lives = self.sessions.get(c.0 as usize).is_some_and(Option::is_some);
        let there = self.contexts[usize::from(ctx.0)].is_some();
        lives && there && self.cached_under_id_of(ctx, c) == Some(c)
    }
}

#[cfg(test)]
mod tests;
