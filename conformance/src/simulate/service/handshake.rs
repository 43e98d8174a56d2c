//! A connection to one of the servers, with the external cache between them: what is proposed, what is asked outside, and
//! what is stored there. Not here: what a server makes of it, and why a miss is one.

use session_model::{CacheMode, Mechanism, NewSession, SessionRef};

use super::held::{Copy, HELD, HeldSession, Outside};
use super::{OPEN, Service, Visiting};
use crate::simulate::event::{Answer, Event, External, Found, Held, Outcome, Proposes, Visit};
use crate::simulate::external::{Called, Caller, Got, Told};
use crate::simulate::server::key_of;
use crate::simulate::tape::Proposed;

impl Service {
    pub(super) fn begin(
        &mut self,
        event: &Event,
        (visit, mechanism, proposes): (Visit, Mechanism, Proposes),
        outcome: &mut Outcome,
    ) {
        let at = usize::from(event.server.0);
        let held = match proposes {
            Proposes::Held(held) => Some(held).filter(|held| fits(self.held(*held).mechanism, mechanism)),
            Proposes::Nothing | Proposes::Unknown(_) => None,
        };
        let proposed = self.proposed(at, proposes, held);
        let ready = self.ready(event, mechanism, proposed);
        let brought = ready.as_ref().and_then(|ready| ready.brought);
        let server = &mut self.servers[at];
        let (answer, open) = server.begin(&mut self.connections, mechanism, proposed, brought);
        let given = server.was_given();
        let asked = server.pair().seen.events.iter().any(|event| matches!(event, crate::transcript::Event::Get(..)));
        if let (Some(ready), Some(external)) = (ready.as_ref().filter(|_| asked), &mut self.external) {
            external.was_asked(caller(event, outcome), ready);
            outcome.external.asked(ready, given.is_some());
        }
        if let (Some(held), Some(session), Some(brought)) = (held, given, brought) {
            self.copied(at, held, session, &brought);
        }
        let ready = ready.filter(|_| asked);
        outcome.answer = Some(match (answer, proposed) {
            (..0, _) => Answer::Failed,
            (_, Proposed::Nothing) => Answer::NotAsked,
            (0, _) => Answer::Miss(self.cause(at, mechanism, held, ready.as_ref())),
            _ if mechanism.is_stateless() => Answer::Hit(Found::Ticket),
            _ if given.is_some() => Answer::Hit(Found::External),
            _ => Answer::Hit(Found::Internal),
        });
        // A stateless ticket stays what it is.
        if let (Some(held), 1, false) = (held, answer, mechanism.is_stateless()) {
            self.used(at, held);
        }
        if answer < 0 {
            outcome.gone.push(visit);
            return;
        }
        let in_sample = self.joins_sample(proposes);
        let proposed = match proposes {
            Proposes::Held(held) => Some((held, self.held(held).key)),
            Proposes::Nothing | Proposes::Unknown(_) => None,
        };
        let slot = visit.0 as usize;
        if self.visits.len() <= slot {
            self.visits.resize_with(slot + 1, || None);
        }
        let before = self.visits[slot].replace(Visiting { server: event.server, open, in_sample, proposed });
        assert!(before.is_none(), "a visit that is open is not begun");
    }

    pub(super) fn finish(&mut self, event: &Event, visit: Visit, outcome: &mut Outcome) -> Option<u64> {
        let at = usize::from(event.server.0);
        let visiting = self.visits[visit.0 as usize].as_mut().expect(OPEN);
        assert_eq!(visiting.server, event.server, "a visit stays at its server");
        let server = &mut self.servers[at];
        let mut stored = std::mem::take(&mut self.stored);
        let (answer, fresh, walked) = server.finish(&mut visiting.open, &mut stored);
        let (in_sample, open) = (visiting.in_sample, visiting.open);
        let proposed_next = fresh.map(|fresh| key_of(open.connection, fresh.ticket));
        let mut told = Told::Never;
        if let Some(external) = &mut self.external {
            for (key, session) in &stored {
                let (called, of) = external.store(*key, *session, caller(event, outcome));
                outcome.external.stored(&called, of);
                if proposed_next == Some(*key) {
                    told = of;
                }
            }
        }
        stored.clear();
        self.stored = stored;
        if answer < 0 {
            self.visits[visit.0 as usize] = None;
            outcome.gone.push(visit);
        }
        let (Some(fresh), Some(key)) = (fresh, proposed_next) else { return walked };
        let (mode, place, life) = (server.mode(), server.place(), server.life());
        let stores = mode.contains(CacheMode::SERVER) && !mode.contains(CacheMode::NO_INTERNAL_STORE);
        let stored = stores && !open.mechanism.is_stateless();
        let (time, timeout, session) = (fresh.time, fresh.timeout, fresh.session);
        let held = self.hold(HeldSession {
            key,
            mechanism: open.mechanism,
            origin: Copy { server: place, life, session, stored, time, timeout, left: None },
            in_sample,
            outside: (told != Told::Never).then(|| Box::new(Outside { told, copies: Vec::new() })),
        });
        self.servers[at].tie(session, key, held.0);
        outcome.gives = Some(held);
        walked
    }

