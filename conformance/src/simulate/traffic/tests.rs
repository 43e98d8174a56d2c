use std::collections::{BTreeMap, BTreeSet};

use session_model::{CacheMode, Mechanism, Timeout};

use super::super::event::External;
use super::super::read::parse;
use super::*;

/// The workload of an hour with these parts.
fn workload(parts: &str) -> Workload {
    let text = format!("workload: a test\nlasts: 1h\n{parts}");
    parse("test.yaml", &text).unwrap_or_else(|wrong| panic!("{}", wrong[0].render(false)))
}

/// All events, when this comes of each.
fn events(workload: &Workload, seed: u64, mut outcome: impl FnMut(&Event) -> Outcome) -> Vec<Event> {
    let mut traffic = Traffic::new(workload, seed);
    let mut all = Vec::new();
    while let Some(event) = traffic.next() {
        let _ = traffic.learn(&event, &outcome(&event));
        all.push(event);
    }
    all
}

/// All events, when nothing ever comes of one.
fn played(parts: &str) -> Vec<Event> {
    events(&workload(parts), 1, |_| Outcome::default())
}

/// A service that gives something new at each finish.
fn generous() -> impl FnMut(&Event) -> Outcome {
    let mut last = 0;
    move |event| {
        let finished = matches!(event.what, What::Finish(_));
        last += u32::from(finished);
        Outcome { gives: finished.then_some(Held(last)), ..Outcome::default() }
    }
}

fn begins(events: &[Event]) -> impl Iterator<Item = (Moment, Server, Visit, Mechanism, Proposes)> {
    events.iter().filter_map(|event| match event.what {
        What::Begin { visit, mechanism, proposes, .. } => Some((event.at, event.server, visit, mechanism, proposes)),
        _ => None,
    })
}

/// Whether a count is one of a Poisson law with this mean: within 4 sigma.
#[track_caller]
fn assert_counts(count: usize, mean: f64) {
    assert!((count as f64 - mean).abs() <= 4.0 * mean.sqrt(), "{count}, and the mean is {mean}");
}

const SOME: &str = "\
servers: 3
clients:
  open:
    number: 500
    arrivals: {rate: 5/s, who: {zipf: 1}}
    lasts: {exponential: 20s}
    round_trip: {uniform: {from: 1ms, to: 2s}}
    protocols: [{protocol: TLSv1.3, tickets: stateful, share: 50%}, {protocol: TLSv1.2}]
    aborts: 10%
    unclean: 20%
    keeps: 10m
  closed: {number: 50, thinks: {exponential: 30s}, lasts: {pareto: {least: 1s, shape: 1.5}}}
floods:
  scan: {unknown_ids: 2/s, at: 10m, for: 20m}
happenings:
  - {every: 7m, flush_sessions: now}
  - {at: 30m, restart: now}
";

#[test]
fn a_visit_begins_then_finishes_then_closes_or_is_left() {
    let mut here = BTreeMap::new();
    let mut last = Moment(0);
    let mut seen = BTreeSet::new();
    for event in played(SOME) {
        assert!(event.at >= last && event.at.0 < 3_600_000_000, "{event:?}");
        last = event.at;
        match event.what {
            What::Begin { visit, .. } => {
                assert_eq!(here.insert(visit, (event.server, false)), None, "{event:?}");
                seen.insert("begin");
            }
            What::Finish(visit) => {
                assert_eq!(here.insert(visit, (event.server, true)), Some((event.server, false)), "{event:?}");
                seen.insert("finish");
            }
            What::Abort(visit) => {
                assert_eq!(here.remove(&visit), Some((event.server, false)), "{event:?}");
                seen.insert("abort");
            }
            What::Close { visit, clean } => {
                assert_eq!(here.remove(&visit), Some((event.server, true)), "{event:?}");
                seen.insert(if clean { "close" } else { "cut" });
            }
            _ => {
                seen.insert("happening");
            }
        }
    }
    assert_eq!(seen.len(), 6, "{seen:?}");
}

