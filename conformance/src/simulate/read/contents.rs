//! How many sessions the caches of a workload come to hold, about: each connection is taken to bring as many as it has
//! tickets, and these to stay for as long as they may.
//!
//! An estimate from above, for what must fit into memory; how many there are in a run is another matter. Not here: how
//! many may be ([`super::limits`]).

use session_model::{CacheMode, Mechanism};

use super::super::event::Server;
use super::super::workload::{
    Arrivals, Balancer, Clients, Come, DAY, Daily, Does, Flood, Floods, Happening, SECOND, Workload,
};

/// How many sessions there are in each server's internal cache, about. `unset`: for how many seconds they live where no
/// timeout is set.
pub(super) fn internal(workload: &Workload, unset: u32) -> Vec<f64> {
    (0..workload.setting.servers.len()).map(|server| internal_of(workload, server, unset)).collect()
}

fn internal_of(workload: &Workload, server: usize, unset: u32) -> f64 {
    let context = &workload.setting.servers[server].context;
    let mut modes = vec![context.mode.unwrap_or(CacheMode::SERVER)];
    let default = u32::try_from(session_cache::DEFAULT_CACHE_SIZE).expect("it is small");
    let mut sizes = vec![context.size.unwrap_or(default)];
    for (does, _) in happenings(workload, server) {
        match does {
            Does::SetMode(mode) => modes.push(*mode),
            Does::SetSize(size) => sizes.push(*size),
            _ => {}
        }
    }
    let stores = |mode: &CacheMode| mode.contains(CacheMode::SERVER) && !mode.contains(CacheMode::NO_INTERNAL_STORE);
    if !modes.iter().any(stores) {
        return 0.0;
    }
    let clears = !modes.iter().any(|mode| mode.contains(CacheMode::NO_AUTO_CLEAR));
    let lasts = workload.lasts.0 as f64;
    let life = if clears { life(workload, server, unset) } else { lasts };
    let most = if sizes.contains(&0) { f64::INFINITY } else { sizes.into_iter().max().unwrap_or_default().into() };
    let clients =
        workload.clients.iter().filter(|clients| clients.servers.iter().any(|to| usize::from(to.0) == server));
    // As many go to each as when all that are ever taken out are.
    let among = |servers: &[Server]| servers.iter().filter(|server| stays_in(workload, **server)).count().max(1) as f64;
    let made = clients.map(|clients| made(clients, workload, life) / among(&clients.servers));
    let floods = workload.floods.iter().filter(|flood| flood.servers.iter().any(|to| usize::from(to.0) == server));
    let flooded = floods.map(|flood| flooded(flood, workload, life) / among(&flood.servers));
    made.chain(flooded).sum::<f64>().min(most)
}

/// How many sessions there are in the external cache, about; `unset` as in [`internal`].
pub(super) fn external(workload: &Workload, unset: u32) -> f64 {
    let servers = &workload.setting.servers;
    let Some(external) = &workload.setting.external else { return 0.0 };
    if servers.iter().all(|server| server.context.callbacks.new.is_none()) {
        return 0.0;
    }
    let timeouts = (0..servers.len()).map(|server| timeout(workload, server, unset)).fold(0.0, f64::max);
    let life = external.keeps.map_or(timeouts, |keeps| keeps as f64) * SECOND as f64;
    let made = workload.clients.iter().map(|clients| made(clients, workload, life));
    let all: f64 = made.chain(workload.floods.iter().map(|flood| flooded(flood, workload, life))).sum();
    external.entries.map_or(all, |entries| all.min(entries as f64))
}

/// What is done to a server, and whether again and again.
fn happenings(workload: &Workload, server: usize) -> impl Iterator<Item = (&Does, bool)> {
    let at = move |to: &[Server]| to.iter().any(|to| usize::from(to.0) == server);
    let all = workload.happenings.iter().filter(move |happening| at(&happening.servers));
    all.map(|happening| (&happening.does, happening.every.is_some()))
}

/// The longest timeout that sessions of a server have, in seconds.
fn timeout(workload: &Workload, server: usize, unset: u32) -> f64 {
    let context = &workload.setting.servers[server].context;
    let first = context.timeout.map_or(unset.into(), |timeout| timeout.0 as f64);
    let set = |(does, _)| if let &Does::SetTimeout(timeout) = does { Some(timeout.0 as f64) } else { None };
    happenings(workload, server).filter_map(set).fold(first, f64::max)
}

/// For how long a session of a server is not expired, in microseconds: its clock may be slow, and may be moved back.
fn life(workload: &Workload, server: usize, unset: u32) -> f64 {
    let lasts = workload.lasts.0 as f64;
    let mut back = 0.0;
    for (does, again) in happenings(workload, server) {
        match does {
            Does::StepClock(seconds) if *seconds < 0 && again => return lasts,
            Does::StepClock(seconds) if *seconds < 0 => back -= *seconds as f64,
            _ => {}
        }
    }
    let pace = 1.0 + workload.setting.servers[server].drift as f64 / SECOND as f64;
    (timeout(workload, server, unset) + back) * SECOND as f64 / pace
}

