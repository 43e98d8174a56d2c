//! The clients of a group: who comes, what a visit will be, and what each of them has to propose.
//!
//! All that a visit is made of is drawn when it begins, from random numbers of its own, which follow from the seed, the
//! group and the number of the visit alone. So nothing that comes of it changes what is drawn for another, and a run
//! with another size of the cache has the same visits. Not here: when they come, and what is due.
//!
//! A client takes 4 bytes, 8 more when it forgets after a time, and 4 more when it comes again by itself.

use std::num::NonZeroU32;

use rand_distr::{Distribution, StandardUniform, Zipf};
use session_model::{Mechanism, Protocol, SessionId};

use super::balance::Balance;
use super::event::{Held, Proposes, Server};
use super::law::{Law, Random, share, share_of, stream, word};
use super::workload::{Balancer, Clients, Come, Flood, Floods, Who};

/// What random numbers are for, so that each purpose has its own.
pub(super) mod purpose {
    /// When clients come.
    pub(in super::super) const ARRIVALS: u64 = 1;
    /// When a client comes for the first time.
    pub(in super::super) const FIRST: u64 = 2;
    /// What a visit is.
    pub(in super::super) const VISIT: u64 = 3;
    /// How a client's connections have sessions resumed.
    pub(in super::super) const MECHANISM: u64 = 4;
    /// The server that a client always goes to.
    pub(in super::super) const SERVER: u64 = 5;
}
use purpose::{FIRST, MECHANISM, SERVER, VISIT};

/// A group of clients or attackers.
pub(super) struct Group {
    seed: u64,
    number: u64,
    comes: Comes,
    /// How many visits have begun; of clients who come by themselves, they count.
    visits: u64,
    balancer: Balancer,
    servers: Vec<Server>,
    round_trip: Law,
    stays: Law,
    unclean: f64,
    aborts: f64,
    mechanisms: Vec<(Mechanism, f64)>,
    keeps: Option<u64>,
    single_use: bool,
    /// What each client has: the number after that of what is held.
    has: Vec<Option<NonZeroU32>>,
    /// Until when, where they forget.
    until: Vec<u64>,
}

/// Who comes.
enum Comes {
    /// Any of so many.
    Anyone(u32),
    /// By Zipf.
    Ranked(Zipf<f64>),
    /// Each by itself, and how often it has.
    Again { thinks: Law, times: Vec<u32> },
    /// An attacker, who has nothing and never comes again.
    Attacker(Floods),
}

/// Somebody who comes.
pub(super) struct Comer {
    pub(super) client: u32,
    /// Which visit of the group it is, from 0.
    visit: u64,
    /// The random numbers of the visit.
    random: Random,
}

/// How a visit goes, if nothing keeps it from it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Plan {
    /// Whose it is.
    pub(super) client: u32,
    /// Where to, or where it would go if the server were not out.
    pub(super) server: Server,
    /// Whether there is a server for it.
    pub(super) arrives: bool,
    /// How long until the client has its say again.
    pub(super) round_trip: u64,
    /// Whether it goes then.
    pub(super) aborts: bool,
    /// How long the connection stays open once it is finished.
    pub(super) stays: u64,
    /// Whether it is shut down then.
    pub(super) clean: bool,
    /// How long the client thinks after it.
    pub(super) thinks: u64,
}

impl Group {
    /// A group of clients, the one of this number.
    pub(super) fn of_clients(clients: &Clients, number: u64, balancer: Balancer, seed: u64) -> Self {
        let count = clients.number as usize;
        let comes = match &clients.come {
            Come::Open { who: Who::Evenly, .. } => Comes::Anyone(clients.number),
            Come::Open { who: Who::Zipf(exponent), .. } => {
                Comes::Ranked(Zipf::new(f64::from(clients.number), *exponent).expect("read as such numbers"))
            }
            Come::Closed { thinks } => Comes::Again { thinks: *thinks, times: vec![0; count] },
        };
        Self {
            seed,
            number,
            comes,
            visits: 0,
            balancer,
            servers: clients.servers.clone(),
            round_trip: clients.round_trip,
            stays: clients.stays,
            unclean: clients.unclean,
            aborts: clients.aborts,
            mechanisms: clients.mechanisms.clone(),
            keeps: clients.keeps,
            single_use: clients.single_use,
            has: vec![None; count],
            until: vec![0; if clients.keeps.is_some() { count } else { 0 }],
        }
    }

