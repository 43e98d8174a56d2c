//! The server's store: ids of TLS 1.2 and stateful tickets of TLS 1.3, over a [`Context`].

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use ::rustls::server::StoresServerSessions;
use ::rustls::time_provider::{DefaultTimeProvider, TimeProvider};
use zeroize::Zeroizing;

use super::counters::{Counted, StoreCounters};
use super::{now, seconds};
use crate::context::Context;
use crate::id::{IdContext, SessionId};
use crate::session::{NewSession, Protocol, Session};

/// A session as rustls has encoded it, with its secrets; overwritten when it is dropped.
type Encoded = Zeroizing<Vec<u8>>;

/// rustls does not say which protocol a session is for; it asks again when it has decoded it.
const ANY: Protocol = Protocol(0);

/// The sessions of a rustls server, for `ServerConfig::session_storage`.
///
/// A session is given up to the second time + timeout. Up to TLS 1.2 it is given as often as it is proposed (`get`). In
/// TLS 1.3 it is taken out (`take`): of any number of connections that propose a ticket at once, one is given the
/// session, and the others have full handshakes.
///
/// A client may propose keys of any length; none of more than 32 bytes is ever stored, so these are not found.
pub struct ServerStore {
    shared: Arc<Shared>,
    id_context: IdContext,
}

/// What the handles of all id contexts share.
struct Shared {
    context: Context<Encoded>,
    clock: Arc<dyn TimeProvider>,
    /// In seconds.
    timeout: i64,
    counted: Counted,
}

impl ServerStore {
    /// A store of `size` sessions, 0 for any number, each for so many whole seconds. Time is the system's.
    ///
    /// rustls sends two tickets with each handshake of TLS 1.3 (`ServerConfig::send_tls13_tickets`), and each is a
    /// session here.
    #[must_use]
    pub fn new(size: usize, timeout: Duration) -> Self {
        Self::with_clock(size, timeout, Arc::new(DefaultTimeProvider))
    }

    /// The same by another clock: that of `ServerConfig::time_provider`, where there is one.
    #[must_use]
    pub fn with_clock(size: usize, timeout: Duration, clock: Arc<dyn TimeProvider>) -> Self {
        let context = Context::new();
        context.sess_set_cache_size(size);
        let shared = Shared { context, clock, timeout: seconds(timeout), counted: Counted::default() };
        Self { shared: Arc::new(shared), id_context: IdContext::default() }
    }

    /// The same cache for another configuration: sessions that are stored here are given to nobody with another id
    /// context, and neither are theirs given here. One size limit and one set of counters hold for all.
    ///
    /// Configurations that differ in whom they let in, by client certificates for one, or in who they are, must not
    /// resume each other's sessions, and rustls leaves it to the store.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use rustls::server::StoresServerSessions as _;
    /// use session_cache::IdContext;
    /// use session_cache::rustls::ServerStore;
    ///
    /// let open = ServerStore::new(20_480, Duration::from_secs(300));
    /// let known_clients_only = open.in_id_context(IdContext::new(b"known").expect("at most 32 bytes"));
    ///
    /// assert!(open.put(vec![7; 32], b"the session of an unknown client".to_vec()));
    /// assert_eq!(known_clients_only.get(&[7; 32]), None);
    /// assert!(open.get(&[7; 32]).is_some());
    /// ```
    #[must_use]
    pub fn in_id_context(&self, id_context: IdContext) -> Self {
        Self { shared: Arc::clone(&self.shared), id_context }
    }

    /// What was counted, in all id contexts.
    #[must_use]
    pub fn counters(&self) -> StoreCounters {
        let Shared { context, counted, .. } = &*self.shared;
        let of_context = context.counters();
        StoreCounters { number: of_context.number, cache_full: of_context.cache_full, ..counted.now() }
    }

    /// Has all leave that have expired, in all id contexts. Nothing does, while the clock has no time.
    pub fn flush(&self) {
        if let Some(now) = now(&*self.shared.clock) {
            self.shared.context.flush_sessions(now, &mut ());
        }
    }

    /// Has all leave, in all id contexts.
    pub fn clear(&self) {
        self.shared.context.flush_sessions(i64::MAX, &mut ());
    }

    /// Stores a session; `None`: there is no id or no time for it.
    fn store(&self, key: &[u8], value: Encoded) -> Option<()> {
        let Shared { context, clock, timeout, .. } = &*self.shared;
        let (id, now) = (SessionId::new(key)?, now(&**clock)?);
        let new = NewSession::new(id, ANY, now, *timeout).in_id_context(self.id_context);
        // Before the newcomer comes, so that nobody is dropped for it who has expired.
        context.flush_step(now, &mut ());
        context.add_session(&Arc::new(Session::new(new, value)), &mut ());
        Some(())
    }

    /// The session that a client proposes, if it has not expired; which of the counters is to have one more.
    fn find(&self, key: &[u8]) -> Result<Arc<Session<Encoded>>, Missing> {
        let Shared { context, clock, .. } = &*self.shared;
        let session = SessionId::new(key).and_then(|id| context.cached(&id)).ok_or(Missing::Unknown)?;
        if session.id_context() != self.id_context {
            return Err(Missing::Unknown);
        }
        if session.is_expired_at(now(&**clock).ok_or(Missing::Unknown)?) {
            // Of several who find it expired, one counts it.
            let removed = context.remove_session(&session, &mut ());
            return Err(if removed { Missing::Expired } else { Missing::Unknown });
        }
        Ok(session)
    }

    /// Counts, and copies what was found.
    fn give(&self, found: Result<Arc<Session<Encoded>>, Missing>) -> Option<Vec<u8>> {
        let counted = &self.shared.counted;
        Counted::count(match &found {
            Ok(_) => &counted.hits,
            Err(Missing::Unknown) => &counted.misses,
            Err(Missing::Expired) => &counted.timeouts,
        });
        found.ok().map(|session| session.payload().to_vec())
    }
}

/// Why nothing is given.
enum Missing {
    /// There is none under this key and id context.
    Unknown,
    /// There is, and it has expired.
    Expired,
}

impl StoresServerSessions for ServerStore {
    fn put(&self, key: Vec<u8>, value: Vec<u8>) -> bool {
        let stored = self.store(&key, Zeroizing::new(value)).is_some();
        let counted = &self.shared.counted;
        Counted::count(if stored { &counted.stored } else { &counted.refused });
        stored
    }

    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.give(self.find(key))
    }

    fn take(&self, key: &[u8]) -> Option<Vec<u8>> {
        loop {
            let found = self.find(key);
            // Of several who find it, the one who removes it is given it. The others look again: by now there may be
            // another one under this key.
            let settled = match &found {
                Ok(session) => self.shared.context.remove_session(session, &mut ()),
                Err(_) => true,
            };
            if settled {
                return self.give(found);
            }
        }
    }

    fn can_cache(&self) -> bool {
        true
    }
}

/// Its counters and settings, and no session.
impl fmt::Debug for ServerStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerStore")
            .field("id_context", &self.id_context)
            .field("timeout", &self.shared.timeout)
            .field("counted", &self.shared.counted.now())
            .finish_non_exhaustive()
    }
}
