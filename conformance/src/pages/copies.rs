//! A folder of a reader's copies.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::compare::{Comparison, compare};
use super::page::read;
use super::recorded::recorded;

/// What became of a folder of copies.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Copies {
    /// One comparison a page, in the order of file names.
    pub comparisons: Vec<Comparison>,
    /// Files in which no page was found.
    pub without_page: Vec<PathBuf>,
}

impl Copies {
    /// Whether every file is a page and has exactly the sentences on record.
    #[must_use]
    pub fn agree(&self) -> bool {
        self.without_page.is_empty() && self.comparisons.iter().all(Comparison::agrees)
    }
}

/// Compares every file in `folder`, whatever its name. Folders inside are not entered.
///
/// # Errors
///
/// A file or the folder cannot be read, or there is no file.
pub fn compare_all(folder: &Path) -> Result<Copies, CopyError> {
    let unreadable = |path: &Path| {
        let path = path.to_owned();
        move |error| CopyError::Unreadable { path, error }
    };
    let mut files = Vec::new();
    for file in std::fs::read_dir(folder).map_err(unreadable(folder))? {
        files.push(file.map_err(unreadable(folder))?.path());
    }
    files.retain(|file| file.is_file());
    files.sort();
    if files.is_empty() {
        return Err(CopyError::Empty { folder: folder.to_owned() });
    }
    let on_record = recorded();
    let mut copies = Copies { comparisons: Vec::new(), without_page: Vec::new() };
    for file in files {
        let bytes = std::fs::read(&file).map_err(unreadable(&file))?;
        let pages = read(&String::from_utf8_lossy(&bytes));
        copies.comparisons.extend(pages.iter().map(|page| compare(&file, page, &on_record)));
        if pages.is_empty() {
            copies.without_page.push(file);
        }
    }
    Ok(copies)
}

impl fmt::Display for Copies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.comparisons.iter().try_for_each(|comparison| write!(f, "{comparison}"))?;
        self.without_page.iter().try_for_each(|file| writeln!(f, "{}: no page found in it", file.display()))
    }
}

/// Why copies cannot be compared.
#[derive(Debug)]
pub enum CopyError {
    /// A file, or the folder, cannot be read.
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// There is no file in the folder.
    Empty {
        /// Which folder.
        folder: PathBuf,
    },
}

impl fmt::Display for CopyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { path, error } => write!(f, "{}: cannot be read: {error}", path.display()),
            Self::Empty { folder } => write!(f, "{}: no file to compare with the pages", folder.display()),
        }
    }
}

impl std::error::Error for CopyError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unreadable { error, .. } => Some(error),
            Self::Empty { .. } => None,
        }
    }
}
