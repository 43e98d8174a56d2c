//! dashmap: a hash map in parts, each with a lock.

use dashmap::DashMap;
use session_cache::SessionId;

use super::FREE;
use crate::peer::{Calls, Held, Less, Peer, Shared};
use crate::workload::Room;

pub(crate) struct Dash(DashMap<SessionId, Held, hashbrown::DefaultHashBuilder>);

impl Calls for &Dash {
    type Session = Held;

    fn add(&mut self, session: &Held) {
        self.0.insert(*session.id(), Held::clone(session));
    }

    fn lookup(&mut self, id: &SessionId) -> bool {
        self.0.get(id).map(|found| Held::clone(&found)).is_some()
    }

    fn remove(&mut self, session: &Held) {
        self.0.remove(session.id());
    }

    fn touch(&mut self, session: &Held, time: i64) {
        if let Some(found) = self.0.get(session.id()) {
            found.set_time(time).expect(FREE);
        }
    }

    fn flush(&mut self, now: i64) {
        self.0.retain(|_, session| !session.is_expired_at(now));
    }
}

impl Peer for Dash {
    const NAME: &'static str = "dashmap";
    const LESS: &'static [Less] = &[Less::Sweeps, Less::NoLimit];
    type Session = Held;
    type Hand<'a> = &'a Self;

    fn new(_: Room) -> Self {
        Self(DashMap::default())
    }

    fn hand(&mut self) -> &Self {
        self
    }
}

impl Shared for Dash {
    fn share(&self) -> &Self {
        self
    }
}
