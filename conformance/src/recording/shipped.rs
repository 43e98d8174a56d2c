//! The recordings that come with the harness, one a release.

use super::{Recording, read};

include!(concat!(env!("OUT_DIR"), "/recordings.rs"));

/// The recordings that are built in, with the names of their files, in order of name.
///
/// # Panics
///
/// Never: a test reads them all.
#[must_use]
pub fn shipped() -> Vec<(&'static str, Recording)> {
    RECORDINGS.iter().map(|(name, text)| (*name, read(text).expect("shipped recordings are tested"))).collect()
}

/// Text of the built-in recordings by file, for a test that reads and writes them.
#[must_use]
pub fn texts() -> &'static [(&'static str, &'static str)] {
    RECORDINGS
}
