//! A libssl's context and hand-made sessions, for threads to share: its functions with nothing around them.
//!
//! The library says of itself that several threads may use one `SSL_CTX`, each with `SSL` objects of its own; that is
//! what is done here. Not here: names, observations, handshakes; those are the subject's.

use std::cell::RefCell;
use std::ffi::c_long;
use std::ptr::NonNull;

use session_model::{Time, Timeout};

use super::api::Api;
use super::bare::Object;
use super::contexts::Control;
use super::handles::{self, RawContext, RawSession, Session, Ssl};

/// What `remove_session_cb` needs and leaves on a thread.
#[derive(Default)]
struct Told {
    /// The library that runs on this thread.
    api: Option<&'static Api>,
    /// Who has left since it was asked last, by number.
    left: Vec<u32>,
}

thread_local! {
    static TOLD: RefCell<Told> = RefCell::default();
}

/// Who has left a shared context by what this thread did since it asked last, by number, in the order in which
/// `remove_session_cb` was told.
#[must_use]
pub fn left() -> Vec<u32> {
    TOLD.with_borrow_mut(|told| std::mem::take(&mut told.left))
}

/// # Safety
///
/// Called by the library: the session is live.
unsafe extern "C" fn remove_session(_: *mut RawContext, session: *mut RawSession) {
    let Some(session) = NonNull::new(session).map(Session) else { return };
    TOLD.with_borrow_mut(|told| told.left.extend(told.api.and_then(|api| api.session_number(session)).map(|n| n.0)));
}

/// Whether the library has every function that is called here.
#[must_use]
pub fn can(api: &Api) -> bool {
    let symbols = &api.symbols;
    symbols.SSL_CTX_add_session.is_some()
        && symbols.SSL_CTX_remove_session.is_some()
        && symbols.SSL_CTX_flush_sessions.is_some()
        && symbols.SSL_has_matching_session_id.is_some()
        && symbols.SSL_SESSION_new.is_some()
}

/// A context and the sessions that threads name by number; on each of those a reference is held until the end.
pub struct Context {
    api: &'static Api,
    context: handles::Context,
    /// With their ids: of a library that threads have damaged nothing is asked.
    sessions: Vec<(Object, u8)>,
}

// SAFETY: this is what is looked for, not what is known: by its word the library locks a context and what is cached in
// it, and counts references atomically. Where it does not, it breaks its own memory, and with it the process: whoever
// shares a context runs in one of its own (`command/threads.rs`), and takes its end for a finding.
unsafe impl Send for Context {}
// SAFETY: as above.
unsafe impl Sync for Context {}

impl Context {
    /// A context of this size and mode, without sessions.
    ///
    /// # Panics
    ///
    /// When the library has no memory.
    #[must_use]
    pub fn new(api: &'static Api, size: u32, mode: u32) -> Self {
        let context = api.context_new().expect("it has made one while it was loaded");
        api.control(context, Control::SetCacheMode, c_long::from(mode));
        api.control(context, Control::SetCacheSize, c_long::from(size));
        // SAFETY: live; the function lives as long as the process.
        unsafe { (api.symbols.SSL_CTX_sess_set_remove_cb)(context.0.as_ptr(), Some(remove_session)) };
        Self { api, context, sessions: Vec::new() }
    }

    /// Makes the next session, with an id of one byte; time in seconds since the Epoch, timeout in seconds.
    ///
    /// # Panics
    ///
    /// When the library does not take it.
    pub fn make(&mut self, id: u8, time: i64, timeout: i64) {
        let object = Object::new(self.api, &[id], time, timeout).expect("an id of one byte is taken");
        let number = u32::try_from(self.sessions.len()).expect("a few");
        self.api.session_set_number(object.session(), session_model::SessionRef(number));
        self.sessions.push((object, id));
    }

    fn session(&self, number: u32) -> Session {
        self.sessions[number as usize].0.session()
    }

    /// The library runs on this thread from here on.
    fn api(&self) -> &'static Api {
        TOLD.with_borrow_mut(|told| told.api = Some(self.api));
        self.api
    }

    /// SSL_CTX_add_session(3)
    #[must_use]
    pub fn add(&self, session: u32) -> i64 {
        i64::from(self.api().add_session(self.context, self.session(session)))
    }

    /// SSL_CTX_remove_session(3)
    #[must_use]
    pub fn remove(&self, session: u32) -> i64 {
        i64::from(self.api().remove_session(self.context, self.session(session)))
    }

    /// SSL_CTX_flush_sessions(3)
    pub fn flush(&self, tm: i64) {
        self.api().flush_sessions(self.context, c_long::try_from(tm).unwrap_or(c_long::MAX));
    }

    /// SSL_SESSION_set_time(3)
    #[must_use]
    pub fn set_time(&self, session: u32, time: i64) -> i64 {
        self.api().session_set_time(self.session(session), Time(i128::from(time)))
    }

    /// SSL_SESSION_set_timeout(3)
    #[must_use]
    pub fn set_timeout(&self, session: u32, timeout: i64) -> i64 {
        self.api().session_set_timeout(self.session(session), Timeout(i128::from(timeout)))
    }

    /// SSL_CTX_sess_number(3)
    #[must_use]
    pub fn number(&self) -> i64 {
        self.api().counters(self.context)[0]
    }

    /// One thread's means of asking for ids.
    ///
    /// # Panics
    ///
    /// When the library has no memory.
    #[must_use]
    pub fn asks(&self) -> Asks {
        // SAFETY: live.
        let ssl = NonNull::new(unsafe { (self.api.symbols.SSL_new)(self.context.0.as_ptr()) });
        Asks { api: self.api, ssl: Ssl(ssl.expect("it has memory")) }
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        self.api().context_free(self.context);
        drop(left());
    }
}

/// A connection that is never used but to ask for ids, by one thread.
pub struct Asks {
    api: &'static Api,
    ssl: Ssl,
}

impl Asks {
    /// SSL_has_matching_session_id(3), for the id of a session of this context
    #[must_use]
    pub fn has(&self, context: &Context, session: u32) -> i64 {
        let has = self.api.symbols.SSL_has_matching_session_id.expect("see `can`");
        let (_, id) = &context.sessions[session as usize];
        // SAFETY: live, and this thread's alone; there is one byte.
        i64::from(unsafe { has(self.ssl.0.as_ptr(), id, 1) })
    }
}

impl Drop for Asks {
    fn drop(&mut self) {
        // SAFETY: live until here; nobody else has it. It holds a reference on its context.
        unsafe { (self.api.symbols.SSL_free)(self.ssl.0.as_ptr()) };
    }
}
