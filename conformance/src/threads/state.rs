//! The model, as several threads carry their calls out on it, and what each thread has in hand.
//!
//! A step of each kind ([`super::steps`]) is one method. What is stored at the end of a handshake is added by an add,
//! and the rest of the handshake is the model's own under NO_INTERNAL_STORE: so the two can stand apart. Not here: which
//! steps a call is made of, and which thread makes the next one ([`super::order`]).

use std::collections::BTreeSet;

use session_model::application::Callbacks;
use session_model::{
    Accept, CacheMode, Called, ConnectionRef, ContextRef, Counter, IdContext, Mechanism, NewContext, NewSession,
    Profile, Proposal, Protocol, Ruling, SessionId, SessionRef, Time, Timeout, What, World,
};

use super::history::{After, Answer};
use super::program::{Call, NOW, Program};
use super::steps::{Begun, Step, Steps, Then};
use crate::numbers::{ids_of_tickets, server_ids};

/// The model, and what each thread has in hand.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct State {
    world: World,
    steps: Steps,
    hands: Vec<Hand>,
    /// Sessions that were counted as expired and left the cache in another step.
    timeouts: i64,
    /// Whether the program may come to an automatic flush.
    flushes: bool,
    /// Sessions whose id was taken away.
    without_id: BTreeSet<SessionRef>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct Hand {
    /// The handshake that it has begun.
    begun: Option<Begun>,
    /// The connection that it has finished last, and the session that this uses.
    finished: Option<(ConnectionRef, Used)>,
    /// The handshake that has made its last session.
    own: Option<ConnectionRef>,
    /// Where it stands in its call, and what that has answered so far.
    next: Step,
    returns: Option<i64>,
    left: Vec<u32>,
}

/// The session that a connection uses.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Used {
    Made(SessionRef),
    Resumed(Option<SessionRef>),
}

const CONTEXT: ContextRef = ContextRef(0);

impl State {
    /// As the threads find it.
    pub(super) fn before(program: &Program, profile: &Profile, steps: Steps) -> Self {
        let mut world = World::new(*profile, Time(i128::from(NOW)));
        let mut why = Ruling::new(profile);
        let mode = mode(program.mode);
        world.ctx_new(NewContext {
            mode: Some(mode | CacheMode::NO_INTERNAL_STORE),
            size: Some(u64::from(program.size)),
            callbacks: Callbacks { remove: true, ..Callbacks::default() },
            ..NewContext::default()
        });
        for handshake in 0..program.established {
            let k = ConnectionRef(handshake);
            world.accept_begin(k, &accept(program, k, Proposal::Nothing), &mut why);
            world.accept_finish(k, &mut why);
            world.close(k, true, &mut why);
        }
        world.set_session_cache_mode(CONTEXT, mode, &mut why);
        for (session, made) in (0..).map(SessionRef).zip(&program.sessions) {
            world.new_session(session, &new(id(made.id), made.time.into(), made.timeout.into()));
            if made.cached {
                world.add_session(CONTEXT, session, &mut why);
            }
        }
        let hands = vec![Hand::default(); program.threads.len()];
        let flushes = program.may_flush_by_itself();
        Self { world, steps, hands, timeouts: 0, flushes, without_id: BTreeSet::new() }
    }

    /// What is there once all threads are gone.
    pub(super) fn after(&self, why: &mut Ruling) -> After {
        let mut last = self.clone();
        for begun in last.hands.iter_mut().filter_map(|hand| hand.begun.take()) {
            last.world.accept_abort(begun.connection, why);
        }
        let mut members: Vec<_> = last.world.members(CONTEXT).map(|c| c.0).collect();
        members.sort_unstable();
        After { counters: last.counters(), members }
    }

    fn counters(&self) -> [i64; 12] {
        let mut counters = self.world.counters(CONTEXT);
        counters[Counter::Timeouts as usize] += self.timeouts;
        counters
    }

