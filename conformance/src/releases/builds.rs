//! The folder where finished builds are, one folder each, and subjects by release.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::release::{NotARelease, Release};

/// A build by name: a release, and whether it is sanitised (3.3.1-asan).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Build {
    /// The release.
    pub release: Release,
    /// Whether the address sanitiser is in it.
    pub sanitised: bool,
}

const SANITISED: &str = "-asan";

impl fmt::Display for Build {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.release, if self.sanitised { SANITISED } else { "" })
    }
}

impl FromStr for Build {
    type Err = NotARelease;

    fn from_str(text: &str) -> Result<Self, NotARelease> {
        let release = text.strip_suffix(SANITISED);
        Ok(Self { release: release.unwrap_or(text).parse()?, sanitised: release.is_some() })
    }
}

impl Build {
    /// The command that makes it.
    #[must_use]
    pub fn command(self) -> String {
        format!("sesscheck libssl build {}{}", self.release, if self.sanitised { " --sanitize" } else { "" })
    }
}

/// The folder of the builds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Builds {
    folder: PathBuf,
}

/// What [`Builds::all`] comes upon.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Standing {
    /// The libssl of a finished build.
    Finished(PathBuf),
    /// A build that was begun and not ended.
    Unfinished,
}

impl Builds {
    /// `libssl` in the target folder: the one that `CARGO_TARGET_DIR` names, else that of the workspace around the
    /// current folder, else `target` in the current folder.
    ///
    /// # Errors
    ///
    /// When there is no current folder.
    pub fn here() -> std::io::Result<Self> {
        let asked = std::env::var_os("CARGO_TARGET_DIR").filter(|folder| !folder.is_empty());
        Ok(Self::of(&std::env::current_dir()?, asked.map(PathBuf::from)))
    }

    fn of(current: &Path, target: Option<PathBuf>) -> Self {
        let workspace = || current.ancestors().find(|folder| folder.join("Cargo.lock").is_file());
        let target = match target {
            Some(target) => current.join(target),
            None => workspace().unwrap_or(current).join("target"),
        };
        Self { folder: target.join("libssl") }
    }

