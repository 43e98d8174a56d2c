//! The places of the sessions of a cache in the order in which they expire: numbered slots, each with its neighbours.
//!
//! Not here: the sessions ([`crate::table`]), and where a row of neighbours begins ([`crate::expiry`]).

/// No slot.
pub(crate) const NONE: u32 = u32::MAX;

/// What a slot is for at the moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Use {
    /// Nothing; `next` is the next free one.
    Free,
    /// A session, for now without a place.
    Filled,
    /// A session that has its place in a row of the ring.
    Near,
    /// A session that has its place in a row of the ordered map.
    Far,
}

/// What a cache knows of one session beside its entry in the table; 24 bytes.
pub(crate) struct Slot {
    /// The expiry under which it has its place.
    pub(crate) expiry: i64,
    /// The tag of its id in the table.
    pub(crate) tag: u32,
    /// Who expires in the same second and took a place before it; [`NONE`]: nobody.
    pub(crate) previous: u32,
    /// Who did after it.
    pub(crate) next: u32,
    /// What it is for.
    pub(crate) used: Use,
}

/// All slots, those that are free in a list.
pub(crate) struct Slots {
    slots: Vec<Slot>,
    free: u32,
}

impl Slots {
    pub(crate) fn new() -> Self {
        Self { slots: Vec::new(), free: NONE }
    }

    /// Sees to it that [`Self::fill`] moves nothing the next time.
    #[inline]
    pub(crate) fn make_room(&mut self) {
        if self.free == NONE {
            self.slots.reserve(1);
        }
    }

    /// The slot that [`Self::fill`] fills next.
    #[inline]
    pub(crate) fn next_free(&self) -> u32 {
        if self.free == NONE {
            u32::try_from(self.slots.len()).ok().filter(|&n| n != NONE).expect("a cache has fewer than 2^32 - 1 slots")
        } else {
            self.free
        }
    }

    /// Fills the slot of [`Self::next_free`] with a session of this tag, for now without a place.
    #[inline]
    pub(crate) fn fill(&mut self, tag: u32) {
        let slot = Slot { tag, previous: NONE, next: NONE, expiry: 0, used: Use::Filled };
        if self.free == NONE {
            self.slots.push(slot);
        } else {
            let filled = &mut self.slots[self.free as usize];
            self.free = filled.next;
            *filled = slot;
        }
    }

    /// Frees a slot that has no place any more.
    #[inline]
    pub(crate) fn vacate(&mut self, n: u32) {
        let slot = &mut self.slots[n as usize];
        (slot.next, slot.used) = (self.free, Use::Free);
        self.free = n;
    }

    #[inline]
    pub(crate) fn get(&self, n: u32) -> &Slot {
        &self.slots[n as usize]
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, n: u32) -> &mut Slot {
        &mut self.slots[n as usize]
    }

    /// How many are not free.
    pub(crate) fn filled(&self) -> usize {
        self.slots.iter().filter(|slot| slot.used != Use::Free).count()
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
