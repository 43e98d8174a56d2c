//! Sources of bounded choices: what a generator asks instead of a random number.
//!
//! Choice 0 is the simplest one everywhere, so that an engine that shrinks bytes towards zero shrinks traces too.

use arbitrary::Unstructured;

/// A source of bounded choices. Total: it always answers, a spent one with 0.
pub trait Choices {
    /// A number from 0 to `n` − 1; 0 when `n` is 0.
    fn below(&mut self, n: u32) -> u32;

    /// Whether nothing but 0 follows.
    fn is_spent(&self) -> bool {
        false
    }

    /// True once in `n` times.
    fn one_in(&mut self, n: u32) -> bool {
        self.below(n) + 1 == n
    }

    /// One of these, of which there is at least one.
    fn pick<T: Copy>(&mut self, from: &[T]) -> T
    where
        Self: Sized,
    {
        from[self.below(from.len() as u32) as usize]
    }
}

/// The splitmix64 generator: a counter and a bijection, so that every seed is a good one.
#[derive(Clone, Debug)]
pub struct Prng(u64);

impl Prng {
    /// The generator with this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn next_word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let word = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }
}

impl Choices for Prng {
    fn below(&mut self, n: u32) -> u32 {
        // The high half of a product is below n; its bias is under n / 2^32.
        (((self.next_word() >> 32) * u64::from(n)) >> 32) as u32
    }
}

/// The bytes of a fuzzing engine, of proptest or of quickcheck.
impl Choices for Unstructured<'_> {
    fn below(&mut self, n: u32) -> u32 {
        self.int_in_range(0..=n.saturating_sub(1)).unwrap_or(0)
    }

    fn is_spent(&self) -> bool {
        self.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_below_its_bound_and_every_one_is_made() {
        let mut prng = Prng::new(7);
        for n in 1..20 {
            let mut made = vec![false; n as usize];
            for _ in 0..400 {
                made[prng.below(n) as usize] = true;
            }
            assert!(made.iter().all(|made| *made), "some choice below {n} is never made");
        }
    }

    #[test]
    fn a_choice_among_none_is_zero() {
        assert_eq!(Prng::new(1).below(0), 0);
        assert_eq!(Unstructured::new(&[9, 9]).below(0), 0);
    }

    #[test]
    fn spent_bytes_answer_zero() {
        let mut bytes = Unstructured::new(&[255]);
        assert!(!Choices::is_spent(&bytes));
        assert!(bytes.below(256) > 0);
        assert!(Choices::is_spent(&bytes));
        assert_eq!((bytes.below(256), bytes.below(1 << 31)), (0, 0));
    }
}
