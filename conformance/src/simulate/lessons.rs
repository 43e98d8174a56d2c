//! What the shipped workloads teach, held against what comes of them: a claim for each sentence with a number in it, on
//! as much of the run as shows it. Not here: whether the cache keeps to the pages meanwhile.

use session_model::{CacheMode, Mechanism, Timeout};

use super::answers::{Answers, Counts, Facts, Handshakes};
use super::part::Part;
use super::run::run;
use super::service::Against;
use super::shipped::by_name;
use super::traffic::Traffic;
use super::watched::Watched;
use super::workload::{Balancer, SECOND, Workload};
use crate::simulate::event::Moment;
use crate::subjects::Spec;

const MINUTE: u64 = 60 * SECOND;

/// So many minutes of a shipped workload, changed.
fn changed(name: &str, minutes: u64, change: impl Fn(&mut Workload)) -> Answers {
    let mut workload = by_name(name).expect("it is shipped");
    workload.lasts = Moment(minutes * MINUTE);
    change(&mut workload);
    let against = Against { subject: Spec::Optimised, checked: Part::Never, profile: None, victim: None };
    let service = Watched::open(&workload.setting, &against, 1, workload.lasts);
    let facts = Facts::of(&workload, &workload.setting);
    run(facts, &mut Traffic::new(&workload, 1), &mut service.expect("our cache opens"), &mut |_, _| {})
}

fn ran(name: &str, minutes: u64) -> Answers {
    changed(name, minutes, |_| {})
}

/// What was counted from one minute to another.
fn between(answers: &Answers, from: u64, to: u64) -> Counts {
    let mut sum = Counts::default();
    let within = answers.series.iter().filter(|one| one.from >= from * MINUTE && one.to <= to * MINUTE);
    within.for_each(|stretch| sum.add(&stretch.counts()));
    sum
}

/// Hits of what was proposed, ids out of nowhere apart.
fn rate(of: &Handshakes) -> f64 {
    of.hits() as f64 / (of.proposed - of.miss_unknown) as f64
}

fn rate_between(answers: &Answers, from: u64, to: u64) -> f64 {
    rate(&between(answers, from, to).handshakes)
}

fn group<'a>(answers: &'a Answers, name: &str) -> &'a Handshakes {
    let place = answers.facts.groups.iter().position(|group| group == name);
    &answers.groups[place.expect("there is such a group")]
}

fn rate_of(answers: &Answers, name: &str) -> f64 {
    rate(group(answers, name))
}

/// Sets the mode of every server.
fn mode(workload: &mut Workload, mode: CacheMode) {
    workload.setting.servers.iter_mut().for_each(|server| server.context.mode = Some(mode));
}

fn size(workload: &mut Workload, size: u32) {
    workload.setting.servers.iter_mut().for_each(|server| server.context.size = Some(size));
}

fn timeout(workload: &mut Workload, seconds: i128) {
    workload.setting.servers.iter_mut().for_each(|server| server.context.timeout = Some(Timeout(seconds)));
}

/// All clients speak TLS 1.2 without tickets.
fn with_ids(workload: &mut Workload) {
    workload.clients.iter_mut().for_each(|clients| clients.mechanisms = vec![(Mechanism::Ids, 1.0)]);
}

#[test]
fn with_stateful_tickets_a_cache_holds_connections_and_not_clients() {
    let tls13 = ran("dovecot-no-ticket", 62);
    assert_eq!(tls13.peaks.sessions.most, 20_480);
    assert!(tls13.peaks.sessions.at < 19 * MINUTE);
    assert!(rate_of(&tls13, "phones") > 0.99 && rate_of(&tls13, "laptops") < 0.01);
    let tls12 = changed("dovecot-no-ticket", 62, with_ids);
    assert_eq!(tls12.peaks.sessions.most, 5_500);
    assert!(rate_of(&tls12, "laptops") > 0.99);
}

#[test]
fn without_a_limit_stateful_tickets_are_a_hundred_thousand_after_three_hours() {
    let any_number = changed("dovecot-no-ticket", 180, |workload| size(workload, 0));
    let most = any_number.peaks.sessions.most;
    assert!((106_500..107_500).contains(&most), "{most}");
}

#[test]
fn twice_the_size_gives_those_who_come_twice_an_hour_their_sessions_back() {
    let twice = changed("dovecot-no-ticket", 50, |workload| size(workload, 40_960));
    assert!(rate_of(&twice, "laptops") > 0.99);
}

