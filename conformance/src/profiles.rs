//! Profiles as files: what a subject is held to, by name or by the release of a library.
//!
//! Not here: what a reading or a departure means; that is in the model.

mod library;

use serde::{Deserialize, Serialize};
use session_model::departures::Departure;
use session_model::{Clause, Departures, Edition, Profile, Readings};
use std::collections::BTreeMap;

pub use library::hash_of;

use crate::releases::Release;

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
    /// Its release, such as `3.0.22` or `1.1.1w`.
    pub version: String,
    /// The first release of its series that is known to do the same; without it, [`Self::version`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// The fingerprint of the file: see [`hash_of`]. A build of one's own has another.
    pub hash: String,
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
    /// The profile; of a text, its file.
    pub profile: String,
    /// Line and column of a text, counted from 1.
    pub place: Option<(usize, usize)>,
    /// What is wrong.
    pub what: String,
}

impl std::fmt::Display for ProfileError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.place {
            Some((line, column)) => write!(f, "{}:{line}:{column}: {}", self.profile, self.what),
            None => write!(f, "profile `{}`: {}", self.profile, self.what),
        }
    }
}

impl std::error::Error for ProfileError {}

const SHIPPED: [(&str, &str); 10] = [
    ("manual.yaml", include_str!("../profiles/manual.yaml")),
    ("optimised.yaml", include_str!("../profiles/optimised.yaml")),
    ("optimised-in-steps.yaml", include_str!("../profiles/optimised-in-steps.yaml")),
    ("libssl-1.1.1w.yaml", include_str!("../profiles/libssl-1.1.1w.yaml")),
    ("libssl-3.0.7.yaml", include_str!("../profiles/libssl-3.0.7.yaml")),
    ("libssl-3.0.22.yaml", include_str!("../profiles/libssl-3.0.22.yaml")),
    ("libssl-3.2.0.yaml", include_str!("../profiles/libssl-3.2.0.yaml")),
    ("libssl-3.3.1.yaml", include_str!("../profiles/libssl-3.3.1.yaml")),
    ("libssl-3.5.5.yaml", include_str!("../profiles/libssl-3.5.5.yaml")),
    ("libssl-4.0.3.yaml", include_str!("../profiles/libssl-4.0.3.yaml")),
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

/// The shipped profile nearest to the library that says this of its version. Of the same series, the latest that holds
/// since a release not after it, else the earliest; without the series, the latest before it. A version that cannot be
/// read is taken for later than all.
#[must_use]
pub fn nearest(version: &str) -> Option<Named> {
    let asked = Release::of(version);
    let mut known: Vec<_> = shipped()
        .into_iter()
        .filter_map(|named| {
            let library = named.library.as_ref()?;
            Some((Release::of(library.since.as_ref().unwrap_or(&library.version))?, named))
        })
        .collect();
    known.sort_by_key(|(release, _)| *release);
    let before = |release: &Release| asked.is_none_or(|asked| *release <= asked);
    let same = |release: &Release| asked.is_some_and(|asked| release.series() == asked.series());
    let at = known
        .iter()
        .rposition(|(release, _)| same(release) && before(release))
        .or_else(|| known.iter().position(|(release, _)| same(release)))
        .or_else(|| known.iter().rposition(|(release, _)| before(release)))
        .unwrap_or(0);
    (at < known.len()).then(|| known.swap_remove(at).1)
}

/// Reads a profile.
///
/// # Errors
///
/// When the text is no profile, or names an edition, axis, value or departure that there is not.
pub fn parse(file: &str, text: &str) -> Result<Named, ProfileError> {
    let at = |(line, column): (usize, usize), what: String| {
        let place = Some((line.max(1), column.max(1)));
        ProfileError { profile: file.to_owned(), place, what }
    };
    let document: Document =
        serde_yaml::from_str(text).map_err(|error| at(place_of_error(&error, text), error.to_string()))?;
    document.means().map_err(|Meaningless { word, what }| at(place_of(&word, text), what))
}

/// The text of a profile.
///
/// # Panics
///
/// Never: a profile has only string keys.
#[must_use]
pub fn write(named: &Named) -> String {
    serde_yaml::to_string(&Document::of(named)).expect("a profile is YAML")
}

/// Where reading this text failed: line and column, counted from 1. YAML takes a carriage return alone for the end of a
/// line, and an editor does not.
pub(crate) fn place_of_error(error: &serde_yaml::Error, text: &str) -> (usize, usize) {
    let before = text.chars().take(error.location().map_or(0, |at| at.index()));
    before.fold((1, 1), |(line, column), c| if c == '\n' { (line + 1, 1) } else { (line, column + 1) })
}

/// Line and column at which a word stands first, as far as it is written as it is read.
pub(crate) fn place_of(word: &str, text: &str) -> (usize, usize) {
    let mut lines = (1..).zip(text.split('\n'));
    let found = lines.find_map(|(n, line)| Some((n, line[..line.find(word)?].chars().count() + 1)));
    found.unwrap_or((1, 1))
}

/// A word that means nothing, and what it should have been.
struct Meaningless {
    word: String,
    what: String,
}

impl Document {
    /// The profile's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.profile
    }

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
        let profile = self.profile.clone();
        self.means().map_err(|Meaningless { what, .. }| ProfileError { profile, place: None, what })
    }

    fn means(self) -> Result<Named, Meaningless> {
        let no = |word: &str, what: String| Meaningless { word: word.to_owned(), what };
        let not_edition = |_| no(&self.edition, format!("`{}` is not an edition of the pages", self.edition));
        let mut profile = Profile::manual(self.edition.parse::<Edition>().map_err(not_edition)?);
        for (axis, value) in &self.readings {
            let what = || format!("there is no reading `{axis}: {value}`");
            profile.readings.set(axis, value).ok_or_else(|| no(axis, what()))?;
        }
        for name in &self.departures {
            let departure = Departure::by_name(name);
            let departure = departure.ok_or_else(|| no(name, format!("there is no departure `{name}`")))?;
            profile.departures = Departures::with(profile.departures, departure);
        }
        if let Some(id) = &self.broken {
            let clause = Clause::by_id(id).ok_or_else(|| no(id, format!("there is no clause `{id}`")))?;
            profile.broken = Some(clause);
        }
        Ok(Named { name: self.profile, profile, library: self.library })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nearest_to(version: &str) -> String {
        nearest(version).expect("libssl profiles are shipped").name
    }

    #[test]
    fn a_release_takes_the_profile_of_its_own_series() {
        assert_eq!(nearest_to("OpenSSL 3.0.22 25 Aug 2026"), "libssl-3.0.22");
        assert_eq!(nearest_to("OpenSSL 3.0.19 27 Jan 2026"), "libssl-3.0.22");
        assert_eq!(nearest_to("OpenSSL 3.0.13 30 Jan 2024"), "libssl-3.0.7");
        assert_eq!(nearest_to("OpenSSL 3.0.30"), "libssl-3.0.22");
        assert_eq!(nearest_to("OpenSSL 1.1.1za  26 Jun 2024"), "libssl-1.1.1w");
    }

    #[test]
    fn before_the_first_of_its_series_it_takes_the_first() {
        assert_eq!(nearest_to("OpenSSL 3.3.0 9 Apr 2024"), "libssl-3.3.1");
        assert_eq!(nearest_to("OpenSSL 1.1.1k  25 Mar 2021"), "libssl-1.1.1w");
        assert_eq!(nearest_to("OpenSSL 4.0.0-dev"), "libssl-4.0.3");
    }

    #[test]
    fn without_its_series_it_takes_the_one_below() {
        assert_eq!(nearest_to("OpenSSL 3.1.4 24 Oct 2023"), "libssl-3.0.22");
        assert_eq!(nearest_to("OpenSSL 3.6.1 27 Jan 2026"), "libssl-3.5.5");
        assert_eq!(nearest_to("OpenSSL 4.1.0"), "libssl-4.0.3");
        assert_eq!(nearest_to("OpenSSL 1.0.2u"), "libssl-1.1.1w");
        assert_eq!(nearest_to("no version at all"), "libssl-4.0.3");
    }

    #[test]
    fn every_shipped_profile_reads_and_writes_back() {
        for named in shipped() {
            assert_eq!(Document::of(&named).resolve(), Ok(named));
        }
    }

    #[test]
    fn a_value_that_an_axis_does_not_have_is_named() {
        let text = "profile: p\nedition: \"3.3\"\nreadings: {victim: newest}\n";
        let error = parse("x.yaml", text).expect_err("no such value");
        assert_eq!(error.to_string(), "x.yaml:3:12: there is no reading `victim: newest`");
        let document: Document = serde_yaml::from_str(text).expect("it is a document");
        let error = document.resolve().expect_err("no such value");
        assert_eq!(error.to_string(), "profile `p`: there is no reading `victim: newest`");
    }

    #[test]
    fn a_text_that_is_no_profile_is_refused_where_it_ceases_to_be_one() {
        let place = |text: &str| parse("x.yaml", text).expect_err("it is none").place;
        assert_eq!(place("profile: p\nedition: [3.3]\n"), Some((2, 10)));
        assert_eq!(place("profile: p\nedition: \"3.3\"\n{"), Some((3, 2)));
        assert_eq!(place(""), Some((1, 1)));
        assert_eq!(place("profile: p\nedition: \"2.0\"\n"), Some((2, 11)));
    }
}
