//! A scope of handshakes that resume by tickets.

use session_model::{CacheMode, Mechanism, Timeout};

use super::{
    CLIENT, K, SERVER, Scope, clean, client as of_client, flush, letters as alphabet, names, peer as of_peer, remove,
    setup, short_lived,
};
use crate::op::{Accept, At, Close, Makes, Name, Op, Propose};

/// A server and a client that is observed, by tickets of both protocols.
pub(super) fn tickets() -> Scope {
    let (servers, clients) = ([Name(0), Name(1)], [Name(2), Name(3)]);
    let makes = |mechanism| Makes { server: pool(servers[0], mechanism), client: pool(clients[0], mechanism) };
    let client = |propose, mechanism| Accept {
        makes: makes(mechanism),
        ..of_client(propose, mechanism, servers[0], clients[0])
    };
    let peer = |propose, mechanism| of_peer(propose, mechanism, servers[0]);
    let mechanisms =
        [Mechanism::Tickets, Mechanism::Stateful(1), Mechanism::Stateful(2), Mechanism::Stateless(1), Mechanism::Ids];
    let mut letters = Vec::new();
    for mechanism in mechanisms {
        letters.push(clean(client(Propose::Nothing, mechanism)));
        letters.extend(clients.map(|session| clean(client(Propose::Session(session), mechanism))));
    }
    for mechanism in [Mechanism::Tickets, Mechanism::Stateful(1), Mechanism::Stateless(1)] {
        letters.extend(clients.map(|session| clean(peer(Propose::Session(session), mechanism))));
    }
    for session in servers {
        letters.extend([clean(peer(Propose::Session(session), Mechanism::Stateful(1))), remove(SERVER, session)]);
    }
    for session in clients {
        letters.push(Op::AcceptBegin(K, client(Propose::Session(session), Mechanism::Stateful(1))));
        letters.extend([remove(CLIENT, session), Op::Free(session)]);
    }
    letters.push(Op::AcceptBegin(K, client(Propose::Nothing, Mechanism::Stateless(1))));
    letters.extend([Op::AcceptFinish(K), Op::AcceptAbort(K), Op::Close(K, Close::Unclean)]);
    letters.extend([flush(SERVER, At::Now(2)), Op::Advance(1), Op::SetTimeout(SERVER, Timeout(2))]);
    letters.extend(
        [CacheMode::OFF, CacheMode::SERVER | CacheMode::NO_INTERNAL_STORE]
            .map(|mode| Op::SetSessionCacheMode(SERVER, mode)),
    );
    letters.push(Op::SetSessionCacheMode(CLIENT, CacheMode::OFF));
    Scope {
        name: "tickets",
        about: "resumption by tickets, stateless and stateful, of TLS 1.2 and 1.3, and by ids beside them",
        setup: setup(vec![short_lived(CacheMode::SERVER), short_lived(CacheMode::CLIENT)], Vec::new()),
        letters: alphabet(letters),
        alike: [servers, clients].map(|places| places.map(|name| name.0).to_vec()).to_vec(),
        pools: [servers, clients].map(|places| places.map(|name| name.0).to_vec()).to_vec(),
        connections: 1,
        names: names(&["server", "client"], &[]),
    }
}

/// A name of a pool for each session that is made: one a ticket, and before TLS 1.3 one.
fn pool(first: Name, mechanism: Mechanism) -> [Option<Name>; Mechanism::TICKETS] {
    [0, 1, 2, 3].map(|n| (n < mechanism.tickets().max(1)).then_some(first))
}
