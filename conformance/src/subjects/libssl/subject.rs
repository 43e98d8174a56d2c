//! The subject, and what a world of it holds: how it is set up, and how all of it is freed wherever a trace stops.

use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use session_model::application::Application;
use session_model::{ConnectionRef, ContextRef, NewSession, Protocol, SessionId, SessionRef};

use super::api::Api;
use super::connection::Connection;
use super::contexts::Control;
use super::handles::{Context, Session};
use super::load::{LoadError, load, locate};
use super::sessions::seconds;
use super::world::{Inside, OneContext, UNNAMED, World};
use crate::subject::Driven;
use crate::trace::{ContextSetup, Setup};
use crate::transcript::Member;

/// A world of a loaded libssl. All that it has made is freed with it, wherever its trace stopped.
pub struct Libssl {
    pub(super) world: Rc<World>,
    pub(super) connections: BTreeMap<ConnectionRef, Connection>,
    /// Of a session that a handshake made: what a peer needs to propose it.
    pub(super) secrets: BTreeMap<SessionRef, Secrets>,
    /// Which of them a server has made under this id.
    pub(super) made_as: BTreeMap<SessionId, SessionRef>,
    /// How many references the driver holds, by [`SessionRef`].
    pub(super) references: Vec<u32>,
    /// Kept so that its room is used again.
    pub(super) members: Vec<Session>,
}

/// All of a session, as its client has it.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Secrets {
    pub(super) protocol: Protocol,
    /// The server's id for it.
    pub(super) id: SessionId,
    pub(super) serialised: Rc<[u8]>,
}

/// The subject that runs each trace in a fresh world of the libssl of this file, and what the library says of its
/// version. It is called `libssl` if it is the machine's (see [`locate`]), else `libssl:PATH`.
///
/// # Errors
///
/// When it cannot be run here: see [`load`].
pub fn subject(path: &Path) -> Result<(Driven<Libssl>, String), LoadError> {
    let api = load(path)?;
    let name = match locate() {
        Some(machine) if machine == path => "libssl".to_owned(),
        _ => format!("libssl:{}", path.display()),
    };
    Ok((Driven::new(name, move || Libssl::new(api)), api.version().to_owned()))
}

impl Libssl {
    /// A world with nothing in it.
    #[must_use]
    pub fn new(api: &'static Api) -> Self {
        Self {
            world: World::new(api, 0, false),
            connections: BTreeMap::new(),
            secrets: BTreeMap::new(),
            made_as: BTreeMap::new(),
            references: Vec::new(),
            members: Vec::new(),
        }
    }

    pub(super) fn api(&self) -> &'static Api {
        self.world.api
    }

    /// From now on, until the guard goes, the library runs for this world.
    pub(super) fn inside(&self) -> Inside {
        self.world.enter()
    }

    pub(super) fn context(&self, context: ContextRef) -> Context {
        self.world.state().contexts[usize::from(context.0)].context.expect("the driver names live contexts")
    }

    /// An object on which the driver holds a reference.
    ///
    /// # Panics
    ///
    /// When the library has destroyed it all the same: that is the library's crash, found in time.
    pub(super) fn object(&self, session: SessionRef) -> Session {
        self.world
            .object(session)
            .unwrap_or_else(|| panic!("object {} is destroyed while a reference on it is held", session.0))
    }

    /// Ends what there was and sets up anew.
    pub(super) fn set_up(&mut self, setup: &Setup) {
        self.end();
        self.world = World::new(self.api(), seconds(setup.clock.0), setup.hazards);
        self.secrets.clear();
        self.made_as.clear();
        let _inside = self.inside();
        for (number, context) in setup.contexts.iter().enumerate() {
            let one = self.context_set_up(number, context);
            self.world.state().contexts.push(one);
        }
    }

    fn context_set_up(&self, number: usize, setup: &ContextSetup) -> OneContext {
        let api = self.api();
        let context = api.context_new().expect("a library that is loaded makes contexts");
        let long = |value: u32| seconds(value.into());
        if let Some(mode) = setup.mode {
            api.control(context, Control::SetCacheMode, long(mode.bits()));
        }
        if let Some(size) = setup.size {
            api.control(context, Control::SetCacheSize, long(size));
        }
        if let Some(timeout) = setup.timeout {
            api.set_timeout(context, seconds(timeout.0));
        }
        if !setup.id_context.is_empty() {
            api.set_session_id_context(context, setup.id_context.as_bytes());
        }
        if setup.verify_peer {
            api.set_verify_peer(context);
        }
        api.set_callbacks(context, number, &setup.callbacks);
        let application = Application::new(setup.callbacks.clone(), setup.external);
        OneContext { context: Some(context), application, calls: setup.calls.clone() }
    }

    pub(super) fn count_reference(&mut self, session: SessionRef) {
        let slot = session.0 as usize;
        if self.references.len() <= slot {
            self.references.resize(slot + 1, 0);
        }
        self.references[slot] += 1;
    }

    /// A member of an internal cache. Under hazards a cache may hold what is gone: that is not looked into.
    pub(super) fn one_member(&self, context: ContextRef, session: Session) -> Member {
        if self.world.hazards && !self.world.is_here(session) {
            return Member { context: Some(context), session: UNNAMED, time: 0, timeout: 0, resumable: false };
        }
        let number = self.world.identify(session);
        self.member(Some(context), session, number)
    }

    pub(super) fn member(&self, context: Option<ContextRef>, session: Session, number: SessionRef) -> Member {
        let api = self.api();
        Member {
            context,
            session: number,
            time: api.session_get_time(session),
            timeout: api.session_get_timeout(session),
            resumable: api.session_is_resumable(session) != 0,
        }
    }

    /// A session that a handshake of this world has made, and that comes back from outside, with one reference: it has
    /// the secrets of then. `None`: none is known under this id. No trace has such a session, a simulation has.
    pub(super) fn made_again(&self, new: &NewSession) -> Option<Session> {
        let secrets = self.secrets.get(self.made_as.get(&new.id)?)?;
        if secrets.protocol != new.protocol {
            return None;
        }
        let session = self.api().session_from(&secrets.serialised)?;
        self.api().session_set1_id(session, new.id);
        Some(session)
    }

    /// Frees what is left: connections, the driver's references, the applications', the contexts.
    fn end(&mut self) {
        let _inside = self.inside();
        for (_, connection) in std::mem::take(&mut self.connections) {
            connection.hang_up(self.api());
        }
        for (references, number) in std::mem::take(&mut self.references).into_iter().zip(0..) {
            (0..references).for_each(|_| self.world.give_up(Some(SessionRef(number))));
        }
        let contexts = self.world.state().contexts.len();
        for number in 0..contexts {
            let held = self.world.state().contexts[number].application.release();
            held.into_iter().for_each(|session| self.world.give_up(Some(session)));
        }
        for number in 0..contexts {
            // The address stays known while the context is freed: it calls back.
            let context = self.world.state().contexts[number].context;
            if let Some(context) = context {
                self.api().context_free(context);
                self.world.state().contexts[number].context = None;
            }
        }
    }
}

impl Drop for Libssl {
    fn drop(&mut self) {
        self.end();
    }
}