#[test]
fn numbers_of_visits_are_given_again() {
    let all = played("clients: {a: {number: 9, arrivals: {rate: 20/s}, lasts: 1s, round_trip: 0}}");
    let most = begins(&all).map(|(_, _, visit, ..)| visit.0).max();
    assert!(begins(&all).count() > 70_000 && most.is_some_and(|most| most < 60), "{most:?}");
}

#[test]
fn a_visit_is_not_named_once_it_is_gone() {
    let workload = workload(SOME);
    // Where each visit is, and whether it is finished: a number that is given again too soon would finish twice, or be
    // closed unfinished.
    let mut here: BTreeMap<Visit, (Server, bool)> = BTreeMap::new();
    let mut lost = 0;
    let mut number = 0;
    events(&workload, 2, |event| {
        number += 1;
        let mut outcome = Outcome::default();
        let at = event.server;
        match &event.what {
            What::Begin { visit, .. } => {
                assert_eq!(here.insert(*visit, (at, false)), None, "{event:?}");
                // Every third handshake fails.
                if number % 3 == 0 {
                    outcome.gone.push(*visit);
                }
            }
            What::Finish(visit) => assert_eq!(here.insert(*visit, (at, true)), Some((at, false)), "{event:?}"),
            What::Abort(visit) | What::Close { visit, .. } => {
                let finished = matches!(event.what, What::Close { .. });
                assert_eq!(here.remove(visit), Some((at, finished)), "{event:?}");
                // That is known already.
                outcome.gone.push(*visit);
            }
            What::Restart => {
                outcome.gone = here.iter().filter(|(_, (of, _))| *of == at).map(|(visit, _)| *visit).collect();
                assert!(outcome.gone.len() > 10);
            }
            _ => {}
        }
        for visit in &outcome.gone {
            lost += usize::from(here.remove(visit).is_some());
        }
        outcome
    });
    assert!(lost > 1_000, "{lost}");
}

#[test]
fn the_same_seed_gives_the_same_events_and_another_seed_others() {
    let workload = workload(SOME);
    let all = |seed| events(&workload, seed, generous());
    assert_eq!(all(7), all(7));
    assert_ne!(all(7), all(8));
}

#[test]
fn what_comes_of_visits_moves_no_other_visit() {
    // Without a closed loop: there, who waits comes later.
    let parts = SOME.replace("  closed: ", "  # closed: ");
    let workload = workload(&parts);
    let plain = events(&workload, 3, |_| Outcome::default());
    let mut number = 0;
    let mut give = generous();
    let other = events(&workload, 3, |event| {
        number += 1;
        let mut outcome = give(event);
        outcome.external = External { waited: number * 1_000, ..External::default() };
        if let (What::Begin { visit, .. }, true) = (&event.what, number % 5 == 0) {
            outcome.gone.push(*visit);
        }
        outcome
    });
    let visits = |events: &[Event]| -> Vec<_> {
        begins(events).map(|(at, server, _, mechanism, _)| (at, server, mechanism)).collect()
    };
    assert_ne!(plain, other);
    assert_eq!(visits(&plain), visits(&other));
}

#[test]
fn in_a_closed_loop_what_a_client_does_does_not_depend_on_what_comes_of_others() {
    let workload = workload("servers: 9\nclients: {a: {number: 2, thinks: {exponential: 20s}, lasts: 2s}}");
    // The servers that each client goes to, when the first always has to wait for so long.
    let went = |waited| {
        let (mut went, mut visits) = ([Vec::new(), Vec::new()], BTreeMap::new());
        let mut clients = 0;
        events(&workload, 4, |event| {
            let mut outcome = Outcome::default();
            match event.what {
                What::Begin { visit, proposes, .. } => {
                    let client = match proposes {
                        Proposes::Held(Held(client)) => client,
                        _ => {
                            clients += 1;
                            clients - 1
                        }
                    };
                    went[client as usize].push(event.server);
                    visits.insert(visit, client);
                    outcome.external.waited = if client == 0 { waited } else { 0 };
                }
                What::Finish(visit) => outcome.gives = Some(Held(visits[&visit])),
                _ => {}
            }
            outcome
        });
        went
    };
    let ([first, second], [slow, other]) = (went(0), went(30_000_000));
    assert_eq!((&first[..slow.len()], &second), (&slow[..], &other));
    assert!(slow.len() > 50 && slow.len() < first.len(), "{} of {}", slow.len(), first.len());
}

