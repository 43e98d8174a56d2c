//! SSL_CTX_sess_set_get_cb(3): the three callbacks, and whose reference is whose.

use crate::application::{Callbacks, Copy};
use crate::clause::*;
use crate::points;
use crate::reading::MarksRefused;
use crate::ruling::{Called, Counter, Ruling, What};
use crate::session::{ContextRef, SessionId, SessionRef};
use crate::world::World;

impl World {
    /// `SSL_CTX_sess_set_new_cb()`, `SSL_CTX_sess_set_remove_cb()` and `SSL_CTX_sess_set_get_cb()` at once.
    pub fn set_callbacks(&mut self, ctx: ContextRef, callbacks: Callbacks) {
        self.context_mut(ctx).application.set_callbacks(callbacks);
    }

    /// A session was negotiated and caching is enabled: `new_session_cb` is told, with a reference of its own.
    pub(crate) fn call_new_cb(&mut self, ctx: ContextRef, c: SessionRef, why: &mut Ruling) {
        let Some(id) = self.session(c).id else { return };
        if self.context(ctx).application.callbacks().new.is_none() || !why.keeps(NEW_CB_CALLED) {
            return;
        }
        if why.keeps(NEW_CB_UP_REF) {
            self.session_mut(c).references += 1;
        }
        let (keeps, out_of_place) = self.context_mut(ctx).application.new_session(c, id);
        why.rules(NEW_CB_CALLED, What::Calls(Called::New(ctx, c, keeps)));
        if let Some(forgotten) = out_of_place {
            self.free(forgotten, SESSION_FREE_AT_ZERO, why);
        }
        if keeps {
            if !why.keeps(NEW_CB_ONE_KEEPS) {
                self.free(c, NEW_CB_ONE_KEEPS, why);
            }
            return;
        }
        // 0: out of the internal cache at once, and the reference is given back.
        let cached = self.cached_under_id_of(ctx, c) == Some(c);
        if cached && points::refused_leaves(&self.profile, true) && why.rules(NEW_CB_ZERO_REMOVES, What::Leaves(ctx, c))
        {
            let marks = self.profile.readings.marks_refused == MarksRefused::Yes;
            self.leave(ctx, c, marks, Some(REMOVE_CB_WHENEVER_REMOVED), why);
        }
        if why.keeps(NEW_CB_ZERO_FREES) {
            self.free(c, NEW_CB_ZERO_FREES, why);
        }
    }

    /// `remove_session_cb` is told of a session that the engine removes.
    pub(crate) fn call_remove_cb(&mut self, ctx: ContextRef, c: SessionRef, clause: Clause, why: &mut Ruling) {
        let Some(id) = self.session(c).id else { return };
        if !self.context(ctx).application.callbacks().remove {
            return;
        }
        if !why.rules(clause, What::Calls(Called::Remove(ctx, c))) {
            return;
        }
        if let Some(forgotten) = self.context_mut(ctx).application.remove_session(id) {
            self.free(forgotten, SESSION_FREE_AT_ZERO, why);
        }
    }

    /// A server asks `get_session_cb` for a proposed id. The answer comes with a reference for the connection.
    pub(crate) fn call_get_cb(&mut self, ctx: ContextRef, id: SessionId, why: &mut Ruling) -> Option<SessionRef> {
        if self.context(ctx).application.callbacks().get.is_none() || !why.keeps(GET_CB_NOT_FOUND_INTERNALLY) {
            return None;
        }
        let answer = self.context_mut(ctx).application.get_session(id);
        let called = Called::Get(ctx, id, answer.map(|(c, _)| c));
        why.rules(GET_CB_NOT_FOUND_INTERNALLY, What::Calls(called));
        let (c, copy) = answer?;
        if !self.session(c).resumable && points::marked_answer_is_none(&self.profile, false) {
            return None;
        }
        self.count(ctx, Counter::CbHits, CB_HITS_COUNTS_EXTERNAL, why);
        let (clause, engine_takes) = match copy {
            Copy::One => (GET_CB_COPY_ONE, true),
            Copy::Unset => (GET_CB_COPY_UNSET, true),
            // The count stays as it is: the application hands over a reference that it took for this.
            Copy::Zero => (GET_CB_COPY_ZERO, false),
        };
        if !engine_takes {
            self.session_mut(c).references += 1;
        }
        if engine_takes == why.keeps(clause) {
            self.session_mut(c).references += 1;
        }
        Some(c)
    }

    /// The application stores a session externally of its own accord, with a reference of its own.
    pub fn external_store(&mut self, ctx: ContextRef, c: SessionRef, why: &mut Ruling) {
        let Some(id) = self.session(c).id else { return };
        self.session_mut(c).references += 1;
        if let Some(forgotten) = self.context_mut(ctx).application.store(c, id) {
            self.free(forgotten, SESSION_FREE_AT_ZERO, why);
        }
    }

    /// The application forgets what it has externally under the id of `c`.
    pub fn external_forget(&mut self, ctx: ContextRef, c: SessionRef, why: &mut Ruling) {
        let Some(id) = self.session(c).id else { return };
        if let Some(forgotten) = self.context_mut(ctx).application.forget(id) {
            self.free(forgotten, SESSION_FREE_AT_ZERO, why);
        }
    }

    /// The application frees all that it holds for a context, which may be gone by now.
    pub fn application_release(&mut self, ctx: ContextRef, why: &mut Ruling) {
        let held = match self.left_behind.get_mut(&ctx) {
            Some(application) => application.release(),
            None => self.context_mut(ctx).application.release(),
        };
        for c in held {
            self.free(c, SESSION_FREE_AT_ZERO, why);
        }
    }
}
