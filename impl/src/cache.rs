//! The internal cache: sessions by id, and in the order in which they expire.
//!
//! It calls nothing and counts nothing: what leaves goes to the end of a buffer of the caller's. Not here: when to
//! add, look up or flush; that is the context's.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::application::{Leaving, Left, Why};
use crate::expiry::Order;
use crate::hash::Key;
use crate::id::SessionId;
use crate::session::{Cached, Change, Seated, Session};
use crate::slots::{NONE, Slots};
use crate::table::Table;

/// The internal cache of one context. It holds a reference on each session in it, and no more than one session an id.
///
/// A session is in one cache at a time: it knows which, so that the very same object is recognised without a hash,
/// and what another cache has is left alone.
pub struct InternalCache<P> {
    pub(crate) number: u64,
    pub(crate) key: Key,
    pub(crate) slots: Slots,
    pub(crate) table: Table<P>,
    pub(crate) order: Order,
    size: usize,
}

/// From so many sessions on a flush looks first how many are to leave. If most do, walking the whole table once takes
/// less than finding each in it, once that is larger than what a processor keeps at hand.
const MANY: usize = if cfg!(test) { 1 << 10 } else { 1 << 18 };

/// What came of an add.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
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
        // Caches are numbered from 1 on, through the whole process, so that a session can say which one it is in.
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self {
            number: NEXT.fetch_add(1, Relaxed),
            key: Key::random(),
            slots: Slots::new(),
            table: Table::new(),
            order: Order::new(),
            size,
        }
    }

    /// How many sessions are in it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many there may be after an add; 0: any number.
    #[must_use]
    pub fn size(&self) -> usize {
        self.size
    }

    /// Sets that number. Who is too many leaves at the next add.
    pub fn set_size(&mut self, size: usize) {
        self.size = size;
    }

    /// Adds a session. Another object with its id leaves for it; then, while there are too many, who expires first
    /// does, never the newcomer.
    pub fn add(&mut self, session: &Arc<Session<P>>, left: &mut Vec<Left<P>>) -> Added {
        self.add_to(session, left)
    }

    #[inline]
    pub(crate) fn add_to(&mut self, session: &Arc<Session<P>>, left: &mut impl Leaving<P>) -> Added {
        let slot = self.slots.next_free();
        let expiry = match session.take_seat(self.number, slot) {
            Seated::Now(expiry) => expiry,
            Seated::Already => return Added::Already,
            Seated::Elsewhere => return Added::Elsewhere,
        };
        let tag = self.tag(session.id());
        let twin = self.table.find(tag, |other| other.id() == session.id()).map(|(slot, _)| slot);

        self.slots.fill(tag);
        if let Some(twin) = twin {
            self.take_out(twin, Why::Replaced, left);
        }
        // Before the newcomer has a place and is counted, so that it is not its own victim.
        while self.size != 0 && self.len() >= self.size {
            let first = self.order.first().expect("a cache that is full is not empty");
            self.take_out(first, Why::Dropped, left);
        }
        self.table.insert(tag, slot, Arc::clone(session));
        self.order.take_place(&mut self.slots, slot, expiry);
        Added::Now
    }

    /// Takes this very object out; whether it was in.
    pub fn remove(&mut self, session: &Session<P>, why: Why, left: &mut Vec<Left<P>>) -> bool {
        self.remove_to(session, why, left)
    }

    #[inline]
    pub(crate) fn remove_to(&mut self, session: &Session<P>, why: Why, left: &mut impl Leaving<P>) -> bool {
        let slot = session.slot_in(self.number);
        slot.map(|slot| self.take_out(slot, why, left)).is_some()
    }

    /// The session with this id, expired or not.
    #[must_use]
    pub fn lookup(&self, id: &SessionId) -> Option<&Arc<Session<P>>> {
        self.table.find(self.tag(id), |session| session.id() == id).map(|(_, session)| session)
    }

    /// Whether this very object is in it.
    #[must_use]
    pub fn contains(&self, session: &Session<P>) -> bool {
        session.slot_in(self.number).is_some()
    }

    /// Whether this object is in another cache.
    #[must_use]
    pub fn is_elsewhere(&self, session: &Session<P>) -> bool {
        session.is_elsewhere(self.number)
    }

    /// Takes out all that have expired at `now`, who expires first leaving first.
    pub fn flush(&mut self, now: i64, left: &mut Vec<Left<P>>) {
        self.flush_to(now, left);
    }

    pub(crate) fn flush_to(&mut self, now: i64, left: &mut impl Leaving<P>) {
        if self.len() < MANY {
            while let Some(first) = self.order.pop_expired(now) {
                self.take_out_row(first, Why::Flushed, left);
            }
        } else if let Some(first) = self.order.pop_expired(now) {
            let mut leaving = self.row(first, Vec::new());
            while let Some(first) = self.order.pop_expired(now) {
                leaving = self.row(first, leaving);
            }
            self.take_out_all(&leaving, Why::Flushed, left);
        }
    }

    /// Takes out all, who expires first leaving first.
    pub fn clear(&mut self, why: Why, left: &mut Vec<Left<P>>) {
        self.clear_to(why, left);
    }

    pub(crate) fn clear_to(&mut self, why: Why, left: &mut impl Leaving<P>) {
        left.expect(self.len());
        while let Some(first) = self.order.pop() {
            self.take_out_row(first, why, left);
        }
    }

    /// Sets the time of a session, in seconds since the Epoch. In the cache it goes to its new place, which is behind
    /// all that expire in the same second, even if it did so before.
    ///
    /// # Errors
    ///
    /// When it is in another cache; nothing is changed then.
    pub fn set_time(&mut self, session: &Session<P>, time: i64) -> Result<(), Cached> {
        self.change(session, Change::Time(time))
    }

    /// Sets the timeout of a session, in seconds, as [`Self::set_time`] sets its time.
    ///
    /// # Errors
    ///
    /// When it is in another cache; nothing is changed then.
    pub fn set_timeout(&mut self, session: &Session<P>, timeout: i64) -> Result<(), Cached> {
        self.change(session, Change::Timeout(timeout))
    }

    /// The sessions, who expires first coming first. Takes time and room in proportion to their number at once.
    pub fn members(&self) -> impl Iterator<Item = &Arc<Session<P>>> {
        let sessions = self.by_slot();
        self.order.slots(&self.slots).map(move |slot| sessions[slot as usize].expect("who has a place is in the table"))
    }

    #[inline]
    pub(crate) fn tag(&self, id: &SessionId) -> u32 {
        self.key.tag(id)
    }

    /// The sessions by their slots.
    pub(crate) fn by_slot(&self) -> Vec<Option<&Arc<Session<P>>>> {
        let mut sessions = vec![None; self.slots.len()];
        self.table.iter().for_each(|(_, slot, session)| sessions[slot as usize] = Some(session));
        sessions
    }

    fn change(&mut self, session: &Session<P>, change: Change) -> Result<(), Cached> {
        if let Some((slot, expiry)) = session.change(self.number, change)? {
            self.order.give_up_place(&mut self.slots, slot);
            self.order.take_place(&mut self.slots, slot, expiry);
        }
        Ok(())
    }

    fn take_out(&mut self, slot: u32, why: Why, left: &mut impl Leaving<P>) {
        self.order.give_up_place(&mut self.slots, slot);
        self.empty(slot, why, left);
    }

    /// Takes out a row that is no longer in the order, from its first slot on.
    fn take_out_row(&mut self, first: u32, why: Why, left: &mut impl Leaving<P>) {
        let mut slot = first;
        while slot != NONE {
            let next = self.slots.get(slot).next;
            self.empty(slot, why, left);
            slot = next;
        }
    }

    /// Pushes the slots of a row.
    fn row(&self, first: u32, mut slots: Vec<u32>) -> Vec<u32> {
        let next = |&slot: &u32| Some(self.slots.get(slot).next).filter(|&next| next != NONE);
        slots.extend(std::iter::successors(Some(first), next));
        slots
    }

    /// Takes out slots that are no longer in the order.
    fn take_out_all(&mut self, leaving: &[u32], why: Why, left: &mut impl Leaving<P>) {
        left.expect(leaving.len());
        if leaving.len() < self.len() / 4 * 3 {
            leaving.iter().for_each(|slot| self.empty(*slot, why, left));
            return;
        }
        let mut turns = vec![NONE; self.slots.len()];
        for (slot, turn) in leaving.iter().zip(0..) {
            turns[*slot as usize] = turn;
            self.slots.vacate(*slot);
        }
        let mut sessions: Vec<_> = leaving.iter().map(|_| None).collect();
        self.table.sweep(|slot, session| {
            let turn = turns[slot as usize];
            if turn == NONE { Some(session) } else { sessions[turn as usize].replace(session) }
        });
        for session in sessions.into_iter().flatten() {
            session.leave_seat();
            left.push(Left { session, why });
        }
    }

    /// Takes a slot without a place out of the table, and hands over the session.
    fn empty(&mut self, slot: u32, why: Why, left: &mut impl Leaving<P>) {
        let session = self.table.remove(self.slots.get(slot).tag, slot);
        self.slots.vacate(slot);
        session.leave_seat();
        left.push(Left { session, why });
    }
}

/// Whoever still has a session can put it into another cache.
impl<P> Drop for InternalCache<P> {
    fn drop(&mut self) {
        self.table.iter().for_each(|(.., session)| session.leave_seat());
    }
}

#[cfg(test)]
mod tests;
