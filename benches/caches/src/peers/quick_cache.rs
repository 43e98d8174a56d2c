//! quick_cache: a cache that drops what is used least.

use quick_cache::sync::Cache;
use session_cache::SessionId;

use super::{Held, held};
use crate::peer::{Less, Shared};
use crate::workload::Spec;

pub(crate) struct Quick(Cache<SessionId, Held>);

impl Shared for Quick {
    const NAME: &'static str = "quick_cache";
    const LESS: &'static [Less] = &[Less::Sweeps, Less::OtherVictim];
    type Session = Held;

    fn new(size: usize) -> Self {
        // Its parts have a limit each: twice the number holds that number.
        Self(Cache::new(if size == 0 { 1 << 21 } else { size }))
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
        self.0.remove(session.id());
    }

    fn flush(&self, now: i64) {
        self.0.retain(|_, session| !session.is_expired_at(now));
    }
}
