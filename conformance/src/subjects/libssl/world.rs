//! What one trace has made: its clock, contexts, applications and objects, and what was called back and destroyed.
//!
//! The library's callbacks find the world of their thread here. Nothing of the world is borrowed while the library
//! runs, since any of its calls may call back.

use std::cell::{Cell, RefCell, RefMut};
use std::rc::Rc;

use session_model::application::Application;
use session_model::{ContextRef, SessionId, SessionRef};

use super::api::Api;
use super::clock;
use super::handles::{Context, RawContext, RawSession, Session, Ssl};
use super::random;
use crate::hazards::{Bounds, CallsBack};
use crate::transcript::{Event, Transcript};

/// The number of an object that nobody named.
pub(super) const UNNAMED: SessionRef = SessionRef(u32::MAX);

thread_local! {
    /// The world for which the library runs on this thread.
    static CURRENT: RefCell<Option<Rc<World>>> = const { RefCell::new(None) };
}

/// One world.
pub(super) struct World {
    pub(super) api: &'static Api,
    /// Seconds since the Epoch.
    pub(super) now: Cell<i64>,
    /// Where its random numbers go on.
    random: Cell<u64>,
    /// Whether the trace may lead the library to keep what is gone.
    pub(super) hazards: bool,
    state: RefCell<State>,
}

/// What callbacks read and change.
#[derive(Default)]
pub(super) struct State {
    /// By [`ContextRef`].
    pub(super) contexts: Vec<OneContext>,
    /// By [`SessionRef`]; `None`: not made yet, or destroyed.
    objects: Vec<Option<Session>>,
    pub(super) events: Vec<Event>,
    destroyed: Vec<SessionRef>,
    /// The ids of the sessions that a server is about to make, the next one last.
    pub(super) next_ids: Vec<SessionId>,
    /// The number of what a server may make of a stateless ticket while a handshake is begun or a connection is
    /// renegotiated.
    pub(super) opened: Option<SessionRef>,
    /// What the servername callback switches the next connection to.
    pub(super) switch_to: Option<Context>,
    /// The handshake that is being finished.
    pub(super) finishing: Option<Finishing>,
    /// What callbacks that call are held to.
    pub(super) back: Bounds,
}

/// A context with its application, which outlives it.
pub(super) struct OneContext {
    /// `None`: freed.
    pub(super) context: Option<Context>,
    pub(super) application: Application,
    /// What its callbacks call.
    pub(super) calls: CallsBack,
}

/// The sides of a handshake that are observed.
#[derive(Clone, Copy)]
pub(super) struct Finishing {
    pub(super) server: Making,
    pub(super) client: Option<Making>,
}

/// One side, with the number of the object that it makes next, should it make one.
#[derive(Clone, Copy)]
pub(super) struct Making {
    pub(super) ssl: Ssl,
    pub(super) next: SessionRef,
}

/// While it lives, this thread runs the library for a world, at its time and with its random numbers.
pub(super) struct Inside {
    world: Rc<World>,
    world_before: Option<Rc<World>>,
    time_before: i64,
    random_before: u64,
}

impl World {
    /// A world without contexts.
    pub(super) fn new(api: &'static Api, now: i64, hazards: bool) -> Rc<Self> {
        let (now, random) = (Cell::new(now), Cell::new(random::START));
        Rc::new(Self { api, now, random, hazards, state: RefCell::default() })
    }

    /// The world for which the library runs on this thread.
    pub(super) fn current() -> Option<Rc<Self>> {
        CURRENT.try_with(|current| current.borrow().clone()).ok().flatten()
    }

    /// From now on the library runs for this world.
    pub(super) fn enter(self: &Rc<Self>) -> Inside {
        let world_before = CURRENT.replace(Some(Rc::clone(self)));
        let random_before = random::here();
        if let Some(before) = &world_before {
            before.random.set(random_before);
        }
        random::go_on_from(self.random.get());
        Inside { world: Rc::clone(self), world_before, time_before: clock::set(self.now.get()), random_before }
    }

