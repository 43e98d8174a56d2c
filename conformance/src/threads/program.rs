//! What several threads are to do with one cache: the sessions that there are, how the cache begins, the calls of each
//! thread. Drawn from a seed, or read from a saved history.

use serde::{Deserialize, Serialize};

use crate::source::{Choices, Prng};

/// The time at which all of it happens, in seconds since the Epoch. The clock stands still: times of sessions and of
/// flushes are around it.
pub const NOW: i64 = 1000;

/// A call of one thread. Sessions are numbered as in [`Program::sessions`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// SSL_CTX_add_session(3)
    Add(u32),
    /// SSL_CTX_remove_session(3)
    Remove(u32),
    /// SSL_CTX_flush_sessions(3) for a time, in seconds since the Epoch.
    Flush(i64),
    /// Whether the cache has a session under the id of this one: SSL_has_matching_session_id(3).
    Has(u32),
    /// SSL_SESSION_set_time(3), in seconds since the Epoch.
    SetTime(u32, i64),
    /// SSL_SESSION_set_timeout(3), in seconds.
    SetTimeout(u32, i64),
    /// SSL_CTX_sess_set_cache_size(3)
    SetSize(u32),
    /// SSL_CTX_set_session_cache_mode(3)
    SetMode(u32),
    /// SSL_CTX_sess_number(3)
    Number,
    /// All twelve counters at once.
    Counters,
    /// A server's handshake is begun; the client proposes the id of this session, or nothing.
    Begin(Option<u32>),
    /// The handshake that this thread began last is finished.
    Finish,
    /// The connection that this thread finished last is closed without a shutdown.
    CloseUnclean,
}

impl Call {
    /// The word of this kind of call: for what is left out, and for what is found.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Add(_) => "add",
            Self::Remove(_) => "remove",
            Self::Flush(_) => "flush",
            Self::Has(_) => "has",
            Self::SetTime(..) => "set-time",
            Self::SetTimeout(..) => "set-timeout",
            Self::SetSize(_) => "set-size",
            Self::SetMode(_) => "set-mode",
            Self::Number => "number",
            Self::Counters => "counters",
            Self::Begin(_) => "begin",
            Self::Finish => "finish",
            Self::CloseUnclean => "close",
        }
    }

    /// All of these words.
    pub const WORDS: [&str; 13] = [
        "add",
        "remove",
        "flush",
        "has",
        "set-time",
        "set-timeout",
        "set-size",
        "set-mode",
        "number",
        "counters",
        "begin",
        "finish",
        "close",
    ];
}

impl std::fmt::Display for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Add(s) => write!(f, "add s{s}"),
            Self::Remove(s) => write!(f, "remove s{s}"),
            Self::Flush(tm) => write!(f, "flush {tm}"),
            Self::Has(s) => write!(f, "has the id of s{s}"),
            Self::SetTime(s, time) => write!(f, "set time of s{s} to {time}"),
            Self::SetTimeout(s, timeout) => write!(f, "set timeout of s{s} to {timeout}"),
            Self::SetSize(size) => write!(f, "set size {size}"),
            Self::SetMode(mode) => write!(f, "set mode {mode:#x}"),
            Self::Number => f.write_str("number"),
            Self::Counters => f.write_str("counters"),
            Self::Begin(None) => f.write_str("begin a handshake"),
            Self::Begin(Some(s)) => write!(f, "begin a handshake with the id of s{s}"),
            Self::Finish => f.write_str("finish it"),
            Self::CloseUnclean => f.write_str("close it uncleanly"),
        }
    }
}

/// A session that is there before the threads are; all of them have a reference on it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Made {
    /// Its id, of one byte. Several may have the same one.
    pub id: u8,
    /// In seconds since the Epoch.
    pub time: i64,
    /// In seconds.
    pub timeout: i64,
    /// Whether it is added before the threads begin.
    pub cached: bool,
}

/// A cache as several threads find it, and what each of them calls.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Program {
    /// The sessions.
    pub sessions: Vec<Made>,
    /// The size of the cache; 0: unlimited.
    pub size: u32,
    /// The bits of the session cache mode.
    pub mode: u32,
    /// How many connections were established before.
    pub established: u32,
    /// Whether `remove_session_cb` calls the context from inside.
    pub calls_back: bool,
    /// The calls of each thread.
    pub threads: Vec<Vec<Call>>,
}

