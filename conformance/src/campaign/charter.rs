//! What a campaign is about: whatever would make its units others if it changed.

use serde::{Deserialize, Serialize};

use super::unit::ROUND;
use crate::profiles::Document;
use crate::source::{Seed, trace_of};
use crate::suite::File;
use crate::worker::text_of_trace;

/// What is run, and on what. A folder has one, and goes on with no other.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Charter {
    /// The subject, as on the command line.
    pub subject: String,
    /// What it says of itself.
    pub about: String,
    /// What it is held to.
    pub profile: Document,
    /// The profile as it was typed, for the commands that are printed.
    pub profile_typed: Option<String>,
    /// The seed of all units.
    pub seed: u64,
    /// The part that is done here.
    pub shard: Shard,
    /// A digest of the version, of the scenarios and of a few traces of each lane: another generator draws something
    /// else under the same numbers.
    pub draws: String,
}

/// One of several parts, such as `2/4`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Shard {
    /// Counted from 1.
    pub part: u64,
    /// How many parts there are.
    pub of: u64,
}

impl Shard {
    /// The whole.
    pub const WHOLE: Self = Self { part: 1, of: 1 };

    /// Which of so many things are in it: a run of them, so that the parts one after the other are the whole.
    #[must_use]
    pub fn range(self, count: usize) -> std::ops::Range<usize> {
        let until = |part: u64| {
            let until = u128::from(part) * count as u128 / u128::from(self.of);
            usize::try_from(until).expect("a part is no more than the whole")
        };
        until(self.part - 1)..until(self.part)
    }
}

impl std::fmt::Display for Shard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.part, self.of)
    }
}

impl std::str::FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let numbers = text.split_once('/').and_then(|(part, of)| Some((part.parse().ok()?, of.parse().ok()?)));
        match numbers {
            Some((part, of)) if 1 <= part && part <= of => Ok(Self { part, of }),
            _ => Err(format!("`{text}` is no part of a whole, such as 1/4 or 4/4")),
        }
    }
}

impl TryFrom<String> for Shard {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Shard> for String {
    fn from(shard: Shard) -> Self {
        shard.to_string()
    }
}

impl Charter {
    /// In what this is another campaign than `other`; `None`: it is the same.
    #[must_use]
    pub fn differs(&self, other: &Self) -> Option<String> {
        let Self { subject, about, profile, profile_typed: _, seed, shard, draws } = self;
        let was = |what: &str, now: &dyn std::fmt::Display, then: &dyn std::fmt::Display| {
            Some(format!("its {what} was {then}, and is {now} now"))
        };
        if *subject != other.subject {
            return was("subject", subject, &other.subject);
        }
        if *about != other.about {
            return was("subject", about, &other.about);
        }
        if *profile != other.profile {
            return Some("its profile was another one".to_owned());
        }
        if *seed != other.seed {
            return was("seed", seed, &other.seed);
        }
        if *shard != other.shard {
            return was("shard", shard, &other.shard);
        }
        (*draws != other.draws).then(|| "its units were drawn by another version of sesscheck".to_owned())
    }
}

/// The digest of this program's version, of its scenarios and of what it draws.
#[must_use]
pub fn draws(suite: &[File]) -> String {
    let drawn = ROUND.into_iter().flat_map(|(lane, _)| (1..=8).map(move |number| trace_of(Seed(1), number, lane)));
    let scenarios = suite.iter().flat_map(|file| [file.path.clone(), file.text.clone()]);
    let texts: String = drawn.map(|trace| text_of_trace(&trace)).chain(scenarios).collect();
    format!("{:016x}", crate::pages::fnv1a(env!("CARGO_PKG_VERSION").bytes().chain(texts.bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_one_after_the_other_are_the_whole() {
        let small = (0..30).flat_map(|count| (1..=40).map(move |of| (count, of)));
        for (count, of) in small.chain([(627, 4), (700, 7), (7_501, 64)]) {
            let parts: Vec<_> = (1..=of).flat_map(|part| Shard { part, of }.range(count)).collect();
            assert_eq!(parts, (0..count).collect::<Vec<_>>(), "{count} in {of}");
            let sizes = (1..=of).map(|part| Shard { part, of }.range(count).len());
            let (least, most) = (sizes.clone().min(), sizes.max());
            assert!(most <= least.map(|least| least + 1), "{count} in {of}: none has two more than another");
        }
        let (last, of) = (Shard { part: u64::MAX, of: u64::MAX }, u64::MAX);
        assert_eq!((Shard { part: 1, of }.range(usize::MAX).start, last.range(usize::MAX).end), (0, usize::MAX));
    }

    #[test]
    fn a_shard_is_a_part_of_a_whole() {
        assert_eq!("2/4".parse(), Ok(Shard { part: 2, of: 4 }));
        for wrong in ["0/4", "5/4", "1", "1/0", "a/b", "-1/4"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }
}
