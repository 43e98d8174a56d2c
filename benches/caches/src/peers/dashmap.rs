//! dashmap: a hash map in parts, each with a lock.

use dashmap::DashMap;
use session_cache::SessionId;

use super::{Held, held};
use crate::peer::{Less, Peer};
use crate::workload::Spec;

pub(crate) struct Dash(DashMap<SessionId, Held, hashbrown::DefaultHashBuilder>);

impl Peer for Dash {
    const NAME: &'static str = "dashmap";
    const LESS: &'static [Less] = &[Less::Sweeps, Less::NoLimit];
    type Session = Held;

    fn new(_: usize) -> Self {
        Self(DashMap::default())
    }

    fn session(spec: &Spec) -> Held {
        held(spec)
    }

    fn add(&mut self, session: &Held) {
        self.0.insert(*session.id(), Held::clone(session));
    }

    fn lookup(&mut self, id: &SessionId) -> bool {
        self.0.get(id).map(|found| Held::clone(&found)).is_some()
    }

    fn remove(&mut self, session: &Held) {
        self.0.remove(session.id());
    }

    fn flush(&mut self, now: i64) {
        self.0.retain(|_, session| !session.is_expired_at(now));
    }
}
