//! Finds a slot by the hash of an id: open addressing with linear probing.
//!
//! An entry is the upper half of the hash (the tag) and a slot number. Whether a slot with the right tag has the right
//! id is asked of the caller; two ids share a tag once in four thousand million pairs. Not here: the ids, and the key
//! of the hash.

use crate::slots::NONE;

#[derive(Clone, Copy, PartialEq, Eq)]
struct Entry {
    tag: u32,
    slot: u32,
}

const EMPTY: Entry = Entry { tag: 0, slot: NONE };

/// Slots by tag.
pub(crate) struct Table {
    /// A power of two, of which at most three quarters are not [`EMPTY`]; or nothing at all before the first insert.
    entries: Box<[Entry]>,
    len: usize,
}

impl Table {
    pub(crate) fn new() -> Self {
        Self { entries: Box::default(), len: 0 }
    }

    /// How many slots it has.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The slot with this tag for which `is_it` holds.
    pub(crate) fn find(&self, tag: u32, mut is_it: impl FnMut(u32) -> bool) -> Option<u32> {
        let mut at = self.first(tag)?;
        while self.entries[at] != EMPTY {
            let entry = self.entries[at];
            if entry.tag == tag && is_it(entry.slot) {
                return Some(entry.slot);
            }
            at = self.after(at);
        }
        None
    }

    /// Inserts a slot that is not there.
    pub(crate) fn insert(&mut self, tag: u32, slot: u32) {
        if (self.len + 1) * 4 > self.entries.len() * 3 {
            self.grow();
        }
        self.put(Entry { tag, slot });
        self.len += 1;
    }

    /// Removes a slot that is there.
    pub(crate) fn remove(&mut self, tag: u32, slot: u32) {
        let mut hole = self.first(tag).expect("a table that has a slot has entries");
        while self.entries[hole].slot != slot {
            hole = self.after(hole);
        }
        // Entries that the hole would cut off from where their probe begins move into it, so that no probe meets an
        // empty entry too early and nothing has to mark what was deleted.
        let mut at = self.after(hole);
        while self.entries[at] != EMPTY {
            let first = self.first(self.entries[at].tag).expect("it has entries");
            if self.steps(first, at) >= self.steps(hole, at) {
                self.entries[hole] = self.entries[at];
                hole = at;
            }
            at = self.after(at);
        }
        self.entries[hole] = EMPTY;
        self.len -= 1;
    }

    /// All tags and slots.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, u32)> {
        self.entries.iter().filter(|entry| **entry != EMPTY).map(|entry| (entry.tag, entry.slot))
    }

    fn grow(&mut self) {
        let twice = vec![EMPTY; (self.entries.len() * 2).max(16)].into_boxed_slice();
        for entry in std::mem::replace(&mut self.entries, twice) {
            if entry != EMPTY {
                self.put(entry);
            }
        }
    }

    fn put(&mut self, entry: Entry) {
        let mut at = self.first(entry.tag).expect("it has just grown, or has room");
        while self.entries[at] != EMPTY {
            at = self.after(at);
        }
        self.entries[at] = entry;
    }

    /// Where the probe for a tag begins; `None`: there are no entries.
    fn first(&self, tag: u32) -> Option<usize> {
        // The upper bits of the product: the tag scaled to the number of entries.
        let first = (u64::from(tag) * self.entries.len() as u64) >> 32;
        if self.entries.is_empty() { None } else { Some(first as usize) }
    }

    fn after(&self, at: usize) -> usize {
        (at + 1) & (self.entries.len() - 1)
    }

    /// How many steps a probe makes from one entry to another.
    fn steps(&self, from: usize, to: usize) -> usize {
        to.wrapping_sub(from) & (self.entries.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(table: &Table, tag: u32, slot: u32) -> bool {
        table.find(tag, |found| found == slot) == Some(slot)
    }

    #[test]
    fn an_empty_table_finds_nothing() {
        assert_eq!(Table::new().find(0, |_| true), None);
    }

    #[test]
    fn slots_of_one_tag_are_told_apart_by_the_caller() {
        let mut table = Table::new();
        table.insert(5, 1);
        table.insert(5, 2);
        assert!(has(&table, 5, 1) && has(&table, 5, 2));
        table.remove(5, 1);
        assert!(!has(&table, 5, 1) && has(&table, 5, 2));
    }

    #[test]
    fn a_removal_cuts_off_nobody_behind_it() {
        // Tags from a few neighbouring places at the very end, so that the probes run into each other and around it.
        let tags: Vec<u32> = (0..11).map(|n| u32::MAX - (n % 3) * 0x1000_0000).collect();
        for gone in 0..11 {
            let mut table = Table::new();
            (0u32..).zip(&tags).for_each(|(slot, &tag)| table.insert(tag, slot));
            table.remove(tags[gone], gone as u32);
            for (slot, &tag) in (0u32..).zip(&tags) {
                assert_eq!(has(&table, tag, slot), slot as usize != gone, "{slot} after {gone} was removed");
            }
        }
    }

    #[test]
    fn growing_loses_nobody() {
        let mut table = Table::new();
        (0u32..1000).for_each(|slot| table.insert(slot.wrapping_mul(0x9e37_79b9), slot));
        assert_eq!(table.len(), 1000);
        assert!((0u32..1000).all(|slot| has(&table, slot.wrapping_mul(0x9e37_79b9), slot)));
    }
}
