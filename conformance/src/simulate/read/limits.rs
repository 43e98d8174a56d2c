//! What would be too much, and what could never be, of a workload as a whole.
//!
//! A file is read before it is trusted: what it asks for must fit into memory, and time must go on.

use super::super::event::Moment;
use super::super::setting::ExternalSetting;
use super::super::workload::{Come, SECOND, Workload};
use super::contents::{self, connections, most_a_second};
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
/// The most sessions in all internal caches, and in the external one: some hundred bytes each.
const MOST_SESSIONS: f64 = 10_000_000.0;
/// The most connections of a run: each has a number of 32 bits.
const MOST_CONNECTIONS: f64 = 4_000_000_000.0;

impl Lowering<'_> {
    /// What can be said only of the whole.
    pub(super) fn check_whole(&mut self, workload: &Workload) {
        let checks = [
            Self::check_groups,
            Self::check_number,
            Self::check_rates,
            Self::check_open,
            Self::check_contents,
            Self::check_connections,
            Self::check_reached,
        ];
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
            let rate = most_a_second(clients, workload);
            let key = if matches!(clients.come, Come::Open { .. }) { "arrivals" } else { "thinks" };
            // What is no number does not fit either.
            let fits = rate <= MOST_A_SECOND * (1.0 + 1e-9);
            if !fits {
                let message = format!("up to {rate:.0} connections a second; a group has at most {MOST_A_SECOND}");
                self.reader.at_key(&child(&child("/clients", &clients.name), key), message);
            }
        }
    }

    /// A connection that stays open takes memory.
    fn check_open(&mut self, workload: &Workload) {
        let waits = workload.setting.external.as_ref().map_or(0.0, waits);
        let lasts = workload.lasts.0 as f64;
        let of_clients = workload.clients.iter().map(|clients| match &clients.come {
            Come::Open { .. } => {
                let hold = clients.stays.mean() + clients.round_trip.mean() + waits;
                most_a_second(clients, workload) * hold.min(lasts) / SECOND as f64
            }
            Come::Closed { .. } => clients.number.into(),
        });
        let of_floods = workload.floods.iter().map(|flood| {
            flood.rate * (flood.round_trip.mean() + waits).min(contents::active(flood, workload)) / SECOND as f64
        });
        let open: f64 = of_clients.chain(of_floods).sum();
        let fits = open <= MOST_OPEN;
        if !fits {
            let message = format!(
                "about {open:.0} connections would be open at once; at most {MOST_OPEN} may: lower the rates, or how \
                 long connections last"
            );
            let away = workload.setting.external.as_ref().is_some_and(|external| waits > external.takes.mean());
            if away {
                self.reader.at_key("/external/away", format!("{message}, or say when a server `gives_up`"));
            } else {
                self.reader.at_value("", message);
            }
        }
    }

    /// A session that stays in a cache takes memory, and more of it.
    fn check_contents(&mut self, workload: &Workload) {
        // Whichever cache it is run on: this one forgets soonest where no timeout is set.
        let unset = u32::try_from(session_cache::DEFAULT_TIMEOUT).expect("it is short");
        let Some((over, message)) = too_many(workload, unset) else { return };
        let places = match over {
            Over::External => vec!["/external".to_owned()],
            Over::Server(server) => {
                let own = child(&child("/servers", &workload.servers[server]), "cache");
                vec![child(&own, "size"), own, "/cache/size".to_owned(), "/cache".to_owned()]
            }
        };
        let place = places.into_iter().find(|place| self.reader.places.has(place)).unwrap_or_default();
        self.reader.at_key(&place, message);
    }

    /// Connections are numbered.
    fn check_connections(&mut self, workload: &Workload) {
        let of_clients = workload.clients.iter().map(|clients| connections(clients, workload));
        let floods = workload.floods.iter();
        let of_floods = floods.map(|flood| flood.rate * contents::active(flood, workload) / SECOND as f64);
        let all: f64 = of_clients.chain(of_floods).sum();
        let fits = all <= MOST_CONNECTIONS;
        if !fits {
            let message = format!("about {all:.0} connections; a run has at most {MOST_CONNECTIONS}");
            self.reader.at_key("/lasts", message);
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

/// Whether the caches of a workload hold no more than there may be, whatever its text said: a setting may be varied, and
/// where no timeout is set, sessions live for so many seconds in the cache at hand.
///
/// # Errors
///
/// When they hold more, in words.
pub fn fits(workload: &Workload, unset: u32) -> Result<(), String> {
    let Some((_, message)) = too_many(workload, unset) else { return Ok(()) };
    let is_unset = workload.setting.servers.iter().any(|server| server.context.timeout.is_none());
    let why = if is_unset { format!("; where no timeout is set, they live for {unset} s") } else { String::new() };
    Err(message + &why)
}

/// Which cache holds too much.
enum Over {
    /// Those of servers together; this one has most.
    Server(usize),
    External,
}

fn too_many(workload: &Workload, unset: u32) -> Option<(Over, String)> {
    let internal = contents::internal(workload, unset);
    let all: f64 = internal.iter().sum();
    if all > MOST_SESSIONS {
        let most = (0..internal.len()).max_by(|one, other| internal[*one].total_cmp(&internal[*other]))?;
        let message = format!(
            "about {all:.0} sessions would be in internal caches at once; at most {MOST_SESSIONS} may: limit the size, \
             or lower the timeouts or the rates"
        );
        return Some((Over::Server(most), message));
    }
    let all = contents::external(workload, unset);
    let message = format!(
        "about {all:.0} sessions would be in the external cache at once; at most {MOST_SESSIONS} may: limit its \
         `entries`, or lower the timeouts or the rates"
    );
    (all > MOST_SESSIONS).then_some((Over::External, message))
}

/// For how long a connection waits for the external cache, in the mean, or where that is longer while it is away.
fn waits(external: &ExternalSetting) -> f64 {
    let takes = external.takes.mean().max(longest_away(&external.away) as f64);
    external.gives_up.map_or(takes, |gives_up| takes.min(gives_up as f64))
}

/// The longest time without an answer; who waits through one time away may meet the next.
fn longest_away(away: &[(Moment, Moment)]) -> u64 {
    let mut away = away.to_vec();
    away.sort_unstable();
    let (mut longest, mut begun, mut ended) = (0, 0, 0);
    for (from, to) in away {
        if from.0 > ended {
            begun = from.0;
        }
        ended = ended.max(to.0);
        longest = longest.max(ended - begun);
    }
    longest
}
