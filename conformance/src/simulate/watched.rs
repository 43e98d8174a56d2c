//! A service, and an account of what was checked of it: what [`run`](super::run::run) runs.
//!
//! A difference ends the run: behind it nothing is known of what is checked. Not here: the comparison itself, which is
//! the service's, and the scenario that a difference comes down to ([`mod@super::cut`]).

use super::answers::{Breach, Checked};
use super::asks::Asks;
use super::event::{Event, Gauges, Held, Moment, Outcome, Server};
use super::part::Part;
use super::run::Serves;
use super::service::{Against, Parting, Sampled, Service};
use super::setting::Setting;
use crate::subjects::CannotOpen;
use crate::transcript::Counters;

/// A service with what was checked of it.
pub struct Watched {
    service: Service,
    part: Part,
    ends: Moment,
    /// Where it parted, if it did.
    parted: Option<Parting>,
    /// Whether it has ended since there may be no more connections.
    full: bool,
    events: u64,
    /// Who is told of each event, with its number, before it is carried out.
    before: Before,
}

/// Somebody who is told of an event before it is carried out, with its number.
pub type Before = Box<dyn FnMut(u64, &Event)>;

impl Watched {
    /// A service at its start, of a run that ends at this moment.
    ///
    /// # Errors
    ///
    /// When the cache cannot be run so.
    pub fn open(setting: &Setting, against: &Against, seed: u64, ends: Moment) -> Result<Self, CannotOpen> {
        let service = Service::new(setting, against, seed)?;
        let before: Before = Box::new(|_, _| {});
        Ok(Self { service, part: against.checked, ends, parted: None, full: false, events: 0, before })
    }

    /// Tells somebody of each event before it is carried out: they know where a cache goes down or hangs.
    #[must_use]
    pub fn telling(self, before: Before) -> Self {
        Self { before, ..self }
    }

    /// Counts what its caches are asked among these: so they know in which ask of the event it is.
    #[must_use]
    pub fn counting(mut self, asks: &Asks) -> Self {
        self.service.count_asks(asks);
        self
    }

    /// Ends it: its caches are freed. One that has done otherwise than it should may take its process down then, and so
    /// it is not: what was found would be lost with it.
    pub fn end(self) {
        if self.parted.is_some() {
            std::mem::forget(self.service);
        }
    }

    /// Where it parted, if it did.
    #[must_use]
    pub fn parted(&self) -> Option<&Parting> {
        self.parted.as_ref()
    }

    /// Why there is nothing to say of this run, now that it has ended; `None`: there is.
    #[must_use]
    pub fn in_vain(&self) -> Option<String> {
        if self.full {
            return Some(FULL.to_owned());
        }
        match (self.part, self.service.sampled(), &self.parted) {
            (Part::OneIn(parts), Some(Sampled { connections: 0, .. }), None) => Some(format!(
                "nothing was checked: no client is in the sample of one in {parts}; take a larger part, or a longer \
                 `--for`, or say that nothing is to be checked: `--model never`"
            )),
            _ => None,
        }
    }
}

const FULL: &str = "it has more connections than a run can number, 2^32; take a shorter `--for`";

const NOT_TOLD: &str = "this cache does not tell who leaves it and why, and with no model in step for all of it nobody \
                        does: who left is counted by its counters and members, and where a miss hangs on it, its cause \
                        is not told";

impl Serves for Watched {
    fn expects(&mut self, coming: &[Held]) {
        self.service.expects(coming);
    }

    fn apply(&mut self, event: &Event) -> Result<Outcome, Breach> {
        if self.service.is_full() {
            self.full = true;
            return Err(Breach::new(event.at, event.server, FULL));
        }
        (self.before)(self.events, event);
        self.events += 1;
        self.service.apply(event).map_err(|parting| {
            let breach = Breach::new(parting.at, parting.server, &parting.to_string());
            self.parted = Some(*parting);
            breach
        })
    }

    fn counters(&mut self, server: Server) -> Counters {
        self.service.counters(server)
    }

    fn gauges(&mut self, server: Server, at: Moment) -> Gauges {
        self.service.gauges(server, at)
    }

    fn give_back(&mut self, held: Held) {
        self.service.give_back(held);
    }

    fn checked(&mut self) -> Checked {
        let mut found = Vec::new();
        if self.parted.is_none()
            && !self.full
            && let Err(parting) = self.service.compare_all(self.ends)
        {
            found.push(Breach::new(parting.at, parting.server, &parting.to_string()));
            self.parted = Some(*parting);
        }
        let mut how = match self.part {
            Part::Every | Part::Never => String::new(),
            Part::OneIn(parts) => {
                let Sampled { connections, resumed, dropped, flushed } = self.service.sampled().unwrap_or_default();
                format!(
                    "one client in {parts}, at servers of their own with caches of 1/{parts} of the size: {connections} \
                     connections, {resumed} of them resumed, and {dropped} sessions dropped and {flushed} flushed; what \
                     shows only with all clients in one cache was not looked for"
                )
            }
        };
        if !self.service.knows_leavers() {
            how.push_str(if how.is_empty() { "" } else { "; " });
            how.push_str(NOT_TOLD);
        }
        Checked { events: self.service.compared(), how, found }
    }
}
