//! The external cache of a service, at the other end of a network: what it has, what it answers now, and what becomes of
//! what it is told.
//!
//! It has sessions as they were serialised. Not here: when a server asks or tells it, which is the server's cache's
//! matter, and the object that a server makes of an answer.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};

use rand_distr::{Distribution, StandardUniform};
use session_model::NewSession;

use super::event::Moment;
use super::law::Random;
use super::setting::ExternalSetting;

/// What a session is known by everywhere: the connection that has made it, and which of its tickets it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct Key(pub(super) u64);

/// The external cache.
pub(super) struct ExternalCache {
    setting: ExternalSetting,
    random: Random,
    entries: HashMap<Key, Entry>,
    /// Entries in the order in which they came; kept where there is an end to how many there may be.
    oldest: VecDeque<(Key, u64)>,
    /// When each entry goes; some are gone already.
    ends: BinaryHeap<Reverse<(u64, Key, u64)>>,
    /// How many stores have arrived.
    arrived: u64,
}

struct Entry {
    session: NewSession,
    /// From when on it shows.
    from: u64,
    /// From when on it shows no more: deleted, or kept long enough.
    until: u64,
    /// Which arrival it is: what was stored again is another one.
    arrival: u64,
}

/// How a call went.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Called {
    /// For how many microseconds the server has waited.
    pub(super) waited: u64,
    /// Whether there was an answer by then.
    pub(super) answered: bool,
    /// When it reaches the cache; `None`: never.
    reaches: Option<u64>,
}

impl ExternalCache {
    pub(super) fn new(setting: ExternalSetting, random: Random) -> Self {
        let (entries, oldest, ends) = (HashMap::new(), VecDeque::new(), BinaryHeap::new());
        Self { setting, random, entries, oldest, ends, arrived: 0 }
    }

    /// What it would answer now about this session, or about one that it has never heard of.
    pub(super) fn get(&mut self, key: Option<Key>, now: Moment) -> (Called, Option<NewSession>) {
        let called = self.call(now);
        let found = key.filter(|_| called.answered).and_then(|key| self.entries.get(&key));
        let shows = found.filter(|entry| entry.from <= now.0 && now.0 < entry.until);
        (called, shows.map(|entry| entry.session))
    }

    /// A server stores a session. Whether that arrives.
    pub(super) fn store(&mut self, key: Key, session: NewSession, now: Moment) -> (Called, bool) {
        let called = self.call(now);
        let reaches = called.reaches.filter(|_| !self.is_lost());
        if let Some(reaches) = reaches {
            self.put(key, session, reaches, now);
        }
        (called, reaches.is_some())
    }

    /// A server deletes a session, if the cache is told of such.
    pub(super) fn delete(&mut self, key: Key, now: Moment) -> Option<Called> {
        if !self.setting.deletes {
            return None;
        }
        let called = self.call(now);
        let reaches = called.reaches.filter(|_| !self.is_lost());
        if let (Some(reaches), Some(entry)) = (reaches, self.entries.get_mut(&key)) {
            entry.until = entry.until.min(reaches + self.setting.lag);
            self.ends.push(Reverse((entry.until, key, entry.arrival)));
        }
        Some(called)
    }

    /// How many sessions it has, those included that do not show yet.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    fn put(&mut self, key: Key, session: NewSession, reaches: u64, now: Moment) {
        self.forget_ended(now.0);
        let seconds = self.setting.keeps.unwrap_or_else(|| u64::try_from(session.timeout.0).unwrap_or(0));
        let (from, until) = (reaches + self.setting.lag, reaches.saturating_add(seconds.saturating_mul(1_000_000)));
        self.arrived += 1;
        let arrival = self.arrived;
        self.entries.insert(key, Entry { session, from, until, arrival });
        self.ends.push(Reverse((until, key, arrival)));
        let Some(most) = self.setting.entries else { return };
        self.oldest.push_back((key, arrival));
        while self.entries.len() as u64 > most
            && let Some((key, arrival)) = self.oldest.pop_front()
        {
            self.forget(key, arrival);
        }
    }

    fn forget_ended(&mut self, now: u64) {
        while let Some(&Reverse((until, key, arrival))) = self.ends.peek()
            && until <= now
        {
            self.ends.pop();
            self.forget(key, arrival);
        }
        let entries = &self.entries;
        let gone = |(key, arrival): &(Key, u64)| entries.get(key).is_none_or(|entry| entry.arrival != *arrival);
        while self.oldest.front().is_some_and(gone) {
            self.oldest.pop_front();
        }
    }

    fn forget(&mut self, key: Key, arrival: u64) {
        if self.entries.get(&key).is_some_and(|entry| entry.arrival == arrival) {
            self.entries.remove(&key);
        }
    }

    /// A server makes a call, and waits for the answer as long as it does.
    fn call(&mut self, now: Moment) -> Called {
        let away = self.setting.away.iter().find(|(from, to)| *from <= now && now < *to);
        let back = away.map_or(0, |(_, to)| to.0 - now.0);
        let takes = back + self.setting.takes.draw(&mut self.random);
        let answered = self.setting.gives_up.is_none_or(|most| takes <= most);
        let waited = if answered { takes } else { self.setting.gives_up.unwrap_or(takes) };
        // Who is only slow has heard it all the same.
        let reaches = (answered || back == 0).then_some(now.0 + takes);
        Called { waited, answered, reaches }
    }

    fn is_lost(&mut self) -> bool {
        let share: f64 = StandardUniform.sample(&mut self.random);
        share < self.setting.lost
    }
}
