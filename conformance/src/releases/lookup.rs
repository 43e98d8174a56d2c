//! Which version of the crate holds a release.
//!
//! The crate has a version of its own for each release, and says the release behind a `+` (300.3.1+3.3.1). Cargo
//! compares and resolves without that part, so the one way to a release is down its series: the highest version, the
//! highest below that one, and so on.

use std::fmt;

use super::release::Release;

/// Releases that have been built and run, with the version of the crate that holds each: nothing is searched for them.
pub const KNOWN: [(&str, &str); 6] = [
    ("1.1.1w", "111.28.2"),
    ("3.0.7", "300.0.11"),
    ("3.2.0", "300.2.1"),
    ("3.3.1", "300.3.1"),
    ("3.5.5", "300.5.5"),
    ("4.0.3", "400.0.2"),
];

/// What is published, as far as Cargo tells.
pub trait Index {
    /// The highest version that meets a requirement, with the part behind its `+`; `None`: there is none.
    ///
    /// # Errors
    ///
    /// When the index cannot be asked: why.
    fn highest(&mut self, requirement: &str) -> Result<Option<String>, String>;
}

/// Why there is no source of a release.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NotFound {
    /// The release.
    pub release: Release,
    /// Where it was looked for.
    pub tried: String,
    /// What came of it.
    pub why: String,
}

impl fmt::Display for NotFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { release, tried, why } = self;
        let known: Vec<_> = KNOWN.iter().map(|(release, _)| *release).collect();
        writeln!(f, "no source of OpenSSL {release}: tried {tried}: {}", why.trim_end())?;
        write!(f, "releases that need no search: {}", known.join(", "))
    }
}

impl std::error::Error for NotFound {}

/// The version of the crate that holds a release, without the part behind the `+`.
///
/// # Errors
///
/// When it is not published, or the index cannot be asked.
pub fn find(release: Release, index: &mut impl Index) -> Result<String, NotFound> {
    let name = release.to_string();
    if let Some((_, version)) = KNOWN.iter().find(|(known, _)| *known == name) {
        return Ok((*version).to_owned());
    }
    let (from, end) = release.crate_series();
    let tried = format!("openssl-src >={from}, <{end}");
    let not_found = |why: String| NotFound { release, tried: tried.clone(), why };
    let (mut below, mut seen) = (end, Vec::new());
    while let Some(version) = index.highest(&format!(">={from}, <{below}")).map_err(&not_found)? {
        let number = version.split_once('+').map_or(version.as_str(), |(number, _)| number).to_owned();
        let holds = Release::of_crate_version(&version);
        if holds == Some(release) {
            return Ok(number);
        }
        if number == below {
            return Err(not_found(format!("the index gives {number} for what is below it")));
        }
        seen.extend(holds.map(|holds| holds.to_string()));
        if holds.is_some_and(|holds| holds < release) {
            break;
        }
        below = number;
    }
    seen.dedup();
    Err(not_found(match seen.as_slice() {
        [] => "nothing is published there".to_owned(),
        seen => {
            format!("it is not published there; the nearest there: {}", seen[seen.len().saturating_sub(2)..].join(", "))
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An index with these versions, highest first; it counts how often it is asked.
    struct Fake(&'static [&'static str], usize);

    impl Index for Fake {
        fn highest(&mut self, requirement: &str) -> Result<Option<String>, String> {
            self.1 += 1;
            let (from, below) = requirement.split_once(", ").expect("two bounds");
            let key = |text: &str| -> Vec<u32> {
                let number = text.split('+').next().expect("there is a first").trim_start_matches(['>', '<', '=']);
                number.split('.').map(|part| part.parse().expect("a number")).collect()
            };
            let found = self.0.iter().find(|version| key(version) >= key(from) && key(version) < key(below));
            Ok(found.map(|version| (*version).to_owned()))
        }
    }

    const PUBLISHED: &[&str] =
        &["400.0.2+4.0.3", "300.3.3+3.3.4", "300.3.2+3.3.2", "300.3.1+3.3.1", "300.3.0+3.3.0", "111.0.1+1.1.1b"];

    fn search(release: &str, published: &'static [&'static str]) -> (Result<String, String>, usize) {
        let mut index = Fake(published, 0);
        let found = find(release.parse().expect("a release"), &mut index);
        (found.map_err(|why| why.to_string()), index.1)
    }

    #[test]
    fn a_known_release_asks_nothing() {
        assert_eq!(search("3.3.1", &[]), (Ok("300.3.1".to_owned()), 0));
    }

    #[test]
    fn another_release_is_found_down_its_series() {
        assert_eq!(search("3.3.0", PUBLISHED), (Ok("300.3.0".to_owned()), 4));
        assert_eq!(search("1.1.1b", PUBLISHED), (Ok("111.0.1".to_owned()), 1));
    }

    #[test]
    fn a_release_that_is_not_published_names_its_neighbours_and_the_known_ones() {
        let (found, asked) = search("3.3.3", PUBLISHED);
        let why = found.expect_err("there is no 3.3.3");
        assert_eq!(asked, 2, "below it there is nothing to look for");
        assert!(why.contains("tried openssl-src >=300.3.0, <300.4.0"), "{why}");
        assert!(why.contains("the nearest there: 3.3.4, 3.3.2"), "{why}");
        assert!(why.ends_with("1.1.1w, 3.0.7, 3.2.0, 3.3.1, 3.5.5, 4.0.3"), "{why}");
    }

    #[test]
    fn a_series_that_is_empty_says_so() {
        let why = search("3.9.0", PUBLISHED).0.expect_err("there is no 3.9");
        assert!(why.contains("nothing is published there"), "{why}");
    }

    #[test]
    fn an_index_that_cannot_be_asked_is_not_an_empty_one() {
        struct Offline;
        impl Index for Offline {
            fn highest(&mut self, _: &str) -> Result<Option<String>, String> {
                Err("no network".to_owned())
            }
        }
        let why = find("3.3.0".parse().expect("a release"), &mut Offline).expect_err("offline").to_string();
        assert!(why.contains("no network"), "{why}");
    }
}