/// How many sessions the connections of a group make in so many microseconds.
fn made(clients: &Clients, workload: &Workload, life: f64) -> f64 {
    let connections = (most_a_second(clients, workload) * life / SECOND as f64).min(connections(clients, workload));
    // Who finds its session again makes no other, unless it has forgotten it.
    let finds = clients.servers.len() == 1 || workload.balancer == Balancer::ByClient && !moves(clients, workload);
    let times = clients.keeps.map_or(1.0, |keeps| 1.0 + life.min(workload.lasts.0 as f64) / keeps as f64);
    let of = |(mechanism, share): &(Mechanism, f64)| match mechanism {
        Mechanism::Ids if finds => share * connections.min(f64::from(clients.number) * times),
        _ => share * connections * tickets(*mechanism),
    };
    clients.mechanisms.iter().map(of).sum()
}

/// Whether a balancer that gives clients to the same server does otherwise for a while.
fn moves(clients: &Clients, workload: &Workload) -> bool {
    let theirs = |happening: &&Happening| happening.servers.iter().any(|server| clients.servers.contains(server));
    let is_such = |does: &Does| does.takes_out() > 0 || matches!(does, Does::Scatter(_));
    workload.happenings.iter().filter(theirs).any(|happening| is_such(&happening.does))
}

fn flooded(flood: &Flood, workload: &Workload, life: f64) -> f64 {
    let made = if flood.does == Floods::Handshakes { tickets(flood.mechanism) } else { 0.0 };
    made * flood.rate * life.min(active(flood, workload)) / SECOND as f64
}

/// How many sessions a handshake puts into a cache.
fn tickets(mechanism: Mechanism) -> f64 {
    match mechanism {
        Mechanism::Ids => 1.0,
        Mechanism::Stateful(tickets) => tickets.into(),
        Mechanism::Tickets | Mechanism::Stateless(_) => 0.0,
    }
}

/// For how long a flood goes on before the end, in microseconds.
pub(super) fn active(flood: &Flood, workload: &Workload) -> f64 {
    flood.to.0.min(workload.lasts.0).saturating_sub(flood.from.0) as f64
}

/// How many connections there are in the whole run, about.
pub(super) fn connections(clients: &Clients, workload: &Workload) -> f64 {
    let lasts = workload.lasts.0;
    let arrivals = match &clients.come {
        Come::Closed { .. } => return most_a_second(clients, workload) * lasts as f64 / SECOND as f64,
        Come::Open { arrivals, .. } => arrivals,
    };
    let mut edges: Vec<u64> = arrivals.crowds.iter().flat_map(|crowd| [crowd.from.0, crowd.to.0]).collect();
    edges.extend([0, lasts]);
    edges.iter_mut().for_each(|edge| *edge = lasts.min(*edge));
    edges.sort_unstable();
    let piece = |edges: &[u64]| (edges[1] - edges[0]) as f64 * crowded(arrivals, edges[0]);
    // A part of a day may be the busy one.
    let days = lasts as f64 / DAY as f64;
    let uneven = busiest(arrivals).min(days.ceil() / days);
    arrivals.rate * uneven * edges.windows(2).map(piece).sum::<f64>() / SECOND as f64
}

/// The highest rate of a group, in a second.
pub(super) fn most_a_second(clients: &Clients, workload: &Workload) -> f64 {
    match &clients.come {
        Come::Closed { thinks } => {
            // A handshake that fails at its begin is over at once, and one that is turned away is none.
            let fails = clients.servers.iter().any(|server| fails(workload, usize::from(server.0)))
                || !clients.servers.iter().any(|server| stays_in(workload, *server));
            let visit = clients.round_trip.mean() + (1.0 - clients.aborts) * clients.stays.mean();
            f64::from(clients.number) * SECOND as f64 / (thinks.mean() + if fails { 0.0 } else { visit })
        }
        Come::Open { arrivals, .. } => {
            // Where it is highest, a crowd begins, or none is.
            let edges = arrivals.crowds.iter().flat_map(|crowd| [crowd.from.0, crowd.to.0]);
            let crowds = edges.map(|at| crowded(arrivals, at)).fold(1.0, f64::max);
            arrivals.rate * busiest(arrivals) * crowds
        }
    }
}

/// Whether handshakes in which a session is proposed fail at a server: clients are verified, and no id context is set.
fn fails(workload: &Workload, server: usize) -> bool {
    let context = &workload.setting.servers[server].context;
    context.verify_peer && context.id_context.as_bytes().is_empty()
}

/// Whether a server is never taken out.
fn stays_in(workload: &Workload, server: Server) -> bool {
    happenings(workload, server.0.into()).all(|(does, _)| does.takes_out() == 0)
}

/// How many times the mean of the day the busiest moment has.
fn busiest(arrivals: &Arrivals) -> f64 {
    match &arrivals.daily {
        Daily::Even => 1.0,
        Daily::Sine { swing, .. } => 1.0 + swing,
        Daily::Hours(hours) => hours.iter().copied().fold(0.0, f64::max),
    }
}

/// How many times as frequent crowds make it from this moment on.
fn crowded(arrivals: &Arrivals, at: u64) -> f64 {
    let crowds = arrivals.crowds.iter().filter(|crowd| crowd.from.0 <= at && at < crowd.to.0);
    crowds.map(|crowd| crowd.times).product()
}