#[test]
fn a_handshake_is_finished_after_its_round_trip_and_what_the_server_waited() {
    let workload = workload("clients: {a: {number: 1, arrivals: {rate: 1/m}, round_trip: 20ms, lasts: 3s}}");
    let all = events(&workload, 1, |event| {
        let waited = if matches!(event.what, What::Begin { .. }) { 500 } else { 70 };
        Outcome { external: External { waited, ..External::default() }, ..Outcome::default() }
    });
    let at: Vec<u64> = all.iter().take(3).map(|event| event.at.0).collect();
    assert_eq!((at[1] - at[0], at[2] - at[1]), (20_500, 3_000_070), "{all:?}");
}

#[test]
fn who_is_told_to_come_has_it_and_comes_among_the_next() {
    let workload = workload("clients: {a: {number: 40, arrivals: {rate: 1/s}, lasts: 1ms, round_trip: 1ms}}");
    let (mut traffic, mut outcome) = (Traffic::new(&workload, 3), generous());
    let (mut told, mut coming, mut count) = (Vec::new(), Vec::new(), 0);
    while let Some(event) = traffic.next() {
        traffic.coming(&mut told);
        count += told.len();
        coming.append(&mut told);
        if let What::Begin { proposes: Proposes::Held(held), .. } = event.what {
            coming.retain(|other| *other != held);
        }
        // What is given in place of it comes instead.
        if let Some(gone) = traffic.learn(&event, &outcome(&event)) {
            coming.retain(|other| *other != gone);
        }
        assert!(coming.len() <= TOGETHER, "{coming:?}");
    }
    assert!(count > 3_000 && coming.is_empty(), "{count} were told of, and {coming:?} did not come");
}

#[test]
fn who_comes_follows_zipf() {
    let workload = workload("clients: {a: {number: 1000, arrivals: {rate: 50/s, who: {zipf: 1}}}}");
    let mut group = Members::of_clients(&workload.clients[0], 0, workload.balancer, 5);
    let mut counts = vec![0; 1000];
    for _ in 0..200_000 {
        counts[group.comer(0).client as usize] += 1;
    }
    let all: f64 = (1..=1000).map(|rank| 1.0 / f64::from(rank)).sum();
    for rank in [1, 2, 3, 10, 100] {
        assert_counts(counts[rank - 1], 200_000.0 / all / rank as f64);
    }
    assert_counts(
        counts[500..].iter().sum(),
        200_000.0 * (501..=1000).map(|rank| 1.0 / f64::from(rank)).sum::<f64>() / all,
    );
}

#[test]
fn without_zipf_each_comes_as_often() {
    let workload = workload("clients: {a: {number: 10, arrivals: {rate: 50/s}}}");
    let mut group = Members::of_clients(&workload.clients[0], 0, workload.balancer, 5);
    let mut counts = [0; 10];
    for _ in 0..100_000 {
        counts[group.comer(0).client as usize] += 1;
    }
    for count in counts {
        assert_counts(count, 10_000.0);
    }
}

#[test]
fn clients_that_think_come_as_often_as_a_turn_takes_from_the_start_on() {
    for thinks in ["9s", "{exponential: 9s}", "{uniform: {from: 4s, to: 14s}}"] {
        let parts = format!("clients: {{a: {{number: 300, thinks: {thinks}, lasts: 900ms, round_trip: 100ms}}}}");
        let all = played(&parts);
        assert_counts(begins(&all).count(), 300.0 * 360.0);
        let early = begins(&all).filter(|(at, ..)| at.0 < 60_000_000).count();
        // They all think when it begins: a tenth of their time is spent otherwise.
        assert!((1_600..2_100).contains(&early), "{thinks}: {early}");
    }
}

#[test]
fn a_client_that_thinks_has_one_connection_at_a_time() {
    let all = played("clients: {a: {number: 1, thinks: {exponential: 1s}, lasts: {exponential: 1s}}}");
    let mut open = 0;
    for event in &all {
        match event.what {
            What::Begin { .. } => open += 1,
            What::Close { .. } => open -= 1,
            _ => {}
        }
        assert!((0..=1).contains(&open), "{event:?}");
    }
    assert!(all.len() > 3_000);
}

