//! What a program is about: one context or two, and sessions.

use std::sync::{Arc, Mutex};

use session_cache::{
    Application, Asking, Begun, CacheMode, Close, Connection, Context, IdContext, Negotiating, NewSession, Proposal,
    Protocol, Session, SessionId, Why,
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
            let (protocol, id_context) = (Protocol::TLS1_2, IdContext::default());
            let new = NewSession { id, protocol, time: 1000, timeout: 300 + i64::from(n), id_context };
            Arc::new(Session::new(new, ()))
        };
        let (context, other) = (Context::new(), Context::new());
        let sessions = (0..SESSIONS).map(session).collect();
        let (asking, negotiating, open) = (Mutex::default(), Mutex::default(), Mutex::default());
        Self { context, other, ids, sessions, asking, negotiating, open }
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
        let nobody = Proposal { protocol: Protocol::TLS1_2, id: SessionId::new(&[200]) };
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
            let begun = self.context.begin_accept(Proposal { protocol: Protocol::TLS1_2, id: None }, 1000, &mut ());
            let Begun::Full(full) = begun else { panic!("nothing is proposed") };
            full
        };
        for _ in 0..254 {
            drop(self.context.finish_full(begin(), *self.session(0).id(), (), 1000, &mut ()));
        }
        self.negotiating.lock().expect("nothing panics").push(begin());
        self
    }

    /// The same, and this session was resumed in a connection that is open.
    pub(crate) fn resumed(self, n: usize) -> Self {
        let proposal = Proposal { protocol: Protocol::TLS1_2, id: Some(*self.session(n).id()) };
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
        let proposal = Proposal { protocol: Protocol::TLS1_2, id: Some(*self.session(n).id()) };
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

    fn name(&self, session: &Shared) -> usize {
        self.sessions.iter().position(|s| Arc::ptr_eq(s, session)).expect("there are no others")
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

struct Told<'w>(&'w World, String);

impl Application<()> for Told<'_> {
    fn remove_session(&mut self, session: &Shared, why: Why) {
        // Never returns while a lock is held.
        let _ = self.0.context.sess_cache_size();
        self.1 += &format!(" {why:?} {}", self.0.name(session));
    }
}
