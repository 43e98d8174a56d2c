//! `session-cache` behind the calls of a [`Library`].
//!
//! It translates only: numbers of objects into references on them, and the crate's callbacks into the application of
//! the trace. A connection is of the context that it was begun on, to the crate: a switch of the server's context is
//! its TLS's matter, and asks nothing of the cache. When to look up, count, store and flush is the crate's own matter.
//! What is in a ticket is that of who speaks TLS, so `tickets` plays that part.

mod back;
mod outside;
mod tickets;

use std::hint::black_box;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use session_cache::{
    AutoFlush, Begun, Connecting, Connection, Context, Negotiating, NotWhole, Outcome, Proposal, Protocol, Resuming,
    Session, Ticket,
};
use session_model::application::{Application, Callbacks};
use session_model::{
    CacheMode, ConnectionRef, ContextRef, IdContext, Mechanism, NewSession, SessionId, SessionRef, Time, Timeout,
};

use crate::driver::{Begin, Library, Offer, Why};
use crate::hazards::{CallsBack, Danger};
use crate::numbers::{handshake_id, id_of_ticket, server_id};
use crate::op::{Close, LongIdContext, Name, Op, Renegotiation};
use crate::subject::Driven;
use crate::trace::{ContextSetup, Setup};
use crate::transcript::{Counters, Member, Transcript};
use outside::{Calls, Object, Outside, id_of};
use tickets::{Content, Tickets};

/// The subject `optimised`.
#[must_use]
pub fn optimised() -> Driven<Optimised> {
    Driven::new("optimised", Optimised::default)
}

/// The subject `optimised-in-steps`.
#[must_use]
pub fn in_steps() -> Driven<Optimised> {
    Driven::new("optimised-in-steps", Optimised::in_steps)
}

/// `session-cache`: its contexts, and who holds what.
#[derive(Default)]
pub struct Optimised {
    now: i64,
    /// By [`ContextRef`]; `None`: freed.
    contexts: Vec<Option<Served>>,
    /// The applications of contexts that were freed, with what they hold still.
    left_behind: Vec<(ContextRef, Application)>,
    /// Open connections; in a simulation, thousands.
    connections: FxHashMap<ConnectionRef, Open>,
    /// The one that was begun or finished last.
    last: Option<ConnectionRef>,
    tickets: Tickets,
    outside: Outside,
    /// How much of an automatic flush one connection waits for.
    auto_flush: AutoFlush,
}

/// A context and the application's state for it.
struct Served {
    context: Context<Object>,
    application: Application,
    calls: CallsBack,
}

/// An open connection.
struct Open {
    ends: Ends,
    stage: Stage,
    /// What a client that is not observed has to propose in the next handshake.
    offered: Option<Content>,
}

/// The two ends of a connection, and the numbers of its handshake: what of a begin is needed later.
#[derive(Clone, Copy)]
struct Ends {
    context: ContextRef,
    client: Option<ContextRef>,
    mechanism: Mechanism,
    connection: ConnectionRef,
    server_session: SessionRef,
    client_session: SessionRef,
}

impl Ends {
    fn of(begin: &Begin) -> Self {
        let Begin { context, client, mechanism, connection, server_session, client_session, .. } = *begin;
        Self { context, client, mechanism, connection, server_session, client_session }
    }
}

enum Stage {
    Resuming(Resuming<Object>, Option<Connecting<Object>>),
    Negotiating(Negotiating, Option<Connecting<Object>>),
    /// While it is being finished.
    Finishing,
    Established(Connection<Object>, Option<Connection<Object>>),
}

impl Optimised {
    /// Contexts that flush in steps.
    #[must_use]
    pub fn in_steps() -> Self {
        Self { auto_flush: AutoFlush::InSteps, ..Self::default() }
    }

    /// Checks the structure of every cache.
    ///
    /// # Errors
    ///
    /// The first thing that is not as it should be.
    pub fn validate(&self) -> Result<(), NotWhole> {
        self.contexts.iter().flatten().try_for_each(|served| served.context.validate())
    }

    fn context(&self, context: ContextRef) -> &Context<Object> {
        &self.contexts[usize::from(context.0)].as_ref().expect(LIVE).context
    }

