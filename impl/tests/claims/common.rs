//! What the tests share: an application that records what it is told, and short ways to make sessions.

use std::sync::Arc;

use session_cache::{
    Application, Begun, CacheMode, Connection, Context, Counters, IdContext, NewSession, Proposal, Protocol, Session,
    SessionId, Why,
};

pub(crate) type Shared = Arc<Session<()>>;

/// What an application was told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Told {
    New(SessionId),
    Removed(SessionId, Why),
}

/// Records; keeps no reference; refuses new sessions if it is so minded.
#[derive(Default)]
pub(crate) struct Recorder {
    pub(crate) told: Vec<Told>,
    pub(crate) refuses: bool,
}

impl Recorder {
    /// What was told since the last call.
    pub(crate) fn told(&mut self) -> Vec<Told> {
        std::mem::take(&mut self.told)
    }
}

impl Application<()> for Recorder {
    fn new_session(&mut self, session: &Shared) -> bool {
        self.told.push(Told::New(*session.id()));
        !self.refuses
    }

    fn remove_session(&mut self, session: &Shared, why: Why) {
        self.told.push(Told::Removed(*session.id(), why));
    }
}

pub(crate) fn id(byte: u8) -> SessionId {
    SessionId::new(&[byte]).expect("1 byte is an id")
}

pub(crate) fn session(byte: u8, time: i64, timeout: i64) -> Shared {
    of_context(byte, time, timeout, b"")
}

pub(crate) fn of_context(byte: u8, time: i64, timeout: i64, id_context: &[u8]) -> Shared {
    let id_context = IdContext::new(id_context).expect("at most 32 bytes");
    let new = NewSession::new(id(byte), Protocol::TLS1_2, time, timeout);
    Arc::new(Session::new(new.in_id_context(id_context), ()))
}

pub(crate) fn context(mode: CacheMode) -> (Context<()>, Recorder) {
    let context = Context::new();
    context.set_session_cache_mode(mode);
    (context, Recorder::default())
}

pub(crate) fn propose(byte: u8) -> Proposal {
    Proposal::new(Protocol::TLS1_2, Some(id(byte)))
}

/// A server's full handshake with a client that proposes nothing.
pub(crate) fn full(context: &Context<()>, byte: u8, now: i64, application: &mut Recorder) -> Connection<()> {
    let nothing = Proposal::new(Protocol::TLS1_2, None);
    let Begun::Full(negotiating) = context.begin_accept(nothing, now, application) else {
        panic!("nothing is proposed")
    };
    context.finish_full(negotiating, id(byte), (), now, application)
}

/// What a server makes of a proposal, the external cache's answer given.
pub(crate) fn begin(
    context: &Context<()>,
    byte: u8,
    answer: Option<&Shared>,
    now: i64,
    application: &mut Recorder,
) -> &'static str {
    let mut begun = context.begin_accept(propose(byte), now, application);
    let mut asked = "";
    if let Begun::AskExternal(asking) = begun {
        assert_eq!(*asking.id(), id(byte));
        asked = "asked, ";
        begun = context.external(asking, answer.cloned(), application);
    }
    context.validate().expect("the cache is whole");
    match (asked, begun) {
        ("", Begun::Resume(_)) => "resume",
        ("", Begun::Full(_)) => "full",
        ("", Begun::Fail) => "fail",
        (_, Begun::Resume(_)) => "asked, resume",
        (_, Begun::Full(_)) => "asked, full",
        (_, Begun::Fail) => "asked, fail",
        (_, Begun::AskExternal(_)) => "asked twice",
    }
}

/// The four counters of a server's lookup.
pub(crate) fn looked_up(context: &Context<()>) -> [u64; 4] {
    let Counters { hits, cb_hits, misses, timeouts, .. } = context.counters();
    [hits, cb_hits, misses, timeouts]
}

/// xorshift64*: the same numbers from the same seed everywhere.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// A number from 0 to `n` - 1.
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32) % n
    }
}