#[test]
fn a_client_proposes_what_it_was_given_last_until_it_forgets() {
    let workload = workload("clients: {a: {number: 1, thinks: 100s, lasts: 0, round_trip: 0, keeps: 5m}}");
    let mut traffic = Traffic::new(&workload, 1);
    let (mut proposed, mut returned, mut given) = (Vec::new(), Vec::new(), 0);
    while let Some(event) = traffic.next() {
        let mut outcome = Outcome::default();
        match &event.what {
            What::Begin { proposes, .. } => proposed.push(*proposes),
            // Given at the first and the second alone.
            What::Finish(_) if given < 2 => {
                given += 1;
                outcome.gives = Some(Held(given));
            }
            _ => {}
        }
        returned.extend(traffic.learn(&event, &outcome).map(|held| (proposed.len(), held)));
    }
    let held = |number| Proposes::Held(Held(number));
    // 2 is given with the second connection, and at the fifth 300 seconds have passed.
    let expected = [Proposes::Nothing, held(1), held(2), held(2), Proposes::Nothing, Proposes::Nothing];
    assert_eq!(proposed[..6], expected);
    assert_eq!(returned, [(2, Held(1)), (5, Held(2))]);
}

#[test]
fn a_client_of_single_use_has_nothing_from_when_it_proposes_until_it_is_given_another() {
    let traffic_of = |protocol: &str, single_use: bool| {
        let parts = "number: 1, thinks: 100s, lasts: 0, round_trip: 0";
        let of = format!(
            "protocols: [{{protocol: {protocol}, tickets: stateless}}, {{protocol: TLSv1.3, tickets: stateful, share: 0}}]"
        );
        workload(&format!("clients: {{a: {{{parts}, {of}, single_use: {single_use}}}}}"))
    };
    let played = |workload: &Workload| {
        let mut traffic = Traffic::new(workload, 1);
        let (mut proposed, mut returned, mut given) = (Vec::new(), Vec::new(), 0);
        while let Some(event) = traffic.next() {
            let mut outcome = Outcome::default();
            match &event.what {
                What::Begin { proposes, .. } => proposed.push(*proposes),
                // The third brings nothing.
                What::Finish(_) if given < 2 => {
                    given += 1;
                    outcome.gives = Some(Held(given));
                }
                _ => {}
            }
            let is_begin = matches!(event.what, What::Begin { .. });
            returned.extend(traffic.learn(&event, &outcome).map(|held| (proposed.len(), is_begin, held)));
        }
        (proposed[..4].to_vec(), returned)
    };
    let held = |number| Proposes::Held(Held(number));
    let once = vec![Proposes::Nothing, held(1), held(2), Proposes::Nothing];
    assert_eq!(played(&traffic_of("TLSv1.3", true)), (once, vec![(2, true, Held(1)), (3, true, Held(2))]));
    let again = (vec![Proposes::Nothing, held(1), held(2), held(2)], vec![(2, false, Held(1))]);
    assert_eq!(played(&traffic_of("TLSv1.3", false)), again);
    // As a browser does with what it has of TLS 1.2.
    assert_eq!(played(&traffic_of("TLSv1.2", true)), again);
}

#[test]
fn what_a_client_is_given_twice_is_not_given_back() {
    let workload = workload("clients: {a: {number: 1, thinks: 10s}}");
    let mut traffic = Traffic::new(&workload, 1);
    while let Some(event) = traffic.next() {
        let gives = matches!(event.what, What::Finish(_)).then_some(Held(0));
        assert_eq!(traffic.learn(&event, &Outcome { gives, ..Outcome::default() }), None);
    }
}

