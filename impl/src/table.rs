//! Finds a session by the hash of its id: open addressing with linear probing.
//!
//! An entry has the hash (the tag), the session and its slot, so that a lookup goes from here to the session at once.
//! Whether a session with the right tag has the right id is asked of the caller. Not here: the key of the hash
//! ([`crate::hash`]), and the order of the sessions ([`crate::expiry`]).
//!
//! It grows without a halt: a table twice as large is begun, and each insert moves a few entries of the old one. Tags
//! keep their order from one to the other, so how far that has come says of a tag in which of the two it is, and a
//! lookup looks into one. The old table is emptied from its end and the new one is filled from its beginning (each
//! has the order of tags that the one before has not), so neither is ever walked as a whole.

use std::sync::Arc;

use crate::session::Session;

/// How many places of the old table each insert empties.
const MOVED_AT_ONCE: usize = 16;
/// The fewest beginnings of a table that has any entry, as a power of two.
const FEWEST: u32 = 4;

/// A session under its tag; `session` is `None`: nothing is here.
struct Entry<P> {
    session: Option<Arc<Session<P>>>,
    tag: u32,
    slot: u32,
}

/// What is behind the end of a row of entries is empty too.
struct Entries<P> {
    row: Vec<Entry<P>>,
    /// Probes begin at the upper bits of the tag; which, as how many are shifted out. 32: there is one beginning.
    shift: u32,
    /// All ones when the order of tags is reversed.
    flip: u32,
}

/// Sessions by tag.
pub(crate) struct Table<P> {
    entries: Entries<P>,
    /// What is being emptied into it.
    old: Entries<P>,
    /// Tags whose probes in `old` begin before this one are there; all others are in `entries`.
    boundary: usize,
    len: usize,
}

impl<P> Entries<P> {
    /// Nothing, and no room.
    fn none() -> Self {
        Self { row: Vec::new(), shift: 32, flip: 0 }
    }

    /// With room for `2^bits` beginnings, and for the probes that go on beyond the last of them.
    fn new(bits: u32, flip: u32) -> Self {
        Self { row: Vec::with_capacity((1 << bits) + (1 << bits.min(9))), shift: 32 - bits, flip }
    }

    /// How many beginnings there are.
    fn beginnings(&self) -> usize {
        1 << (32 - self.shift)
    }

    /// Where the probe for a tag begins.
    #[inline]
    fn first(&self, tag: u32) -> usize {
        (u64::from(tag ^ self.flip) >> self.shift) as usize
    }

    /// The entries that a probe for this tag meets, with their places.
    #[inline]
    fn probe(&self, tag: u32) -> impl Iterator<Item = (usize, u32, u32, &Arc<Session<P>>)> {
        let first = self.first(tag);
        let row = self.row.get(first..).unwrap_or_default();
        row.iter().zip(first..).map_while(|(entry, at)| Some((at, entry.tag, entry.slot, entry.session.as_ref()?)))
    }

    #[inline]
    fn is_empty_at(&self, at: usize) -> bool {
        self.row.get(at).is_none_or(|entry| entry.session.is_none())
    }

    fn put(&mut self, entry: Entry<P>) {
        let mut at = self.first(entry.tag);
        while !self.is_empty_at(at) {
            at += 1;
        }
        while self.row.len() <= at {
            self.row.push(Entry { session: None, tag: 0, slot: 0 });
        }
        self.row[at] = entry;
    }

    fn take(&mut self, at: usize) -> Option<Arc<Session<P>>> {
        let taken = self.row[at].session.take();
        // Entries that the hole would cut off from where their probe begins move into it, so that no probe meets an
        // empty entry too early and nothing has to mark what was deleted.
        let (mut hole, mut at) = (at, at + 1);
        while !self.is_empty_at(at) {
            if self.first(self.row[at].tag) <= hole {
                self.row.swap(hole, at);
                hole = at;
            }
            at += 1;
        }
        taken
    }
}

impl<P> Table<P> {
    pub(crate) fn new() -> Self {
        Self { entries: Entries::none(), old: Entries::none(), boundary: 0, len: 0 }
    }

