//! What releases showed of the drills, recorded, so that a machine without those releases has the whole table.
//!
//! The text is that of [`mod@crate::recording`]. A drill in which a release goes down has no steps there, only how.

use super::Told;
use crate::recording::{Recording, fingerprint, read, trace_of};

include!(concat!(env!("OUT_DIR"), "/drill_recordings.rs"));

/// The recordings of drills that come with the harness, in order of name.
///
/// # Panics
///
/// Never: a test reads them all.
#[must_use]
pub fn shipped_recordings() -> Vec<Recording> {
    RECORDINGS.iter().map(|(_, text)| read(text).expect("shipped recordings are tested")).collect()
}

/// Text of the built-in recordings by file, for a test that reads and writes them.
#[must_use]
pub fn texts() -> &'static [(&'static str, &'static str)] {
    RECORDINGS
}

/// The drills that a recording has not, or in another form: their names.
#[must_use]
pub fn unrecorded(recording: &Recording, drills: &[Told]) -> Vec<String> {
    let is_recorded = |told: &&Told| {
        let recorded = recording.of(&told.file.path);
        recorded.is_some_and(|recorded| recorded.fingerprint == fingerprint(&trace_of(&told.file)))
    };
    drills.iter().filter(|told| !is_recorded(told)).map(|told| told.name.clone()).collect()
}
