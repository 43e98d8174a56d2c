//! The sessions in the order in which they expire; among those of one second, the one that took its place first.
//!
//! One row a second, each a list through the slots: a session that takes a place goes to the end of its row. So the
//! place needs no number, and only the first and the last of a row touch the ordered map. A server that gives all
//! its sessions one timeout has a row a second of its timeout, however many sessions there are.
//!
//! The alternative, one ordered set of (expiry, place, slot), has an entry a session instead of one a second.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::slots::{NONE, Slots};

/// The sessions that expire in one second.
#[derive(Clone, Copy)]
struct Row {
    first: u32,
    last: u32,
}

/// The rows, by expiry. None is empty.
pub(crate) struct Order {
    rows: BTreeMap<i64, Row>,
}

impl Order {
    pub(crate) fn new() -> Self {
        Self { rows: BTreeMap::new() }
    }

    /// Gives a slot that has no place the last one among those that expire with it.
    pub(crate) fn take_place<P>(&mut self, slots: &mut Slots<P>, slot: u32, expiry: i64) {
        let previous = match self.rows.entry(expiry) {
            Entry::Vacant(row) => {
                row.insert(Row { first: slot, last: slot });
                NONE
            }
            Entry::Occupied(mut row) => std::mem::replace(&mut row.get_mut().last, slot),
        };
        if previous != NONE {
            slots.get_mut(previous).next = slot;
        }
        let placed = slots.get_mut(slot);
        (placed.previous, placed.next, placed.expiry) = (previous, NONE, expiry);
    }

    /// Takes its place from a slot.
    pub(crate) fn give_up_place<P>(&mut self, slots: &mut Slots<P>, slot: u32) {
        let placed = slots.get(slot);
        let (previous, next, expiry) = (placed.previous, placed.next, placed.expiry);
        if previous != NONE {
            slots.get_mut(previous).next = next;
        }
        if next != NONE {
            slots.get_mut(next).previous = previous;
        }
        if previous != NONE && next != NONE {
            return;
        }
        let Entry::Occupied(mut row) = self.rows.entry(expiry) else { unreachable!("a slot with a place has a row") };
        match (previous, next) {
            (NONE, NONE) => drop(row.remove()),
            (NONE, next) => row.get_mut().first = next,
            (previous, _) => row.get_mut().last = previous,
        }
    }

    /// Who expires first.
    pub(crate) fn first(&self) -> Option<u32> {
        self.rows.first_key_value().map(|(_, row)| row.first)
    }

    /// Takes away the first row, if it expires before `now`: its first slot, from which `next` leads to the others.
    pub(crate) fn pop_expired(&mut self, now: i64) -> Option<u32> {
        let first = self.rows.first_entry().filter(|row| *row.key() < now)?;
        Some(first.remove().first)
    }

    /// Takes away the first row, as [`Self::pop_expired`] does.
    pub(crate) fn pop(&mut self) -> Option<u32> {
        self.rows.pop_first().map(|(_, row)| row.first)
    }

    /// All slots, in order.
    pub(crate) fn slots<P>(&self, slots: &Slots<P>) -> impl Iterator<Item = u32> {
        let next = |&n: &u32| Some(slots.get(n).next).filter(|&n| n != NONE);
        self.rows.values().flat_map(move |row| std::iter::successors(Some(row.first), next))
    }

    /// Each row: its expiry, its first slot and its last.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (i64, u32, u32)> {
        self.rows.iter().map(|(expiry, row)| (*expiry, row.first, row.last))
    }
}
