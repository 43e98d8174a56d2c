//! A scope in which automatic flushes become due: a letter is many connections.

use session_model::{CacheMode, Mechanism, Timeout};

use super::{CLIENT, SERVER, Scope, add, flush, hand, letters as alphabet, names, recording, setup};
use crate::op::{Accept, At, Close, Makes, Name, Op, Propose};
use crate::trace::ContextSetup;

/// Connections that one letter makes: one short of a period.
const MANY: u32 = 254;

/// A server and a client, and many connections in one step, whose sessions leave at once.
pub(super) fn flushes() -> Scope {
    let (session, of_client) = (Name(0), Name(1));
    let accept = |client, mechanism| Accept {
        context: SERVER,
        client,
        mechanism,
        propose: Propose::Nothing,
        id_context: None,
        switch_to: None,
        makes: Makes::UNNAMED,
    };
    let resumes = |mechanism| Accept { propose: Propose::Session(session), ..accept(None, mechanism) };
    let leaves = |accept| Op::Handshake(accept, Close::Unclean);
    let (ids, tickets) = (Mechanism::Ids, Mechanism::Stateful(1));
    let mut letters = Vec::new();
    for accept in [accept(None, ids), accept(None, tickets), accept(Some(CLIENT), ids)] {
        letters.extend([leaves(accept), Op::Repeat(MANY, vec![leaves(accept)])]);
    }
    letters.push(Op::Handshake(resumes(ids), Close::Clean));
    letters.extend([add(SERVER, session), add(CLIENT, of_client), flush(SERVER, At::Now(0)), Op::Advance(1)]);
    let modes = [CacheMode::OFF, CacheMode::SERVER | CacheMode::NO_AUTO_CLEAR];
    letters.extend(modes.map(|mode| Op::SetSessionCacheMode(SERVER, mode)));
    let server = ContextSetup { timeout: Some(Timeout(300)), ..recording() };
    let client = ContextSetup { mode: Some(CacheMode::CLIENT), ..server.clone() };
    Scope {
        name: "flushes",
        about: "automatic flushes: one connection or 254 at a step, of both roles and protocols, and a session that expires",
        setup: setup(vec![server, client], vec![hand(SERVER, 1, 0), hand(CLIENT, 2, 0)]),
        letters: alphabet(letters),
        alike: Vec::new(),
        pools: Vec::new(),
        connections: 0,
        names: names(&["server", "client"], &["a", "c"]),
    }
}