#[test]
fn a_client_keeps_to_its_protocol_and_its_server() {
    let parts = "servers: 4\nbalancer: by_client\nclients: {a: {number: 400, thinks: 2m, protocols: \
                 [{protocol: TLSv1.2, share: 30%}, {protocol: TLSv1.3, tickets: stateless, num_tickets: 1}]}}";
    let mut of_client: BTreeMap<Held, (Server, Mechanism)> = BTreeMap::new();
    let mut here = BTreeMap::new();
    events(&workload(parts), 1, |event| {
        let mut outcome = Outcome::default();
        match event.what {
            What::Begin { visit, mechanism, proposes, .. } => {
                if let Proposes::Held(held) = proposes {
                    assert_eq!(of_client.get(&held), Some(&(event.server, mechanism)));
                }
                here.insert(visit, mechanism);
            }
            What::Finish(visit) => {
                let held = Held(of_client.len() as u32);
                of_client.insert(held, (event.server, here[&visit]));
                outcome.gives = Some(held);
            }
            _ => {}
        }
        outcome
    });
    let first: Vec<_> = of_client.values().take(400).collect();
    assert_counts(first.iter().filter(|(_, mechanism)| *mechanism == Mechanism::Ids).count(), 120.0);
    for server in 0..4 {
        assert_counts(first.iter().filter(|(at, _)| at.0 == server).count(), 100.0);
    }
}

#[test]
fn a_balancer_gives_each_server_its_share() {
    for (balancer, spread) in [("random", 4.0), ("round_robin", 0.01)] {
        let all = played(&format!(
            "servers: 3\nbalancer: {balancer}\nclients: {{a: {{number: 5, arrivals: {{rate: 3/s}}}}}}"
        ));
        let mean = begins(&all).count() as f64 / 3.0;
        for number in 0..3 {
            let count = begins(&all).filter(|(_, server, ..)| server.0 == number).count() as f64;
            assert!((count - mean).abs() <= (spread * mean.sqrt()).max(1.0), "{balancer}: {count} of {mean}");
        }
    }
}

/// Where each client went, and in which minute: a client is known by what it was given at its first visit.
fn went(parts: &str) -> Vec<Vec<(u64, u16)>> {
    let (mut went, mut of_visit): (Vec<Vec<_>>, _) = (Vec::new(), BTreeMap::new());
    events(&workload(parts), 1, |event| {
        let mut outcome = Outcome::default();
        match event.what {
            What::Begin { visit, proposes, .. } => {
                let client = if let Proposes::Held(Held(client)) = proposes { client as usize } else { went.len() };
                went.resize(went.len().max(client + 1), Vec::new());
                went[client].push((event.at.0 / 60_000_000, event.server.0));
                of_visit.insert(visit, client as u32);
            }
            What::Finish(visit) => outcome.gives = Some(Held(of_visit[&visit])),
            _ => {}
        }
        outcome
    });
    went
}

const STICKY: &str = "servers: 4\nbalancer: by_client\n\
                      clients: {a: {number: 400, thinks: {exponential: 2m}, lasts: 1s, round_trip: 1ms}}\n";

#[test]
fn who_goes_to_a_server_that_is_taken_out_goes_always_to_another_and_comes_back() {
    let out = "happenings:\n  - {at: 20m, take_out: {for: 20m}, servers: [server2]}\n  \
               - {at: 30m, take_out: {for: 5m}, servers: [server4]}\n";
    let mut moved = [0; 4];
    for of in went(&format!("{STICKY}{out}")) {
        let home = of[0].1;
        let at = |from: u64, to: u64| {
            of.iter()
                .filter(|(minute, _)| (from..to).contains(minute))
                .map(|(_, server)| *server)
                .collect::<BTreeSet<_>>()
        };
        let alone = BTreeSet::from([home]);
        assert!([at(0, 20), at(40, 60)].iter().all(|went| went.is_subset(&alone)), "{of:?}");
        // Out for five minutes more than its own clients need: who was moved to it is moved on, and back again.
        let [before, meanwhile, after] = [at(20, 30), at(30, 35), at(35, 40)];
        if home != 1 {
            assert!(before.is_subset(&alone) && after.is_subset(&alone), "{of:?}");
        }
        if home != 1 && home != 3 {
            assert!(meanwhile.is_subset(&alone), "{of:?}");
        }
        let all: BTreeSet<_> = before.iter().chain(&after).copied().collect();
        assert!(all.len() <= 1 && !all.contains(&1), "{of:?}");
        assert!(meanwhile.len() <= 1 && meanwhile.iter().all(|went| ![1, 3].contains(went)), "{of:?}");
        if let (1, Some(instead)) = (home, all.first()) {
            moved[usize::from(*instead)] += 1;
            if *instead != 3 {
                assert!(meanwhile.is_subset(&all), "{of:?}");
            }
        }
    }
    // Each of the others has its share of them.
    for server in [0, 2, 3] {
        assert_counts(moved[server], 100.0 / 3.0);
    }
}

