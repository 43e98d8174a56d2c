//! Carries out what happens in a service, on servers that are set as it says, and tells what came of it.
//!
//! Each server is a world of its own; the external cache lies between them. What a client has to propose is a session
//! that it holds here until traffic gives it back, with all that is known of it: who has made it, and why it has left
//! whose cache, so that the cause of a miss is exact, or said not to be told. Not here: why a client comes, and what is
//! made of the outcomes.

use std::hint::black_box;

use rand_distr::{Distribution, StandardUniform};
use rand_pcg::rand_core::SeedableRng;
use session_model::application::Callbacks;
use session_model::reading::{AutoFlushExtent, OffLookup, Victim};
use session_model::{CacheMode, Mechanism, NewSession, SessionRef};

use super::event::{
    Answer, Cause, Event, Found, Gauges, Held, Left, Moment, Outcome, Proposes, Server as Place, Visit, What,
};
use super::external::{ExternalCache, Got, Key, Told};
use super::law::Random;
use super::pair::{WentDown, caught};
use super::part::Part;
use super::server::{Open, Removed, Server, key_of, looked_at};
use super::setting::Setting;
use super::tape::{Proposed, Tape, accept};
use crate::driver::{Library, Why};
use crate::op::{Connection, Op};
use crate::profiles::Named;
use crate::subjects::model::Model;
use crate::subjects::{CannotOpen, Spec};
use crate::trace::ContextSetup;
use crate::transcript::Counters;

/// What is simulated, and how much of it is checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Against {
    /// The cache.
    pub subject: Spec,
    /// What it is held to; `None`: its own profile.
    pub profile: Option<Named>,
    /// How much of it the model is held against.
    pub checked: Part,
    /// Which session is dropped for size, where the cache is the model and another reading is to be tried.
    pub victim: Option<Victim>,
}

/// For how many seconds the sessions of any libssl live where no timeout is set (`default-timeout-two-hours`).
pub const UNSET_IN_LIBSSL: u32 = 7200;

/// For how many seconds those of this cache do: in all but a libssl for as long as the pages say.
#[must_use]
pub fn unset_timeout(subject: &Spec) -> u32 {
    match subject {
        Spec::Libssl(_) => UNSET_IN_LIBSSL,
        _ => u32::try_from(session_cache::DEFAULT_TIMEOUT).expect("it is short"),
    }
}

/// What a cache does, and what it ought to do.
#[derive(Clone)]
pub(super) struct Profiles {
    /// Its own profile: what is told of the cache goes by this.
    pub(super) own: Named,
    /// What it is held to.
    pub(super) held_to: Named,
}

impl Profiles {
    /// Whether an automatic flush of this cache goes in steps, one a connection.
    fn in_steps(&self) -> bool {
        self.own.profile.readings.auto_flush_extent == AutoFlushExtent::Steps
    }

    /// Which libssl it is, as [`Outcome::looked_at`] tells them apart.
    fn libssl(&self) -> Option<usize> {
        let library = self.own.library.as_ref()?;
        Some(if library.version.starts_with("1.") { 1 } else { 2 })
    }

    /// Whether a server in this mode looks into its internal cache.
    fn looks_inside(&self, mode: CacheMode) -> bool {
        let looks = mode.contains(CacheMode::SERVER) || self.own.profile.readings.off_lookup == OffLookup::Both;
        looks && !mode.contains(CacheMode::NO_INTERNAL_LOOKUP)
    }

    /// Of a cache that is held to its own profile.
    #[cfg(test)]
    pub(super) fn one(own: Named) -> Self {
        Self { held_to: own.clone(), own }
    }
}

impl Against {
    /// The cache, and its profiles.
    fn library(&self) -> Result<(Box<dyn Library>, Profiles), CannotOpen> {
        let (library, own) = self.subject.library()?;
        let held_to = self.profile.clone().unwrap_or_else(|| own.clone());
        let Some(victim) = self.victim else { return Ok((library, Profiles { own, held_to })) };
        let [own, held_to] = [own, held_to].map(|mut named| {
            named.profile.readings.victim = victim;
            named
        });
        Ok((Box::new(Model::new(own.profile)), Profiles { own, held_to }))
    }
}

