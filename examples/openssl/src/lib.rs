//! `session-cache` as the external cache of a libssl server: one cache for any number of `SSL_CTX`.
//!
//! Under `SSL_OP_NO_TICKET` libssl asks it for the ids that clients propose, in TLS 1.3 in tickets that hold nothing
//! else, and tells it of what was negotiated and of what is not to be resumed. Sessions are kept in their DER form,
//! secrets included; libssl makes an object of its own of each that it is given, and compares protocol, cipher suite
//! and session id context itself.
//!
//! Two things are for the owner of the contexts to know:
//!
//! - Contexts that share a cache are given each other's sessions. Those that differ in whom they let in, by client
//!   certificates for one, need different session id contexts (`SSL_CTX_set_session_id_context(3)`): libssl resumes
//!   nothing that was negotiated under another one.
//! - With early data on (`SSL_CTX_set_max_early_data(3)`) and without `SSL_OP_NO_ANTI_REPLAY`, a server resumes in TLS
//!   1.3 only what it can take out of its internal cache, so that nothing is replayed. [`Cache::serve`] turns that off,
//!   and so every handshake of TLS 1.3 is a full one then.
//!
//! Contexts of several processes would share a cache in the same way, with a connection to it in [`Cache`]'s place:
//! nothing that goes in or out has a pointer in it.
//!
//! Not here: clients, and tickets that hold the session itself, which ask no cache.

use std::sync::Arc;

use openssl::ssl::{SslContextBuilder, SslOptions, SslSession, SslSessionCacheMode, SslSessionRef};
use session_cache::{Begun, Context, Counters, NewSession, Proposal, Protocol, Session, SessionId};
use zeroize::Zeroizing;

/// A session as `i2d_SSL_SESSION(3)` writes it; overwritten when it is dropped.
type Der = Zeroizing<Vec<u8>>;

/// libssl compares the protocol itself, so all have the same here.
const ANY: Protocol = Protocol(0);

/// Says what time it is, in seconds since the Epoch.
pub type Clock = Box<dyn Fn() -> i64 + Send + Sync>;

/// The cache that contexts of libssl share.
pub struct Cache {
    context: Context<Der>,
    clock: Clock,
}

impl Cache {
    /// An empty cache of `size` sessions, 0 for any number, each of them for `timeout` seconds. libssl resumes nothing
    /// after the timeout of its own context (`SSL_CTX_set_timeout(3)`), so a longer one here has no effect. The manual
    /// page says that this is 300 seconds unless set otherwise; in the libraries it is 7200.
    #[must_use]
    pub fn new(size: usize, timeout: i64, clock: Clock) -> Arc<Self> {
        let context = Context::new();
        context.sess_set_cache_size(size);
        context.set_timeout(timeout);
        Arc::new(Self { context, clock })
    }

    /// Makes it the external cache of a server's context, which then has none of its own.
    pub fn serve(self: &Arc<Self>, server: &mut SslContextBuilder) {
        server.set_session_cache_mode(SslSessionCacheMode::SERVER | SslSessionCacheMode::NO_INTERNAL);
        // Tickets that hold the session itself ask no cache.
        server.set_options(SslOptions::NO_TICKET);
        let cache = Arc::clone(self);
        server.set_new_session_callback(move |_, session| cache.add(&session));
        let cache = Arc::clone(self);
        server.set_remove_session_callback(move |_, session| {
            cache.remove(session.id());
        });
        let cache = Arc::clone(self);
        // SAFETY: the session that is returned was made a moment ago, from bytes: no context has it.
        unsafe { server.set_get_session_callback(move |_, id| cache.get(id)) };
    }

    /// `new_session_cb`: a session was negotiated. It is as old as it is here. Up to 64 that have expired leave, so
    /// that no handshake waits for many.
    fn add(&self, session: &SslSessionRef) {
        let (Some(id), Ok(der)) = (SessionId::new(session.id()), session.to_der()) else { return };
        let now = (self.clock)();
        let new = NewSession::new(id, ANY, now, self.context.timeout());
        self.context.flush_step(now, &mut ());
        self.context.add_session(&Arc::new(Session::new(new, Zeroizing::new(der))), &mut ());
    }

    /// `get_session_cb`: a client proposes an id. Hits, misses and timeouts are counted by this.
    fn get(&self, id: &[u8]) -> Option<SslSession> {
        let proposal = Proposal::new(ANY, SessionId::new(id));
        match self.context.begin_accept(proposal, (self.clock)(), &mut ()) {
            // The handshake goes on in libssl: nothing is finished here.
            Begun::Resume(resuming) => SslSession::from_der(resuming.session().payload()).ok(),
            _ => None,
        }
    }

    /// `remove_session_cb`: a session is not to be resumed again; whether it was in.
    pub fn remove(&self, id: &[u8]) -> bool {
        let found = SessionId::new(id).and_then(|id| self.context.cached(&id));
        found.is_some_and(|session| self.context.remove_session(&session, &mut ()))
    }

    /// What was counted; of the handshakes only those that have asked for an id.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.context.counters()
    }
}