    /// What is proposed, as the server sees it.
    fn proposed(&self, at: usize, proposes: Proposes, held: Option<Held>) -> Proposed {
        let server = &self.servers[at];
        match (proposes, held) {
            (Proposes::Unknown(id), _) => Proposed::Unknown(id),
            (_, Some(held)) => {
                let HeldSession { key, origin, .. } = self.held(held);
                if origin.is_at(server) { Proposed::Own(origin.session, *key) } else { Proposed::Foreign(*key) }
            }
            _ => Proposed::Nothing,
        }
    }

    /// What the external cache would answer, should it be asked.
    fn ready(&mut self, event: &Event, mechanism: Mechanism, proposed: Proposed) -> Option<Got> {
        let asks = self.servers[usize::from(event.server.0)].asks();
        let external = self.external.as_mut().filter(|_| asks && !mechanism.is_stateless())?;
        let key = match proposed {
            Proposed::Nothing => return None,
            Proposed::Own(_, key) | Proposed::Foreign(key) => Some(key),
            Proposed::Unknown(_) => None,
        };
        Some(external.get(key, caller(event, &Outcome::default())))
    }

    /// An answer of the external cache has become a session of this server.
    fn copied(&mut self, at: usize, held: Held, session: SessionRef, brought: &NewSession) {
        let server = &mut self.servers[at];
        let of = self.held[held.0 as usize].as_mut().expect(HELD);
        // Also for its connection alone: what is removed then is deleted outside.
        server.tie(session, of.key, held.0);
        if server.mode().contains(CacheMode::NO_INTERNAL_STORE) {
            return;
        }
        let seconds = |exact: i128| i64::try_from(exact).expect("times of a run fit");
        let (time, timeout) = (seconds(brought.time.0), seconds(brought.timeout.0));
        let (place, life) = (server.place(), server.life());
        let copy = Copy { server: place, life, session, stored: true, time, timeout, left: None };
        let copies = &mut of.outside.get_or_insert_default().copies;
        copies.retain(|copy| copy.server != place);
        copies.push(copy);
    }

    /// A session was resumed here.
    fn used(&mut self, at: usize, held: Held) {
        let server = &self.servers[at];
        if !server.mode().contains(CacheMode::UPDATE_TIME) {
            return;
        }
        let of = self.held[held.0 as usize].as_mut().expect(HELD);
        of.all_mut().filter(|copy| copy.is_at(server)).for_each(|copy| copy.time = server.clock());
    }
}

/// The server of this event, which has waited for the calls that it has made in it already.
pub(super) fn caller(event: &Event, outcome: &Outcome) -> Caller {
    Caller { server: event.server, now: event.at, waited: outcome.external.waited }
}

impl External {
    /// A lookup, made or not.
    fn asked(&mut self, got: &Got, found: bool) {
        self.gets += u64::from(got.called.made);
        self.found += u64::from(found);
        self.unanswered += u64::from(got.called.made && !got.called.answered);
        self.called(&got.called);
    }

    /// A store, made or not.
    fn stored(&mut self, called: &Called, told: Told) {
        self.stores += u64::from(called.made);
        self.lost += u64::from(called.made && told == Told::InVain);
        self.called(called);
    }

    /// A delete, made or not.
    pub(super) fn deleted(&mut self, called: &Called) {
        self.deletes += u64::from(called.made);
        self.called(called);
    }

    fn called(&mut self, called: &Called) {
        self.not_made += u64::from(!called.made);
        self.waited += called.waited;
    }
}

/// Whether a client proposes what it has by the one mechanism in a connection that is set to the other: a ticket of TLS
/// 1.2 goes with nothing else.
fn fits(made: Mechanism, mechanism: Mechanism) -> bool {
    (made == Mechanism::Tickets) == (mechanism == Mechanism::Tickets)
}