impl Against {
    /// Why connections cannot be made so with this cache; `None`: they can.
    ///
    /// # Errors
    ///
    /// When the cache cannot be run at all.
    pub fn refuses(&self, mechanism: Mechanism) -> Result<Option<String>, CannotOpen> {
        Ok(self.library()?.0.refuses(&Op::AcceptBegin(Connection(0), accept(mechanism, None))))
    }
}

/// What was in the sample, and so can have been checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Sampled {
    /// Connections that were begun.
    pub connections: u64,
    /// Those of them in which a session was resumed.
    pub resumed: u64,
    /// Sessions that were dropped to make room.
    pub dropped: u64,
    /// Sessions that were flushed.
    pub flushed: u64,
}

/// Where a cache and the model part.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Parting {
    /// Which event of the run, counted from 0.
    pub event: u64,
    /// When.
    pub at: Moment,
    /// Where.
    pub server: Place,
    /// Whether it was in the miniature.
    pub in_sample: bool,
    /// What differs, or how the cache went down, in words.
    pub what: String,
}

impl std::fmt::Display for Parting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { event, at, server, in_sample, what } = self;
        let sample = if *in_sample { " of the sample" } else { "" };
        let (seconds, rest) = (at.0 / 1_000_000, at.0 % 1_000_000);
        write!(f, "event {event}, at {seconds}.{rest:06} s, server {}{sample}: {what}", server.0)
    }
}

impl std::error::Error for Parting {}

/// A service as it runs.
pub struct Service {
    servers: Vec<Server>,
    external: Option<ExternalCache>,
    profiles: Profiles,
    /// By visit.
    visits: Vec<Option<Visiting>>,
    /// By what is held.
    held: Vec<Option<HeldSession>>,
    free: Vec<u32>,
    /// Handshakes of all servers: ids are made of their numbers.
    pub(super) connections: u32,
    sample: Option<Sample>,
    events: u64,
    /// When the last event was.
    now: Moment,
    /// A cache that went down when nothing happened there: told with the next event.
    down: Option<(Place, WentDown)>,
    stored: Vec<(Key, NewSession)>,
    /// Whether it is known who leaves the caches, and why.
    knows_leavers: bool,
}

struct Visiting {
    server: Place,
    open: Open,
    in_sample: bool,
    /// What its client has proposed, and which session that was: it may be given back meanwhile.
    proposed: Option<(Held, Key)>,
}

/// Clients that also go to a service of their own.
struct Sample {
    one_in: u32,
    random: Random,
    service: Box<Service>,
    /// By what is held among all, what goes with it there.
    held: Vec<Option<Held>>,
    had: Sampled,
}

/// A session that a client has. Mostly it is looked at long after the last time, so all that is needed without an external
/// cache is in one line of a processor's.
#[repr(align(64))]
struct HeldSession {
    key: Key,
    mechanism: Mechanism,
    /// Where it was made.
    origin: Copy,
    in_sample: bool,
    /// `None`: the external cache has had no part in it.
    outside: Option<Box<Outside>>,
}

const _: () = assert!(size_of::<Option<HeldSession>>() == 64);

/// What there is of a session by way of the external cache.
#[derive(Default)]
struct Outside {
    told: Told,
    /// Objects that came out of it, in the caches of their servers.
    copies: Vec<Copy>,
}

/// An object for a session, at one server as it was started once.
struct Copy {
    server: Place,
    life: u32,
    session: SessionRef,
    /// Whether it was to be stored there.
    stored: bool,
    time: i64,
    timeout: i64,
    left: Option<Why>,
}

impl Sample {
    /// What goes with a session in the sample.
    fn goes_with(&mut self, held: Held) -> &mut Option<Held> {
        let slot = held.0 as usize;
        if self.held.len() <= slot {
            self.held.resize(slot + 1, None);
        }
        &mut self.held[slot]
    }
}

impl HeldSession {
    fn told(&self) -> Told {
        self.outside.as_ref().map_or(Told::Never, |outside| outside.told)
    }

    /// All objects for it, who has made it last.
    fn all(&self) -> impl Iterator<Item = &Copy> + Clone {
        self.outside.iter().flat_map(|outside| &outside.copies).chain([&self.origin])
    }

