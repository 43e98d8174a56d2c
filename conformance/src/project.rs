//! `sesscheck.toml`: what is checked in somebody's repository, so that one command without flags does it.
//!
//! Paths in it are from its own folder. Not here: what the words mean; they are those of the command line.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::{Deserializer, Error};

use crate::source::Lane;
use crate::stopwatch;
use crate::subjects::Spec;
use crate::worker::lane;

/// Its name, where nobody says another.
pub const FILE: &str = "sesscheck.toml";

/// A project.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Project {
    /// Seed of the random traces; default 1.
    pub seed: Option<u64>,
    /// What ends the random traces early, such as `60s`.
    #[serde(default, rename = "for", deserialize_with = "limit")]
    pub limit: Option<std::time::Duration>,
    /// How many findings are reduced at most.
    pub most: Option<std::num::NonZeroUsize>,
    /// Folders or files of scenarios.
    #[serde(default)]
    pub scenarios: Vec<PathBuf>,
    /// Whether the built-in scenarios are run; default: if there are no others.
    pub built_in: Option<bool>,
    /// The subjects, at least one.
    #[serde(rename = "subject")]
    pub subjects: Vec<Subject>,
}

/// A subject of a project.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// As on the command line.
    #[serde(deserialize_with = "spec")]
    pub name: Spec,
    /// What it is held to: a shipped profile's name, or a file; default: its own.
    pub profile: Option<String>,
    /// Divergences that are accepted.
    pub ledger: Option<PathBuf>,
    /// Whether the exit status depends on it.
    #[serde(default = "yes")]
    pub gates: bool,
    /// Random traces by lane; default: as on the command line.
    #[serde(default)]
    pub lanes: Lanes,
}

/// Random traces by lane, in the order of their names.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Lanes(pub Vec<(Lane, u64)>);

/// Why a project cannot be used.
#[derive(Debug)]
pub enum ProjectError {
    /// The file cannot be read.
    Unreadable(PathBuf, std::io::Error),
    /// It is no project: where, and what is wrong, with the line.
    Wrong(PathBuf, Box<toml::de::Error>),
    /// It has no subject.
    Nothing(PathBuf),
    /// It has this subject twice.
    Twice(PathBuf, String),
}

impl std::fmt::Display for ProjectError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unreadable(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Wrong(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Twice(path, name) => write!(f, "{}: the subject `{name}` stands there twice", path.display()),
            Self::Nothing(path) => write!(f, "{}: there is no `[[subject]]` to check", path.display()),
        }
    }
}

impl std::error::Error for ProjectError {}

impl Project {
    /// Reads a project, its paths from here.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, or is no project.
    pub fn read(path: &Path) -> Result<Self, ProjectError> {
        let text = std::fs::read_to_string(path).map_err(|error| ProjectError::Unreadable(path.to_owned(), error))?;
        Self::parse(path, &text)
    }

    /// The project of this text, which stands in this file.
    ///
    /// # Errors
    ///
    /// When it is no project.
    pub fn parse(path: &Path, text: &str) -> Result<Self, ProjectError> {
        let mut project: Self =
            toml::from_str(text).map_err(|error| ProjectError::Wrong(path.to_owned(), Box::new(error)))?;
        if project.subjects.is_empty() {
            return Err(ProjectError::Nothing(path.to_owned()));
        }
        let mut names: Vec<_> = project.subjects.iter().map(|subject| subject.name.to_string()).collect();
        names.sort();
        if let Some(twice) = names.windows(2).find(|two| two[0] == two[1]) {
            return Err(ProjectError::Twice(path.to_owned(), twice[0].clone()));
        }
        let folder = path.parent().unwrap_or(Path::new(""));
        for scenarios in &mut project.scenarios {
            *scenarios = folder.join(&*scenarios);
        }
        for subject in &mut project.subjects {
            subject.ledger = subject.ledger.take().map(|ledger| folder.join(ledger));
            // A shipped profile's name, or a file.
            subject.profile = subject.profile.take().map(|profile| match crate::profiles::by_name(&profile) {
                Some(_) => profile,
                None => folder.join(profile).display().to_string(),
            });
        }
        Ok(project)
    }

    /// Whether the built-in scenarios are run.
    #[must_use]
    pub fn built_in(&self) -> bool {
        self.built_in.unwrap_or(self.scenarios.is_empty())
    }
}

fn yes() -> bool {
    true
}

fn spec<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Spec, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
}

fn limit<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<std::time::Duration>, D::Error> {
    let text = String::deserialize(deserializer)?;
    stopwatch::duration(&text).map(Some).map_err(D::Error::custom)
}

impl<'de> Deserialize<'de> for Lanes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let counts = std::collections::BTreeMap::<String, std::num::NonZeroU64>::deserialize(deserializer)?;
        let known = |(word, count): (String, std::num::NonZeroU64)| match lane(&word) {
            Some(Lane::Hazards) | None => Err(D::Error::custom(format!("there is no lane `{word}` here"))),
            Some(lane) => Ok((lane, count.get())),
        };
        Ok(Self(counts.into_iter().map(known).collect::<Result<_, _>>()?))
    }
}
