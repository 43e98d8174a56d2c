//! What a program is drawn from: which calls threads may make on one cache, and on which sessions.
//!
//! What a library does not promise is in none of a library's: its context is not to be set up again while others use
//! it, and its counters are read one by one.

use super::program::{Call, Made, NOW, Program, Scope};
use crate::source::{Choices, Prng};

/// Kinds of calls.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Alphabet {
    /// All of them.
    Whole,
    /// A library's functions on sessions made by hand, without handshakes.
    Functions,
    /// A library's handshakes of TLS 1.2, and its functions, on sessions that are not changed any more. None of them
    /// comes back once it has left: it is marked then, and some releases damage themselves when they resume it.
    Handshakes,
    /// Handshakes that begin an automatic flush and go on with it, and some of all other calls, on more sessions than
    /// one step of such a flush takes out. None is flushed by hand.
    Flushes,
}

impl Alphabet {
    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Functions => "functions",
            Self::Handshakes => "handshakes",
            Self::Flushes => "flushes",
        }
    }

    /// All of these words.
    pub const WORDS: [&str; 4] = ["whole", "functions", "handshakes", "flushes"];
}

/// `SSL_SESS_CACHE_SERVER`
const SERVER: u32 = 0x2;
/// `SSL_SESS_CACHE_NO_AUTO_CLEAR`
const NO_AUTO_CLEAR: u32 = 0x80;
/// `SSL_SESS_CACHE_NO_INTERNAL_STORE`
pub(super) const NO_INTERNAL_STORE: u32 = 0x200;
/// With `SSL_SESS_CACHE_NO_AUTO_CLEAR`, `SSL_SESS_CACHE_NO_INTERNAL_LOOKUP`, both, and `SSL_SESS_CACHE_UPDATE_TIME`.
const FLAGS: [u32; 7] = [
    0,
    NO_INTERNAL_STORE,
    NO_INTERNAL_STORE | 0x80,
    0x100,
    NO_INTERNAL_STORE | 0x180,
    0x400,
    NO_INTERNAL_STORE | 0x400,
];
/// One connection before the automatic flush, and two.
const ESTABLISHED: [u32; 4] = [0, 0, 254, 253];
/// A library flushes one later, or two; and each of these handshakes takes its time there.
const ESTABLISHED_SLOWLY: [u32; 2] = [255, 254];

/// A program of these choices.
pub(super) fn draw(choices: &mut Prng, scope: Scope) -> Program {
    match scope.alphabet {
        Alphabet::Handshakes => return with_handshakes(choices, scope),
        Alphabet::Flushes => return with_flushes(choices, scope),
        Alphabet::Whole | Alphabet::Functions => {}
    }
    let whole = scope.alphabet == Alphabet::Whole;
    let sessions: Vec<_> = (0..2 + choices.below(5)).map(|_| made(choices, 4)).collect();
    let size = choices.pick(&[0, 1, 2, 2, 3, 3, 20480]);
    let mode = SERVER | if whole { choices.pick(&FLAGS) } else { NO_AUTO_CLEAR };
    let established = if whole { choices.pick(&ESTABLISHED) } else { 0 };
    let calls_back = choices.one_in(4);
    let count = u32::try_from(sessions.len()).expect("a few");
    // In some programs some calls are common: the rare ones would hardly ever meet otherwise.
    let favoured = choices.below(16);
    let mut thread = || (0..scope.calls).map(|_| call(choices, count, favoured, whole)).collect();
    let threads = (0..scope.threads).map(|_| thread()).collect();
    Program { sessions, size, mode, established, calls_back, threads }
}

fn made(choices: &mut Prng, ids: u32) -> Made {
    Made {
        id: choices.below(ids) as u8,
        time: NOW - i64::from(choices.below(3)) * 50,
        timeout: choices.pick(&[0, 40, 50, 100, 300, 20_000]),
        cached: choices.one_in(2),
    }
}

fn flush(choices: &mut Prng) -> Call {
    Call::Flush(NOW - 60 + i64::from(choices.below(5)) * 60)
}

