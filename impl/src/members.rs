//! Who is in an internal cache: slots, the order of expiry, and the changes that go through these and the tables.
//!
//! The tables are elsewhere, and each change asks for the one that it needs ([`Tables`]): a cache for one thread has
//! one ([`crate::cache`]), that of a context several, each behind a lock ([`crate::shards`]). It calls nothing and
//! counts nothing: what leaves goes to the end of a buffer of the caller's.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::application::{Leaving, Left, Why};
use crate::cache::Added;
use crate::expiry::Order;
use crate::seat::{Change, Seated};
use crate::session::{Cached, Session};
use crate::slots::{NONE, Slots};
use crate::table::Table;

/// The sessions of one internal cache, but for the tables.
pub(crate) struct Members {
    /// What sessions know this cache by.
    pub(crate) number: u64,
    pub(crate) slots: Slots,
    pub(crate) order: Order,
    /// How many there are.
    pub(crate) len: usize,
    /// How many there may be after an add; 0: any number.
    pub(crate) size: usize,
}

/// So many sessions at most are asked for at once in a flush.
const TOGETHER: usize = 16;

/// Where the tables are.
pub(crate) trait Tables<P> {
    /// The table for this tag, to be changed. Nobody else sees it until the change is done.
    fn at(&mut self, tag: u32) -> &mut Table<P>;
}

impl<P> Tables<P> for Table<P> {
    #[inline]
    fn at(&mut self, _: u32) -> &mut Self {
        self
    }
}

impl Members {
    /// Nobody, in a cache of this size.
    pub(crate) fn new(size: usize) -> Self {
        // Caches are numbered from 1 on, through the whole process, so that a session can say which one it is in.
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let number = NEXT.fetch_add(1, Relaxed);
        Self { number, slots: Slots::new(), order: Order::new(), len: 0, size }
    }

    /// Adds a session of this tag.
    #[inline]
    pub(crate) fn add<P>(
        &mut self,
        tables: &mut impl Tables<P>,
        tag: u32,
        session: &Arc<Session<P>>,
        left: &mut impl Leaving<P>,
    ) -> Added {
        // While no lookup waits.
        self.slots.make_room();
        // Before the seat is taken, so that whoever asks whether it is in waits from here on. All locks are taken and
        // all entries asked for at once: else the processor waits for the memory of one after that of the other.
        tables.at(tag);
        let mut first = self.too_many();
        let leaves = first.map_or(tag, |first| self.slots.get(first).tag);
        black_box(tables.at(leaves).first_tag(leaves) ^ tables.at(tag).first_tag(tag));
        let slot = self.slots.next_free();
        let expiry = match session.seat.take_slot(self.number, slot) {
            Seated::Now(expiry) => expiry,
            Seated::Already => return Added::Already,
            Seated::Elsewhere => return Added::Elsewhere,
        };
        let twin = tables.at(tag).find(tag, |other| other.id() == session.id()).map(|(slot, _)| slot);

        self.slots.fill(tag);
        if let Some(twin) = twin {
            self.take_out(tables, twin, Why::Replaced, left);
            first = self.too_many();
        }
        // Before the newcomer has a place and is counted, so that it is not its own victim.
        while let Some(slot) = first {
            self.take_out(tables, slot, Why::Dropped, left);
            first = self.too_many();
        }
        tables.at(tag).insert(tag, slot, Arc::clone(session));
        self.len += 1;
        self.order.take_place(&mut self.slots, slot, expiry);
        Added::Now
    }

    /// Who is dropped for a newcomer, if there is no room for one.
    #[inline]
    fn too_many(&mut self) -> Option<u32> {
        let full = self.size != 0 && self.len >= self.size;
        full.then(|| self.order.first().expect("a cache that is full is not empty"))
    }

    /// Takes this very object out; whether it was in.
    #[inline]
    pub(crate) fn remove<P>(
        &mut self,
        tables: &mut impl Tables<P>,
        session: &Session<P>,
        why: Why,
        left: &mut impl Leaving<P>,
    ) -> bool {
        let slot = session.seat.slot_in(self.number);
        slot.map(|slot| self.take_out(tables, slot, why, left)).is_some()
    }

    /// Sets the time or the timeout of a session that is in this cache or in none.
    pub(crate) fn change<P>(
        &mut self,
        tables: &mut impl Tables<P>,
        session: &Session<P>,
        change: Change,
    ) -> Result<(), Cached> {
        if let Some(slot) = session.seat.slot_in(self.number) {
            // Nobody judges it by the one number of before and the other of after.
            tables.at(self.slots.get(slot).tag);
        }
        if let Some((slot, expiry)) = session.seat.change(self.number, change)? {
            self.order.give_up_place(&mut self.slots, slot);
            self.order.take_place(&mut self.slots, slot, expiry);
        }
        Ok(())
    }

    /// Takes out those that have expired at `now`, who expires first leaving first, but no more than `most`;
    /// whether there may be more.
    pub(crate) fn flush_some<P>(
        &mut self,
        tables: &mut impl Tables<P>,
        now: i64,
        most: usize,
        left: &mut impl Leaving<P>,
    ) -> bool {
        let (mut done, mut some) = (0, [NONE; TOGETHER]);
        while let Some(first) = self.order.first_expired(now) {
            if done == most {
                return true;
            }
            // As in an add: all entries are asked for before one is needed.
            let (mut slot, mut count, most_now) = (first, 0, TOGETHER.min(most - done));
            while slot != NONE && count < most_now {
                let asked = self.slots.get(slot);
                black_box(tables.at(asked.tag).first_tag(asked.tag));
                some[count] = slot;
                (slot, count) = (asked.next, count + 1);
            }
            some[..count].iter().for_each(|&slot| self.take_out(tables, slot, Why::Flushed, left));
            done += count;
        }
        false
    }

    /// Takes out all, who expires first leaving first.
    pub(crate) fn clear<P>(&mut self, tables: &mut impl Tables<P>, why: Why, left: &mut impl Leaving<P>) {
        left.expect(self.len);
        while let Some(first) = self.order.pop() {
            self.take_out_row(tables, first, why, left);
        }
    }

    /// Takes a slot out.
    #[inline]
    pub(crate) fn take_out<P>(&mut self, tables: &mut impl Tables<P>, slot: u32, why: Why, left: &mut impl Leaving<P>) {
        self.order.give_up_place(&mut self.slots, slot);
        self.empty(tables, slot, why, left);
    }

    /// Takes out a row that is no longer in the order, from its first slot on.
    pub(crate) fn take_out_row<P>(
        &mut self,
        tables: &mut impl Tables<P>,
        first: u32,
        why: Why,
        left: &mut impl Leaving<P>,
    ) {
        let mut slot = first;
        while slot != NONE {
            let next = self.slots.get(slot).next;
            self.empty(tables, slot, why, left);
            slot = next;
        }
    }

    /// Takes a slot without a place out of its table, and hands over the session.
    pub(crate) fn empty<P>(&mut self, tables: &mut impl Tables<P>, slot: u32, why: Why, left: &mut impl Leaving<P>) {
        let tag = self.slots.get(slot).tag;
        let session = tables.at(tag).remove(tag, slot);
        self.slots.vacate(slot);
        self.len -= 1;
        session.seat.leave();
        left.push(Left { session, why });
    }
}
