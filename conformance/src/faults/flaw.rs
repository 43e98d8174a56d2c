//! Where a fault takes hold: before, after or instead of a call.
//!
//! Each method is the call of [`Library`](crate::driver::Library) with its name, and hands it on unless a fault says
//! otherwise.

use session_model::application::Callbacks;
use session_model::{CacheMode, ConnectionRef, ContextRef, IdContext, NewSession, SessionRef, Time, Timeout};

use super::facts::Facts;
use super::inner::Inner;
use crate::driver::Begin;
use crate::op::{Close, LongIdContext, Renegotiation};
use crate::trace::Setup;
use crate::transcript::{Counters, Event};

/// A fault at work, with what it remembers of one run.
pub(crate) trait Flaw {
    /// How the library is set up instead.
    fn begin(&mut self, _setup: &mut Setup) {}
    /// What a context's counters show instead; `all` are those of each context, as the library has them.
    fn counters(&mut self, _ctx: ContextRef, _shown: &mut Counters, _all: &[Counters]) {}
    /// What is shown of the calls back since this was asked last.
    fn told(&mut self, _facts: &Facts, _events: &mut Vec<Event>) {}

    fn set_clock(&mut self, at: &mut Inner<'_>, now: Time) {
        at.library.set_clock(now);
    }
    fn session(&mut self, at: &mut Inner<'_>, c: SessionRef, new: &NewSession) {
        at.library.session(c, new);
    }
    fn session_up_ref(&mut self, at: &mut Inner<'_>, c: SessionRef) -> i64 {
        at.library.session_up_ref(c)
    }
    fn session_free(&mut self, at: &mut Inner<'_>, c: SessionRef) {
        at.library.session_free(c);
    }
    fn session_set_time(&mut self, at: &mut Inner<'_>, c: SessionRef, time: Time) -> i64 {
        at.library.session_set_time(c, time)
    }
    fn session_set_timeout(&mut self, at: &mut Inner<'_>, c: SessionRef, timeout: Timeout) -> i64 {
        at.library.session_set_timeout(c, timeout)
    }
    fn session_set1_id_context(&mut self, at: &mut Inner<'_>, c: SessionRef, id_context: IdContext) -> i64 {
        at.library.session_set1_id_context(c, id_context)
    }
    fn add_session(&mut self, at: &mut Inner<'_>, ctx: ContextRef, c: SessionRef) -> i64 {
        at.library.add_session(ctx, c)
    }
    fn remove_session(&mut self, at: &mut Inner<'_>, ctx: ContextRef, c: SessionRef) -> i64 {
        at.library.remove_session(ctx, c)
    }
    fn flush_sessions(&mut self, at: &mut Inner<'_>, ctx: ContextRef, tm: Time) {
        at.library.flush_sessions(ctx, tm);
    }
    fn set_session_cache_mode(&mut self, at: &mut Inner<'_>, ctx: ContextRef, mode: CacheMode) -> i64 {
        at.library.set_session_cache_mode(ctx, mode)
    }
    fn get_session_cache_mode(&mut self, at: &mut Inner<'_>, ctx: ContextRef) -> i64 {
        at.library.get_session_cache_mode(ctx)
    }
    fn sess_set_cache_size(&mut self, at: &mut Inner<'_>, ctx: ContextRef, size: u32) -> i64 {
        at.library.sess_set_cache_size(ctx, size)
    }
    fn sess_get_cache_size(&mut self, at: &mut Inner<'_>, ctx: ContextRef) -> i64 {
        at.library.sess_get_cache_size(ctx)
    }
    fn set_timeout(&mut self, at: &mut Inner<'_>, ctx: ContextRef, timeout: Timeout) -> i64 {
        at.library.set_timeout(ctx, timeout)
    }
    fn set_session_id_context(&mut self, at: &mut Inner<'_>, ctx: ContextRef, id_context: &LongIdContext) -> i64 {
        at.library.set_session_id_context(ctx, id_context)
    }
    fn set_callbacks(&mut self, at: &mut Inner<'_>, ctx: ContextRef, callbacks: &Callbacks) {
        at.library.set_callbacks(ctx, callbacks);
    }
    fn ctx_free(&mut self, at: &mut Inner<'_>, ctx: ContextRef) {
        at.library.ctx_free(ctx);
    }
    fn accept_begin(&mut self, at: &mut Inner<'_>, k: ConnectionRef, begin: &Begin) -> i64 {
        at.library.accept_begin(k, begin)
    }
    fn accept_finish(&mut self, at: &mut Inner<'_>, k: ConnectionRef) -> i64 {
        at.library.accept_finish(k)
    }
    fn renegotiate(&mut self, at: &mut Inner<'_>, k: ConnectionRef, kind: Renegotiation, begin: &Begin) -> i64 {
        at.library.renegotiate(k, kind, begin)
    }
    fn accept_abort(&mut self, at: &mut Inner<'_>, k: ConnectionRef) {
        at.library.accept_abort(k);
    }
    fn close(&mut self, at: &mut Inner<'_>, k: ConnectionRef, close: Close) {
        at.library.close(k, close);
    }
}

/// No fault: the wrapper by itself.
pub(crate) struct Flawless;

impl Flaw for Flawless {}