#[test]
fn while_clients_are_scattered_they_go_anywhere_and_then_home() {
    let [mut home, mut all] = [0_usize; 2];
    for of in went(&format!("{STICKY}happenings: [{{at: 20m, scatter: {{for: 20m}}}}]\n")) {
        for (minute, server) in &of {
            if (20..40).contains(minute) {
                all += 1;
                home += usize::from(*server == of[0].1);
            } else {
                assert_eq!(*server, of[0].1);
            }
        }
    }
    assert_counts(home, all as f64 / 4.0);
}

#[test]
fn what_is_taken_out_gets_nothing_the_others_share_it_and_by_chance_nobody_else_moves() {
    for balancer in ["random", "round_robin"] {
        let parts =
            format!("servers: 3\nbalancer: {balancer}\nclients: {{a: {{number: 5, arrivals: {{rate: 3/s}}}}}}\n");
        let with = format!("{parts}happenings: [{{at: 20m, take_out: {{for: 20m}}, servers: [server1]}}]\n");
        let [all, with] = [&parts, &with].map(|parts| {
            let minute = |at: Moment| at.0 / 60_000_000;
            begins(&played(parts)).map(|(at, server, ..)| (minute(at), server.0)).collect::<Vec<_>>()
        });
        let moved = |(one, other): &(&(u64, u16), &(u64, u16))| one != other;
        assert_eq!(all.len(), with.len());
        let moved: Vec<_> = all.iter().zip(&with).filter(moved).collect();
        assert!(moved.iter().all(|(one, _)| (20..40).contains(&one.0)), "{balancer}");
        assert!(balancer != "random" || moved.iter().all(|(one, _)| one.1 == 0), "{balancer}");
        let spread = |server| with.iter().filter(|one| (20..40).contains(&one.0) && one.1 == server).count();
        assert_eq!(spread(0), 0, "{balancer}");
        assert!(with.iter().any(|one| one.1 == 0 && one.0 >= 40), "{balancer}");
        [1, 2].into_iter().for_each(|server| assert_counts(spread(server), 1800.0));
    }
}

#[test]
fn where_all_servers_are_out_no_connection_is_made_and_who_would_come_is_counted() {
    let all = played(
        "\
servers: 2
clients:
  open: {number: 5, arrivals: {rate: 3/s}}
  closed: {number: 60, thinks: {exponential: 30s}, lasts: 1s}
floods: {f: {unknown_ids: 1/s, goes_to: [server1]}}
happenings:
  - {at: 20m, take_out: {for: 20m}}
  - {at: 50m, take_out: {for: 5m}, servers: [server1]}
",
    );
    let mut turned_away = [[0; 3]; 2];
    for event in &all {
        let minute = event.at.0 / 60_000_000;
        match event.what {
            What::TurnAway(Group(group)) if minute < 40 => turned_away[0][usize::from(group)] += 1,
            What::TurnAway(Group(group)) => {
                turned_away[1][usize::from(group)] += 1;
                assert!((50..55).contains(&minute) && event.server == Server(0));
            }
            What::Begin { .. } => assert!(!(20..40).contains(&minute), "{event:?}"),
            _ => {}
        }
    }
    let [both, one] = turned_away;
    for (count, mean) in both.into_iter().zip([3600.0, 2400.0, 1200.0]) {
        assert_counts(count, mean);
    }
    assert_eq!(one[..2], [0, 0]);
    assert_counts(one[2], 300.0);
}

