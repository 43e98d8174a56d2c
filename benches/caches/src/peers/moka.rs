//! moka: a cache with a policy, and timeouts by the real clock.

use std::time::{Duration, Instant};

use moka::Expiry;
use moka::sync::Cache;
use session_cache::SessionId;

use crate::peer::{Calls, Held, Less, Peer, Shared};
use crate::workload::Room;

pub(crate) struct Moka(Cache<SessionId, Held>);

/// Each session has its own timeout.
struct Own;

impl Expiry<SessionId, Held> for Own {
    fn expire_after_create(&self, _: &SessionId, session: &Held, _: Instant) -> Option<Duration> {
        session.timeout().try_into().ok().map(Duration::from_secs)
    }
}

impl Calls for &Moka {
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
        self.0.run_pending_tasks();
    }
}

impl Peer for Moka {
    const NAME: &'static str = "moka";
    const LESS: &'static [Less] = &[Less::NoFlush, Less::OtherVictim, Less::NoTouch];
    type Session = Held;
    type Hand<'a> = &'a Self;

    fn new(room: Room) -> Self {
        let builder = Cache::builder().expire_after(Own);
        Self(if room.limit == 0 { builder } else { builder.max_capacity(room.limit as u64) }.build())
    }

    fn hand(&mut self) -> &Self {
        self
    }
}

impl Shared for Moka {
    fn share(&self) -> &Self {
        self
    }
}
