//! SSL_CTX_new(3), SSL_CTX_free(3)

use crate::application::Application;
use crate::clause::*;
use crate::mode::CacheMode;
use crate::reading::MarksContextFreed;
use crate::ruling::{Called, Ruling, What};
use crate::session::{ContextRef, SessionRef};
use crate::world::{Context, NewContext, World};

impl World {
    /// `SSL_CTX_new()` and the setters that come before any session: the context's place is the next one.
    pub fn ctx_new(&mut self, new: NewContext) -> ContextRef {
        let ctx = ContextRef(u8::try_from(self.contexts.len()).expect("at most 8 contexts"));
        // SSL_CTX_set_session_cache_mode(3): SERVER is the default.
        let default = if self.profile.broken == Some(MODE_DEFAULT) { CacheMode::BOTH } else { CacheMode::SERVER };
        let size = super::sess_set_cache_size::DEFAULT_SIZE + u64::from(self.profile.broken == Some(SIZE_DEFAULT));
        let mut counters = [0; 12];
        counters[0] = i64::from(self.profile.broken == Some(NUMBER_COUNTS_MEMBERS));
        self.contexts.push(Some(Context {
            mode: new.mode.unwrap_or(default),
            size: new.size.unwrap_or(size),
            timeout: new.timeout.unwrap_or_else(|| super::set_timeout::default_timeout(&self.profile)),
            id_context: new.id_context,
            verify_peer: new.verify_peer,
            application: Application::new(new.callbacks, new.external),
            internal_cache: crate::internal_cache::InternalCache::default(),
            counters,
            towards_flush: [0; 2],
            flush_goes_on: false,
        }));
        ctx
    }

    /// `SSL_CTX_free()`: the session cache goes with the context, and `remove_session_cb` is told of each member.
    pub fn ctx_free(&mut self, ctx: ContextRef, why: &mut Ruling) {
        let mut members: Vec<SessionRef> = self.members(ctx).collect();
        self.in_order(ctx, &mut members);
        self.in_order_of_callbacks(&mut members);
        for c in members {
            if why.rules(CTX_FREE_FREES_CACHE, What::Leaves(ctx, c)) {
                let marks = self.profile.readings.marks_context_freed == MarksContextFreed::Yes;
                let unset = !self.context(ctx).application.callbacks().remove;
                if unset && !why.keeps(CTX_FREE_UNSET_CALLBACK) {
                    why.rules(CTX_FREE_REMOVE_CB, What::Calls(Called::Remove(ctx, c)));
                }
                let calls = why.keeps(REMOVE_CB_CONTEXT_FREED).then_some(CTX_FREE_REMOVE_CB);
                self.leave(ctx, c, marks, calls, why);
            }
        }
        let freed = self.contexts[usize::from(ctx.0)].take().expect("a context is freed once");
        self.left_behind.insert(ctx, freed.application);
    }
}