#[test]
fn a_cache_in_each_worker_misses_for_the_others_and_no_size_helps() {
    let four = ran("nginx-builtin", 10);
    let of = four.counts.handshakes;
    assert!((0.2..0.3).contains(&rate(&of)));
    assert!(of.miss_other_server as f64 > 0.95 * of.misses() as f64);
    let twice = changed("nginx-builtin", 10, |workload| size(workload, 40_960));
    assert_eq!(twice.counts, four.counts);
    let same = changed("nginx-builtin", 10, |workload| workload.balancer = Balancer::ByClient);
    assert!(rate(&same.counts.handshakes) > 0.8);
}

#[test]
fn a_crowd_that_never_comes_back_takes_the_sessions_of_those_who_do() {
    let day = ran("nginx-shared", 46);
    let stored = between(&day, 15, 30).external.stores as f64 / 900.0;
    assert!((8.0..4000.0 / 300.0).contains(&stored), "{stored}");
    assert!(rate_between(&day, 15, 30) > 0.68 && rate_between(&day, 36, 46) < 0.35);
    let crowded = between(&day, 36, 46).handshakes;
    assert!(crowded.miss_dropped_outside as f64 > 0.8 * crowded.misses() as f64, "{crowded:?}");
    let ten = changed("nginx-shared", 46, |workload| {
        workload.setting.external.as_mut().expect("it is shared memory").entries = Some(40_000);
    });
    assert!(rate_between(&ten, 36, 46) > 0.68 && ten.counts.handshakes.miss_dropped_outside == 0);
}

#[test]
fn who_finishes_handshakes_takes_hits_and_who_invents_ids_takes_none() {
    let hour = ran("haproxy-frontend", 25);
    let gets = |from, to| between(&hour, from, to).external.gets;
    assert!(gets(10, 15) > 14 * gets(5, 10));
    let [inventors, after, finishers] = [(10, 15), (15, 20), (22, 25)].map(|(from, to)| rate_between(&hour, from, to));
    assert!(inventors > 0.6 && (inventors - after).abs() < 0.03, "{inventors} {after}");
    assert!(finishers < 0.3, "{finishers}");
}

/// How long a connection waited for the external cache in the mean, in microseconds.
fn wait(of: &Counts) -> f64 {
    of.external.waited as f64 / of.handshakes.connections as f64
}

#[test]
fn while_an_external_cache_is_away_most_waiting_is_for_it_and_few_wait() {
    let hours = ran("apache-redis", 360);
    let away = between(&hours, 20, 30);
    let share = away.external.waited as f64 / hours.counts.external.waited as f64;
    assert!((0.63..0.65).contains(&share), "{share}");
    assert!((1e5..1.3e5).contains(&wait(&away)) && wait(&between(&hours, 5, 20)) < 2e3, "{}", wait(&away));
    let in_vain = away.external.unanswered + away.external.lost;
    assert!((40..60).contains(&(away.handshakes.connections / in_vain)), "{in_vain}");
    assert_eq!(away.handshakes.hits(), 0);
    assert_eq!(blamed_inside(&hours.counts.handshakes), 0);
    let of = between(&hours, 20, 29).handshakes;
    assert_eq!(of.misses(), of.miss_unanswered + of.miss_not_asked_outside + of.miss_expired, "{of:?}");
    assert!(of.miss_not_asked_outside > 2 * of.miss_expired && 20 * of.miss_unanswered < of.misses(), "{of:?}");
    let before = between(&hours, 0, 20).handshakes;
    assert_eq!((before.miss_unanswered, before.miss_not_asked_outside), (0, 0));
    assert!(before.miss_lost_outside > 0, "{before:?}");
}

#[test]
fn a_server_that_asks_each_time_anew_waits_fifty_times_as_long_while_the_external_cache_is_away() {
    let anew = changed("apache-redis", 33, |workload| {
        workload.setting.external.as_mut().expect("it is Redis").retry_after = None;
    });
    let away = between(&anew, 20, 30);
    assert!(away.external.waited as f64 > 0.99 * anew.counts.external.waited as f64);
    assert!(wait(&away) > 8e6, "{}", wait(&away));
    assert_eq!(away.handshakes.hits(), 0);
    // Who asks in the last seconds is answered.
    let of = between(&anew, 20, 29).handshakes;
    assert_eq!(of.misses(), of.miss_unanswered + of.miss_expired, "{of:?}");
    assert!(of.miss_unanswered > 2 * of.miss_expired, "{of:?}");
    let tried = ran("apache-redis", 33);
    assert!(wait(&away) > 50.0 * wait(&between(&tried, 20, 30)));
}

