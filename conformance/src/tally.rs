//! What a run went through: so that a green result can be trusted, and a trivial one is seen to be trivial.

use session_model::{Clause, Ruling, What};

use crate::op::Op;
use crate::transcript::Answer;

/// Counts over many checks. Two tallies add up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tally {
    /// Traces that were checked to their end.
    pub traces: u64,
    /// Those of them that were checked only up to the step at which a known departure damages the subject.
    pub cut: u64,
    /// Ops that were carried out and agreed with.
    pub ops: u64,
    /// Handshakes that were finished.
    pub handshakes: u64,
    /// Latitudes that the subject answered.
    pub latitudes: u64,
    /// Ops that were absent.
    pub absent: u64,
    /// How often each clause decided, by [`Clause::index`].
    pub cited: Vec<u64>,
    /// How often each outcome came up, by [`Outcome`].
    pub outcomes: [u64; Outcome::ALL.len()],
}

/// An outcome that a run is not worth much without.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "Outcome::ALL has the words")]
pub enum Outcome {
    AddNew,
    AddIdentical,
    AddReplacing,
    AddOverSize,
    RemoveFound,
    RemoveAbsent,
    FlushRemoved,
    FlushNothing,
    AutoFlush,
    LookupHit,
    LookupExpired,
    LookupOtherContext,
    LookupExternal,
    LookupMiss,
    Destroyed,
}

impl Outcome {
    /// Each with its words.
    pub const ALL: [(Self, &'static str); 15] = [
        (Self::AddNew, "adds that were new"),
        (Self::AddIdentical, "adds of the identical object"),
        (Self::AddReplacing, "adds that replaced another object"),
        (Self::AddOverSize, "adds over the size"),
        (Self::RemoveFound, "removals that found the session"),
        (Self::RemoveAbsent, "removals of what was not cached"),
        (Self::FlushRemoved, "flushes that removed something"),
        (Self::FlushNothing, "flushes that removed nothing"),
        (Self::AutoFlush, "automatic flushes that removed something"),
        (Self::LookupHit, "lookups that hit"),
        (Self::LookupExpired, "lookups that found it expired"),
        (Self::LookupOtherContext, "lookups of another id context"),
        (Self::LookupExternal, "lookups found externally"),
        (Self::LookupMiss, "lookups that missed"),
        (Self::Destroyed, "steps that destroyed an object"),
    ];
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            traces: 0,
            cut: 0,
            ops: 0,
            handshakes: 0,
            latitudes: 0,
            absent: 0,
            cited: vec![0; Clause::COUNT],
            outcomes: [0; Outcome::ALL.len()],
        }
    }
}

impl Tally {
    /// A step that the manual ruled so.
    pub(crate) fn step(&mut self, op: &Op, answer: Answer, ruling: &Ruling) {
        self.ops += 1;
        if answer == Answer::Absent {
            self.absent += 1;
        }
        if matches!(
            (op, answer),
            (Op::AcceptFinish(_) | Op::Renegotiate(..) | Op::Handshake(..), Answer::Returns(0 | 1))
        ) {
            self.handshakes += 1;
        }
        for (clause, what) in &ruling.decided {
            self.cited[clause.index()] += 1;
            self.decision(*clause, *what);
        }
        self.op_outcome(op, answer, ruling);
    }

    /// A trace was checked to its end.
    pub(crate) fn trace(&mut self, latitudes: u64) {
        self.traces += 1;
        self.latitudes += latitudes;
    }

    fn decision(&mut self, clause: Clause, what: What) {
        use session_model::clause::*;
        let outcome = match what {
            What::Counts(_, session_model::Counter::Hits) => Outcome::LookupHit,
            What::Counts(_, session_model::Counter::Timeouts) => Outcome::LookupExpired,
            What::Counts(_, session_model::Counter::CbHits) => Outcome::LookupExternal,
            What::Counts(_, session_model::Counter::Misses) => Outcome::LookupMiss,
            What::Counts(_, session_model::Counter::CacheFull) => Outcome::AddOverSize,
            What::Leaves(..) if clause == ADD_SAME_ID_REPLACES => Outcome::AddReplacing,
            What::Destroys(_) => Outcome::Destroyed,
            What::TheWay if clause == ID_CONTEXT_MISMATCH_FULL => Outcome::LookupOtherContext,
            _ => return,
        };
        self.outcomes[outcome as usize] += 1;
    }

    fn op_outcome(&mut self, op: &Op, answer: Answer, ruling: &Ruling) {
        use session_model::clause::FLUSH_AUTO_255_SESSIONS;
        let left = |by: Option<Clause>| {
            ruling.decided.iter().any(|(c, what)| matches!(what, What::Leaves(..)) && by.is_none_or(|by| by == *c))
        };
        let outcome = match (op, answer) {
            (Op::AddSession { .. }, Answer::Returns(0)) => Outcome::AddIdentical,
            (Op::AddSession { .. }, Answer::Returns(1)) => Outcome::AddNew,
            (Op::RemoveSession { .. }, Answer::Returns(1)) => Outcome::RemoveFound,
            (Op::RemoveSession { .. }, Answer::Returns(0)) => Outcome::RemoveAbsent,
            (Op::FlushSessions { .. }, Answer::Nothing) if left(None) => Outcome::FlushRemoved,
            (Op::FlushSessions { .. }, Answer::Nothing) => Outcome::FlushNothing,
            (Op::Handshake(..) | Op::Renegotiate(..) | Op::AcceptFinish(_), _)
                if left(Some(FLUSH_AUTO_255_SESSIONS)) =>
            {
                Outcome::AutoFlush
            }
            _ => return,
        };
        self.outcomes[outcome as usize] += 1;
    }

    /// Adds another tally to this one.
    pub fn add(&mut self, other: &Self) {
        self.traces += other.traces;
        self.cut += other.cut;
        self.ops += other.ops;
        self.handshakes += other.handshakes;
        self.latitudes += other.latitudes;
        self.absent += other.absent;
        for (mine, theirs) in self.cited.iter_mut().zip(&other.cited) {
            *mine += theirs;
        }
        for (mine, theirs) in self.outcomes.iter_mut().zip(&other.outcomes) {
            *mine += theirs;
        }
    }
}
