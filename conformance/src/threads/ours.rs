//! `session-cache`, shared by threads.

use std::sync::Arc;

use session_cache::{
    Application, AutoFlush, Begun, CacheMode, Close, Connection, Context, Negotiating, NewSession, Proposal, Protocol,
    Resuming, Session, SessionId, Why,
};

use super::cache::{Cache, Hand};
use super::history::{After, Answer};
use super::program::{Call, Made, NOW, Program};

/// What a callback does besides noting who has left.
pub(super) type Back = Box<dyn Fn(&Context<u32>, &Session<u32>) + Send + Sync>;

/// A context and the sessions of a program.
pub(super) struct Ours {
    pub(super) context: Context<u32>,
    pub(super) sessions: Vec<Arc<Session<u32>>>,
    /// What `remove_session_cb` calls from inside; `None`: nothing.
    pub(super) back: Option<Back>,
    /// By thread and call, the number of the session that it would make.
    makes: Vec<Vec<u32>>,
}

impl Ours {
    /// As a program finds it, with an automatic flush of this kind.
    pub(super) fn new(program: &Program, auto_flush: AutoFlush) -> Self {
        let context = Context::new();
        context.set_auto_flush(auto_flush);
        let mode = |bits| CacheMode::from_bits(bits).expect("a program sets flags that there are");
        context.sess_set_cache_size(program.size as usize);
        context.set_session_cache_mode(mode(program.mode) | CacheMode::NO_INTERNAL_STORE);
        for _ in 0..program.established {
            let nothing = Proposal::new(Protocol::TLS1_2, None);
            let Begun::Full(full) = context.begin_accept(nothing, NOW, &mut ()) else {
                unreachable!("none is proposed")
            };
            let connection = context.finish_full(full, id(&[0]), 0, NOW, &mut ());
            context.close(connection, Close::Clean, &mut ());
        }
        context.set_session_cache_mode(mode(program.mode));
        let sessions: Vec<_> = (0..).zip(&program.sessions).map(|(number, made)| session(number, made)).collect();
        for (session, _) in sessions.iter().zip(&program.sessions).filter(|(_, made)| made.cached) {
            context.add_session(session, &mut ());
        }
        let back = program.calls_back.then(|| Box::new(asks) as Back);
        Self { context, sessions, back, makes: program.makes() }
    }

    /// The application of one call.
    pub(super) fn told(&self) -> Told<'_> {
        Told { ours: self, left: Vec::new() }
    }
}

impl Cache for Ours {
    fn hand(self: Arc<Self>, thread: usize) -> Box<dyn Hand> {
        Box::new(OurHand::new(self, thread))
    }

    fn after(&self) -> After {
        let mut members = Vec::new();
        self.context.members(&mut members, |session| *session.payload());
        members.sort_unstable();
        After { counters: counters(&self.context), members }
    }
}

/// What `remove_session_cb` is told.
pub(super) struct Told<'c> {
    ours: &'c Ours,
    pub(super) left: Vec<u32>,
}

impl Application<u32> for Told<'_> {
    fn remove_session(&mut self, session: &Arc<Session<u32>>, _: Why) {
        self.left.push(*session.payload());
        if let Some(back) = &self.ours.back {
            back(&self.ours.context, session);
        }
    }
}

/// Calls that change nothing and want every lock that there is.
fn asks(context: &Context<u32>, session: &Session<u32>) {
    std::hint::black_box((context.counters(), context.cached(session.id()), context.contains(session)));
}

/// A handshake that is begun.
enum Handshake {
    Resuming(Resuming<u32>),
    /// With the number of what it makes.
    Negotiating(Negotiating, u32),
}

/// One thread's side, and what it has in hand.
pub(super) struct OurHand {
    cache: Arc<Ours>,
    thread: usize,
    begun: Option<Handshake>,
    finished: Option<Connection<u32>>,
    /// What its last full handshake has made.
    own: Option<SessionId>,
}

impl OurHand {
    /// The side of this thread.
    pub(super) fn new(cache: Arc<Ours>, thread: usize) -> Self {
        Self { cache, thread, begun: None, finished: None, own: None }
    }

