//! Callbacks that call back into the cache: a hazard, carried out through the crate's own interface.

use std::sync::Arc;

use session_cache::Session;
use session_model::SessionRef;

use super::outside::{Calls, Object};
use crate::hazards::{Call, Callback, DEPTH, MOST_CALLS, Whom};
use crate::op::{At, Name};

/// How deep callbacks call now, and how often in this step; and whom they can name.
#[derive(Default)]
pub(super) struct Bounds {
    depth: u32,
    made: u32,
    names: Vec<Option<SessionRef>>,
}

impl Bounds {
    pub(super) fn name(&mut self, name: Name, session: SessionRef) {
        let slot = name.0 as usize;
        if self.names.len() <= slot {
            self.names.resize(slot + 1, None);
        }
        self.names[slot] = Some(session);
    }

    pub(super) fn begin_step(&mut self) {
        self.made = 0;
    }

    fn named(&self, name: Name) -> Option<SessionRef> {
        *self.names.get(name.0 as usize)?
    }
}

impl Calls<'_> {
    /// Makes the calls of this callback, which was called with `this`.
    pub(super) fn call_back(&mut self, callback: Callback, this: Option<&Arc<Session<Object>>>) {
        if self.outside.back.depth >= DEPTH {
            return;
        }
        self.outside.back.depth += 1;
        for call in self.back.of(callback) {
            if self.outside.back.made >= MOST_CALLS {
                break;
            }
            self.outside.back.made += 1;
            self.call(*call, this);
        }
        self.outside.back.depth -= 1;
    }

    fn call(&mut self, call: Call, this: Option<&Arc<Session<Object>>>) {
        let Some(cache) = self.cache else { return };
        let session = match call {
            Call::Add(whom) | Call::Remove(whom) | Call::FreeUnowned(whom) => self.whom(whom, this),
            Call::Flush(_) | Call::ReadCounters => None,
        };
        match (call, session) {
            (Call::Add(_), Some(session)) => _ = cache.add_session(&session, self),
            (Call::Remove(_), Some(session)) => _ = cache.remove_session(&session, self),
            (Call::Flush(At::Absolute(time)), _) => cache.flush_sessions(super::seconds(time.0), self),
            (Call::Flush(At::Now(later)), _) => {
                cache.flush_sessions(super::seconds(i128::from(self.now) + i128::from(later)), self);
            }
            (Call::ReadCounters, _) => _ = cache.counters(),
            _ => {}
        }
    }

    fn whom(&self, whom: Whom, this: Option<&Arc<Session<Object>>>) -> Option<Arc<Session<Object>>> {
        match whom {
            Whom::This => this.cloned(),
            Whom::Named(name) => self.outside.session(self.outside.back.named(name)?).cloned(),
        }
    }
}