/// Misses for which an internal cache is to blame, or that no cache was told of.
fn blamed_inside(of: &Handshakes) -> u64 {
    of.miss_dropped + of.miss_restarted + of.miss_other_server + of.miss_not_stored
}

#[test]
fn without_a_remove_callback_an_unclean_close_leaves_the_copy_outside() {
    let smtpd = ran("postfix-smtpd", 130);
    assert!(smtpd.counts.cache.closed_unclean > smtpd.counts.cache.closed_clean);
    let resumed = rate_of(&smtpd, "servers");
    assert!(resumed > 0.85);
    let inside = changed("postfix-smtpd", 130, |workload| {
        mode(workload, CacheMode::SERVER);
        size(workload, 20_480);
        timeout(workload, 3600);
        workload.setting.external = None;
        workload.balancer = Balancer::ByClient;
        workload.happenings.clear();
    });
    assert!(rate_of(&inside, "servers") < 0.4 && inside.counts.handshakes.miss_removed > 0);
    // Processes that keep nothing may end, and a context has no say beyond what is kept outside.
    let other = changed("postfix-smtpd", 130, |workload| {
        timeout(workload, 86_400);
        workload.happenings.clear();
    });
    assert!((rate_of(&other, "servers") - resumed).abs() < 0.005);
}

#[test]
fn a_timeout_counts_from_the_handshake_and_so_does_update_time() {
    let noon = ran("stunnel", 720);
    assert!(rate_of(&noon, "tunnels") < 0.1 && rate_of(&noon, "jobs") > 0.75);
    let renewed = changed("stunnel", 720, |workload| mode(workload, CacheMode::BOTH | CacheMode::UPDATE_TIME));
    assert!(rate_of(&renewed, "tunnels") < 0.1 && rate_of(&renewed, "jobs") > 0.99);
    let (whole, half) = (ran("stunnel", 1440), group(&noon, "tunnels"));
    let whole = group(&whole, "tunnels");
    let after = (whole.hits() - half.hits()) as f64 / (whole.proposed - half.proposed) as f64;
    assert!(after > 0.88, "{after}");
}

#[test]
fn tickets_of_four_keys_are_worth_one_in_four_and_are_stored_in_vain() {
    let machines = ran("nodejs-machines", 15);
    let browsers = group(&machines, "browsers");
    assert!((0.2..0.3).contains(&rate(browsers)) && browsers.miss_other_key as f64 > 0.9 * browsers.misses() as f64);
    let sensors = group(&machines, "sensors");
    assert!(rate(sensors) > 0.7);
    let of_use = sensors.connections - sensors.hits();
    assert!((of_use as f64) < 0.1 * machines.counts.external.stores as f64);
    let same = changed("nodejs-machines", 15, |workload| workload.balancer = Balancer::ByClient);
    assert!(rate_of(&same, "browsers") > 0.9);
    // Machines that share their keys are one here.
    let one_key = changed("nodejs-machines", 15, |workload| {
        workload.servers.truncate(1);
        workload.setting.servers.truncate(1);
        workload.clients.iter_mut().for_each(|clients| clients.servers.truncate(1));
        workload.happenings.clear();
    });
    assert!(rate_of(&one_key, "browsers") > 0.9);
}

#[test]
fn a_clock_that_is_set_back_freezes_a_full_cache_for_as_long() {
    let day = ran("freeradius-eap", 780);
    assert!(rate_between(&day, 360, 480) > 0.99 && rate_between(&day, 480, 540) < 0.2);
    assert!(rate_between(&day, 570, 640) < 0.2 && rate_between(&day, 720, 780) > 0.98);
    let right = changed("freeradius-eap", 780, |workload| workload.happenings.clear());
    assert!(rate_between(&right, 570, 640) > 0.95);
    let of_size = |of| rate_between(&changed("freeradius-eap", 640, |workload| size(workload, of)), 570, 640);
    assert!(of_size(1000) < 0.5 && of_size(5000) > 0.95);
}

