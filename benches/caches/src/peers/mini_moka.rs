//! mini-moka: as moka, with one timeout for all.

use std::time::Duration;

use mini_moka::sync::{Cache, ConcurrentCacheExt};
use session_cache::SessionId;

use super::{Held, held};
use crate::peer::{Less, Shared};
use crate::workload::Spec;

pub(crate) struct MiniMoka(Cache<SessionId, Held>);

impl Shared for MiniMoka {
    const NAME: &'static str = "mini-moka";
    const LESS: &'static [Less] = &[Less::NoFlush, Less::OtherVictim];
    type Session = Held;

    fn new(size: usize) -> Self {
        let builder = Cache::builder().time_to_live(Duration::from_secs(7200));
        Self(if size == 0 { builder } else { builder.max_capacity(size as u64) }.build())
    }

    fn session(spec: &Spec) -> Held {
        held(spec)
    }

    fn add(&self, session: &Held) {
        self.0.insert(*session.id(), Held::clone(session));
    }

    fn lookup(&self, id: &SessionId) -> bool {
        self.0.get(id).is_some()
    }

    fn remove(&self, session: &Held) {
        self.0.invalidate(session.id());
    }

    fn flush(&self, _: i64) {
        self.0.sync();
    }
}
