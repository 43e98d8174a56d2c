//! The source of a release, by Cargo: a package in a scratch folder that depends on the crate `openssl-src` has Cargo
//! resolve a requirement and get the source. Whatever registry, mirror or proxy Cargo is configured for is used.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::lookup::Index;
use super::release::Release;

/// The source of a release.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Source {
    /// The version of the crate, whole.
    pub version: String,
    /// The folder with the release's `Configure`.
    pub folder: PathBuf,
}

/// Cargo, working in a scratch folder.
#[derive(Clone, Debug)]
pub struct Cargo {
    program: OsString,
    folder: PathBuf,
}

impl Cargo {
    /// The Cargo that `CARGO` names, else the one on the path.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self { program: std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()), folder }
    }

    /// The source that is this version of the crate, and holds this release: from Cargo's own store if it is there,
    /// else from where Cargo gets it.
    ///
    /// # Errors
    ///
    /// When Cargo cannot get it, in its own words, or the crate holds something else.
    pub fn source(&self, version: &str, release: Release) -> Result<Source, String> {
        self.depend_on(&format!("={version}"))?;
        let metadata = ["metadata", "--format-version", "1", "--offline"];
        let mut out = self.run(&metadata)?;
        if !out.status.success() {
            out = self.run(&metadata[..3])?;
        }
        if !out.status.success() {
            return Err(String::from_utf8_lossy(&out.stderr).into_owned());
        }
        let source = source_of(&out.stdout).ok_or("Cargo's metadata do not name the package openssl-src")?;
        if Release::of_crate_version(&source.version) != Some(release) {
            return Err(format!("openssl-src {} does not hold {release}", source.version));
        }
        match source.folder.join("Configure").is_file() {
            true => Ok(source),
            false => Err(format!("{}: has no Configure", source.folder.display())),
        }
    }

    /// Writes the package that depends on this, without a lock file.
    fn depend_on(&self, requirement: &str) -> Result<(), String> {
        let failed = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
        let manifest = format!(
            "[package]\nname = \"source\"\nversion = \"0.0.0\"\nedition = \"2021\"\n\n[lib]\npath = \"lib.rs\"\n\n\
             [dependencies]\nopenssl-src = \"{requirement}\"\n\n[workspace]\n"
        );
        std::fs::create_dir_all(&self.folder).map_err(|error| failed(&self.folder, error))?;
        for (name, text) in [("Cargo.toml", manifest.as_str()), ("lib.rs", "")] {
            let path = self.folder.join(name);
            std::fs::write(&path, text).map_err(|error| failed(&path, error))?;
        }
        match std::fs::remove_file(self.lock_file()) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(failed(&self.lock_file(), error)),
            _ => Ok(()),
        }
    }

    fn lock_file(&self) -> PathBuf {
        self.folder.join("Cargo.lock")
    }

    fn run(&self, arguments: &[&str]) -> Result<Output, String> {
        let mut command = Command::new(&self.program);
        command.args(arguments).current_dir(&self.folder).stdin(Stdio::null());
        // Colour would be in the text of an error.
        command.env("CARGO_TERM_COLOR", "never");
        command.output().map_err(|error| format!("{}: {error}", self.program.display()))
    }
}

impl Index for Cargo {
    fn highest(&mut self, requirement: &str) -> Result<Option<String>, String> {
        self.depend_on(requirement)?;
        let out = self.run(&["generate-lockfile"])?;
        if out.status.success() {
            let text = std::fs::read_to_string(self.lock_file()).map_err(|error| error.to_string())?;
            return locked(&text).map(Some).ok_or_else(|| "Cargo's lock file does not name openssl-src".to_owned());
        }
        let why = String::from_utf8_lossy(&out.stderr).into_owned();
        // Cargo says so of a crate that it knows and that has no such version.
        if why.contains("failed to select a version") { Ok(None) } else { Err(why) }
    }
}

/// The version of the crate in the text of a lock file.
fn locked(text: &str) -> Option<String> {
    let mut lines = text.lines().skip_while(|line| *line != "name = \"openssl-src\"");
    let version = lines.nth(1)?.strip_prefix("version = \"")?.strip_suffix('"')?;
    Some(version.to_owned())
}

/// The crate in what `cargo metadata` prints.
fn source_of(metadata: &[u8]) -> Option<Source> {
    let metadata: serde_json::Value = serde_json::from_slice(metadata).ok()?;
    let package = metadata["packages"].as_array()?.iter().find(|package| package["name"] == "openssl-src")?;
    let folder = Path::new(package["manifest_path"].as_str()?).with_file_name("openssl");
    Some(Source { version: package["version"].as_str()?.to_owned(), folder })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_from_a_lock_file() {
        let text = "version = 4\n\n[[package]]\nname = \"cc\"\nversion = \"1.2.3\"\n\n[[package]]\n\
                    name = \"openssl-src\"\nversion = \"300.3.1+3.3.1\"\nsource = \"somewhere\"\n";
        assert_eq!(locked(text).as_deref(), Some("300.3.1+3.3.1"));
        assert_eq!(locked("version = 4\n"), None);
    }

    #[test]
    fn the_source_is_beside_the_manifest_of_the_package() {
        let metadata = br#"{"packages": [{"name": "cc", "version": "1.2.3", "manifest_path": "/r/cc/Cargo.toml"},
            {"name": "openssl-src", "version": "300.3.1+3.3.1", "manifest_path": "/r/o/Cargo.toml"}]}"#;
        let source = Source { version: "300.3.1+3.3.1".to_owned(), folder: "/r/o/openssl".into() };
        assert_eq!(source_of(metadata), Some(source));
        assert_eq!(source_of(b"{}"), None);
    }
}
