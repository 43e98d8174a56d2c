//! The main job as a value: what it runs within its budget, and what that budget is known to find.
//!
//! What it finds is measured beforehand, over several seeds, and recorded: the run itself says it in its last line. A
//! test replays the record, so that it cannot be older than generator, scenarios or faults.

mod record;

pub use record::{MISSED, Record, SCHEMA, recorded};

use serde::{Deserialize, Serialize};

use crate::source::Lane;

/// Random traces of the main job on our own cache: a few million ops, what finds most faults a second first.
pub const OURS: [(Lane, u64); 4] =
    [(Lane::Tickets, 1500), (Lane::Handshakes, 3000), (Lane::Mixed, 1500), (Lane::Direct, 1500)];

/// Random traces of the main job on a libssl: limited by cryptography.
pub const LIBSSL: [(Lane, u64); 3] = [(Lane::Direct, 600), (Lane::Handshakes, 300), (Lane::Tickets, 50)];

/// Random traces on a program that speaks the protocol: limited by what it takes to write and read them.
pub const EXEC: [(Lane, u64); 2] = [(Lane::Direct, 400), (Lane::Handshakes, 150)];

/// What a budget finds of the known faults, over several seeds.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finds {
    /// Known faults.
    pub faults: usize,
    /// Those that the scenarios find, under any seed.
    pub scenarios: usize,
    /// Those that random traces alone find, under each seed that was tried.
    pub always: usize,
    /// Those that random traces find under some seeds: name, and under how many.
    pub sometimes: Vec<(String, usize)>,
    /// Those that are missed under every seed.
    pub never: Vec<String>,
    /// How many seeds were tried.
    pub seeds: usize,
}

impl Finds {
    /// The share of all seeds, in whole percent, that finds a fault which each of `seeds` tries has found, at 95 %
    /// confidence: with a smaller share, that many successes in a row would come in fewer than 5 of 100 cases. It is
    /// said of each fault by itself, not of all at once.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a hundred")]
    pub fn share(&self) -> u8 {
        (100.0 * 0.05_f64.powf(1.0 / self.seeds.max(1) as f64)).floor() as u8
    }
}

impl std::fmt::Display for Finds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { faults, scenarios, always, sometimes, never, seeds } = self;
        write!(f, "{} of {faults} known faults: {scenarios} by scenarios, ", scenarios + always)?;
        write!(f, "{always} at random under {seeds} of {seeds} seeds")?;
        write!(f, " (each under {} % of all at least, 95 % sure)", self.share())?;
        for (name, times) in sometimes {
            write!(f, "; {name} under {times} of {seeds}")?;
        }
        match never.as_slice() {
            [] => Ok(()),
            missed => write!(f, "; missed: {}", missed.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_is_that_of_as_many_successes_in_a_row() {
        let finds =
            |seeds| Finds { faults: 3, scenarios: 1, always: 1, sometimes: vec![], never: vec!["a".to_owned()], seeds };
        // 0.95 of 1 try is 5 %; 0.05^(1/10) = 0.741.
        assert_eq!([1, 10, 59].map(|seeds| finds(seeds).share()), [5, 74, 95]);
        assert_eq!(
            finds(10).to_string(),
            "2 of 3 known faults: 1 by scenarios, 1 at random under 10 of 10 seeds \
             (each under 74 % of all at least, 95 % sure); missed: a"
        );
    }
}
