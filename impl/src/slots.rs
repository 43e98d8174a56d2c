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

/// All slots, those that are free in a list. They are in blocks, none of which is moved for the next one: no call waits
/// for a copy of what there is.
pub(crate) struct Slots {
    /// All are full but the last one.
    blocks: Vec<Vec<Slot>>,
    free: u32,
}

/// Slots in a block.
const BLOCK: usize = if cfg!(any(test, shuttle)) { 4 } else { 4096 };

/// The block of a slot, and where it is in that.
#[inline]
fn at(n: u32) -> (usize, usize) {
    (n as usize / BLOCK, n as usize % BLOCK)
}

impl Slots {
    pub(crate) fn new() -> Self {
        Self { blocks: Vec::new(), free: NONE }
    }

    /// Sees to it that [`Self::fill`] takes no memory the next time.
    #[inline]
    pub(crate) fn make_room(&mut self) {
        if self.free == NONE {
            self.make_room_behind();
        }
    }

    fn make_room_behind(&mut self) {
        match self.blocks.last_mut() {
            // The first one grows: a small cache takes little.
            Some(last) if last.len() < BLOCK => last.reserve(1),
            Some(_) => self.blocks.push(Vec::with_capacity(BLOCK)),
            None => self.blocks.push(Vec::with_capacity(1)),
        }
    }

    /// The slot that [`Self::fill`] fills next.
    #[inline]
    pub(crate) fn next_free(&self) -> u32 {
        if self.free == NONE {
            u32::try_from(self.len()).ok().filter(|&n| n != NONE).expect("a cache has fewer than 2^32 - 1 slots")
        } else {
            self.free
        }
    }

    /// Fills the slot of [`Self::next_free`] with a session of this tag, for now without a place.
    #[inline]
    pub(crate) fn fill(&mut self, tag: u32) {
        let slot = Slot { tag, previous: NONE, next: NONE, expiry: 0, used: Use::Filled };
        if self.free == NONE {
            self.make_room_behind();
            self.blocks.last_mut().expect("there is room").push(slot);
        } else {
            let filled = self.get_mut(self.free);
            let next = std::mem::replace(filled, slot).next;
            self.free = next;
        }
    }

    /// Frees a slot that has no place any more.
    #[inline]
    pub(crate) fn vacate(&mut self, n: u32) {
        let free = std::mem::replace(&mut self.free, n);
        let slot = self.get_mut(n);
        (slot.next, slot.used) = (free, Use::Free);
    }

    #[inline]
    pub(crate) fn get(&self, n: u32) -> &Slot {
        let (block, place) = at(n);
        &self.blocks[block][place]
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, n: u32) -> &mut Slot {
        let (block, place) = at(n);
        &mut self.blocks[block][place]
    }

    /// How many are not free.
    pub(crate) fn filled(&self) -> usize {
        self.blocks.iter().flatten().filter(|slot| slot.used != Use::Free).count()
    }

    /// The slots that are in the list of free ones; stops after as many as there are slots, should it be a circle.
    pub(crate) fn free(&self) -> impl Iterator<Item = u32> {
        let all = self.len();
        let next = move |&n: &u32| Some(n).filter(|&n| (n as usize) < all).map(|n| self.get(n).next);
        std::iter::successors(Some(self.free), next).take_while(|&n| n != NONE).take(all + 1)
    }

    /// How many slots there are, filled or free.
    pub(crate) fn len(&self) -> usize {
        self.blocks.last().map_or(0, |last| (self.blocks.len() - 1) * BLOCK + last.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_stay_where_they_are_while_others_come() {
        let mut slots = Slots::new();
        for n in 0..10 * BLOCK as u32 {
            assert_eq!(slots.next_free(), n);
            slots.make_room();
            let room = slots.blocks.last().map(Vec::as_ptr);
            slots.fill(n);
            assert_eq!(slots.blocks.last().map(Vec::as_ptr), room, "{n}");
            assert_eq!((slots.len(), slots.get(n).tag), (n as usize + 1, n));
        }
        let blocks: Vec<_> = slots.blocks.iter().map(Vec::as_ptr).collect();
        slots.make_room();
        slots.fill(7);
        assert_eq!(slots.blocks[..10].iter().map(Vec::as_ptr).collect::<Vec<_>>(), blocks);
    }

    #[test]
    fn the_slot_that_was_freed_last_is_filled_first() {
        let mut slots = Slots::new();
        (0..9).for_each(|tag| slots.fill(tag));
        [2, 8, 5].into_iter().for_each(|n| slots.vacate(n));
        assert_eq!((slots.free().collect::<Vec<_>>(), slots.filled(), slots.len()), (vec![5, 8, 2], 6, 9));
        slots.fill(70);
        assert_eq!((slots.get(5).tag, slots.next_free()), (70, 8));
    }
}
