//! The floor: a hash map alone, without lock, limit or order.

use hashbrown::HashMap;
use session_cache::SessionId;

use super::{Held, held};
use crate::peer::{Less, Peer};
use crate::workload::Spec;

pub(crate) struct Plain(HashMap<SessionId, Held>);

impl Peer for Plain {
    const NAME: &'static str = "hash map";
    const LESS: &'static [Less] = &[Less::NoLock, Less::Sweeps, Less::NoLimit];
    type Session = Held;

    fn new(_: usize) -> Self {
        Self(HashMap::new())
    }

    fn session(spec: &Spec) -> Held {
        held(spec)
    }

    fn add(&mut self, session: &Held) {
        self.0.insert(*session.id(), Held::clone(session));
    }

    fn lookup(&mut self, id: &SessionId) -> bool {
        self.0.get(id).cloned().is_some()
    }

    fn remove(&mut self, session: &Held) {
        self.0.remove(session.id());
    }

    fn flush(&mut self, now: i64) {
        self.0.retain(|_, session| !session.is_expired_at(now));
    }
}
