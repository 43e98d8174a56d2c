//! Runs a trace on anything that offers the calls of the pages.
//!
//! The driver owns what belongs to the trace and not to a session cache: which names are live, which references the
//! trace holds, what is absent, how a handshake is put together from its parts, what is shown after a step. It decides
//! nothing about a cache: no lookup, no count, no storing, no flush. The model, our cache and libssl are driven by
//! this one file, each through its [`Library`].

mod canonical;

pub use canonical::{Ahead, Called, State};
use session_model::application::Callbacks;
use session_model::{
    CacheMode, ConnectionRef, ContextRef, IdContext, Mechanism, NewSession, Protocol, SessionId, SessionRef, Time,
    Timeout,
};

use crate::hazards::{AnyId, Danger, Hazard};
use crate::numbers::{self, Handshake, Numbers};
use crate::op::{Accept, At, Close, LongIdContext, Makes, Name, Op, Propose, Renegotiation, SessionSpec};
use crate::trace::{Setup, Shown, Trace};
use crate::transcript::{Answer, Counter, CounterChange, Counters, Member, Transcript, member_digest, wants_digest};

/// How a connection is begun, with all names resolved.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Begin {
    /// The server's context.
    pub context: ContextRef,
    /// The client's context, when it is observed.
    pub client: Option<ContextRef>,
    /// How the two ends are set to have sessions resumed.
    pub mechanism: Mechanism,
    /// What the client proposes.
    pub offer: Offer,
    /// The session id context of the server's connection, if it has one of its own.
    pub id_context: Option<IdContext>,
    /// The context that the server's connection is switched to, once the client has named a host.
    pub switch_to: Option<ContextRef>,
    /// The connection: it gives the ids of what is made, see [`numbers::handshake_id`].
    pub connection: ConnectionRef,
    /// The object that the server makes, should it make one; those of further tickets follow.
    pub server_session: SessionRef,
    /// The object that the observed client makes, should it make one; those of further tickets follow.
    pub client_session: SessionRef,
    /// The object that the server makes of a stateless ticket that it resumes from.
    pub opened: SessionRef,
}

impl Begin {
    /// The id of the session that the server makes, should it make one; before TLS 1.3 the only one.
    #[must_use]
    pub fn id(&self) -> SessionId {
        numbers::handshake_id(self.connection)
    }

    /// The ids of the sessions that the server makes.
    #[must_use]
    pub fn ids(&self) -> [SessionId; Mechanism::TICKETS] {
        numbers::server_ids(self.connection)
    }

    /// The ids that stand for those that the client makes of tickets; a real one is a digest of the ticket.
    #[must_use]
    pub fn client_ids(&self) -> [SessionId; Mechanism::TICKETS] {
        numbers::ids_of_tickets(self.connection)
    }

    /// Its numbers.
    #[must_use]
    pub fn handshake(&self) -> Handshake {
        let Self { mechanism, connection, server_session, client_session, opened, .. } = *self;
        Handshake { mechanism, connection, server_session, client_session, opened }
    }
}

/// What a client proposes, resolved.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Offer {
    /// Nothing.
    Nothing,
    /// The unobserved peer proposes this id. The object tells whose secrets it has: those of this session of the
    /// trace, or, when `None`, those that all hand-made sessions share.
    Peer(SessionId, Option<SessionRef>),
    /// The observed client context proposes this object of its own.
    Own(SessionRef),
}

/// Why a session leaves an internal cache.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Why {
    /// A flush, asked for or automatic, found it expired.
    Flushed,
    /// The cache was full.
    Dropped,
    /// A lookup found it expired.
    Expired,
    /// It was removed: by hand, or after an unclean close.
    Removed,
    /// Another object with its id takes its place.
    Replaced,
    /// `new_session_cb` refused it.
    Refused,
    /// The context was freed.
    Freed,
}

