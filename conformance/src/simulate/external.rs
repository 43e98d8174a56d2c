//! The external cache of a service, at the other end of a network: what it has, what it answers now, and what becomes of
//! what it is told.
//!
//! It has sessions as they were serialised, and takes memory for those alone: who has had one keeps what is known of it
//! afterwards ([`Told`]). A server that was not answered may not call for a while ([`patience`]). Not here: when a server
//! would ask or tell it, which is the server's cache's matter, and the object that a server makes of an answer.

mod patience;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};

use rand_distr::{Distribution, StandardUniform};
use session_model::NewSession;

use super::event::{Cause, Moment, Server as Place};
use super::law::Random;
use super::setting::ExternalSetting;
use patience::Patience;

/// What a session is known by everywhere: the connection that has made it, and which of its tickets it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct Key(pub(super) u64);

/// The external cache.
pub(super) struct ExternalCache {
    setting: ExternalSetting,
    random: Random,
    entries: HashMap<Key, Entry>,
    /// Entries in the order in which they came; kept where there is an end to how many there may be. Some are gone, as above.
    oldest: VecDeque<(Key, u64)>,
    /// When each entry goes. Some are gone already, but no more than there are entries.
    ends: BinaryHeap<Reverse<(u64, Key, u64)>>,
    /// How many stores have arrived.
    arrived: u64,
    /// By server, what it knows of whether this answers.
    patience: Vec<Patience>,
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

/// Who makes a call, and when.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Caller {
    pub(super) server: Place,
    pub(super) now: Moment,
    /// For how many microseconds it has waited for other calls of this event, which are made one after the other.
    pub(super) waited: u64,
}

impl Caller {
    /// When the call begins.
    fn begins(self) -> u64 {
        self.now.0 + self.waited
    }
}

/// How a call went.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Called {
    /// Whether it was made at all: a server that was not answered may not call for a while.
    pub(super) made: bool,
    /// For how many microseconds the server has waited.
    pub(super) waited: u64,
    /// Whether there was an answer by then.
    pub(super) answered: bool,
    /// When it reaches the cache; `None`: never.
    reaches: Option<u64>,
}

/// What it has answered to a lookup.
#[derive(Clone, Copy, Debug)]
pub(super) struct Got {
    pub(super) called: Called,
    pub(super) brought: Option<NewSession>,
    /// Whether it has the session, and does not show it yet.
    is_early: bool,
}

/// What the external cache was told of a session, by whoever made it or removed it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Told {
    /// Nothing.
    #[default]
    Never,
    /// To store it, which did not arrive, or was not told so since it had not answered.
    InVain,
    /// To store it, which it does until this moment, if there is room.
    Until(Moment),
    /// To delete it, which arrived; and why the first was who did so: for being dropped or removed there, or not told.
    Deleted(Cause),
}

impl Told {
    /// Why a lookup with this answer brought nothing; `None`: what was never told is not expected there.
    pub(super) fn why_not(self, got: &Got, now: Moment) -> Option<Cause> {
        match self {
            Self::Never => None,
            Self::Deleted(cause) => Some(cause),
            _ if !got.called.made => Some(Cause::NotAskedOutside),
            _ if !got.called.answered => Some(Cause::Unanswered),
            Self::InVain => Some(Cause::LostOutside),
            Self::Until(_) if got.is_early => Some(Cause::NotYetOutside),
            Self::Until(until) if until <= now => Some(Cause::Expired),
            // It goes when its time is over, when it is deleted, and to make room.
            Self::Until(_) => Some(Cause::DroppedOutside),
        }
    }
}

impl ExternalCache {
    pub(super) fn new(setting: ExternalSetting, random: Random) -> Self {
        let (entries, oldest, ends) = (HashMap::new(), VecDeque::new(), BinaryHeap::new());
        Self { setting, random, entries, oldest, ends, arrived: 0, patience: Vec::new() }
    }

