//! What hunts: a source of traces.

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
}

/// Where a trace came from, as `replay` takes it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Origin(pub(super) String);

impl Engine {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Scenarios,
        Self::Random(Lane::Direct),
        Self::Random(Lane::Handshakes),
        Self::Random(Lane::Tickets),
        Self::Random(Lane::Mixed),
    ];

    /// Its traces, one after the other; those of the random engines do not end.
    pub(super) fn traces<'t>(self, files: &'t [File], seed: Seed) -> Box<dyn Iterator<Item = (Origin, Trace)> + 't> {
        let everything = |trace: Trace| Trace { shown: Shown::Everything, ..trace };
        match self {
            Self::Scenarios => Box::new(
                files.iter().map(move |file| (Origin(file.path.clone()), everything(file.scenario.trace.clone()))),
            ),
            Self::Random(lane) => Box::new((0..).map(move |number| {
                let origin = format!("--seed {} --lane {lane} --number {number}", seed.0);
                (Origin(origin), everything(trace_of(seed, number, lane)))
            })),
        }
    }
}

impl std::fmt::Display for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Scenarios => f.write_str("scenarios"),
            Self::Random(lane) => lane.fmt(f),
        }
    }
}

impl std::str::FromStr for Engine {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|engine| engine.to_string() == word).ok_or_else(|| {
            let all: Vec<_> = Self::ALL.iter().map(ToString::to_string).collect();
            format!("engines are {}", all.join(", "))
        })
    }
}