/// The calls of the pages, on whatever has a session cache. Every reference is valid when it is used: the driver
/// holds one on each named object and never names what is gone.
#[expect(missing_docs, reason = "each is the function of the pages with its name; what is not has a comment")]
pub trait Library {
    /// Starts a fresh world: clock, contexts and their applications, no session.
    fn begin(&mut self, setup: &Setup);
    /// A step is about to be carried out; they are counted from 0.
    fn at_step(&mut self, _step: u32) {}
    /// Why this op cannot be carried out here at all; `None`: it can.
    fn refuses(&self, _op: &Op) -> Option<String> {
        None
    }
    /// Why this kind of hazard cannot be carried out here; `None`: it can.
    fn refuses_hazard(&self, danger: Danger) -> Option<String> {
        Some(format!("hazards are not carried out here: {danger}"))
    }
    /// An object of the trace was given this name, for callbacks that call with it.
    fn learn_name(&mut self, _name: Name, _session: SessionRef) {}
    /// Whether an object is there. Only hazards end one that somebody has a reference on.
    fn lives(&self, _session: SessionRef) -> bool {
        true
    }
    /// Moves what was called back and destroyed since the last call to the end of `out.events` and `out.destroyed`.
    fn drain(&mut self, out: &mut Transcript);
    /// Pushes the sessions that have left internal caches since the step began, and why, in order; no verdict leans on
    /// it. False: it cannot tell, and pushes nothing.
    fn leavers(&mut self, _out: &mut Vec<(SessionRef, Why)>) -> bool {
        false
    }
    /// The object of this number is gone, and so is all that names it: another one will have the number. A trace never
    /// says so; a run without end does.
    fn recycle(&mut self, _session: SessionRef) {}
    /// The object of this number, if there is one, will be used soon: a hint, from which nothing may come but speed.
    fn expects(&self, _session: SessionRef) {}
    /// The counters of a live context.
    fn counters(&mut self, context: ContextRef) -> Counters;
    /// The counter `number` of a live context alone.
    fn number(&mut self, context: ContextRef) -> u64 {
        self.counters(context)[Counter::Number as usize].max(0).unsigned_abs()
    }
    /// Pushes the members of the internal cache of a live context, in any order.
    fn members(&mut self, context: ContextRef, out: &mut Vec<Member>);
    /// Whether an object that a handshake was to make is there and has an id. Without one it can be neither cached nor
    /// proposed, and calls on it are a hazard, so the driver gives it no name.
    fn has_id(&mut self, session: SessionRef) -> bool;
    /// An object that the driver holds: time, timeout, mark; `context` is `None`.
    fn object(&mut self, session: SessionRef) -> Member;

    fn set_clock(&mut self, now: Time);
    /// Makes an object by hand, with one reference, the driver's.
    fn session(&mut self, session: SessionRef, new: &NewSession);
    fn session_up_ref(&mut self, session: SessionRef) -> i64;
    fn session_free(&mut self, session: SessionRef);
    fn session_set_time(&mut self, session: SessionRef, time: Time) -> i64;
    fn session_get_time(&mut self, session: SessionRef) -> i64;
    fn session_set_timeout(&mut self, session: SessionRef, timeout: Timeout) -> i64;
    fn session_get_timeout(&mut self, session: SessionRef) -> i64;
    fn session_is_resumable(&mut self, session: SessionRef) -> i64;
    fn session_set1_id_context(&mut self, session: SessionRef, id_context: IdContext) -> i64;

    /// A hazard: called unless [`Library::refuses_hazard`] refuses it.
    fn session_set1_id(&mut self, _session: SessionRef, _id: &AnyId) -> i64 {
        unreachable!("it is refused")
    }
    /// A hazard: frees a reference that the driver has not. Called unless [`Library::refuses_hazard`] refuses it.
    fn session_free_unowned(&mut self, _session: SessionRef) {
        unreachable!("it is refused")
    }

    fn add_session(&mut self, context: ContextRef, session: SessionRef) -> i64;
    fn remove_session(&mut self, context: ContextRef, session: SessionRef) -> i64;
    fn flush_sessions(&mut self, context: ContextRef, tm: Time);

    fn set_session_cache_mode(&mut self, context: ContextRef, mode: CacheMode) -> i64;
    fn get_session_cache_mode(&mut self, context: ContextRef) -> i64;
    fn sess_set_cache_size(&mut self, context: ContextRef, size: u32) -> i64;
    fn sess_get_cache_size(&mut self, context: ContextRef) -> i64;
    fn set_timeout(&mut self, context: ContextRef, timeout: Timeout) -> i64;
    fn get_timeout(&mut self, context: ContextRef) -> i64;
    fn set_session_id_context(&mut self, context: ContextRef, id_context: &LongIdContext) -> i64;
    fn set_callbacks(&mut self, context: ContextRef, callbacks: &Callbacks);
    /// The application takes a reference and stores the session externally.
    fn external_store(&mut self, context: ContextRef, session: SessionRef);
    /// The application forgets what it has under the id of `session`, and frees that reference.
    fn external_forget(&mut self, context: ContextRef, session: SessionRef);
    /// The application frees all that it holds for the context.
    fn application_release(&mut self, context: ContextRef);
    fn ctx_free(&mut self, context: ContextRef);

