//! A file replaced as a whole: whoever reads it meanwhile sees the old text or the new one, also after a kill.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Puts this text in the file's place; a link is followed, and the permissions of a file that is there are kept.
///
/// # Errors
///
/// When it cannot be written: the file is then as it was.
pub fn replace(path: &Path, text: &str) -> io::Result<()> {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let new = beside(&path);
    let written = File::create(&new).and_then(|mut file| {
        if let Ok(old) = fs::metadata(&path) {
            file.set_permissions(old.permissions())?;
        }
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    written.and_then(|()| fs::rename(&new, &path)).inspect_err(|_| {
        let _ = fs::remove_file(&new);
    })
}

/// A name in the same folder, which no source of scenarios takes for one.
fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    path.with_file_name(name)
}
