//! Carries out what happens in a service, on servers that are set as it says, and tells what came of it.
//!
//! Each server is a world of its own; the external cache lies between them. What a client has to propose is a session
//! that it holds here until traffic gives it back, with all that is known of it: who has made it, and why it has left
//! whose cache, so that the cause of a miss is exact, or said not to be told.
//!
//! Here is a service as a whole, and its parts are below: a connection (`handshake`), what ends (`leaving`), what clients
//! hold (`held`), why a miss is one (`cause`), the clients that are checked (`sample`), the cache and what it is held to
//! (`against`), and where a run ends early (`parting`). Not here: why a client comes, and what is made of the outcomes.

mod against;
mod cause;
mod handshake;
mod held;
mod leaving;
mod parting;
mod sample;

use std::hint::black_box;

use rand_pcg::rand_core::SeedableRng;
use session_model::NewSession;
use session_model::application::Callbacks;

use super::asks::Asks;
use super::event::{Event, Gauges, Held, Moment, Outcome, Server as Place, What};
use super::external::{ExternalCache, Key};
use super::law::Random;
use super::pair::{WentDown, caught};
use super::part::Part;
use super::server::{Open, Server, looked_at};
use super::setting::Setting;
use super::tape::Tape;
use crate::driver::Library;
use crate::profiles::Named;
use crate::subjects::CannotOpen;
use crate::transcript::Counters;
use held::HeldSession;
use sample::{Sample, in_miniature};

pub(super) use against::Profiles;
pub use against::{Against, UNSET_IN_LIBSSL, unset_timeout};
pub use parting::Parting;
pub use sample::Sampled;

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
    /// How many were to be carried out, and how many of them were and showed no difference.
    events: u64,
    in_step: u64,
    /// When the last event was.
    now: Moment,
    /// A cache that went down when nothing happened there: told with the next event.
    down: Option<(Place, WentDown)>,
    stored: Vec<(Key, NewSession)>,
    /// Whether it is known who leaves the caches, and why.
    knows_leavers: bool,
    /// `None`: nobody counts what caches are asked.
    asks: Option<Asks>,
}

struct Visiting {
    server: Place,
    open: Open,
    in_sample: bool,
    /// What its client has proposed, and which session that was: it may be given back meanwhile.
    proposed: Option<(Held, Key)>,
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
            in_step: 0,
            now: Moment(0),
            down: None,
            stored: Vec::new(),
            asks: None,
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
        let when = (self.events, event.at);
        self.events += 1;
        if let Some((server, down)) = self.down.take() {
            return Err(Parting::went_down(when, server, down));
        }
        let carried = caught(|| self.carry_out(event));
        let server = self.servers[usize::from(event.server.0)].pair();
        let outcome = carried.map_err(|panic| Parting::went_down(when, event.server, server.went_down(panic)))?;
        if let Some(what) = server.parted() {
            return Err(Parting::differs(when, event.server, what));
        }
        self.in_step += 1;
        match self.in_sample(event, &outcome) {
            Ok(()) => Ok(outcome),
            Err(parting) => Err(Box::new(Parting { event: when.0, in_sample: true, ..*parting })),
        }
    }

    /// Compares all that there is, at the end of a run.
    ///
    /// # Errors
    ///
    /// The first difference.
    pub fn compare_all(&mut self, at: Moment) -> Result<(), Box<Parting>> {
        let when = (self.events, at);
        if let Some((server, down)) = self.down.take() {
            return Err(Parting::went_down(when, server, down));
        }
        for server in &mut self.servers {
            let compared = caught(|| server.compare_all());
            compared.map_err(|panic| Parting::went_down(when, server.place(), server.pair().went_down(panic)))?;
            if let Some(what) = server.pair().parted() {
                return Err(Parting::differs(when, server.place(), what));
            }
        }
        let Some(sample) = &mut self.sample else { return Ok(()) };
        let compared = sample.service.compare_all(at);
        compared.map_err(|parting| Box::new(Parting { event: when.0, in_sample: true, ..*parting }))
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

    /// After how many events the cache and the model were compared and were in step, be it in the sample.
    #[must_use]
    pub fn compared(&self) -> u64 {
        match &self.sample {
            Some(sample) => sample.service.compared(),
            None if self.servers.iter().all(Server::is_checked) => self.in_step,
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

    /// What was kept of this server; if its cache went down, with what it was asked last.
    pub(super) fn take_tape(&mut self, server: Place, in_sample: bool) -> Option<Tape> {
        match &mut self.sample {
            Some(sample) if in_sample => sample.service.take_tape(server, false),
            _ => {
                let server = &mut self.servers[usize::from(server.0)];
                server.put_on_tape();
                server.take_tape()
            }
        }
    }

    /// From now on, what is asked of any of its caches counts among these.
    pub(super) fn count_asks(&mut self, asks: &Asks) {
        self.servers.iter_mut().for_each(|server| server.count_asks(asks.clone()));
        if let Some(sample) = &mut self.sample {
            sample.service.count_asks(asks);
        }
        self.asks = Some(asks.clone());
    }

    /// Whether a cache is known to go down as somebody looks at how it stands, which is no event.
    pub(super) fn falls_in_a_look(&self) -> bool {
        self.asks.as_ref().and_then(Asks::fall).is_some_and(|fall| fall.is_in_a_look())
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
}

/// A cache that is known to take its process down may do so when it is freed, and so it is not.
impl Drop for Service {
    fn drop(&mut self) {
        if self.asks.as_ref().and_then(Asks::fall).is_some() {
            std::mem::forget(std::mem::take(&mut self.servers));
        }
    }
}

const OPEN: &str = "only an open visit is named";

/// Random numbers of one purpose.
fn stream(seed: u64, purpose: u64) -> Random {
    Random::seed_from_u64(seed ^ purpose.wrapping_mul(0x9e37_79b9_7f4a_7c15))
}
