//! The client's store: sessions of TLS 1.2, tickets of TLS 1.3 and hints for key exchange, by the name of the server.
//!
//! One lock covers all that it keeps: a client's handshake is longer than what is done under it.

use std::fmt;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use ::rustls::NamedGroup;
use ::rustls::client::{ClientSessionStore, Tls12ClientSessionValue, Tls13ClientSessionValue};
use ::rustls::pki_types::ServerName;
use ::rustls::time_provider::{DefaultTimeProvider, TimeProvider};

use self::kept::{Kept, Value};
use super::counters::StoreCounters;
use super::{now, seconds};
use crate::application::Why;
use crate::sync::{Mutex, MutexGuard};

mod kept;

/// No client keeps a session of TLS 1.3 for longer, in seconds: RFC 8446, 4.6.1.
const SEVEN_DAYS: i64 = 7 * 24 * 60 * 60;

/// The sessions of a rustls client with all its servers, for `Resumption::store`.
///
/// A server has at most one session of TLS 1.2, which is given as often as it is asked for, until rustls has it removed
/// after a connection that failed; and at most 8 tickets of TLS 1.3 ([`Self::tickets_per_server`]), each of which is
/// given once, the latest first. What has expired is not given.
///
/// As many servers as there may be sessions have a hint for key exchange besides. It has no timeout, since it is no
/// secret and costs a round trip at worst; the one that was set first leaves first.
pub struct ClientStore {
    clock: Arc<dyn TimeProvider>,
    /// In seconds.
    timeout: i64,
    tickets: usize,
    kept: Mutex<Kept>,
}

impl ClientStore {
    /// A store of `size` sessions and tickets, 0 for any number, with all servers together, each for so many whole
    /// seconds, but no more than seven days. Time is the system's.
    #[must_use]
    pub fn new(size: usize, timeout: Duration) -> Self {
        Self::with_clock(size, timeout, Arc::new(DefaultTimeProvider))
    }

    /// The same by another clock.
    #[must_use]
    pub fn with_clock(size: usize, timeout: Duration, clock: Arc<dyn TimeProvider>) -> Self {
        Self { clock, timeout: seconds(timeout).min(SEVEN_DAYS), tickets: 8, kept: Mutex::new(Kept::new(size)) }
    }

    /// The same with so many tickets a server in place of 8, as there may be connections at once. For one more, that
    /// server's oldest is dropped.
    #[must_use]
    pub fn tickets_per_server(self, tickets: usize) -> Self {
        Self { tickets, ..self }
    }

    /// What was counted. A handshake asks for a ticket first, and for a session of TLS 1.2 if there is none, so a full
    /// one is two misses. Hints are not counted.
    #[must_use]
    pub fn counters(&self) -> StoreCounters {
        let kept = self.kept();
        StoreCounters { number: kept.sessions.len() as u64, ..kept.counters }
    }

    /// Has all leave that have expired. Nothing does, while the clock has no time.
    pub fn flush(&self) {
        if let Some(now) = now(&*self.clock) {
            self.kept().flush(now);
        }
    }

    /// Has all leave, hints too.
    pub fn clear(&self) {
        self.kept().clear();
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // Nothing that is done under this lock panics.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The time and timeout of a session that is taken in; all that have expired leave. Without a time it is refused.
    fn taking_in(&self) -> (MutexGuard<'_, Kept>, Option<(i64, i64)>) {
        let now = now(&*self.clock);
        let mut kept = self.kept();
        match now {
            Some(now) => kept.flush(now),
            None => kept.counters.refused += 1,
        }
        (kept, now.map(|now| (now, self.timeout)))
    }
}

impl ClientSessionStore for ClientStore {
    fn set_kx_hint(&self, server_name: ServerName<'static>, group: NamedGroup) {
        self.kept().keep_hint(server_name, group);
    }

    fn kx_hint(&self, server_name: &ServerName<'_>) -> Option<NamedGroup> {
        let kept = self.kept();
        match kept.servers.get(server_name)?.hint.as_ref()?.payload().value {
            Value::Hint(group) => Some(group),
            _ => None,
        }
    }

    fn set_tls12_session(&self, server_name: ServerName<'static>, value: Tls12ClientSessionValue) {
        let (mut kept, Some(times)) = self.taking_in() else { return };
        let session = kept.make(server_name, Value::Tls12(value), times);
        if let Some(former) = kept.server(&session).tls12.clone() {
            kept.remove(&former, Why::Replaced);
        }
        let server = kept.keep(&session);
        server.tls12 = Some(session);
    }

    fn tls12_session(&self, server_name: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        let now = now(&*self.clock);
        let mut kept = self.kept();
        let session = kept.give(now, |kept| kept.servers.get(server_name)?.tls12.clone())?;
        match &session.payload().value {
            Value::Tls12(value) => Some(value.clone()),
            _ => None,
        }
    }

    fn remove_tls12_session(&self, server_name: &ServerName<'static>) {
        let mut kept = self.kept();
        if let Some(session) = kept.servers.get(server_name).and_then(|server| server.tls12.clone()) {
            kept.remove(&session, Why::Removed);
        }
    }

    fn insert_tls13_ticket(&self, server_name: ServerName<'static>, value: Tls13ClientSessionValue) {
        let (mut kept, Some(times)) = self.taking_in() else { return };
        if self.tickets == 0 {
            kept.counters.refused += 1;
            return;
        }
        let session = kept.make(server_name, Value::Tls13(value), times);
        let tickets = &kept.server(&session).tls13;
        if let Some(oldest) = tickets.front().filter(|_| tickets.len() == self.tickets).cloned() {
            kept.remove(&oldest, Why::Dropped);
            kept.counters.cache_full += 1;
        }
        let server = kept.keep(&session);
        server.tls13.push_back(session);
    }

    fn take_tls13_ticket(&self, server_name: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        let now = now(&*self.clock);
        let mut kept = self.kept();
        let session = kept.give(now, |kept| kept.servers.get(server_name)?.tls13.back().cloned())?;
        kept.remove(&session, Why::Removed);
        match Arc::into_inner(session).expect("it has left cache and index").into_payload().value {
            Value::Tls13(value) => Some(value),
            _ => None,
        }
    }
}

/// Its counters and settings, and no session.
impl fmt::Debug for ClientStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientStore")
            .field("timeout", &self.timeout)
            .field("tickets_per_server", &self.tickets)
            .field("counters", &self.counters())
            .field("servers", &self.kept().servers.len())
            .finish_non_exhaustive()
    }
}
