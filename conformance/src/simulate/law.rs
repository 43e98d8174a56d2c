//! Laws by which lengths of time are drawn, and the random numbers that they are drawn from.
//!
//! The random numbers are the same everywhere; what is made of them by a logarithm, a power or a cosine is rounded as the
//! machine's mathematical library rounds it. So the same seed gives the same lengths on one machine, and on another one
//! a length may, rarely, be a microsecond off, from which on that run goes its own way.

use rand_distr::{Distribution, Exp1, Pareto, StandardUniform};

use crate::source::Prng;

/// Random numbers, whole ones: the same everywhere for the same seed. Each purpose has a stream of its own, so that what
/// one draws moves nothing of another.
pub type Random = rand_pcg::Pcg64Mcg;

/// The random numbers of one purpose, which is named by numbers.
#[must_use]
pub fn stream<const N: usize>(seed: u64, purpose: [u64; N]) -> Random {
    let word = word(seed, purpose);
    Random::new(u128::from(word) << 64 | u128::from(Prng::new(word).next_word()))
}

/// One random number of a purpose, for what is drawn once: 64 bits.
pub(super) fn word<const N: usize>(seed: u64, purpose: [u64; N]) -> u64 {
    purpose.into_iter().fold(seed, |word, part| Prng::new(word ^ part).next_word())
}

/// A number from 0 to below 1.
pub(super) fn share(random: &mut Random) -> f64 {
    StandardUniform.sample(random)
}

/// The same of 64 random bits: as many of them as the number can hold.
pub(super) fn share_of(word: u64) -> f64 {
    (word >> 11) as f64 / (1_u64 << 53) as f64
}

/// A length of time as the nearest number of microseconds, so that short ones are right in the mean.
fn nearest(length: f64) -> u64 {
    length.round() as u64
}

/// A law for lengths of time, in microseconds.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Law {
    /// Always this.
    Fixed(u64),
    /// Any between the two, each as likely.
    Uniform(u64, u64),
    /// Exponential, with this mean.
    Exponential(u64),
    /// Pareto: never less than `least`, and heavier in the tail the smaller `shape` is.
    Pareto {
        /// The least.
        least: u64,
        /// The exponent; above 1, or there is no mean.
        shape: f64,
    },
}

impl Law {
    /// Draws one.
    pub fn draw(&self, random: &mut Random) -> u64 {
        match *self {
            Self::Fixed(always) => always,
            Self::Uniform(from, to) => from + nearest((to - from) as f64 * share(random)),
            Self::Exponential(mean) => {
                let means: f64 = Exp1.sample(random);
                nearest(mean as f64 * means)
            }
            Self::Pareto { least, shape } => nearest(pareto(least, shape, random)),
        }
    }

    /// Draws what is left of one when it is looked at at any moment: who waits by this law and has always done so waits
    /// on for so long. Long ones are met more often than short ones.
    pub fn rest(&self, random: &mut Random) -> u64 {
        match *self {
            Self::Fixed(always) => nearest(always as f64 * share(random)),
            Self::Uniform(from, to) => {
                let (from, to) = (from as f64, to as f64);
                // The density of those that are met grows with their length.
                let met = (from * from + (to * to - from * from) * share(random)).sqrt();
                nearest(met * share(random))
            }
            // It has no memory.
            Self::Exponential(_) => self.draw(random),
            Self::Pareto { least, shape } => nearest(pareto(least, shape - 1.0, random) * share(random)),
        }
    }

    /// The mean, in microseconds.
    #[must_use]
    pub fn mean(&self) -> f64 {
        match *self {
            Self::Fixed(always) => always as f64,
            Self::Uniform(from, to) => (from as f64 + to as f64) / 2.0,
            Self::Exponential(mean) => mean as f64,
            Self::Pareto { least, shape } => least as f64 * shape / (shape - 1.0),
        }
    }

    /// The longest; `None`: any may come.
    #[must_use]
    pub fn most(&self) -> Option<u64> {
        match *self {
            Self::Fixed(most) | Self::Uniform(_, most) => Some(most),
            Self::Exponential(_) | Self::Pareto { .. } => None,
        }
    }
}

fn pareto(least: u64, shape: f64, random: &mut Random) -> f64 {
    Pareto::new(least as f64, shape).expect("read as numbers above 0, the shape above 1").sample(random)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAWS: [Law; 4] =
        [Law::Fixed(5_000), Law::Uniform(2_000, 8_000), Law::Exponential(3), Law::Pareto { least: 1_000, shape: 4.5 }];

    fn mean_of(mut draw: impl FnMut(&mut Random) -> u64) -> f64 {
        let mut random = stream(7, [1]);
        (0..200_000).map(|_| draw(&mut random) as f64).sum::<f64>() / 200_000.0
    }

    #[test]
    fn what_is_drawn_has_the_mean_of_the_law() {
        for law in LAWS {
            let (mean, drawn) = (law.mean(), mean_of(|random| law.draw(random)));
            assert!((drawn / mean - 1.0).abs() < 0.012, "{law:?}: {drawn}");
        }
    }

    #[test]
    fn what_is_left_has_the_mean_that_renewal_theory_gives() {
        // The second moment by twice the mean.
        let left = [2_500.0, 28e6 / 10_000.0, 3.0, 4.5 / 2.5 * 1e6 / (2.0 * 1_000.0 * 4.5 / 3.5)];
        for (law, left) in LAWS.into_iter().zip(left) {
            let drawn = mean_of(|random| law.rest(random));
            assert!((drawn / left - 1.0).abs() < 0.02, "{law:?}: {drawn}, not {left}");
        }
    }

    #[test]
    fn streams_of_two_purposes_or_seeds_have_nothing_in_common() {
        let first = |seed, purpose| share(&mut stream(seed, purpose));
        let all = [first(1, [0, 1]), first(1, [1, 0]), first(2, [0, 1]), first(1, [0, 2])];
        assert!((0..4).all(|a| (0..a).all(|b| (all[a] - all[b]).abs() > 1e-9)), "{all:?}");
        assert_eq!(first(1, [0, 1]).to_bits(), all[0].to_bits());
    }
}
