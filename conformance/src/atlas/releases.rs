//! Releases: the shipped profiles of a libssl, in order of version.

use crate::profiles::{self, Named};

/// The shipped profiles that are of a libssl, in order of version.
#[must_use]
pub fn libraries() -> Vec<Named> {
    let mut libraries: Vec<_> = profiles::shipped().into_iter().filter(|named| named.library.is_some()).collect();
    libraries.sort_by_key(|named| order(release_of(named)));
    libraries
}

/// The release that a profile is called after: `3.0.22` of `libssl-3.0.22`.
#[must_use]
pub fn release_of(named: &Named) -> &str {
    named.name.strip_prefix("libssl-").unwrap_or(&named.name)
}

/// The profile of the library that says this of its version: the one that names the release, else the one that says
/// most of how the version begins. Unlike [`profiles::nearest`], none when no profile is of this release.
#[must_use]
pub fn of_version<'p>(libraries: &'p [Named], version: &str) -> Option<&'p Named> {
    let release = version.split(' ').nth(1)?;
    let is = |named: &&Named| named.library.as_ref().is_some_and(|library| library.version == release);
    if let Some(named) = libraries.iter().find(is) {
        return Some(named);
    }
    let begins = |named: &&Named| named.library.as_ref().is_some_and(|library| version.starts_with(&library.version));
    let says = |named: &&Named| named.library.as_ref().map_or(0, |library| library.version.len());
    libraries.iter().filter(begins).max_by_key(says)
}

/// Numbers and letters of a version one by one, so that 3.0.7 comes before 3.0.22, and 1.1.1 before 1.1.1w.
fn order(release: &str) -> Vec<(u64, String)> {
    let part = |part: &str| {
        let digits = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
        (part[..digits].parse().unwrap_or(u64::MAX), part[digits..].to_owned())
    };
    release.split('.').map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profiles::LibraryFile;

    #[test]
    fn versions_are_ordered_by_number_and_then_by_letter() {
        let mut releases = ["3.0.22", "4.0.3", "1.1.1w", "3.0.7", "1.1.1", "3.2.0", "1.0.2"];
        releases.sort_by_key(|release| order(release));
        assert_eq!(releases, ["1.0.2", "1.1.1", "1.1.1w", "3.0.7", "3.0.22", "3.2.0", "4.0.3"]);
    }

    #[test]
    fn a_version_has_the_profile_that_says_most_of_it() {
        let of = |name: &str, version: &str| {
            let library =
                LibraryFile { version: version.to_owned(), ..libraries()[0].library.clone().expect("of one") };
            Named { name: name.to_owned(), library: Some(library), ..libraries()[0].clone() }
        };
        let all = [of("libssl-3.0", "OpenSSL 3.0."), of("libssl-3.0.7", "OpenSSL 3.0.7 ")];
        let name = |version: &str| of_version(&all, version).map(|named| named.name.as_str());
        assert_eq!(name("OpenSSL 3.0.7 1 Nov 2022"), Some("libssl-3.0.7"));
        assert_eq!(name("OpenSSL 3.0.22 25 Aug 2026"), Some("libssl-3.0"));
        assert_eq!(name("OpenSSL 3.2.0 23 Nov 2023"), None);
    }
}
