//! The clauses of the man pages: what the model cites, scenarios show and reports name.
//!
//! Each clause has an id, a statement in our own words and a place on a page. The sentences of the pages are not
//! here: who has a copy of the pages finds them again by place and fingerprint.
//!
//! ```
//! use session_model::clause::{ADD_IDENTICAL_IS_NOOP, Clause, Kind};
//!
//! let clause = Clause::by_id("add.identical-is-noop").expect("a clause of SSL_CTX_add_session(3)");
//! assert_eq!(clause, ADD_IDENTICAL_IS_NOOP);
//! assert_eq!(clause.entry().kind, Kind::Rule);
//! ```

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

pub use crate::registry::constants::*;
pub use crate::registry::leaving::{LEAVING, Leaving};
use crate::registry::{COUNT, ENTRIES};

/// A clause of the pages: its place in the registry.
///
/// `Debug` and `Display` print the id. The order is that of the registry: page by page, then as on the page.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Clause(u16);

impl Clause {
    /// How many clauses there are.
    pub const COUNT: usize = COUNT;

    /// The id, such as `add.adds`.
    #[must_use]
    pub fn id(self) -> &'static str {
        self.entry().id
    }

    /// What the registry holds on it.
    #[must_use]
    pub fn entry(self) -> &'static Entry {
        &ENTRIES[self.index()]
    }

    /// The clause with this id.
    #[must_use]
    pub fn by_id(id: &str) -> Option<Self> {
        Self::all().find(|clause| clause.id() == id)
    }

    /// All clauses, in the order of the registry.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..COUNT).map(Self::at)
    }

    /// Its place in the registry, below [`Self::COUNT`]; dense, so that it can number the slots of a table.
    #[must_use]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    /// The clause with this id, when the model is compiled; an unknown id does not compile.
    pub(crate) const fn named(id: &str) -> Self {
        let mut place = 0;
        while place < COUNT {
            if same(ENTRIES[place].id.as_bytes(), id.as_bytes()) {
                return Self::at(place);
            }
            place += 1;
        }
        panic!("no clause has this id")
    }

    const fn at(place: usize) -> Self {
        assert!(place < COUNT && COUNT <= 1 << 16, "a place in the registry");
        // `TryFrom` is not const; the line above makes the cast exact.
        Self(place as u16)
    }
}

impl fmt::Display for Clause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

impl fmt::Debug for Clause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

/// What the registry holds on a clause.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Entry {
    /// The id: the subject of the clause, a dot, what it says of it.
    pub id: &'static str,
    /// How far the pages settle it.
    pub kind: Kind,
    /// The first edition whose pages have it.
    pub first: Edition,
    /// The last edition, of those known here, whose pages have it.
    pub last: Edition,
    /// The page, by the name of its file; empty when no page has a word on it.
    pub page: &'static str,
    /// The section of the page; empty when no page has a word on it.
    pub section: &'static str,
    /// The sentences within the section, counted from 1 in the last edition that has them.
    pub sentences: &'static [u8],
    /// What it says, in our own words.
    pub statement: &'static str,
    /// The id of the clause that a contradiction contradicts.
    pub against: Option<&'static str>,
}

impl Entry {
    /// The editions whose pages have it.
    #[must_use]
    pub fn editions(&self) -> RangeInclusive<Edition> {
        self.first..=self.last
    }
}

/// How far the pages settle a clause.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// The pages give one answer.
    Rule,
    /// The pages allow several answers.
    Open,
    /// Two pages, or two editions of one, disagree.
    Contradiction,
    /// Observable, and not written anywhere.
    Silent,
    /// Nothing to check.
    Background,
    /// The pages forbid it to the caller, and nothing enforces that.
    Hazard,
}

impl Kind {
    /// All kinds, in the order of tables.
    pub const ALL: [Self; 6] =
        [Self::Rule, Self::Open, Self::Contradiction, Self::Silent, Self::Background, Self::Hazard];

    /// The word for it in tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rule => "rule",
            Self::Open => "open",
            Self::Contradiction => "contradiction",
            Self::Silent => "silent",
            Self::Background => "background",
            Self::Hazard => "hazard",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// An edition of the man pages, by the release that they came with.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Edition {
    /// OpenSSL 0.9.8.
    V0_9_8,
    /// OpenSSL 1.0.1.
    V1_0_1,
    /// OpenSSL 3.0.
    V3_0,
    /// OpenSSL 3.3.
    V3_3,
}

impl Edition {
    /// All editions, oldest first.
    pub const ALL: [Self; 4] = [Self::V0_9_8, Self::V1_0_1, Self::V3_0, Self::V3_3];

    /// The release, such as `3.0`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::V0_9_8 => "0.9.8",
            Self::V1_0_1 => "1.0.1",
            Self::V3_0 => "3.0",
            Self::V3_3 => "3.3",
        }
    }
}

impl fmt::Display for Edition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Edition {
    type Err = UnknownEdition;

    fn from_str(name: &str) -> Result<Self, UnknownEdition> {
        let edition = Self::ALL.into_iter().find(|edition| edition.name() == name);
        edition.ok_or_else(|| UnknownEdition(name.to_owned()))
    }
}

/// A name that is no edition's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnknownEdition(pub String);

impl fmt::Display for UnknownEdition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not an edition of the pages; known are", self.0)?;
        Edition::ALL.iter().try_for_each(|edition| write!(f, " {edition}"))
    }
}

impl std::error::Error for UnknownEdition {}

/// Byte for byte; `==` on slices is not const.
const fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut n = 0;
    while n < a.len() {
        if a[n] != b[n] {
            return false;
        }
        n += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_names_one_clause() {
        for clause in Clause::all() {
            assert_eq!(Clause::by_id(clause.id()), Some(clause));
        }
    }

    #[test]
    fn an_edition_is_known_by_its_name_alone() {
        assert_eq!("3.0".parse(), Ok(Edition::V3_0));
        let unknown = "3.0.7".parse::<Edition>().expect_err("a release, not an edition");
        assert_eq!(unknown.to_string(), "`3.0.7` is not an edition of the pages; known are 0.9.8 1.0.1 3.0 3.3");
    }

    #[test]
    fn a_contradiction_and_nothing_else_names_what_it_contradicts() {
        for clause in Clause::all() {
            let Entry { kind, against, .. } = clause.entry();
            assert_eq!(*kind == Kind::Contradiction, against.is_some(), "{clause}");
            assert!(against.is_none_or(|other| Clause::by_id(other).is_some_and(|other| other != clause)), "{clause}");
        }
    }

    #[test]
    fn a_clause_that_a_page_has_says_where() {
        for clause in Clause::all() {
            let Entry { kind, page, section, sentences, first, last, .. } = clause.entry();
            assert_eq!(page.is_empty(), section.is_empty() && sentences.is_empty(), "{clause}");
            assert!(*kind != Kind::Silent || page.is_empty(), "{clause}: what a page says is not silent");
            assert!(first <= last, "{clause}");
        }
    }
}
