//! A number as a piece of work.

use super::charter::{Charter, Shard};
use crate::profiles::Document;
use crate::source::{Lane, SLICE};
use crate::worker::{Random, lane_word};

/// Traces of one unit of each lane, in turn: each takes a libssl a second or a few.
pub(super) const ROUND: [(Lane, u64); 6] = [
    (Lane::Direct, 600),
    (Lane::Handshakes, 60),
    (Lane::Mixed, 100),
    (Lane::Tickets, 40),
    (Lane::Mutated, 300),
    (Lane::Scopes, SLICE),
];

/// A piece of work: the traces 0 to `count` of a lane under a seed that no other unit of the lane has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Unit {
    /// Its number in this shard, from 0.
    pub number: u64,
    /// The lane.
    pub lane: Lane,
    /// How many traces.
    pub count: u64,
    /// Their seed; of the scopes, which slice it is.
    pub seed: u64,
}

impl Unit {
    /// The unit of this number: all lanes in turn in each shard, and no seed in two shards.
    #[must_use]
    pub fn of(charter: &Charter, number: u64) -> Self {
        let (lane, count) = ROUND[(number % ROUND.len() as u64) as usize];
        let Shard { part, of } = charter.shard;
        let seed = match lane {
            // Slices have no seed: the first round of all shards has the first ones.
            Lane::Scopes => (number / ROUND.len() as u64).wrapping_mul(of).wrapping_add(part - 1),
            _ => charter.seed.wrapping_add(number.wrapping_mul(of)).wrapping_add(part - 1),
        };
        Self { number, lane, count, seed }
    }

    /// As a worker is asked for it.
    #[must_use]
    pub fn random(&self, profile: Document) -> Random {
        Random { seed: self.seed, lane: lane_word(self.lane).to_owned(), first: 0, count: self.count, profile }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn shards_share_no_seed_and_each_has_every_lane() {
        let (mut seeds, mut slices) = (BTreeSet::new(), BTreeSet::new());
        for part in 1..=4 {
            let charter = Charter {
                subject: "optimised".to_owned(),
                about: String::new(),
                profile: Document::default(),
                profile_typed: None,
                seed: u64::MAX - 3,
                shard: Shard { part, of: 4 },
                draws: String::new(),
            };
            let units: Vec<_> = (0..60).map(|number| Unit::of(&charter, number)).collect();
            let mut of_lane = |unit: &Unit| {
                if unit.lane == Lane::Scopes { slices.insert(unit.seed) } else { seeds.insert(unit.seed) }
            };
            assert!(units.iter().all(&mut of_lane), "shard {part} has a seed of another");
            for (lane, _) in ROUND {
                assert_eq!(units.iter().filter(|unit| unit.lane == lane).count(), 10);
            }
        }
        assert!(slices.into_iter().eq(0..40), "no slice is left out");
    }
}