    /// Those of this folder.
    ///
    /// # Errors
    ///
    /// When the path is relative and there is no current folder.
    pub fn at(folder: &Path) -> std::io::Result<Self> {
        Ok(Self { folder: std::path::absolute(folder)? })
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where the finished build of this name is, or will be.
    #[must_use]
    pub fn finished(&self, build: Build) -> PathBuf {
        self.folder.join(build.to_string())
    }

    /// Where it is worked on, and where its logs stay.
    #[must_use]
    pub fn work(&self, build: Build) -> PathBuf {
        self.folder.join(format!("{build}{WORK}"))
    }

    /// The libssl of a finished build.
    #[must_use]
    pub fn library(&self, build: Build) -> Option<PathBuf> {
        let path = self.finished(build).join(format!("libssl.so.{}", build.release.soname()));
        path.is_file().then_some(path)
    }

    /// All builds, finished or begun, in order.
    ///
    /// # Errors
    ///
    /// When the folder is there and cannot be read.
    pub fn all(&self) -> std::io::Result<Vec<(Build, Standing)>> {
        let entries = match std::fs::read_dir(&self.folder) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut all = Vec::new();
        for entry in entries {
            let name = entry?.file_name().to_string_lossy().into_owned();
            let begun = name.strip_suffix(WORK);
            let Ok(build) = begun.unwrap_or(&name).parse::<Build>() else {
                continue;
            };
            match (self.library(build), begun) {
                (Some(library), None) => all.push((build, Standing::Finished(library))),
                (None, Some(_)) => all.push((build, Standing::Unfinished)),
                _ => {}
            }
        }
        all.sort_unstable_by_key(|(build, _)| *build);
        Ok(all)
    }
}

const WORK: &str = ".build";

/// The libssl that is meant by a word behind `libssl:`, a path or the name of a build.
///
/// # Errors
///
/// When it is the name of a build that is not here: where it was looked for, and the command that makes it.
pub fn resolve(word: &str) -> Result<PathBuf, String> {
    let here = Builds::here().map_err(|error| error.to_string())?;
    resolve_in(word, &here)
}

fn resolve_in(word: &str, builds: &Builds) -> Result<PathBuf, String> {
    let path = PathBuf::from(word);
    match word.parse::<Build>() {
        Ok(build) if !path.is_file() => builds.library(build).ok_or_else(|| {
            format!("no build of {build} in {}; `{}` makes it", builds.folder().display(), build.command())
        }),
        _ => Ok(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with these files, empty, that is removed with it.
    struct Folder(PathBuf);

    impl Folder {
        fn new(test: &str, files: &[&str]) -> Self {
            let folder = std::env::temp_dir().join(format!("sesscheck-builds-{test}-{}", std::process::id()));
            let _ = std::fs::remove_dir_all(&folder);
            for file in files {
                let file = folder.join(file);
                std::fs::create_dir_all(file.parent().expect("it is in the folder")).expect("it can be made");
                std::fs::write(file, "").expect("it can be written");
            }
            Self(folder)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    fn build(text: &str) -> Build {
        text.parse().expect("a build")
    }

    #[test]
    fn a_build_reads_and_writes_back() {
        for text in ["3.3.1", "1.1.1w-asan"] {
            assert_eq!(build(text).to_string(), text);
        }
        assert_eq!(build("1.1.1w-asan").command(), "sesscheck libssl build 1.1.1w --sanitize");
        assert!("3.3.1-msan".parse::<Build>().is_err());
    }

    #[test]
    fn builds_are_listed_in_order_and_other_files_are_not_builds() {
        let folder = Folder::new(
            "list",
            &[
                "4.0.3/libssl.so.4",
                "1.1.1w/libssl.so.1.1",
                "3.3.1-asan/libssl.so.3",
                "3.3.1-asan.build/make.log",
                "3.0.7.build/make.log",
                "3.2.0/libcrypto.so.3",
                "notes/libssl.so.3",
            ],
        );
        let builds = Builds::at(&folder.0).expect("it is absolute");
        let finished = |name: &str, file: &str| (build(name), Standing::Finished(folder.0.join(file)));
        assert_eq!(
            builds.all().expect("it can be read"),
            [
                finished("1.1.1w", "1.1.1w/libssl.so.1.1"),
                (build("3.0.7"), Standing::Unfinished),
                finished("3.3.1-asan", "3.3.1-asan/libssl.so.3"),
                finished("4.0.3", "4.0.3/libssl.so.4"),
            ]
        );
        assert_eq!(Builds::at(&folder.0.join("none")).expect("it is absolute").all().expect("none is no error"), []);
    }

    #[test]
    fn a_release_names_its_build_and_a_path_is_a_path() {
        let folder = Folder::new("resolve", &["3.3.1/libssl.so.3"]);
        let builds = Builds::at(&folder.0).expect("it is absolute");
        assert_eq!(resolve_in("3.3.1", &builds), Ok(folder.0.join("3.3.1/libssl.so.3")));
        assert_eq!(resolve_in("/lib/libssl.so.3", &builds), Ok("/lib/libssl.so.3".into()));
        let why = resolve_in("3.3.1-asan", &builds).expect_err("it is not built");
        assert!(why.ends_with("; `sesscheck libssl build 3.3.1 --sanitize` makes it"), "{why}");
    }

    #[test]
    fn the_folder_is_in_the_target_folder_of_the_workspace() {
        let folder = Folder::new("target", &["w/Cargo.lock", "w/member/Cargo.toml", "alone/file"]);
        let of =
            |current: &str, target: Option<&str>| Builds::of(&folder.0.join(current), target.map(PathBuf::from)).folder;
        assert_eq!(of("w/member", None), folder.0.join("w/target/libssl"));
        assert_eq!(of("w/member", Some("/t")), Path::new("/t/libssl"));
        assert_eq!(of("w/member", Some("t")), folder.0.join("w/member/t/libssl"));
        assert!(of("alone", None).ends_with("target/libssl"));
    }
}
