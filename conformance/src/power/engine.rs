//! What hunts: a source of traces.

use session_model::Profile;

use crate::exhaust::Everything;
use crate::gate::OURS;
use crate::source::{Lane, Seed, trace_of};
use crate::suite::File;
use crate::trace::{Shown, Trace};

/// A source of traces.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Engine {
    /// The scenarios, all of them, in order of path.
    Scenarios,
    /// Random traces of a lane.
    Random(Lane),
    /// Every trace of the scopes of [`crate::exhaust`], the shortest first.
    Exhaustive,
    /// What the main job runs on our cache: the scenarios, then so many random traces of each lane.
    Gate,
}

/// Where a trace came from, as the verb of its engine takes it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Origin(pub(super) String);

impl Engine {
    /// Those that hunt by themselves; [`Self::Gate`] is made of them.
    pub const ALL: [Self; 6] = [
        Self::Scenarios,
        Self::Random(Lane::Direct),
        Self::Random(Lane::Handshakes),
        Self::Random(Lane::Tickets),
        Self::Random(Lane::Mixed),
        Self::Exhaustive,
    ];

    /// The least ops of the exhaustive engine: with fewer it ends among the traces of two or three ops.
    pub const EXHAUSTIVE: u64 = 1_000_000;

    /// The ops after which it gives up, when each engine is to have so many; `None`: it comes to an end by itself.
    #[must_use]
    pub fn given(self, ops: u64) -> Option<u64> {
        match self {
            Self::Scenarios | Self::Gate => None,
            Self::Random(_) => Some(ops),
            Self::Exhaustive => Some(ops.max(Self::EXHAUSTIVE)),
        }
    }

    /// Whether it draws nothing, so that one seed does what another would.
    pub(super) fn is_fixed(self) -> bool {
        matches!(self, Self::Scenarios | Self::Exhaustive)
    }

    /// The verb that runs one of its traces again.
    pub(super) fn verb(self) -> &'static str {
        if self == Self::Exhaustive { "exhaust" } else { "replay" }
    }

    /// Its traces, one after the other; those of a random engine do not end. The exhaustive ones go over the states of
    /// the model under this profile.
    pub(super) fn traces<'t>(
        self,
        files: &'t [File],
        seed: Seed,
        profile: &Profile,
    ) -> Box<dyn Iterator<Item = (Origin, Trace)> + 't> {
        let everything = |trace: Trace| Trace { shown: Shown::Everything, ..trace };
        let drawn = move |lane: Lane, number| {
            let origin = format!("--seed {} --lane {lane} --number {number}", seed.0);
            (Origin(origin), trace_of(seed, number, lane))
        };
        let files = files.iter().map(move |file| (Origin(file.path.clone()), everything(file.scenario.trace.clone())));
        match self {
            Self::Scenarios => Box::new(files),
            Self::Random(lane) => Box::new((0..).map(move |number| {
                let (origin, trace) = drawn(lane, number);
                (origin, everything(trace))
            })),
            Self::Exhaustive => Box::new(
                Everything::new(*profile)
                    .map(|(scope, word, trace)| (Origin(format!("--scope {} --trace {word}", scope.name)), trace)),
            ),
            Self::Gate => {
                let random = move |(lane, count)| (0..count).map(move |number| drawn(lane, number));
                Box::new(files.chain(OURS.into_iter().flat_map(random)))
            }
        }
    }
}

impl std::fmt::Display for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Scenarios => f.write_str("scenarios"),
            Self::Random(lane) => lane.fmt(f),
            Self::Exhaustive => f.write_str("exhaustive"),
            Self::Gate => f.write_str("gate"),
        }
    }
}

impl std::str::FromStr for Engine {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let named = || {
            let more = [Lane::Uniform, Lane::Mutated, Lane::Scopes].map(Self::Random);
            Self::ALL.into_iter().chain(more).chain([Self::Gate])
        };
        named().find(|engine| engine.to_string() == word).ok_or_else(|| {
            let all: Vec<_> = named().map(|engine| engine.to_string()).collect();
            format!("engines are {}", all.join(", "))
        })
    }
}