    /// A context, and the application to call back.
    fn calling(&mut self, context: ContextRef) -> (&Context<Object>, Calls<'_>) {
        let served = self.contexts[usize::from(context.0)].as_mut().expect(LIVE);
        let Served { context: cache, application, calls: back } = served;
        let calls =
            Calls { context, application, outside: &mut self.outside, back, cache: Some(&*cache), now: self.now };
        (&*cache, calls)
    }

    fn application(&mut self, context: ContextRef) -> &mut Application {
        &mut self.contexts[usize::from(context.0)].as_mut().expect(LIVE).application
    }

    /// Takes out the connection of this number.
    fn connection(&mut self, number: ConnectionRef) -> Open {
        self.connections.remove(&number).expect(OPEN)
    }

    /// Puts a connection in, or back.
    fn keep(&mut self, number: ConnectionRef, open: Open) {
        self.connections.insert(number, open);
        self.last = Some(number);
    }

    /// A session that is named: it is held outside.
    fn named(&self, session: SessionRef) -> &Arc<Session<Object>> {
        self.outside.session(session).expect("whoever names an object holds a reference on it")
    }

    /// A session that the last handshake has made, while anybody holds it: the application, its connection, the cache.
    fn just_made(&self, session: SessionRef) -> Option<Arc<Session<Object>>> {
        let Open { ends, stage, .. } = self.connections.get(&self.last?)?;
        let Stage::Established(server, client) = stage else { return None };
        let is_it = |made: &&Arc<Session<Object>>| made.payload().number == session;
        let mut sides = [Some(server), client.as_ref()].into_iter().flatten().filter_map(Connection::session);
        if let Some(made) = self.outside.session(session).or_else(|| sides.find(is_it)) {
            return Some(Arc::clone(made));
        }
        let cached = |context: ContextRef, id| self.context(context).cached(&crate_id(&id)).filter(|made| is_it(&made));
        let mut tickets = 0..Mechanism::TICKETS as u8;
        let of_client = |client| tickets.clone().find_map(|n| cached(client, id_of_ticket(ends.connection, n)));
        let client = ends.client.and_then(of_client);
        client.or_else(|| tickets.find_map(|n| cached(ends.context, server_id(ends.connection, n))))
    }

    /// Both ends of a handshake up to the server's answer, the client's end only if it is observed; and what is
    /// proposed.
    fn begin(&mut self, begin: &Begin) -> (Option<Stage>, Option<Content>) {
        let (now, protocol) = (self.now, crate_protocol(begin.mechanism.protocol()));
        let connecting = begin.client.map(|client| {
            let offered = if let Offer::Own(c) = begin.offer { Some(self.named(c)) } else { None };
            self.context(client).begin_connect(offered, protocol, now)
        });
        let content = match begin.offer {
            Offer::Nothing => None,
            Offer::Peer(id, of) => Some(self.tickets.content(of, id, begin.mechanism)),
            Offer::Own(_) => connecting.as_ref().and_then(|connecting| self.proposed(connecting, begin)),
        };
        (self.hello(begin, content.as_ref(), connecting, None), content)
    }

    /// What an observed client proposes.
    fn proposed(&self, connecting: &Connecting<Object>, begin: &Begin) -> Option<Content> {
        let session = connecting.proposed()?;
        let number = session.payload().number;
        let has_ticket = begin.mechanism == Mechanism::Ids || self.tickets.has_received(number);
        has_ticket.then(|| self.tickets.content(Some(number), id_of(session), begin.mechanism))
    }

    /// The server's answer, on a connection that is new or on this one.
    fn hello(
        &mut self,
        begin: &Begin,
        content: Option<&Content>,
        connecting: Option<Connecting<Object>>,
        over: Option<&Connection<Object>>,
    ) -> Option<Stage> {
        let (now, protocol) = (self.now, crate_protocol(begin.mechanism.protocol()));
        let stateless = begin.mechanism.is_stateless();
        let begun = match content {
            None => self.look_up(begin, None, over),
            Some(Content::Id(id)) if !stateless => self.look_up(begin, Some(*id), over),
            Some(content) => {
                let decrypted = match content {
                    Content::State(of, state) if stateless && *of == begin.context => {
                        Some(state.open(self.outside.object(begin.opened)))
                    }
                    // A ticket of the kind that this server does not take.
                    _ => None,
                };
                let context = self.context(begin.context);
                let own = begin.id_context.map(crate_id_context);
                match over {
                    None => context.begin_accept_stateless_in(own, decrypted, protocol, now),
                    Some(over) => context.renegotiate_accept_stateless(over, decrypted, protocol, now),
                }
            }
        };
        if stateless && !matches!(begun, Begun::Resume(_)) {
            // A ticket that was decrypted in vain: nobody has seen its session.
            self.outside.destroyed.borrow_mut().retain(|gone| *gone != begin.opened);
        }
        match begun {
            Begun::Resume(resuming) => Some(Stage::Resuming(resuming, connecting)),
            Begun::Full(negotiating) => Some(Stage::Negotiating(negotiating, connecting)),
            Begun::Fail => None,
            Begun::AskExternal(_) => unreachable!("an answer is not asked about again"),
        }
    }

