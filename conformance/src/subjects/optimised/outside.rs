//! What is outside the crate: who holds which reference, and the application that the crate calls back.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use session_cache::{Context, Session};
use session_model::application::Application;
use session_model::{ContextRef, SessionId, SessionRef};

use crate::driver::Why;
use crate::hazards::{Bounds, Callback, CallsBack};
use crate::transcript::{Event, id_digest};

/// A session's payload: what it is called, and where to say that it is destroyed.
pub(super) struct Object {
    pub(super) number: SessionRef,
    destroyed: Rc<RefCell<Vec<SessionRef>>>,
}

impl Drop for Object {
    fn drop(&mut self) {
        self.destroyed.borrow_mut().push(self.number);
    }
}

/// What is outside the crate: the references that the trace and the application hold, and what was seen.
#[derive(Default)]
pub(super) struct Outside {
    /// By [`SessionRef`]; `None`: no reference is held outside the crate.
    held: Vec<Option<Held>>,
    pub(super) events: Vec<Event>,
    /// Who has left a cache since the step began.
    pub(super) left: Vec<(SessionRef, Why)>,
    pub(super) destroyed: Rc<RefCell<Vec<SessionRef>>>,
    pub(super) back: Bounds,
}

/// One reference of the crate's counting stands for all that are held outside it.
struct Held {
    session: Arc<Session<Object>>,
    references: u32,
}

impl Outside {
    /// The payload of a session that is about to be made.
    pub(super) fn object(&self, number: SessionRef) -> Object {
        Object { number, destroyed: Rc::clone(&self.destroyed) }
    }

    /// One more reference is held.
    pub(super) fn take(&mut self, session: &Arc<Session<Object>>) {
        let slot = session.payload().number.0 as usize;
        if self.held.len() <= slot {
            self.held.resize_with(slot + 1, || None);
        }
        self.held[slot].get_or_insert_with(|| Held { session: Arc::clone(session), references: 0 }).references += 1;
    }

    /// One reference less is held.
    pub(super) fn free(&mut self, session: SessionRef) {
        let slot = &mut self.held[session.0 as usize];
        let held = slot.as_mut().expect("only a reference that is held is freed");
        held.references -= 1;
        if held.references == 0 {
            *slot = None;
        }
    }

    /// A session on which a reference is held.
    pub(super) fn session(&self, session: SessionRef) -> Option<&Arc<Session<Object>>> {
        self.held.get(session.0 as usize)?.as_ref().map(|held| &held.session)
    }
}

/// The application of the trace, as the crate calls it.
pub(super) struct Calls<'o> {
    pub(super) context: ContextRef,
    pub(super) application: &'o mut Application,
    pub(super) outside: &'o mut Outside,
    /// What the callbacks call, and on what; `None`: the context is being freed.
    pub(super) back: &'o CallsBack,
    pub(super) cache: Option<&'o Context<Object>>,
    pub(super) now: i64,
}

impl session_cache::Application<Object> for Calls<'_> {
    fn new_session(&mut self, session: &Arc<Session<Object>>) -> bool {
        if self.application.callbacks().new.is_none() {
            return true;
        }
        let number = session.payload().number;
        let (keeps, out_of_place) = self.application.new_session(number, id_of(session));
        self.outside.events.push(Event::New(self.context, number, keeps));
        if keeps {
            self.outside.take(session);
        }
        if let Some(forgotten) = out_of_place {
            self.outside.free(forgotten);
        }
        self.call_back(Callback::New, Some(session));
        keeps
    }

    fn remove_session(&mut self, session: &Arc<Session<Object>>, why: session_cache::Why) {
        self.outside.left.push((session.payload().number, translated(why)));
        if !self.application.callbacks().remove {
            return;
        }
        self.outside.events.push(Event::Remove(self.context, session.payload().number));
        if let Some(forgotten) = self.application.remove_session(id_of(session)) {
            self.outside.free(forgotten);
        }
        self.call_back(Callback::Remove, Some(session));
    }
}

/// The id of a session, as the trace knows it.
pub(super) fn id_of(session: &Session<Object>) -> SessionId {
    SessionId::new(session.id().as_bytes()).expect("an id is an id on both sides")
}

fn translated(why: session_cache::Why) -> Why {
    match why {
        session_cache::Why::Flushed => Why::Flushed,
        session_cache::Why::Dropped => Why::Dropped,
        session_cache::Why::Expired => Why::Expired,
        session_cache::Why::Replaced => Why::Replaced,
        session_cache::Why::Refused => Why::Refused,
        session_cache::Why::ContextFreed => Why::Freed,
        // By hand, or unclean; and whatever a later version of the crate adds.
        _ => Why::Removed,
    }
}

impl Calls<'_> {
    /// `get_session_cb`, if it is set.
    pub(super) fn get_session(&mut self, id: SessionId) -> Option<Arc<Session<Object>>> {
        self.application.callbacks().get.as_ref()?;
        let answer = self.application.get_session(id);
        self.outside.events.push(Event::Get(self.context, id_digest(id.as_bytes()), answer.map(|(c, _)| c)));
        // Whatever the copy flag, the crate gets one reference: its own, or one that the application took for it.
        let answer =
            answer.map(|(c, _)| Arc::clone(self.outside.session(c).expect("the application holds what it answers")));
        self.call_back(Callback::Get, answer.as_ref());
        answer
    }
}
