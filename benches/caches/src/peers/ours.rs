//! Ours: as threads share it, and the structure inside alone.

use session_cache::{Context, InternalCache, Left, SessionId, Why};

use crate::peer::{self, Calls, Held, Less, Peer};
use crate::workload::Room;

/// In which cache a session is, and its slot there (`seat.rs`).
const SEAT: usize = 16;

/// A context.
pub(crate) struct Shared(Context<u64>);

impl Calls for &Shared {
    type Session = Held;

    fn add(&mut self, session: &Held) {
        self.0.add_session(session, &mut ());
    }

    fn lookup(&mut self, id: &SessionId) -> bool {
        self.0.cached(id).is_some()
    }

    fn remove(&mut self, session: &Held) {
        self.0.remove_session(session, &mut ());
    }

    fn touch(&mut self, session: &Held, time: i64) {
        self.0.session_set_time(session, time).expect("it is in no other cache");
    }

    fn flush(&mut self, now: i64) {
        self.0.flush_sessions(now, &mut ());
    }
}

impl Peer for Shared {
    const NAME: &'static str = "session-cache";
    const LESS: &'static [Less] = &[];
    const INSIDE: usize = SEAT;
    type Session = Held;
    type Hand<'a> = &'a Self;

    fn new(room: Room) -> Self {
        let context = Context::new();
        context.sess_set_cache_size(room.limit);
        Self(context)
    }

    fn hand(&mut self) -> &Self {
        self
    }
}

impl peer::Shared for Shared {
    fn share(&self) -> &Self {
        self
    }
}

/// The internal cache, with the buffer for what leaves it.
pub(crate) struct Unlocked {
    cache: InternalCache<u64>,
    left: Vec<Left<u64>>,
}

impl Calls for &mut Unlocked {
    type Session = Held;

    fn add(&mut self, session: &Held) {
        self.cache.add(session, &mut self.left);
        self.left.clear();
    }

    fn lookup(&mut self, id: &SessionId) -> bool {
        self.cache.lookup(id).cloned().is_some()
    }

    fn remove(&mut self, session: &Held) {
        self.cache.remove(session, Why::Removed, &mut self.left);
        self.left.clear();
    }

    fn touch(&mut self, session: &Held, time: i64) {
        self.cache.set_time(session, time).expect("it is in no other cache");
    }

    fn flush(&mut self, now: i64) {
        self.cache.flush(now, &mut self.left);
        self.left.clear();
    }
}

impl Peer for Unlocked {
    const NAME: &'static str = "ours, no lock";
    const LESS: &'static [Less] = &[Less::NoLock];
    const INSIDE: usize = SEAT;
    type Session = Held;
    type Hand<'a> = &'a mut Self;

    fn new(room: Room) -> Self {
        Self { cache: InternalCache::new(room.limit), left: Vec::new() }
    }

    fn hand(&mut self) -> &mut Self {
        self
    }
}
