//! The sessions in the order in which they expire; among those of one second, the one that took its place first.
//!
//! One row a second, each a list through the slots: a session that takes a place goes to the end of its row. So the
//! place needs no number, and only the first and the last of a row touch what the rows are in. That is a ring for the
//! seconds of a window ([`crate::ring`]) and an ordered map for the others; a cache whose sessions expire in a few
//! different seconds does without the ring.
//!
//! A second may have a row in both: then it was outside the window when the one in the map was begun, and that one is
//! first. The other way round cannot be, since while the ring has a row of a second the window has that second, and
//! whoever takes a place then takes it in the ring.
//!
//! The alternative, one ordered set of (expiry, place, slot), has an entry a session instead of one a second.

use std::collections::BTreeMap;

use crate::ring::Ring;
use crate::slots::{NONE, Slots, Use};

/// The sessions that expire in one second.
#[derive(Clone, Copy)]
pub(crate) struct Row {
    pub(crate) first: u32,
    pub(crate) last: u32,
}

impl Row {
    pub(crate) const EMPTY: Self = Self { first: NONE, last: NONE };

    #[inline]
    pub(crate) fn is_empty(self) -> bool {
        self.first == NONE
    }
}

/// Up to so many rows there is no ring.
const FEW: usize = 16;

/// The rows. None is empty.
pub(crate) struct Order {
    near: Ring,
    far: BTreeMap<i64, Row>,
}

impl Order {
    pub(crate) fn new() -> Self {
        Self { near: Ring::new(), far: BTreeMap::new() }
    }

    /// Gives a slot that has no place the last one among those that expire with it.
    #[inline]
    pub(crate) fn take_place(&mut self, slots: &mut Slots, slot: u32, expiry: i64) {
        let near = (self.near.is_made() || self.far.len() >= FEW) && self.near.admits(expiry);
        let row = if near { self.near.row(expiry) } else { self.far.entry(expiry).or_insert(Row::EMPTY) };
        let previous = std::mem::replace(&mut row.last, slot);
        if previous == NONE {
            row.first = slot;
            if near {
                self.near.mark(expiry, true);
            }
        } else {
            slots.get_mut(previous).next = slot;
        }
        let placed = slots.get_mut(slot);
        (placed.previous, placed.next, placed.expiry) = (previous, NONE, expiry);
        placed.used = if near { Use::Near } else { Use::Far };
    }

    /// Takes its place from a slot.
    #[inline]
    pub(crate) fn give_up_place(&mut self, slots: &mut Slots, slot: u32) {
        let placed = slots.get_mut(slot);
        let (previous, next, expiry) = (placed.previous, placed.next, placed.expiry);
        let near = std::mem::replace(&mut placed.used, Use::Filled) == Use::Near;
        if previous != NONE {
            slots.get_mut(previous).next = next;
        }
        if next != NONE {
            slots.get_mut(next).previous = previous;
        }
        if previous != NONE && next != NONE {
            return;
        }
        let row = if near { Some(self.near.row(expiry)) } else { self.far.get_mut(&expiry) };
        let row = row.expect("a slot with a place has a row");
        if previous == NONE {
            row.first = next;
        }
        if next == NONE {
            row.last = previous;
        }
        if row.is_empty() {
            self.drop_row(expiry, near);
        }
    }

    /// Who expires first.
    #[inline]
    pub(crate) fn first(&mut self) -> Option<u32> {
        self.first_row().map(|row| self.begin_of(row))
    }

    /// Who expires first, if that is before `now`.
    pub(crate) fn first_expired(&mut self, now: i64) -> Option<u32> {
        self.first_row().filter(|(expiry, _)| *expiry < now).map(|row| self.begin_of(row))
    }

    /// Takes away the first row, if it expires before `now`: its first slot, from which `next` leads to the others.
    pub(crate) fn pop_expired(&mut self, now: i64) -> Option<u32> {
        let (expiry, near) = self.first_row().filter(|(expiry, _)| *expiry < now)?;
        Some(self.drop_row(expiry, near))
    }

    /// Takes away the first row, as [`Self::pop_expired`] does.
    pub(crate) fn pop(&mut self) -> Option<u32> {
        let (expiry, near) = self.first_row()?;
        Some(self.drop_row(expiry, near))
    }

    /// All slots, in order.
    pub(crate) fn slots(&self, slots: &Slots) -> impl Iterator<Item = u32> {
        let next = |&n: &u32| Some(slots.get(n).next).filter(|&n| n != NONE);
        self.rows().flat_map(move |(_, row, _)| std::iter::successors(Some(row.first), next))
    }

    /// Each row in order: its expiry, its ends, and what its slots are used for.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (i64, Row, Use)> {
        let (mut near, mut far) = (self.near.rows().peekable(), self.far.iter().peekable());
        std::iter::from_fn(move || {
            let earlier = match (near.peek(), far.peek()) {
                (Some((near, _)), Some((far, _))) => near < *far,
                (near, _) => near.is_some(),
            };
            if earlier {
                near.next().map(|(expiry, row)| (expiry, row, Use::Near))
            } else {
                far.next().map(|(expiry, row)| (*expiry, *row, Use::Far))
            }
        })
    }

    /// Whether the bits of the ring say of as many rows that they are there as are.
    pub(crate) fn is_marked(&self) -> bool {
        self.near.marked() == self.near.rows().count()
    }

    /// The expiry of the first row, and whether it is in the ring.
    #[inline]
    fn first_row(&mut self) -> Option<(i64, bool)> {
        let near = if self.near.is_made() { self.near.first() } else { None };
        if let Some(first) = near {
            self.near.advance(first);
        }
        match (near, self.far.first_key_value().map(|(expiry, _)| *expiry)) {
            (Some(near), Some(far)) if far <= near => Some((far, false)),
            (Some(near), _) => Some((near, true)),
            (None, far) => far.map(|far| (far, false)),
        }
    }

    /// Where the first row begins.
    #[inline]
    fn begin_of(&mut self, (expiry, near): (i64, bool)) -> u32 {
        if near { self.near.row(expiry).first } else { self.far.first_key_value().map_or(NONE, |(_, row)| row.first) }
    }

    /// Takes a row away, and says where it began.
    fn drop_row(&mut self, expiry: i64, near: bool) -> u32 {
        if near {
            self.near.mark(expiry, false);
            std::mem::replace(self.near.row(expiry), Row::EMPTY).first
        } else {
            self.far.remove(&expiry).expect("it is there").first
        }
    }
}
