//! The floor: a hash map alone, without lock, limit or order.

use hashbrown::HashMap;
use session_cache::SessionId;

use super::FREE;
use crate::peer::{Calls, Held, Less, Peer};
use crate::workload::Room;

pub(crate) struct Plain(HashMap<SessionId, Held>);

impl Calls for &mut Plain {
    type Session = Held;

    fn add(&mut self, session: &Held) {
        self.0.insert(*session.id(), Held::clone(session));
    }

    fn lookup(&mut self, id: &SessionId) -> bool {
        self.0.get(id).cloned().is_some()
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

impl Peer for Plain {
    const NAME: &'static str = "hash map";
    const LESS: &'static [Less] = &[Less::NoLock, Less::Sweeps, Less::NoLimit];
    type Session = Held;
    type Hand<'a> = &'a mut Self;

    fn new(_: Room) -> Self {
        Self(HashMap::new())
    }

    fn hand(&mut self) -> &mut Self {
        self
    }
}
