//! What a program is about: one context or two, and sessions.

use std::sync::{Arc, Mutex};

use session_cache::{
    Application, Asking, AutoFlush, Begun, CacheMode, Close, Connecting, Connection, Context, Negotiating, NewSession,
    Outcome, Proposal, Protocol, Session, SessionId, Ticket, Why,
};

pub(crate) type Shared = Arc<Session<()>>;

/// All that the threads share.
pub(crate) struct World {
    pub(crate) context: Context<()>,
    pub(crate) other: Context<()>,
    ids: u8,
    sessions: Vec<Shared>,
    /// Handshakes that wait for the external cache.
    asking: Mutex<Vec<Asking>>,
    /// Full handshakes that were begun.
    negotiating: Mutex<Vec<Negotiating>>,
    /// A client's handshakes that were begun.
    connecting: Mutex<Vec<Connecting<()>>>,
    /// Connections that are open.
    open: Mutex<Vec<Connection<()>>>,
}

/// Sessions a world has; the last two share an id.
const SESSIONS: u8 = 6;

impl World {
    /// Sessions made at 1000 for 300 seconds, the later the longer, in no cache. Their ids are `ids` and the next ones,
    /// so that another number has them in other shards.
    pub(crate) fn new(ids: u8) -> Self {
        let session = |n: u8| {
            let id = SessionId::new(&[ids + n.min(SESSIONS - 2)]).expect("1 byte");
            Arc::new(Session::new(NewSession::new(id, Protocol::TLS1_2, 1000, 300 + i64::from(n)), ()))
        };
        let (context, other) = (Context::new(), Context::new());
        let sessions = (0..SESSIONS).map(session).collect();
        let (asking, negotiating) = (Mutex::default(), Mutex::default());
        let (connecting, open) = (Mutex::default(), Mutex::default());
        Self { context, other, ids, sessions, asking, negotiating, connecting, open }
    }

    /// The same with the first `n` sessions cached, and this mode.
    pub(crate) fn with(ids: u8, n: usize, mode: CacheMode) -> Self {
        let world = Self::new(ids);
        world.context.set_session_cache_mode(mode);
        world.sessions[..n].iter().for_each(|s| assert!(world.context.add_session(s, &mut ())));
        world
    }

    /// The same, and a handshake was begun that waits for the external cache.
    pub(crate) fn asking(self, now: i64) -> Self {
        let nobody = Proposal::new(Protocol::TLS1_2, SessionId::new(&[200]));
        let Begun::AskExternal(asking) = self.context.begin_accept(nobody, now, &mut ()) else {
            panic!("there is no such session");
        };
        self.asking.lock().expect("nothing panics").push(asking);
        self
    }

    /// The same without storing what is negotiated, and a handshake was begun whose connection is the 255th.
    pub(crate) fn about_to_flush(self) -> Self {
        self.context.set_session_cache_mode(CacheMode::SERVER | CacheMode::NO_INTERNAL_STORE);
        let begin = || {
            let begun = self.context.begin_accept(Proposal::new(Protocol::TLS1_2, None), 1000, &mut ());
            let Begun::Full(full) = begun else { panic!("nothing is proposed") };
            full
        };
        for _ in 0..254 {
            drop(self.context.finish_full(begin(), *self.session(0).id(), (), 1000, &mut ()));
        }
        self.negotiating.lock().expect("nothing panics").push(begin());
        self
    }

    /// The same, with automatic flushes in steps.
    pub(crate) fn in_steps(self) -> Self {
        self.context.set_auto_flush(AutoFlush::InSteps);
        self
    }

    /// The same, and a full handshake was begun.
    pub(crate) fn negotiating(self) -> Self {
        let begun = self.context.begin_accept(Proposal::new(Protocol::TLS1_2, None), 1000, &mut ());
        let Begun::Full(full) = begun else { panic!("nothing is proposed") };
        self.negotiating.lock().expect("nothing panics").push(full);
        self
    }

