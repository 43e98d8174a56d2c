//! The scenarios that come with the harness, or those of a folder.
//!
//! Not here: what a scenario means. An empty set is an error, and so is a file that cannot be read.

use std::path::{Path, PathBuf};

use session_model::{Clause, Edition, Profile, Readings};

use crate::judge::{Unmet, judge};
use crate::report::Origin;
use crate::scenario::{self, Mistake, Scenario, Vocabulary};
use crate::subject::Subject;
use crate::subjects::model;
use crate::trace::Shown;
use crate::transcript::Transcript;

include!(concat!(env!("OUT_DIR"), "/scenarios.rs"));

/// A scenario with its file and its text.
#[derive(Clone, Debug)]
pub struct File {
    /// The path, as it is shown; of a file that is several scenarios, with the choice behind it: `a.yaml [size = 1]`.
    pub path: String,
    /// The text; of a file that is several scenarios, that of this one alone.
    pub text: String,
    /// The text of its file, in which the places of the scenario are.
    pub whole: String,
    /// Whether it comes with the harness: then its path need not be there on the disk.
    pub built_in: bool,
    /// What it says.
    pub scenario: Scenario,
}

/// Why there is no set of scenarios.
#[derive(Debug)]
pub enum SuiteError {
    /// Nothing to run.
    Empty(String),
    /// A file that is several scenarios has no such choice; the path of one that it has.
    NoSuchChoice(String, String),
    /// A file or folder cannot be read.
    Unreadable(PathBuf, std::io::Error),
    /// Files with mistakes, all of them.
    Mistakes(Vec<Mistake>),
}

impl std::fmt::Display for SuiteError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Empty(place) => write!(f, "{place}: no scenario there"),
            Self::NoSuchChoice(place, one) => write!(f, "{place}: there is no such scenario; there is `{one}`"),
            Self::Unreadable(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Mistakes(mistakes) => mistakes.iter().try_for_each(|mistake| writeln!(f, "{mistake}")),
        }
    }
}

impl std::error::Error for SuiteError {}

/// The words that a scenario may use.
#[must_use]
pub fn vocabulary() -> Vocabulary {
    Vocabulary {
        clauses: Clause::all().map(Clause::id).collect(),
        editions: Edition::ALL.iter().map(|edition| edition.name()).collect(),
        readings: Readings::AXES.iter().map(|axis| (axis.name, axis.values.to_vec())).collect(),
    }
}

/// The scenarios that are built in, those apart that ask for hazards.
///
/// # Errors
///
/// When one of them has a mistake: a test reads them all.
pub fn embedded() -> Result<Vec<File>, SuiteError> {
    Ok(embedded_of_all()?.into_iter().filter(|file| !file.scenario.trace.setup.hazards).collect())
}

/// The scenarios that are built in and ask for hazards.
///
/// # Errors
///
/// As [`embedded`].
pub fn embedded_hazards() -> Result<Vec<File>, SuiteError> {
    Ok(embedded_of_all()?.into_iter().filter(|file| file.scenario.trace.setup.hazards).collect())
}

fn embedded_of_all() -> Result<Vec<File>, SuiteError> {
    let texts = SCENARIOS.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    let mut files = read_all(texts, "the built-in set")?;
    files.iter_mut().for_each(|file| file.built_in = true);
    Ok(files)
}

/// The scenarios of these files and folders, in order of path.
///
/// # Errors
///
/// When there is none, one cannot be read, or one has a mistake.
pub fn of_paths(paths: &[PathBuf]) -> Result<Vec<File>, SuiteError> {
    let files = files_of(paths)?;
    let read = |path: PathBuf| match std::fs::read_to_string(&path) {
        Ok(text) => Ok((path.display().to_string(), text)),
        Err(error) => Err(SuiteError::Unreadable(path, error)),
    };
    let texts = files.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let shown: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
    read_all(texts, &shown.join(", "))
}

/// The scenarios of this text, which stands in the file of this path.
///
/// # Errors
///
/// When it has a mistake.
pub fn of_text(path: &str, text: &str) -> Result<Vec<File>, SuiteError> {
    read_all(vec![(path.to_owned(), text.to_owned())], path)
}

/// The scenarios of this file or folder; `FILE [CHOICE]` is one of a file that is several.
///
/// # Errors
///
/// As [`of_paths`].
pub fn of_path(path: &Path) -> Result<Vec<File>, SuiteError> {
    let shown = path.display().to_string();
    let (disk, choice) = file_and_choice(path);
    let mut files = of_paths(&[disk])?;
    if choice {
        let one = files[0].path.clone();
        files.retain(|file| file.path == shown);
        if files.is_empty() {
            return Err(SuiteError::NoSuchChoice(shown, one));
        }
    }
    Ok(files)
}