    /// 1: the server agreed to resume; 0: it did not; −1: failed, and the connection is gone.
    fn accept_begin(&mut self, connection: ConnectionRef, begin: &Begin) -> i64;
    /// 1: a session was reused; 0: both sides have a new one; −1: failed, and the connection is gone.
    fn accept_finish(&mut self, connection: ConnectionRef) -> i64;
    /// A further handshake on a finished connection, begin to end; answers as [`Library::accept_finish`]. `begin` is as
    /// the connection was begun, with the ids and objects of this handshake and without an offer.
    fn renegotiate(&mut self, connection: ConnectionRef, kind: Renegotiation, begin: &Begin) -> i64;
    /// Drops an unfinished connection.
    fn accept_abort(&mut self, connection: ConnectionRef);
    /// Closes a finished connection: the server's side, then an observed client's, each in this way.
    fn close(&mut self, connection: ConnectionRef, close: Close);
}

/// A run of one trace on one library, step by step.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Driver<L> {
    library: L,
    clock: Time,
    /// `None`: freed.
    contexts: Vec<Option<Counters>>,
    names: Vec<Named>,
    connections: Vec<Connected>,
    numbers: Numbers,
    shown: Shown,
    hazards: bool,
    step: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
enum Named {
    #[default]
    NeverMade,
    /// References that the trace holds: 0 when it has given up all.
    Made { session: SessionRef, context: ContextRef, id: SessionId, references: u32, origin: Origin },
}

/// Where a named session comes from.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Origin {
    Hand(Protocol),
    Server(Mechanism),
    Client(Mechanism),
}

impl Origin {
    /// Whether an unobserved peer proposes it in a connection that is set like this. What it keeps of a client's
    /// session is the ticket; the id that the client has given to that is nobody else's.
    fn is_a_peers(self, mechanism: Mechanism) -> bool {
        match (self, mechanism) {
            (Self::Hand(_), _) => mechanism != Mechanism::Tickets,
            (Self::Client(made), _) if made != Mechanism::Ids => {
                self.fits(mechanism) && made.protocol() == mechanism.protocol()
            }
            _ => self.fits(mechanism) && mechanism != Mechanism::Tickets,
        }
    }

