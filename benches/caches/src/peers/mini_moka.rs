//! mini-moka: as moka, with one timeout for all.

use std::time::Duration;

use mini_moka::sync::{Cache, ConcurrentCacheExt};
use session_cache::SessionId;

use crate::peer::{Calls, Held, Less, Peer, Shared};
use crate::workload::Room;

pub(crate) struct MiniMoka(Cache<SessionId, Held>);

impl Calls for &MiniMoka {
    type Session = Held;

    fn add(&mut self, session: &Held) {
        self.0.insert(*session.id(), Held::clone(session));
    }

    fn lookup(&mut self, id: &SessionId) -> bool {
        self.0.get(id).is_some()
    }

    fn remove(&mut self, session: &Held) {
        self.0.invalidate(session.id());
    }

    fn flush(&mut self, _: i64) {
        self.0.sync();
    }
}

impl Peer for MiniMoka {
    const NAME: &'static str = "mini-moka";
    const LESS: &'static [Less] = &[Less::NoFlush, Less::OtherVictim, Less::NoTouch];
    type Session = Held;
    type Hand<'a> = &'a Self;

    fn new(room: Room) -> Self {
        let builder = Cache::builder().time_to_live(Duration::from_secs(7200));
        Self(if room.limit == 0 { builder } else { builder.max_capacity(room.limit as u64) }.build())
    }

    fn hand(&mut self) -> &Self {
        self
    }
}

impl Shared for MiniMoka {
    fn share(&self) -> &Self {
        self
    }
}
