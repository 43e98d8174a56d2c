//! What an author would write: a hash map and an ordered index of expiries behind a mutex. Exact, as ours is.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use session_cache::SessionId;

use super::{Held, held};
use crate::peer::{Less, Shared};
use crate::workload::Spec;

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

impl Shared for Ordered {
    const NAME: &'static str = "map and index";
    const LESS: &'static [Less] = &[];
    type Session = Held;

    fn new(size: usize) -> Self {
        Self(Mutex::new(Maps { by_id: HashMap::new(), by_expiry: BTreeMap::new(), added: 0, size }))
    }

    fn session(spec: &Spec) -> Held {
        held(spec)
    }

    fn add(&self, session: &Held) {
        self.0.lock().expect(WHOLE).add(session);
    }

    fn lookup(&self, id: &SessionId) -> bool {
        self.0.lock().expect(WHOLE).by_id.get(id).map(|(_, held)| Held::clone(held)).is_some()
    }

    fn remove(&self, session: &Held) {
        self.0.lock().expect(WHOLE).remove(session.id());
    }

    fn flush(&self, now: i64) {
        let mut maps = self.0.lock().expect(WHOLE);
        while maps.by_expiry.first_key_value().is_some_and(|((expiry, _), _)| *expiry < now) {
            maps.drop_first();
        }
    }
}
