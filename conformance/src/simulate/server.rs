//! One server: a world of its own, with a cache in it and the model in step, as events find it.
//!
//! Beside the server's context the world has that of a client, which keeps tickets of TLS 1.2, and that of a server with
//! other keys, for tickets that cannot be decrypted here. A session that a client has is held by a reference, as a trace
//! holds what it names, so that what is cut out shows the same. Not here: who has which session, and the external cache.

use session_model::{
    CacheMode, ConnectionRef, ContextRef, Mechanism, NewSession, Profile, SessionId, SessionRef, Time, Timeout,
};

use super::counted::{Moved, Standing};
use super::event::{Gauges, Left, Moment, Server as Place, What};
use super::external::Key;
use super::pair::Pair;
use super::recycled::{Of, Recycled};
use super::setting::ServerSetting;
use super::tape::{Proposed, Tape};
use crate::driver::{Begin, Library, Offer, Why};
use crate::numbers::{id_of_ticket, server_id};
use crate::op::{Close, Connection, Op, made};
use crate::trace::{ContextSetup, Setup};
use crate::transcript::{Counters, Event, Member};

pub(super) const SERVER: ContextRef = ContextRef(0);
pub(super) const PEER: ContextRef = ContextRef(1);
pub(super) const OTHER: ContextRef = ContextRef(2);

/// Every so many connections the cache is flushed by itself.
const AUTO_FLUSH_PERIOD: u64 = 255;

/// So many sessions leave in one step of a flush of ours; other connections go on in between.
const FLUSHED_AT_ONCE: u64 = 64;

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
}

/// What a server was asked last.
#[derive(Clone, Copy)]
enum UnderWay {
    Begin(ConnectionRef, Mechanism, Proposed, Option<NewSession>),
    Finish(ConnectionRef),
    End(ConnectionRef, fn(Connection) -> Op),
    Flush,
}

/// What a number is known by outside of its world.
#[derive(Clone, Copy, Default)]
struct Known {
    key: Option<Key>,
    /// Whether a client has it, and which: see [`Server::tie`].
    tie: Option<u32>,
}

/// A session that `remove_session_cb` was told of.
#[derive(Clone, Copy)]
pub(super) struct Removed {
    pub(super) session: SessionRef,
    pub(super) key: Key,
    /// What it was tied to: by now that may be another's.
    pub(super) tie: Option<u32>,
}

/// An open connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Open {
    pub(super) connection: ConnectionRef,
    pub(super) mechanism: Mechanism,
    first: SessionRef,
    /// When it was begun, by the server's clock, and the timeout that is in a ticket of TLS 1.2 which it sends.
    begun: (i64, i64),
    pub(super) finished: bool,
}

/// What a handshake has made that the client may propose.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fresh {
    pub(super) session: SessionRef,
    pub(super) ticket: u8,
    pub(super) time: i64,
    pub(super) timeout: i64,
}

