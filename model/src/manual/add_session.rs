//! SSL_CTX_add_session(3)

use crate::clause::*;
use crate::points;
use crate::reading::{
    MarksReplaced, RemoveCallback, RemoveCallsBackWith, RemoveMarks, RemoveMatch, ReplaceCallback, UpdateTimeOn,
};
use crate::ruling::{Ruling, What};
use crate::session::{ContextRef, SessionRef};
use crate::world::World;

impl World {
    /// `SSL_CTX_add_session()`: puts `c` into the internal cache of `ctx`.
    pub fn add_session(&mut self, ctx: ContextRef, c: SessionRef, why: &mut Ruling) -> i64 {
        let Some(key) = self.key(c) else { return why.returns(ADD_RETURNS, 0) };

        // NOTES: is a session with this id there already?
        let old = self.cached_under_id_of(ctx, c);

        // The very same object again changes nothing.
        if old == Some(c) && why.keeps(ADD_IDENTICAL_IS_NOOP) {
            if points::identical_add_moves(&self.profile, false) {
                self.update_time_on_add(ctx, c, why);
                self.take_place(c);
            }
            if points::identical_add_updates_time(&self.profile, false) {
                self.update_time_in_place(ctx, c, why);
            }
            return why.returns(ADD_RETURNS, 0);
        }

        // Another object with this id: the two are taken for the same session, the old one leaves for the new one.
        if let Some(old) = old.filter(|&old| old != c) {
            if !why.keeps(ADD_SAME_ID_ASSUMED_EQUAL) {
                return why.returns(ADD_RETURNS, 0);
            }
            if !why.rules(ADD_SAME_ID_REPLACES, What::Leaves(ctx, old)) {
                return why.returns(ADD_RETURNS, 0);
            }
            self.take_out(ctx, old);
            if self.profile.readings.marks_replaced == MarksReplaced::Yes {
                self.mark(old, LEAVE_MARKS_SILENT, why);
            }
            if self.profile.readings.replace_callback == ReplaceCallback::Called {
                self.call_remove_cb(ctx, old, REPLACE_CALLBACK, why);
            }
            self.free(old, ADD_SAME_ID_REPLACES, why);
        }

        // DESCRIPTION: the session enters, whatever the cache mode, and the cache holds a reference on it.
        if !why.rules(ADD_ADDS, What::Enters(ctx, c)) {
            return why.returns(ADD_RETURNS, 1);
        }
        if old != Some(c) && why.keeps(ADD_UP_REF) {
            self.session_mut(c).references += 1;
        }
        self.update_time_on_add(ctx, c, why);
        let turn = self.turn(c);
        self.context_mut(ctx).internal_cache.insert(key, c, turn);

        // SSL_CTX_sess_set_cache_size(3): what no longer fits is dropped, never the newcomer.
        self.drop_for_size(ctx, c, why);
        self.take_place(c);
        self.session_mut(c).added = self.next_place;
        why.returns(ADD_RETURNS, 1)
    }

    /// `SSL_CTX_remove_session()`: takes `c` out of the internal cache of `ctx`.
    pub fn remove_session(&mut self, ctx: ContextRef, c: SessionRef, why: &mut Ruling) -> i64 {
        let calls_back = self.profile.readings.remove_callback == RemoveCallback::Called;
        let marks = self.profile.edition >= Edition::V3_0;
        self.remove_through(
            ctx,
            c,
            Cause {
                removes: REMOVE_REMOVES,
                marks: marks.then_some(REMOVE_NOT_RESUMABLE),
                calls_back: calls_back.then_some(REMOVE_APPLICATION_CALLBACK),
            },
            why,
        )
    }

    /// What removing through a named object does, whoever asks for it.
    pub(crate) fn remove_through(&mut self, ctx: ContextRef, c: SessionRef, cause: Cause, why: &mut Ruling) -> i64 {
        let readings = self.profile.readings;

        // Which cached session is meant: this object, or whatever has its id.
        let cached = self
            .cached_under_id_of(ctx, c)
            .filter(|&cached| cached == c || (readings.remove_match == RemoveMatch::Id && why.keeps(REMOVE_TWIN)));
        let Some(cached) = cached else {
            // RETURN VALUES: it was not found.
            why.keeps(REMOVE_ABSENT_FAILS);
            if points::absent_remove_acts(&self.profile, false) && self.session(c).id.is_some() {
                self.mark(c, REMOVE_ABSENT_FAILS, why);
                self.call_remove_cb(ctx, c, REMOVE_ABSENT_FAILS, why);
            }
            return why.returns(REMOVE_ABSENT_FAILS, 0);
        };

        if !why.rules(cause.removes, What::Leaves(ctx, cached)) {
            return why.returns(ADD_RETURNS, 1);
        }
        self.take_out(ctx, cached);
        if let Some(clause) = cause.marks {
            if cached == c || readings.remove_marks != RemoveMarks::Cached {
                self.mark(c, clause, why);
            }
            if cached != c && readings.remove_marks != RemoveMarks::Argument {
                self.mark(cached, clause, why);
            }
        }
        if let Some(clause) = cause.calls_back {
            let with = match readings.remove_calls_back_with {
                RemoveCallsBackWith::Cached => cached,
                RemoveCallsBackWith::Argument => c,
            };
            self.call_remove_cb(ctx, with, clause, why);
        }
        // One reference is freed for it: the cache's own.
        if why.keeps(REMOVE_FREES_ONCE) {
            self.free(cached, REMOVE_FREES_ONCE, why);
        }
        why.returns(ADD_RETURNS, 1)
    }

    /// Marks a session non-resumable.
    pub(crate) fn mark(&mut self, c: SessionRef, clause: Clause, why: &mut Ruling) {
        if why.rules(clause, What::Marks(c)) {
            self.session_mut(c).resumable = false;
        }
    }

    /// UPDATE_TIME, under the readings that take adding for a use.
    fn update_time_on_add(&mut self, ctx: ContextRef, c: SessionRef, why: &mut Ruling) {
        if self.profile.readings.update_time_on != UpdateTimeOn::Resume {
            self.update_time(ctx, c, why);
        }
    }
}

/// On whose account a session leaves: the clauses that have it removed, marked and called back with.
#[derive(Clone, Copy)]
pub(crate) struct Cause {
    pub(crate) removes: Clause,
    pub(crate) marks: Option<Clause>,
    pub(crate) calls_back: Option<Clause>,
}
