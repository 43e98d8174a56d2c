//! Profiles as files: what a subject is held to, by name.
//!
//! Not here: what a reading or a departure means; that is in the model.

use serde::{Deserialize, Serialize};
use session_model::departures::Departure;
use session_model::{Clause, Departures, Edition, Profile, Readings};
use std::collections::BTreeMap;

/// A profile with its name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Named {
    /// Its name.
    pub name: String,
    /// What it holds a subject to.
    pub profile: Profile,
    /// The library that it was worked out on; `None`: not one library's.
    pub library: Option<LibraryFile>,
}

/// The library that a profile was worked out on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LibraryFile {
    /// Its soname.
    pub soname: String,
    /// How its version string begins.
    pub version: String,
}

/// A profile as written. What it does not say is the pure manual's.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    profile: String,
    edition: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    library: Option<LibraryFile>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    readings: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    departures: Vec<String>,
    /// A clause that is broken on purpose; only on the way to a worker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    broken: Option<String>,
}

/// Why a profile cannot be used: its name and the word in it that means nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProfileError {
    /// The profile.
    pub profile: String,
    /// What is wrong.
    pub what: String,
}

impl std::fmt::Display for ProfileError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "profile `{}`: {}", self.profile, self.what)
    }
}

impl std::error::Error for ProfileError {}

const SHIPPED: [(&str, &str); 3] = [
    ("manual.yaml", include_str!("../profiles/manual.yaml")),
    ("optimised.yaml", include_str!("../profiles/optimised.yaml")),
    ("libssl-3.0.yaml", include_str!("../profiles/libssl-3.0.yaml")),
];

/// The profiles that come with the harness.
///
/// # Panics
///
/// Never: a test reads them all.
#[must_use]
pub fn shipped() -> Vec<Named> {
    SHIPPED.iter().map(|(file, text)| parse(file, text).expect("shipped profiles are tested")).collect()
}

/// The shipped profile of this name.
#[must_use]
pub fn by_name(name: &str) -> Option<Named> {
    shipped().into_iter().find(|named| named.name == name)
}

/// The shipped profile nearest to a library that says this of its version: the one whose version it begins with, else
/// the last libssl profile.
#[must_use]
pub fn nearest(version: &str) -> Option<Named> {
    let mut libraries: Vec<_> = shipped().into_iter().filter(|named| named.library.is_some()).collect();
    let exact =
        libraries.iter().position(|named| named.library.as_ref().is_some_and(|l| version.starts_with(&l.version)));
    match exact {
        Some(at) => Some(libraries.swap_remove(at)),
        None => libraries.pop(),
    }
}

/// Reads a profile.
///
/// # Errors
///
/// When the text is no profile, or names an edition, axis, value or departure that there is not.
pub fn parse(file: &str, text: &str) -> Result<Named, ProfileError> {
    let document: Document = serde_yaml::from_str(text)
        .map_err(|error| ProfileError { profile: file.to_owned(), what: error.to_string() })?;
    document.resolve()
}

impl Document {
    /// The document that says what `named` says.
    #[must_use]
    pub fn of(named: &Named) -> Self {
        let Profile { edition, readings, departures, broken } = named.profile;
        let differs = |axis: &&session_model::reading::Axis| readings.get(axis.name) != Readings::MANUAL.get(axis.name);
        let value =
            |axis: &session_model::reading::Axis| readings.get(axis.name).expect("an axis has a value").to_owned();
        Self {
            profile: named.name.clone(),
            edition: edition.to_string(),
            library: named.library.clone(),
            readings: Readings::AXES.iter().filter(differs).map(|axis| (axis.name.to_owned(), value(axis))).collect(),
            departures: departures.iter().map(|d| d.about().name.to_owned()).collect(),
            broken: broken.map(|clause| clause.id().to_owned()),
        }
    }

    /// What it means.
    ///
    /// # Errors
    ///
    /// When it names an edition, axis, value, departure or clause that there is not.
    pub fn resolve(self) -> Result<Named, ProfileError> {
        let wrong = |what: String| ProfileError { profile: self.profile.clone(), what };
        let edition: Edition =
            self.edition.parse().map_err(|_| wrong(format!("`{}` is not an edition of the pages", self.edition)))?;
        let mut profile = Profile::manual(edition);
        for (axis, value) in &self.readings {
            profile.readings.set(axis, value).ok_or_else(|| wrong(format!("there is no reading `{axis}: {value}`")))?;
        }
        for name in &self.departures {
            let departure = Departure::by_name(name).ok_or_else(|| wrong(format!("there is no departure `{name}`")))?;
            profile.departures = Departures::with(profile.departures, departure);
        }
        if let Some(id) = &self.broken {
            profile.broken = Some(Clause::by_id(id).ok_or_else(|| wrong(format!("there is no clause `{id}`")))?);
        }
        Ok(Named { name: self.profile.clone(), profile, library: self.library })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_profile_reads_and_writes_back() {
        for named in shipped() {
            assert_eq!(Document::of(&named).resolve(), Ok(named));
        }
    }

    #[test]
    fn a_value_that_an_axis_does_not_have_is_named() {
        let error =
            parse("x", "profile: p\nedition: \"3.3\"\nreadings: {victim: newest}\n").expect_err("no such value");
        assert_eq!(error.to_string(), "profile `p`: there is no reading `victim: newest`");
    }
}
