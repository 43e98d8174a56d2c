//! scc: a hash map for many threads.

use scc::HashMap;
use session_cache::SessionId;

use super::{Held, held};
use crate::peer::{Less, Shared};
use crate::workload::Spec;

pub(crate) struct Scc(HashMap<SessionId, Held, hashbrown::DefaultHashBuilder>);

impl Shared for Scc {
    const NAME: &'static str = "scc";
    const LESS: &'static [Less] = &[Less::Sweeps, Less::NoLimit];
    type Session = Held;

    fn new(_: usize) -> Self {
        Self(HashMap::default())
    }

    fn session(spec: &Spec) -> Held {
        held(spec)
    }

    fn add(&self, session: &Held) {
        self.0.upsert_sync(*session.id(), Held::clone(session));
    }

    fn lookup(&self, id: &SessionId) -> bool {
        self.0.read_sync(id, |_, found| Held::clone(found)).is_some()
    }

    fn remove(&self, session: &Held) {
        self.0.remove_sync(session.id());
    }

    fn flush(&self, now: i64) {
        self.0.retain_sync(|_, session| !session.is_expired_at(now));
    }
}
