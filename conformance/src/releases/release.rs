//! A release by its number, and what follows from the number alone.

use std::fmt;
use std::str::FromStr;

/// A release of OpenSSL, such as 3.3.1 or 1.1.1w. They are ordered as they were numbered.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Release {
    major: u32,
    minor: u32,
    patch: u32,
    /// Before 3.0 the patch has letters, `w` and later `za`.
    letters: Letters,
}

/// None, one or two letters: their number comes first, since `za` comes after `z`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
struct Letters {
    count: u8,
    letters: [u8; 2],
}

/// A text that is no release's number.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NotARelease(pub String);

impl fmt::Display for NotARelease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not a release of OpenSSL; they look like 3.3.1 and 1.1.1w", self.0)
    }
}

impl std::error::Error for NotARelease {}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Letters { count, letters } = self.letters;
        let letters = String::from_utf8_lossy(&letters[..usize::from(count)]).into_owned();
        write!(f, "{}.{}.{}{letters}", self.major, self.minor, self.patch)
    }
}

/// A release whose source the crate has: 1.1.0 and later.
impl FromStr for Release {
    type Err = NotARelease;

    fn from_str(text: &str) -> Result<Self, NotARelease> {
        // Letters ended with 1.1.1.
        let published = |release: &Self| match release.major {
            1 => release.minor == 1 && release.patch <= 1,
            2 => false,
            _ => release.letters.count == 0 && release.major < 100 && release.minor < 100,
        };
        Self::of_word(text).filter(published).ok_or_else(|| NotARelease(text.to_owned()))
    }
}

/// A number as it is written: without signs, and with no zero before it.
fn number(text: &str) -> Option<u32> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|_| plain)
}

impl Release {
    /// The first release that this text names, published or not, such as `OpenSSL 3.0.22 25 Aug 2026`.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        // What follows a dash or a plus is a mark of the build.
        text.split_whitespace().find_map(|word| Self::of_word(word.split(['-', '+']).next()?))
    }

    fn of_word(word: &str) -> Option<Self> {
        let (numbers, with) = word.split_at(word.find(|c: char| c.is_ascii_lowercase()).unwrap_or(word.len()));
        let mut parts = numbers.split('.').map(number);
        let (Some(Some(major)), Some(Some(minor)), Some(Some(patch)), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return None;
        };
        let mut letters = [0; 2];
        letters.get_mut(..with.len())?.copy_from_slice(with.as_bytes());
        let count = u8::try_from(with.len()).ok().filter(|_| with.bytes().all(|b| b.is_ascii_lowercase()))?;
        Some(Self { major, minor, patch, letters: Letters { count, letters } })
    }

    /// What it shares with the releases that mend it: major and minor.
    #[must_use]
    pub fn series(self) -> (u32, u32) {
        (self.major, self.minor)
    }

    /// The number after `.so` in the names of its libraries.
    #[must_use]
    pub fn soname(self) -> String {
        if self.major == 1 { "1.1".to_owned() } else { self.major.to_string() }
    }

    /// Whether it is 3.0 or later, which can be built without more than 1.1 can.
    pub(super) fn has_providers(self) -> bool {
        self.major >= 3
    }

    /// How its version string begins.
    #[must_use]
    pub fn version_string(self) -> String {
        format!("OpenSSL {self} ")
    }

    /// The versions of the crate among which it is: from the first one on, and below the second.
    pub(super) fn crate_series(self) -> (String, String) {
        match (self.major, self.minor) {
            (1, _) => {
                let major = 110 + self.patch;
                (format!("{major}.0.0"), format!("{}.0.0", major + 1))
            }
            (major, minor) => (format!("{major}00.{minor}.0"), format!("{major}00.{}.0", minor + 1)),
        }
    }

    /// The release that a version of the crate holds, by the part behind its `+`.
    pub(super) fn of_crate_version(version: &str) -> Option<Self> {
        version.split_once('+')?.1.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(text: &str) -> Release {
        text.parse().expect("a release")
    }

    #[test]
    fn a_release_reads_and_writes_back() {
        for text in ["1.1.0", "1.1.0l", "1.1.1", "1.1.1w", "1.1.1za", "3.0.7", "3.2.0", "3.5.10", "4.0.3", "5.1.0"] {
            assert_eq!(release(text).to_string(), text);
        }
    }

    #[test]
    fn what_is_no_release_is_told() {
        for text in ["", "3", "3.3", "3.3.1.2", "3.3.1w", "1.0.2u", "2.0.0", "v3.3.1", "3.3.-1", "3.03.1", "latest"] {
            assert_eq!(text.parse::<Release>(), Err(NotARelease(text.to_owned())));
        }
    }

    #[test]
    fn releases_are_ordered_as_numbered() {
        let ordered = ["1.1.0l", "1.1.1", "1.1.1a", "1.1.1w", "1.1.1za", "3.0.7", "3.0.10", "3.2.0", "4.0.3"];
        assert!(ordered.map(release).windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn a_release_is_read_out_of_what_a_library_says() {
        let of = |text| Release::of(text).map(|release| release.to_string());
        assert_eq!(of("OpenSSL 1.1.1w  11 Sep 2023").as_deref(), Some("1.1.1w"));
        assert_eq!(of("OpenSSL 3.5.0-dev ").as_deref(), Some("3.5.0"));
        assert_eq!(of("OpenSSL 1.0.2u-fips 20 Dec 2019").as_deref(), Some("1.0.2u"));
        assert_eq!(of("BoringSSL"), None);
    }

    #[test]
    fn the_series_of_the_crate_follows_from_the_number() {
        let series = |text| release(text).crate_series();
        for (text, from, below) in [
            ("1.1.0l", "110.0.0", "111.0.0"),
            ("1.1.1w", "111.0.0", "112.0.0"),
            ("3.0.7", "300.0.0", "300.1.0"),
            ("3.3.1", "300.3.0", "300.4.0"),
            ("4.0.3", "400.0.0", "400.1.0"),
            ("5.2.1", "500.2.0", "500.3.0"),
        ] {
            assert_eq!(series(text), (from.to_owned(), below.to_owned()), "{text}");
        }
        assert_eq!(Release::of_crate_version("111.28.2+1.1.1w"), Some(release("1.1.1w")));
        assert_eq!(Release::of_crate_version("300.3.1"), None);
    }

    #[test]
    fn the_soname_is_that_of_the_major_release() {
        assert_eq!(["1.1.1w", "3.5.5", "4.0.3"].map(|text| release(text).soname()), ["1.1", "3", "4"]);
    }
}