    fn look_up(&mut self, begin: &Begin, id: Option<SessionId>, over: Option<&Connection<Object>>) -> Begun<Object> {
        let now = self.now;
        let protocol = crate_protocol(begin.mechanism.protocol());
        let proposal = Proposal::new(protocol, id.as_ref().map(crate_id));
        let (context, mut calls) = self.calling(begin.context);
        let own = begin.id_context.map(crate_id_context);
        let begun = match over {
            None => context.begin_accept_in(own, proposal, now, &mut calls),
            Some(over) => context.renegotiate_accept(over, proposal, now, &mut calls),
        };
        let Begun::AskExternal(asking) = begun else { return begun };
        let answer = calls.get_session(id.expect("only what was proposed is asked for"));
        context.external(asking, answer, &mut calls)
    }

    /// The server's end of a full handshake.
    fn finish_server(&mut self, negotiating: Negotiating, ends: &Ends) -> Connection<Object> {
        let now = self.now;
        match ends.mechanism {
            Mechanism::Ids => {
                let object = self.outside.object(ends.server_session);
                let (context, mut calls) = self.calling(ends.context);
                context.finish_full(negotiating, crate_id(&handshake_id(ends.connection)), object, now, &mut calls)
            }
            Mechanism::Tickets => {
                let id = id_of_ticket(ends.connection, 0);
                let state = tickets::State::new(&negotiating, id, negotiating.time());
                self.tickets.send(ends.client_session, ends.context, &state, true);
                let (context, mut calls) = self.calling(ends.context);
                context.finish_stateless(negotiating, now, &mut calls)
            }
            Mechanism::Stateful(number) | Mechanism::Stateless(number) => {
                let tickets = self.server_tickets(&negotiating, ends, number);
                let (context, mut calls) = self.calling(ends.context);
                context.finish_full_with(negotiating, tickets, now, &mut calls)
            }
        }
    }

    /// The server's end of an abbreviated handshake.
    fn finish_resuming(&mut self, resuming: Resuming<Object>, ends: &Ends) -> Connection<Object> {
        let now = self.now;
        if ends.mechanism.protocol() != session_model::Protocol::Tls13 {
            let (context, mut calls) = self.calling(ends.context);
            return context.finish_resumed(resuming, now, &mut calls);
        }
        let tickets = self.server_tickets(resuming.next(), ends, ends.mechanism.tickets().min(1));
        let (context, mut calls) = self.calling(ends.context);
        context.finish_resumed_with(resuming, tickets, now, &mut calls)
    }

    /// The tickets that a server of TLS 1.3 sends; what is in them is kept for who proposes them.
    fn server_tickets(&mut self, from: &Negotiating, ends: &Ends, number: u8) -> Vec<Ticket<Object>> {
        let (now, stateless) = (self.now, ends.mechanism.is_stateless());
        let made = (0..number).map(|n| {
            let (id, n) = (server_id(ends.connection, n), u32::from(n));
            let state = tickets::State::new(from, id, now);
            for session in [ends.server_session, ends.client_session] {
                self.tickets.send(SessionRef(session.0 + n), ends.context, &state, stateless);
            }
            let number = SessionRef(ends.server_session.0 + n);
            self.tickets.made_by_server(number);
            Ticket::new(crate_id(&id), self.outside.object(number), !stateless)
        });
        made.collect()
    }

