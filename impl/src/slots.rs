//! Where the sessions of a cache are: numbered slots, each with its neighbours in order of expiry.
//!
//! Not here: finding a session by its id ([`crate::table`]) or by its expiry ([`crate::expiry`]).

use std::sync::Arc;

use crate::session::Session;

/// No slot.
pub(crate) const NONE: u32 = u32::MAX;

/// What a cache knows of one session; 32 bytes, so that two are one cache line.
pub(crate) struct Slot<P> {
    /// `None`: the slot is free, and `next` is the next free one.
    pub(crate) session: Option<Arc<Session<P>>>,
    /// The tag of its id in the table.
    pub(crate) tag: u32,
    /// Who expires in the same second and took a place before it; [`NONE`]: nobody.
    pub(crate) previous: u32,
    /// Who did after it.
    pub(crate) next: u32,
    /// The expiry under which it has its place.
    pub(crate) expiry: i64,
}

/// All slots, those that are free in a list.
pub(crate) struct Slots<P> {
    slots: Vec<Slot<P>>,
    free: u32,
}

impl<P> Slots<P> {
    pub(crate) fn new() -> Self {
        Self { slots: Vec::new(), free: NONE }
    }

    /// The slot that [`Self::fill`] fills next.
    pub(crate) fn next_free(&self) -> u32 {
        if self.free == NONE {
            u32::try_from(self.slots.len()).ok().filter(|&n| n != NONE).expect("a cache has fewer than 2^32 - 1 slots")
        } else {
            self.free
        }
    }

    /// Puts a session into the slot of [`Self::next_free`], for now without a place.
    pub(crate) fn fill(&mut self, session: Arc<Session<P>>, tag: u32) {
        let slot = Slot { session: Some(session), tag, previous: NONE, next: NONE, expiry: 0 };
        if self.free == NONE {
            self.slots.push(slot);
        } else {
            let filled = &mut self.slots[self.free as usize];
            self.free = filled.next;
            *filled = slot;
        }
    }

    /// Takes the session out of a slot that has no place any more.
    pub(crate) fn vacate(&mut self, n: u32) -> Arc<Session<P>> {
        let slot = &mut self.slots[n as usize];
        slot.next = self.free;
        self.free = n;
        slot.session.take().expect("only a filled slot is vacated")
    }

    pub(crate) fn get(&self, n: u32) -> &Slot<P> {
        &self.slots[n as usize]
    }

    pub(crate) fn get_mut(&mut self, n: u32) -> &mut Slot<P> {
        &mut self.slots[n as usize]
    }

    /// The session in a slot that is filled.
    pub(crate) fn session(&self, n: u32) -> &Arc<Session<P>> {
        self.slots[n as usize].session.as_ref().expect("the table and the order name filled slots only")
    }

    /// The sessions, in no order that means anything.
    pub(crate) fn sessions(&self) -> impl Iterator<Item = &Arc<Session<P>>> {
        self.slots.iter().filter_map(|slot| slot.session.as_ref())
    }

    /// The slots that are in the list of free ones; stops after as many as there are slots, should it be a circle.
    pub(crate) fn free(&self) -> impl Iterator<Item = u32> {
        let next = |&n: &u32| self.slots.get(n as usize).map(|slot| slot.next);
        std::iter::successors(Some(self.free), next).take_while(|&n| n != NONE).take(self.slots.len() + 1)
    }

    /// How many slots there are, filled or free.
    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }
}
