//! A libssl's own cache and hand-made sessions, with nothing around them: for whoever measures the cache itself.
//!
//! Threads may share both, as far as is said where they are `Sync`. Not here: names, observations, callbacks,
//! handshakes; those are the subject's.

use std::ffi::{c_long, c_uint};
use std::marker::PhantomData;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use session_model::Time;

use super::api::Api;
use super::contexts::Control;
use super::handles::{Context, Session, Ssl};

/// A hand-made session, with one reference on it.
pub struct Object {
    api: &'static Api,
    session: Session,
}

// SAFETY: by a shared reference a thread hands it to the functions of a `Cache`, of which see below, or sets its time,
// which races in the library: whoever shares an `Object` must not call `set_time` while others use it, and the benches,
// whose threads set no time while they share a cache, do not; `shared::Context`, which shares some too, says its own.
unsafe impl Sync for Object {}

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
    /// One that has a reference, which it takes over.
    pub(super) fn of(api: &'static Api, session: Session) -> Self {
        Self { api, session }
    }

    /// The library's own.
    pub(super) fn session(&self) -> Session {
        self.session
    }

    /// SSL_SESSION_set_time(3), in seconds since the Epoch. Not while another thread uses this session or its cache: the
    /// library looks at which cache it is in before it takes the lock of that one, if it takes one at all.
    pub fn set_time(&self, time: i64) {
        self.api.session_set_time(self.session, Time(i128::from(time)));
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
}

// SAFETY: by a shared reference the context is only handed to the library's functions that add, remove, flush and make
// an `SSL`, and each of those takes the context's lock, or counts a reference on it atomically; where a release does not
// lock enough, it takes the process down, and the benches run threads that share one in a process of its own.
unsafe impl Sync for Cache {}

static TAKEN: AtomicBool = AtomicBool::new(false);

/// `SSL_SESS_CACHE_BOTH` and `SSL_SESS_CACHE_NO_AUTO_CLEAR`
const MODE: c_long = 0x83;

impl Cache {
    /// An empty cache of this size; 0: unlimited. `None`: there is one already, or the library lacks a function.
    #[must_use]
    pub fn new(api: &'static Api, size: usize) -> Option<Self> {
        if !super::shared::can(api) || TAKEN.swap(true, SeqCst) {
            return None;
        }
        let context = api.context_new().expect("it has made one while it was loaded");
        api.control(context, Control::SetCacheMode, MODE);
        api.control(context, Control::SetCacheSize, c_long::try_from(size).unwrap_or(c_long::MAX));
        Some(Self { api, context })
    }

    /// SSL_CTX_add_session(3)
    pub fn add(&self, object: &Object) -> bool {
        self.api.add_session(self.context, object.session) == 1
    }

    /// SSL_CTX_remove_session(3)
    pub fn remove(&self, object: &Object) -> bool {
        self.api.remove_session(self.context, object.session) == 1
    }

    /// SSL_CTX_flush_sessions(3)
    pub fn flush(&self, now: i64) {
        self.api.flush_sessions(self.context, c_long::try_from(now).unwrap_or(c_long::MAX));
    }

    /// One thread's means of asking for ids.
    ///
    /// # Panics
    ///
    /// When the library has no memory.
    #[must_use]
    pub fn asks(&self) -> Asks<'_> {
        Asks { ssl: Connection::new(self.api, self.context), cache: PhantomData }
    }
}

impl Drop for Cache {
    fn drop(&mut self) {
        self.api.context_free(self.context);
        TAKEN.store(false, SeqCst);
    }
}

/// Asks a cache for ids, and is gone before the cache is: while there is one, its context is not freed.
pub struct Asks<'a> {
    ssl: Connection,
    cache: PhantomData<&'a Cache>,
}

impl Asks<'_> {
    /// SSL_has_matching_session_id(3): a lookup that takes no reference and counts nothing.
    #[must_use]
    pub fn has(&self, id: &[u8]) -> bool {
        self.ssl.has(id)
    }
}

/// A connection that is never used but to ask for ids, by one thread.
pub(super) struct Connection {
    api: &'static Api,
    ssl: Ssl,
}

impl Connection {
    /// It holds a reference on its context.
    pub(super) fn new(api: &'static Api, context: Context) -> Self {
        // SAFETY: live: `Cache::asks` and `shared::Context::asks` call this, with a reference to who frees it.
        let ssl = NonNull::new(unsafe { (api.symbols.SSL_new)(context.0.as_ptr()) });
        Self::of(api, Ssl(ssl.expect("it has memory")))
    }

    /// One that nobody else has.
    pub(super) fn of(api: &'static Api, ssl: Ssl) -> Self {
        Self { api, ssl }
    }

    pub(super) fn has(&self, id: &[u8]) -> bool {
        let has = self.api.symbols.SSL_has_matching_session_id.expect("see `shared::can`");
        let len = c_uint::try_from(id.len()).unwrap_or(c_uint::MAX);
        // SAFETY: live, and this thread's alone; there are so many bytes, and a longer id than can be is refused.
        unsafe { has(self.ssl.0.as_ptr(), id.as_ptr(), len) == 1 }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // SAFETY: live until here; nobody else has it.
        unsafe { (self.api.symbols.SSL_free)(self.ssl.0.as_ptr()) };
    }
}