    fn client_tickets(&self, ends: &Ends, number: usize) -> Vec<Ticket<Object>> {
        let made = (0..number as u8).map(|n| {
            let payload = self.outside.object(SessionRef(ends.client_session.0 + u32::from(n)));
            Ticket::new(crate_id(&id_of_ticket(ends.connection, n)), payload, true)
        });
        made.collect()
    }

    /// The client's end of a handshake, if it is observed.
    fn finish_client(
        &mut self,
        connecting: Option<Connecting<Object>>,
        reused: bool,
        ends: &Ends,
    ) -> Option<Connection<Object>> {
        let (connecting, now) = (connecting?, self.now);
        let number = crate::op::made(ends.mechanism, i64::from(reused));
        let tickets = if ends.mechanism == Mechanism::Ids { Vec::new() } else { self.client_tickets(ends, number) };
        let new = ends.mechanism == Mechanism::Ids && !reused;
        let outcome = match new.then(|| self.outside.object(ends.client_session)) {
            Some(object) => Outcome::New(crate_id(&handshake_id(ends.connection)), object),
            None => Outcome::Reused,
        };
        let (context, mut calls) = self.calling(ends.client.expect("only an observed client connects"));
        let finished = match ends.mechanism {
            Mechanism::Stateful(_) | Mechanism::Stateless(_) => {
                context.finish_connect_with(connecting, reused, tickets, now, &mut calls)
            }
            Mechanism::Tickets if !reused => {
                let ticket = tickets.into_iter().next().expect("a full handshake has one");
                Ok(context.finish_connect_stateless(connecting, ticket, now, &mut calls))
            }
            Mechanism::Ids | Mechanism::Tickets => context.finish_connect(connecting, outcome, now, &mut calls),
        };
        Some(finished.expect("the server resumes what the client proposed"))
    }

    /// From the server's answer to the end of a handshake; `offered`: what was proposed. What is established then, what
    /// the client has to propose on this connection from now on, and whether a session was reused.
    fn finish(&mut self, ends: &Ends, stage: Stage, offered: Option<Content>) -> (Stage, Option<Content>, bool) {
        // The server is done first in a full handshake, and sends its tickets first; in an abbreviated one up to TLS
        // 1.2 the client is.
        let client_first = ends.mechanism.protocol() != session_model::Protocol::Tls13;
        let (server, client, reused) = match stage {
            Stage::Resuming(resuming, connecting) if client_first => {
                let client = self.finish_client(connecting, true, ends);
                (self.finish_resuming(resuming, ends), client, true)
            }
            Stage::Resuming(resuming, connecting) => {
                let server = self.finish_resuming(resuming, ends);
                (server, self.finish_client(connecting, true, ends), true)
            }
            Stage::Negotiating(negotiating, connecting) => {
                let server = self.finish_server(negotiating, ends);
                (server, self.finish_client(connecting, false, ends), false)
            }
            Stage::Finishing | Stage::Established(..) => unreachable!("a handshake is finished once"),
        };
        let new = || self.tickets.content(Some(ends.client_session), handshake_id(ends.connection), ends.mechanism);
        let offered = if reused { offered } else { Some(new()) };
        (Stage::Established(server, client), offered, reused)
    }

    fn close_sides(
        &mut self,
        ends: &Ends,
        server: Connection<Object>,
        client: Option<Connection<Object>>,
        close: Close,
    ) {
        self.close_side(ends.context, server, close);
        if let (Some(context), Some(client)) = (ends.client, client) {
            self.close_side(context, client, close);
        }
    }

    fn close_side(&mut self, context: ContextRef, side: Connection<Object>, close: Close) {
        let close = match close {
            Close::Clean => session_cache::Close::Clean,
            Close::Unclean => session_cache::Close::Unclean,
        };
        let (context, mut calls) = self.calling(context);
        context.close(side, close, &mut calls);
    }
}

const OPEN: &str = "only an open connection is named";

const LIVE: &str = "the driver names live contexts only";

impl Library for Optimised {
    fn begin(&mut self, setup: &Setup) {
        let auto_flush = self.auto_flush;
        *self = Self { now: seconds(setup.clock.0), auto_flush, ..Self::default() };
        self.contexts.extend(setup.contexts.iter().map(|setup| Some(serve(setup, auto_flush))));
    }

