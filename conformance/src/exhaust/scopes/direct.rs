//! Scopes without connections: calls on sessions and contexts alone.

use session_model::{CacheMode, Time, Timeout};

use super::{OTHER, SERVER, Scope, add, flush, hand, letters as alphabet, names, recording, remove, setup};
use crate::op::{At, Name, Op};
use crate::trace::ContextSetup;

/// Every direct call, on one cache.
pub(super) fn direct() -> Scope {
    let (a, twin, b) = (Name(0), Name(1), Name(2));
    let mut letters = Vec::new();
    for session in [a, twin, b] {
        letters.extend([add(SERVER, session), remove(SERVER, session)]);
        letters.extend([Op::UpRef(session), Op::Free(session)]);
        letters.extend([Op::SessionSetTime(session, Time(0)), Op::SessionSetTimeout(session, Timeout(2))]);
        letters.extend([Op::SessionGetTime(session), Op::SessionGetTimeout(session), Op::IsResumable(session)]);
    }
    letters.extend([flush(SERVER, At::Now(0)), flush(SERVER, At::Now(2)), flush(SERVER, At::Absolute(Time(0)))]);
    letters.extend([0, 1, 2].map(|size| Op::SessSetCacheSize(SERVER, size)));
    let modes = [CacheMode::OFF, CacheMode::SERVER, CacheMode::SERVER | CacheMode::UPDATE_TIME];
    letters.extend(modes.map(|mode| Op::SetSessionCacheMode(SERVER, mode)));
    letters.extend([Op::GetSessionCacheMode(SERVER), Op::SessGetCacheSize(SERVER), Op::GetTimeout(SERVER)]);
    letters.extend([Op::SetTimeout(SERVER, Timeout(1)), Op::CtxFree(SERVER)]);
    letters.extend([Op::Advance(1), Op::SetClock(Time(-1))]);
    Scope {
        name: "direct",
        about: "one cache and all calls on it: two sessions of one id, one of another; sizes 0 to 2, three modes, a \
                clock that goes both ways",
        setup: setup(vec![recording()], vec![hand(SERVER, 1, 1), hand(SERVER, 1, 1), hand(SERVER, 2, 2)]),
        letters: alphabet(letters),
        alike: vec![vec![a.0, twin.0]],
        pools: Vec::new(),
        connections: 0,
        names: names(&["server"], &["a", "twin", "b"]),
    }
}

/// In which order sessions leave.
pub(super) fn order() -> Scope {
    let all = [Name(0), Name(1), Name(2)];
    let mut letters = Vec::new();
    for session in all {
        letters.extend([add(SERVER, session), remove(SERVER, session)]);
        letters.extend([Op::SessionSetTime(session, Time(0)), Op::SessionSetTime(session, Time(-1))]);
        letters.extend([1, 2].map(|timeout| Op::SessionSetTimeout(session, Timeout(timeout))));
    }
    letters.extend([0, 1, 2].map(|later| flush(SERVER, At::Now(later))));
    letters.extend([1, 2, 3].map(|size| Op::SessSetCacheSize(SERVER, size)));
    letters.extend([Op::Advance(1), Op::CtxFree(SERVER)]);
    let server = ContextSetup { size: Some(2), ..recording() };
    Scope {
        name: "order",
        about: "the order of expiry: three sessions alike, times and timeouts that meet, sizes 1 to 3",
        setup: setup(vec![server], (1..=3).map(|id| hand(SERVER, id, 2)).collect()),
        letters: alphabet(letters),
        alike: vec![all.map(|name| name.0).to_vec()],
        pools: Vec::new(),
        connections: 0,
        names: names(&["server"], &["a", "b", "c"]),
    }
}

/// Two caches that have nothing to do with each other.
pub(super) fn contexts() -> Scope {
    let (a, b, c) = (Name(0), Name(1), Name(2));
    let mut letters = Vec::new();
    for (context, session) in [(SERVER, a), (SERVER, b), (OTHER, c)] {
        letters.extend([add(context, session), remove(context, session), Op::Free(session)]);
        letters.extend([Op::SessionSetTimeout(session, Timeout(1)), Op::IsResumable(session)]);
    }
    for context in [SERVER, OTHER] {
        letters.extend([flush(context, At::Now(0)), flush(context, At::Now(2))]);
        letters.extend([Op::SessSetCacheSize(context, 1), Op::SetTimeout(context, Timeout(5)), Op::CtxFree(context)]);
        letters.push(Op::SetSessionCacheMode(context, CacheMode::SERVER | CacheMode::UPDATE_TIME));
    }
    letters.push(Op::Advance(1));
    Scope {
        name: "contexts",
        about: "two caches: two sessions of the one, a session of the other with the id of the first",
        setup: setup(vec![recording(), recording()], vec![hand(SERVER, 1, 2), hand(SERVER, 2, 1), hand(OTHER, 1, 1)]),
        letters: alphabet(letters),
        alike: Vec::new(),
        pools: Vec::new(),
        connections: 0,
        names: names(&["server", "other"], &["a", "b", "c"]),
    }
}
