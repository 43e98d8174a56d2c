//! What several threads are to do with one cache: the sessions that there are, how the cache begins, the calls of each
//! thread. Drawn from a seed, or read from a saved history.

use serde::{Deserialize, Serialize};

use super::alphabet::Alphabet;

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
    /// The same; the client proposes what the last full handshake of this thread has made, if there was one.
    BeginOwn,
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
            Self::Begin(_) | Self::BeginOwn => "begin",
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
            Self::BeginOwn => f.write_str("begin a handshake with the id of its own last session"),
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
    /// How many connections were established before; what they made was not stored.
    pub established: u32,
    /// Whether `remove_session_cb` calls the context from inside.
    pub calls_back: bool,
    /// The calls of each thread.
    pub threads: Vec<Vec<Call>>,
}

/// How large a program is, and what it may ask.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Scope {
    /// How many threads there are, at least 1.
    pub threads: u32,
    /// How many calls each makes.
    pub calls: u32,
    /// What its calls are drawn from.
    pub alphabet: Alphabet,
}

impl Program {
    /// The program of this number under this seed.
    #[must_use]
    pub fn draw(seed: u64, number: u64, scope: Scope) -> Self {
        super::alphabet::draw(&mut crate::source::Seed(seed).choices(number), scope)
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

    /// The object that a server makes in the handshake of this number; the number after it is free. Those that were
    /// established before make one after the other, which nobody sees.
    #[must_use]
    pub fn made_by(&self, handshake: u32) -> u32 {
        let sessions = u32::try_from(self.sessions.len()).expect("a program has fewer than 2^32 sessions");
        sessions + 2 * (handshake + 1).saturating_sub(self.established)
    }

    /// By thread and call, the object that the call would make if it began a handshake: [`Self::made_by`].
    #[must_use]
    pub fn makes(&self) -> Vec<Vec<u32>> {
        let of = |thread| self.first_handshake(thread)..self.first_handshake(thread + 1);
        (0..self.threads.len()).map(|thread| of(thread).map(|handshake| self.made_by(handshake)).collect()).collect()
    }

    /// Whether it may come to an automatic flush, which is with the 255th connection at the soonest, and in a library
    /// with the 256th.
    #[must_use]
    pub fn may_flush_by_itself(&self) -> bool {
        let finishes = self.threads.iter().flatten().filter(|call| **call == Call::Finish).count();
        self.established as usize + finishes >= 255
    }
}
