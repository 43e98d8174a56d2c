//! The library inside a wrapper, with what a fault can bring about by calls alone: take a session out of a cache or put
//! it in unseen, have one expired or fresh for a moment, have a context in another mode for a moment.
//!
//! All of it is made of the calls of the pages, so that it works on whatever library is inside.

use session_model::application::Callbacks;
use session_model::{CacheMode, ConnectionRef, ContextRef, SessionId, SessionRef, Time};

use super::facts::{Facts, Open};
use crate::driver::{Begin, Library};
use crate::transcript::{Counter, Event, Member};

/// Before any time of the core alphabet, in seconds.
const LONG_AGO: i128 = -(1 << 40);

/// The library inside, and what is known of the run.
pub(crate) struct Inner<'a> {
    pub(crate) library: &'a mut dyn Library,
    pub(crate) facts: &'a mut Facts,
}

/// A mode without some flags.
pub(crate) fn without(mode: CacheMode, flags: CacheMode) -> CacheMode {
    CacheMode::from_bits(mode.bits() & !flags.bits()).expect("a part of a mode is a mode")
}

impl Inner<'_> {
    pub(crate) fn members(&mut self, ctx: ContextRef) -> Vec<Member> {
        let mut members = Vec::new();
        self.library.members(ctx, &mut members);
        members.sort_unstable();
        members
    }

    pub(crate) fn is_member(&mut self, ctx: ContextRef, c: SessionRef) -> bool {
        self.members(ctx).iter().any(|member| member.session == c)
    }

    /// The member of this id.
    pub(crate) fn cached(&mut self, ctx: ContextRef, id: SessionId) -> Option<SessionRef> {
        let members = self.members(ctx);
        members.into_iter().map(|member| member.session).find(|&c| self.facts.id(c) == Some(id))
    }

    /// The member of the id of `c`, `c` itself included.
    pub(crate) fn cached_as(&mut self, ctx: ContextRef, c: SessionRef) -> Option<SessionRef> {
        let id = self.facts.id(c)?;
        self.cached(ctx, id)
    }

    /// The member that a server finds for what is proposed, should it look.
    pub(crate) fn found(&mut self, begin: &Begin) -> Option<SessionRef> {
        let id = self.facts.proposed(begin)?;
        self.cached(begin.context, id)
    }

    /// The members that have expired at `tm`, soonest to expire first.
    pub(crate) fn expired(&mut self, ctx: ContextRef, tm: Time) -> Vec<SessionRef> {
        let mut expired = self.members(ctx);
        expired.retain(|member| i128::from(member.time) + i128::from(member.timeout) < tm.0);
        expired.sort_by_key(|member| member.time.saturating_add(member.timeout));
        expired.into_iter().map(|member| member.session).collect()
    }

    /// Whether one more session would exceed the size.
    pub(crate) fn is_full(&mut self, ctx: ContextRef) -> bool {
        let size = self.library.sess_get_cache_size(ctx);
        size > 0 && self.members(ctx).len() as i64 >= size
    }

    pub(crate) fn mode(&mut self, ctx: ContextRef) -> CacheMode {
        let bits = u32::try_from(self.library.get_session_cache_mode(ctx)).expect("a mode is a set of flags");
        CacheMode::from_bits(bits).expect("the flags are the pages'")
    }

    /// The contexts that are there.
    pub(crate) fn contexts(&self) -> Vec<ContextRef> {
        let live = self.facts.live.iter().zip(0..).filter(|(live, _)| **live);
        live.map(|(_, n)| ContextRef(n)).collect()
    }

    pub(crate) fn open(&self, k: ConnectionRef) -> Open {
        *self.facts.open.get(&k).expect("an open connection")
    }

    /// The contexts in whose cache the sessions of this connection are to go: those with the mode for their side.
    pub(crate) fn caching(&mut self, k: ConnectionRef) -> Vec<ContextRef> {
        let Begin { context, client, .. } = self.open(k).begin;
        let mut caching = Vec::new();
        if self.mode(context).contains(CacheMode::SERVER) {
            caching.push(context);
        }
        caching.extend(client.filter(|&client| self.mode(client).contains(CacheMode::CLIENT)));
        caching
    }

    /// Takes one more reference, if there is one already outside of the library or the object was just made.
    pub(crate) fn hold(&mut self, c: SessionRef) -> bool {
        self.look();
        let there = !self.facts.is_gone(c) && (self.facts.held(c) > 0 || self.library.has_id(c));
        if there {
            self.library.session_up_ref(c);
        }
        there
    }

    /// While `f` runs, the session has this time.
    pub(crate) fn at_time<T>(&mut self, c: SessionRef, time: Time, f: impl FnOnce(&mut Self) -> T) -> T {
        if !self.hold(c) {
            return f(self);
        }
        let before = self.library.session_get_time(c);
        self.library.session_set_time(c, time);
        let done = f(self);
        if i128::from(self.library.session_get_time(c)) == time.0 {
            self.library.session_set_time(c, Time(before.into()));
        }
        self.library.session_free(c);
        done
    }

    /// While `f` runs, these sessions have expired for long.
    pub(crate) fn outdated<T>(&mut self, of: &[SessionRef], f: impl FnOnce(&mut Self) -> T) -> T {
        let held: Vec<_> = of.iter().copied().filter(|&c| self.hold(c)).collect();
        let long_ago = |at: &mut Self, c| Time(LONG_AGO - i128::from(at.library.session_get_timeout(c)));
        let mut before = Vec::new();
        for &c in &held {
            before.push(self.library.session_get_time(c));
            let time = long_ago(self, c);
            self.library.session_set_time(c, time);
        }
        let done = f(self);
        for (c, before) in held.into_iter().zip(before) {
            if i128::from(self.library.session_get_time(c)) < 0 {
                self.library.session_set_time(c, Time(before.into()));
            }
            self.library.session_free(c);
        }
        done
    }

    /// While `f` runs, the session is in its last second at `now`.
    pub(crate) fn alive<T>(&mut self, c: SessionRef, now: Time, f: impl FnOnce(&mut Self) -> T) -> T {
        if !self.hold(c) {
            return f(self);
        }
        let time = Time(now.0 - i128::from(self.library.session_get_timeout(c)));
        let done = self.at_time(c, time, f);
        self.library.session_free(c);
        done
    }

    /// As [`Self::alive`], for several.
    pub(crate) fn all_alive<T>(&mut self, of: &[SessionRef], now: Time, f: &mut dyn FnMut(&mut Self) -> T) -> T {
        match of.split_first() {
            None => f(self),
            Some((&c, others)) => self.alive(c, now, |at| at.all_alive(others, now, f)),
        }
    }

    /// While `f` runs, the context has this mode.
    pub(crate) fn in_mode<T>(&mut self, ctx: ContextRef, mode: CacheMode, f: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.mode(ctx);
        self.library.set_session_cache_mode(ctx, mode);
        let done = f(self);
        self.library.set_session_cache_mode(ctx, before);
        done
    }

    /// While `f` runs, these contexts do not flush by themselves.
    pub(crate) fn unflushed<T>(&mut self, of: &[ContextRef], f: impl FnOnce(&mut Self) -> T) -> T {
        let before: Vec<_> = of.iter().map(|&ctx| (ctx, self.mode(ctx))).collect();
        for &(ctx, mode) in &before {
            self.library.set_session_cache_mode(ctx, mode | CacheMode::NO_AUTO_CLEAR);
        }
        let done = f(self);
        for (ctx, mode) in before {
            self.library.set_session_cache_mode(ctx, mode);
        }
        done
    }

    /// While `f` runs, the size is this.
    pub(crate) fn sized<T>(&mut self, ctx: ContextRef, size: u32, f: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.library.sess_set_cache_size(ctx, size);
        let done = f(self);
        self.library.sess_set_cache_size(ctx, u32::try_from(before).expect("it was set with 32 bits"));
        done
    }

    /// While `f` runs, the context has no callbacks.
    pub(crate) fn untold<T>(&mut self, ctx: ContextRef, f: impl FnOnce(&mut Self) -> T) -> T {
        self.told(ctx, &Callbacks::default(), f)
    }

    /// While `f` runs, the context has these callbacks.
    pub(crate) fn told<T>(&mut self, ctx: ContextRef, callbacks: &Callbacks, f: impl FnOnce(&mut Self) -> T) -> T {
        self.library.set_callbacks(ctx, callbacks);
        let done = f(self);
        self.library.set_callbacks(ctx, &self.facts.contexts[usize::from(ctx.0)].callbacks);
        done
    }

    /// Takes one session out of the cache, as a flush does. Whether it could.
    pub(crate) fn take_out(&mut self, ctx: ContextRef, c: SessionRef) -> bool {
        if self.facts.is_gone(c) || !self.is_member(ctx, c) || !self.hold(c) {
            return false;
        }
        self.outdated(&[c], |at| at.library.flush_sessions(ctx, Time(LONG_AGO + 1)));
        self.library.session_free(c);
        true
    }

    /// Takes one session out, and it counts as dropped for size.
    pub(crate) fn drop_for_size(&mut self, ctx: ContextRef, c: SessionRef) {
        if self.take_out(ctx, c) {
            self.offset(ctx, Counter::CacheFull, 1);
        }
    }

    /// Puts a session in, whatever the size, and nobody is told.
    pub(crate) fn put_in(&mut self, ctx: ContextRef, c: SessionRef) {
        if self.hold(c) {
            self.untold(ctx, |at| at.sized(ctx, 0, |at| at.library.add_session(ctx, c)));
            self.library.session_free(c);
        }
    }

    /// Changes what a counter shows from now on.
    pub(crate) fn offset(&mut self, ctx: ContextRef, counter: Counter, by: i64) {
        self.facts.offsets[usize::from(ctx.0)][counter as usize] += by;
    }

    /// The counter as the library has it.
    pub(crate) fn counter(&mut self, ctx: ContextRef, counter: Counter) -> i64 {
        self.library.counters(ctx)[counter as usize]
    }

    /// What was called back so far in this step.
    pub(crate) fn events(&mut self) -> &mut Vec<Event> {
        self.look();
        &mut self.facts.news.events
    }

    /// Takes note of what has happened.
    pub(super) fn look(&mut self) {
        let from = self.facts.news.destroyed.len();
        self.library.drain(&mut self.facts.news);
        self.facts.note_destroyed(from);
    }
}
