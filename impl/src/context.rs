//! A context: its settings, its internal cache and its counters, behind one lock.
//!
//! Each call does its work under the lock, into a buffer; the application hears of it when the lock is free. Not
//! here: handshakes; those are in [`crate::server`], [`crate::client`] and [`crate::connection`].

use std::mem::replace;
use std::sync::{Arc, Mutex, MutexGuard};

use crate::application::{Application, Leavers, Why};
use crate::cache::{Added, InternalCache};
use crate::counters::Counters;
use crate::id::{IdContext, SessionId};
use crate::mode::CacheMode;
use crate::session::{Cached, Session};
use crate::validate::Broken;

/// The size of a new context's internal cache, in sessions: `SSL_SESSION_CACHE_MAX_SIZE_DEFAULT`, 1024 times 20.
pub const DEFAULT_CACHE_SIZE: usize = 1024 * 20;

/// The timeout that a new context gives its sessions, in seconds: SSL_CTX_set_timeout(3).
pub const DEFAULT_TIMEOUT: i64 = 300;

/// What an `SSL_CTX` is to its sessions. Shared by as many threads as there are, each with an application of its own
/// or with one that they share.
///
/// Methods that may have sessions leave the internal cache take the [`Application`], which is told of them.
pub struct Context<P> {
    state: Mutex<State<P>>,
}

/// What is behind the lock.
pub(crate) struct State<P> {
    pub(crate) cache: InternalCache<P>,
    pub(crate) mode: CacheMode,
    pub(crate) timeout: i64,
    pub(crate) id_context: IdContext,
    pub(crate) verify_peer: bool,
    pub(crate) counters: Counters,
    /// Connections that count towards the automatic flush.
    pub(crate) established: u64,
}

impl<P> Default for Context<P> {
    fn default() -> Self {
        Self::new()
    }
}

impl<P> Context<P> {
    /// A context with the defaults of the pages: server sessions are cached, 20480 of them, for 300 seconds.
    #[must_use]
    pub fn new() -> Self {
        let state = State {
            cache: InternalCache::new(DEFAULT_CACHE_SIZE),
            mode: CacheMode::default(),
            timeout: DEFAULT_TIMEOUT,
            id_context: IdContext::default(),
            verify_peer: false,
            counters: Counters::default(),
            established: 0,
        };
        Self { state: Mutex::new(state) }
    }

    /// SSL_CTX_free(3), for who wants the application to hear of the sessions that are still cached; dropping a
    /// context frees them without a word.
    pub fn free(self, application: &mut (impl Application<P> + ?Sized)) {
        let mut state = self.state.into_inner().expect(WHOLE);
        let mut left = Leavers::none();
        state.cache.clear_to(Why::ContextFreed, &mut left);
        drop(state);
        left.call_back(application);
    }

    /// SSL_CTX_add_session(3): whether the session entered the internal cache. It does so whatever the mode, unless
    /// the very same object is there already, or it is in the cache of another context.
    pub fn add_session(&self, session: &Arc<Session<P>>, application: &mut (impl Application<P> + ?Sized)) -> bool {
        let mut left = Leavers::none();
        let added = self.state().add(session, &mut left);
        left.call_back(application);
        added == Added::Now
    }

    /// SSL_CTX_remove_session(3): whether this very object was in the internal cache. Then it has left it and is
    /// marked non-resumable; else nothing has changed.
    pub fn remove_session(&self, session: &Session<P>, application: &mut (impl Application<P> + ?Sized)) -> bool {
        let mut left = Leavers::none();
        let removed = self.state().cache.remove_to(session, Why::Removed, &mut left);
        if removed {
            session.mark_not_resumable();
        }
        left.call_back(application);
        removed
    }

    /// SSL_CTX_flush_sessions(3): takes all that have expired at `tm`, in seconds since the Epoch, out of the internal
    /// cache.
    pub fn flush_sessions(&self, tm: i64, application: &mut (impl Application<P> + ?Sized)) {
        let mut left = Leavers::none();
        self.state().cache.flush_to(tm, &mut left);
        left.call_back(application);
    }

    /// SSL_SESSION_set_time(3), in seconds since the Epoch, for a session that is in this context's internal cache or
    /// in none.
    ///
    /// # Errors
    ///
    /// When it is in the internal cache of another context; nothing is changed then.
    pub fn session_set_time(&self, session: &Session<P>, time: i64) -> Result<(), Cached> {
        self.state().cache.set_time(session, time)
    }