    /// What the call that a thread is in the middle of has answered so far.
    pub(super) fn so_far(&self, thread: usize) -> (Option<i64>, &[u32]) {
        (self.hands[thread].returns, &self.hands[thread].left)
    }

    /// Makes the next step of a call of this number; its answer, if that was the last one.
    pub(super) fn step(
        &mut self,
        program: &Program,
        (thread, at): (usize, usize),
        call: Call,
        why: &mut Ruling,
    ) -> Option<Answer> {
        why.clear();
        let next = std::mem::take(&mut self.hands[thread].next);
        let then = match (next, call) {
            (Step::First, Call::Begin(_) | Call::BeginOwn) => self.begin(program, (thread, at), call, why),
            (Step::LookUp, _) => self.look_up(program, (thread, at), call, why),
            (Step::First, Call::Finish) => self.finish(program, thread, why),
            (Step::First, _) => {
                let returns = self.at_once(program, thread, call, why);
                self.hands[thread].returns = returns;
                None
            }
            (Step::Remove(c), _) => {
                self.remove(c, why);
                None
            }
            (Step::Hello(found), _) => {
                self.hello(thread, found);
                None
            }
            (Step::Look(begun), _) => Some(self.look(program, begun, why)),
            (Step::Flush(begun), _) => {
                self.world.flush_sessions(CONTEXT, Time(i128::from(NOW)), why);
                Some(Step::Count(begun))
            }
            (Step::Count(begun), _) => {
                self.count(thread, begun, why);
                None
            }
        };
        let left = why.decided.iter().filter_map(|(_, what)| match what {
            What::Calls(Called::Remove(_, SessionRef(s))) => Some(*s),
            _ => None,
        });
        let hand = &mut self.hands[thread];
        hand.left.extend(left);
        if let Some(next) = then {
            hand.next = next;
            return None;
        }
        let (returns, left) = (hand.returns.take(), std::mem::take(&mut hand.left));
        let counters = (call == Call::Counters).then(|| self.counters());
        Some(Answer { returns, left, counters })
    }

    /// Calls that are one step.
    fn at_once(&mut self, program: &Program, thread: usize, call: Call, why: &mut Ruling) -> Option<i64> {
        let (world, session) = (&mut self.world, SessionRef);
        match call {
            Call::Add(s) => Some(world.add_session(CONTEXT, session(s), why)),
            Call::Remove(s) => Some(self.remove(session(s), why)),
            Call::Flush(tm) => {
                world.flush_sessions(CONTEXT, Time(i128::from(tm)), why);
                None
            }
            Call::Has(s) => {
                let wanted = program.sessions[s as usize].id;
                let has =
                    world.members(CONTEXT).any(|c| program.sessions.get(c.0 as usize).is_some_and(|m| m.id == wanted));
                Some(i64::from(has))
            }
            Call::SetTime(s, time) => Some(world.session_set_time(session(s), Time(i128::from(time)), why)),
            Call::SetTimeout(s, timeout) => {
                Some(world.session_set_timeout(session(s), Timeout(i128::from(timeout)), why))
            }
            Call::SetSize(size) => Some(world.sess_set_cache_size(CONTEXT, u64::from(size), why)),
            Call::SetMode(bits) => Some(world.set_session_cache_mode(CONTEXT, mode(bits), why)),
            Call::Number => Some(world.counters(CONTEXT)[0]),
            Call::CloseUnclean => {
                self.close(thread, why);
                None
            }
            Call::Counters | Call::Begin(_) | Call::BeginOwn | Call::Finish => None,
        }
    }

    /// Removes a session, which does nothing where it has no id.
    fn remove(&mut self, c: SessionRef, why: &mut Ruling) -> i64 {
        if self.without_id.contains(&c) { 0 } else { self.world.remove_session(CONTEXT, c, why) }
    }