    fn begin(&mut self, at: usize, id: Option<SessionId>, told: &mut Told<'_>) -> i64 {
        let Ours { context, makes, .. } = &*self.cache;
        let mut begun = context.begin_accept(Proposal::new(Protocol::TLS1_2, id), NOW, told);
        if let Begun::AskExternal(asking) = begun {
            begun = context.external(asking, None, told);
        }
        let (handshake, resumes) = match begun {
            Begun::Resume(resuming) => (Handshake::Resuming(resuming), 1),
            Begun::Full(negotiating) => (Handshake::Negotiating(negotiating, makes[self.thread][at]), 0),
            Begun::AskExternal(_) | Begun::Fail => unreachable!("nobody is verified, and nothing asked about twice"),
        };
        self.begun = Some(handshake);
        resumes
    }

    fn finish(&mut self, handshake: Handshake, told: &mut Told<'_>) -> i64 {
        let context = &self.cache.context;
        let connection = match handshake {
            Handshake::Resuming(resuming) => context.finish_resumed(resuming, NOW, told),
            Handshake::Negotiating(negotiating, number) => {
                let id = id(&number.to_be_bytes());
                self.own = Some(id);
                context.finish_full(negotiating, id, number, NOW, told)
            }
        };
        let reused = i64::from(connection.reused());
        self.finished = Some(connection);
        reused
    }
}

impl Hand for OurHand {
    fn call(&mut self, at: usize, call: Call) -> Answer {
        let cache = Arc::clone(&self.cache);
        let Ours { context, sessions, .. } = &*cache;
        let session = |s: u32| &sessions[s as usize];
        let mut told = cache.told();
        let returns = match call {
            Call::Add(s) => Some(i64::from(context.add_session(session(s), &mut told))),
            Call::Remove(s) => Some(i64::from(context.remove_session(session(s), &mut told))),
            Call::Flush(tm) => {
                context.flush_sessions(tm, &mut told);
                None
            }
            Call::Has(s) => Some(i64::from(context.cached(session(s).id()).is_some())),
            Call::SetTime(s, time) => Some(i64::from(context.session_set_time(session(s), time).is_ok())),
            Call::SetTimeout(s, timeout) => Some(i64::from(context.session_set_timeout(session(s), timeout).is_ok())),
            Call::SetSize(size) => Some(context.sess_set_cache_size(size as usize) as i64),
            Call::SetMode(bits) => {
                let mode = CacheMode::from_bits(bits).expect("a program sets flags that there are");
                Some(i64::from(context.set_session_cache_mode(mode).bits()))
            }
            Call::Number => Some(context.counters().number as i64),
            Call::Counters => None,
            Call::Begin(proposed) => Some(self.begin(at, proposed.map(|s| *session(s).id()), &mut told)),
            Call::BeginOwn => Some(self.begin(at, self.own, &mut told)),
            Call::Finish => self.begun.take().map(|handshake| self.finish(handshake, &mut told)),
            Call::CloseUnclean => {
                if let Some(connection) = self.finished.take() {
                    context.close(connection, Close::Unclean, &mut told);
                }
                None
            }
        };
        let counters = (call == Call::Counters).then(|| counters(context));
        Answer { returns, left: told.left, counters }
    }
}

fn counters(context: &Context<u32>) -> [i64; 12] {
    let c = context.counters();
    let started = [c.number, c.connect, c.connect_good, c.connect_renegotiate];
    let accepted = [c.accept, c.accept_good, c.accept_renegotiate];
    let found = [c.hits, c.cb_hits, c.misses, c.timeouts, c.cache_full];
    let mut all = started.into_iter().chain(accepted).chain(found).map(|count| count as i64);
    std::array::from_fn(|_| all.next().expect("there are twelve"))
}

fn id(bytes: &[u8]) -> SessionId {
    SessionId::new(bytes).expect("1 to 32 bytes")
}

fn session(number: u32, made: &Made) -> Arc<Session<u32>> {
    let Made { id: byte, time, timeout, .. } = *made;
    Arc::new(Session::new(NewSession::new(id(&[byte]), Protocol::TLS1_2, time, timeout), number))
}
