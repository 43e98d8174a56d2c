//! The memory cache of rustls: bytes for bytes, and who was added first leaves first.

use std::sync::Arc;

use rustls::server::{ServerSessionMemoryCache, StoresServerSessions};
use session_cache::SessionId;

use super::{Held, held};
use crate::peer::{Less, Shared};
use crate::workload::Spec;

pub(crate) struct Rustls(Arc<ServerSessionMemoryCache>);

/// As long as what rustls itself stores in it for TLS 1.2.
const SERIALISED: [u8; 64] = [7; 64];

impl Shared for Rustls {
    const NAME: &'static str = "rustls";
    const LESS: &'static [Less] = &[Less::NoFlush, Less::OtherVictim];
    type Session = Held;

    fn new(size: usize) -> Self {
        Self(ServerSessionMemoryCache::new(if size == 0 { 1 << 20 } else { size }))
    }

    fn session(spec: &Spec) -> Held {
        held(spec)
    }

    fn add(&self, session: &Held) {
        self.0.put(session.id().as_bytes().to_vec(), SERIALISED.to_vec());
    }

    fn lookup(&self, id: &SessionId) -> bool {
        self.0.get(id.as_bytes()).is_some()
    }

    fn remove(&self, session: &Held) {
        self.0.take(session.id().as_bytes());
    }

    fn flush(&self, _: i64) {}
}