/// How many sessions one call had to look at, as ours does it, as a libssl of 1.1.1, and as one of 3.0 and later if its
/// sessions lived as long.
pub(super) type LookedAt = [u64; 3];

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
            setting,
        };
        server.begin_life();
        server
    }

    /// From now on the last so many ops are kept.
    pub(super) fn record(&mut self, most: usize) {
        self.tape = Some(Tape::new(contexts(&self.setting.context), Time(self.clock.into()), most));
    }

    pub(super) fn tape(&self) -> Option<&Tape> {
        self.tape.as_ref()
    }

    /// The cache went down in this step: what was under way is the last on the tape.
    pub(super) fn went_down(&mut self) {
        let (Some(under_way), Some(tape)) = (self.under_way.take(), &mut self.tape) else { return };
        match under_way {
            UnderWay::Begin(connection, mechanism, proposed, brought) => {
                tape.begin(connection, mechanism, proposed, brought, 0);
            }
            UnderWay::Finish(connection) => tape.finish(connection, &[], &[]),
            UnderWay::End(connection, how) => tape.end(connection, how),
            UnderWay::Flush => tape.flush(),
        }
    }

    /// Whether the model is in step.
    pub(super) fn is_checked(&self) -> bool {
        self.pair.is_checked()
    }

    pub(super) fn pair(&mut self) -> &mut Pair {
        &mut self.pair
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

    /// How many have left in the steps of an automatic flush before this one, which took so many and may have begun it.
    pub(super) fn goes_on_flushing(&mut self, begins: bool, flushed: u64) -> u64 {
        let before = if begins { 0 } else { self.flushed_so_far };
        if begins || flushed > 0 {
            self.flushed_so_far = if flushed == FLUSHED_AT_ONCE { before + flushed } else { 0 };
        }
        before
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

    /// Whether it is known who leaves its cache, and why.
    pub(super) fn knows_leavers(&self) -> bool {
        self.pair.knows_leavers()
    }

    /// Where it is not, those who leave from now on are counted, until [`Self::counted_left`].
    pub(super) fn count_leavers(&mut self) {
        if !self.knows_leavers() {
            self.counted = Some((Standing::of(&self.pair.counters(SERVER)), Moved::default()));
        }
    }

    /// How many have left by this, where they were counted. After a restart the cache is another one.
    pub(super) fn counted_left(&mut self, what: &What) -> Option<Left> {
        let (before, moved) = self.counted.take()?;
        if *what == What::Restart {
            return Some(before.all_left());
        }
        let after = Standing::of(&self.pair.counters(SERVER));
        Some(before.left(what, after, moved))
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

    /// A client's first flight. `brought`: what the external cache would answer. Its answer, and the connection if there
    /// is one.
    pub(super) fn begin(
        &mut self,
        connections: &mut u32,
        mechanism: Mechanism,
        proposed: Proposed,
        brought: Option<NewSession>,
    ) -> (i64, Open) {
        let copy = brought.map(|session| self.bring(&session));
        let offer = self.offer(connections, mechanism, proposed);
        let (begin, open) = self.connect(connections, SERVER, mechanism, offer);
        self.under_way = Some(UnderWay::Begin(open.connection, mechanism, proposed, brought));
        let answer = self.pair.ask("accept_begin", |library| library.accept_begin(begin.connection, &begin));
        self.pair.drain();
        if let Some(copy) = copy {
            self.pair.each(|library| library.external_forget(SERVER, copy));
            self.pair.each(|library| library.session_free(copy));
            self.pair.drain();
            self.close_numbers(copy);
        }
        if answer == 1 && mechanism.is_stateless() {
            self.numbers.made(open.first, 1);
        }
        let stays = self.was_given().is_some() && !self.mode.contains(CacheMode::NO_INTERNAL_STORE);
        if let Some((_, moved)) = &mut self.counted {
            moved.brought = i64::from(stays);
        }
        if answer < 0 {
            self.close_numbers(open.first);
        } else {
            self.open += 1;
        }
        let gave = brought.filter(|_| self.was_given().is_some());
        if let Some(tape) = &mut self.tape {
            tape.begin(open.connection, mechanism, proposed, gave, answer);
        }
        self.under_way = None;
        (answer, open)
    }

    /// What `get_session_cb` has answered in this step.
    pub(super) fn was_given(&self) -> Option<SessionRef> {
        self.pair.seen.events.iter().find_map(|event| if let Event::Get(_, _, given) = event { *given } else { None })
    }

    /// The application has a session from outside, for as long as a handshake begins.
    fn bring(&mut self, session: &NewSession) -> SessionRef {
        let copy = self.take(Of::One);
        self.numbers.made(copy, 1);
        self.pair.each(|library| library.session(copy, session));
        self.pair.each(|library| library.external_store(SERVER, copy));
        copy
    }

    fn offer(&mut self, connections: &mut u32, mechanism: Mechanism, proposed: Proposed) -> Offer {
        let by_client = mechanism == Mechanism::Tickets;
        match proposed {
            Proposed::Nothing => Offer::Nothing,
            Proposed::Own(session, _) if by_client => Offer::Own(session),
            Proposed::Own(session, key) => Offer::Peer(id_of(key, mechanism), Some(session)),
            Proposed::Foreign(_) | Proposed::Unknown(_) if by_client => Offer::Own(self.other_ticket(connections)),
            Proposed::Foreign(key) => Offer::Peer(id_of(key, mechanism), None),
            Proposed::Unknown(id) => Offer::Peer(id, None),
        }
    }

    /// A ticket of TLS 1.2 under other keys than this server's.
    fn other_ticket(&mut self, connections: &mut u32) -> SessionRef {
        if let Some(ticket) = self.other_ticket {
            return ticket;
        }
        let (begin, open) = self.connect(connections, OTHER, Mechanism::Tickets, Offer::Nothing);
        self.pair.each(|library| {
            library.accept_begin(begin.connection, &begin);
            library.accept_finish(begin.connection);
            library.session_up_ref(begin.client_session);
            library.close(begin.connection, Close::Clean);
        });
        self.pair.drain();
        self.numbers.made(open.first, 1);
        self.close_numbers(open.first);
        *self.other_ticket.insert(begin.client_session)
    }

    /// A new connection to this context, with numbers for what it may make.
    fn connect(
        &mut self,
        connections: &mut u32,
        context: ContextRef,
        mechanism: Mechanism,
        offer: Offer,
    ) -> (Begin, Open) {
        let connection = ConnectionRef(*connections);
        *connections = connections.checked_add(1).expect("a service that is full is told of");
        let first = self.take(Of::mechanism(mechanism));
        let begin = begin(context, mechanism, offer, connection, first);
        let by_ticket = mechanism == Mechanism::Tickets;
        let timeout = if by_ticket { self.pair.ask("get_timeout", |library| library.get_timeout(context)) } else { 0 };
        (begin, Open { connection, mechanism, first, begun: (self.clock, timeout), finished: false })
    }

    /// The rest of a handshake. `fresh` is filled with every session that it has made, and `stored` with those that
    /// `new_session_cb` was told of. The answer, what the client proposes from now on, and what the automatic flush had
    /// to look at.
    pub(super) fn finish(
        &mut self,
        open: &mut Open,
        stored: &mut Vec<(Key, NewSession)>,
    ) -> (i64, Option<Fresh>, Option<u64>) {
        let walked = self.walks_at_next_connection();
        let looks = self.counted.is_some_and(|(before, _)| before.may_flush());
        if looks {
            self.look(0);
        }
        let connection = open.connection;
        self.under_way = Some(UnderWay::Finish(connection));
        let answer = self.pair.ask("accept_finish", |library| library.accept_finish(connection));
        open.finished = answer >= 0;
        if looks {
            self.look(1);
        }
        let number = made(open.mechanism, answer);
        self.numbers.made(open.first, number);
        self.pair.drain();
        let (mut last, mut held) = (None, [SessionRef(0); Mechanism::TICKETS]);
        let mut count = 0;
        for (c, ticket) in self.objects(open).zip(0..).take(number) {
            if self.pair.ask("whether a new session has an id", |library| library.has_id(c).into()) == 1 {
                self.pair.each(|library| _ = library.session_up_ref(c));
                self.known[c.0 as usize] = Known { key: Some(key_of(connection, ticket)), tie: None };
                held[count] = c;
                count += 1;
                last = Some((c, ticket));
            }
        }
        let held = &held[..count];
        let forgotten = self.tell(held, open.mechanism, stored);
        for unused in &held[..count.saturating_sub(1)] {
            self.pair.each(|library| library.session_free(*unused));
        }
        if count > 1 || !forgotten.is_empty() {
            self.pair.drain();
        }
        if let Some(tape) = &mut self.tape {
            tape.finish(connection, held, &forgotten);
        }
        self.under_way = None;
        self.close_numbers(open.first);
        if answer < 0 {
            self.open -= 1;
        } else if self.mode.contains(CacheMode::SERVER) {
            self.established += 1;
        }
        let fresh = last.map(|(session, ticket)| {
            let shown = self.pair.object(session);
            // What is in a ticket of TLS 1.2 is as old as the handshake and the server's; what the client makes of it
            // is its own.
            let (time, timeout) = match open.mechanism {
                Mechanism::Tickets => open.begun,
                _ => (shown.time, shown.timeout),
            };
            Fresh { session, ticket, time, timeout }
        });
        (answer, fresh, walked.filter(|_| answer >= 0))
    }

    /// Looks who is in the cache before a flush (0) and after it (1), and counts who is gone.
    fn look(&mut self, at: usize) {
        self.members[at].clear();
        self.pair.members(SERVER, &mut self.members[at]);
        self.members[at].sort_unstable_by_key(|member| member.session);
        let [before, after] = &self.members;
        if let (1, Some((_, moved))) = (at, &mut self.counted) {
            let stays = |member: &&Member| after.binary_search_by_key(&member.session, |m| m.session).is_ok();
            let gone = before.iter().filter(|member| !stays(member)).count();
            moved.gone = i64::try_from(gone).expect("fewer than 2^63 sessions");
        }
    }

    /// What `new_session_cb` was told of goes to the external cache as it is now. The application keeps no reference;
    /// those that it has given up again.
    fn tell(
        &mut self,
        held: &[SessionRef],
        mechanism: Mechanism,
        stored: &mut Vec<(Key, NewSession)>,
    ) -> Vec<SessionRef> {
        let mut forgotten = Vec::new();
        for at in 0..self.pair.seen.events.len() {
            let Event::New(SERVER, c, keeps) = self.pair.seen.events[at] else { continue };
            let Some(key) = self.known[c.0 as usize].key.filter(|_| held.contains(&c)) else { continue };
            let shown = self.pair.object(c);
            stored.push((
                key,
                NewSession {
                    id: id_of(key, mechanism),
                    protocol: mechanism.protocol(),
                    time: Time(shown.time.into()),
                    timeout: Timeout(shown.timeout.into()),
                    id_context: self.setting.context.id_context,
                },
            ));
            if keeps {
                self.pair.each(|library| library.external_forget(SERVER, c));
                forgotten.push(c);
            }
        }
        forgotten
    }

    /// What a handshake makes that a client may propose: of its own side, where the client is observed.
    fn objects(&self, open: &Open) -> impl Iterator<Item = SessionRef> + use<> {
        let begin = begin(SERVER, open.mechanism, Offer::Nothing, open.connection, open.first);
        let first = if open.mechanism == Mechanism::Tickets { begin.client_session } else { begin.server_session };
        (first.0..).map(SessionRef)
    }

    /// How many sessions there are, if the next connection flushes by itself, as ours counts them. Where nothing leaves,
    /// no more is known of when another cache is flushed.
    fn walks_at_next_connection(&mut self) -> Option<u64> {
        let flushes = self.mode.contains(CacheMode::SERVER) && !self.mode.contains(CacheMode::NO_AUTO_CLEAR);
        let due = (self.established + 1).is_multiple_of(AUTO_FLUSH_PERIOD);
        if due {
            let number = self.number();
            return flushes.then_some(number);
        }
        None
    }

    /// How many sessions are in its internal cache.
    pub(super) fn number(&mut self) -> u64 {
        let number = self.pair.number(SERVER);
        self.most = self.most.max(number);
        number
    }

    /// A connection is dropped in its handshake.
    pub(super) fn abort(&mut self, open: &Open) {
        let connection = open.connection;
        self.under_way = Some(UnderWay::End(connection, Op::AcceptAbort));
        self.pair.each(|library| library.accept_abort(connection));
        self.pair.drain();
        self.close_numbers(open.first);
        self.end(connection, Op::AcceptAbort);
    }

    /// A finished connection is closed.
    pub(super) fn close(&mut self, open: &Open, clean: bool) {
        let (connection, close) = (open.connection, if clean { Close::Clean } else { Close::Unclean });
        let how = if clean { |k| Op::Close(k, Close::Clean) } else { |k| Op::Close(k, Close::Unclean) };
        self.under_way = Some(UnderWay::End(connection, how));
        self.pair.each(|library| library.close(connection, close));
        self.pair.drain();
        self.end(connection, how);
    }

    fn end(&mut self, connection: ConnectionRef, how: fn(Connection) -> Op) {
        self.open -= 1;
        self.under_way = None;
        if let Some(tape) = &mut self.tape {
            tape.end(connection, how);
        }
    }

    pub(super) fn set_mode(&mut self, mode: CacheMode) {
        self.mode = mode;
        let set = |library: &mut dyn Library| library.set_session_cache_mode(SERVER, mode);
        self.pair.ask("set_session_cache_mode", set);
        self.tape_op(|| Op::SetSessionCacheMode(SERVER, mode));
    }

    pub(super) fn set_size(&mut self, size: u32) {
        self.pair.ask("sess_set_cache_size", |library| library.sess_set_cache_size(SERVER, size));
        self.tape_op(|| Op::SessSetCacheSize(SERVER, size));
    }

    pub(super) fn set_timeout(&mut self, timeout: Timeout) {
        self.pair.ask("set_timeout", |library| library.set_timeout(SERVER, timeout));
        self.tape_op(|| Op::SetTimeout(SERVER, timeout));
    }

    /// Flushes at the time of the clock. How many sessions there were.
    pub(super) fn flush(&mut self) -> u64 {
        let (number, now) = (self.number(), Time(self.clock.into()));
        self.under_way = Some(UnderWay::Flush);
        self.pair.each(|library| library.flush_sessions(SERVER, now));
        self.pair.drain();
        self.under_way = None;
        if let Some(tape) = &mut self.tape {
            tape.flush();
        }
        number
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
        self.pair.each(|library| library.session_free(session));
        self.pair.drain();
        if let Some(tape) = &mut self.tape {
            tape.free(session);
        }
    }

    /// Whether its process is at its end, with no context any more.
    pub(super) fn is_ended(&self) -> bool {
        self.ended
    }

    /// The process ends: its connections are gone already.
    pub(super) fn end_life(&mut self) {
        self.ended = true;
        if let Some(ticket) = self.other_ticket.take() {
            self.pair.each(|library| library.session_free(ticket));
        }
        for context in [SERVER, PEER, OTHER] {
            self.pair.each(|library| library.application_release(context));
        }
        for context in [SERVER, PEER, OTHER] {
            self.pair.each(|library| library.ctx_free(context));
        }
        self.pair.drain();
    }

    /// The process starts, set as it was at first.
    pub(super) fn begin_life(&mut self) {
        self.life += 1;
        self.ended = false;
        let context = &self.setting.context;
        self.mode = context.mode.unwrap_or(CacheMode::SERVER);
        let setup =
            Setup { clock: Time(self.clock.into()), contexts: contexts(context), sessions: Vec::new(), hazards: false };
        self.pair.begin(&setup);
        self.numbers = Recycled::default();
        self.known.clear();
        (self.established, self.most, self.open) = (0, 0, 0);
        // A number for what is never made: clients that are not observed make nothing.
        self.take(Of::One);
        if let Some(tape) = &mut self.tape {
            tape.start_anew();
        }
    }

    /// The end of a step: `leaves` is told of each session that has left the internal cache, why, and what it is tied
    /// to; what is destroyed has its number given out again.
    pub(super) fn settle(&mut self, mut leaves: impl FnMut(SessionRef, Why, Option<u32>)) {
        let mut left = std::mem::take(&mut self.left);
        self.pair.leavers(&mut left);
        for (c, why) in &left {
            let known = self.known.get(c.0 as usize).copied().unwrap_or_default();
            leaves(*c, *why, known.tie);
        }
        left.clear();
        self.left = left;
        for at in 0..self.pair.seen.destroyed.len() {
            let c = self.pair.seen.destroyed[at];
            let freed = self.numbers.destroyed(c);
            self.known[c.0 as usize] = Known::default();
            freed.for_each(|n| self.pair.recycle(SessionRef(n)));
        }
        self.pair.seen.destroyed.clear();
    }

    /// The sessions that `remove_session_cb` was told of.
    pub(super) fn removed(&self) -> impl Iterator<Item = Removed> {
        self.pair.seen.events.iter().filter_map(|event| match event {
            Event::Remove(SERVER, c) => {
                let Known { key, tie } = *self.known.get(c.0 as usize)?;
                Some(Removed { session: *c, key: key?, tie })
            }
            _ => None,
        })
    }

    /// How it stands now, be it that nothing has happened here for long.
    pub(super) fn gauges(&mut self, now: Moment) -> Gauges {
        let sessions = self.number();
        Gauges { clock: self.clock_at(now), sessions, bytes: bytes(self.most), connections: self.open }
    }

    pub(super) fn counters(&mut self) -> Counters {
        self.pair.counters(SERVER)
    }

    pub(super) fn place(&self) -> Place {
        self.place
    }

    fn take(&mut self, of: Of) -> SessionRef {
        let first = self.numbers.take(of);
        self.known.resize(self.numbers.len(), Known::default());
        first
    }

    fn close_numbers(&mut self, of: SessionRef) {
        self.numbers.close(of).for_each(|n| self.pair.recycle(SessionRef(n)));
    }

    fn tape_op(&mut self, op: impl FnOnce() -> Op) {
        if let Some(tape) = &mut self.tape {
            tape.op(op());
        }
    }
}

/// What a pause is made of. `walked`: how many sessions there were when a flush came, if one did.
///
/// Ours takes 64 out in a step of a flush, lets others go on, and ends with a look at the first who stays; all that are
/// dropped for one newcomer leave in one step. A libssl of 1.1.1 goes through all that there are, one of 3.0 and later
/// through those that it removes and one more, and each with its lock held. These are the sessions that are here: where
/// no timeout is set ours live for 300 s and a libssl's for 7200 s, so that its own looks would be longer. `before`: who has
/// left in the steps of this flush before; a libssl would have taken them in the same call.
pub(super) fn looked_at(walked: Option<u64>, (before, flushed): (u64, u64), dropped: u64) -> LookedAt {
    let Some(walked) = walked else { return [dropped; 3] };
    let step = if flushed < FLUSHED_AT_ONCE { flushed + 1 } else { FLUSHED_AT_ONCE };
    [step.min(walked), walked, before + (flushed + 1).min(walked)].map(|looked| looked.max(dropped))
}

/// By what a session of a handshake is known everywhere.
pub(super) fn key_of(connection: ConnectionRef, ticket: u8) -> Key {
    Key(u64::from(connection.0) << 2 | u64::from(ticket))
}

/// The id that a server knows it by, or with tickets of TLS 1.2 the client.
fn id_of(key: Key, mechanism: Mechanism) -> SessionId {
    let connection = ConnectionRef(u32::try_from(key.0 >> 2).expect("a key is a connection and a ticket"));
    let ticket = (key.0 & 3) as u8;
    if mechanism == Mechanism::Tickets { id_of_ticket(connection, ticket) } else { server_id(connection, ticket) }
}

fn begin(
    context: ContextRef,
    mechanism: Mechanism,
    offer: Offer,
    connection: ConnectionRef,
    first: SessionRef,
) -> Begin {
    let tickets = Mechanism::TICKETS as u32;
    let of_client = match mechanism {
        Mechanism::Ids => [SessionRef(0); 2],
        _ => [first.0 + tickets, first.0 + 2 * tickets].map(SessionRef),
    };
    Begin {
        context,
        client: (mechanism == Mechanism::Tickets).then_some(PEER),
        mechanism,
        offer,
        id_context: None,
        switch_to: None,
        connection,
        server_session: first,
        client_session: of_client[0],
        opened: of_client[1],
    }
}

fn contexts(server: &ContextSetup) -> Vec<ContextSetup> {
    let off = ContextSetup { mode: Some(CacheMode::OFF), ..ContextSetup::default() };
    let peer = ContextSetup { id_context: server.id_context, ..off.clone() };
    vec![server.clone(), peer, ContextSetup { id_context: server.id_context, ..off }]
}

/// What our internal cache takes beside the sessions when it has had so many: as in `impl/src/table.rs` and `slots.rs`,
/// which never shrink. Each of 16 tables has 2^n beginnings, 16 or more, of which three quarters are taken at most, and
/// up to 512 places behind them, of 16 bytes; slots of 24 bytes double up to 4096 of them and then come in as many at
/// once. The ring of its order has 8192 rows of 8 bytes. Ids fall into the tables at random, so this is their mean.
fn bytes(most: u64) -> u64 {
    if most == 0 {
        return 0;
    }
    let beginnings = (most.div_ceil(16) * 4).div_ceil(3).next_power_of_two().max(16);
    let tables = 16 * 16 * (beginnings + beginnings.min(512));
    let slots = if most <= 4096 { most.next_power_of_two() } else { most.next_multiple_of(4096) };
    tables + 24 * slots + 8 * 8192
}