    /// What it would answer now about this session, or about one that it has never heard of; where it is asked indeed,
    /// that is told to [`Self::was_asked`].
    pub(super) fn get(&mut self, key: Option<Key>, caller: Caller) -> Got {
        let (called, now) = (self.call(caller), caller.now);
        let found = key.filter(|_| called.answered).and_then(|key| self.entries.get(&key));
        let shows = found.filter(|entry| entry.from <= now.0 && now.0 < entry.until);
        let is_early = found.is_some_and(|entry| now.0 < entry.from);
        Got { called, brought: shows.map(|entry| entry.session), is_early }
    }

    /// It was asked for what [`Self::get`] has told.
    pub(super) fn was_asked(&mut self, caller: Caller, got: &Got) {
        self.heard(caller, &got.called);
    }

    /// A server stores a session.
    pub(super) fn store(&mut self, key: Key, session: NewSession, caller: Caller) -> (Called, Told) {
        let called = self.call(caller);
        self.heard(caller, &called);
        let reaches = called.reaches.filter(|_| !self.is_lost());
        (called, reaches.map_or(Told::InVain, |reaches| Told::Until(self.put(key, session, reaches, caller.now))))
    }

    /// A server deletes a session, if the cache is told of such. Whether that arrives.
    pub(super) fn delete(&mut self, key: Key, caller: Caller) -> Option<(Called, bool)> {
        if !self.setting.deletes {
            return None;
        }
        let called = self.call(caller);
        self.heard(caller, &called);
        let reaches = called.reaches.filter(|_| !self.is_lost());
        if let (Some(reaches), Some(entry)) = (reaches, self.entries.get_mut(&key))
            && reaches + self.setting.lag < entry.until
        {
            entry.until = reaches + self.setting.lag;
            self.ends.push(Reverse((entry.until, key, entry.arrival)));
        }
        Some((called, reaches.is_some()))
    }

    /// The process of a server starts anew, and knows nothing of what did not answer.
    pub(super) fn starts_anew(&mut self, server: Place) {
        if let Some(patience) = self.patience.get_mut(usize::from(server.0)) {
            *patience = Patience::default();
        }
    }

    /// How many sessions it has, those included that do not show yet.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Until when it is kept.
    fn put(&mut self, key: Key, session: NewSession, reaches: u64, now: Moment) -> Moment {
        self.forget_ended(now.0);
        let seconds = self.setting.keeps.unwrap_or_else(|| u64::try_from(session.timeout.0).unwrap_or(0));
        let (from, until) = (reaches + self.setting.lag, reaches.saturating_add(seconds.saturating_mul(1_000_000)));
        self.arrived += 1;
        let arrival = self.arrived;
        self.entries.insert(key, Entry { session, from, until, arrival });
        self.ends.push(Reverse((until, key, arrival)));
        if let Some(most) = self.setting.entries {
            self.oldest.push_back((key, arrival));
            self.make_room(most);
        }
        self.forget_gone();
        Moment(until)
    }

    fn make_room(&mut self, most: u64) {
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
    }

    /// Both orders are rid of entries that are gone, when those are as many as there are entries: each costs a little once.
    fn forget_gone(&mut self) {
        let (entries, most) = (&self.entries, 2 * self.entries.len());
        if self.ends.len() > most {
            self.ends.retain(|Reverse((until, key, arrival))| {
                entries.get(key).is_some_and(|entry| entry.until == *until && entry.arrival == *arrival)
            });
        }
        if self.oldest.len() > most {
            self.oldest.retain(|(key, arrival)| entries.get(key).is_some_and(|entry| entry.arrival == *arrival));
        }
    }

    fn forget(&mut self, key: Key, arrival: u64) {
        if self.entries.get(&key).is_some_and(|entry| entry.arrival == arrival) {
            self.entries.remove(&key);
        }
    }

