//! A libssl's own cache and hand-made sessions, with nothing around them: for whoever measures the cache itself.
//!
//! Not here: names, observations, callbacks, handshakes; those are the subject's.

use std::ffi::{c_long, c_uint};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use super::api::Api;
use super::contexts::Control;
use super::handles::{Context, Session, Ssl};

/// A hand-made session, with one reference on it.
pub struct Object {
    api: &'static Api,
    session: Session,
}

impl Object {
    /// A session of TLS 1.3 with this id, time and timeout, in seconds. `None`: the library lacks a function for it,
    /// or does not take the id.
    #[must_use]
    pub fn new(api: &'static Api, id: &[u8], time: i64, timeout: i64) -> Option<Self> {
        let new = api.symbols.SSL_SESSION_new?;
        // SAFETY: it takes nothing.
        let session = Session(NonNull::new(unsafe { new() })?);
        let (made, raw) = (Self { api, session }, session.0.as_ptr());
        let len = c_uint::try_from(id.len()).ok()?;
        // SAFETY: live; the bytes are copied.
        if unsafe { (api.symbols.SSL_SESSION_set1_id)(raw, id.as_ptr(), len) } != 1 {
            return None;
        }
        // SAFETY: live.
        unsafe { (api.symbols.SSL_SESSION_set_protocol_version)(raw, TLS13) };
        // SAFETY: live.
        unsafe { (api.symbols.SSL_SESSION_set_time)(raw, c_long::try_from(time).ok()?) };
        // SAFETY: live.
        unsafe { (api.symbols.SSL_SESSION_set_timeout)(raw, c_long::try_from(timeout).ok()?) };
        Some(made)
    }
}

impl Object {
    /// The library's own.
    pub(super) fn session(&self) -> Session {
        self.session
    }
}

/// `TLS1_3_VERSION`
const TLS13: std::ffi::c_int = 0x304;

impl Drop for Object {
    fn drop(&mut self) {
        self.api.session_free(self.session);
    }
}

/// The internal cache of a context of its own, which never flushes by itself.
///
/// There is one in a process at a time: a session in two of them would be linked into both.
pub struct Cache {
    api: &'static Api,
    context: Context,
    /// A connection that is never used but to ask for ids.
    asks: Ssl,
}

static TAKEN: AtomicBool = AtomicBool::new(false);

/// `SSL_SESS_CACHE_BOTH` and `SSL_SESS_CACHE_NO_AUTO_CLEAR`
const MODE: c_long = 0x83;

impl Cache {
    /// An empty cache of this size; 0: unlimited. `None`: there is one already, or the library lacks a function.
    #[must_use]
    pub fn new(api: &'static Api, size: usize) -> Option<Self> {
        let symbols = &api.symbols;
        let needed = symbols.SSL_CTX_add_session.is_some()
            && symbols.SSL_CTX_remove_session.is_some()
            && symbols.SSL_CTX_flush_sessions.is_some()
            && symbols.SSL_has_matching_session_id.is_some();
        if !needed || TAKEN.swap(true, SeqCst) {
            return None;
        }
        let context = api.context_new().expect("it has made one while it was loaded");
        api.control(context, Control::SetCacheMode, MODE);
        api.control(context, Control::SetCacheSize, c_long::try_from(size).unwrap_or(c_long::MAX));
        // SAFETY: live.
        let asks = NonNull::new(unsafe { (symbols.SSL_new)(context.0.as_ptr()) }).expect("it has memory");
        Some(Self { api, context, asks: Ssl(asks) })
    }

    /// SSL_CTX_add_session(3)
    pub fn add(&mut self, object: &Object) -> bool {
        self.api.add_session(self.context, object.session) == 1
    }

    /// SSL_CTX_remove_session(3)
    pub fn remove(&mut self, object: &Object) -> bool {
        self.api.remove_session(self.context, object.session) == 1
    }

    /// SSL_CTX_flush_sessions(3)
    pub fn flush(&mut self, now: i64) {
        self.api.flush_sessions(self.context, c_long::try_from(now).unwrap_or(c_long::MAX));
    }

    /// SSL_has_matching_session_id(3): a lookup that takes no reference and counts nothing.
    #[must_use]
    pub fn has(&self, id: &[u8]) -> bool {
        let has = self.api.symbols.SSL_has_matching_session_id.expect("it was asked for when the cache was made");
        let len = c_uint::try_from(id.len()).unwrap_or(c_uint::MAX);
        // SAFETY: live; there are so many bytes, and a longer id than there can be is refused.
        unsafe { has(self.asks.0.as_ptr(), id.as_ptr(), len) == 1 }
    }
}

impl Drop for Cache {
    fn drop(&mut self) {
        // SAFETY: live until here; nobody else has it.
        unsafe { (self.api.symbols.SSL_free)(self.asks.0.as_ptr()) };
        self.api.context_free(self.context);
        TAKEN.store(false, SeqCst);
    }
}
