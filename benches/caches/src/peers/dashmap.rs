//! dashmap: a hash map in parts, each with a lock.

use dashmap::DashMap;
use session_cache::SessionId;

use super::{Held, held};
use crate::peer::{Less, Shared};
use crate::workload::Spec;

pub(crate) struct Dash(DashMap<SessionId, Held, hashbrown::DefaultHashBuilder>);

impl Shared for Dash {
    const NAME: &'static str = "dashmap";
    const LESS: &'static [Less] = &[Less::Sweeps, Less::NoLimit];
    type Session = Held;

    fn new(_: usize) -> Self {
        Self(DashMap::default())
    }

    fn session(spec: &Spec) -> Held {
        held(spec)
    }

    fn add(&self, session: &Held) {
        self.0.insert(*session.id(), Held::clone(session));
    }

    fn lookup(&self, id: &SessionId) -> bool {
        self.0.get(id).map(|found| Held::clone(&found)).is_some()
    }

    fn remove(&self, session: &Held) {
        self.0.remove(session.id());
    }

    fn flush(&self, now: i64) {
        self.0.retain(|_, session| !session.is_expired_at(now));
    }
}
