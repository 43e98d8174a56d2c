//! What an author would write: a hash map and an ordered index of expiries behind a mutex. Exact, as ours is.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use hashbrown::HashMap;
use session_cache::SessionId;

use super::FREE;
use crate::peer::{Calls, Held, Less, Peer, Shared};
use crate::workload::Room;

pub(crate) struct Ordered(Mutex<Maps>);

struct Maps {
    by_id: HashMap<SessionId, (u64, Held)>,
    /// By expiry and order of adding.
    by_expiry: BTreeMap<(i64, u64), Held>,
    added: u64,
    size: usize,
}

impl Maps {
    fn remove(&mut self, id: &SessionId) {
        if let Some((added, held)) = self.by_id.remove(id) {
            self.by_expiry.remove(&(held.expiry(), added));
        }
    }

    /// It goes behind all that expire in the same second.
    fn touch(&mut self, session: &Held, time: i64) {
        let Some((added, held)) = self.by_id.get_mut(session.id()) else { return };
        let held = self.by_expiry.remove(&(held.expiry(), *added)).expect("it is in both");
        held.set_time(time).expect(FREE);
        self.added += 1;
        *added = self.added;
        self.by_expiry.insert((held.expiry(), self.added), held);
    }

    fn drop_first(&mut self) {
        if let Some((_, first)) = self.by_expiry.pop_first() {
            self.by_id.remove(first.id());
        }
    }

    fn add(&mut self, session: &Held) {
        if self.by_id.get(session.id()).is_some_and(|(_, held)| Arc::ptr_eq(held, session)) {
            return;
        }
        self.remove(session.id());
        while self.size != 0 && self.by_id.len() >= self.size {
            self.drop_first();
        }
        self.added += 1;
        self.by_id.insert(*session.id(), (self.added, Held::clone(session)));
        self.by_expiry.insert((session.expiry(), self.added), Held::clone(session));
    }
}

const WHOLE: &str = "nothing panics under the lock";

impl Calls for &Ordered {
    type Session = Held;

    fn add(&mut self, session: &Held) {
        self.0.lock().expect(WHOLE).add(session);
    }

    fn lookup(&mut self, id: &SessionId) -> bool {
        self.0.lock().expect(WHOLE).by_id.get(id).map(|(_, held)| Held::clone(held)).is_some()
    }

    fn remove(&mut self, session: &Held) {
        self.0.lock().expect(WHOLE).remove(session.id());
    }

    fn touch(&mut self, session: &Held, time: i64) {
        self.0.lock().expect(WHOLE).touch(session, time);
    }

    fn flush(&mut self, now: i64) {
        let mut maps = self.0.lock().expect(WHOLE);
        while maps.by_expiry.first_key_value().is_some_and(|((expiry, _), _)| *expiry < now) {
            maps.drop_first();
        }
    }
}

impl Peer for Ordered {
    const NAME: &'static str = "map and index";
    const LESS: &'static [Less] = &[];
    type Session = Held;
    type Hand<'a> = &'a Self;

    fn new(room: Room) -> Self {
        let (by_id, by_expiry) = (HashMap::new(), BTreeMap::new());
        Self(Mutex::new(Maps { by_id, by_expiry, added: 0, size: room.limit }))
    }

    fn hand(&mut self) -> &Self {
        self
    }
}

impl Shared for Ordered {
    fn share(&self) -> &Self {
        self
    }
}