    /// The same, and a client's handshake was begun that proposes this session.
    pub(crate) fn connecting(self, n: usize) -> Self {
        let begun = self.context.begin_connect(Some(self.session(n)), Protocol::TLS1_2, 1000);
        self.connecting.lock().expect("nothing panics").push(begun);
        self
    }

    /// The same, and this session was resumed in a connection that is open.
    pub(crate) fn resumed(self, n: usize) -> Self {
        let proposal = Proposal::new(Protocol::TLS1_2, Some(*self.session(n).id()));
        let Begun::Resume(resuming) = self.context.begin_accept(proposal, 1000, &mut ()) else {
            panic!("it is cached")
        };
        let connection = self.context.finish_resumed(resuming, 1000, &mut ());
        self.open.lock().expect("nothing panics").push(connection);
        self
    }

    pub(crate) fn session(&self, n: usize) -> &Shared {
        &self.sessions[n]
    }

    pub(crate) fn add(&self, n: usize) -> String {
        let mut told = Told(self, String::new());
        let added = self.context.add_session(self.session(n), &mut told);
        format!("add {n}: {added}{}", told.1)
    }

    pub(crate) fn remove(&self, n: usize) -> String {
        let mut told = Told(self, String::new());
        let removed = self.context.remove_session(self.session(n), &mut told);
        format!("remove {n}: {removed}{}", told.1)
    }

    pub(crate) fn flush(&self, tm: i64) -> String {
        let mut told = Told(self, String::new());
        self.context.flush_sessions(tm, &mut told);
        told.1
    }

    /// What is cached under the id of this session.
    pub(crate) fn cached(&self, n: usize) -> String {
        let found = self.context.cached(self.session(n).id());
        format!("cached {n}: {:?}", found.map(|found| self.name(&found)))
    }

    pub(crate) fn contains(&self, n: usize) -> String {
        format!("contains {n}: {}", self.context.contains(self.session(n)))
    }

    /// A handshake is begun that proposes this session.
    pub(crate) fn accept(&self, n: usize, now: i64) -> String {
        let mut told = Told(self, String::new());
        let proposal = Proposal::new(Protocol::TLS1_2, Some(*self.session(n).id()));
        let begun = self.context.begin_accept(proposal, now, &mut told);
        format!("accept {n}: {}{}", self.begun(begun), told.1)
    }

    /// The external cache answers with this session.
    pub(crate) fn external(&self, n: usize) -> String {
        let asking = self.asking.lock().expect("nothing panics").pop().expect("one is asking");
        let mut told = Told(self, String::new());
        let begun = self.context.external(asking, Some(Arc::clone(self.session(n))), &mut told);
        format!("external {n}: {}{}", self.begun(begun), told.1)
    }

    /// The handshake that was begun is finished, and its connection lost with its answer.
    pub(crate) fn finish(&self, now: i64) -> String {
        let full = self.negotiating.lock().expect("nothing panics").pop().expect("one is begun");
        let mut told = Told(self, String::new());
        let connection = self.context.finish_full(full, *self.session(0).id(), (), now, &mut told);
        format!("finish: {}{}", connection.reused(), told.1)
    }

    /// The handshake that was begun is finished, and told to the application last. What it makes is session `n` of
    /// those that handshakes make.
    pub(crate) fn finish_made(&self, n: u8) -> String {
        let full = self.negotiating.lock().expect("nothing panics").pop().expect("one is begun");
        let mut told = Told(self, String::new());
        let connection = self.context.finish_full(full, made(n), (), 1000, &mut told);
        format!("{} finish: {}", told.1, connection.reused())
    }

    /// The same, and the application does not want it.
    pub(crate) fn finish_refused(&self, n: u8) -> String {
        let full = self.negotiating.lock().expect("nothing panics").pop().expect("one is begun");
        let mut refuses = Refuses(Told(self, String::new()));
        let connection = self.context.finish_full(full, made(n), (), 1000, &mut refuses);
        format!("{} finish: {}", refuses.0.1, connection.reused())
    }