#[test]
fn who_is_moved_makes_two_full_handshakes_and_who_is_scattered_one_nearly_each_time() {
    let hours = ran("sticky-servers", 120);
    let missed = |from, to| between(&hours, from, to).handshakes.misses();
    assert_eq!(missed(0, 20), 0);
    // A quarter of 2400 clients.
    let [drained, crashed, scattered] = [missed(20, 50), missed(50, 80), missed(80, 120)];
    assert!((1100..1200).contains(&drained) && (900..1050).contains(&crashed), "{drained} {crashed}");
    assert!((10_000..11_000).contains(&scattered), "{scattered}");
    assert!((0.23..0.27).contains(&rate_between(&hours, 80, 90)));
    assert!(between(&hours, 50, 80).handshakes.miss_restarted > 0);
    let of = hours.counts.handshakes;
    assert_eq!((of.miss_other_server + of.miss_restarted, of.turned_away), (of.misses(), 0));
    let shared = changed("sticky-servers", 120, |workload| {
        // Four servers as well, and a megabyte.
        workload.setting = by_name("nginx-shared").expect("it is shipped").setting;
        timeout(workload, 86_400);
    });
    assert_eq!(shared.counts.handshakes.misses(), 0);
}

#[test]
fn clocks_that_do_not_agree_cost_little_of_a_long_timeout() {
    let right = |workload: &mut Workload| {
        workload.setting.servers.iter_mut().for_each(|server| (server.ahead, server.drift) = (0, 0));
    };
    let reliable = |workload: &mut Workload| workload.setting.external.as_mut().expect("it is memcached").lost = 0.0;
    let day = |change: &dyn Fn(&mut Workload)| changed("h2o-memcached", 1440, change);
    let [apart, together, kept] = [day(&|_| {}), day(&right), day(&reliable)];
    let [resumed, with_right_clocks, with_all_kept] =
        [&apart, &together, &kept].map(|day| rate(&day.counts.handshakes));
    assert!((0.785..0.795).contains(&resumed), "{resumed}");
    let [by_clocks, by_memcached] = [with_right_clocks - resumed, with_all_kept - resumed];
    assert!((0.0005..0.001).contains(&by_clocks), "{by_clocks}");
    assert!((0.0025..0.0035).contains(&by_memcached), "{by_memcached}");
    assert!((2.5..3.5).contains(&(by_memcached / by_clocks)), "{by_memcached} {by_clocks}");
    assert!(apart.counts.external.unanswered > 0 && apart.counts.external.lost > 0);
    let of = apart.counts.handshakes;
    let inside = of.hit_internal as f64 / of.hits() as f64;
    assert!((0.6..0.667).contains(&inside), "the internal caches are on as well: {inside}");
    assert_eq!(of.misses(), of.miss_expired + of.miss_lost_outside + of.miss_unanswered, "{of:?}");
    let [lost, late] = [of.miss_lost_outside, of.miss_unanswered].map(|missed| missed as f64 / of.proposed as f64);
    assert!((0.003..0.005).contains(&lost) && late < 0.0005, "{lost} {late}");
}

#[test]
fn a_lower_timeout_makes_newcomers_drop_each_other() {
    let day = ran("lowered-timeout", 105);
    assert!(rate_between(&day, 30, 60) > 0.5);
    assert!(rate_between(&day, 90, 105) < 0.01);
    assert_eq!(day.counts.cache.flushed, 0);
    let left_alone = changed("lowered-timeout", 105, |workload| workload.happenings.clear());
    assert!(rate_between(&left_alone, 90, 105) > 0.5);
}

#[test]
fn the_timeout_of_the_pages_is_short_and_no_auto_clear_changes_no_handshake() {
    let night = ran("library-default", 80);
    let of = night.counts.handshakes;
    assert!(rate(&of) < 0.6 && of.miss_expired as f64 > 0.7 * of.misses() as f64);
    assert!(night.peaks.sessions.most < 500);
    let lost = between(&night, 60, 75).handshakes;
    assert!((lost.miss_other_key + lost.miss_restarted) as f64 > 0.4 * lost.proposed as f64);
    let longer = changed("library-default", 50, |workload| timeout(workload, 7200));
    assert!(rate(&longer.counts.handshakes) > 0.9);
    let kept = changed("library-default", 80, |workload| {
        mode(workload, CacheMode::SERVER | CacheMode::NO_AUTO_CLEAR);
    });
    assert_eq!(kept.counts.handshakes, of);
    assert!(kept.peaks.sessions.most > 2 * night.peaks.sessions.most);
}
