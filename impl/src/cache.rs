//! The internal cache: sessions by id, and in the order in which they expire.
//!
//! For one thread, without a lock. It calls nothing and counts nothing: what leaves goes to the end of a buffer of the
//! caller's. Not here: when to add, look up or flush; that is the context's, whose own internal cache has the same
//! members ([`crate::members`]) and several tables.

use std::fmt;
use std::sync::Arc;

use crate::application::{Leaving, Left, Why};
use crate::hash::Key;
use crate::id::SessionId;
use crate::members::Members;
use crate::seat::Change;
use crate::session::{Cached, Session};
use crate::slots::NONE;
use crate::table::Table;
use crate::validate::Whole;

/// The internal cache of one context. It holds a reference on each session in it, and no more than one session an id.
///
/// A session is in one cache at a time: it knows which, so that the very same object is recognised without a hash,
/// and what another cache has is left alone.
pub struct InternalCache<P> {
    pub(crate) key: Key,
    pub(crate) members: Members,
    pub(crate) table: Table<P>,
}

/// From so many sessions on a flush looks first how many are to leave. If most do, walking the whole table once takes
/// less than finding each in it, once that is larger than what a processor keeps at hand.
const MANY: usize = if cfg!(test) { 1 << 10 } else { 1 << 18 };

/// What came of an add.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Added {
    /// It is in.
    Now,
    /// The very same object was there already; nothing has changed.
    Already,
    /// It is in another cache; nothing has changed.
    Elsewhere,
}

impl<P> InternalCache<P> {
    /// An empty cache of this size; 0: unlimited.
    #[must_use]
    pub fn new(size: usize) -> Self {
        Self { key: Key::random(), members: Members::new(size), table: Table::new() }
    }

    /// How many sessions are in it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.members.len
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many there may be after an add; 0: any number.
    #[must_use]
    pub fn size(&self) -> usize {
        self.members.size
    }

    /// Sets that number. Who is too many leaves at the next add.
    pub fn set_size(&mut self, size: usize) {
        self.members.size = size;
    }

    /// Adds a session. Another object with its id leaves for it; then, while there are too many, who expires first
    /// does, never the newcomer.
    pub fn add(&mut self, session: &Arc<Session<P>>, left: &mut Vec<Left<P>>) -> Added {
        self.members.add(&mut self.table, self.key.tag(session.id()), session, left)
    }

    /// Takes this very object out; whether it was in.
    pub fn remove(&mut self, session: &Session<P>, why: Why, left: &mut Vec<Left<P>>) -> bool {
        self.members.remove(&mut self.table, session, why, left)
    }

    /// The session with this id, expired or not.
    #[must_use]
    pub fn lookup(&self, id: &SessionId) -> Option<&Arc<Session<P>>> {
        self.table.find(self.key.tag(id), |session| session.id() == id).map(|(_, session)| session)
    }

    /// Whether this very object is in it.
    #[must_use]
    pub fn contains(&self, session: &Session<P>) -> bool {
        session.seat.slot_in(self.members.number).is_some()
    }

    /// Whether this object is in another cache.
    #[must_use]
    pub fn is_elsewhere(&self, session: &Session<P>) -> bool {
        session.seat.is_elsewhere(self.members.number)
    }

    /// Takes out all that have expired at `now`, who expires first leaving first.
    pub fn flush(&mut self, now: i64, left: &mut Vec<Left<P>>) {
        let (members, table) = (&mut self.members, &mut self.table);
        if members.len < MANY {
            members.flush_some(table, now, usize::MAX, left);
        } else if let Some(first) = members.order.pop_expired(now) {
            let mut leaving = self.row(first, Vec::new());
            while let Some(first) = self.members.order.pop_expired(now) {
                leaving = self.row(first, leaving);
            }
            self.take_out_all(&leaving, Why::Flushed, left);
        }
    }

    /// Takes out all, who expires first leaving first.
    pub fn clear(&mut self, why: Why, left: &mut Vec<Left<P>>) {
        self.members.clear(&mut self.table, why, left);
    }

    /// Sets the time of a session, in seconds since the Epoch. In the cache it goes to its new place, which is behind
    /// all that expire in the same second, even if it did so before.
    ///
    /// # Errors
    ///
    /// When it is in another cache; nothing is changed then.
    pub fn set_time(&mut self, session: &Session<P>, time: i64) -> Result<(), Cached> {
        self.members.change(&mut self.table, session, Change::Time(time))
    }

    /// Sets the timeout of a session, in seconds, as [`Self::set_time`] sets its time.
    ///
    /// # Errors
    ///
    /// When it is in another cache; nothing is changed then.
    pub fn set_timeout(&mut self, session: &Session<P>, timeout: i64) -> Result<(), Cached> {
        self.members.change(&mut self.table, session, Change::Timeout(timeout))
    }

    /// The sessions, who expires first coming first. Takes time and room in proportion to their number at once.
    pub fn members(&self) -> impl Iterator<Item = &Arc<Session<P>>> {
        self.whole().members()
    }

    /// All of it.
    pub(crate) fn whole(&self) -> Whole<'_, P> {
        Whole { key: &self.key, members: &self.members, tables: vec![&self.table] }
    }

    /// Pushes the slots of a row.
    fn row(&self, first: u32, mut slots: Vec<u32>) -> Vec<u32> {
        let next = |&slot: &u32| Some(self.members.slots.get(slot).next).filter(|&next| next != NONE);
        slots.extend(std::iter::successors(Some(first), next));
        slots
    }

    /// Takes out slots that are no longer in the order.
    fn take_out_all(&mut self, leaving: &[u32], why: Why, left: &mut impl Leaving<P>) {
        left.expect(leaving.len());
        if leaving.len() < self.len() / 4 * 3 {
            leaving.iter().for_each(|slot| self.members.empty(&mut self.table, *slot, why, left));
            return;
        }
        let mut turns = vec![NONE; self.members.slots.len()];
        for (slot, turn) in leaving.iter().zip(0..) {
            turns[*slot as usize] = turn;
            self.members.slots.vacate(*slot);
        }
        let mut sessions: Vec<_> = leaving.iter().map(|_| None).collect();
        self.table.sweep(|slot, session| {
            let turn = turns[slot as usize];
            if turn == NONE { Some(session) } else { sessions[turn as usize].replace(session) }
        });
        self.members.len -= leaving.len();
        for session in sessions.into_iter().flatten() {
            session.seat.leave();
            left.push(Left { session, why });
        }
    }
}

/// How many are in it, and no session.
impl<P> fmt::Debug for InternalCache<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InternalCache").field("len", &self.len()).field("size", &self.size()).finish_non_exhaustive()
    }
}

/// Whoever still has a session can put it into another cache.
impl<P> Drop for InternalCache<P> {
    fn drop(&mut self) {
        self.table.iter().for_each(|(.., session)| session.seat.leave());
    }
}

#[cfg(test)]
mod tests;