    /// SSL_SESSION_set_timeout(3), in seconds, for a session that is in this context's internal cache or in none.
    ///
    /// # Errors
    ///
    /// When it is in the internal cache of another context; nothing is changed then.
    pub fn session_set_timeout(&self, session: &Session<P>, timeout: i64) -> Result<(), Cached> {
        self.state().cache.set_timeout(session, timeout)
    }

    /// SSL_CTX_set_session_cache_mode(3): sets the mode, returns the previous one.
    pub fn set_session_cache_mode(&self, mode: CacheMode) -> CacheMode {
        replace(&mut self.state().mode, mode)
    }

    /// SSL_CTX_get_session_cache_mode(3)
    #[must_use]
    pub fn session_cache_mode(&self) -> CacheMode {
        self.state().mode
    }

    /// SSL_CTX_sess_set_cache_size(3): how many sessions there may be after an add, 0 for any number; returns the
    /// previous size.
    pub fn sess_set_cache_size(&self, size: usize) -> usize {
        let mut state = self.state();
        let previous = state.cache.size();
        state.cache.set_size(size);
        previous
    }

    /// SSL_CTX_sess_get_cache_size(3)
    #[must_use]
    pub fn sess_cache_size(&self) -> usize {
        self.state().cache.size()
    }

    /// SSL_CTX_set_timeout(3): the timeout of sessions that are negotiated from now on, in seconds; returns the
    /// previous one.
    pub fn set_timeout(&self, timeout: i64) -> i64 {
        replace(&mut self.state().timeout, timeout)
    }

    /// SSL_CTX_get_timeout(3)
    #[must_use]
    pub fn timeout(&self) -> i64 {
        self.state().timeout
    }

    /// SSL_CTX_set_session_id_context(3): the id context of sessions that are negotiated from now on, and the only one
    /// whose sessions are resumed. False, and nothing changed, when it has more than [`IdContext::MAX`] bytes.
    pub fn set_session_id_context(&self, bytes: &[u8]) -> bool {
        let id_context = IdContext::new(bytes);
        if let Some(id_context) = id_context {
            self.state().id_context = id_context;
        }
        id_context.is_some()
    }

    /// SSL_CTX_set_verify(3): whether a server asks for the peer's certificate. Then it resumes nothing while it has
    /// no id context.
    pub fn set_verify_peer(&self, verify_peer: bool) {
        self.state().verify_peer = verify_peer;
    }

    /// SSL_CTX_sess_number(3): all twelve counters, of one moment.
    #[must_use]
    pub fn counters(&self) -> Counters {
        let state = self.state();
        Counters { number: state.cache.len() as u64, ..state.counters }
    }

    /// Pushes what `shows` makes of each member of the internal cache, who expires first coming first. Meanwhile the
    /// context is locked: `shows` must not call it.
    pub fn members<T>(&self, out: &mut Vec<T>, mut shows: impl FnMut(&Session<P>) -> T) {
        out.extend(self.state().cache.members().map(|session| shows(session)));
    }

    /// What the internal cache has under this id, with a reference; nothing is counted.
    #[must_use]
    pub fn cached(&self, id: &SessionId) -> Option<Arc<Session<P>>> {
        self.state().cache.lookup(id).map(Arc::clone)
    }

    /// Whether this very object is in the internal cache.
    #[must_use]
    pub fn contains(&self, session: &Session<P>) -> bool {
        self.state().cache.contains(session)
    }

    /// Checks the whole structure of the internal cache, in time in proportion to its number.
    ///
    /// # Errors
    ///
    /// What is not as it should be, which is never.
    pub fn validate(&self) -> Result<(), Broken> {
        self.state().cache.validate()
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State<P>> {
        self.state.lock().expect(WHOLE)
    }
}

/// Callbacks, which may panic, are made without the lock.
const WHOLE: &str = "nothing panics while it holds the lock of a context";

impl<P> State<P> {
    /// Adds a session, and counts who is dropped.
    pub(crate) fn add(&mut self, session: &Arc<Session<P>>, left: &mut Leavers<P>) -> Added {
        let before = left.dropped;
        let added = self.cache.add_to(session, left);
        self.counters.cache_full += left.dropped - before;
        added
    }
}