    fn begin(&mut self, program: &Program, of: (usize, usize), call: Call, why: &mut Ruling) -> Option<Step> {
        if let Some(before) = self.hands[of.0].begun.take() {
            self.world.accept_abort(before.connection, why);
            if self.steps.are_apart() {
                return Some(Step::LookUp);
            }
        }
        self.look_up(program, of, call, why)
    }

    fn look_up(
        &mut self,
        program: &Program,
        (thread, at): (usize, usize),
        call: Call,
        why: &mut Ruling,
    ) -> Option<Step> {
        let own = |k: ConnectionRef| (server_ids(k)[0], SessionRef(program.made_by(k.0)));
        let made = |s: u32| (id(program.sessions[s as usize].id), SessionRef(s));
        let proposed = match call {
            Call::Begin(proposed) => proposed.map(made),
            _ => self.hands[thread].own.map(own),
        };
        let connection = ConnectionRef(program.first_handshake(thread) + at as u32);
        let there = proposed.and_then(|(_, proposed)| self.member(program, proposed));
        let proposal = proposed.map_or(Proposal::Nothing, |(id, _)| Proposal::Peer(id, None));
        let mut found = self.world.clone();
        let begun = found.accept_begin(connection, &accept(program, connection, proposal), why);
        let gone = there.filter(|there| self.steps.are_apart() && !found.members(CONTEXT).any(|c| c == *there));
        self.hands[thread].returns = Some(begun);
        self.hands[thread].begun = Some(Begun { connection, found: there.filter(|_| begun == 1), fails: false });
        if let Some(expired) = gone {
            why.clear();
            self.world.accept_begin(connection, &accept(program, connection, Proposal::Nothing), why);
            self.timeouts += 1;
            return Some(Step::Remove(expired));
        }
        self.world = found;
        let says_hello = begun == 1 && self.steps.says_hello_apart(self.world.profile());
        there.filter(|_| says_hello).map(Step::Hello)
    }

    /// Who is cached under the id of this session.
    fn member(&self, program: &Program, c: SessionRef) -> Option<SessionRef> {
        let id = |c: SessionRef| program.sessions.get(c.0 as usize).map(|made| made.id);
        self.world.members(CONTEXT).find(|other| *other == c || (id(c).is_some() && id(*other) == id(c)))
    }

    /// The server says that it resumes this session.
    fn hello(&mut self, thread: usize, found: SessionRef) {
        let (.., resumable) = self.world.shown(found);
        if !resumable {
            self.without_id.insert(found);
            self.hands[thread].begun.as_mut().expect("it has just begun").fails = true;
        }
    }

    fn finish(&mut self, program: &Program, thread: usize, why: &mut Ruling) -> Option<Step> {
        let begun = self.hands[thread].begun.take()?;
        if begun.fails {
            self.world.accept_abort(begun.connection, why);
            self.hands[thread].returns = Some(-1);
            return None;
        }
        if let Some((before, _)) = self.hands[thread].finished.take() {
            self.world.close(before, true, why);
        }
        let full = begun.found.is_none();
        if full {
            self.store(program, begun.connection, why);
            self.hands[thread].own = Some(begun.connection);
        }
        let used =
            if full { Used::Made(SessionRef(program.made_by(begun.connection.0))) } else { Used::Resumed(begun.found) };
        self.hands[thread].finished = Some((begun.connection, used));
        match self.steps.once_stored(full, self.flushes) {
            Then::Counts => {
                self.count(thread, begun, why);
                None
            }
            Then::CountsNext => Some(Step::Count(begun)),
            Then::Looks => Some(self.look(program, begun, why)),
            Then::LooksNext => Some(Step::Look(begun)),
        }
    }

