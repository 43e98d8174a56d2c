//! Numbers of objects that are given out again once nothing has them, so that a run without end has few.
//!
//! They are given out in blocks: one for a session, or all that one handshake may make. Not here: what is made of them.

use session_model::{Mechanism, SessionRef};

/// How many numbers a block has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Of {
    /// One session.
    One,
    /// What a handshake with tickets may make: the server's, the client's, and what comes out of a stateless ticket.
    Tickets,
}

impl Of {
    /// By how sessions are resumed.
    pub(super) fn mechanism(mechanism: Mechanism) -> Self {
        if mechanism == Mechanism::Ids { Self::One } else { Self::Tickets }
    }

    fn numbers(self) -> u32 {
        match self {
            Self::One => 1,
            Self::Tickets => 2 * Mechanism::TICKETS as u32 + 1,
        }
    }
}

/// The numbers of one world.
#[derive(Default)]
pub(super) struct Recycled {
    blocks: Vec<Block>,
    /// The block of each number.
    block_of: Vec<u32>,
    /// Free blocks of each kind; the one that was freed last is given out first.
    free: [Vec<u32>; 2],
}

struct Block {
    first: u32,
    of: Of,
    /// Objects that are there.
    live: u8,
    /// Whether there may be more to come.
    open: bool,
}

impl Recycled {
    /// A block of numbers, by its first.
    pub(super) fn take(&mut self, of: Of) -> SessionRef {
        let block = self.free[of as usize].pop().unwrap_or_else(|| self.grow(of));
        let block = &mut self.blocks[block as usize];
        block.open = true;
        SessionRef(block.first)
    }

    fn grow(&mut self, of: Of) -> u32 {
        let small = |len: usize| u32::try_from(len).expect("fewer than 2^32 sessions at a time");
        let (block, first) = (small(self.blocks.len()), small(self.block_of.len()));
        self.blocks.push(Block { first, of, live: 0, open: false });
        self.block_of.extend((0..of.numbers()).map(|_| block));
        block
    }

    /// So many objects were made of the block with this number.
    pub(super) fn made(&mut self, of: SessionRef, objects: usize) {
        self.block(of).live += u8::try_from(objects).expect("a block has few");
    }

    /// No more will be made of the block with this number. The numbers that are free by that.
    pub(super) fn close(&mut self, of: SessionRef) -> std::ops::Range<u32> {
        self.block(of).open = false;
        self.freed(of)
    }

    /// This object was destroyed. The numbers that are free by that.
    pub(super) fn destroyed(&mut self, c: SessionRef) -> std::ops::Range<u32> {
        let block = self.block(c);
        // A subject may tell of what it never made; that is for the model to judge.
        block.live = block.live.saturating_sub(1);
        self.freed(c)
    }

    /// How many numbers there are.
    pub(super) fn len(&self) -> usize {
        self.block_of.len()
    }

    fn block(&mut self, of: SessionRef) -> &mut Block {
        &mut self.blocks[self.block_of[of.0 as usize] as usize]
    }

    fn freed(&mut self, of: SessionRef) -> std::ops::Range<u32> {
        let n = self.block_of[of.0 as usize];
        let block = &self.blocks[n as usize];
        if block.open || block.live > 0 {
            return 0..0;
        }
        self.free[block.of as usize].push(n);
        block.first..block.first + block.of.numbers()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_given_out_again_when_its_object_is_gone_and_no_sooner() {
        let mut numbers = Recycled::default();
        let a = numbers.take(Of::One);
        numbers.made(a, 1);
        assert!(numbers.close(a).is_empty());
        assert_ne!(numbers.take(Of::One), a);
        assert_eq!(numbers.destroyed(a), a.0..a.0 + 1);
        assert_eq!((numbers.take(Of::One), numbers.len()), (a, 2));
    }

    #[test]
    fn the_numbers_of_a_handshake_go_together() {
        let mut numbers = Recycled::default();
        let first = numbers.take(Of::Tickets);
        numbers.made(first, 2);
        assert!(numbers.destroyed(SessionRef(first.0 + 1)).is_empty());
        assert!(numbers.close(first).is_empty());
        assert_eq!(numbers.destroyed(first).len(), 9);
        // What makes nothing is free at its end.
        assert_eq!(numbers.take(Of::Tickets), first);
        assert_eq!(numbers.close(first).len(), 9);
    }
}