    fn refuses(&self, op: &Op) -> Option<String> {
        let synonym = match op {
            Op::AddSession { synonym, .. } | Op::RemoveSession { synonym, .. } | Op::FlushSessions { synonym, .. } => {
                *synonym
            }
            _ => false,
        };
        synonym.then(|| "session-cache has no function of the old name".to_owned())
    }

    fn refuses_hazard(&self, danger: Danger) -> Option<String> {
        let why = match danger {
            Danger::ChangedId | Danger::EmptyId => "a session's id is set when it is made, and has 1 to 32 bytes",
            Danger::FreedUnowned | Danger::CallsBack(_, "free_unowned") => {
                "a reference can be given up by its owner only"
            }
            Danger::FreedInUse => "a connection borrows its context",
            Danger::AnotherContext | Danger::FarTime | Danger::CallsBack(..) => return None,
        };
        Some(format!("session-cache cannot say it: {why}"))
    }

    fn learn_name(&mut self, name: Name, session: SessionRef) {
        self.outside.back.learn(name, session);
    }

    fn at_step(&mut self, _step: u32) {
        self.outside.back.begin_step();
        self.outside.left.clear();
    }

    fn drain(&mut self, out: &mut Transcript) {
        // In a run of millions of steps, mostly nothing.
        if !self.outside.events.is_empty() {
            out.events.append(&mut self.outside.events);
        }
        let mut destroyed = self.outside.destroyed.borrow_mut();
        if !destroyed.is_empty() {
            destroyed.sort_unstable();
            out.destroyed.append(&mut destroyed);
        }
    }

    fn leavers(&mut self, out: &mut Vec<(SessionRef, Why)>) -> bool {
        out.extend_from_slice(&self.outside.left);
        true
    }

    fn recycle(&mut self, session: SessionRef) {
        self.tickets.forget(session);
    }

    fn expects(&self, session: SessionRef) {
        let shown = |session: &Arc<Session<Object>>| (session.time(), session.id().as_bytes().last().copied());
        black_box(self.outside.session(session).map(shown));
    }

    fn number(&mut self, context: ContextRef) -> u64 {
        self.context(context).number()
    }

    fn counters(&mut self, context: ContextRef) -> Counters {
        let c = self.context(context).counters();
        let in_order = [
            c.number,
            c.connect,
            c.connect_good,
            c.connect_renegotiate,
            c.accept,
            c.accept_good,
            c.accept_renegotiate,
            c.hits,
            c.cb_hits,
            c.misses,
            c.timeouts,
            c.cache_full,
        ];
        in_order.map(u64::cast_signed)
    }

    fn members(&mut self, context: ContextRef, out: &mut Vec<Member>) {
        self.context(context).members(out, |session| shown(Some(context), session));
    }

    fn has_id(&mut self, session: SessionRef) -> bool {
        self.just_made(session).is_some()
    }

    fn object(&mut self, session: SessionRef) -> Member {
        shown(None, self.named(session))
    }

    fn set_clock(&mut self, now: Time) {
        self.now = seconds(now.0);
    }

