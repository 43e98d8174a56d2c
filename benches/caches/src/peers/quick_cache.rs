//! quick_cache: a cache that drops what is used least.

use quick_cache::UnitWeighter;
use quick_cache::sync::Cache;
use session_cache::SessionId;

use super::FREE;
use crate::peer::{Calls, Held, Less, Peer, Shared};
use crate::workload::Room;

pub(crate) struct Quick(Cache<SessionId, Held>);

impl Calls for &Quick {
    type Session = Held;

    fn add(&mut self, session: &Held) {
        self.0.insert(*session.id(), Held::clone(session));
    }

    fn lookup(&mut self, id: &SessionId) -> bool {
        self.0.get(id).is_some()
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

impl Peer for Quick {
    const NAME: &'static str = "quick_cache";
    const LESS: &'static [Less] = &[Less::Sweeps, Less::OtherVictim];
    type Session = Held;
    type Hand<'a> = &'a Self;

    fn new(room: Room) -> Self {
        // Its parts have a limit each, so without one it is told of none, but still how many will come.
        let limit = if room.limit == 0 { 1 << 40 } else { room.limit as u64 };
        let expected = if room.limit == 0 { room.sessions } else { room.limit };
        Self(Cache::with_weighter(expected, limit, UnitWeighter))
    }

    fn hand(&mut self) -> &Self {
        self
    }
}

impl Shared for Quick {
    fn share(&self) -> &Self {
        self
    }
}