    /// A group of attackers, the one of this number.
    pub(super) fn of_attackers(flood: &Flood, number: u64, balancer: Balancer, seed: u64) -> Self {
        // Where a client always goes to says nothing of one that comes once.
        let balancer = if balancer == Balancer::ByClient { Balancer::Random } else { balancer };
        Self {
            seed,
            number,
            comes: Comes::Attacker(flood.does),
            visits: 0,
            balancer,
            servers: flood.servers.clone(),
            round_trip: flood.round_trip,
            stays: Law::Fixed(0),
            unclean: 0.0,
            aborts: if flood.does == Floods::UnknownIds { 1.0 } else { 0.0 },
            mechanisms: vec![(flood.mechanism, 1.0)],
            keeps: None,
            single_use: false,
            has: Vec::new(),
            until: Vec::new(),
        }
    }

    /// Whether its clients come by themselves, each when it has thought.
    pub(super) fn comes_again(&self) -> bool {
        matches!(self.comes, Comes::Again { .. })
    }

    /// When a client that comes by itself comes for the first time: it is met while it thinks.
    pub(super) fn first(&self, client: u32) -> u64 {
        let Comes::Again { thinks, .. } = &self.comes else { unreachable!("others come when the law says so") };
        thinks.rest(&mut stream(self.seed, [FIRST, self.number, client.into()]))
    }

    /// What a visit is, and the id that an attacker proposes in it.
    pub(super) fn plan(&self, comer: Comer, balance: &Balance) -> (Plan, Option<SessionId>) {
        let Comer { client, visit, mut random } = comer;
        let random = &mut random;
        // What takes one number each first, and what a law is drawn from last: another law then moves little.
        let (chosen, aborts, unclean) = (share(random), share(random), share(random));
        let (server, arrives) = self.server(client, visit, chosen, balance);
        let plan = Plan {
            client,
            server,
            arrives,
            round_trip: self.round_trip.draw(random),
            aborts: aborts < self.aborts,
            stays: self.stays.draw(random),
            clean: unclean >= self.unclean,
            thinks: match &self.comes {
                Comes::Again { thinks, .. } => thinks.draw(random),
                _ => 0,
            },
        };
        (plan, matches!(self.comes, Comes::Attacker(Floods::UnknownIds)).then(|| unknown(random)))
    }

    /// Who comes next; `client`, where clients come by themselves.
    pub(super) fn comer(&mut self, client: u32) -> Comer {
        let visit = self.visits;
        self.visits += 1;
        if let Comes::Again { times, .. } = &mut self.comes {
            let time = &mut times[client as usize];
            *time = time.wrapping_add(1);
            let random = stream(self.seed, [VISIT, self.number, client.into(), (*time).into()]);
            return Comer { client, visit, random };
        }
        let mut random = stream(self.seed, [VISIT, self.number, self.visits]);
        let client = match &self.comes {
            Comes::Anyone(number) => (share(&mut random) * f64::from(*number)) as u32,
            // Ranks are counted from 1; the tail of the continuous law may round up to one too many.
            Comes::Ranked(zipf) => (zipf.sample(&mut random) as u32).clamp(1, self.has.len() as u32) - 1,
            Comes::Again { .. } | Comes::Attacker(_) => 0,
        };
        Comer { client, visit, random }
    }

    /// Where a client goes, and whether it arrives there.
    fn server(&self, client: u32, visit: u64, chosen: f64, balance: &Balance) -> (Server, bool) {
        let (all, told_apart) = (self.servers.len(), balance.is_gathered());
        let of_client = || share_of(word(self.seed, [SERVER, self.number, client.into()]));
        let chosen = match self.balancer {
            Balancer::RoundRobin => in_turn(visit, all) as f64,
            Balancer::ByClient if told_apart => of_client() * all as f64,
            Balancer::Random | Balancer::ByClient => chosen * all as f64,
        };
        let first = self.servers[chosen as usize];
        if balance.is_whole() {
            return (first, true);
        }
        let instead = self.instead((client, visit), (first, chosen.fract()), balance);
        (instead.unwrap_or(first), instead.is_some())
    }

