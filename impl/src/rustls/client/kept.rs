//! What a client's store keeps, under its lock: two caches, and the index by the name of the server.
//!
//! The caches have the order and the sizes; the index has those that are in them. Not here: what rustls asks for.

use std::collections::{HashMap, VecDeque};
use std::mem::take;
use std::sync::Arc;

use ::rustls::NamedGroup;
use ::rustls::client::{Tls12ClientSessionValue, Tls13ClientSessionValue};
use ::rustls::pki_types::ServerName;

use super::StoreCounters;
use crate::application::{Left, Why};
use crate::cache::InternalCache;
use crate::id::SessionId;
use crate::session::{NewSession, Protocol, Session};

/// What is kept, under the lock.
pub(super) struct Kept {
    pub(super) sessions: InternalCache<Entry>,
    hints: InternalCache<Entry>,
    /// Those with a session or a hint.
    pub(super) servers: HashMap<Arc<ServerName<'static>>, Server>,
    /// Sessions have numbers as ids.
    made: u64,
    pub(super) counters: StoreCounters,
    left: Vec<Left<Entry>>,
}

/// What the index has of a server.
#[derive(Default)]
pub(super) struct Server {
    pub(super) hint: Option<Held>,
    pub(super) tls12: Option<Held>,
    /// The latest last.
    pub(super) tls13: VecDeque<Held>,
}

pub(super) type Held = Arc<Session<Entry>>;

/// A payload: what it is, and whose.
pub(super) struct Entry {
    server: Arc<ServerName<'static>>,
    pub(super) value: Value,
}

pub(super) enum Value {
    Hint(NamedGroup),
    Tls12(Tls12ClientSessionValue),
    Tls13(Tls13ClientSessionValue),
}

impl Kept {
    /// Nothing, with room for so many sessions, and for hints of as many servers.
    pub(super) fn new(size: usize) -> Self {
        Self {
            sessions: InternalCache::new(size),
            hints: InternalCache::new(size),
            servers: HashMap::new(),
            made: 0,
            counters: StoreCounters::default(),
            left: Vec::new(),
        }
    }

    /// A session that is not kept yet.
    pub(super) fn make(&mut self, server: ServerName<'static>, value: Value, (time, timeout): (i64, i64)) -> Held {
        let known = self.servers.get_key_value(&server).map(|(known, _)| Arc::clone(known));
        let server = known.unwrap_or_else(|| Arc::new(server));
        self.made += 1;
        let id = SessionId::new(&self.made.to_le_bytes()).expect("8 bytes");
        Arc::new(Session::new(NewSession::new(id, Protocol(0), time, timeout), Entry { server, value }))
    }

    /// Keeps a session, and drops who is too many.
    pub(super) fn keep(&mut self, session: &Held) -> &mut Server {
        self.counters.stored += 1;
        self.sessions.add(session, &mut self.left);
        self.counters.cache_full += self.left.len() as u64;
        self.unlink();
        self.server(session)
    }

    /// Keeps a hint in place of the server's former one, and drops who is too many.
    pub(super) fn keep_hint(&mut self, server: ServerName<'static>, group: NamedGroup) {
        let former = self.servers.get(&server).and_then(|server| server.hint.clone());
        // Their time is their turn, and none expires.
        let hint = self.make(server, Value::Hint(group), (self.made as i64, 0));
        if let Some(former) = former {
            self.hints.remove(&former, Why::Replaced, &mut self.left);
        }
        self.hints.add(&hint, &mut self.left);
        self.unlink();
        self.server(&hint).hint = Some(Arc::clone(&hint));
    }

    /// Has all leave.
    pub(super) fn clear(&mut self) {
        self.servers.clear();
        self.sessions.clear(Why::Removed, &mut self.left);
        self.hints.clear(Why::Removed, &mut self.left);
        self.left.clear();
    }

    /// Has all leave that have expired.
    pub(super) fn flush(&mut self, now: i64) {
        self.sessions.flush(now, &mut self.left);
        self.unlink();
    }

    /// Has one leave.
    pub(super) fn remove(&mut self, session: &Session<Entry>, why: Why) {
        self.sessions.remove(session, why, &mut self.left);
        self.unlink();
    }

    /// Those who have left the caches leave the index.
    fn unlink(&mut self) {
        for Left { session, .. } in take(&mut self.left) {
            let name = &session.payload().server;
            let Some(server) = self.servers.get_mut(name) else { continue };
            let is_it = |kept: &mut Held| Arc::ptr_eq(kept, &session);
            let _ = server.hint.take_if(is_it).or_else(|| server.tls12.take_if(is_it));
            server.tls13.retain(|kept| !Arc::ptr_eq(kept, &session));
            if server.hint.is_none() && server.tls12.is_none() && server.tls13.is_empty() {
                self.servers.remove(name);
            }
        }
    }

    /// What the index has of a session's server.
    pub(super) fn server(&mut self, session: &Held) -> &mut Server {
        self.servers.entry(Arc::clone(&session.payload().server)).or_default()
    }

    /// Gives the first of these that has not expired, and has those before it leave; counts once.
    pub(super) fn give(&mut self, now: Option<i64>, mut next: impl FnMut(&Self) -> Option<Held>) -> Option<Held> {
        let Some(now) = now else {
            self.counters.misses += 1;
            return None;
        };
        let mut expired = false;
        while let Some(session) = next(self) {
            if !session.is_expired_at(now) {
                self.counters.hits += 1;
                return Some(session);
            }
            self.remove(&session, Why::Expired);
            expired = true;
        }
        *if expired { &mut self.counters.timeouts } else { &mut self.counters.misses } += 1;
        None
    }
}
