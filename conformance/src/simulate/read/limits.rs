//! What would be too much, and what could never be, of a workload as a whole.
//!
//! A file is read before it is trusted: what it asks for must fit into memory, and time must go on.

use super::super::law::Law;
use super::super::setting::ExternalSetting;
use super::super::workload::{Arrivals, Come, Daily, SECOND, Workload};
use super::lower::Lowering;
use super::scalars::MOST_A_SECOND;
use crate::scenario::child;

/// The most servers.
pub(super) const MOST_SERVERS: usize = 64;
/// The most groups of clients and attackers.
pub(super) const MOST_GROUPS: usize = 64;
/// The most clients, in all groups together: some tens of bytes each.
pub(super) const MOST_CLIENTS: u32 = 10_000_000;
/// The most crowds of a group: all of them are looked at where the rate changes.
pub(super) const MOST_CROWDS: usize = 100;
/// The most times that an external cache is away.
pub(super) const MOST_AWAY: usize = 1_000;
/// The most happenings that are written.
pub(super) const MOST_HAPPENINGS: usize = 10_000;
/// The most connections that are open at once, in the mean: some hundred bytes each, with what a server has of them.
const MOST_OPEN: f64 = 10_000_000.0;

impl Lowering<'_> {
    /// What can be said only of the whole.
    pub(super) fn check_whole(&mut self, workload: &Workload) {
        let checks = [Self::check_groups, Self::check_number, Self::check_rates, Self::check_open, Self::check_reached];
        for check in checks {
            // What is too much in one way often is in another, which then says nothing new.
            if self.reader.mistakes.is_empty() {
                check(self, workload);
            }
        }
    }

    fn check_number(&mut self, workload: &Workload) {
        if workload.groups() == 0 {
            self.reader.at_value("", "a workload without `clients:` or `floods:`: nothing would happen");
        }
        let all: u64 = workload.clients.iter().map(|clients| u64::from(clients.number)).sum();
        if all > MOST_CLIENTS.into() {
            self.reader.at_key("/clients", format!("{all} clients in all; a workload has at most {MOST_CLIENTS}"));
        }
    }

    fn check_rates(&mut self, workload: &Workload) {
        for clients in &workload.clients {
            let pointer = child("/clients", &clients.name);
            let (rate, key) = match &clients.come {
                Come::Open { arrivals, .. } => (most_a_second(arrivals), "arrivals"),
                Come::Closed { thinks } => {
                    // Time stands still for who comes again at once.
                    let turn = (thinks.mean() + hold(&clients.stays, &clients.round_trip, None)) / SECOND as f64;
                    (f64::from(clients.number) / turn, "thinks")
                }
            };
            // What is no number does not fit either.
            let fits = rate <= MOST_A_SECOND * (1.0 + 1e-9);
            if !fits {
                let message = format!("up to {rate:.0} connections a second; a group has at most {MOST_A_SECOND}");
                self.reader.at_key(&child(&pointer, key), message);
            }
        }
    }

    /// A connection that stays open takes memory.
    fn check_open(&mut self, workload: &Workload) {
        let external = workload.setting.external.as_ref();
        let lasts = workload.lasts.0 as f64;
        let of_clients = workload.clients.iter().map(|clients| match &clients.come {
            Come::Open { arrivals, .. } => {
                most_a_second(arrivals) * hold(&clients.stays, &clients.round_trip, external).min(lasts) / SECOND as f64
            }
            Come::Closed { .. } => clients.number.into(),
        });
        let of_floods = workload.floods.iter().map(|flood| {
            let lasts = (flood.to.0 - flood.from.0) as f64;
            flood.rate * hold(&Law::Fixed(0), &flood.round_trip, external).min(lasts) / SECOND as f64
        });
        let open: f64 = of_clients.chain(of_floods).sum();
        let fits = open <= MOST_OPEN;
        if !fits {
            let message = format!(
                "about {open:.0} connections would be open at once; at most {MOST_OPEN} may: lower the rates, or how \
                 long connections last"
            );
            self.reader.at_value("", message);
        }
    }

    /// A server that nobody goes to is likely to be a name that is missing somewhere.
    fn check_reached(&mut self, workload: &Workload) {
        let goes_to = |server: usize| {
            let clients = workload.clients.iter().map(|clients| &clients.servers);
            let mut all = clients.chain(workload.floods.iter().map(|flood| &flood.servers)).flatten();
            all.any(|reached| usize::from(reached.0) == server)
        };
        for (server, name) in workload.servers.iter().enumerate() {
            if workload.groups() > 0 && !goes_to(server) {
                self.reader.at_key(&child("/servers", name), format!("nobody goes to `{name}`"));
            }
        }
    }
}

/// The highest rate of a law.
fn most_a_second(arrivals: &Arrivals) -> f64 {
    let daily = match &arrivals.daily {
        Daily::Even => 1.0,
        Daily::Sine { swing, .. } => 1.0 + swing,
        Daily::Hours(hours) => hours.iter().copied().fold(0.0, f64::max),
    };
    // Where it is highest, a crowd begins, or none is.
    let with = |at: u64| {
        let crowds = arrivals.crowds.iter().filter(|crowd| crowd.from.0 <= at && at < crowd.to.0);
        crowds.map(|crowd| crowd.times).product::<f64>()
    };
    let crowds = arrivals.crowds.iter().flat_map(|crowd| [crowd.from.0, crowd.to.0]).map(with).fold(1.0, f64::max);
    arrivals.rate * daily * crowds
}

/// For how long a connection is open, in the mean and in microseconds.
fn hold(stays: &Law, round_trip: &Law, external: Option<&ExternalSetting>) -> f64 {
    let waits = external.map_or(0.0, |external| {
        let takes = external.takes.mean();
        external.gives_up.map_or(takes, |gives_up| takes.min(gives_up as f64))
    });
    stays.mean() + round_trip.mean() + waits
}
