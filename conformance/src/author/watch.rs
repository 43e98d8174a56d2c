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

use notify::event::{AccessKind, AccessMode, EventKind};
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};

use crate::stopwatch::Stopwatch;
use crate::suite::files_of;

/// How long writes may be apart that are one save.
const TOGETHER: Duration = Duration::from_millis(80);

/// How long writes that do not end are one save at most.
const AT_MOST: Duration = Duration::from_secs(1);

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
        // A save without a change is told too.
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

/// The changes of some files and folders, as the system tells them: each item is one or more. It never ends.
#[derive(Debug)]
pub struct Saves {
    paths: Vec<PathBuf>,
    /// What each change concerns; nothing: the system could not tell.
    told: Receiver<Vec<PathBuf>>,
    watcher: RecommendedWatcher,
    /// The folders that are watched.
    watched: BTreeMap<PathBuf, RecursiveMode>,
}

/// Begins to watch: what is saved from now on is told, and that a file is read is not. Of a file its folder is watched,
/// since many editors put a new file in the place of the old one; of a link the folder of what it leads to as well; of
/// a folder also the one around it, so that another in its place is followed.
///
/// # Errors
///
/// When a folder is not there, or the system does not tell of it.
pub fn saves(paths: &[PathBuf]) -> Result<Saves, String> {
    let (tell, told) = channel();
    let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
        let concerned = match event {
            Ok(event) if is_read(event.kind) => return,
            Ok(event) => event.paths,
            // What the system could not tell may have been a change as well.
            Err(_) => Vec::new(),
        };
        // Nobody listens any more when the program ends.
        let _ = tell.send(concerned);
    });
    let watcher = watcher.map_err(|error| error.to_string())?;
    let mut saves = Saves { paths: paths.to_owned(), told, watcher, watched: BTreeMap::new() };
    for (folder, mode) in folders(paths) {
        saves.watcher.watch(&folder, mode).map_err(|error| format!("{}: {error}", folder.display()))?;
        saves.watched.insert(folder, mode);
    }
    Ok(saves)
}

/// Whether somebody only read, as each run does.
fn is_read(kind: EventKind) -> bool {
    matches!(kind, EventKind::Access(access) if access != AccessKind::Close(AccessMode::Write))
}

/// Where each of these paths is: under its own name, and what a link leads to.
fn places(path: &Path) -> Vec<PathBuf> {
    let own = path.file_name().and_then(|name| Some(fs::canonicalize(around(path)).ok()?.join(name)));
    own.into_iter().chain(fs::canonicalize(path)).collect()
}

/// What is to be watched, each folder once; a folder that is not there under the name that it was given.
fn folders(paths: &[PathBuf]) -> BTreeMap<PathBuf, RecursiveMode> {
    let mut folders = BTreeMap::new();
    for path in paths {
        let places = places(path);
        if places.is_empty() {
            folders.insert(around(path).to_owned(), RecursiveMode::NonRecursive);
        }
        for place in places {
            folders.entry(around(&place).to_owned()).or_insert(RecursiveMode::NonRecursive);
            if place.is_dir() {
                folders.insert(fs::canonicalize(&place).unwrap_or(place), RecursiveMode::Recursive);
            }
        }
    }
    let whole = folders.iter().filter(|(_, mode)| **mode == RecursiveMode::Recursive);
    let whole: Vec<PathBuf> = whole.map(|(folder, _)| folder.clone()).collect();
    folders.retain(|folder, mode| {
        *mode == RecursiveMode::Recursive || !whole.iter().any(|whole| folder.starts_with(whole))
    });
    folders
}

fn around(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

impl Saves {
    /// Whether a change concerns one of the paths, and not only another file beside it.
    fn concerns(&self, changed: &[PathBuf]) -> bool {
        let places: Vec<_> = self.paths.iter().flat_map(|path| places(path)).collect();
        let one = |changed: &PathBuf| places.iter().any(|at| changed.starts_with(at) || at.starts_with(changed));
        changed.is_empty() || places.len() < self.paths.len() || changed.iter().any(one)
    }

    /// Watches what has come into the place of a folder or link, and no more what has gone.
    fn follow(&mut self) {
        for folder in std::mem::take(&mut self.watched).into_keys() {
            let _ = self.watcher.unwatch(&folder);
        }
        // A folder that is gone may come again, which the one around it tells.
        for (folder, mode) in folders(&self.paths) {
            if self.watcher.watch(&folder, mode).is_ok() {
                self.watched.insert(folder, mode);
            }
        }
    }
}

impl Iterator for Saves {
    type Item = ();

    fn next(&mut self) -> Option<()> {
        loop {
            let changed = self.told.recv().ok()?;
            if self.concerns(&changed) {
                break;
            }
        }
        let watch = Stopwatch::start();
        while watch.elapsed() < AT_MOST && self.told.recv_timeout(TOGETHER).is_ok() {}
        self.follow();
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    /// Ends the test when the system tells of none.
    fn until(saves: &Saves, file: &Path) {
        loop {
            let told = saves.told.recv_timeout(Duration::from_secs(60)).expect("a change is told");
            if told.iter().any(|changed| changed == file) {
                return;
            }
        }
    }

    #[test]
    fn that_files_are_read_is_not_told() {
        let scratch = Scratch::new("saves-read");
        // The folder around it is watched as well, and nobody else is to write there.
        let folder = scratch.0.join("scenarios");
        fs::create_dir(&folder).expect("it is made");
        let (file, marker) = (folder.join("a.yaml"), folder.join("marker.yaml"));
        fs::write(&file, "text").expect("it is written");
        let saves = saves(std::slice::from_ref(&folder)).expect("it is watched");
        assert!(texts(std::slice::from_ref(&folder)).contains_key(&file));
        fs::write(&marker, "text").expect("it is written");
        let told = saves.told.recv_timeout(Duration::from_secs(60)).expect("a change is told");
        assert_eq!(told, [marker]);
    }

    #[test]
    fn another_folder_in_the_place_of_one_is_followed() {
        let scratch = Scratch::new("saves-folder");
        let folder = scratch.0.join("scenarios");
        fs::create_dir(&folder).expect("it is made");
        let mut saves = saves(std::slice::from_ref(&folder)).expect("it is watched");
        fs::rename(&folder, scratch.0.join("old")).expect("it is moved");
        fs::create_dir(&folder).expect("it is made");
        saves.next();
        fs::write(folder.join("a.yaml"), "text").expect("it is written");
        until(&saves, &folder.join("a.yaml"));
    }

    #[cfg(unix)]
    #[test]
    fn what_a_link_leads_to_is_watched() {
        let scratch = Scratch::new("saves-link");
        let (file, link) = (scratch.0.join("far/a.yaml"), scratch.0.join("near/link.yaml"));
        fs::create_dir(scratch.0.join("far")).expect("it is made");
        fs::create_dir(scratch.0.join("near")).expect("it is made");
        fs::write(&file, "text").expect("it is written");
        std::os::unix::fs::symlink("../far/a.yaml", &link).expect("it is made");
        let saves = saves(std::slice::from_ref(&link)).expect("it is watched");
        fs::write(&file, "other").expect("it is written");
        until(&saves, &file);
    }
}