    fn all_mut(&mut self) -> impl Iterator<Item = &mut Copy> {
        self.outside.iter_mut().flat_map(|outside| &mut outside.copies).chain([&mut self.origin])
    }
}

impl Copy {
    fn is_at(&self, server: &Server) -> bool {
        self.server == server.place() && self.life == server.life()
    }

    /// Why the external cache is told to delete the session of an object that was here.
    fn deleted_for(&self, knows_leavers: bool) -> Cause {
        match self.left {
            Some(Why::Dropped) => Cause::Dropped,
            None if self.stored && !knows_leavers => Cause::NotTold,
            _ => Cause::Removed,
        }
    }

    fn has_expired(&self, clock: i64) -> bool {
        clock > self.time.saturating_add(self.timeout)
    }
}

impl Service {
    /// A service at its start. The same seed makes the same of the same events.
    ///
    /// # Errors
    ///
    /// When the cache cannot be run so: why.
    pub fn new(setting: &Setting, against: &Against, seed: u64) -> Result<Self, CannotOpen> {
        let (_, profiles) = against.library()?;
        let library = || against.library().expect("it was there just now").0;
        Ok(Self::of(setting, &library, &profiles, against.checked, seed))
    }

    /// A service of this library, which has these profiles.
    pub(super) fn of(
        setting: &Setting,
        library: &dyn Fn() -> Box<dyn Library>,
        profiles: &Profiles,
        checked: Part,
        seed: u64,
    ) -> Self {
        let model = (checked == Part::Every).then_some(profiles.held_to.profile);
        let places = (0..).map(Place).zip(&setting.servers);
        let servers = places.map(|(place, of)| {
            let mut of = of.clone();
            if setting.external.is_none() {
                of.context.callbacks = Callbacks::default();
            }
            Server::new(place, of, setting.clock, library(), model)
        });
        let sample = match checked {
            Part::OneIn(one_in) => {
                let (one_in, random) = (one_in.max(1), stream(seed, 1));
                let of_sample = Self::of(&in_miniature(setting, one_in), library, profiles, Part::Every, seed);
                Some(Sample { one_in, random, service: Box::new(of_sample), held: Vec::new(), had: Sampled::default() })
            }
            Part::Every | Part::Never => None,
        };
        let servers: Vec<_> = servers.collect();
        let knows_leavers = servers.iter().all(Server::knows_leavers);
        Self {
            servers,
            knows_leavers,
            external: setting.external.clone().map(|external| ExternalCache::new(external, stream(seed, 2))),
            profiles: profiles.clone(),
            visits: Vec::new(),
            held: Vec::new(),
            free: Vec::new(),
            connections: 0,
            sample,
            events: 0,
            now: Moment(0),
            down: None,
            stored: Vec::new(),
        }
    }

    /// What the cache is held to.
    #[must_use]
    pub fn profile(&self) -> &Named {
        &self.profiles.held_to
    }

    /// These will be proposed soon, or others under their numbers. What is known of them is asked for at once: else the
    /// processor waits for the memory of one after that of the other. Nothing else comes of it.
    pub fn expects(&mut self, coming: &[Held]) {
        let sessions = coming.iter().filter_map(|held| Some(&self.held.get(held.0 as usize)?.as_ref()?.origin));
        black_box(sessions.clone().fold(0, |sum, origin| sum ^ origin.session.0));
        for origin in sessions {
            self.servers[usize::from(origin.server.0)].expects(origin.session);
        }
    }

    /// Carries out what happens next, and tells what came of it.
    ///
    /// # Errors
    ///
    /// When the cache and the model part with this event, or the cache goes down in it. After the first, the run may go
    /// on without the model ([`Self::go_on_unchecked`]).
    ///
    /// # Panics
    ///
    /// When the event names what is not there: a visit that is not open, or what was given back. And when there is no
    /// room for it ([`Self::is_full`]).
    pub fn apply(&mut self, event: &Event) -> Result<Outcome, Box<Parting>> {
        let (number, at) = (self.events, event.at);
        self.events += 1;
        let part = |server, what| Box::new(Parting { event: number, at, server, in_sample: false, what });
        if let Some((server, WentDown(what))) = self.down.take() {
            return Err(part(server, what));
        }
        let carried = caught(|| self.carry_out(event));
        let server = self.servers[usize::from(event.server.0)].pair();
        let outcome = carried.map_err(|panic| part(event.server, server.went_down(panic).0))?;
        if let Some(what) = server.parted() {
            return Err(part(event.server, what));
        }
        match self.in_sample(event, &outcome) {
            Ok(()) => Ok(outcome),
            Err(parting) => Err(Box::new(Parting { event: number, in_sample: true, ..*parting })),
        }
    }

