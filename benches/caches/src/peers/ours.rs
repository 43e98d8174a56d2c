//! Ours: as threads share it, and the structure inside alone.

use session_cache::{Context, InternalCache, Left, SessionId, Why};

use super::{Held, held};
use crate::peer::{self, Less, Peer};
use crate::workload::Spec;

/// A context.
pub(crate) struct Shared(Context<u64>);

impl peer::Shared for Shared {
    const NAME: &'static str = "session-cache";
    const LESS: &'static [Less] = &[];
    type Session = Held;

    fn new(size: usize) -> Self {
        let context = Context::new();
        context.sess_set_cache_size(size);
        Self(context)
    }

    fn session(spec: &Spec) -> Held {
        held(spec)
    }

    fn add(&self, session: &Held) {
        self.0.add_session(session, &mut ());
    }

    fn lookup(&self, id: &SessionId) -> bool {
        self.0.cached(id).is_some()
    }

    fn remove(&self, session: &Held) {
        self.0.remove_session(session, &mut ());
    }

    fn flush(&self, now: i64) {
        self.0.flush_sessions(now, &mut ());
    }
}

/// The internal cache, with the buffer for what leaves it.
pub(crate) struct Unlocked {
    cache: InternalCache<u64>,
    left: Vec<Left<u64>>,
}

impl Peer for Unlocked {
    const NAME: &'static str = "ours, no lock";
    const LESS: &'static [Less] = &[Less::NoLock];
    type Session = Held;

    fn new(size: usize) -> Self {
        Self { cache: InternalCache::new(size), left: Vec::new() }
    }

    fn session(spec: &Spec) -> Held {
        held(spec)
    }

    fn add(&mut self, session: &Held) {
        self.cache.add(session, &mut self.left);
        self.left.clear();
    }

    fn lookup(&mut self, id: &SessionId) -> bool {
        self.cache.lookup(id).cloned().is_some()
    }

    fn remove(&mut self, session: &Held) {
        self.cache.remove(session, Why::Removed, &mut self.left);
        self.left.clear();
    }

    fn flush(&mut self, now: i64) {
        self.cache.flush(now, &mut self.left);
        self.left.clear();
    }
}