fn call(choices: &mut Prng, sessions: u32, favoured: u32, whole: bool) -> Call {
    let kind = if choices.one_in(2) { favoured } else { choices.below(16) };
    let s = choices.below(sessions);
    match kind {
        0..3 => Call::Add(s),
        3 | 4 => Call::Remove(s),
        5 => flush(choices),
        6 | 7 => Call::Has(s),
        8 => Call::SetTime(s, NOW - i64::from(choices.below(5)) * 50),
        9 => Call::SetTimeout(s, choices.pick(&[0, 50, 100, 300, 20_000])),
        10 if whole => Call::SetSize(choices.below(4)),
        11 if !whole => Call::Number,
        10 | 12.. if !whole => Call::Add(s),
        11 => Call::Counters,
        10 | 12 => Call::SetMode(SERVER | choices.pick(&FLAGS)),
        13 => choices.pick(&[Call::Begin(Some(s)), Call::Begin(Some(s)), Call::Begin(None), Call::BeginOwn]),
        14 => Call::Finish,
        _ => choices.pick(&[Call::CloseUnclean, Call::Begin(Some(s)), Call::Finish, Call::Number]),
    }
}

fn with_handshakes(choices: &mut Prng, scope: Scope) -> Program {
    let sessions: Vec<_> = (0..4 + choices.below(5)).map(|_| made(choices, 6)).collect();
    let size = choices.pick(&[0, 1, 2, 2, 3, 3, 20480]);
    let mode = SERVER | choices.pick(&FLAGS);
    let established = if choices.one_in(32) { choices.pick(&ESTABLISHED_SLOWLY) } else { 0 };
    // Each is added once at most, by one thread, and removed by hand only where it was there from the first.
    let numbered = || (0..).zip(&sessions);
    let mut to_add: Vec<u32> = numbered().filter(|(_, made)| !made.cached).map(|(s, _)| s).collect();
    let to_remove: Vec<u32> = numbered().filter(|(_, made)| made.cached).map(|(s, _)| s).collect();
    let favoured = choices.below(16);
    let count = u32::try_from(sessions.len()).expect("a few");
    let mut call = || {
        let kind = if choices.one_in(3) { favoured } else { choices.below(16) };
        let s = choices.below(count);
        match kind {
            0..4 => Call::Begin(Some(s)),
            4 => Call::Begin(None),
            5 => Call::BeginOwn,
            6..10 => Call::Finish,
            10 => Call::CloseUnclean,
            11 => Call::Has(s),
            12 | 13 => to_add.pop().map_or(Call::Has(s), Call::Add),
            14 => flush(choices),
            _ if to_remove.is_empty() => Call::Finish,
            _ => Call::Remove(choices.pick(&to_remove)),
        }
    };
    let threads = (0..scope.threads).map(|_| (0..scope.calls).map(|_| call()).collect()).collect();
    Program { sessions, size, mode, established, calls_back: false, threads }
}

fn with_flushes(choices: &mut Prng, scope: Scope) -> Program {
    // Up to three steps of 64, by the ids of one byte that there are.
    let count = 60 + choices.below(90);
    let numbers = 0..u8::try_from(count).expect("fewer than 150");
    let old = |choices: &mut Prng, id| Made { id, cached: !choices.one_in(16), time: NOW - 60, ..made(choices, 1) };
    let sessions = numbers.map(|id| old(choices, id)).collect();
    let size = choices.pick(&[0, 0, 100, 20480]);
    let mode = SERVER | choices.pick(&FLAGS);
    let established = choices.pick(&[254, 253]);
    let calls_back = choices.one_in(4);
    let favoured = choices.below(16);
    let mut next = || match choices.below(4) {
        0 => match call(choices, count, favoured, true) {
            // By hand it takes as many steps as it needs, each of its own.
            Call::Flush(_) => Call::Number,
            call => call,
        },
        1 | 2 => Call::Finish,
        _ => Call::Begin(None),
    };
    let threads = (0..scope.threads).map(|_| (0..scope.calls).map(|_| next()).collect()).collect();
    Program { sessions, size, mode, established, calls_back, threads }
}