    /// Where a client goes that would go to `first` if no server were out; `None`: all are.
    ///
    /// Only who goes in turn goes elsewhere than to a server that is in. `chance` is what is left of a random number.
    fn instead(
        &self,
        (client, visit): (u32, u64),
        (first, chance): (Server, f64),
        balance: &Balance,
    ) -> Option<Server> {
        let left: Vec<_> = self.servers.iter().copied().filter(|server| balance.is_in(*server)).collect();
        match self.balancer {
            _ if left.is_empty() => None,
            Balancer::RoundRobin => Some(left[in_turn(visit, left.len())]),
            _ if balance.is_in(first) => Some(first),
            // The one with the highest word, so that it stays the same when a third one is taken out.
            Balancer::ByClient if balance.is_gathered() => left
                .into_iter()
                .max_by_key(|server| word(self.seed, [SERVER, self.number, client.into(), server.0.into()])),
            Balancer::Random | Balancer::ByClient => Some(left[(chance * left.len() as f64) as usize]),
        }
    }

    /// How this client's connections have sessions resumed: always the same.
    pub(super) fn mechanism(&self, client: u32) -> Mechanism {
        let mut left = match &self.mechanisms[..] {
            [(only, _)] => return *only,
            _ => share_of(word(self.seed, [MECHANISM, self.number, client.into()])),
        };
        for (mechanism, share) in &self.mechanisms {
            if left < *share {
                return *mechanism;
            }
            left -= share;
        }
        // What rounding leaves over.
        self.mechanisms.last().expect("a group has at least one").0
    }

    /// What this client has now, forgotten or not.
    pub(super) fn has(&self, client: u32) -> Option<Held> {
        self.has.get(client as usize)?.map(|has| Held(has.get() - 1))
    }

    /// What this client has to propose, and what it has no more by then: what it has forgotten, or proposes for the only
    /// time.
    pub(super) fn proposes(&mut self, client: u32, now: u64) -> (Proposes, Option<Held>) {
        let Some(held) = self.has(client) else { return (Proposes::Nothing, None) };
        let forgotten = self.until.get(client as usize).is_some_and(|until| *until <= now);
        if forgotten || self.uses_once(client) {
            self.has[client as usize] = None;
            return (if forgotten { Proposes::Nothing } else { Proposes::Held(held) }, Some(held));
        }
        (Proposes::Held(held), None)
    }

    /// Whether this client proposes a session once: as browsers do in TLS 1.3, and not before (RFC 8446, C.4).
    fn uses_once(&self, client: u32) -> bool {
        self.single_use && self.mechanism(client).protocol() == Protocol::Tls13
    }

    /// A client is given something to propose; what nobody has any more then.
    pub(super) fn give(&mut self, client: u32, held: Held, now: u64) -> Option<Held> {
        let client = client as usize;
        // An attacker keeps nothing.
        let Some(has) = self.has.get_mut(client) else { return Some(held) };
        let number = held.0.checked_add(1).and_then(NonZeroU32::new).expect("what is held takes memory, so it is few");
        let had = has.replace(number).map(|had| Held(had.get() - 1));
        if let (Some(until), Some(keeps)) = (self.until.get_mut(client), self.keeps) {
            *until = now.saturating_add(keeps);
        }
        had.filter(|had| *had != held)
    }
}

/// Whose turn it is of so many servers, in this visit.
fn in_turn(visit: u64, servers: usize) -> usize {
    (visit % servers as u64) as usize
}

fn unknown(random: &mut Random) -> SessionId {
    let mut bytes = [0; SessionId::MAX];
    for part in bytes.chunks_mut(8) {
        let word: u64 = StandardUniform.sample(random);
        part.copy_from_slice(&word.to_le_bytes());
    }
    SessionId::new(&bytes).expect("it has a length that ids have")
}
