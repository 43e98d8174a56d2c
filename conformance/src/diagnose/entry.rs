//! The entries of a profile, one by one: a value on an axis, or a departure.
//!
//! Not here: which of them a subject needs.

use session_model::departures::Departure;
use session_model::reading::Axis;
use session_model::{Clause, Profile, Readings};

/// One thing that a profile can say beyond the pure manual, or take back.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Entry {
    /// A value on an axis: its place among [`Readings::AXES`], and the value's among the axis's.
    Reading(u8, u8),
    /// A departure.
    Departure(Departure),
}

impl Entry {
    /// All that a profile can say, the pure manual's own values left out.
    pub fn all() -> impl Iterator<Item = Self> {
        let readings = (0u8..).zip(Readings::AXES).flat_map(|(axis, about)| {
            let values = u8::try_from(about.values.len()).expect("few values");
            (1..values).map(move |value| Self::Reading(axis, value))
        });
        readings.chain(Departure::all().map(Self::Departure))
    }

    /// What a profile says beyond the pure manual.
    pub fn of(profile: Profile) -> impl Iterator<Item = Self> {
        Self::all().filter(move |entry| entry.is_in(&profile))
    }

    /// Whether the profile says it.
    #[must_use]
    pub fn is_in(self, profile: &Profile) -> bool {
        match self {
            Self::Reading(axis, value) => profile.readings.get(name(axis)) == Some(self.value(axis, value)),
            Self::Departure(departure) => profile.departures.contains(departure),
        }
    }

    /// The profile that says it too; a value takes the place of another on its axis.
    #[must_use]
    pub fn added_to(self, mut profile: Profile) -> Profile {
        match self {
            Self::Reading(axis, value) => {
                profile.readings.set(name(axis), self.value(axis, value)).expect("the axis has this value");
            }
            Self::Departure(departure) => profile.departures = profile.departures.with(departure),
        }
        profile
    }

    /// The profile that does not say it: on an axis, the pure manual's value.
    #[must_use]
    pub fn taken_from(self, mut profile: Profile) -> Profile {
        match self {
            Self::Reading(axis, _) => {
                profile.readings.set(name(axis), self.value(axis, 0)).expect("the axis has a first value");
            }
            Self::Departure(departure) => profile.departures = profile.departures.without(departure),
        }
        profile
    }

    /// Every profile that differs from this one in one place, and where.
    pub fn around(profile: Profile) -> impl Iterator<Item = (Self, Profile)> {
        Self::all().map(move |entry| match entry.is_in(&profile) {
            true => (entry, entry.taken_from(profile)),
            false => (entry, entry.added_to(profile)),
        })
    }

    /// As a profile writes it: a departure's name, or `axis: value`.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Reading(axis, value) => format!("{}: {}", name(axis), self.value(axis, value)),
            Self::Departure(departure) => departure.about().name.to_owned(),
        }
    }

    /// The clause that it settles or breaks.
    #[must_use]
    pub fn clause(self) -> Clause {
        match self {
            Self::Reading(axis, _) => about(axis).clause,
            Self::Departure(departure) => departure.about().clause,
        }
    }

    /// What is done instead of what the pure manual rules.
    #[must_use]
    pub fn instead(self) -> String {
        match self {
            Self::Reading(axis, value) => {
                let (value, manual) = (self.value(axis, value), self.value(axis, 0));
                format!("reads {} as {value}, the pure manual as {manual}", name(axis))
            }
            Self::Departure(departure) => departure.about().instead.to_owned(),
        }
    }

    /// The values that rival this one on an axis that the pure manual leaves to the subject, step by step; empty: it
    /// is no such axis. A subject that always chooses alike conforms with and without this entry.
    #[must_use]
    pub fn rivals(self) -> Vec<Self> {
        match self {
            Self::Reading(axis, value) if self.value(axis, 0) == "any" => {
                let values = u8::try_from(about(axis).values.len()).expect("few values");
                (1..values).filter(|other| *other != value).map(|other| Self::Reading(axis, other)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Whether the pure manual leaves this to the subject, step by step.
    #[must_use]
    pub fn is_latitude(self) -> bool {
        matches!(self, Self::Reading(axis, _) if self.value(axis, 0) == "any")
    }

    fn value(self, axis: u8, value: u8) -> &'static str {
        about(axis).values[usize::from(value)]
    }
}

fn about(axis: u8) -> &'static Axis {
    &Readings::AXES[usize::from(axis)]
}

fn name(axis: u8) -> &'static str {
    about(axis).name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profiles;

    #[test]
    fn a_profile_is_its_entries() {
        for named in profiles::shipped() {
            let entries: Vec<_> = Entry::of(named.profile).collect();
            let rebuilt =
                entries.iter().fold(Profile::manual(named.profile.edition), |profile, entry| entry.added_to(profile));
            assert_eq!(rebuilt, named.profile);
            let emptied = entries.iter().fold(named.profile, |profile, entry| entry.taken_from(profile));
            assert_eq!(emptied, Profile::manual(named.profile.edition));
        }
    }

    #[test]
    fn neighbours_differ_in_the_place_that_is_named_and_nowhere_else() {
        let profile = profiles::by_name("libssl-3.0.22").expect("it is shipped").profile;
        for (entry, other) in Entry::around(profile) {
            assert_ne!(entry.is_in(&profile), entry.is_in(&other));
            let back = if entry.is_in(&profile) { entry.added_to(other) } else { entry.taken_from(other) };
            let on_another_value = profile != back;
            assert!(!on_another_value || matches!(entry, Entry::Reading(..)), "{}", entry.name());
        }
    }
}
