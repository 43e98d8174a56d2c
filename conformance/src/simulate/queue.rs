//! What is due, in order of time: a queue whose clock only goes forward.
//!
//! What is later waits in lists: by the highest digit in which its moment differs from now, and by what that digit is. A
//! list is looked at again only when its turn has come, and then all of it goes to lists of lower digits: so a thing is
//! moved a few times, always along whole lists, however many wait. A heap of a million would miss the processor's caches
//! at each of its 20 levels. Not here: what is due.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// The bits of a digit. With more of them a thing is moved less often, and there are more lists.
const BITS: u32 = 4;

/// How many digits a moment has, and how many different ones there are.
const DIGITS: usize = (u64::BITS / BITS) as usize;
const VALUES: usize = 1 << BITS;

/// Things that are due, by moment and then in their own order.
pub(super) struct Queue<T> {
    now: u64,
    /// What is due now.
    ripe: BinaryHeap<Reverse<T>>,
    /// What is due later, by the highest digit in which its moment differs from now, the lowest first.
    later: [Later<T>; DIGITS],
    /// Which of those hold anything, a bit each.
    filled: u64,
}

/// What differs from now in one digit and in none above it, by what that digit is.
struct Later<T> {
    lists: [Vec<(u64, T)>; VALUES],
    /// Which of the lists hold anything, a bit each.
    filled: u64,
}

impl<T: Ord> Queue<T> {
    /// Nothing is due, and it is moment 0.
    pub(super) fn new() -> Self {
        let later = || Later { lists: std::array::from_fn(|_| Vec::new()), filled: 0 };
        Self { now: 0, ripe: BinaryHeap::new(), later: std::array::from_fn(|_| later()), filled: 0 }
    }

    /// Something is due at this moment; what is past is due now.
    pub(super) fn push(&mut self, at: u64, due: T) {
        if at <= self.now {
            self.ripe.push(Reverse(due));
            return;
        }
        let digit = (at ^ self.now).ilog2() / BITS;
        let value = (at >> (digit * BITS)) as usize % VALUES;
        let later = &mut self.later[digit as usize];
        later.lists[value].push((at, due));
        later.filled |= 1 << value;
        self.filled |= 1 << digit;
    }

    /// What is due next, and when: then that is now.
    pub(super) fn pop(&mut self) -> Option<(u64, T)> {
        if self.ripe.is_empty() {
            self.advance()?;
        }
        self.ripe.pop().map(|Reverse(due)| (self.now, due))
    }

    /// Goes to the next moment at which something is due. `None`: nothing ever is.
    fn advance(&mut self) -> Option<()> {
        if self.filled == 0 {
            return None;
        }
        let digit = self.filled.trailing_zeros();
        let later = &mut self.later[digit as usize];
        let value = later.filled.trailing_zeros();
        let mut list = std::mem::take(&mut later.lists[value as usize]);
        later.filled &= !(1 << value);
        if later.filled == 0 {
            self.filled &= !(1 << digit);
        }
        self.now = list.iter().map(|(at, _)| *at).min()?;
        for (at, due) in list.drain(..) {
            self.push(at, due);
        }
        // All of it went to lists of lower digits, so that its room can be used again.
        self.later[digit as usize].lists[value as usize] = list;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Prng;

    #[test]
    fn what_is_pushed_comes_by_moment_and_then_in_its_own_order() {
        let mut queue = Queue::new();
        let mut numbers = Prng::new(1);
        let mut heap = BinaryHeap::new();
        let mut now = 0;
        for _ in 0..20_000 {
            for _ in 0..numbers.next_word() % 4 {
                // Near, far, and at the very moment.
                let at = now + (numbers.next_word() >> (numbers.next_word() % 60 + 4)) / 2;
                let due = numbers.next_word() as u32;
                queue.push(at, due);
                heap.push(Reverse((at, due)));
            }
            let next = queue.pop();
            assert_eq!(next, heap.pop().map(|Reverse(next)| next));
            now = next.map_or(now, |(at, _)| at);
        }
    }

    #[test]
    fn an_empty_queue_has_nothing_and_what_is_past_is_due_now() {
        let mut queue = Queue::new();
        assert_eq!(queue.pop(), None);
        queue.push(9, 'a');
        assert_eq!(queue.pop(), Some((9, 'a')));
        queue.push(3, 'b');
        assert_eq!((queue.pop(), queue.pop()), (Some((9, 'b')), None));
    }
}