    /// How many sessions it has.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The session with this tag for which `is_it` holds, with its slot.
    #[inline]
    pub(crate) fn find(&self, tag: u32, mut is_it: impl FnMut(&Session<P>) -> bool) -> Option<(u32, &Arc<Session<P>>)> {
        let found = self.of(tag).probe(tag).find(|(_, other, _, session)| *other == tag && is_it(session));
        found.map(|(_, _, slot, session)| (slot, session))
    }

    /// The tag where the probe for this one begins.
    #[inline]
    pub(crate) fn first_tag(&self, tag: u32) -> u32 {
        let entries = self.of(tag);
        entries.row.get(entries.first(tag)).map_or(0, |entry| entry.tag)
    }

    /// Inserts a session that is not there.
    pub(crate) fn insert(&mut self, tag: u32, slot: u32, session: Arc<Session<P>>) {
        if (self.len + 1) * 4 > self.entries.beginnings() * 3 {
            self.begin_to_grow();
        }
        if self.boundary != 0 {
            self.go_on_growing();
        }
        self.of_mut(tag).put(Entry { session: Some(session), tag, slot });
        self.len += 1;
    }

    /// Removes the session in a slot that is there.
    pub(crate) fn remove(&mut self, tag: u32, slot: u32) -> Arc<Session<P>> {
        let entries = self.of_mut(tag);
        let at = entries.probe(tag).find(|(_, _, other, _)| *other == slot).map(|(at, ..)| at);
        let session = at.and_then(|at| entries.take(at));
        self.len -= 1;
        session.expect("only what is there is removed")
    }

    /// Asks of every session whether it stays: `keep` gives it back then.
    pub(crate) fn sweep(&mut self, mut keep: impl FnMut(u32, Arc<Session<P>>) -> Option<Arc<Session<P>>>) {
        while self.boundary != 0 {
            self.go_on_growing();
        }
        for at in 0..self.entries.row.len() {
            let Entry { session, tag, slot } = &mut self.entries.row[at];
            let (tag, slot) = (*tag, *slot);
            if let Some(session) = session.take() {
                // Whoever stays goes to where its probe now ends: here, or before.
                match keep(slot, session) {
                    Some(session) => self.entries.put(Entry { session: Some(session), tag, slot }),
                    None => self.len -= 1,
                }
            }
        }
    }

    /// All tags, slots and sessions.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, u32, &Arc<Session<P>>)> {
        let rows = self.entries.row.iter().chain(&self.old.row);
        rows.filter_map(|entry| Some((entry.tag, entry.slot, entry.session.as_ref()?)))
    }

    #[inline]
    fn of(&self, tag: u32) -> &Entries<P> {
        if self.old.first(tag) < self.boundary { &self.old } else { &self.entries }
    }

    fn of_mut(&mut self, tag: u32) -> &mut Entries<P> {
        if self.old.first(tag) < self.boundary { &mut self.old } else { &mut self.entries }
    }

    fn begin_to_grow(&mut self) {
        // It has long been done: a table that doubles has room for more inserts than this takes.
        while self.boundary != 0 {
            self.go_on_growing();
        }
        let bits = (33 - self.entries.shift).max(FEWEST);
        assert!(bits <= 32, "a cache has fewer than 2^32 slots");
        let larger = Entries::new(bits, !self.entries.flip);
        self.old = std::mem::replace(&mut self.entries, larger);
        self.boundary = if self.old.row.is_empty() { 0 } else { self.old.beginnings() };
    }

    /// Moves some entries from the end of the old table, up to an empty one: whatever is before that has its probe
    /// begin before it.
    fn go_on_growing(&mut self) {
        let down_to = self.boundary.saturating_sub(MOVED_AT_ONCE);
        while let Some(last) = self.old.row.last() {
            if last.session.is_none() && self.old.row.len() <= down_to {
                break;
            }
            let last = self.old.row.pop().expect("there is a last one");
            if last.session.is_some() {
                self.entries.put(last);
            }
        }
        self.boundary = down_to.min(self.old.row.len());
        if self.boundary == 0 {
            self.old = Entries::none();
        }
    }
}

#[cfg(test)]
mod tests;
