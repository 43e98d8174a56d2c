//! Ids from somebody who knows how `session-cache` hashes, and guesses its key.
//!
//! The hash is written here once more, after `hash.rs` of that package, since it is nobody's business outside of it; a
//! test on each side holds both to the same numbers. Not here: that the guess does not help; the bench shows it.

use crate::draws::Draws;

/// What a cache draws when it is made.
pub(crate) struct Key {
    of_pairs: [[u64; 2]; 4],
    of_length: u64,
    offset: u64,
}

impl Key {
    /// One of 2^640. The first number of its second pair is odd times 2^32; where it is not, the upper half of an id's
    /// second word can make it so for every second key, which would only lengthen what is below.
    pub(crate) fn guessed() -> Self {
        let mut draws = Draws(37);
        let mut pair = || [draws.word(), draws.word()];
        let mut of_pairs: [[u64; 2]; 4] = std::array::from_fn(|_| pair());
        let [of_length, offset] = pair();
        of_pairs[1][0] = (of_pairs[1][0] | 1) << 32;
        Self { of_pairs, of_length, offset }
    }

    /// The hash of an id of 32 bytes.
    #[cfg(test)]
    fn hash(&self, id: &[u8; 32]) -> u32 {
        let mut hash = (self.sum(id) >> 32) as u32;
        hash = (hash ^ (hash >> 16)).wrapping_mul(0x85eb_ca6b);
        (hash ^ (hash >> 13)).wrapping_mul(0xc2b2_ae35)
    }

    /// The upper half of this decides.
    fn sum(&self, id: &[u8; 32]) -> u64 {
        let start = self.of_length.wrapping_mul(32).wrapping_add(self.offset);
        let words = id.chunks(8).map(|word| u64::from_le_bytes(word.try_into().expect("8 bytes")));
        self.of_pairs.iter().zip(words).fold(start, |sum, ([upper, lower], word)| {
            let product = upper.wrapping_add(word >> 32).wrapping_mul(lower.wrapping_add(word & u64::from(u32::MAX)));
            sum.wrapping_add(product)
        })
    }

    /// The `n`-th id of those that all have one hash.
    ///
    /// The first word is `n`. The second makes up for it: what is multiplied there is odd times 2^32, so its lower half
    /// adds to the upper half of the sum any number that is wanted.
    pub(crate) fn one_of_a_hash(&self, n: u32) -> [u8; 32] {
        let mut id = [0; 32];
        id[..4].copy_from_slice(&n.to_le_bytes());
        let step = (self.of_pairs[1][0] >> 32) as u32;
        let wanted = 0u32.wrapping_sub((self.sum(&id) >> 32) as u32);
        id[8..12].copy_from_slice(&wanted.wrapping_mul(inverse(step)).to_le_bytes());
        id
    }
}

/// Of an odd number, modulo 2^32, by Newton's steps: an odd number is its own inverse in three bits, and each step
/// doubles how many bits are right.
fn inverse(of: u32) -> u32 {
    (0..4).fold(of, |inverse, _| inverse.wrapping_mul(2u32.wrapping_sub(of.wrapping_mul(inverse))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inverse_is_one() {
        for of in [1, 3, 0x9e37_79b9, u32::MAX] {
            assert_eq!(of.wrapping_mul(inverse(of)), 1);
        }
    }

    #[test]
    fn crafted_ids_have_one_hash_under_the_key_that_was_guessed_and_many_under_another() {
        let (guessed, mut another) = (Key::guessed(), Key::guessed());
        another.of_pairs[0][0] ^= 1 << 40;
        let hashes = |key: &Key| {
            let hashes: std::collections::BTreeSet<u32> =
                (0..20_480).map(|n| key.hash(&guessed.one_of_a_hash(n))).collect();
            hashes.len()
        };
        assert_eq!(hashes(&guessed), 1);
        assert!(hashes(&another) > 20_000);
    }

    /// The same numbers are in `hash.rs` of `session-cache`: whoever changes the hash there changes it here.
    #[test]
    fn the_hash_is_that_of_session_cache() {
        let word = |n: u64| 0x9e37_79b9_7f4a_7c15u64.wrapping_mul(n + 1);
        let of_pairs = std::array::from_fn(|n| [word(2 * n as u64), word(2 * n as u64 + 1)]);
        let key = Key { of_pairs, of_length: word(8), offset: word(9) };
        let id: [u8; 32] = std::array::from_fn(|n| (37 * n + 1) as u8);
        assert_eq!(key.hash(&id), 1_718_578_875);
    }
}
