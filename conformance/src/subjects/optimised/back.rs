//! Callbacks that call back into the cache: a hazard, carried out through the crate's own interface.

use std::sync::Arc;

use session_cache::Session;

use super::outside::{Calls, Object};
use crate::hazards::{Call, Callback, Whom};
use crate::op::At;

impl Calls<'_> {
    /// Makes the calls of this callback, which was called with `this`.
    pub(super) fn call_back(&mut self, callback: Callback, this: Option<&Arc<Session<Object>>>) {
        if !self.outside.back.enter() {
            return;
        }
        for call in self.back.of(callback) {
            if !self.outside.back.call() {
                break;
            }
            self.call(*call, this);
        }
        self.outside.back.leave();
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
