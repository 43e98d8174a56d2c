//! What a subject is held to: edition, readings, known departures.

use crate::clause::{Clause, Edition};
use crate::reading::Readings;

/// An edition of the pages, a value on each axis, and the known departures of one library.
///
/// The pure manual has default readings and no departure.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Profile {
    /// The edition of the pages.
    pub edition: Edition,
    /// What settles the open clauses.
    pub readings: Readings,
    /// Where the subject is known to depart from the pages.
    pub departures: Departures,
    /// A clause that is not kept: the model with a fault, by which the power of a check is measured.
    pub broken: Option<Clause>,
}

impl Profile {
    /// The pages and nothing else.
    #[must_use]
    pub const fn manual(edition: Edition) -> Self {
        Self { edition, readings: Readings::MANUAL, departures: Departures::NONE, broken: None }
    }
}

/// A set of departures, each a bit: see [`crate::departures`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Departures(pub(crate) u64);

impl Departures {
    /// No departure.
    pub const NONE: Self = Self(0);
}