#[test]
fn a_server_that_is_away_is_out_and_nothing_is_set_there_but_the_clock() {
    let all = played(
        "\
servers: 2
clients: {a: {number: 5, arrivals: {rate: 3/s}}}
happenings:
  - {at: 20m, restart: {away: 10m}, server: server1}
  - {at: 25m, sess_set_cache_size: 5}
  - {at: 25m, step_clock: 1h}
  - {at: 25m, take_out: {for: 10m}, server: server1}
  - {at: 40m, sess_set_cache_size: 6, server: server1}
",
    );
    let happened =
        all.iter().filter(|event| !matches!(event.what, What::Begin { .. } | What::Finish(_) | What::Close { .. }));
    let happened: Vec<_> = happened.map(|one| (one.at.0 / 60_000_000, one.server.0, one.what.clone())).collect();
    assert_eq!(
        happened,
        [
            (20, 0, What::Restart),
            (20, 0, What::TakeOut),
            (25, 1, What::SetSize(5)),
            (25, 0, What::StepClock(3600)),
            (25, 1, What::StepClock(3600)),
            (35, 0, What::PutBack),
            (40, 0, What::SetSize(6)),
        ]
    );
    let out = |at: Moment| (20..35).contains(&(at.0 / 60_000_000));
    assert!(begins(&all).filter(|(at, ..)| out(*at)).all(|(_, server, ..)| server == Server(1)));
}

#[test]
fn what_is_so_already_is_told_once_and_is_over_when_its_last_reason_is() {
    let all = played(
        "\
servers: 2
balancer: by_client
clients: {a: {number: 5, arrivals: {rate: 1/s}}}
happenings:
  - {at: 10m, take_out: {for: 2m}, server: server1}
  - {at: 10m, take_out: {for: 5m}, server: server1}
  - {at: 20m, scatter: {for: 5m}}
  - {at: 20m, scatter: {for: 9m}}
",
    );
    let happened =
        all.iter().filter(|event| !matches!(event.what, What::Begin { .. } | What::Finish(_) | What::Close { .. }));
    let happened: Vec<_> = happened.map(|one| (one.at.0 / 60_000_000, one.server.0, one.what.clone())).collect();
    assert_eq!(
        happened,
        [
            (10, 0, What::TakeOut),
            (15, 0, What::PutBack),
            (20, 0, What::Scatter),
            (20, 1, What::Scatter),
            (29, 0, What::Gather),
            (29, 1, What::Gather),
        ]
    );
}

#[test]
fn a_group_goes_to_its_servers_alone() {
    let all = played(
        "servers: {a: {}, b: {}, c: {}}\nclients:\n  x: {number: 5, arrivals: {rate: 1/s}, goes_to: [c, a]}\n  y: {number: 5, thinks: 9s, goes_to: [b]}",
    );
    let went: BTreeSet<_> = all
        .iter()
        .filter_map(|event| match event.what {
            What::Begin { group, .. } => Some((group.0, event.server.0)),
            _ => None,
        })
        .collect();
    assert_eq!(went.into_iter().collect::<Vec<_>>(), [(0, 0), (0, 2), (1, 1)]);
}

#[test]
fn shares_of_aborts_and_unclean_closes_are_those_of_the_text() {
    let all = played("clients: {a: {number: 5, arrivals: {rate: 20/s}, lasts: 0, aborts: 10%, unclean: 25%}}");
    let count = |is: fn(&What) -> bool| all.iter().filter(|event| is(&event.what)).count();
    assert_counts(count(|what| matches!(what, What::Abort(_))), 7_200.0);
    assert_counts(count(|what| matches!(what, What::Close { clean: false, .. })), 16_200.0);
    assert_counts(count(|what| matches!(what, What::Close { clean: true, .. })), 48_600.0);
}

#[test]
fn a_flood_of_unknown_ids_is_left_and_one_of_handshakes_is_finished() {
    let all = played(
        "floods:\n  scan: {unknown_ids: 10/s, at: 10m, for: 10m}\n  fill: {handshakes: 5/s, at: 30m, for: 10m, protocol: TLSv1.3, tickets: stateful}",
    );
    let mut ids = BTreeSet::new();
    let (mut filled, mut finished, mut aborted) = (0, 0, 0);
    for event in &all {
        let minute = event.at.0 / 60_000_000;
        match &event.what {
            What::Begin { group: Group(0), proposes: Proposes::Unknown(id), mechanism: Mechanism::Ids, .. } => {
                assert!((10..20).contains(&minute) && ids.insert(*id));
            }
            What::Begin { group: Group(1), proposes: Proposes::Nothing, mechanism: Mechanism::Stateful(2), .. } => {
                assert!((30..40).contains(&minute));
                filled += 1;
            }
            What::Finish(_) => finished += 1,
            What::Abort(_) => aborted += 1,
            What::Close { clean: true, .. } => {}
            other => panic!("{other:?}"),
        }
    }
    assert_counts(ids.len(), 6_000.0);
    assert_counts(filled, 3_000.0);
    assert_eq!((finished, aborted), (filled, ids.len()));
}

