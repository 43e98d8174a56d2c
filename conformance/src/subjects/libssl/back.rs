//! Callbacks that call back into the library: a hazard, of hazards traces only.
//!
//! Nothing of the world is borrowed while a call runs, since it may call back in turn; how deep is bounded here.

use session_model::{ContextRef, SessionRef, Time};

use super::sessions::seconds;
use super::world::World;
use crate::hazards::{Call, Callback, Whom};
use crate::op::At;

impl World {
    /// Makes the calls of this callback of a context, which was called with `this`.
    pub(super) fn call_back(&self, callback: Callback, context: ContextRef, this: Option<SessionRef>) {
        let mut state = self.state();
        let calls = state.contexts[usize::from(context.0)].calls.of(callback).to_vec();
        if calls.is_empty() || !state.back.enter() {
            return;
        }
        drop(state);
        for call in calls {
            if !self.state().back.call() {
                break;
            }
            self.call(context, call, this);
        }
        self.state().back.leave();
    }

    /// One call; on what is not there, none.
    fn call(&self, context: ContextRef, call: Call, this: Option<SessionRef>) {
        // Looked up for each call: one before it may have freed the context or the session.
        let Some(context) = self.state().contexts[usize::from(context.0)].context else { return };
        let session = match call {
            Call::Add(whom) | Call::Remove(whom) | Call::FreeUnowned(whom) => self.whom(whom, this),
            Call::Flush(_) | Call::ReadCounters => None,
        };
        let session = session.and_then(|session| self.object(session));
        match (call, session) {
            (Call::Add(_), Some(session)) => _ = self.api.add_session(context, session),
            (Call::Remove(_), Some(session)) => _ = self.api.remove_session(context, session),
            (Call::FreeUnowned(_), Some(session)) => self.api.session_free_unowned(session),
            (Call::Flush(At::Absolute(Time(time))), _) => self.api.flush_sessions(context, seconds(time)),
            (Call::Flush(At::Now(later)), _) => {
                let time = i128::from(self.now.get()) + i128::from(later);
                self.api.flush_sessions(context, seconds(time));
            }
            (Call::ReadCounters, _) => _ = self.api.counters(context),
            _ => {}
        }
    }

    fn whom(&self, whom: Whom, this: Option<SessionRef>) -> Option<SessionRef> {
        match whom {
            Whom::This => this,
            Whom::Named(name) => self.state().back.named(name),
        }
    }
}
