//! Behaviours: what profiles differ in, axes and departures alike.

use session_model::departures::Departure;
use session_model::reading::Axis;
use session_model::{Clause, Profile, Readings};

use super::Kind;

/// An axis of the readings or a departure.
#[derive(Clone, Copy, Debug)]
pub enum Behaviour {
    /// An axis.
    Reading(&'static Axis),
    /// A departure.
    Departure(Departure),
}

/// The values of a departure; the first is the pure manual's.
const SWITCH: &[&str] = &["no", "yes"];

impl Behaviour {
    /// All axes, then all departures.
    pub fn all() -> impl Iterator<Item = Self> {
        Readings::AXES.iter().map(Self::Reading).chain(Departure::all().map(Self::Departure))
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Reading(axis) => axis.name,
            Self::Departure(departure) => departure.about().name,
        }
    }

    /// Which of the two.
    #[must_use]
    pub fn kind(self) -> Kind {
        match self {
            Self::Reading(_) => Kind::Reading,
            Self::Departure(_) => Kind::Departure,
        }
    }

    /// The clause that it settles or breaks.
    #[must_use]
    pub fn clause(self) -> Clause {
        match self {
            Self::Reading(axis) => axis.clause,
            Self::Departure(departure) => departure.about().clause,
        }
    }

    /// Its values; the first is the pure manual's.
    #[must_use]
    pub fn values(self) -> &'static [&'static str] {
        match self {
            Self::Reading(axis) => axis.values,
            Self::Departure(_) => SWITCH,
        }
    }

    /// The pure manual's value.
    #[must_use]
    pub fn pages(self) -> &'static str {
        self.values()[0]
    }

    /// The value under a profile.
    ///
    /// # Panics
    ///
    /// Never: an axis has a value.
    #[must_use]
    pub fn value(self, profile: &Profile) -> &'static str {
        match self {
            Self::Reading(axis) => profile.readings.get(axis.name).expect("an axis has a value"),
            Self::Departure(departure) => SWITCH[usize::from(profile.departures.contains(departure))],
        }
    }

    /// The profile with this one entry set to one of [`Self::values`].
    ///
    /// # Panics
    ///
    /// When it is none of them.
    #[must_use]
    pub fn set(self, profile: &Profile, value: &str) -> Profile {
        let mut other = *profile;
        match self {
            Self::Reading(axis) => other.readings.set(axis.name, value).expect("the axis has this value"),
            Self::Departure(departure) if value == SWITCH[1] => other.departures = other.departures.with(departure),
            Self::Departure(departure) => other.departures = other.departures.without(departure),
        }
        other
    }

    /// What it does when it has this value, in words.
    #[must_use]
    pub fn does(self, value: &str) -> String {
        match self {
            Self::Departure(departure) if value == SWITCH[1] => departure.about().instead.to_owned(),
            _ if value == self.pages() && self.kind() == Kind::Departure => "as the pages rule".to_owned(),
            _ if value == self.pages() => format!("`{value}`, as the pure manual is read"),
            _ => format!("`{value}`"),
        }
    }
}
