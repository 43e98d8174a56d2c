//! moka: a cache with a policy, and timeouts by the real clock.

use std::time::{Duration, Instant};

use moka::Expiry;
use moka::sync::Cache;
use session_cache::SessionId;

use super::{Held, held};
use crate::peer::{Less, Shared};
use crate::workload::Spec;

pub(crate) struct Moka(Cache<SessionId, Held>);

/// Each session has its own timeout.
struct Own;

impl Expiry<SessionId, Held> for Own {
    fn expire_after_create(&self, _: &SessionId, session: &Held, _: Instant) -> Option<Duration> {
        session.timeout().try_into().ok().map(Duration::from_secs)
    }
}

impl Shared for Moka {
    const NAME: &'static str = "moka";
    const LESS: &'static [Less] = &[Less::NoFlush, Less::OtherVictim];
    type Session = Held;

    fn new(size: usize) -> Self {
        let builder = Cache::builder().expire_after(Own);
        Self(if size == 0 { builder } else { builder.max_capacity(size as u64) }.build())
    }

    fn session(spec: &Spec) -> Held {
        held(spec)
    }

    fn add(&self, session: &Held) {
        self.0.insert(*session.id(), Held::clone(session));
    }

    fn lookup(&self, id: &SessionId) -> bool {
        self.0.get(id).is_some()
    }

    fn remove(&self, session: &Held) {
        self.0.invalidate(session.id());
    }

    fn flush(&self, _: i64) {
        self.0.run_pending_tasks();
    }
}
