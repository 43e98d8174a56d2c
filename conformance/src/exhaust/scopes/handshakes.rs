//! Scopes of handshakes that resume by id.

use session_model::application::{Callbacks, Copy, GetScript, NewScript};
use session_model::{CacheMode, ContextRef, IdContext, Mechanism, Timeout};

use super::{
    CLIENT, K, OTHER, SERVER, Scope, add, clean, client as of_client, flush, hand, letters as alphabet, names,
    peer as of_peer, remove, setup, short_lived, unclean, unknown,
};
use crate::op::{Accept, At, Close, LongIdContext, Makes, Name, Op, Propose, Renegotiate, Renegotiation};
use crate::trace::ContextSetup;

const IDS: Mechanism = Mechanism::Ids;
/// A session that was made by hand.
const HAND: Name = Name(0);

fn id_context(bytes: &[u8]) -> LongIdContext {
    LongIdContext::new(bytes).expect("it is short")
}

/// A server and a client that is observed, by ids.
pub(super) fn handshakes() -> Scope {
    let (server, client, second) = (Name(1), Name(2), Name(3));
    let peer = |propose| of_peer(propose, IDS, server);
    let client_with = |propose| of_client(propose, IDS, server, client);
    let mut letters = vec![clean(peer(Propose::Nothing)), clean(peer(unknown()))];
    letters.extend([HAND, server].map(|session| clean(peer(Propose::Session(session)))));
    letters.extend([clean, unclean].map(|closed| closed(client_with(Propose::Nothing))));
    letters.push(Op::AcceptBegin(K, client_with(Propose::Nothing)));
    letters.push(Op::AcceptBegin(K, peer(Propose::Session(server))));
    for session in [client, second] {
        let proposed = client_with(Propose::Session(session));
        letters.extend([clean(proposed), unclean(proposed), Op::AcceptBegin(K, proposed)]);
        letters.extend([remove(CLIENT, session), Op::Free(session), Op::IsResumable(session)]);
    }
    letters.extend([Op::AcceptFinish(K), Op::AcceptAbort(K), Op::Close(K, Close::Clean), Op::Close(K, Close::Unclean)]);
    let makes = Makes::first(Some(server), Some(client));
    let kinds = [Renegotiation::New, Renegotiation::Abbreviated, Renegotiation::Requested];
    letters.extend(kinds.map(|kind| Op::Renegotiate(K, Renegotiate { kind, makes })));
    letters.extend([add(SERVER, HAND), remove(SERVER, HAND), remove(SERVER, server), Op::Free(server)]);
    letters.extend([flush(SERVER, At::Now(2)), flush(CLIENT, At::Now(2)), Op::Advance(1)]);
    for flag in [CacheMode::OFF, CacheMode::NO_INTERNAL_LOOKUP, CacheMode::NO_INTERNAL_STORE, CacheMode::UPDATE_TIME] {
        letters.push(Op::SetSessionCacheMode(SERVER, CacheMode::SERVER | flag));
    }
    letters.extend([SERVER, CLIENT].map(|context| Op::SetSessionCacheMode(context, CacheMode::OFF)));
    letters.extend([Op::SetSessionIdContext(SERVER, id_context(b"A")), Op::SessSetCacheSize(SERVER, 1)]);
    letters.push(Op::SetTimeout(SERVER, Timeout(0)));
    let contexts = vec![short_lived(CacheMode::SERVER), short_lived(CacheMode::CLIENT)];
    Scope {
        name: "handshakes",
        about: "resumption by id: a client that is observed and one that is not, a session made by hand, one connection \
                that stays open",
        setup: setup(contexts, vec![hand(SERVER, 1, 1)]),
        letters: alphabet(letters),
        alike: vec![vec![client.0, second.0]],
        pools: vec![vec![server.0], vec![client.0, second.0]],
        connections: 1,
        names: names(&["server", "client"], &["hand"]),
    }
}

