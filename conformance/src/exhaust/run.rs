//! A trace of a scope under way on the model: which places have which names, and what is done next.

use session_model::canonical::Renaming;
use session_model::{Mechanism, Profile};

use super::letter::Letter;
use super::scope::Scope;
use crate::driver::{Ahead, Called, Driver, State};
use crate::op::{Connection, Name, Op};
use crate::subjects::model::Model;
use crate::trace::Shown;
use crate::transcript::{Answer, Transcript};

/// A run of the model that can be gone on from in several ways.
#[derive(Clone)]
pub(super) struct Run {
    pub(super) driver: Driver<Model>,
    /// By place.
    sessions: Vec<Option<Name>>,
    connections: Vec<Option<Connection>>,
    /// Names that an unfinished handshake is to give: to whom, by which connection.
    planned: Vec<(Name, u32, Option<Connection>)>,
    next_name: u32,
    next_connection: u32,
}

impl Run {
    pub(super) fn new(scope: &Scope, profile: Profile) -> Self {
        let hand_made = u32::try_from(scope.setup.sessions.len()).expect("a scope is small");
        let mut sessions: Vec<_> = (0..hand_made).map(|n| Some(Name(n))).collect();
        sessions.resize(scope.places(), None);
        Self {
            driver: Driver::new(Model::new(profile), &scope.setup, Shown::Everything),
            sessions,
            connections: vec![None; scope.connections],
            planned: Vec::new(),
            next_name: hand_made,
            next_connection: 0,
        }
    }

    /// The op that a letter is here; `None`: it is about nothing that there is.
    pub(super) fn op(&mut self, scope: &Scope, letter: &Letter) -> Option<Op> {
        let begins = matches!(letter.0, Op::AcceptBegin(..));
        let new = Connection(self.next_connection);
        let connection = |place: u32| match self.connections[place as usize] {
            None if begins => Some(new),
            open => open.filter(|_| !begins),
        };
        let by = match &letter.0 {
            Op::AcceptBegin(..) => Some(new),
            _ => None,
        };
        let (mut next_name, mut planned) = (self.next_name, self.planned.clone());
        let mut gives = |first: u32| {
            let pool = scope.pools.iter().find(|pool| pool.first() == Some(&first))?;
            let free = |place: &&u32| {
                self.sessions[**place as usize].is_none() && planned.iter().all(|(_, other, _)| other != *place)
            };
            let place = *pool.iter().find(free)?;
            let name = Name(next_name);
            next_name += 1;
            planned.push((name, place, by));
            Some(name)
        };
        let op = letter.op(self.driver.clock(), &|place| self.sessions[place as usize], &connection, &mut gives)?;
        (self.next_name, self.planned) = (next_name, planned);
        if begins {
            self.next_connection += 1;
        }
        Some(op)
    }

    /// Carries the op of a letter out. What it answered; of a `repeat`, the last.
    pub(super) fn step(&mut self, letter: &Letter, op: &Op, out: &mut Transcript) -> Answer {
        let (times, block) = match op {
            Op::Repeat(times, block) => (*times, block.as_slice()),
            op => (1, std::slice::from_ref(op)),
        };
        for _ in 0..times {
            for op in block {
                self.driver.step(op, out);
            }
        }
        let answer = out.steps.last().map_or(Answer::Absent, |step| step.answer);
        self.settle(letter, op, answer);
        answer
    }

    /// Names that were given take their places, and those that are gone leave them.
    fn settle(&mut self, letter: &Letter, op: &Op, answer: Answer) {
        let unfinished = |answer| !matches!(answer, Answer::Absent | Answer::Returns(i64::MIN..0));
        match (&letter.0, op) {
            (Op::AcceptBegin(place, _), Op::AcceptBegin(k, _)) if unfinished(answer) => {
                self.connections[place.0 as usize] = Some(*k);
            }
            (Op::AcceptBegin(..), Op::AcceptBegin(k, _)) => self.planned.retain(|(_, _, by)| *by != Some(*k)),
            (Op::AcceptFinish(place) | Op::Renegotiate(place, _), Op::AcceptFinish(k) | Op::Renegotiate(k, _)) => {
                self.give(Some(*k));
                if !unfinished(answer) {
                    self.connections[place.0 as usize] = None;
                }
            }
            (Op::AcceptAbort(place) | Op::Close(place, _), Op::AcceptAbort(k) | Op::Close(k, _))
                if answer != Answer::Absent =>
            {
                self.connections[place.0 as usize] = None;
                self.planned.retain(|(_, _, by)| *by != Some(*k));
            }
            _ => {}
        }
        self.give(None);
        let Self { driver, sessions, .. } = self;
        for place in sessions {
            *place = place.filter(|name| driver.session_of(*name).is_some());
        }
    }

    /// What one handshake was to make takes its places, if it was made.
    fn give(&mut self, by: Option<Connection>) {
        let Self { driver, sessions, planned, .. } = self;
        planned.retain(|(name, place, of)| {
            if *of == by && driver.session_of(*name).is_some() {
                sessions[*place as usize] = Some(*name);
            }
            *of != by
        });
    }

    /// Its state; `places` has where each place stands.
    pub(super) fn state(&self, scope: &Scope, places: &[u32], steps: usize) -> (State, Renaming) {
        let mut sessions = vec![None; self.sessions.len()];
        for (name, place) in self.sessions.iter().zip(places) {
            sessions[*place as usize] = *name;
        }
        let planned: Vec<_> = self.planned.iter().map(|(name, place, _)| (*name, places[*place as usize])).collect();
        let called = Called { sessions: &sessions, connections: &self.connections, planned: &planned };
        let counted = (steps * scope.counted() * Mechanism::TICKETS) as u64;
        self.driver.state(&called, Ahead { counted, scripted: scope.scripted() })
    }

    /// Whether a known departure has damaged the library's memory: nothing can be said of what comes.
    pub(super) fn is_damaged(&self) -> bool {
        self.driver.library().world().is_damaged()
    }
}
