//! Why nothing was resumed: of all that holds, what comes first. Not here: what becomes of sessions, which is noted when it
//! happens.

use session_model::Mechanism;

use super::Service;
use super::held::{Copy, HELD, HeldSession};
use crate::driver::Why;
use crate::simulate::event::{Cause, Held};
use crate::simulate::external::Got;

impl Service {
    /// Why nothing was resumed. `got`: what the external cache has answered, if it was asked.
    pub(super) fn cause(&mut self, at: usize, mechanism: Mechanism, held: Option<Held>, got: Option<&Got>) -> Cause {
        let Some(held) = held else { return Cause::Unknown };
        let (server, of) = (&mut self.servers[at], self.held[held.0 as usize].as_ref().expect(HELD));
        let (mode, clock) = (server.mode(), server.clock());
        let own = Some(&of.origin).filter(|origin| origin.is_at(server));
        if mechanism.is_stateless() {
            return match own {
                None => Cause::OtherKey,
                Some(own) if own.has_expired(clock) => Cause::Expired,
                // What a client keeps to itself. In TLS 1.3 the server's mark is not in the ticket.
                Some(own) if mechanism == Mechanism::Tickets && server.is_marked(own.session) => Cause::Removed,
                Some(_) => Cause::Refused,
            };
        }
        let looks_inside = self.profiles.looks_inside(mode);
        if !looks_inside && got.is_none() {
            return Cause::NotLookedUp;
        }
        if let Some(brought) = got.and_then(|got| got.brought) {
            let expired = i128::from(clock) > brought.time.0 + brought.timeout.0;
            return if expired { Cause::Expired } else { Cause::Refused };
        }
        let inside = self.inside(at, of, looks_inside);
        match got.and_then(|got| of.told().why_not(got, self.now)) {
            None => inside,
            Some(_) if inside == Cause::Expired => inside,
            // What is flushed at one server is deleted outside for that, and others may have it still.
            Some(Cause::Removed) if self.ran_out(of) => Cause::Expired,
            Some(outside) => outside,
        }
    }

    /// Whether a server found that the time of this session was over.
    fn ran_out(&self, of: &HeldSession) -> bool {
        let left = |copy: &Copy| matches!(copy.left, Some(Why::Flushed | Why::Expired));
        of.all().any(|copy| left(copy) && self.lost(copy) == Some(Cause::Expired))
    }

    /// Why no internal cache had it for this server.
    fn inside(&self, at: usize, of: &HeldSession, looks_inside: bool) -> Cause {
        let server = &self.servers[at];
        if let Some(here) = of.all().find(|copy| copy.is_at(server)) {
            let there = match (looks_inside, self.knows_leavers) {
                (true, true) => Cause::Refused,
                (true, false) => Cause::NotTold,
                (false, _) => Cause::NotStored,
            };
            return self.lost(here).unwrap_or(there);
        }
        let here = |copy: &&Copy| copy.server == server.place();
        // What this server has lost with its cache may have left that before.
        let before = of.all().filter(here).filter_map(|copy| self.lost(copy)).min();
        let before = before.map_or(Cause::OtherServer, |cause| cause.min(Cause::Restarted));
        let elsewhere = of.all().filter(|copy| !here(copy)).map(|copy| self.lost(copy));
        // Where another server has it still, it is only not here; and what that has lost with its cache never was.
        let nowhere = elsewhere.clone().all(|lost| lost.is_some());
        let lost = elsewhere.flatten().filter(|cause| nowhere && *cause < Cause::Restarted).min();
        lost.map_or(before, |lost| lost.min(before))
    }

    /// Why a session is no more, or never was, where this copy of it is, by the clock of that server; `None`: it is there, or
    /// has left a cache of which that is not known.
    fn lost(&self, copy: &Copy) -> Option<Cause> {
        let server = &self.servers[usize::from(copy.server.0)];
        if copy.has_expired(server.clock_at(self.now)) {
            return Some(Cause::Expired);
        }
        match copy.left {
            Some(Why::Dropped) => Some(Cause::Dropped),
            Some(Why::Refused) => Some(Cause::NotStored),
            Some(Why::Freed) => Some(Cause::Restarted),
            Some(Why::Flushed | Why::Expired | Why::Removed | Why::Replaced) => Some(Cause::Removed),
            None if !copy.is_at(server) => Some(Cause::Restarted),
            None => (!copy.stored).then_some(Cause::NotStored),
        }
    }
}
