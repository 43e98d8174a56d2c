//! The application of a context, called back: what its scripts say is carried out with real references.
//!
//! It calls back into the cache only where a hazards trace says so ([`super::back`]), and after it is done.

use session_model::application::Copy;
use session_model::{ContextRef, SessionId};

use super::handles::{RawContext, Session, Ssl};
use super::world::{UNNAMED, World};
use crate::hazards::Callback;
use crate::transcript::{Event, id_digest};

impl World {
    /// `new_session_cb`: whether the reference is kept.
    pub(super) fn new_session(&self, context: ContextRef, session: Session) -> bool {
        let number = self.identify(session);
        let id = self.api.session_id(session);
        let mut state = self.state();
        let Some(application) = state.application(context) else {
            return false;
        };
        // A session without an id has no place in a cache of any kind.
        let (kept, displaced) = id.map_or((false, None), |id| application.new_session(number, id));
        state.events.push(Event::New(context, number, kept));
        drop(state);
        self.give_up(displaced);
        self.call_back(Callback::New, context, Some(number));
        kept
    }

    /// `get_session_cb`: the session from the external cache, and the copy flag to write.
    pub(super) fn get_session(&self, context: ContextRef, id: &[u8]) -> Option<(Session, Copy)> {
        let mut state = self.state();
        let application = state.application(context)?;
        let found = SessionId::new(id).and_then(|id| application.get_session(id));
        state.events.push(Event::Get(context, id_digest(id), found.map(|(number, _)| number)));
        drop(state);
        self.call_back(Callback::Get, context, found.map(|(number, _)| number));
        let (number, copy) = found?;
        let session = self.object(number)?;
        if copy == Copy::Zero {
            self.api.session_up_ref(session);
        }
        Some((session, copy))
    }

    /// The servername callback: whether the server's connection was switched. A client calls it too, later.
    pub(super) fn switch(&self, ssl: Ssl) -> bool {
        let to = self.state().switch_to.take();
        to.is_some_and(|to| self.api.ssl_set_context(ssl, to))
    }

    /// `remove_session_cb`
    pub(super) fn remove_session(&self, at: *mut RawContext, session: Session) {
        // Under hazards the library may call back with what is gone: that is not looked into.
        if self.hazards && !self.is_here(session) {
            let mut state = self.state();
            if let Some((context, _)) = state.application_at(at) {
                state.events.push(Event::Remove(context, UNNAMED));
            }
            return;
        }
        let number = self.identify(session);
        let id = self.api.session_id(session);
        let mut state = self.state();
        let Some((context, application)) = state.application_at(at) else {
            return;
        };
        let forgotten = id.and_then(|id| application.remove_session(id));
        state.events.push(Event::Remove(context, number));
        drop(state);
        self.give_up(forgotten);
        self.call_back(Callback::Remove, context, Some(number));
    }
}
