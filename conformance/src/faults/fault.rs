//! A fault: its name, the clause that it breaks, where it comes from, how it is made.

use session_model::Clause;
use session_model::departures::Departure;

use super::flaw::Flaw;

/// A fault that a subject can be given.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    /// As in `faulty:NAME`.
    pub name: &'static str,
    /// The clause that it breaks.
    pub clause: Clause,
    /// Where it comes from.
    pub ancestor: Ancestor,
    /// How it is made.
    pub made: Made,
    /// What it is about: `departures`, `readings`, `rules`, or the part of a cache that it sits in.
    pub family: &'static str,
    /// Whether it shows only after a sequence of its own, a long run, or where several conditions meet.
    pub deep: bool,
    /// What it does.
    pub does: &'static str,
    pub(super) how: How,
}

/// Where a fault comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ancestor {
    /// A library is known to do so, or a reading of the pages allows it.
    Library,
    /// A published defect of a TLS session cache, or of what resumes sessions: its number, and what it was.
    Defect(&'static str, &'static str),
    /// A mutation of the rule.
    Mutation,
}

/// How a fault is made.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Made {
    /// With a switch of the model: a departure, or a reading other than that of `optimised`.
    Switch,
    /// One clause is not kept, and nothing else changes.
    Rule,
    /// A wrapper around a library brings it about.
    Structure,
}

impl Made {
    /// All of them, in the order of lists.
    pub const ALL: [Self; 3] = [Self::Structure, Self::Switch, Self::Rule];

    /// What it is called in lists.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Structure => "faults of structure, around the model or our cache",
            Self::Switch => "made from switches of the model",
            Self::Rule => "one rule broken exactly, in the model",
        }
    }
}

/// What is switched, or put around a library.
#[derive(Clone, Copy, Debug)]
pub(super) enum How {
    Departs(Departure),
    Reads(&'static str, &'static str),
    Breaks(Clause),
    Flawed { flaw: fn() -> Box<dyn Flaw>, witness: &'static str },
}

/// A fault of structure, in the making. `witness` is what shows it: the contexts, sessions and steps of a scenario.
pub(super) const fn fault(
    name: &'static str,
    clause: Clause,
    does: &'static str,
    flaw: fn() -> Box<dyn Flaw>,
    witness: &'static str,
) -> Fault {
    let how = How::Flawed { flaw, witness };
    let (ancestor, made) = (Ancestor::Mutation, Made::Structure);
    Fault { name, clause, ancestor, made, family: "", deep: false, does, how }
}

/// The fault that is this type's.
pub(super) fn flaw<F: Flaw + Default + 'static>() -> Box<dyn Flaw> {
    Box::new(F::default())
}

impl Fault {
    pub(super) const fn deep(self) -> Self {
        Self { deep: true, ..self }
    }

    pub(super) const fn after(self, number: &'static str, what: &'static str) -> Self {
        Self { ancestor: Ancestor::Defect(number, what), ..self }
    }
}
