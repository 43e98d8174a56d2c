//! A folder for a test, gone when the test is.

use std::fs;
use std::path::PathBuf;

/// The folder; nothing else in it than what the test puts there.
pub(crate) struct Scratch(pub(crate) PathBuf);

impl Scratch {
    /// A new one, under the name of whoever tests and what.
    pub(crate) fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("sesscheck-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("it can be made");
        Self(fs::canonicalize(folder).expect("it is there"))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
