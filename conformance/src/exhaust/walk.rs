//! The walk over the behaviours of a scope, shortest traces first.
//!
//! Not here: subjects. Whoever runs the traces says of each whether its state is gone on from.

use std::collections::HashSet;

use session_model::Profile;

use super::run::Run;
use super::scope::Scope;
use super::symmetry::{Digest, Symmetry};
use super::word::Word;
use crate::op::Op;
use crate::trace::{Shown, Trace};
use crate::transcript::{Answer, Transcript};

/// The most states that are gone on from, in one walk: about half a gigabyte.
pub const MOST_STATES: usize = 10_000_000;

/// What a walk has come by.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// Distinct pairs of canonical state and op.
    pub behaviours: u64,
    /// States of which every op was taken, or is being taken now.
    pub states: u64,
    /// Every trace up to this length is covered.
    pub complete: usize,
    /// Whether no state was new after that: longer traces show nothing else, as far as counts were looked ahead to.
    pub closed: bool,
    /// Whether there were more than ten million of them, so that it goes no further.
    pub full: bool,
}

/// A behaviour, and a shortest trace that shows it last.
#[derive(Clone, Copy, Debug)]
pub struct Behaviour<'w> {
    /// The trace by its letters.
    pub word: Word,
    /// The trace.
    pub trace: &'w Trace,
}

/// A walk under way.
pub struct Walk {
    scope: &'static Scope,
    length: usize,
    start: Run,
    symmetry: Symmetry,
    /// The states that are gone on from.
    seen: HashSet<Digest>,
    /// Of traces that are one shorter than those of now, and of now.
    words: Vec<Word>,
    next: Vec<Word>,
    at: usize,
    /// The length of the traces of now.
    level: usize,
    from: Option<From>,
    /// After the last behaviour.
    reached: Option<(Run, Word)>,
    trace: Trace,
    out: Transcript,
    counts: Counts,
    most_states: usize,
}

/// A state that is gone on from.
struct From {
    run: Run,
    word: Word,
    letters: std::vec::IntoIter<usize>,
}

impl Walk {
    /// A walk over the states of the model under this profile, up to traces of this length. A latitude of the profile
    /// is taken as the model takes it.
    ///
    /// # Panics
    ///
    /// When the length is more than [`Word::MOST`].
    #[must_use]
    pub fn new(scope: &'static Scope, profile: Profile, length: usize) -> Self {
        assert!(length <= Word::MOST, "a word has at most {} letters", Word::MOST);
        let start = Run::new(scope, profile);
        let symmetry = Symmetry::of(scope);
        let (digest, _) = symmetry.state(&start, scope, length);
        let (setup, names) = (scope.setup.clone(), scope.names.clone());
        Self {
            scope,
            length,
            start,
            symmetry,
            seen: HashSet::from([digest]),
            words: vec![Word::default()],
            next: Vec::new(),
            at: 0,
            level: 1,
            from: None,
            reached: None,
            trace: Trace { setup, ops: Vec::new(), shown: Shown::Everything, names },
            out: Transcript::default(),
            counts: Counts::default(),
            most_states: MOST_STATES,
        }
    }

    /// Another bound than ten million states: for one of several walks, and for tests.
    pub fn set_most_states(&mut self, most: usize) {
        self.most_states = most;
    }

    /// The scope.
    #[must_use]
    pub fn scope(&self) -> &'static Scope {
        self.scope
    }

    /// What it has come by.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// The length of the traces that it is at.
    #[must_use]
    pub fn level(&self) -> usize {
        self.level
    }

    /// How many of the states that the traces of now begin with are done, and how many there are.
    #[must_use]
    pub fn done_of(&self) -> (usize, usize) {
        (self.at, self.words.len())
    }

    /// The next behaviour; `None`: there is none left by a trace up to this length, or the walk can go no further.
    pub fn advance(&mut self, length: usize) -> Option<Behaviour<'_>> {
        self.reached = None;
        loop {
            let Some(from) = &mut self.from else {
                self.from = Some(self.begin_state(length)?);
                continue;
            };
            let Some(letter) = from.letters.next() else {
                self.from = None;
                continue;
            };
            let mut run = from.run.clone();
            let Some(op) = run.op(self.scope, &self.scope.letters[letter]) else { continue };
            self.out.clear();
            if run.step(&self.scope.letters[letter], &op, &mut self.out) == Answer::Absent {
                continue;
            }
            let word = from.word.then(letter);
            self.trace.ops.truncate(from.word.letters().count());
            self.trace.ops.push(op);
            self.reached = Some((run, word));
            self.counts.behaviours += 1;
            return Some(Behaviour { word, trace: &self.trace });
        }
    }

    /// The state that the last behaviour ends in is gone on from, unless it is known.
    pub fn enter(&mut self) {
        let Some((run, word)) = self.reached.take() else { return };
        if self.level == self.length || run.is_damaged() {
            return;
        }
        let (digest, _) = self.symmetry.state(&run, self.scope, self.length);
        if self.seen.contains(&digest) {
            return;
        }
        if self.seen.len() >= self.most_states {
            self.counts.full = true;
            return;
        }
        self.seen.insert(digest);
        self.next.push(word);
    }

    /// The next state to go on from, of this level or the next.
    fn begin_state(&mut self, length: usize) -> Option<From> {
        if self.at == self.words.len() {
            self.counts.complete = self.level;
            self.counts.closed = self.next.is_empty() && self.level < self.length && !self.counts.full;
            if self.next.is_empty() || self.counts.full || self.level >= length {
                return None;
            }
            (self.words, self.at) = (std::mem::take(&mut self.next), 0);
            self.level += 1;
        }
        let word = self.words[self.at];
        self.at += 1;
        self.counts.states += 1;
        let (run, ops) = self.replayed(word).expect("it was entered");
        self.trace.ops = ops;
        let (_, letters) = self.symmetry.state(&run, self.scope, self.length);
        Some(From { run, word, letters: letters.into_iter() })
    }

    /// The run of a word; `None`: it has a letter that is about nothing there.
    fn replayed(&mut self, word: Word) -> Option<(Run, Vec<Op>)> {
        let mut run = self.start.clone();
        let mut ops = Vec::with_capacity(self.length);
        for letter in word.letters() {
            let letter = self.scope.letters.get(letter)?;
            let op = run.op(self.scope, letter)?;
            self.out.clear();
            run.step(letter, &op, &mut self.out);
            ops.push(op);
        }
        Some((run, ops))
    }

    /// The trace of a word of this scope; `None`: it has a letter that is about nothing there.
    pub fn trace_of(&mut self, word: Word) -> Option<Trace> {
        let (_, ops) = self.replayed(word)?;
        Some(Trace { ops, ..self.trace.clone() })
    }
}
