//! What clients have to propose, as the service keeps it: who has made it, what the external cache was told of it, and why
//! its objects have left which cache. Not here: which client has it, and what a miss makes of all this.

use session_model::{Mechanism, SessionRef};

use super::Service;
use crate::driver::Why;
use crate::simulate::event::{Cause, Held, Server as Place};
use crate::simulate::external::{Key, Told};
use crate::simulate::server::Server;

pub(super) const HELD: &str = "what is proposed was not given back";

/// A session that a client has. Mostly it is looked at long after the last time, so all that is needed without an external
/// cache is in one line of a processor's.
#[repr(align(64))]
pub(super) struct HeldSession {
    pub(super) key: Key,
    pub(super) mechanism: Mechanism,
    /// Where it was made.
    pub(super) origin: Copy,
    pub(super) in_sample: bool,
    /// `None`: the external cache has had no part in it.
    pub(super) outside: Option<Box<Outside>>,
}

const _: () = assert!(size_of::<Option<HeldSession>>() == 64);

/// What there is of a session by way of the external cache.
#[derive(Default)]
pub(super) struct Outside {
    pub(super) told: Told,
    /// Objects that came out of it, in the caches of their servers.
    pub(super) copies: Vec<Copy>,
}

/// An object for a session, at one server as it was started once.
pub(super) struct Copy {
    pub(super) server: Place,
    pub(super) life: u32,
    pub(super) session: SessionRef,
    /// Whether it was to be stored there.
    pub(super) stored: bool,
    pub(super) time: i64,
    pub(super) timeout: i64,
    pub(super) left: Option<Why>,
}

impl HeldSession {
    pub(super) fn told(&self) -> Told {
        self.outside.as_ref().map_or(Told::Never, |outside| outside.told)
    }

    /// All objects for it, who has made it last.
    pub(super) fn all(&self) -> impl Iterator<Item = &Copy> + Clone {
        self.outside.iter().flat_map(|outside| &outside.copies).chain([&self.origin])
    }

    pub(super) fn all_mut(&mut self) -> impl Iterator<Item = &mut Copy> {
        self.outside.iter_mut().flat_map(|outside| &mut outside.copies).chain([&mut self.origin])
    }
}

impl Copy {
    pub(super) fn is_at(&self, server: &Server) -> bool {
        self.server == server.place() && self.life == server.life()
    }

    /// Why the external cache is told to delete the session of an object that was here.
    pub(super) fn deleted_for(&self, knows_leavers: bool) -> Cause {
        match self.left {
            Some(Why::Dropped) => Cause::Dropped,
            None if self.stored && !knows_leavers => Cause::NotTold,
            _ => Cause::Removed,
        }
    }

    pub(super) fn has_expired(&self, clock: i64) -> bool {
        clock > self.time.saturating_add(self.timeout)
    }
}

impl Service {
    pub(super) fn held(&self, held: Held) -> &HeldSession {
        self.held[held.0 as usize].as_ref().expect(HELD)
    }

    pub(super) fn hold(&mut self, session: HeldSession) -> Held {
        if let Some(free) = self.free.pop() {
            self.held[free as usize] = Some(session);
            return Held(free);
        }
        self.held.push(Some(session));
        Held(u32::try_from(self.held.len() - 1).expect("fewer than 2^32 sessions are held"))
    }
}
