//! A file replaced as a whole: whoever reads it meanwhile sees the old text or the new one, also after a kill.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Puts this text in the file's place; a link is followed, and the permissions of a file that is there are kept.
///
/// # Errors
///
/// When it cannot be written: the file is then as it was.
pub fn replace(path: &Path, text: &str) -> io::Result<()> {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let (mut file, new) = beside(&path)?;
    let mut written = || {
        if let Ok(old) = fs::metadata(&path) {
            file.set_permissions(old.permissions())?;
        }
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, &path)
    };
    written().inspect_err(|_| {
        let _ = fs::remove_file(&new);
    })
}

/// As [`replace`], where the file still has the text that was read from it.
///
/// # Errors
///
/// As [`replace`]; and when the file has another text meanwhile, or cannot be read.
pub fn replace_read(path: &Path, read: &str, text: &str) -> io::Result<()> {
    if fs::read(path)? != read.as_bytes() {
        return Err(io::Error::other("changed meanwhile: it is left as it is now"));
    }
    replace(path, text)
}

/// A new file in the same folder, under a name that nothing there has and no source of scenarios takes for one.
fn beside(path: &Path) -> io::Result<(File, PathBuf)> {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    loop {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}-{}.new", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed)));
        let new = path.with_file_name(name);
        match File::create_new(&new) {
            // Left behind by a process of the same number.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            made => return made.map(|file| (file, new)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    fn names(scratch: &Scratch) -> Vec<String> {
        let entries = fs::read_dir(&scratch.0).expect("it is there");
        let mut names: Vec<_> =
            entries.map(|entry| entry.expect("it is read").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn files_of_others_stay_also_when_it_fails() {
        let scratch = Scratch::new("replace-others");
        let (file, other) = (scratch.0.join("a.yaml"), scratch.0.join("a.yaml.new"));
        fs::write(&file, "old").expect("it is written");
        fs::write(&other, "of somebody").expect("it is written");
        replace(&file, "new").expect("it is replaced");
        assert_eq!(fs::read_to_string(&file).expect("it is there"), "new");
        fs::create_dir_all(scratch.0.join("folder/full")).expect("it is made");
        assert!(replace(&scratch.0.join("folder"), "text").is_err(), "a folder is no file");
        assert_eq!(fs::read_to_string(&other).expect("it is there"), "of somebody");
        assert_eq!(names(&scratch), ["a.yaml", "a.yaml.new", "folder"]);
    }

    #[test]
    fn what_was_changed_meanwhile_stays() {
        let scratch = Scratch::new("replace-meanwhile");
        let file = scratch.0.join("a.yaml");
        fs::write(&file, "of somebody").expect("it is written");
        let refused = replace_read(&file, "old", "new").expect_err("it has another text");
        assert!(refused.to_string().starts_with("changed meanwhile"), "{refused}");
        assert_eq!(fs::read_to_string(&file).expect("it is there"), "of somebody");
        replace_read(&file, "of somebody", "new").expect("it is as it was read");
        assert_eq!(fs::read_to_string(&file).expect("it is there"), "new");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_one_and_permissions_stay() {
        use std::os::unix::fs::{PermissionsExt, symlink};

        let scratch = Scratch::new("replace-link");
        let (file, link) = (scratch.0.join("a.yaml"), scratch.0.join("link.yaml"));
        fs::write(&file, "old").expect("it is written");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).expect("they can be set");
        symlink("a.yaml", &link).expect("it is made");
        replace(&link, "new").expect("it is replaced");
        assert!(fs::symlink_metadata(&link).expect("it is there").is_symlink());
        assert_eq!(fs::read_to_string(&file).expect("it is there"), "new");
        assert_eq!(fs::metadata(&file).expect("it is there").permissions().mode() & 0o777, 0o640);
    }
}
