//! One server: a world of its own, with a cache in it and the model in step, as events find it.
//!
//! Beside the server's context the world has that of a client, which keeps tickets of TLS 1.2, and that of a server with
//! other keys, for tickets that cannot be decrypted here. A session that a client has is held by a reference, as a trace
//! holds what it names, so that what is cut out shows the same.
//!
//! Here is how a server is set and how it stands; what happens to it is below (`handshake`, `flush`, `leavers` and `life`),
//! and what its cache takes (`tables`). Not here: who has which session, and the external cache.

mod flush;
mod handshake;
mod leavers;
mod life;
mod tables;

use session_model::{CacheMode, ConnectionRef, ContextRef, Mechanism, NewSession, Profile, SessionRef, Time, Timeout};

use super::asks::Asks;
use super::counted::{Moved, Standing};
use super::event::{Gauges, Moment, Server as Place};
use super::external::Key;
use super::pair::Pair;
use super::recycled::{Of, Recycled};
use super::setting::ServerSetting;
use super::tape::{Proposed, Tape};
use crate::driver::{Library, Why};
use crate::op::{At, Connection, Op};
use crate::transcript::{Counters, Member};

pub(super) use flush::looked_at;
pub(super) use handshake::{Open, key_of};
pub(super) use leavers::Removed;

pub(super) const SERVER: ContextRef = ContextRef(0);
pub(super) const PEER: ContextRef = ContextRef(1);
pub(super) const OTHER: ContextRef = ContextRef(2);

/// A server.
pub(super) struct Server {
    place: Place,
    setting: ServerSetting,
    /// When all clocks were right.
    start: i64,
    pair: Pair,
    numbers: Recycled,
    /// What is known of each number's session.
    known: Vec<Known>,
    /// How often it has started anew.
    life: u32,
    stepped: i64,
    clock: i64,
    mode: CacheMode,
    /// Connections that count towards the automatic flush.
    established: u64,
    /// Of an automatic flush that goes on in the next connections, how many have left in it.
    flushed_so_far: u64,
    /// The most sessions that were seen in the internal cache.
    most: u64,
    /// A ticket that this server cannot decrypt, once there is one.
    other_ticket: Option<SessionRef>,
    open: u64,
    ended: bool,
    left: Vec<(SessionRef, Why)>,
    /// Where nobody tells who has left: how the cache stood before this step, and what has moved in it.
    counted: Option<(Standing, Moved)>,
    members: [Vec<Member>; 2],
    tape: Option<Tape>,
    /// What is under way and not on the tape: if the cache goes down, it does so in this.
    under_way: Option<UnderWay>,
    /// `None`: nobody counts what it is asked.
    asks: Option<Asks>,
}

/// What a server was asked last.
#[derive(Clone, Copy)]
enum UnderWay {
    Begin(ConnectionRef, Mechanism, Proposed, Option<NewSession>),
    Finish(ConnectionRef),
    End(ConnectionRef, fn(Connection) -> Op),
    Free(SessionRef),
    SetMode(CacheMode),
    SetSize(u32),
    SetTimeout(Timeout),
    Flush,
    EndLife,
}

/// What a number is known by outside of its world.
#[derive(Clone, Copy, Default)]
struct Known {
    key: Option<Key>,
    /// Whether a client has it, and which: see [`Server::tie`].
    tie: Option<u32>,
}

impl Server {
    pub(super) fn new(
        place: Place,
        setting: ServerSetting,
        start: i64,
        library: Box<dyn Library>,
        checked: Option<Profile>,
    ) -> Self {
        let mut server = Self {
            place,
            start,
            pair: Pair::new(library, checked),
            numbers: Recycled::default(),
            known: Vec::new(),
            life: 0,
            stepped: 0,
            clock: start + setting.ahead,
            mode: CacheMode::SERVER,
            established: 0,
            flushed_so_far: 0,
            most: 0,
            other_ticket: None,
            open: 0,
            ended: false,
            left: Vec::new(),
            counted: None,
            members: [Vec::new(), Vec::new()],
            tape: None,
            under_way: None,
            asks: None,
            setting,
        };
        server.begin_life();
        server
    }

    /// From now on the last so many ops are kept.
    pub(super) fn record(&mut self, most: usize) {
        self.tape = Some(Tape::new(life::contexts(&self.setting.context), Time(self.clock.into()), most));
    }

    /// From now on, what it is asked counts among these.
    pub(super) fn count_asks(&mut self, asks: Asks) {
        self.asks = Some(asks);
    }

    pub(super) fn take_tape(&mut self) -> Option<Tape> {
        self.tape.take()
    }

    /// The cache is about to be asked this.
    fn goes_into(&mut self, what: UnderWay) {
        self.under_way = Some(what);
        self.count_ask();
    }

    fn count_ask(&self) {
        self.asks.iter().for_each(Asks::next);
    }

    fn count_look(&self) {
        self.asks.iter().for_each(Asks::next_look);
    }

    /// What was under way is the last on the tape: it is done, or the cache went down in it.
    pub(super) fn put_on_tape(&mut self) {
        let (Some(under_way), Some(tape)) = (self.under_way.take(), &mut self.tape) else { return };
        match under_way {
            UnderWay::Begin(connection, mechanism, proposed, brought) => {
                tape.begin(connection, mechanism, proposed, brought, 0);
            }
            UnderWay::Finish(connection) => tape.finish(connection, &[], &[]),
            UnderWay::End(connection, how) => tape.end(connection, how),
            UnderWay::Free(session) => tape.free(session),
            UnderWay::SetMode(mode) => tape.op(Op::SetSessionCacheMode(SERVER, mode)),
            UnderWay::SetSize(size) => tape.op(Op::SessSetCacheSize(SERVER, size)),
            UnderWay::SetTimeout(timeout) => tape.op(Op::SetTimeout(SERVER, timeout)),
            UnderWay::Flush => tape.op(Op::FlushSessions { context: SERVER, at: At::Now(0), synonym: false }),
            UnderWay::EndLife => [SERVER, PEER, OTHER].into_iter().for_each(|context| tape.op(Op::CtxFree(context))),
        }
    }

