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

    struct Scratch(PathBuf);

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn scratch(name: &str) -> Scratch {
        let folder = std::env::temp_dir().join(format!("sesscheck-replace-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("it can be made");
        Scratch(folder)
    }

    fn names(scratch: &Scratch) -> Vec<String> {
        let entries = fs::read_dir(&scratch.0).expect("it is there");
        let mut names: Vec<_> =
            entries.map(|entry| entry.expect("it is read").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn files_of_others_stay_also_when_it_fails() {
        let scratch = scratch("others");
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

    #[cfg(unix)]
    #[test]
    fn a_link_stays_one_and_permissions_stay() {
        use std::os::unix::fs::{PermissionsExt, symlink};

        let scratch = scratch("link");
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
