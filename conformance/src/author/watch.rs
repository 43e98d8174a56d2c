//! Scenarios run again when their files are saved.
//!
//! The loop knows nothing of where changes come from, so that it is tested without waiting for any. Not here: running a
//! scenario.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use notify_debouncer_mini::notify::{RecommendedWatcher, RecursiveMode};
use notify_debouncer_mini::{DebounceEventResult, Debouncer, new_debouncer};

use crate::suite::files_of;

/// How long writes may be apart that are one save.
const TOGETHER: Duration = Duration::from_millis(80);

/// Runs once, and again after each of the changes that leaves another text in a file of these paths. `run` is told
/// which run it is, counted from 1, and the files that are other than before, those that are gone included; at first
/// it is all of them.
///
/// # Errors
///
/// When `run` does. That a file cannot be read is no error: it may be there again soon.
pub fn watch(
    paths: &[PathBuf],
    changes: impl IntoIterator<Item = ()>,
    mut run: impl FnMut(usize, &[PathBuf]) -> io::Result<()>,
) -> io::Result<()> {
    let mut before = texts(paths);
    let mut number = 1;
    run(number, &before.keys().cloned().collect::<Vec<_>>())?;
    for () in changes {
        let now = texts(paths);
        let files: BTreeSet<_> = before.keys().chain(now.keys()).collect();
        let changed: Vec<_> = files.into_iter().filter(|file| before.get(*file) != now.get(*file)).cloned().collect();
        // Whoever reads a file causes an event too; so does a save without a change.
        if !changed.is_empty() {
            number += 1;
            run(number, &changed)?;
        }
        before = now;
    }
    Ok(())
}

/// What each file has now; `None`: it cannot be read.
fn texts(paths: &[PathBuf]) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
    let files = paths.iter().flat_map(|path| files_of(std::slice::from_ref(path)).unwrap_or_default());
    files.map(|file| (file.clone(), fs::read(&file).ok())).collect()
}

/// The changes in the folders of some files, as the system tells them: each item is one or more. It never ends.
#[derive(Debug)]
pub struct Saves {
    told: Receiver<DebounceEventResult>,
    _watcher: Debouncer<RecommendedWatcher>,
}

/// Begins to watch: what is saved from now on is told. Of a file its folder is watched, since many editors put a new
/// file in the place of the old one.
///
/// # Errors
///
/// When a folder is not there, or the system does not tell of it.
pub fn saves(paths: &[PathBuf]) -> Result<Saves, String> {
    let (tell, told) = channel();
    let mut watcher = new_debouncer(TOGETHER, tell).map_err(|error| error.to_string())?;
    for path in paths {
        let (folder, mode) = match path.is_dir() {
            true => (path.as_path(), RecursiveMode::Recursive),
            false => (around(path), RecursiveMode::NonRecursive),
        };
        let watched = watcher.watcher().watch(folder, mode);
        watched.map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    Ok(Saves { told, _watcher: watcher })
}

fn around(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

impl Iterator for Saves {
    type Item = ();

    fn next(&mut self) -> Option<()> {
        // What the system could not tell may have been a change as well.
        self.told.recv().ok().map(|_| ())
    }
}