    /// Whether the model is in step.
    pub(super) fn is_checked(&self) -> bool {
        self.pair.is_checked()
    }

    pub(super) fn pair(&mut self) -> &mut Pair {
        &mut self.pair
    }

    pub(super) fn place(&self) -> Place {
        self.place
    }

    pub(super) fn life(&self) -> u32 {
        self.life
    }

    pub(super) fn clock(&self) -> i64 {
        self.clock
    }

    pub(super) fn mode(&self) -> CacheMode {
        self.mode
    }

    /// Whether it asks an external cache for what it does not find.
    pub(super) fn asks(&self) -> bool {
        self.setting.context.callbacks.get.is_some()
    }

    /// How many numbers its world has.
    pub(super) fn numbers(&self) -> usize {
        self.numbers.len()
    }

    /// Something happens now: a step begins.
    pub(super) fn at(&mut self, now: Moment) {
        self.count_ask();
        self.pair.step();
        self.left.clear();
        let clock = self.clock_at(now);
        if clock != self.clock {
            self.clock = clock;
            self.pair.each(|library| library.set_clock(Time(clock.into())));
            if let Some(tape) = &mut self.tape {
                tape.op(Op::SetClock(Time(clock.into())));
            }
        }
    }

    /// What its clock shows: it goes wrong by so many microseconds a second.
    pub(super) fn clock_at(&self, now: Moment) -> i64 {
        const SECOND: i64 = 1_000_000;
        let now = now.0.cast_signed();
        let (seconds, rest) = (now / SECOND, now % SECOND);
        let drifted = seconds * self.setting.drift + rest * self.setting.drift / SECOND;
        self.start + self.setting.ahead + self.stepped + (now + drifted).div_euclid(SECOND)
    }

    /// The clock is moved; the cache sees that with what happens next.
    pub(super) fn step_clock(&mut self, seconds: i64) {
        self.stepped += seconds;
    }

    pub(super) fn set_mode(&mut self, mode: CacheMode) {
        self.mode = mode;
        let set = |library: &mut dyn Library| library.set_session_cache_mode(SERVER, mode);
        self.goes_into(UnderWay::SetMode(mode));
        self.pair.ask("set_session_cache_mode", set);
        self.put_on_tape();
    }

    pub(super) fn set_size(&mut self, size: u32) {
        self.goes_into(UnderWay::SetSize(size));
        self.pair.ask("sess_set_cache_size", |library| library.sess_set_cache_size(SERVER, size));
        self.put_on_tape();
    }

    pub(super) fn set_timeout(&mut self, timeout: Timeout) {
        self.goes_into(UnderWay::SetTimeout(timeout));
        self.pair.ask("set_timeout", |library| library.set_timeout(SERVER, timeout));
        self.put_on_tape();
    }

    /// A client has this session, and is known by this number of the caller's until it is gone.
    pub(super) fn tie(&mut self, session: SessionRef, key: Key, tie: u32) {
        self.known[session.0 as usize] = Known { key: Some(key), tie: Some(tie) };
    }

    /// What was tied to this number is so no more.
    pub(super) fn untie(&mut self, session: SessionRef, tie: u32) {
        let known = &mut self.known[session.0 as usize];
        known.tie = known.tie.filter(|tied| *tied != tie);
    }

    /// Whether this session, which a client has, is marked not resumable.
    pub(super) fn is_marked(&mut self, session: SessionRef) -> bool {
        !self.pair.object(session).resumable
    }

    /// A client will propose this session soon.
    pub(super) fn expects(&mut self, session: SessionRef) {
        self.pair.expects(session);
    }

    /// A client has this session no more.
    pub(super) fn free(&mut self, session: SessionRef) {
        self.goes_into(UnderWay::Free(session));
        self.pair.each(|library| library.session_free(session));
        self.pair.drain();
        self.put_on_tape();
    }

    /// How many sessions are in its internal cache.
    pub(super) fn number(&mut self) -> u64 {
        let number = self.pair.number(SERVER);
        self.most = self.most.max(number);
        number
    }

    /// How it stands now, be it that nothing has happened here for long.
    pub(super) fn gauges(&mut self, now: Moment) -> Gauges {
        self.count_look();
        let sessions = self.number();
        Gauges { clock: self.clock_at(now), sessions, bytes: tables::bytes(self.most), connections: self.open }
    }

    pub(super) fn counters(&mut self) -> Counters {
        self.count_look();
        self.pair.counters(SERVER)
    }

    /// Everything is compared, at the end of a run.
    pub(super) fn compare_all(&mut self) {
        self.count_ask();
        self.pair.compare_all();
    }

    fn take(&mut self, of: Of) -> SessionRef {
        let first = self.numbers.take(of);
        self.known.resize(self.numbers.len(), Known::default());
        first
    }

    fn close_numbers(&mut self, of: SessionRef) {
        self.numbers.close(of).for_each(|n| self.pair.recycle(SessionRef(n)));
    }
}
