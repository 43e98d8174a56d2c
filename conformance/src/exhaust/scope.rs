//! A scope: what there is before the first step, and the alphabet.

use super::letter::Letter;
use super::scopes;
use crate::op::Op;
use crate::trace::{Names, Setup};

/// A small world to search, declared as data.
#[derive(Clone, Debug)]
pub struct Scope {
    /// What it is called.
    pub name: &'static str,
    /// What is in it, in a line.
    pub about: &'static str,
    /// What there is before the first step; the sessions have the first places.
    pub setup: Setup,
    /// The alphabet.
    pub letters: Vec<Letter>,
    /// Places that can change places with each other: their sessions are alike, and so is all that is done to them.
    pub alike: Vec<Vec<u32>>,
    /// Places for the sessions that handshakes make, by pool. A letter names a pool by its first place.
    pub pools: Vec<Vec<u32>>,
    /// How many connections can be open by name.
    pub connections: usize,
    /// What things are called.
    pub names: Names,
}

impl Scope {
    /// All of them.
    #[must_use]
    pub fn all() -> &'static [Self] {
        scopes::all()
    }

    /// The one of this name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<&'static Self> {
        Self::all().iter().find(|scope| scope.name == name)
    }

    /// How many places there are for sessions.
    #[must_use]
    pub fn places(&self) -> usize {
        self.setup.sessions.len() + self.pools.iter().map(Vec::len).sum::<usize>()
    }

    /// How many connections, or sessions of them, one letter counts at most.
    pub(super) fn counted(&self) -> usize {
        let of = |letter: &Letter| match &letter.0 {
            Op::Repeat(times, block) => *times as usize * block.len(),
            _ => 1,
        };
        self.letters.iter().map(of).max().unwrap_or(1)
    }

    /// The length of the longest script of a callback that a letter sets.
    pub(super) fn scripted(&self) -> u32 {
        let of = |letter: &Letter| match &letter.0 {
            Op::SetCallbacks(_, callbacks) => {
                let new = callbacks.new.as_ref().map_or(0, |script| script.first.len());
                new.max(callbacks.get.as_ref().map_or(0, |script| script.first.len()))
            }
            _ => 0,
        };
        self.letters.iter().map(of).max().unwrap_or(0) as u32
    }
}