    /// Up to TLS 1.2, ids and tickets do not mix.
    fn fits(self, mechanism: Mechanism) -> bool {
        match (self, mechanism) {
            (Self::Hand(Protocol::Tls13), _) | (_, Mechanism::Stateful(_) | Mechanism::Stateless(_)) => true,
            (Self::Hand(_), _) => mechanism == Mechanism::Ids,
            (Self::Server(made) | Self::Client(made), _) => made == mechanism || made.protocol() == Protocol::Tls13,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
enum Connected {
    #[default]
    NeverMade,
    Open {
        connection: ConnectionRef,
        makes: Makes,
        begin: Begin,
        finished: bool,
    },
    Gone,
}

/// Runs a whole trace. What `out` held before is lost. `before` is told of each step, counted from 0, before it is
/// carried out.
pub fn run<L: Library>(library: L, trace: &Trace, out: &mut Transcript, before: &mut dyn FnMut(u32)) -> L {
    out.clear();
    let mut driver = Driver::new(library, &trace.setup, trace.shown);
    for (_, op) in trace.executed() {
        before(driver.step);
        if let Some(why) = driver.library.refuses(&op).or_else(|| driver.refuses_hazard(&op, &trace.setup)) {
            out.ending = crate::transcript::Ending::Refused(why);
            break;
        }
        driver.step(&op, out);
    }
    driver.library
}

impl<L: Library> Driver<L> {
    /// A run that has not made its first step; the sessions of the setup are made.
    pub fn new(mut library: L, setup: &Setup, shown: Shown) -> Self {
        library.begin(setup);
        let mut driver = Self {
            library,
            clock: setup.clock,
            contexts: vec![Some([0; 12]); setup.contexts.len()],
            names: Vec::new(),
            connections: Vec::new(),
            numbers: Numbers::default(),
            shown,
            hazards: setup.hazards,
            step: 0,
        };
        for (spec, name) in setup.sessions.iter().zip(0..) {
            driver.make(Name(name), spec);
        }
        driver
    }

    #[cfg(test)]
    pub(crate) fn numbers(&self) -> Numbers {
        self.numbers
    }

    /// The library.
    pub fn library(&self) -> &L {
        &self.library
    }

    /// The library, to be told something between two steps.
    pub fn library_mut(&mut self) -> &mut L {
        &mut self.library
    }

    /// The object behind a name, while the trace holds a reference on it.
    #[must_use]
    pub fn session_of(&self, name: Name) -> Option<SessionRef> {
        self.live(name).map(|(session, ..)| session)
    }

    /// The names on which the trace holds a reference, with their objects, in order of name.
    pub fn live_names(&self) -> impl Iterator<Item = (Name, SessionRef)> {
        self.names.iter().zip(0..).filter_map(|(named, n)| match *named {
            Named::Made { session, references: 1.., .. } => Some((Name(n), session)),
            _ => None,
        })
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> Time {
        self.clock
    }

    /// Carries out one op (anything but [`Op::Repeat`]) and ends one step of `out` with what it showed.
    pub fn step(&mut self, op: &Op, out: &mut Transcript) {
        self.library.at_step(self.step);
        let answer = match op {
            Op::Release(name) => self.release(*name, out).unwrap_or(Answer::Absent),
            _ => self.carry_out(op),
        };
        self.library.drain(out);
        self.show(matches!(op, Op::Probe) || self.shown == Shown::Everything, answer, out);
        self.step += 1;
    }

    /// Gives up the references one by one. Returns at which of them, counted from 1, the object was destroyed; 0: it
    /// lives on.
    fn release(&mut self, name: Name, out: &mut Transcript) -> Option<Answer> {
        let (session, ..) = self.live(name)?;
        let from = out.destroyed.len();
        let references = std::mem::take(self.references(name));
        let destroyed_at = (1..=references).find(|_| {
            if self.hazards && !self.library.lives(session) {
                return true;
            }
            self.library.session_free(session);
            self.library.drain(out);
            out.destroyed[from..].contains(&session)
        });
        out.destroyed[from..].sort_unstable();
        Some(Answer::Returns(destroyed_at.map_or(0, i64::from)))
    }

    /// Why the library does not carry out the hazard that this op is, if it is one here.
    fn refuses_hazard(&self, op: &Op, setup: &Setup) -> Option<String> {
        if !self.hazards {
            return None;
        }
        if self.step == 0 {
            let calls = setup.contexts.iter().flat_map(|context| context.calls.all());
            let mut calls = calls.map(|(callback, call)| Danger::CallsBack(callback, call.word()));
            if let Some(why) = calls.find_map(|danger| self.library.refuses_hazard(danger)) {
                return Some(why);
            }
        }
        let danger = match op {
            Op::Hazard(Hazard::SetId(..)) => Danger::ChangedId,
            Op::Hazard(Hazard::FreeUnowned(_)) => Danger::FreedUnowned,
            Op::AddSession { context, session, .. } | Op::RemoveSession { context, session, .. } => {
                let (_, of, _) = self.live(*session)?;
                (of != *context).then_some(Danger::AnotherContext)?
            }
            Op::CtxFree(context) => self.connections.iter().any(|k| k.uses(*context)).then_some(Danger::FreedInUse)?,
            _ => return None,
        };
        self.library.refuses_hazard(danger)
    }

    fn carry_out(&mut self, op: &Op) -> Answer {
        let answer = self.session_op(op).or_else(|| self.context_op(op)).or_else(|| self.connection_op(op));
        answer.or_else(|| self.hazard_op(op)).unwrap_or(Answer::Absent)
    }

    /// Ops that only a hazards trace has.
    fn hazard_op(&mut self, op: &Op) -> Option<Answer> {
        let Op::Hazard(hazard) = op else { return None };
        let Named::Made { session, id, .. } = self.names.get_mut(hazard.name().0 as usize)? else { return None };
        if !self.hazards || !self.library.lives(*session) {
            return None;
        }
        Some(match hazard {
            Hazard::SetId(_, new) => {
                // A peer proposes the id that the session has now.
                *id = SessionId::new(new.as_bytes()).unwrap_or(*id);
                Answer::Returns(self.library.session_set1_id(*session, new))
            }
            Hazard::FreeUnowned(_) => {
                self.library.session_free_unowned(*session);
                Answer::Nothing
            }
        })
    }

    /// Ops on one session; `None`: not such an op, or absent.
    fn session_op(&mut self, op: &Op) -> Option<Answer> {
        Some(match op {
            Op::Session(name, spec) => {
                if !self.make(*name, spec) {
                    return None;
                }
                Answer::Nothing
            }
            Op::UpRef(name) => {
                let (session, ..) = self.live(*name)?;
                let answer = self.library.session_up_ref(session);
                *self.references(*name) += 1;
                Answer::Returns(answer)
            }
            Op::Free(name) => {
                let (session, ..) = self.live(*name)?;
                *self.references(*name) -= 1;
                self.library.session_free(session);
                Answer::Nothing
            }
            Op::SessionSetTime(name, time) => {
                let (session, ..) = self.live(*name)?;
                Answer::Returns(self.library.session_set_time(session, *time))
            }
            Op::SessionGetTime(name) => {
                let (session, ..) = self.live(*name)?;
                Answer::Returns(self.library.session_get_time(session))
            }
            Op::SessionSetTimeout(name, timeout) => {
                let (session, ..) = self.live(*name)?;
                Answer::Returns(self.library.session_set_timeout(session, *timeout))
            }
            Op::SessionGetTimeout(name) => {
                let (session, ..) = self.live(*name)?;
                Answer::Returns(self.library.session_get_timeout(session))
            }
            Op::IsResumable(name) => {
                let (session, ..) = self.live(*name)?;
                Answer::Returns(self.library.session_is_resumable(session))
            }
            Op::SessionSetIdContext(name, id_context) => {
                let (session, ..) = self.live(*name)?;
                Answer::Returns(self.library.session_set1_id_context(session, *id_context))
            }
            _ => return None,
        })
    }

    /// Ops on one context, and time.
    fn context_op(&mut self, op: &Op) -> Option<Answer> {
        Some(match op {
            Op::AddSession { context, session, .. } => {
                let session = self.of_context(*session, *context)?;
                Answer::Returns(self.library.add_session(*context, session))
            }
            Op::RemoveSession { context, session, .. } => {
                let session = self.of_context(*session, *context)?;
                Answer::Returns(self.library.remove_session(*context, session))
            }
            Op::FlushSessions { context, at, .. } => {
                self.context(*context)?;
                let tm = match at {
                    At::Absolute(tm) => *tm,
                    At::Now(later) => Time(self.clock.0 + i128::from(*later)),
                };
                self.library.flush_sessions(*context, tm);
                Answer::Nothing
            }
            Op::SetSessionCacheMode(context, mode) => {
                self.context(*context)?;
                Answer::Returns(self.library.set_session_cache_mode(*context, *mode))
            }
            Op::GetSessionCacheMode(context) => {
                self.context(*context)?;
                Answer::Returns(self.library.get_session_cache_mode(*context))
            }
            Op::SessSetCacheSize(context, size) => {
                self.context(*context)?;
                Answer::Returns(self.library.sess_set_cache_size(*context, *size))
            }
            Op::SessGetCacheSize(context) => {
                self.context(*context)?;
                Answer::Returns(self.library.sess_get_cache_size(*context))
            }
            Op::SetTimeout(context, timeout) => {
                self.context(*context)?;
                Answer::Returns(self.library.set_timeout(*context, *timeout))
            }
            Op::GetTimeout(context) => {
                self.context(*context)?;
                Answer::Returns(self.library.get_timeout(*context))
            }
            Op::SetSessionIdContext(context, id_context) => {
                self.context(*context)?;
                Answer::Returns(self.library.set_session_id_context(*context, id_context))
            }
            Op::SetCallbacks(context, callbacks) => {
                self.context(*context)?;
                self.library.set_callbacks(*context, callbacks);
                Answer::Nothing
            }
            Op::ExternalStore(context, name) => {
                let session = self.of_context(*name, *context)?;
                self.library.external_store(*context, session);
                Answer::Nothing
            }
            Op::ExternalForget(context, name) => {
                let session = self.of_context(*name, *context)?;
                self.library.external_forget(*context, session);
                Answer::Nothing
            }
            Op::ApplicationRelease(context) => {
                // The application outlives the context.
                self.contexts.get(usize::from(context.0))?;
                self.library.application_release(*context);
                Answer::Nothing
            }
            Op::CtxFree(context) => {
                self.context(*context)?;
                if !self.hazards && self.connections.iter().any(|k| k.uses(*context)) {
                    return None;
                }
                self.library.ctx_free(*context);
                self.contexts[usize::from(context.0)] = None;
                Answer::Nothing
            }
            Op::Advance(seconds) => {
                self.clock = Time(self.clock.0 + i128::from(*seconds));
                self.library.set_clock(self.clock);
                Answer::Nothing
            }
            Op::SetClock(time) => {
                self.clock = *time;
                self.library.set_clock(self.clock);
                Answer::Nothing
            }
            Op::Probe => Answer::Nothing,
            _ => return None,
        })
    }

    /// Ops on connections.
    fn connection_op(&mut self, op: &Op) -> Option<Answer> {
        Some(match op {
            Op::AcceptBegin(k, accept) => {
                let slot = k.0 as usize;
                if self.connections.len() <= slot {
                    self.connections.resize(slot + 1, Connected::NeverMade);
                }
                if self.connections[slot] != Connected::NeverMade {
                    return None;
                }
                let (connection, begin) = self.resolve(accept)?;
                let answer = self.library.accept_begin(connection, &begin);
                self.connections[slot] = if answer < 0 {
                    Connected::Gone
                } else {
                    Connected::Open { connection, makes: accept.makes, begin, finished: false }
                };
                Answer::Returns(answer)
            }
            Op::AcceptFinish(k) => {
                let (connection, makes, begin, false) = self.open(*k)? else { return None };
                let answer = self.finish(connection, &makes, &begin);
                self.connections[k.0 as usize] = if answer < 0 {
                    Connected::Gone
                } else {
                    Connected::Open { connection, makes, begin, finished: true }
                };
                Answer::Returns(answer)
            }
            Op::Renegotiate(k, again) => {
                let (connection, makes, begin, true) = self.open(*k)? else { return None };
                if begin.mechanism.protocol() == Protocol::Tls13 {
                    return None;
                }
                let begin = Begin { offer: Offer::Nothing, ..self.numbered(begin) };
                let answer = self.library.renegotiate(connection, again.kind, &begin);
                self.name_all_made(&again.makes, &begin, answer);
                self.connections[k.0 as usize] = if answer < 0 {
                    Connected::Gone
                } else {
                    Connected::Open { connection, makes, begin, finished: true }
                };
                Answer::Returns(answer)
            }
            Op::AcceptAbort(k) => {
                let (connection, _, _, false) = self.open(*k)? else { return None };
                self.library.accept_abort(connection);
                self.connections[k.0 as usize] = Connected::Gone;
                Answer::Nothing
            }
            Op::Close(k, close) => {
                let (connection, _, _, true) = self.open(*k)? else { return None };
                self.library.close(connection, *close);
                self.connections[k.0 as usize] = Connected::Gone;
                Answer::Nothing
            }
            Op::Hangup(k) => {
                let (connection, _, _, finished) = self.open(*k)?;
                if finished {
                    self.library.close(connection, Close::Clean);
                } else {
                    self.library.accept_abort(connection);
                }
                self.connections[k.0 as usize] = Connected::Gone;
                Answer::Nothing
            }
            Op::Handshake(accept, close) => {
                let (connection, begin) = self.resolve(accept)?;
                if self.library.accept_begin(connection, &begin) < 0 {
                    return Some(Answer::Returns(-1));
                }
                let answer = self.finish(connection, &accept.makes, &begin);
                if answer >= 0 {
                    self.library.close(connection, *close);
                }
                Answer::Returns(answer)
            }
            _ => return None,
        })
    }

    /// The names of a handshake resolved, and its objects numbered; `None`: absent.
    fn resolve(&mut self, accept: &Accept) -> Option<(ConnectionRef, Begin)> {
        self.context(accept.context)?;
        if let Some(client) = accept.client {
            self.context(client)?;
        }
        if let Some(to) = accept.switch_to {
            self.context(to)?;
            if to == accept.context || Some(to) == accept.client {
                return None;
            }
        }
        let mechanism = accept.mechanism;
        let offer = match (accept.propose, accept.client) {
            (Propose::Nothing, _) => Offer::Nothing,
            (Propose::Id(id), None) => {
                if mechanism == Mechanism::Tickets {
                    return None;
                }
                Offer::Peer(id, None)
            }
            (Propose::Id(_), Some(_)) => return None,
            (Propose::Session(name), None) => {
                let (session, _, id) = self.live(name)?;
                if !self.origin(name)?.is_a_peers(mechanism) {
                    return None;
                }
                Offer::Peer(id, Some(session))
            }
            (Propose::Session(name), Some(client)) => {
                let session = self.of_context(name, client)?;
                if !self.origin(name)?.fits(mechanism) {
                    return None;
                }
                Offer::Own(session)
            }
        };
        let Accept { context, client, id_context, switch_to, .. } = *accept;
        let (connection, none) = (ConnectionRef(0), SessionRef(0));
        let begin = Begin {
            context,
            client,
            mechanism,
            offer,
            id_context,
            switch_to,
            connection,
            server_session: none,
            client_session: none,
            opened: none,
        };
        let begin = self.numbered(begin);
        Some((begin.connection, begin))
    }

    /// A handshake with numbers of its own for its ids and for what it may make.
    fn numbered(&mut self, begin: Begin) -> Begin {
        let Handshake { connection, server_session, client_session, opened, .. } =
            self.numbers.take_handshake(begin.mechanism);
        Begin { connection, server_session, client_session, opened, ..begin }
    }

    /// Finishes a handshake and names what it made, with a reference each.
    fn finish(&mut self, connection: ConnectionRef, makes: &Makes, begin: &Begin) -> i64 {
        let answer = self.library.accept_finish(connection);
        self.name_all_made(makes, begin, answer);
        answer
    }

    /// Names what both sides of a handshake have made that was answered like this.
    fn name_all_made(&mut self, makes: &Makes, begin: &Begin, answer: i64) {
        let made = crate::op::made(begin.mechanism, answer);
        if *makes == Makes::UNNAMED || made == 0 {
            return;
        }
        let Begin { mechanism, server_session, client_session, .. } = *begin;
        let (server, client) = (Origin::Server(mechanism), Origin::Client(mechanism));
        self.name_made(&makes.server[..made], (server_session, begin.context, begin.ids(), server));
        if let Some(context) = begin.client {
            let ids = begin.handshake().client_ids();
            self.name_made(&makes.client[..made], (client_session, context, ids, client));
        }
    }

    /// Names what one side of a handshake has made: its first object, its context, the ids, where it comes from.
    fn name_made(
        &mut self,
        names: &[Option<Name>],
        (first, context, ids, origin): (SessionRef, ContextRef, [SessionId; Mechanism::TICKETS], Origin),
    ) {
        for (n, name) in (0..).zip(names).filter_map(|(n, name)| Some((n, (*name)?))) {
            let session = SessionRef(first.0 + n);
            let lives = !self.hazards || self.library.lives(session);
            let (free, is_there) = (self.free_name(name), lives && self.library.has_id(session));
            let is_tls13 = matches!(origin, Origin::Server(m) | Origin::Client(m) if m.protocol() == Protocol::Tls13);
            if !free || !(is_there || is_tls13) {
                continue;
            }
            if is_there {
                self.library.session_up_ref(session);
            }
            let (id, references) = (ids[n as usize], u32::from(is_there));
            *self.name_mut(name) = Named::Made { session, context, id, references, origin };
            self.library.learn_name(name, session);
        }
    }

    fn make(&mut self, name: Name, spec: &SessionSpec) -> bool {
        if self.context(spec.context).is_none() || !self.free_name(name) {
            return false;
        }
        let session = self.numbers.take_session();
        let time = spec.time.unwrap_or(self.clock);
        let SessionSpec { context, id, protocol, timeout, id_context, .. } = *spec;
        self.library.session(session, &NewSession { id, protocol, time, timeout, id_context });
        let origin = Origin::Hand(protocol);
        *self.name_mut(name) = Named::Made { session, context, id, references: 1, origin };
        self.library.learn_name(name, session);
        true
    }

    /// After a step: counters that changed, the digest or the members, and the end of the step.
    fn show(&mut self, probe: bool, answer: Answer, out: &mut Transcript) {
        let mut total = 0;
        let members_from = out.members.len();
        for (slot, known) in self.contexts.iter_mut().enumerate() {
            let Some(known) = known else { continue };
            let context = ContextRef(u8::try_from(slot).expect("at most 8 contexts"));
            let now = self.library.counters(context);
            // A subject may say any number.
            total = i64::saturating_add(total, now[Counter::Number as usize]);
            if now == *known {
                continue;
            }
            for counter in Counter::ALL {
                let value = now[counter as usize];
                if value != known[counter as usize] {
                    out.counters.push(CounterChange { context, counter, value });
                }
            }
            // A drop for size is a choice: who is left must be seen in the same step.
            if now[Counter::CacheFull as usize] != known[Counter::CacheFull as usize] && !probe {
                self.library.members(context, &mut out.members);
            }
            *known = now;
        }
        if !probe && out.members.len() > members_from {
            out.members[members_from..].sort_unstable();
        }
        let digest = wants_digest(self.step as usize, total).then(|| self.digest(out));
        if probe {
            self.probe(out);
        }
        out.end_step(answer, digest, probe);
    }

    fn digest(&mut self, out: &mut Transcript) -> u64 {
        let end = out.members.len();
        self.all_members(&mut out.members);
        let digest = out.members[end..].iter().map(member_digest).fold(0, u64::wrapping_add);
        out.members.truncate(end);
        digest
    }

    fn probe(&mut self, out: &mut Transcript) {
        let from = out.members.len();
        self.all_members(&mut out.members);
        out.members[from..].sort_unstable();
        for n in 0..self.names.len() {
            if let Named::Made { session, references: 1.., .. } = self.names[n]
                && (!self.hazards || self.library.lives(session))
            {
                out.members.push(self.library.object(session));
            }
        }
    }

    fn all_members(&mut self, members: &mut Vec<Member>) {
        for slot in 0..self.contexts.len() {
            if self.contexts[slot].is_some() {
                self.library.members(ContextRef(u8::try_from(slot).expect("at most 8 contexts")), members);
            }
        }
    }

    fn context(&self, context: ContextRef) -> Option<()> {
        self.contexts.get(usize::from(context.0))?.map(|_| ())
    }

    fn live(&self, name: Name) -> Option<(SessionRef, ContextRef, SessionId)> {
        match *self.names.get(name.0 as usize)? {
            Named::Made { session, context, id, references: 1.., .. }
                if !self.hazards || self.library.lives(session) =>
            {
                Some((session, context, id))
            }
            _ => None,
        }
    }

    fn origin(&self, name: Name) -> Option<Origin> {
        match *self.names.get(name.0 as usize)? {
            Named::Made { origin, .. } => Some(origin),
            Named::NeverMade => None,
        }
    }

    /// The live session of this name, in a live context, if it is one of that context's, or under hazards of any.
    fn of_context(&self, name: Name, context: ContextRef) -> Option<SessionRef> {
        self.context(context)?;
        self.live(name).and_then(|(session, of, _)| (of == context || self.hazards).then_some(session))
    }

    fn free_name(&self, name: Name) -> bool {
        self.names.get(name.0 as usize).is_none_or(|named| *named == Named::NeverMade)
    }

    fn name_mut(&mut self, name: Name) -> &mut Named {
        let slot = name.0 as usize;
        if self.names.len() <= slot {
            self.names.resize(slot + 1, Named::NeverMade);
        }
        &mut self.names[slot]
    }

    fn references(&mut self, name: Name) -> &mut u32 {
        match self.name_mut(name) {
            Named::Made { references, .. } => references,
            Named::NeverMade => unreachable!("asked for live names only"),
        }
    }

    fn open(&self, k: crate::op::Connection) -> Option<(ConnectionRef, Makes, Begin, bool)> {
        match *self.connections.get(k.0 as usize)? {
            Connected::Open { connection, makes, begin, finished } => Some((connection, makes, begin, finished)),
            _ => None,
        }
    }
}

impl Connected {
    fn uses(&self, context: ContextRef) -> bool {
        let Self::Open { begin, .. } = self else { return false };
        begin.context == context || [begin.client, begin.switch_to].contains(&Some(context))
    }
}