    /// Compares all that there is, at the end of a run.
    ///
    /// # Errors
    ///
    /// The first difference.
    pub fn compare_all(&mut self, at: Moment) -> Result<(), Box<Parting>> {
        let event = self.events;
        let part = |server, what| Box::new(Parting { event, at, server, in_sample: false, what });
        if let Some((server, WentDown(what))) = self.down.take() {
            return Err(part(server, what));
        }
        for server in &mut self.servers {
            let compared = caught(|| server.pair().compare_all());
            compared.map_err(|panic| part(server.place(), server.pair().went_down(panic).0))?;
            if let Some(what) = server.pair().parted() {
                return Err(part(server.place(), what));
            }
        }
        let Some(sample) = &mut self.sample else { return Ok(()) };
        let compared = sample.service.compare_all(at);
        compared.map_err(|parting| Box::new(Parting { event, in_sample: true, ..*parting }))
    }

    /// Goes on with no model beside any server.
    pub fn go_on_unchecked(&mut self) {
        self.servers.iter_mut().for_each(|server| server.pair().drop_model());
        self.knows_leavers = self.servers.iter().all(Server::knows_leavers);
        self.sample = None;
    }

    /// A client has no more of this session.
    ///
    /// # Panics
    ///
    /// When it was given back before.
    pub fn give_back(&mut self, held: Held) {
        let gone = self.held[held.0 as usize].take().expect("what is held is given back once");
        self.free.push(held.0);
        for copy in gone.outside.iter().flat_map(|outside| &outside.copies) {
            let server = &mut self.servers[usize::from(copy.server.0)];
            if copy.is_at(server) {
                server.untie(copy.session, held.0);
            }
        }
        let server = &mut self.servers[usize::from(gone.origin.server.0)];
        if gone.origin.is_at(server) {
            server.untie(gone.origin.session, held.0);
            self.aside(gone.origin.server, |server| {
                server.pair().step();
                server.free(gone.origin.session);
                server.settle(|_, _, _| {});
            });
        }
        if let Some(sample) = &mut self.sample
            && let Some(there) = sample.goes_with(held).take()
        {
            sample.service.give_back(there);
        }
    }

    /// What the counters of a server's context show. Of our cache this takes longer than most events.
    pub fn counters(&mut self, server: Place) -> Counters {
        self.aside(server, Server::counters).unwrap_or_default()
    }

    /// How a server stands at this moment, the last event's or a later one.
    pub fn gauges(&mut self, server: Place, at: Moment) -> Gauges {
        self.aside(server, |server| server.gauges(at)).unwrap_or_default()
    }

    /// Something that is no event. `None`: the cache went down in it, or before; that is told with the next event.
    fn aside<T>(&mut self, place: Place, does: impl FnOnce(&mut Server) -> T) -> Option<T> {
        let server = &mut self.servers[usize::from(place.0)];
        match caught(|| does(server)) {
            Ok(came) => Some(came),
            Err(panic) => {
                let down = server.pair().went_down(panic);
                self.down.get_or_insert((place, down));
                None
            }
        }
    }

    /// Whether there is no number for another connection: a run has fewer than 2^32.
    #[must_use]
    pub fn is_full(&self) -> bool {
        // One event makes two at most, with a ticket of other keys.
        self.connections >= u32::MAX - 2
    }

    /// What was in the sample; `None`: there is none.
    #[must_use]
    pub fn sampled(&self) -> Option<Sampled> {
        self.sample.as_ref().map(|sample| sample.had)
    }

    /// After how many events the cache and the model were compared, be it in the sample.
    #[must_use]
    pub fn compared(&self) -> u64 {
        match &self.sample {
            Some(sample) => sample.service.compared(),
            None if self.servers.iter().all(Server::is_checked) => self.events,
            None => 0,
        }
    }

