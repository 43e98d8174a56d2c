//! The memory cache of rustls: bytes for bytes, and who was added first leaves first.

use std::sync::Arc;

use rustls::server::{ServerSessionMemoryCache, StoresServerSessions};
use session_cache::SessionId;

use crate::peer::{Calls, Held, Less, Peer, Shared};
use crate::workload::Room;

pub(crate) struct Rustls(Arc<ServerSessionMemoryCache>);

/// As long as what rustls itself stores in it for TLS 1.2.
const SERIALISED: [u8; 64] = [7; 64];

impl Calls for &Rustls {
    type Session = Held;

    fn add(&mut self, session: &Held) {
        self.0.put(session.id().as_bytes().to_vec(), SERIALISED.to_vec());
    }

    fn lookup(&mut self, id: &SessionId) -> bool {
        self.0.get(id.as_bytes()).is_some()
    }

    fn remove(&mut self, session: &Held) {
        self.0.take(session.id().as_bytes());
    }

    fn flush(&mut self, _: i64) {}
}

impl Peer for Rustls {
    const NAME: &'static str = "rustls";
    const LESS: &'static [Less] = &[Less::NoFlush, Less::OtherVictim, Less::NoTouch, Less::Copies];
    type Session = Held;
    type Hand<'a> = &'a Self;

    fn new(room: Room) -> Self {
        Self(ServerSessionMemoryCache::new(if room.limit == 0 { room.sessions } else { room.limit }))
    }

    fn hand(&mut self) -> &Self {
        self
    }
}

impl Shared for Rustls {
    fn share(&self) -> &Self {
        self
    }
}
