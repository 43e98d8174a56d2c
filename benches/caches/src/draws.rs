//! Draws that repeat: splitmix64, and ranks after Zipf.

use session_cache::SessionId;

/// A stream of random words.
pub(crate) struct Draws(pub(crate) u64);

impl Draws {
    pub(crate) fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.word()) * n as u128) >> 64) as usize
    }

    /// An id as a server draws it: 32 random bytes.
    pub(crate) fn id(&mut self) -> SessionId {
        let mut bytes = [0; 32];
        bytes.chunks_mut(8).for_each(|chunk| chunk.copy_from_slice(&self.word().to_le_bytes()));
        SessionId::new(&bytes).expect("32 bytes are an id")
    }
}

/// Draws the first of `n` most often, the `k`-th `k` times more seldom.
pub(crate) struct Zipf(Vec<f64>);

impl Zipf {
    pub(crate) fn new(n: usize) -> Self {
        let weights = (1..=n).scan(0.0, |sum, k| {
            *sum += 1.0 / k as f64;
            Some(*sum)
        });
        Self(weights.collect())
    }

    pub(crate) fn draw(&self, draws: &mut Draws) -> usize {
        let all = self.0.last().expect("it draws from one at least");
        let at = draws.word() as f64 / 2f64.powi(64) * all;
        self.0.partition_point(|sum| *sum < at).min(self.0.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_is_drawn_half_as_often_as_the_first_and_the_tenth_a_tenth() {
        let (ranks, mut draws, mut drawn) = (Zipf::new(1000), Draws(1), vec![0u32; 1000]);
        (0..1_000_000).for_each(|_| drawn[ranks.draw(&mut draws)] += 1);
        let first = f64::from(drawn[0]);
        for (rank, share) in [(1, 2.0), (9, 10.0), (99, 100.0)] {
            let ratio = first / f64::from(drawn[rank]);
            assert!((ratio / share - 1.0).abs() < 0.15, "{rank}: {ratio}");
        }
        assert!(drawn.iter().all(|times| *times > 0), "the last is drawn too");
    }

    #[test]
    fn draws_below_a_number_are_below_it_and_repeat() {
        let of = |seed| {
            let mut draws = Draws(seed);
            (0..100).map(|_| draws.below(7)).collect::<Vec<_>>()
        };
        assert!(of(1).iter().all(|n| *n < 7) && (0..7).all(|n| of(1).contains(&n)));
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
    }
}