    /// Whether it is known who leaves the internal caches, and why: our caches tell, a libssl does not, and what it does
    /// is known while the model is in step.
    #[must_use]
    pub fn knows_leavers(&self) -> bool {
        self.knows_leavers
    }

    /// How many sessions the external cache has.
    #[must_use]
    pub fn stored_externally(&self) -> usize {
        self.external.as_ref().map_or(0, ExternalCache::len)
    }

    /// How many numbers of objects the worlds of all servers have ever had at a time.
    #[must_use]
    pub fn numbers(&self) -> usize {
        self.servers.iter().map(Server::numbers).sum()
    }

    /// From now on, the last so many ops of this server are kept: of its own, or of the one in the sample.
    pub(super) fn record(&mut self, server: Place, in_sample: bool, most: usize) {
        match &mut self.sample {
            Some(sample) if in_sample => sample.service.record(server, false, most),
            _ => self.servers[usize::from(server.0)].record(most),
        }
    }

    /// The cache of this server went down: what it was asked last is the end of the tape.
    pub(super) fn went_down(&mut self, server: Place, in_sample: bool) {
        match &mut self.sample {
            Some(sample) if in_sample => sample.service.went_down(server, false),
            _ => self.servers[usize::from(server.0)].went_down(),
        }
    }

    pub(super) fn tape(&self, server: Place, in_sample: bool) -> Option<&Tape> {
        match &self.sample {
            Some(sample) if in_sample => sample.service.tape(server, false),
            _ => self.servers[usize::from(server.0)].tape(),
        }
    }

    fn carry_out(&mut self, event: &Event) -> Outcome {
        let mut outcome = Outcome::default();
        let at = usize::from(event.server.0);
        self.now = event.at;
        self.servers[at].at(event.at);
        self.servers[at].count_leavers();
        let mut walked = None;
        match &event.what {
            What::Begin { visit, mechanism, proposes, .. } => {
                self.begin(event, (*visit, *mechanism, *proposes), &mut outcome);
            }
            What::Finish(visit) => walked = self.finish(event, *visit, &mut outcome),
            What::Abort(visit) => {
                let gone = self.leave(*visit);
                self.servers[at].abort(&gone.open);
            }
            What::Close { visit, clean } => {
                let gone = self.leave(*visit);
                self.servers[at].close(&gone.open, *clean);
            }
            What::Restart => self.restart(event.server, &mut outcome),
            What::StepClock(seconds) => self.servers[at].step_clock(*seconds),
            What::SetMode(mode) => self.servers[at].set_mode(*mode),
            What::SetSize(size) => self.servers[at].set_size(*size),
            What::SetTimeout(timeout) => self.servers[at].set_timeout(*timeout),
            What::Flush => walked = Some(self.servers[at].flush()),
            // The balancer's matter.
            What::TakeOut | What::PutBack | What::Scatter | What::Gather | What::TurnAway(_) => {}
        }
        let removed = self.removed(event);
        self.settle(event.server, &mut outcome);
        self.delete(&removed, event, &mut outcome);
        if let Some(left) = self.servers[at].counted_left(&event.what) {
            outcome.left = left;
        }
        // A flush that took somebody was one, whether or not it was expected now. All that stay were there before.
        let flushed = outcome.left.flushed;
        let began = walked.is_some();
        let walked = (began || flushed > 0).then(|| self.servers[at].number() + flushed);
        let before = if self.profiles.in_steps() { self.servers[at].goes_on_flushing(began, flushed) } else { 0 };
        outcome.looked_at = looked_at(walked, (before, flushed), outcome.left.dropped);
        if let Some(libssl) = self.profiles.libssl() {
            outcome.looked_at[0] = outcome.looked_at[libssl];
        }
        outcome
    }

