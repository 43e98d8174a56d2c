//! A subject on every behaviour of a walk.
//!
//! Not here: reducing what is found, and telling it.

use super::walk::Walk;
use super::word::Word;
use crate::finding::{Came, Parted};
use crate::profiles::Named;
use crate::trace::Trace;
use crate::worker::{Checks, StartError};

/// How often it is asked whether to go on, in behaviours.
const OFTEN: u64 = 64;

/// How many behaviours that were unstable are told.
const UNSTABLE: usize = 1000;

/// What a subject made of the behaviours so far.
#[derive(Clone, Debug, Default)]
pub struct Searched {
    /// Ops that were run, those of the last phase of each trace included.
    pub ops: u64,
    /// Behaviours in which the subject departs.
    pub diverged: u64,
    /// Each kind of divergence, with the first of the shortest traces that show it.
    pub found: Vec<(Word, Trace, Parted)>,
    /// Behaviours that took the subject down, and did not when they were run again: which and how.
    pub unstable: Vec<(Word, String)>,
    /// Behaviours that were not run, and the last reason.
    pub not_run: (u64, String),
}

/// Runs the behaviours of a walk up to traces of this length. Whether all of them were: `go_on` is asked now and then,
/// and may end the search.
///
/// # Errors
///
/// When the subject cannot be run any more.
pub fn search(
    walk: &mut Walk,
    length: usize,
    witness: &mut dyn Checks,
    profile: &Named,
    searched: &mut Searched,
    go_on: &mut dyn FnMut(&Walk, &Searched) -> bool,
) -> Result<bool, StartError> {
    loop {
        if walk.counts().behaviours.is_multiple_of(OFTEN) && !go_on(walk, searched) {
            return Ok(false);
        }
        let Some(behaviour) = walk.advance(length) else { return Ok(true) };
        searched.ops += behaviour.trace.executed().count() as u64;
        match witness.check(behaviour.trace, profile)? {
            Came::Conforms => {
                walk.enter();
                continue;
            }
            Came::Diverges(parted) => {
                searched.diverged += 1;
                if !searched.found.iter().any(|(_, _, known)| known.key() == parted.key()) {
                    searched.found.push((behaviour.word, behaviour.trace.clone(), parted));
                }
            }
            Came::Unstable(why) if searched.unstable.len() < UNSTABLE => searched.unstable.push((behaviour.word, why)),
            Came::Unstable(_) => {}
            Came::NotRun(why) => searched.not_run = (searched.not_run.0 + 1, why),
            Came::Completed | Came::WentDown(_) => unreachable!("no scope has hazards"),
        }
    }
}
