//! scc: a hash map for many threads.

use scc::HashMap;
use session_cache::SessionId;

use super::FREE;
use crate::peer::{Calls, Held, Less, Peer, Shared};
use crate::workload::Room;

pub(crate) struct Scc(HashMap<SessionId, Held, hashbrown::DefaultHashBuilder>);

impl Calls for &Scc {
    type Session = Held;

    fn add(&mut self, session: &Held) {
        self.0.upsert_sync(*session.id(), Held::clone(session));
    }

    fn lookup(&mut self, id: &SessionId) -> bool {
        self.0.read_sync(id, |_, found| Held::clone(found)).is_some()
    }

    fn remove(&mut self, session: &Held) {
        self.0.remove_sync(session.id());
    }

    fn touch(&mut self, session: &Held, time: i64) {
        self.0.read_sync(session.id(), |_, found| found.set_time(time).expect(FREE));
    }

    fn flush(&mut self, now: i64) {
        self.0.retain_sync(|_, session| !session.is_expired_at(now));
    }
}

impl Peer for Scc {
    const NAME: &'static str = "scc";
    const LESS: &'static [Less] = &[Less::Sweeps, Less::NoLimit];
    type Session = Held;
    type Hand<'a> = &'a Self;

    fn new(_: Room) -> Self {
        Self(HashMap::default())
    }

    fn hand(&mut self) -> &Self {
        self
    }
}

impl Shared for Scc {
    fn share(&self) -> &Self {
        self
    }
}