    /// The same of TLS 1.3, with two tickets.
    pub(crate) fn finish_with_tickets(&self) -> String {
        let full = self.negotiating.lock().expect("nothing panics").pop().expect("one is begun");
        let mut told = Told(self, String::new());
        let tickets = [0, 1].map(|n| Ticket::new(made(n), (), true));
        let connection = self.context.finish_full_with(full, tickets, 1000, &mut told);
        format!("{} finish: {}", told.1, connection.reused())
    }

    /// A client's handshake is finished: it has made session `n`.
    pub(crate) fn finish_connect(&self, n: u8) -> String {
        let connecting = self.connecting.lock().expect("nothing panics").pop().expect("one is begun");
        let mut told = Told(self, String::new());
        let connection = self.context.finish_connect(connecting, Outcome::New(made(n), ()), 1000, &mut told);
        format!("{} finish: {}", told.1, connection.expect("nothing is reused").reused())
    }

    /// A step of these: what is made is stored, if the mode has this flag.
    pub(crate) fn store(&self, n: u8, role: CacheMode) -> String {
        let mut told = Told(self, String::new());
        let mode = self.context.session_cache_mode();
        if mode.contains(role) && !mode.contains(CacheMode::NO_INTERNAL_STORE) {
            let new = NewSession::new(made(n), Protocol::TLS1_2, 1000, 300);
            self.context.add_session(&Arc::new(Session::new(new, ())), &mut told);
        }
        told.1
    }

    /// A step: what the application does not want leaves.
    pub(crate) fn refuse(&self, n: u8) -> String {
        let there = self.context.cached(&made(n));
        there
            .filter(|there| self.context.remove_session(there, &mut ()))
            .map_or_else(String::new, |gone| format!(" {:?} {}", Why::Refused, self.name(&gone)))
    }

    /// A step: the server's connection is counted.
    pub(crate) fn count(&self) -> String {
        self.without_storing(|| self.finish_made(u8::MAX - FIRST_MADE))
    }

    /// A step: the client's connection is counted.
    pub(crate) fn count_connect(&self) -> String {
        self.without_storing(|| self.finish_connect(u8::MAX - FIRST_MADE))
    }

    fn without_storing(&self, finish: impl FnOnce() -> String) -> String {
        let mode = self.context.session_cache_mode();
        self.context.set_session_cache_mode(mode | CacheMode::NO_INTERNAL_STORE);
        let shown = finish();
        self.context.set_session_cache_mode(mode);
        shown
    }

    /// A handshake is begun that proposes what another has made.
    pub(crate) fn accept_made(&self, n: u8) -> String {
        let mut told = Told(self, String::new());
        let proposal = Proposal::new(Protocol::TLS1_2, Some(made(n)));
        let begun = self.context.begin_accept(proposal, 1000, &mut told);
        format!("accept made {n}: {}{}", self.begun(begun), told.1)
    }

    /// A client begins a handshake, and has this session to propose.
    pub(crate) fn connect(&self, n: usize) -> String {
        let begun = self.context.begin_connect(Some(self.session(n)), Protocol::TLS1_2, 1000);
        let shown = format!("connect {n}: {:?}", begun.proposed().map(|proposed| self.name(proposed)));
        self.connecting.lock().expect("nothing panics").push(begun);
        shown
    }

    /// A further handshake is begun on the connection that is open, for this session; then the connection is lost.
    pub(crate) fn renegotiate(&self, n: usize) -> String {
        let connection = self.open.lock().expect("nothing panics").pop().expect("one is open");
        let mut told = Told(self, String::new());
        let proposal = Proposal::new(Protocol::TLS1_2, Some(*self.session(n).id()));
        let begun = self.context.renegotiate_accept(&connection, proposal, 1000, &mut told);
        format!("renegotiate {n}: {}{}", self.begun(begun), told.1)
    }

