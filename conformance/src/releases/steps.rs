//! Work in steps that can be killed at any moment: what is done is not done again, and what was begun is told so.
//!
//! Two empty files a step say how far it came. They are of one plan; with another one, all begins anew. Whoever works
//! in a folder holds its lock, and so does each child that is given it: children that outlive their parent are waited
//! for.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, SystemTime};

/// What is known of a step when it runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Begun {
    /// It was never begun.
    Now,
    /// It was begun before, and not ended: what it left is of unknown worth.
    Before,
}

/// A folder in which a plan is carried out.
#[derive(Debug)]
pub struct Steps {
    folder: PathBuf,
    lock: File,
}

impl Steps {
    /// The steps in this folder, which is made if it is not there. `waiting` is told if somebody else is at work.
    ///
    /// # Errors
    ///
    /// When the folder cannot be made, locked or emptied.
    pub fn open(folder: &Path, plan: &str, waiting: &mut dyn FnMut()) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let lock = File::options().read(true).write(true).create(true).truncate(false).open(folder.join("lock"))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                waiting();
                lock.lock()?;
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
        let steps = Self { folder: folder.to_owned(), lock };
        if !fs::read_to_string(steps.plan_file()).is_ok_and(|written| written == plan) {
            // The old plan goes first, so that a kill in between begins here again.
            steps.clear()?;
            fs::write(steps.plan_file(), plan)?;
        }
        Ok(steps)
    }

    /// Carries out a step, unless it is done.
    ///
    /// # Errors
    ///
    /// Those of the work, and when it cannot be noted.
    pub fn step<E: From<io::Error>>(&self, name: &str, work: impl FnOnce(Begun) -> Result<(), E>) -> Result<(), E> {
        let (begun, done) = (self.mark(name, "begun"), self.mark(name, "done"));
        if done.is_file() {
            return Ok(());
        }
        let before = if begun.is_file() { Begun::Before } else { Begun::Now };
        fs::write(begun, "")?;
        work(before)?;
        Ok(fs::write(done, "")?)
    }

    /// Whether any step was begun.
    ///
    /// # Errors
    ///
    /// When the folder cannot be read.
    pub fn is_begun(&self) -> io::Result<bool> {
        let names = fs::read_dir(&self.folder)?.map(|entry| entry.map(|entry| entry.path()));
        let names = names.collect::<io::Result<Vec<_>>>()?;
        Ok(names.iter().any(|path| path.extension().is_some_and(|ending| ending == "begun")))
    }

    /// When a step was done; `None`: it is not.
    ///
    /// # Errors
    ///
    /// When the file system does not tell.
    pub fn done(&self, name: &str) -> io::Result<Option<SystemTime>> {
        match fs::metadata(self.mark(name, "done")) {
            Ok(file) => file.modified().map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The lock as a child's standard input: empty, and held as long as the child or a child of it runs.
    ///
    /// # Errors
    ///
    /// When the process has no more file descriptors.
    pub fn hold(&self) -> io::Result<Stdio> {
        self.lock.try_clone().map(Stdio::from)
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Removes all but the lock and the logs.
    ///
    /// # Errors
    ///
    /// When something cannot be removed.
    pub fn clear(&self) -> io::Result<()> {
        match fs::remove_file(self.plan_file()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            if path.is_dir() {
                fs::remove_dir_all(path)?;
            } else if path.extension().is_some_and(|ending| ending == "begun" || ending == "done") {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }

    fn plan_file(&self) -> PathBuf {
        self.folder.join("plan")
    }

    fn mark(&self, name: &str, ending: &str) -> PathBuf {
        self.folder.join(format!("{name}.{ending}"))
    }
}

/// How long before the end a file may have been written to and not be whole: tools write what they make in one go, at
/// their end, and until then it is empty.
const UNCERTAIN: Duration = Duration::from_secs(10);

/// Removes from a folder what a killed process may have left half written: of the files that are newer than `since`,
/// those that are empty, and those written in the last ten seconds before the newest of them. Returns how many.
///
/// # Errors
///
/// When the folder cannot be read, or a file not be removed.
pub(super) fn remove_uncertain(folder: &Path, since: SystemTime) -> io::Result<usize> {
    let (mut files, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let about = entry.metadata()?;
            if about.is_dir() {
                folders.push(entry.path());
            } else if about.modified()? > since {
                files.push((entry.path(), about.modified()?, about.len()));
            }
        }
    }
    let newest = files.iter().map(|(_, modified, _)| *modified).max().unwrap_or(since);
    files.retain(|(_, modified, length)| *length == 0 || *modified + UNCERTAIN >= newest);
    files.iter().try_for_each(|(path, ..)| fs::remove_file(path))?;
    Ok(files.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder that is removed with it.
    struct Folder(PathBuf);

    impl Folder {
        fn new(test: &str) -> Self {
            let folder = std::env::temp_dir().join(format!("sesscheck-steps-{test}-{}", std::process::id()));
            let _ = fs::remove_dir_all(&folder);
            Self(folder)
        }

        /// Carries out three steps of a plan, up to and including the one that fails; what ran, and how.
        fn run(&self, plan: &str, fails: &str) -> Vec<(&'static str, Begun)> {
            let steps = Steps::open(&self.0, plan, &mut || panic!("nobody else is here")).expect("it opens");
            let mut ran = Vec::new();
            for name in ["configure", "compile", "link"] {
                let ended = steps.step(name, |begun| {
                    ran.push((name, begun));
                    fs::create_dir_all(self.0.join("objects"))?;
                    if name == fails { Err(io::Error::other("killed")) } else { Ok(()) }
                });
                if ended.is_err() {
                    break;
                }
            }
            ran
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_run_goes_on_where_the_last_one_ended() {
        let folder = Folder::new("resume");
        assert_eq!(folder.run("p", "compile"), [("configure", Begun::Now), ("compile", Begun::Now)]);
        assert_eq!(folder.run("p", "link"), [("compile", Begun::Before), ("link", Begun::Now)]);
        assert_eq!(folder.run("p", ""), [("link", Begun::Before)]);
        assert_eq!(folder.run("p", ""), []);
        let steps = Steps::open(&folder.0, "p", &mut || panic!("nobody else is here")).expect("it opens");
        assert!(steps.is_begun().expect("it can be read"));
        steps.clear().expect("it can be emptied");
        assert!(!steps.is_begun().expect("it can be read"));
    }

    #[test]
    fn another_plan_begins_anew_and_keeps_the_logs() {
        let folder = Folder::new("plan");
        folder.run("p", "link");
        fs::write(folder.0.join("make.log"), "log").expect("it can be written");
        fs::write(folder.0.join("objects/old.o"), "old").expect("it can be written");
        assert_eq!(folder.run("q", "configure"), [("configure", Begun::Now)]);
        assert!(!folder.0.join("objects/old.o").exists() && folder.0.join("make.log").exists());
    }

    #[test]
    fn a_kill_while_a_plan_is_dropped_leaves_no_step_done() {
        let folder = Folder::new("cleared");
        folder.run("p", "");
        // As far as it came: the plan is gone, the steps are not.
        fs::remove_file(folder.0.join("plan")).expect("it is there");
        assert_eq!(folder.run("p", "configure"), [("configure", Begun::Now)]);
    }

    #[test]
    fn two_do_not_work_in_one_folder() {
        let folder = Folder::new("lock");
        let first = Steps::open(&folder.0, "p", &mut || panic!("nobody else is here")).expect("it opens");
        let (send, told) = std::sync::mpsc::channel();
        std::thread::scope(|scope| {
            let second =
                scope.spawn(|| Steps::open(&folder.0, "p", &mut || send.send(()).expect("it listens")).is_ok());
            told.recv().expect("the second one waits");
            drop(first);
            assert!(second.join().expect("it does not panic"));
        });
    }

    #[test]
    fn what_may_be_half_written_is_removed_and_nothing_else() {
        let folder = Folder::new("uncertain");
        fs::create_dir_all(folder.0.join("sub")).expect("it can be made");
        let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        let write = |name: &str, text: &str, after: u64| {
            let path = folder.0.join(name);
            fs::write(&path, text).expect("it can be written");
            let file = File::options().write(true).open(path).expect("it was just written");
            file.set_modified(start + Duration::from_secs(after)).expect("its time can be set");
        };
        write("Makefile", "configured", 0);
        write("empty-before", "", 0);
        write("old.o", "whole", 100);
        write("sub/empty.s", "", 100);
        write("sub/recent.o", "perhaps", 195);
        write("newest.o", "perhaps", 200);
        assert_eq!(remove_uncertain(&folder.0, start).expect("it can be read"), 3);
        let left: Vec<_> = ["Makefile", "empty-before", "old.o", "sub/empty.s", "sub/recent.o", "newest.o"]
            .into_iter()
            .filter(|name| folder.0.join(name).exists())
            .collect();
        assert_eq!(left, ["Makefile", "empty-before", "old.o"]);
    }
}
