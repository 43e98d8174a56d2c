//! A seed and a number make a trace: a range of numbers can be split over shards with no coordination.

use crate::source::choices::Prng;
use crate::source::generate::{Lane, Plan, generate};
use crate::source::scopes;
use crate::trace::Trace;

/// What all traces of a campaign follow from; printed with each of them, in hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Seed(pub u64);

impl Seed {
    /// The choices of one trace. Two numbers have unrelated ones, and so have two seeds.
    #[must_use]
    pub fn choices(self, number: u64) -> Prng {
        let campaign = Prng::new(self.0).next_word();
        Prng::new(Prng::new(campaign ^ number).next_word())
    }
}

impl std::fmt::Display for Seed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:#x}", self.0)
    }
}

impl std::str::FromStr for Seed {
    type Err = std::num::ParseIntError;

    /// Reads what `Display` writes, and decimal numbers.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parsed = match text.strip_prefix("0x") {
            Some(digits) => u64::from_str_radix(digits, 16),
            None => text.parse(),
        };
        parsed.map(Self)
    }
}

/// The trace of this number.
///
/// ```
/// use sesscheck::source::{Lane, Seed, trace_of};
/// assert_eq!(trace_of(Seed(7), 41, Lane::Direct), trace_of(Seed(7), 41, Lane::Direct));
/// assert_ne!(trace_of(Seed(7), 41, Lane::Direct), trace_of(Seed(7), 42, Lane::Direct));
/// ```
#[must_use]
pub fn trace_of(seed: Seed, number: u64, lane: Lane) -> Trace {
    match lane {
        Lane::Scopes => scopes::trace_of(seed.0, number),
        _ => generate(&mut seed.choices(number), lane),
    }
}

/// What that trace was drawn from: its lane, length, ids and weights, to be printed beside it.
#[must_use]
pub fn plan_of(seed: Seed, number: u64, lane: Lane) -> Plan {
    Plan::draw(&mut seed.choices(number), lane)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_reads_back_as_it_is_printed() {
        for seed in [Seed(0), Seed(255), Seed(u64::MAX)] {
            assert_eq!(seed.to_string().parse(), Ok(seed));
        }
        assert_eq!("12".parse(), Ok(Seed(12)));
    }

    #[test]
    fn neighbouring_seeds_and_numbers_share_no_trace() {
        let traces: Vec<_> =
            (0..8).flat_map(|seed| (0..8).map(move |n| trace_of(Seed(seed), n, Lane::Mixed))).collect();
        for (n, trace) in traces.iter().enumerate() {
            assert!(!traces[..n].contains(trace), "trace {n} comes twice");
        }
    }
}