    /// Stores what a full handshake has made, as far as the mode does.
    fn store(&mut self, program: &Program, k: ConnectionRef, why: &mut Ruling) {
        let made = SessionRef(program.made_by(k.0));
        let mut alike = self.world.clone();
        let mode = self.mode(why);
        alike.set_session_cache_mode(CONTEXT, mode | CacheMode::NO_INTERNAL_STORE | CacheMode::NO_AUTO_CLEAR, why);
        alike.accept_finish(k, why);
        let (time, timeout, _) = alike.shown(SessionRef(made.0 + 1));
        why.clear();
        self.world.new_session(made, &new(server_ids(k)[0], time.0, timeout.0));
        if mode.contains(CacheMode::SERVER) && !mode.contains(CacheMode::NO_INTERNAL_STORE) {
            self.world.add_session(CONTEXT, made, why);
        }
    }

    fn mode(&mut self, why: &mut Ruling) -> CacheMode {
        let bits = self.world.get_session_cache_mode(CONTEXT, why);
        u32::try_from(bits).ok().and_then(CacheMode::from_bits).expect("it was set to flags that there are")
    }

    /// Whether this connection is one with which the automatic flush comes: whoever has expired long ago would leave.
    fn look(&mut self, program: &Program, begun: Begun, why: &mut Ruling) -> Step {
        let mut tried = self.world.clone();
        let long_ago = SessionRef(program.made_by(program.first_handshake(program.threads.len())));
        let mode = self.mode(why);
        tried.set_session_cache_mode(CONTEXT, mode | CacheMode::NO_INTERNAL_STORE, why);
        tried.sess_set_cache_size(CONTEXT, 0, why);
        tried.new_session(long_ago, &new(SessionId::new(&[0xee; 9]).expect("nine bytes"), 1, 1));
        tried.add_session(CONTEXT, long_ago, why);
        // Some releases have an add set the time.
        tried.session_set_time(long_ago, Time(1), why);
        tried.accept_finish(begun.connection, why);
        let flushed = !tried.members(CONTEXT).any(|c| c == long_ago);
        why.clear();
        if flushed { Step::Flush(begun) } else { Step::Count(begun) }
    }

    fn count(&mut self, thread: usize, begun: Begun, why: &mut Ruling) {
        let decided = std::mem::take(&mut why.decided);
        let mode = self.mode(why);
        let no_flush = if self.steps.are_apart() { mode | CacheMode::NO_AUTO_CLEAR } else { mode };
        self.world.set_session_cache_mode(CONTEXT, no_flush | CacheMode::NO_INTERNAL_STORE, why);
        let returns = self.world.accept_finish(begun.connection, why);
        self.world.set_session_cache_mode(CONTEXT, mode, why);
        why.decided.splice(..0, decided);
        self.hands[thread].returns = Some(returns);
    }

    fn close(&mut self, thread: usize, why: &mut Ruling) {
        let Some((k, used)) = self.hands[thread].finished.take() else { return };
        match used {
            Used::Made(c) => {
                self.remove(c, why);
                let removed = std::mem::take(&mut why.decided);
                self.world.close(k, true, why);
                why.decided = removed;
            }
            Used::Resumed(found) => {
                let clean = found.is_some_and(|found| self.without_id.contains(&found));
                self.world.close(k, clean, why);
            }
        }
    }
}

fn mode(bits: u32) -> CacheMode {
    CacheMode::from_bits(bits).expect("a program sets flags that there are")
}

fn id(byte: u8) -> SessionId {
    SessionId::new(&[byte]).expect("one byte is an id")
}

fn new(id: SessionId, time: i128, timeout: i128) -> NewSession {
    let (protocol, id_context) = (Protocol::Tls12, IdContext::default());
    NewSession { id, protocol, time: Time(time), timeout: Timeout(timeout), id_context }
}

fn accept(program: &Program, k: ConnectionRef, proposal: Proposal) -> Accept {
    // Not the one that is stored: see above.
    let made = SessionRef(program.made_by(k.0) + 1);
    Accept {
        context: CONTEXT,
        switch_to: None,
        id_context: None,
        client: None,
        mechanism: Mechanism::Ids,
        proposal,
        ids: server_ids(k),
        client_ids: ids_of_tickets(k),
        server_session: made,
        client_session: made,
        opened: made,
    }
}
