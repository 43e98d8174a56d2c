//! Rows of one second each, for a window of seconds: a row is found by its second alone, the first one by two or three
//! words of bits.
//!
//! The window begins with [`Ring::base`] and never has a row outside; it moves when that leaves no row behind. Not
//! here: what is in a row, and the seconds outside the window ([`crate::expiry`]).

use crate::expiry::Row;

/// How many seconds the window has: the longest timeout that servers commonly give, two hours, and some.
pub(crate) const SECONDS: usize = 8192;

const BITS: usize = u64::BITS as usize;
const WORDS: usize = SECONDS / BITS;

/// The rows, by second modulo [`SECONDS`]; no memory before the first one.
pub(crate) struct Ring {
    rows: Box<[Row]>,
    /// A bit a row: whether there is one.
    words: [u64; WORDS],
    /// A bit a word: whether it has a bit.
    summary: [u64; WORDS / BITS],
    base: i64,
    /// No row is later.
    last: i64,
}

impl Ring {
    pub(crate) fn new() -> Self {
        Self { rows: Box::default(), words: [0; WORDS], summary: [0; WORDS / BITS], base: 0, last: 0 }
    }

    /// Whether it has memory.
    #[inline]
    pub(crate) fn is_made(&self) -> bool {
        !self.rows.is_empty()
    }

    /// Whether a row of this second can be in it; the window moves for that if it can.
    #[inline]
    pub(crate) fn admits(&mut self, second: i64) -> bool {
        if self.rows.is_empty() {
            self.rows = vec![Row::EMPTY; SECONDS].into_boxed_slice();
        }
        let window = SECONDS as u64;
        if second >= self.base && second.abs_diff(self.base) < window && second <= self.last {
            return true;
        }
        let Some(first) = self.first() else {
            (self.base, self.last) = (second, second);
            return true;
        };
        let (from, to) = (first.min(second), self.last.max(second));
        let fits = from.abs_diff(to) < window;
        if fits {
            (self.base, self.last) = (from, to);
        }
        fits
    }

    /// The row of a second of the window.
    #[inline]
    pub(crate) fn row(&mut self, second: i64) -> &mut Row {
        &mut self.rows[at(second)]
    }

    /// Whether there is a row of this second of the window has changed.
    #[inline]
    pub(crate) fn mark(&mut self, second: i64, there: bool) {
        let (word, bit) = (at(second) / BITS, at(second) % BITS);
        let (upper, of_word) = (word / BITS, word % BITS);
        if there {
            self.words[word] |= 1 << bit;
            self.summary[upper] |= 1 << of_word;
        } else {
            self.words[word] &= !(1 << bit);
            if self.words[word] == 0 {
                self.summary[upper] &= !(1 << of_word);
            }
        }
    }

    /// The first second that has a row.
    #[inline]
    pub(crate) fn first(&self) -> Option<i64> {
        let from = at(self.base);
        let found = self.from(from).or_else(|| self.from(0))?;
        Some(self.base + (found.wrapping_sub(from) % SECONDS) as i64)
    }

    /// Moves the window forward to its first row.
    #[inline]
    pub(crate) fn advance(&mut self, first: i64) {
        self.base = first;
    }

    /// All seconds that have a row, with it, in order.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (i64, Row)> {
        let seconds = if self.is_made() { SECONDS } else { 0 };
        let all = (0..seconds).map(|n| self.base.wrapping_add(n as i64));
        all.map(|second| (second, self.rows[at(second)])).filter(|(_, row)| !row.is_empty())
    }

    /// How many bits say that there is a row.
    pub(crate) fn marked(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// The first row at this place or behind.
    #[inline]
    fn from(&self, place: usize) -> Option<usize> {
        let word = place / BITS;
        let rest = self.words[word] & (u64::MAX << (place % BITS));
        if rest != 0 {
            return Some(word * BITS + rest.trailing_zeros() as usize);
        }
        let mut upper = (word + 1) / BITS;
        let mut rest = *self.summary.get(upper)? & (u64::MAX << ((word + 1) % BITS));
        while rest == 0 {
            upper += 1;
            rest = *self.summary.get(upper)?;
        }
        let word = upper * BITS + rest.trailing_zeros() as usize;
        Some(word * BITS + self.words[word].trailing_zeros() as usize)
    }
}

/// Where the row of a second is.
#[inline]
fn at(second: i64) -> usize {
    second.rem_euclid(SECONDS as i64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(seconds: &[i64]) -> Ring {
        let mut ring = Ring::new();
        for second in seconds {
            assert!(ring.admits(*second), "{second}");
            *ring.row(*second) = Row { first: 0, last: 0 };
            ring.mark(*second, true);
        }
        ring
    }

    fn seconds(ring: &Ring) -> Vec<i64> {
        ring.rows().map(|(second, _)| second).collect()
    }

    #[test]
    fn rows_are_in_order_whatever_the_order_in_which_they_came() {
        let ring = with(&[9000, 1000, 9191, 5000]);
        assert_eq!((ring.first(), seconds(&ring)), (Some(1000), vec![1000, 5000, 9000, 9191]));
    }

    #[test]
    fn the_window_holds_so_many_seconds_and_no_more() {
        let mut ring = with(&[1000]);
        assert!(!ring.admits(1000 + SECONDS as i64) && !ring.admits(1000 - SECONDS as i64));
        assert!(ring.admits(999 + SECONDS as i64));
        assert!(!ring.admits(999));
    }

    #[test]
    fn the_window_moves_on_behind_its_first_row() {
        let mut ring = with(&[1000, 2000]);
        ring.mark(1000, false);
        *ring.row(1000) = Row::EMPTY;
        assert!(ring.admits(1999 + SECONDS as i64));
        assert_eq!((ring.first(), ring.admits(1999)), (Some(2000), false));
    }

    #[test]
    fn every_place_is_found_from_every_other() {
        for at in (0..SECONDS as i64).step_by(61) {
            for behind in [0, 1, 62, 63, 64, 65, 4095, 4096, 4097, 8191] {
                let ring = with(&[at, at + behind]);
                assert_eq!(ring.first(), Some(at));
                assert_eq!(ring.from((at + behind) as usize % SECONDS), Some((at + behind) as usize % SECONDS));
            }
        }
    }

    #[test]
    fn the_ends_of_time_are_far_from_each_other() {
        let mut ring = with(&[i64::MAX, i64::MAX - 1]);
        assert!(!ring.admits(i64::MIN));
        let mut ring = Ring { base: i64::MIN, last: i64::MIN, ..with(&[]) };
        assert!(ring.admits(i64::MIN));
        *ring.row(i64::MIN) = Row { first: 0, last: 0 };
        ring.mark(i64::MIN, true);
        assert_eq!((ring.admits(i64::MAX), ring.first()), (false, Some(i64::MIN)));
    }
}
