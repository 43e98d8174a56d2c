//! Releases: the shipped profiles of a libssl, in order of version.

use crate::profiles::{self, Named};
use crate::releases::Release;

/// The shipped profiles that are of a libssl, in order of version.
#[must_use]
pub fn libraries() -> Vec<Named> {
    let mut libraries: Vec<_> = profiles::shipped().into_iter().filter(|named| named.library.is_some()).collect();
    libraries.sort_by_key(|named| Release::of(release_of(named)));
    libraries
}

/// The release that a profile is called after: `3.0.22` of `libssl-3.0.22`.
#[must_use]
pub fn release_of(named: &Named) -> &str {
    named.name.strip_prefix("libssl-").unwrap_or(&named.name)
}

/// The profile that was worked out on the release which says this of its version. Unlike [`profiles::nearest`], none
/// when no profile was.
#[must_use]
pub fn of_version<'p>(libraries: &'p [Named], version: &str) -> Option<&'p Named> {
    let release = Some(Release::of(version)?);
    libraries
        .iter()
        .find(|named| named.library.as_ref().is_some_and(|library| Release::of(&library.version) == release))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_has_the_profile_of_its_release() {
        let all = libraries();
        let name = |version: &str| of_version(&all, version).map(|named| named.name.as_str());
        assert_eq!(name("OpenSSL 3.0.7 1 Nov 2022"), Some("libssl-3.0.7"));
        assert_eq!(name("OpenSSL 3.0.2 15 Mar 2022"), None);
    }

    #[test]
    fn releases_stand_in_their_order() {
        let names: Vec<_> = libraries().iter().map(|named| release_of(named).to_owned()).collect();
        let at = |release: &str| names.iter().position(|name| name == release);
        assert!(at("1.1.1w") < at("3.0.7") && at("3.0.7") < at("3.0.22"), "{names:?}");
    }
}