    fn begin(
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
        if let Some(ready) = ready.as_ref().filter(|_| asked) {
            outcome.external.gets += 1;
            outcome.external.found += u64::from(given.is_some());
            outcome.external.unanswered += u64::from(!ready.called.answered);
            outcome.external.waited += ready.called.waited;
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

    /// Whether a client is one of the sample: by what it proposes, or by chance.
    fn joins_sample(&mut self, proposes: Proposes) -> bool {
        if let (Proposes::Held(held), Some(_)) = (proposes, &self.sample) {
            return self.held(held).in_sample;
        }
        let Some(Sample { one_in, random, .. }) = &mut self.sample else { return false };
        let word: u64 = StandardUniform.sample(random);
        word.is_multiple_of(u64::from(*one_in))
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
        Some(external.get(key, event.at))
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

    /// Why nothing was resumed. `got`: what the external cache has answered, if it was asked.
    fn cause(&mut self, at: usize, mechanism: Mechanism, held: Option<Held>, got: Option<&Got>) -> Cause {
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

    fn finish(&mut self, event: &Event, visit: Visit, outcome: &mut Outcome) -> Option<u64> {
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
                let (called, of) = external.store(*key, *session, event.at);
                outcome.external.stores += 1;
                outcome.external.lost += u64::from(of == Told::InVain);
                outcome.external.waited += called.waited;
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

    fn hold(&mut self, session: HeldSession) -> Held {
        if let Some(free) = self.free.pop() {
            self.held[free as usize] = Some(session);
            return Held(free);
        }
        self.held.push(Some(session));
        Held(u32::try_from(self.held.len() - 1).expect("fewer than 2^32 sessions are held"))
    }

    fn leave(&mut self, visit: Visit) -> Visiting {
        self.visits[visit.0 as usize].take().expect(OPEN)
    }

    /// The process ends, and is started again. Its connections are gone, and whatever `remove_session_cb` is told of
    /// then, no external cache hears of it any more.
    fn restart(&mut self, place: Place, outcome: &mut Outcome) {
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
        self.settle(place, outcome);
        if !self.servers[at].pair().is_parted() {
            self.servers[at].begin_life();
        }
    }

    /// What the external cache is to delete after this event.
    fn removed(&self, event: &Event) -> Vec<Removed> {
        if self.external.is_none() || event.what == What::Restart {
            return Vec::new();
        }
        self.servers[usize::from(event.server.0)].removed().collect()
    }

    /// By now it is known why each has left.
    fn delete(&mut self, removed: &[Removed], event: &Event, outcome: &mut Outcome) {
        let Some(external) = &mut self.external else { return };
        let (life, knows_leavers) = (self.servers[usize::from(event.server.0)].life(), self.knows_leavers);
        for Removed { session, key, tie } in removed {
            let Some((called, arrives)) = external.delete(*key, event.at) else { continue };
            outcome.external.deletes += 1;
            outcome.external.waited += called.waited;
            let of = tie.and_then(|tie| self.held[tie as usize].as_mut()).filter(|of| arrives && of.key == *key);
            let Some(of) = of.filter(|of| !matches!(of.told(), Told::Deleted(_))) else { continue };
            let is_it = |copy: &&Copy| (copy.server, copy.life, copy.session) == (event.server, life, *session);
            let cause = of.all().find(is_it).map_or(Cause::Removed, |copy| copy.deleted_for(knows_leavers));
            of.outside.get_or_insert_default().told = Told::Deleted(cause);
        }
    }

    /// Whoever has left is counted, and known to have; then both sides are compared.
    fn settle(&mut self, place: Place, outcome: &mut Outcome) {
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
            server.pair().compare(super::server::SERVER);
        }
    }

    fn held(&self, held: Held) -> &HeldSession {
        self.held[held.0 as usize].as_ref().expect(HELD)
    }

    /// The same on the sample, if it is of the sample or of all.
    fn in_sample(&mut self, event: &Event, outcome: &Outcome) -> Result<(), Box<Parting>> {
        let Some(sample) = &mut self.sample else { return Ok(()) };
        let what = match &event.what {
            What::Begin { visit, group, mechanism, proposes } => {
                // One that has failed has no place among visits.
                let begun = self.visits.get(visit.0 as usize).and_then(Option::as_ref);
                if !begun.is_some_and(|visiting| visiting.in_sample) {
                    return Ok(());
                }
                let proposes = match proposes {
                    Proposes::Held(held) => sample.goes_with(*held).map_or(Proposes::Nothing, Proposes::Held),
                    other => *other,
                };
                What::Begin { visit: *visit, group: *group, mechanism: *mechanism, proposes }
            }
            What::Finish(visit) | What::Abort(visit) | What::Close { visit, .. } => {
                if !sample.service.is_open(*visit) {
                    return Ok(());
                }
                event.what.clone()
            }
            What::SetSize(size) => What::SetSize(part(*size, sample.one_in)),
            all => all.clone(),
        };
        let service = &mut sample.service;
        sample.had.connections += u64::from(matches!(what, What::Begin { .. }));
        let came = service.apply(&Event { what, ..event.clone() })?;
        sample.had.resumed += u64::from(matches!(came.answer, Some(Answer::Hit(_))));
        sample.had.dropped += came.left.dropped;
        sample.had.flushed += came.left.flushed;
        // Whose handshake has failed among all is gone here, too.
        for visit in outcome.gone.iter().copied().filter(|visit| service.is_open(*visit)).collect::<Vec<_>>() {
            service.apply(&Event { what: What::Close { visit, clean: true }, ..event.clone() })?;
        }
        if let What::Finish(visit) = event.what {
            self.go_with(visit, came.gives, outcome.gives);
        }
        Ok(())
    }

    /// What a client of the sample has from now on in the sample (`sampled`), beside what it has among all (`given`;
    /// `None`: what it has proposed). The two services may answer it in other ways.
    fn go_with(&mut self, visit: Visit, sampled: Option<Held>, given: Option<Held>) {
        let visiting = self.visits.get(visit.0 as usize).and_then(Option::as_ref);
        let had = visiting.and_then(|visiting| visiting.proposed).filter(|(had, key)| {
            // By now its number may be another's.
            self.held[had.0 as usize].as_ref().is_some_and(|of| of.key == *key)
        });
        let Some(sample) = &mut self.sample else { return };
        let before = match (sampled, given, had) {
            (Some(sampled), Some(given), _) => sample.goes_with(given).replace(sampled),
            // It goes on with the fresh one there, and with the old one here.
            (Some(sampled), None, Some((had, _))) => sample.goes_with(had).replace(sampled),
            (Some(sampled), None, None) => Some(sampled),
            // And the other way round.
            (None, Some(given), Some((had, _))) => {
                let there = sample.goes_with(had).take();
                std::mem::replace(sample.goes_with(given), there)
            }
            (None, ..) => None,
        };
        if let Some(before) = before {
            sample.service.give_back(before);
        }
    }

    fn is_open(&self, visit: Visit) -> bool {
        self.visits.get(visit.0 as usize).is_some_and(Option::is_some)
    }
}

const HELD: &str = "what is proposed was not given back";

const OPEN: &str = "only an open visit is named";

fn count(left: &mut Left, why: Why) {
    match why {
        Why::Flushed => left.flushed += 1,
        Why::Dropped => left.dropped += 1,
        Why::Expired => left.expired += 1,
        Why::Removed | Why::Replaced | Why::Refused | Why::Freed => left.removed += 1,
    }
}

/// Whether a client proposes what it has by the one mechanism in a connection that is set to the other: a ticket of TLS
/// 1.2 goes with nothing else.
fn fits(made: Mechanism, mechanism: Mechanism) -> bool {
    (made == Mechanism::Tickets) == (mechanism == Mechanism::Tickets)
}

/// The same service for one client in so many.
fn in_miniature(setting: &Setting, one_in: u32) -> Setting {
    let mut setting = setting.clone();
    for server in &mut setting.servers {
        let ContextSetup { size, .. } = &mut server.context;
        let default = u32::try_from(session_cache::DEFAULT_CACHE_SIZE).expect("it is small");
        *size = Some(part(size.unwrap_or(default), one_in));
    }
    if let Some(external) = &mut setting.external {
        external.entries = external.entries.map(|entries| entries.div_ceil(u64::from(one_in)));
    }
    setting
}

/// A part of a size; 0 is no limit, and no part of any other size.
fn part(size: u32, one_in: u32) -> u32 {
    size.div_ceil(one_in)
}

/// Random numbers of one purpose.
fn stream(seed: u64, purpose: u64) -> Random {
    Random::seed_from_u64(seed ^ purpose.wrapping_mul(0x9e37_79b9_7f4a_7c15))
}
