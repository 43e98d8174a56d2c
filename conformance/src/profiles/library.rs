//! Which library a profile was worked out on, and whether this is it.

use std::path::Path;

use super::LibraryFile;
use crate::releases::Release;

/// The fingerprint of a file: 64-bit FNV-1a of its bytes, as 16 hexadecimal digits. It tells builds apart and protects
/// from nothing.
///
/// # Errors
///
/// When the file cannot be read.
pub fn hash_of(file: &Path) -> std::io::Result<String> {
    Ok(format!("{:016x}", crate::pages::fnv1a(std::fs::read(file)?)))
}

impl LibraryFile {
    /// In what the library that says this of its version, in this file, is not the one that the profile was worked out
    /// on; `None`: it is.
    #[must_use]
    pub fn differs(&self, version: &str, file: Option<&Path>) -> Option<String> {
        let worked_out_on = format!("worked out on OpenSSL {}", self.version);
        let this = Release::of(version);
        if this.is_none() || this != Release::of(&self.version) {
            let this = this.map_or_else(|| format!("`{version}`"), |release| release.to_string());
            return Some(format!("{worked_out_on}; this is {this}"));
        }
        let hash = hash_of(file?).ok()?;
        (hash != self.hash)
            .then(|| format!("{worked_out_on}, hash {}; this is another build of it, hash {hash}", self.hash))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_release_and_another_build_are_said() {
        let on =
            LibraryFile { soname: String::new(), version: "3.0.22".to_owned(), since: None, hash: "00".to_owned() };
        assert_eq!(on.differs("OpenSSL 3.0.22 25 Aug 2026", None), None);
        let other = on.differs("OpenSSL 3.0.19 27 Jan 2026", None).expect("another release");
        assert_eq!(other, "worked out on OpenSSL 3.0.22; this is 3.0.19");
        let build = on.differs("OpenSSL 3.0.22", Some(Path::new("/dev/null"))).expect("another file");
        assert_eq!(build, "worked out on OpenSSL 3.0.22, hash 00; this is another build of it, hash cbf29ce484222325");
    }
}