    /// What callbacks change too: let go of it before the library is called.
    pub(super) fn state(&self) -> RefMut<'_, State> {
        self.state.borrow_mut()
    }

    /// The object with this number, while the library has not destroyed it.
    pub(super) fn object(&self, session: SessionRef) -> Option<Session> {
        self.state.borrow().objects.get(session.0 as usize).copied().flatten()
    }

    /// Whether an object is there, numbered by this world and not destroyed.
    pub(super) fn is_here(&self, session: Session) -> bool {
        self.state.borrow().objects.contains(&Some(session))
    }

    /// Gives an object its number.
    pub(super) fn number(&self, session: Session, number: SessionRef) {
        self.api.session_set_number(session, number);
        let mut state = self.state.borrow_mut();
        let slot = number.0 as usize;
        if state.objects.len() <= slot {
            state.objects.resize(slot + 1, None);
        }
        state.objects[slot] = Some(session);
    }

    /// The number of an object; one that the handshake being finished has just made gets it now.
    pub(super) fn identify(&self, session: Session) -> SessionRef {
        let number = self.api.session_number(session);
        number.or_else(|| self.number_made(session)).or_else(|| self.number_opened(session)).unwrap_or(UNNAMED)
    }

    /// While a handshake is begun, or a connection is renegotiated, what no end has made came out of a ticket.
    fn number_opened(&self, session: Session) -> Option<SessionRef> {
        let number = self.state.borrow_mut().opened.take()?;
        self.number(session, number);
        Some(number)
    }

    fn number_made(&self, session: Session) -> Option<SessionRef> {
        let number = {
            let mut state = self.state.borrow_mut();
            let may_be_opened = state.opened.is_some();
            let finishing = state.finishing.as_mut()?;
            let mut sides = [Some(&mut finishing.server), finishing.client.as_mut()].into_iter().flatten();
            let side = sides.find(|side| self.api.ssl_session(side.ssl) == Some(session))?;
            if may_be_opened && self.api.ssl_session_reused(side.ssl) != 0 {
                return None;
            }
            let number = side.next;
            side.next.0 += 1;
            number
        };
        self.number(session, number);
        Some(number)
    }

    /// The id of the session that this server makes now. In TLS 1.3 that is the connection's already, and is numbered,
    /// since one without a place in a cache is gone before anybody else sees it.
    pub(super) fn next_id(&self, ssl: Ssl) -> Option<SessionId> {
        let id = self.state.borrow_mut().next_ids.pop()?;
        if self.state.borrow().finishing.is_some()
            && let Some(session) = self.api.ssl_session(ssl)
        {
            self.identify(session);
        }
        Some(id)
    }

    /// The library destroys the object at this address, in which this number travelled.
    pub(super) fn object_destroyed(&self, number: SessionRef, at: *mut RawSession) {
        let mut state = self.state.borrow_mut();
        // An object of a world that is gone may have had the same number: the address tells them apart.
        let ours = state.objects.get_mut(number.0 as usize).and_then(|o| o.take_if(|o| o.0.as_ptr() == at));
        if ours.is_some() {
            state.destroyed.push(number);
        }
    }

    /// Gives up a reference on an object, unless the library has destroyed it all the same.
    pub(super) fn give_up(&self, session: Option<SessionRef>) {
        if let Some(session) = session.and_then(|session| self.object(session)) {
            self.api.session_free(session);
        }
    }

    /// Moves what was called back and destroyed to a transcript.
    pub(super) fn drain(&self, out: &mut Transcript) {
        let mut state = self.state.borrow_mut();
        out.events.append(&mut state.events);
        state.destroyed.sort_unstable();
        out.destroyed.append(&mut state.destroyed);
    }
}

impl State {
    /// The application of a context that is not freed.
    pub(super) fn application(&mut self, context: ContextRef) -> Option<&mut Application> {
        let one = &mut self.contexts[usize::from(context.0)];
        one.context.is_some().then_some(&mut one.application)
    }

    /// The context at this address, with its application.
    pub(super) fn application_at(&mut self, at: *mut RawContext) -> Option<(ContextRef, &mut Application)> {
        self.contexts.iter_mut().zip(0..).find_map(|(one, number)| {
            let here = one.context.is_some_and(|context| context.0.as_ptr() == at);
            here.then_some((ContextRef(number), &mut one.application))
        })
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        clock::restore(self.time_before);
        self.world.random.set(random::here());
        // It may be the same world, which has gone on.
        random::go_on_from(self.world_before.as_ref().map_or(self.random_before, |before| before.random.get()));
        CURRENT.set(self.world_before.take());
    }
}
