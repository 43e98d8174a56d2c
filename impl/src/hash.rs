//! The keyed hash of session ids.
//!
//! Ids come from outside, so the key is random and all bytes count. For two ids that were chosen before the key was,
//! the chance to have one tag is that of two random numbers, once in 2^32: the first step (NH of UMAC, RFC 4418)
//! gives two ids one sum once in 2^64, the second (multiply-shift over pairs) two sums one tag once in 2^32.
//!
//! The alternative, SipHash, also keeps its key from somebody who can choose ids, time single lookups and go on from
//! what was learnt; it takes several times as long. An id that enters a server's cache is one that the server drew.

use std::hash::{BuildHasher, RandomState};

use crate::id::SessionId;

/// A random key.
pub(crate) struct Key {
    words: [u64; 6],
    pairs: [u64; 5],
}

impl Key {
    pub(crate) fn random() -> Self {
        let source = RandomState::new();
        let word = |n: usize| source.hash_one(n);
        Self { words: std::array::from_fn(word), pairs: std::array::from_fn(|n| word(6 + n)) }
    }

    /// The hash of an id.
    #[inline]
    pub(crate) fn tag(&self, id: &SessionId) -> u32 {
        let ([a, b, c, d], len) = id.words();
        let [k, l, m, n, o, p] = self.words;
        let product = |x: u64, y: u64| u128::from(x) * u128::from(y);
        let sum = product(a.wrapping_add(k), b.wrapping_add(l))
            .wrapping_add(product(c.wrapping_add(m), d.wrapping_add(n)))
            .wrapping_add(product(len.wrapping_add(o), p));

        let [low, high] = [sum as u64, (sum >> 64) as u64];
        let halves = |word: u64, k: u64, l: u64| {
            k.wrapping_add(word >> 32).wrapping_mul(l.wrapping_add(word & u64::from(u32::MAX)))
        };
        let [q, r, s, t, u] = self.pairs;
        (halves(low, q, r).wrapping_add(halves(high, s, t)).wrapping_add(u) >> 32) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of these ids share the upper 16 bits of their tags with one before.
    fn shared(ids: impl Iterator<Item = Vec<u8>>) -> usize {
        let (key, mut seen, mut shared) = (Key::random(), vec![false; 1 << 16], 0);
        for id in ids {
            let tag = key.tag(&SessionId::new(&id).expect("1 to 32 bytes")) >> 16;
            shared += usize::from(std::mem::replace(&mut seen[tag as usize], true));
        }
        shared
    }

    #[test]
    fn ids_that_differ_in_a_few_bytes_are_spread_as_if_random() {
        // Of 4096 random numbers below 2^16, 125 are one that was drawn before; 11 is the standard deviation.
        for at in 0..30 {
            let ids = (0u16..4096).map(|n| {
                let mut id = vec![7; 32];
                id[at..at + 2].copy_from_slice(&n.to_le_bytes());
                id
            });
            assert!(shared(ids) < 300, "the bytes at {at}");
        }
    }

    #[test]
    fn ids_of_zeros_are_told_by_their_length() {
        let key = Key::random();
        let tags: std::collections::BTreeSet<u32> =
            (1..=32).map(|len| key.tag(&SessionId::new(&vec![0; len]).expect("1 to 32 bytes"))).collect();
        // Two of 32 are one by chance once in ten million runs, three once in 10^16.
        assert!(tags.len() > 30);
    }
}