/// A server with an application that has a cache of its own.
pub(super) fn external() -> Scope {
    let (first, second) = (Name(1), Name(2));
    let peer = |propose| of_peer(propose, IDS, first);
    let mut letters = vec![clean(peer(Propose::Nothing)), clean(peer(unknown()))];
    for session in [HAND, first, second] {
        letters.push(clean(peer(Propose::Session(session))));
        letters.extend([Op::ExternalStore(SERVER, session), Op::ExternalForget(SERVER, session)]);
        letters.extend([remove(SERVER, session), Op::Free(session)]);
    }
    for session in [first, second] {
        let proposed = peer(Propose::Session(session));
        letters.extend([unclean(proposed), Op::AcceptBegin(K, proposed)]);
    }
    letters.extend([Op::AcceptFinish(K), Op::AcceptAbort(K), Op::Close(K, Close::Clean)]);
    letters.extend([add(SERVER, HAND), flush(SERVER, At::Now(2)), Op::Advance(1), Op::SessSetCacheSize(SERVER, 1)]);
    let flags = [CacheMode::OFF, CacheMode::NO_INTERNAL_LOOKUP, CacheMode::NO_INTERNAL_STORE, CacheMode::NO_INTERNAL];
    letters.extend(flags.map(|flag| Op::SetSessionCacheMode(SERVER, CacheMode::SERVER | flag)));
    letters.push(Op::SetSessionCacheMode(SERVER, CacheMode::OFF));
    let callbacks = |keeps, copy| Callbacks {
        new: Some(NewScript { first: Vec::new(), then: keeps }),
        get: Some(GetScript { first: Vec::new(), then: copy }),
        remove: true,
    };
    let set = [callbacks(false, Copy::One), callbacks(true, Copy::Zero), callbacks(true, Copy::Unset)];
    letters.extend(set.map(|callbacks| Op::SetCallbacks(SERVER, callbacks)));
    letters.push(Op::SetCallbacks(SERVER, Callbacks::default()));
    let server = ContextSetup { callbacks: callbacks(true, Copy::One), ..short_lived(CacheMode::SERVER) };
    Scope {
        name: "external",
        about: "an application with a cache of its own: what new, get and remove callbacks keep, answer and forget",
        setup: setup(vec![server], vec![hand(SERVER, 1, 1)]),
        letters: alphabet(letters),
        alike: vec![vec![first.0, second.0]],
        pools: vec![vec![first.0, second.0]],
        connections: 1,
        names: names(&["server"], &["hand"]),
    }
}

/// Connections that a server switches to another context.
pub(super) fn switched() -> Scope {
    let (server, client) = (Name(1), Name(2));
    let observed = ContextRef(2);
    let own = IdContext::new(b"A").expect("it is short");
    let with = |propose, id_context, switch_to, seen: bool| Accept {
        client: seen.then_some(observed),
        makes: Makes::first(Some(server), seen.then_some(client)),
        id_context,
        switch_to,
        ..of_peer(propose, IDS, server)
    };
    let mut letters = Vec::new();
    for switch_to in [None, Some(OTHER)] {
        for id_context in [None, Some(own)] {
            letters.push(clean(with(Propose::Nothing, id_context, switch_to, true)));
            letters.push(clean(with(Propose::Session(server), id_context, switch_to, false)));
            letters.push(clean(with(Propose::Session(client), id_context, switch_to, true)));
            letters.push(Op::AcceptBegin(K, with(Propose::Nothing, id_context, switch_to, true)));
        }
        letters.push(clean(with(Propose::Session(HAND), None, switch_to, false)));
    }
    letters.extend([Op::AcceptFinish(K), Op::AcceptAbort(K), Op::Close(K, Close::Clean), Op::Close(K, Close::Unclean)]);
    let makes = Makes::first(Some(server), Some(client));
    let kinds = [Renegotiation::New, Renegotiation::Abbreviated, Renegotiation::Requested];
    letters.extend(kinds.map(|kind| Op::Renegotiate(K, Renegotiate { kind, makes })));
    for context in [SERVER, OTHER] {
        letters.push(Op::SetSessionCacheMode(context, CacheMode::OFF));
        letters.extend([b"A", b"B"].map(|bytes| Op::SetSessionIdContext(context, id_context(bytes))));
    }
    letters.extend([add(SERVER, HAND), remove(SERVER, server), Op::Free(server), Op::Free(client), Op::Advance(2)]);
    let servers = ContextSetup { verify_peer: true, ..short_lived(CacheMode::SERVER) };
    let contexts = vec![short_lived(CacheMode::SERVER), servers, short_lived(CacheMode::CLIENT)];
    Scope {
        name: "switched",
        about: "connections switched to another context, or with an id context of their own; the other one verifies peers",
        setup: setup(contexts, vec![hand(SERVER, 1, 1)]),
        letters: alphabet(letters),
        alike: Vec::new(),
        pools: vec![vec![server.0], vec![client.0]],
        connections: 1,
        names: names(&["server", "other", "client"], &["hand"]),
    }
}
