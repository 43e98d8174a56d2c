//! A libssl's context and hand-made sessions, for threads to share: its functions with nothing around them.
//!
//! The library says of itself that several threads may use one `SSL_CTX`, each with `SSL` objects of its own; that is
//! what is done here. Not here: the connections that each of them accepts ([`super::accepts`]).

use std::cell::{Cell, RefCell};
use std::ffi::{c_int, c_long, c_uchar, c_uint};
use std::ptr::NonNull;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;

use session_model::{Protocol, SessionId, SessionRef, Time, Timeout};

use super::api::Api;
use super::bare::{Connection, Object};
use super::clock;
use super::connections::Progress;
use super::contexts::Control;
use super::handles::{self, RawContext, RawSession, RawSsl, Session};

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
    static NEXT_ID: Cell<u32> = const { Cell::new(0) };
}

/// The id of what a server makes, by the number of that session. No session made by hand has one.
pub(super) fn id_of(number: u32) -> SessionId {
    SessionId::new(&number.to_be_bytes()).expect("four bytes")
}

/// What the next server of this thread makes has this number.
pub(super) fn next_id(number: u32) {
    NEXT_ID.set(number);
}

/// # Safety
///
/// Called by the library: `id` has `*len` bytes, 32 of them, and both may be written.
unsafe extern "C" fn generate_id(_: *mut RawSsl, id: *mut c_uchar, len: *mut c_uint) -> c_int {
    let given = NEXT_ID.get().to_be_bytes();
    // SAFETY: there is room for four bytes; those given are not the library's memory.
    unsafe { id.copy_from_nonoverlapping(given.as_ptr(), given.len()) };
    // SAFETY: the library lets it be written.
    unsafe { len.write(4) };
    1
}

/// The number of a session: it travels with one made by hand, and is the id of one that a server has made.
fn number_of(api: &Api, session: Session) -> Option<u32> {
    let made = || api.session_id(session)?.as_bytes().try_into().ok().map(u32::from_be_bytes);
    api.session_number(session).map(|number| number.0).or_else(made)
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
    TOLD.with_borrow_mut(|told| told.left.extend(told.api.and_then(|api| number_of(api, session))));
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
    /// Whether servers can resume them; and then they, and what is asked for, are of TLS 1.2.
    handshakes: bool,
    /// How many have begun to connect on it in order to ask.
    connects: AtomicU32,
}

// SAFETY: this is what is looked for, not what is known: by its word the library locks a context and what is cached in
// it, and counts references atomically. Where it does not (`set_time` and `set_timeout` on a cached session are known),
// it breaks its own memory, and with it the process. So `sesscheck threads` plays all that is asked for in a process of
// its own (`command/threads.rs`, `apart`), and takes its end for a finding. In its own process `tests/threads.rs` plays
// handshakes alone, which set no time: one that went down would be a test that fails.
unsafe impl Send for Context {}
// SAFETY: as above.
unsafe impl Sync for Context {}

impl Context {
    /// A context of this size, without sessions: for servers of TLS 1.2 too, or for functions alone.
    ///
    /// # Panics
    ///
    /// When the library has no memory.
    #[must_use]
    pub fn new(api: &'static Api, size: u32, handshakes: bool) -> Self {
        let context = api.context_new().expect("it has made one while it was loaded");
        api.control(context, Control::SetCacheSize, c_long::from(size));
        // SAFETY: live; the function lives as long as the process.
        unsafe { (api.symbols.SSL_CTX_sess_set_remove_cb)(context.0.as_ptr(), Some(remove_session)) };
        // SAFETY: live; the function lives as long as the process.
        unsafe { (api.symbols.SSL_CTX_set_generate_session_id)(context.0.as_ptr(), Some(generate_id)) };
        Self { api, context, sessions: Vec::new(), handshakes, connects: AtomicU32::new(0) }
    }

    /// SSL_CTX_set_session_cache_mode(3), before threads share it.
    pub fn set_mode(&mut self, mode: u32) {
        self.api.control(self.context, Control::SetCacheMode, c_long::from(mode));
    }

    /// Makes the next session, with an id of one byte; time in seconds since the Epoch, timeout in seconds.
    ///
    /// # Panics
    ///
    /// When the library does not take it.
    pub fn make(&mut self, id: u8, time: i64, timeout: i64) {
        let object = if self.handshakes {
            let id = SessionId::new(&[id]).expect("one byte");
            let session = self.api.peer().hand_made(self.api, Protocol::Tls12, id);
            self.api.session_set_time(session, Time(time.into()));
            self.api.session_set_timeout(session, Timeout(timeout.into()));
            Object::of(self.api, session)
        } else {
            Object::new(self.api, &[id], time, timeout).expect("an id of one byte is taken")
        };
        let number = u32::try_from(self.sessions.len()).expect("a few");
        self.api.session_set_number(object.session(), SessionRef(number));
        self.sessions.push((object, id));
    }

    fn session(&self, number: u32) -> Session {
        self.sessions[number as usize].0.session()
    }

    pub(super) fn library(&self) -> &'static Api {
        self.api()
    }

    pub(super) fn context(&self) -> handles::Context {
        self.context
    }

    /// The id of a session made by hand.
    pub(super) fn id(&self, session: u32) -> SessionId {
        SessionId::new(&[self.sessions[session as usize].1]).expect("one byte")
    }

    /// The twelve counters, but for those who have asked, and the numbers of the members.
    #[must_use]
    pub fn after(&self) -> ([i64; 12], Vec<u32>) {
        let mut counters = self.api().counters(self.context);
        counters[1] -= i64::from(self.connects.load(Relaxed));
        let mut members = Vec::new();
        self.api.push_members(self.context, &mut members);
        let number = |session| number_of(self.api, session).unwrap_or(u32::MAX);
        (counters, members.into_iter().map(number).collect())
    }

    /// The library runs on this thread from here on.
    fn api(&self) -> &'static Api {
        TOLD.with_borrow_mut(|told| told.api = Some(self.api));
        self.api
    }

    /// SSL_CTX_add_session(3), at this time in seconds since the Epoch.
    #[must_use]
    pub fn add(&self, session: u32, now: i64) -> i64 {
        let before = clock::set(now);
        let added = self.api().add_session(self.context, self.session(session));
        clock::restore(before);
        i64::from(added)
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
        let api = self.api();
        if self.handshakes {
            // An id is looked for under the protocol of the connection: a client that has said hello has one.
            let (server, client) = api.pair(api.peer().context(), self.context).expect("it has memory");
            assert!(api.ssl_advance(client) == Progress::Waits, "a client waits for its server");
            self.connects.fetch_add(1, Relaxed);
            return Asks { by: Connection::of(api, client), _other: Some(Connection::of(api, server)) };
        }
        Asks { by: Connection::new(api, self.context), _other: None }
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        self.api().context_free(self.context);
        drop(left());
    }
}

/// What one thread asks for ids by.
pub struct Asks {
    by: Connection,
    /// Its server, which hears nothing.
    _other: Option<Connection>,
}

impl Asks {
    /// SSL_has_matching_session_id(3), for the id of a session of this context
    #[must_use]
    pub fn has(&self, context: &Context, session: u32) -> i64 {
        i64::from(self.by.has(&[context.sessions[session as usize].1]))
    }
}