#[test]
fn an_attacker_keeps_nothing() {
    let workload = workload("floods: {fill: {handshakes: 1/s}}");
    let mut traffic = Traffic::new(&workload, 1);
    while let Some(event) = traffic.next() {
        let gives = matches!(event.what, What::Finish(_)).then_some(Held(3));
        assert_eq!(traffic.learn(&event, &Outcome { gives, ..Outcome::default() }), gives);
    }
}

#[test]
fn happenings_of_one_moment_come_in_the_order_of_the_list_and_before_all_else() {
    let all = played(
        "\
servers: 2
clients: {a: {number: 40, thinks: 1s, lasts: 0, round_trip: 0}}
happenings:
  - {at: 20m, sess_set_cache_size: 5, server: server2}
  - {every: 20m, step_clock: -1h}
  - {at: 20m, set_timeout: 1h, server: server1}
  - {at: 20m, set_session_cache_mode: [SERVER, UPDATE_TIME], server: server1}
  - {at: 2s, flush_sessions: now, server: server1}
",
    );
    let happened: Vec<_> = all
        .iter()
        .filter(|event| !matches!(event.what, What::Begin { .. } | What::Finish(_) | What::Close { .. }))
        .map(|event| (event.at.0 / 1_000_000, event.server.0, event.what.clone()))
        .collect();
    let back = What::StepClock(-3600);
    assert_eq!(
        happened,
        [
            (2, 0, What::Flush),
            (1200, 1, What::SetSize(5)),
            (1200, 0, back.clone()),
            (1200, 1, back.clone()),
            (1200, 0, What::SetTimeout(Timeout(3600))),
            (1200, 0, What::SetMode(CacheMode::SERVER | CacheMode::UPDATE_TIME)),
            (2400, 0, back.clone()),
            (2400, 1, back),
        ]
    );
}

#[test]
fn at_one_moment_what_was_begun_goes_on_before_something_begins() {
    let mut group = 0;
    let all = played("clients: {a: {number: 2000, thinks: 10s, lasts: 0, round_trip: 0}}");
    for pair in all.windows(2).filter(|pair| pair[0].at == pair[1].at) {
        if let What::Begin { visit, .. } = pair[0].what {
            assert_eq!(pair[1].what, What::Finish(visit));
            group += 1;
        }
    }
    assert!(group > 700_000, "{group}");
}

#[test]
fn what_lasts_beyond_the_end_is_not_told_and_takes_no_place_in_the_queue() {
    let workload = workload("clients: {a: {number: 9, arrivals: {rate: 5/s}, lasts: 1d, round_trip: 1ms}}");
    let mut traffic = Traffic::new(&workload, 1);
    while let Some(event) = traffic.next() {
        assert!(!matches!(event.what, What::Close { .. }));
        traffic.learn(&event, &Outcome::default());
    }
    assert_counts(traffic.open(), 18_000.0);
}

#[test]
fn one_group_does_not_move_another() {
    let one = "clients:\n  a: {number: 50, arrivals: {rate: 1/s, who: {zipf: 1.2}}}\n";
    let both = format!("{one}  b: {{number: 50, arrivals: {{rate: 9/s}}}}\nfloods: {{f: {{handshakes: 3/s}}}}");
    let of_first = |parts: &str| -> Vec<_> {
        let is_first = |event: &Event| matches!(event.what, What::Begin { group: Group(0), .. });
        played(parts).into_iter().filter(is_first).map(|event| event.at).collect()
    };
    assert_eq!(of_first(one), of_first(&both));
}
