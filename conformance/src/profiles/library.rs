//! Which library a profile was worked out on, and whether this is it.

use std::path::Path;

use super::LibraryFile;

/// A release of OpenSSL, in order of release within a series.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Release {
    /// Major, minor, patch.
    numbers: [u32; 3],
    /// Before 3.0 the patch has letters, `w` and later `za`: their number first, since `za` comes after `z`.
    letters: (usize, String),
}

impl Release {
    /// The first release that this text names, such as `OpenSSL 3.0.22 25 Aug 2026` or `1.1.1w`.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        text.split_whitespace().find_map(Self::of_word)
    }

    fn of_word(word: &str) -> Option<Self> {
        // What follows a dash or a plus is a mark of the build.
        let word = word.split(['-', '+']).next()?;
        let end = word.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(word.len());
        let (numbers, letters) = word.split_at(end);
        if !letters.bytes().all(|b| b.is_ascii_lowercase()) {
            return None;
        }
        let numbers: Vec<u32> = numbers.split('.').map(|n| n.parse().ok()).collect::<Option<_>>()?;
        Some(Self { numbers: numbers.try_into().ok()?, letters: (letters.len(), letters.to_owned()) })
    }

    /// What it shares with the releases that mend it: major and minor.
    #[must_use]
    pub fn series(&self) -> (u32, u32) {
        (self.numbers[0], self.numbers[1])
    }
}

impl std::fmt::Display for Release {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [major, minor, patch] = self.numbers;
        write!(f, "{major}.{minor}.{patch}{}", self.letters.1)
    }
}

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

    fn release(text: &str) -> Release {
        Release::of(text).expect("it names a release")
    }

    #[test]
    fn releases_come_in_their_order() {
        let order = ["1.1.0l", "1.1.1", "1.1.1b", "1.1.1w", "1.1.1za", "3.0.0", "3.0.7", "3.0.22", "3.2.0", "4.0.3"];
        assert!(order.windows(2).all(|pair| release(pair[0]) < release(pair[1])), "{order:?}");
    }

    #[test]
    fn a_release_is_read_out_of_what_a_library_says() {
        assert_eq!(release("OpenSSL 1.1.1w  11 Sep 2023").to_string(), "1.1.1w");
        assert_eq!(release("OpenSSL 3.5.0-dev ").to_string(), "3.5.0");
        assert_eq!(Release::of("BoringSSL"), None);
    }

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