    #[expect(
        clippy::arc_with_non_send_sync,
        reason = "a trace runs in one thread; others share sessions of this crate"
    )]
    fn session(&mut self, session: SessionRef, new: &NewSession) {
        let (id, protocol) = (crate_id(&new.id), crate_protocol(new.protocol));
        let made = session_cache::NewSession::new(id, protocol, seconds(new.time.0), seconds(new.timeout.0))
            .in_id_context(crate_id_context(new.id_context));
        let object = self.outside.object(session);
        self.outside.take(&Arc::new(Session::new(made, object)));
    }

    fn session_up_ref(&mut self, session: SessionRef) -> i64 {
        let held = self.outside.session(session).map(Arc::clone);
        let session = held.or_else(|| self.just_made(session)).expect("the driver asks for what is there");
        self.outside.take(&session);
        1
    }

    fn session_free(&mut self, session: SessionRef) {
        self.outside.free(session);
    }

    fn session_set_time(&mut self, session: SessionRef, time: Time) -> i64 {
        let (session, time) = (self.named(session), seconds(time.0));
        let mut contexts = self.contexts.iter().flatten();
        let set = session.set_time(time).is_ok()
            || contexts.any(|served| served.context.session_set_time(session, time).is_ok());
        i64::from(set)
    }

    fn session_get_time(&mut self, session: SessionRef) -> i64 {
        self.named(session).time()
    }

    fn session_set_timeout(&mut self, session: SessionRef, timeout: Timeout) -> i64 {
        let (session, timeout) = (self.named(session), seconds(timeout.0));
        let mut contexts = self.contexts.iter().flatten();
        let set = session.set_timeout(timeout).is_ok()
            || contexts.any(|served| served.context.session_set_timeout(session, timeout).is_ok());
        i64::from(set)
    }

    fn session_get_timeout(&mut self, session: SessionRef) -> i64 {
        self.named(session).timeout()
    }

    fn session_is_resumable(&mut self, session: SessionRef) -> i64 {
        i64::from(self.named(session).is_resumable())
    }

    fn session_set1_id_context(&mut self, session: SessionRef, id_context: IdContext) -> i64 {
        self.named(session).set_id_context(crate_id_context(id_context));
        1
    }

    fn add_session(&mut self, context: ContextRef, session: SessionRef) -> i64 {
        let session = Arc::clone(self.named(session));
        let (context, mut calls) = self.calling(context);
        i64::from(context.add_session(&session, &mut calls))
    }

    fn remove_session(&mut self, context: ContextRef, session: SessionRef) -> i64 {
        let session = Arc::clone(self.named(session));
        let (context, mut calls) = self.calling(context);
        i64::from(context.remove_session(&session, &mut calls))
    }

    fn flush_sessions(&mut self, context: ContextRef, tm: Time) {
        let (context, mut calls) = self.calling(context);
        context.flush_sessions(seconds(tm.0), &mut calls);
    }

    fn set_session_cache_mode(&mut self, context: ContextRef, mode: CacheMode) -> i64 {
        i64::from(self.context(context).set_session_cache_mode(crate_mode(mode)).bits())
    }

    fn get_session_cache_mode(&mut self, context: ContextRef) -> i64 {
        i64::from(self.context(context).session_cache_mode().bits())
    }

    fn sess_set_cache_size(&mut self, context: ContextRef, size: u32) -> i64 {
        (self.context(context).sess_set_cache_size(size as usize) as u64).cast_signed()
    }

    fn sess_get_cache_size(&mut self, context: ContextRef) -> i64 {
        (self.context(context).sess_cache_size() as u64).cast_signed()
    }

    fn set_timeout(&mut self, context: ContextRef, timeout: Timeout) -> i64 {
        self.context(context).set_timeout(seconds(timeout.0))
    }

    fn get_timeout(&mut self, context: ContextRef) -> i64 {
        self.context(context).timeout()
    }

    fn set_session_id_context(&mut self, context: ContextRef, id_context: &LongIdContext) -> i64 {
        i64::from(self.context(context).set_session_id_context(id_context.as_bytes()))
    }

    fn set_callbacks(&mut self, context: ContextRef, callbacks: &Callbacks) {
        self.application(context).set_callbacks(callbacks.clone());
    }

    fn external_store(&mut self, context: ContextRef, session: SessionRef) {
        let stored = Arc::clone(self.named(session));
        self.outside.take(&stored);
        if let Some(forgotten) = self.application(context).store(session, id_of(&stored)) {
            self.outside.free(forgotten);
        }
    }

    fn external_forget(&mut self, context: ContextRef, session: SessionRef) {
        let id = id_of(self.named(session));
        if let Some(forgotten) = self.application(context).forget(id) {
            self.outside.free(forgotten);
        }
    }

    fn application_release(&mut self, context: ContextRef) {
        let left =
            self.left_behind.iter_mut().find(|(of, _)| *of == context).map(|(_, application)| application.release());
        for session in left.unwrap_or_else(|| self.application(context).release()) {
            self.outside.free(session);
        }
    }

    fn ctx_free(&mut self, context: ContextRef) {
        let Served { context: freed, mut application, .. } = self.contexts[usize::from(context.0)].take().expect(LIVE);
        // A context that is being freed is nobody's to call any more.
        let (outside, back) = (&mut self.outside, &CallsBack::default());
        freed.free(&mut Calls { context, application: &mut application, outside, back, cache: None, now: self.now });
        self.left_behind.push((context, application));
    }

    fn accept_begin(&mut self, connection: ConnectionRef, begin: &Begin) -> i64 {
        let (stage, offered) = Self::begin(self, begin);
        let Some(stage) = stage else { return -1 };
        let resumes = matches!(stage, Stage::Resuming(..));
        self.keep(connection, Open { ends: Ends::of(begin), stage, offered });
        i64::from(resumes)
    }

    fn accept_finish(&mut self, connection: ConnectionRef) -> i64 {
        let open = self.connections.get_mut(&connection).expect(OPEN);
        let (ends, offered) = (open.ends, open.offered.take());
        let stage = std::mem::replace(&mut open.stage, Stage::Finishing);
        let (stage, offered, reused) = self.finish(&ends, stage, offered);
        let open = self.connections.get_mut(&connection).expect(OPEN);
        (open.stage, open.offered, self.last) = (stage, offered, Some(connection));
        i64::from(reused)
    }

    fn renegotiate(&mut self, connection: ConnectionRef, kind: Renegotiation, begin: &Begin) -> i64 {
        let (now, protocol) = (self.now, crate_protocol(begin.mechanism.protocol()));
        let Open { stage, offered, .. } = self.connection(connection);
        let Stage::Established(server, client) = stage else { unreachable!("only what is finished is renegotiated") };
        let abbreviated = kind != Renegotiation::New;
        let connecting = begin
            .client
            .zip(client.as_ref())
            .map(|(context, client)| self.context(context).renegotiate_connect(client, abbreviated, protocol, now));
        let content = match &connecting {
            Some(connecting) => self.proposed(connecting, begin),
            None => offered.filter(|_| abbreviated),
        };
        let Some(stage) = self.hello(begin, content.as_ref(), connecting, Some(&server)) else {
            self.close_sides(&Ends::of(begin), server, client, Close::Unclean);
            return -1;
        };
        let ends = Ends::of(begin);
        let (stage, offered, reused) = self.finish(&ends, stage, content);
        self.keep(connection, Open { ends, stage, offered });
        i64::from(reused)
    }

    fn accept_abort(&mut self, connection: ConnectionRef) {
        drop(self.connection(connection));
    }

    fn close(&mut self, connection: ConnectionRef, close: Close) {
        let Open { ends, stage, .. } = self.connection(connection);
        let Stage::Established(server, client) = stage else { unreachable!("only what is finished is closed") };
        self.close_sides(&ends, server, client, close);
    }
}

