//! The internal cache of a context: its sessions by id, and once more in the order in which they leave.
//!
//! The pages know the first alone. The second finds what a look at all sessions would find, who expires first and who
//! has expired, and finds it without one; so it decides nothing, and a test holds it to that look. It costs one more
//! entry a session, and a session that is given another expiry or place has to say so ([`World::change_turn`]).
//! Not here: who enters and who leaves.
//!
//! [`World::change_turn`]: crate::world::World::change_turn

use std::collections::{BTreeMap, BTreeSet};

use crate::session::{Protocol, SessionId, SessionRef};
use crate::time::Time;

/// Under what a session is cached: its id, and what else two sessions are compared by.
pub(crate) type Key = (SessionId, Protocol);

/// What a session's turn to leave follows from: its expiry, and its place among those that expire with it.
pub(crate) type Turn = (Time, u64);

/// The sessions of one internal cache.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct InternalCache {
    by_key: BTreeMap<Key, SessionRef>,
    in_order: BTreeSet<(Turn, SessionRef)>,
}

impl InternalCache {
    /// The same sessions under other keys and numbers, in no order: there is no going on from it.
    pub(crate) fn renamed(&self, mut rename: impl FnMut(Key, SessionRef) -> (Key, SessionRef)) -> Self {
        let by_key = self.by_key.iter().map(|(key, c)| rename(*key, *c)).collect();
        Self { by_key, in_order: BTreeSet::new() }
    }

    pub(crate) fn len(&self) -> usize {
        self.by_key.len()
    }

    pub(crate) fn get(&self, key: &Key) -> Option<SessionRef> {
        self.by_key.get(key).copied()
    }

    /// All of them, in order of id.
    pub(crate) fn sessions(&self) -> impl Iterator<Item = SessionRef> {
        self.by_key.values().copied()
    }

    /// All of them with their expiry, first to leave first.
    pub(crate) fn in_order(&self) -> impl Iterator<Item = (Time, SessionRef)> {
        self.in_order.iter().map(|((expiry, _), c)| (*expiry, *c))
    }

    pub(crate) fn insert(&mut self, key: Key, c: SessionRef, turn: Turn) {
        self.by_key.insert(key, c);
        self.in_order.insert((turn, c));
    }

    pub(crate) fn remove(&mut self, key: &Key, turn: Turn) {
        if let Some(c) = self.by_key.remove(key) {
            self.in_order.remove(&(turn, c));
        }
    }

    /// A session that may be in it has another turn now.
    pub(crate) fn change_turn(&mut self, c: SessionRef, before: Turn, now: Turn) {
        if self.in_order.remove(&(before, c)) {
            self.in_order.insert((now, c));
        }
    }
}