    /// A handshake is begun with a ticket that holds a session without an id context.
    pub(crate) fn accept_stateless(&self) -> String {
        let new = NewSession::new(made(0), Protocol::TLS1_2, 1000, 300);
        let begun = self.context.begin_accept_stateless(Some(Session::new(new, ())), Protocol::TLS1_2, 1100);
        format!("stateless: {}", self.begun(begun))
    }

    /// Who is cached, first to expire first.
    pub(crate) fn members(&self) -> String {
        let mut out = Vec::new();
        self.context.members(&mut out, |s| s.id().as_bytes()[0]);
        format!("members {out:?}")
    }

    pub(crate) fn counters(&self) -> String {
        format!("{:?}", self.context.counters())
    }

    pub(crate) fn set_time(&self, n: usize, time: i64) -> String {
        format!("set time of {n}: {:?}", self.context.session_set_time(self.session(n), time))
    }

    pub(crate) fn set_timeout(&self, n: usize, timeout: i64) -> String {
        format!("set timeout of {n}: {:?}", self.context.session_set_timeout(self.session(n), timeout))
    }

    pub(crate) fn set_mode(&self, mode: CacheMode) -> String {
        format!("set mode: {:?}", self.context.set_session_cache_mode(mode))
    }

    pub(crate) fn set_size(&self, size: usize) -> String {
        format!("set size: {}", self.context.sess_set_cache_size(size))
    }

    pub(crate) fn set_id_context(&self, bytes: &[u8]) -> String {
        format!("set id context: {}", self.context.set_session_id_context(bytes))
    }

    /// The connection that is open is closed without a shutdown.
    pub(crate) fn close(&self) -> String {
        let connection = self.open.lock().expect("nothing panics").pop().expect("one is open");
        let mut told = Told(self, String::new());
        self.context.close(connection, Close::Unclean, &mut told);
        format!("close{}", told.1)
    }

    fn begun(&self, begun: Begun<()>) -> String {
        match begun {
            Begun::Resume(resuming) => format!("resume {}", self.name(resuming.session())),
            Begun::AskExternal(_) => "ask".to_owned(),
            Begun::Full(full) => format!("full for {}", full.would_be(*self.session(0).id()).timeout),
            Begun::Fail => "fail".to_owned(),
        }
    }

    /// Its number, or the id of one that a handshake has made.
    fn name(&self, session: &Shared) -> String {
        let known = self.sessions.iter().position(|s| Arc::ptr_eq(s, session));
        known.map_or_else(|| format!("made {:?}", session.id().as_bytes()), |n| n.to_string())
    }

    /// Everything, once all threads are done.
    pub(crate) fn end(&self) -> String {
        let mut out = Vec::new();
        for context in [&self.context, &self.other] {
            context.validate().expect("it is whole");
            context.members(&mut out, |s| format!("{}+{}", s.id().as_bytes()[0] - self.ids, s.expiry()));
            out.push(format!("{:?}", context.counters()));
        }
        out.extend(self.sessions.iter().map(|s| format!("{} {}", s.expiry(), s.is_resumable())));
        out.join(", ")
    }
}

/// The first byte of the ids of what handshakes make; no session of a world has one as high.
const FIRST_MADE: u8 = 100;

fn made(n: u8) -> SessionId {
    SessionId::new(&[FIRST_MADE + n]).expect("1 byte")
}

struct Refuses<'w>(Told<'w>);

impl Application<()> for Refuses<'_> {
    fn new_session(&mut self, _: &Shared) -> bool {
        false
    }

    fn remove_session(&mut self, session: &Shared, why: Why) {
        self.0.remove_session(session, why);
    }
}

struct Told<'w>(&'w World, String);

impl Application<()> for Told<'_> {
    fn remove_session(&mut self, session: &Shared, why: Why) {
        // Never returns while a lock is held.
        let _ = self.0.context.sess_cache_size();
        self.1 += &format!(" {why:?} {}", self.0.name(session));
    }
}
