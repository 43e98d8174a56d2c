//! The folder of a campaign: `campaign.json`, which is replaced as a whole, and `findings/`, a scenario each.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use super::state::{SCHEMA, State};
use crate::report::Found;

/// Why a folder cannot be used: its place and what is wrong.
#[derive(Debug)]
pub struct FolderError {
    /// The file or folder.
    pub path: PathBuf,
    /// What is wrong with it.
    pub what: String,
}

impl std::fmt::Display for FolderError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.what)
    }
}

impl std::error::Error for FolderError {}

/// A folder that this process alone writes to.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// Held for as long as the folder is; the system gives it back however the process ends.
    _lock: File,
}

impl Folder {
    /// Opens it, and makes it where it is not there.
    ///
    /// # Errors
    ///
    /// When it cannot be written, or another process has it.
    pub fn open(path: &Path) -> Result<Self, FolderError> {
        let findings = path.join("findings");
        fs::create_dir_all(&findings).map_err(|error| wrong(&findings, &error))?;
        let lock = path.join("lock");
        let file = File::options().create(true).truncate(false).write(true).open(&lock);
        let file = file.map_err(|error| wrong(&lock, &error))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: file }),
            Err(TryLockError::WouldBlock) => Err(wrong(path, &"another campaign runs in it")),
            Err(TryLockError::Error(error)) => Err(wrong(&lock, &error)),
        }
    }

    /// The state in it; `None`: it has none yet.
    ///
    /// # Errors
    ///
    /// As [`read`].
    pub fn load(&self) -> Result<Option<State>, FolderError> {
        if self.path.join(STATE).exists() { read(&self.path).map(Some) } else { Ok(None) }
    }

    /// Replaces the state: what is there afterwards is the old one or the new one, whatever happens.
    ///
    /// # Errors
    ///
    /// When it cannot be written; the old one is there then.
    pub fn save(&self, state: &State) -> Result<(), FolderError> {
        let text = serde_json::to_string_pretty(state).expect("a state is JSON") + "\n";
        replace(&self.path.join(STATE), &text)
    }

    /// Something that is wrong with it.
    #[must_use]
    pub fn wrong(&self, what: &str) -> FolderError {
        wrong(&self.path, &what)
    }

    /// Whether the file of a finding is there, as it would be written.
    #[must_use]
    pub fn has(&self, found: &Found) -> bool {
        fs::read_to_string(self.path.join(file_of(found))).is_ok_and(|text| text == found.trace)
    }

    /// Writes a finding, in place of a longer one of its kind.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn keep(&self, found: &Found) -> Result<(), FolderError> {
        replace(&self.path.join(file_of(found)), &found.trace)
    }
}

const STATE: &str = "campaign.json";

/// Where a finding is in its folder.
#[must_use]
pub fn file_of(found: &Found) -> PathBuf {
    Path::new("findings").join(found.file_name())
}

/// The state in a folder that may be in use.
///
/// # Errors
///
/// When there is none, or it is none that this version writes.
pub fn read(folder: &Path) -> Result<State, FolderError> {
    let path = folder.join(STATE);
    let text = fs::read_to_string(&path).map_err(|error| wrong(&path, &error))?;
    // Only the version is looked for first: another version may have other fields.
    let version: serde_json::Value = serde_json::from_str(&text).map_err(|error| wrong(&path, &error))?;
    match version.get("schema").and_then(serde_json::Value::as_str) {
        Some(SCHEMA) => {}
        other => return Err(wrong(&path, &format!("its schema is {}, not {SCHEMA}", other.unwrap_or("not said")))),
    }
    let mut parse = serde_json::Deserializer::from_str(&text);
    serde_path_to_error::deserialize(&mut parse).map_err(|error| wrong(&path, &error))
}

fn replace(path: &Path, text: &str) -> Result<(), FolderError> {
    crate::replace::replace(path, text).map_err(|error| wrong(path, &error))
}

fn wrong(path: &Path, what: &dyn std::fmt::Display) -> FolderError {
    FolderError { path: path.to_owned(), what: what.to_string() }
}
