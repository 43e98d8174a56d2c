//! What ends: connections, processes, and the time of sessions in the caches that they were in. Not here: why a cache lets
//! somebody go.

use super::handshake::caller;
use super::held::Copy;
use super::{OPEN, Service, Visiting};
use crate::driver::Why;
use crate::simulate::event::{Cause, Event, Left, Outcome, Server as Place, Visit, What};
use crate::simulate::external::Told;
use crate::simulate::server::{Removed, SERVER};

impl Service {
    pub(super) fn leave(&mut self, visit: Visit) -> Visiting {
        self.visits[visit.0 as usize].take().expect(OPEN)
    }

    /// The process ends, and is started again. Its connections are gone, and whatever `remove_session_cb` is told of
    /// then, no external cache hears of it any more.
    pub(super) fn restart(&mut self, place: Place, outcome: &mut Outcome) {
        let at = usize::from(place.0);
        for (slot, n) in self.visits.iter_mut().zip(0..) {
            if let Some(gone) = slot.take_if(|visiting| visiting.server == place) {
                let server = &mut self.servers[at];
                if gone.open.finished {
                    server.close(&gone.open, true);
                } else {
                    server.abort(&gone.open);
                }
                outcome.gone.push(Visit(n));
            }
        }
        for of in self.held.iter().flatten() {
            let server = &mut self.servers[at];
            if of.origin.is_at(server) {
                server.free(of.origin.session);
            }
        }
        self.servers[at].end_life();
        if let Some(external) = &mut self.external {
            external.starts_anew(place);
        }
        self.settle(place, outcome);
        if !self.servers[at].pair().is_parted() {
            self.servers[at].begin_life();
        }
    }

    /// What the external cache is to delete after this event.
    pub(super) fn removed(&self, event: &Event) -> Vec<Removed> {
        if self.external.is_none() || event.what == What::Restart {
            return Vec::new();
        }
        self.servers[usize::from(event.server.0)].removed().collect()
    }

    /// By now it is known why each has left.
    pub(super) fn delete(&mut self, removed: &[Removed], event: &Event, outcome: &mut Outcome) {
        let Some(external) = &mut self.external else { return };
        let (life, knows_leavers) = (self.servers[usize::from(event.server.0)].life(), self.knows_leavers);
        for Removed { session, key, tie } in removed {
            let Some((called, arrives)) = external.delete(*key, caller(event, outcome)) else { continue };
            outcome.external.deleted(&called);
            let of = tie.and_then(|tie| self.held[tie as usize].as_mut()).filter(|of| arrives && of.key == *key);
            let Some(of) = of.filter(|of| !matches!(of.told(), Told::Deleted(_))) else { continue };
            let is_it = |copy: &&Copy| (copy.server, copy.life, copy.session) == (event.server, life, *session);
            let cause = of.all().find(is_it).map_or(Cause::Removed, |copy| copy.deleted_for(knows_leavers));
            of.outside.get_or_insert_default().told = Told::Deleted(cause);
        }
    }

    /// Whoever has left is counted, and known to have; then both sides are compared.
    pub(super) fn settle(&mut self, place: Place, outcome: &mut Outcome) {
        let server = &mut self.servers[usize::from(place.0)];
        let (held, left) = (&mut self.held, &mut outcome.left);
        let life = server.life();
        server.settle(|session, why, tie| {
            count(left, why);
            let Some(of) = tie.and_then(|tie| held[tie as usize].as_mut()) else { return };
            let is_it = |copy: &&mut Copy| (copy.server, copy.life, copy.session) == (place, life, session);
            if let Some(copy) = of.all_mut().find(is_it) {
                copy.left = Some(why);
            }
        });
        if !server.is_ended() {
            server.pair().compare(SERVER);
        }
    }
}

fn count(left: &mut Left, why: Why) {
    match why {
        Why::Flushed => left.flushed += 1,
        Why::Dropped => left.dropped += 1,
        Why::Expired => left.expired += 1,
        Why::Removed | Why::Replaced | Why::Refused | Why::Freed => left.removed += 1,
    }
    left.refused += u64::from(why == Why::Refused);
}
