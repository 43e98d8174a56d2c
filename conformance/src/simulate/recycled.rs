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
    numbers: Vec<Number>,
    /// The first numbers of free blocks of each kind; the one that was freed last is given out first.
    free: [Vec<u32>; 2],
}

/// A number: which block it is of, and, of the first of a block, how that stands.
#[derive(Clone, Copy)]
struct Number {
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
        let first = self.free[of as usize].pop().unwrap_or_else(|| self.grow(of));
        self.numbers[first as usize].open = true;
        SessionRef(first)
    }

    fn grow(&mut self, of: Of) -> u32 {
        let first = u32::try_from(self.numbers.len()).expect("fewer than 2^32 sessions at a time");
        let number = Number { first, of, live: 0, open: false };
        self.numbers.extend((0..of.numbers()).map(|_| number));
        first
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
        self.numbers.len()
    }

    fn block(&mut self, of: SessionRef) -> &mut Number {
        let first = self.numbers[of.0 as usize].first;
        &mut self.numbers[first as usize]
    }

    fn freed(&mut self, of: SessionRef) -> std::ops::Range<u32> {
        let Number { first, of, live, open } = *self.block(of);
        if open || live > 0 {
            return 0..0;
        }
        self.free[of as usize].push(first);
        first..first + of.numbers()
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