/// The file of `FILE [CHOICE]`, and whether there is a choice. What is there under the whole name is a file; otherwise
/// the file is the first part before a bracket that is there.
#[must_use]
pub fn file_and_choice(path: &Path) -> (PathBuf, bool) {
    if path.exists() {
        return (path.to_owned(), false);
    }
    let shown = path.display().to_string();
    let mut parts = shown.match_indices(" [").map(|(at, _)| PathBuf::from(&shown[..at]));
    match parts.clone().find(|disk| disk.exists()).or_else(|| parts.next()) {
        Some(disk) => (disk, true),
        None => (path.to_owned(), false),
    }
}

/// These files, and those of these folders whose name ends as a scenario's, in order of path.
///
/// # Errors
///
/// When a folder cannot be read.
pub fn files_of(paths: &[PathBuf]) -> Result<Vec<PathBuf>, SuiteError> {
    let mut files = Vec::new();
    for path in paths {
        collect(path, &mut files)?;
    }
    files.sort();
    files.dedup();
    Ok(files)
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<(), SuiteError> {
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    let unreadable = |error| SuiteError::Unreadable(path.to_owned(), error);
    for entry in std::fs::read_dir(path).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?.path();
        if entry.is_dir() || entry.extension().is_some_and(|e| e == "yaml" || e == "yml") {
            collect(&entry, files)?;
        }
    }
    Ok(())
}

fn read_all(texts: Vec<(String, String)>, place: &str) -> Result<Vec<File>, SuiteError> {
    if texts.is_empty() {
        return Err(SuiteError::Empty(place.to_owned()));
    }
    let vocabulary = vocabulary();
    let (mut files, mut mistakes) = (Vec::new(), Vec::new());
    for (path, text) in texts {
        match scenario::parse_each(&path, &text, &vocabulary) {
            Ok(scenarios) => files.extend(scenarios.into_iter().map(|scenario| File::of(&path, &text, scenario))),
            Err(mut found) => mistakes.append(&mut found),
        }
    }
    if mistakes.is_empty() { Ok(files) } else { Err(SuiteError::Mistakes(mistakes)) }
}

impl File {
    fn of(path: &str, text: &str, mut scenario: Scenario) -> Self {
        scenario.trace.shown = Shown::Everything;
        let (path, alone) = match scenario.with.as_str() {
            "" => (path.to_owned(), text.to_owned()),
            with => (format!("{path} [{with}]"), scenario::rewrite(&scenario)),
        };
        Self { path, text: alone, whole: text.to_owned(), built_in: false, scenario }
    }

    /// The path of the file on the disk.
    #[must_use]
    pub fn on_disk(&self) -> &str {
        match self.scenario.with.as_str() {
            "" => &self.path,
            with => &self.path[..self.path.len() - with.len() - " []".len()],
        }
    }

    /// What the scenario is a claim about: each of its editions with its readings. One with hazards claims nothing.
    pub fn claims_about(&self) -> impl Iterator<Item = Profile> {
        let editions = self.scenario.editions.iter().filter(|_| !self.scenario.trace.setup.hazards);
        editions.map(|edition| {
            let edition = edition.parse().expect("the parser knows the editions");
            let mut profile = Profile::manual(edition);
            for (axis, value) in &self.scenario.readings {
                profile.readings.set(axis, value).expect("the parser knows the readings");
            }
            profile
        })
    }

    /// The claims that the manual does not bear out under this profile.
    #[must_use]
    pub fn unmet(&self, profile: Profile) -> Vec<Unmet> {
        let mut transcript = Transcript::default();
        model::subject("model", profile).run(&self.scenario.trace, &mut transcript);
        judge(&self.scenario, &transcript)
    }

    /// The line of the step that executes this op, counted from 0; of the last phase, the last step's.
    #[must_use]
    pub fn line_of(&self, index: usize) -> usize {
        let step = self.scenario.trace.executed().nth(index).map_or(usize::MAX, |(place, _)| place.step as usize);
        let lines = &self.scenario.lines;
        lines.get(step.saturating_sub(1)).or(lines.last()).copied().unwrap_or(1)
    }

    /// Where a finding in the op of this index was come upon.
    #[must_use]
    pub fn origin(&self, index: usize) -> Origin {
        let (file, with) = (self.on_disk().to_owned(), self.scenario.with.clone());
        Origin::Scenario { file, line: self.line_of(index), with, built_in: self.built_in }
    }

    /// Whether the scenario bites for a clause: it holds, and turns red when that very clause is not kept.
    #[must_use]
    pub fn bites(&self, clause: Clause) -> bool {
        self.claims_about().all(|profile| {
            self.unmet(profile).is_empty() && !self.unmet(Profile { broken: Some(clause), ..profile }).is_empty()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_behind_the_first_part_that_is_a_file() {
        let folder = std::env::temp_dir().join(format!("sesscheck-suite [x]-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("it can be made");
        let file = folder.join("a [1].yaml");
        std::fs::write(&file, "").expect("it is written");
        let chosen = |choice: &str| file_and_choice(Path::new(&format!("{}{choice}", file.display())));
        let found = [chosen(""), chosen(" [timeout = 2]"), chosen(" [of = a [b]]")];
        let _ = std::fs::remove_dir_all(&folder);
        assert_eq!(found, [(file.clone(), false), (file.clone(), true), (file.clone(), true)]);
    }
}