/// `SSL_SESS_CACHE_SERVER`
const SERVER: u32 = 0x2;
/// `SSL_SESS_CACHE_NO_INTERNAL_STORE`
pub(super) const NO_STORE: u32 = 0x200;
/// `SSL_SESS_CACHE_NO_AUTO_CLEAR`, `SSL_SESS_CACHE_NO_INTERNAL_LOOKUP`, both, and `SSL_SESS_CACHE_UPDATE_TIME`.
///
/// With each goes `NO_STORE`: a handshake that stores its session does that first, then calls `new_session_cb`, and
/// then counts, so it is no one step. What is stored here is stored by an add.
const FLAGS: [u32; 5] = [NO_STORE, NO_STORE | 0x80, NO_STORE | 0x100, NO_STORE | 0x180, NO_STORE | 0x400];
/// One connection before the automatic flush, and two.
const ESTABLISHED: [u32; 4] = [0, 0, 254, 253];

/// How large a program is, and what it may ask.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Scope {
    /// How many threads there are, at least 1.
    pub threads: u32,
    /// How many calls each makes.
    pub calls: u32,
    /// Whether the cache has handshakes and all counters at once; else its functions alone are called.
    pub whole: bool,
}

impl Program {
    /// The program of this number under this seed.
    #[must_use]
    pub fn draw(seed: u64, number: u64, scope: Scope) -> Self {
        let mut choices = crate::source::Seed(seed).choices(number);
        let sessions: Vec<_> = (0..2 + choices.below(5)).map(|_| made(&mut choices)).collect();
        let size = choices.pick(&[0, 1, 2, 2, 3, 3, 20480]);
        let mode = SERVER | if scope.whole { choices.pick(&FLAGS) } else { 0x80 };
        let established = if scope.whole { choices.pick(&ESTABLISHED) } else { 0 };
        let calls_back = choices.one_in(4);
        let count = u32::try_from(sessions.len()).expect("a few");
        // In some programs some calls are common: the rare ones would hardly ever meet otherwise.
        let favoured = choices.below(16);
        let mut thread = || (0..scope.calls).map(|_| call(&mut choices, count, favoured, scope.whole)).collect();
        let threads = (0..scope.threads).map(|_| thread()).collect();
        Self { sessions, size, mode, established, calls_back, threads }
    }

    /// The same without these kinds of calls.
    #[must_use]
    pub fn without(mut self, words: &[String]) -> Self {
        let out = |call: &Call| words.iter().any(|word| word == call.word());
        self.threads.iter_mut().for_each(|calls| calls.retain(|call| !out(call)));
        self
    }

    /// The numbers of the handshakes of a thread begin with this one, behind those that were established before: each
    /// call has one, used or not.
    #[must_use]
    pub fn first_handshake(&self, thread: usize) -> u32 {
        let before: usize = self.threads[..thread].iter().map(Vec::len).sum();
        self.established + u32::try_from(before).expect("a program has fewer than 2^32 calls")
    }

    /// The object that a server makes in the handshake of this number. Those that were established before make one
    /// after the other, which nobody sees.
    #[must_use]
    pub fn made_by(&self, handshake: u32) -> u32 {
        let sessions = u32::try_from(self.sessions.len()).expect("a program has fewer than 2^32 sessions");
        sessions + (handshake + 1).saturating_sub(self.established)
    }
}

fn made(choices: &mut Prng) -> Made {
    Made {
        id: choices.below(4) as u8,
        time: NOW - i64::from(choices.below(3)) * 50,
        timeout: choices.pick(&[0, 40, 50, 100, 300, 20_000]),
        cached: choices.one_in(2),
    }
}

fn call(choices: &mut Prng, sessions: u32, favoured: u32, whole: bool) -> Call {
    let kind = if choices.one_in(2) { favoured } else { choices.below(16) };
    let s = choices.below(sessions);
    match kind {
        0..3 => Call::Add(s),
        3 | 4 => Call::Remove(s),
        5 => Call::Flush(NOW - 60 + i64::from(choices.below(5)) * 60),
        6 | 7 => Call::Has(s),
        8 => Call::SetTime(s, NOW - i64::from(choices.below(5)) * 50),
        9 => Call::SetTimeout(s, choices.pick(&[0, 50, 100, 300, 20_000])),
        // A library's context is not to be set up again while others use it.
        10 if whole => Call::SetSize(choices.below(4)),
        11 if !whole => Call::Number,
        10 | 12.. if !whole => Call::Add(s),
        11 => Call::Counters,
        10 | 12 => Call::SetMode(SERVER | choices.pick(&FLAGS)),
        13 => Call::Begin((!choices.one_in(4)).then_some(s)),
        14 => Call::Finish,
        _ => choices.pick(&[Call::CloseUnclean, Call::Begin(Some(s)), Call::Finish, Call::Number]),
    }
}
