//! The keyed hash of session ids.
//!
//! Ids come from outside, so the key is random and all bytes count. The first step is strongly universal
//! (multiply-shift over pairs: Thorup, "High Speed Hashing for Integers and Strings", 2015): for two ids that were
//! chosen before the key was, the hashes are two independent random numbers. The second, which is fixed and loses
//! nothing, is there for many ids together: without it, ids that are in step have hashes that are in step.
//!
//! The alternative, SipHash, also keeps its key from somebody who can choose ids, time single lookups and go on from
//! what was learnt; it takes several times as long. An id that enters a server's cache is one that the server drew.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher, RandomState};

use crate::id::SessionId;

/// A random key.
pub(crate) struct Key {
    of_pairs: [[u64; 2]; 4],
    of_length: u64,
    offset: u64,
}

impl Key {
    pub(crate) fn random() -> Self {
        let source = RandomState::new();
        // Where schedules are explored one that is found is to come again.
        let fixed = BuildHasherDefault::<DefaultHasher>::default();
        let word = |n: usize| if cfg!(shuttle) { fixed.hash_one(n) } else { source.hash_one(n) };
        let pair = |n: usize| [word(2 * n), word(2 * n + 1)];
        Self { of_pairs: std::array::from_fn(pair), of_length: word(8), offset: word(9) }
    }

    /// The hash of an id.
    #[inline]
    pub(crate) fn tag(&self, id: &SessionId) -> u32 {
        let (words, length) = id.words();
        let mut sum = self.of_length.wrapping_mul(length).wrapping_add(self.offset);
        for ([upper, lower], word) in self.of_pairs.iter().zip(words) {
            let product = upper.wrapping_add(word >> 32).wrapping_mul(lower.wrapping_add(word & u64::from(u32::MAX)));
            sum = sum.wrapping_add(product);
        }
        // The finaliser of MurmurHash3, less its last step, which leaves the upper half as it is.
        let mut hash = (sum >> 32) as u32;
        hash = (hash ^ (hash >> 16)).wrapping_mul(0x85eb_ca6b);
        (hash ^ (hash >> 13)).wrapping_mul(0xc2b2_ae35)
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

    /// The bench crafts ids after this hash, and holds its own copy to the same number: whoever changes one changes
    /// both.
    #[test]
    fn the_hash_is_the_one_that_the_bench_knows() {
        let word = |n: u64| 0x9e37_79b9_7f4a_7c15u64.wrapping_mul(n + 1);
        let of_pairs = std::array::from_fn(|n| [word(2 * n as u64), word(2 * n as u64 + 1)]);
        let key = Key { of_pairs, of_length: word(8), offset: word(9) };
        let id: [u8; 32] = std::array::from_fn(|n| (37 * n + 1) as u8);
        assert_eq!(key.tag(&SessionId::new(&id).expect("32 bytes are an id")), 1_718_578_875);
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