fn serve(setup: &ContextSetup, auto_flush: AutoFlush) -> Served {
    let context = Context::new();
    context.set_auto_flush(auto_flush);
    if let Some(mode) = setup.mode {
        context.set_session_cache_mode(crate_mode(mode));
    }
    if let Some(size) = setup.size {
        context.sess_set_cache_size(size as usize);
    }
    if let Some(timeout) = setup.timeout {
        context.set_timeout(seconds(timeout.0));
    }
    context.set_session_id_context(setup.id_context.as_bytes());
    context.set_verify_peer(setup.verify_peer);
    let application = Application::new(setup.callbacks.clone(), setup.external);
    Served { context, application, calls: setup.calls.clone() }
}

fn shown(context: Option<ContextRef>, session: &Session<Object>) -> Member {
    Member {
        context,
        session: session.payload().number,
        time: session.time(),
        timeout: session.timeout(),
        resumable: session.is_resumable(),
    }
}

fn crate_protocol(protocol: session_model::Protocol) -> Protocol {
    match protocol {
        session_model::Protocol::Tls11 => Protocol::TLS1_1,
        session_model::Protocol::Tls12 => Protocol::TLS1_2,
        session_model::Protocol::Tls13 => Protocol::TLS1_3,
    }
}

fn crate_id(id: &SessionId) -> session_cache::SessionId {
    session_cache::SessionId::new(id.as_bytes()).expect("an id is an id on both sides")
}

fn crate_id_context(id_context: IdContext) -> session_cache::IdContext {
    session_cache::IdContext::new(id_context.as_bytes()).expect("an id context is one on both sides")
}

fn crate_mode(mode: CacheMode) -> session_cache::CacheMode {
    session_cache::CacheMode::from_bits(mode.bits()).expect("the flags are the same on both sides")
}

/// Times of the core alphabet fit; beyond, the ends of time stand for what does not.
fn seconds(exact: i128) -> i64 {
    i64::try_from(exact).unwrap_or(if exact < 0 { i64::MIN } else { i64::MAX })
}

#[cfg(test)]
mod tests;