    /// A server makes a call, and waits for the answer as long as it does, or makes none.
    fn call(&mut self, caller: Caller) -> Called {
        if !self.is_asked(caller) {
            return Called { made: false, waited: 0, answered: false, reaches: None };
        }
        let now = Moment(caller.begins());
        let away = self.setting.away.iter().find(|(from, to)| *from <= now && now < *to);
        let back = away.map_or(0, |(_, to)| to.0 - now.0);
        let takes = back + self.setting.takes.draw(&mut self.random);
        let answered = self.setting.gives_up.is_none_or(|most| takes <= most);
        let waited = if answered { takes } else { self.setting.gives_up.unwrap_or(takes) };
        // Who is only slow has heard it all the same.
        let reaches = (answered || back == 0).then_some(now.0 + takes);
        Called { made: true, waited, answered, reaches }
    }

    fn is_asked(&mut self, caller: Caller) -> bool {
        let Some(retry_after) = self.setting.retry_after else { return true };
        self.patience(caller.server).asks(caller, retry_after)
    }

    fn heard(&mut self, caller: Caller, called: &Called) {
        if let (Some(retry_after), true) = (self.setting.retry_after, called.made) {
            self.patience(caller.server).heard(caller, called, retry_after);
        }
    }

    fn patience(&mut self, server: Place) -> &mut Patience {
        let server = usize::from(server.0);
        if self.patience.len() <= server {
            self.patience.resize_with(server + 1, Patience::default);
        }
        &mut self.patience[server]
    }

    fn is_lost(&mut self) -> bool {
        let share: f64 = StandardUniform.sample(&mut self.random);
        share < self.setting.lost
    }
}

#[cfg(test)]
mod tests {
    use rand_pcg::rand_core::SeedableRng;
    use session_model::{SessionId, Time, Timeout};

    use super::super::law::Law;
    use super::*;

    const DAY: i128 = 86_400;

    fn cache(entries: Option<u64>) -> ExternalCache {
        let setting = ExternalSetting {
            takes: Law::Fixed(0),
            gives_up: None,
            retry_after: None,
            lost: 0.0,
            lag: 0,
            keeps: None,
            entries,
            deletes: true,
            away: Vec::new(),
        };
        ExternalCache::new(setting, Random::seed_from_u64(1))
    }

    fn at(now: u64) -> Caller {
        Caller { server: Place(0), now: Moment(now), waited: 0 }
    }

    fn lasting(seconds: i128) -> NewSession {
        let (protocol, id_context) = Default::default();
        NewSession {
            id: SessionId::new(&[1]).expect("it is one"),
            protocol,
            time: Time(0),
            timeout: Timeout(seconds),
            id_context,
        }
    }

    /// How much is kept of the order in which entries go and came.
    fn kept(cache: &ExternalCache) -> [usize; 2] {
        [cache.ends.len(), cache.oldest.len()]
    }

    #[test]
    fn what_made_room_takes_no_memory_however_long_it_would_have_been_kept() {
        let mut cache = cache(Some(3));
        for n in 0..10_000 {
            cache.store(Key(n), lasting(3653 * DAY), at(n));
        }
        assert_eq!(cache.len(), 3);
        assert!(kept(&cache).into_iter().all(|kept| (3..=6).contains(&kept)), "{:?}", kept(&cache));
    }

    #[test]
    fn what_is_over_takes_no_memory_behind_an_entry_that_stays() {
        let mut cache = cache(Some(1000));
        cache.store(Key(0), lasting(DAY), at(0));
        for n in 1..10_000 {
            cache.store(Key(n), lasting(1), at(n * 1_000_000));
        }
        assert_eq!(cache.len(), 2);
        assert!(kept(&cache).into_iter().all(|kept| (2..=4).contains(&kept)), "{:?}", kept(&cache));
        assert!(cache.get(Some(Key(0)), at(0)).brought.is_some(), "it is still there");
    }

    #[test]
    fn what_is_deleted_again_and_again_goes_once() {
        let mut cache = cache(None);
        cache.store(Key(0), lasting(DAY), at(0));
        for n in 1..1000 {
            cache.delete(Key(0), at(n));
        }
        assert_eq!(kept(&cache), [2, 0]);
        assert!(cache.get(Some(Key(0)), at(1000)).brought.is_none());
        cache.store(Key(1), lasting(DAY), at(2000));
        assert_eq!(cache.len(), 1);
    }
}
