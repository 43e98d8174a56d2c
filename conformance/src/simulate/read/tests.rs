use std::path::Path;

use session_model::{CacheMode, Mechanism, Timeout};

use super::super::event::{Moment, Server};
use super::super::law::Law;
use super::super::workload::{Come, Crowd, Daily, Does, Floods, HOUR, Happening, SECOND, Who, Workload};
use super::*;
use crate::scenario::Mistake;

const HEAD: &str = "workload: a test\nlasts: 1h\n";
const CLIENTS: &str = "clients: {a: {number: 1, arrivals: {rate: 1/s}}}\n";

fn read(text: &str) -> Result<Workload, Vec<Mistake>> {
    parse("w.yaml", text)
}

/// The workload of an hour with these parts.
#[track_caller]
fn workload(parts: &str) -> Workload {
    read(&format!("{HEAD}{parts}")).unwrap_or_else(|wrong| panic!("{}", wrong[0].render(false)))
}

/// What is wrong with the workload of an hour with these parts: the text at its place, and the words.
#[track_caller]
fn wrong(parts: &str) -> Vec<(String, String)> {
    let text = format!("{HEAD}{parts}");
    let mistakes = read(&text).expect_err(parts);
    mistakes
        .iter()
        .map(|mistake| (text[mistake.spot().bytes.clone()].to_owned(), mistake.message().to_owned()))
        .collect()
}

/// That the first thing wrong stands at this text, in these words.
#[track_caller]
fn assert_wrong(parts: &str, at: &str, words: &str) {
    let wrong = wrong(parts);
    assert!(wrong[0].0.starts_with(at), "`{}` in {parts}", wrong[0].0);
    assert_eq!(wrong[0].1, words, "{parts}");
}

#[test]
fn what_is_written_is_what_is_meant() {
    let text = "\
workload: all of it
teaches: >
  Two lines
  of it.
lasts: 2d
clock: 1000
servers:
  front: {ahead: -90s, drift: 20}
  back: {cache: {timeout: 10m}}
balancer: by_client
cache: {mode: [SERVER, NO_AUTO_CLEAR], size: 100, timeout: 5m, id_context: shop, verify_peer: true}
external:
  takes: {exponential: 2ms}
  gives_up: 50ms
  retry_after: 5s
  lost: 1%
  lag: 100ms
  keeps: 1h
  entries: 1000
  deletes: false
  away: [{at: 1h, for: 90s}]
clients:
  open:
    number: 70
    arrivals:
      rate: 30/m
      by_hour: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3]
      crowds: [{at: 2h, for: 10m, times: 5.5}]
      who: {zipf: 1.1}
    lasts: {pareto: {least: 1s, shape: 1.5}}
    round_trip: {uniform: {from: 10ms, to: 0.3s}}
    protocols:
      - {protocol: TLSv1.3, tickets: stateful, num_tickets: 4, share: 60%}
      - {protocol: TLSv1.2, tickets: stateless}
      - {protocol: TLSv1.2, share: 0.3}
    unclean: 5%
    aborts: 0.01
    keeps: 1d
    single_use: true
    goes_to: [back]
  thinking: {number: 3, thinks: 1.5m}
floods:
  scan: {unknown_ids: 500/s, at: 1h, for: 10m, goes_to: [front]}
  fill: {handshakes: 7, round_trip: 1ms}
happenings:
  - {at: 1h, server: back, restart: now}
  - {every: 90, step_clock: -1h}
  - {at: 3, set_session_cache_mode: []}
  - {at: 3, sess_set_cache_size: 0}
  - {at: 3, set_timeout: 1d}
  - {at: 3, flush_sessions: now}
  - {at: 3, restart: {away: 2m}}
  - {every: 1h, take_out: {for: 10m}, servers: [back]}
  - {at: 3, scatter: {for: 90s}}
";
    let read = read(text).unwrap_or_else(|wrong| panic!("{}", wrong[0].render(false)));
    assert_eq!((read.title.as_str(), read.teaches.as_deref()), ("all of it", Some("Two lines of it.")));
    assert_eq!((read.lasts, read.setting.clock), (Moment(48 * HOUR), 1000));
    assert_eq!(read.servers, ["front", "back"]);
    let [front, back] = &read.setting.servers[..] else { panic!("{:?}", read.setting) };
    assert_eq!((front.ahead, front.drift, back.ahead, back.drift), (-90, 20, 0, 0));
    assert_eq!(front.context.mode, Some(CacheMode::SERVER | CacheMode::NO_AUTO_CLEAR));
    assert_eq!((front.context.timeout, back.context.timeout), (Some(Timeout(300)), Some(Timeout(600))));
    assert_eq!((back.context.size, back.context.id_context.as_bytes()), (Some(100), &b"shop"[..]));
    assert!(back.context.verify_peer && back.context.callbacks.get.is_some() && !back.context.callbacks.remove);
    let external = read.setting.external.as_ref().expect("it is written");
    assert_eq!((external.takes, external.gives_up, external.lost), (Law::Exponential(2_000), Some(50_000), 0.01));
    assert_eq!((external.lag, external.keeps, external.entries), (100_000, Some(3600), Some(1000)));
    assert_eq!(external.retry_after, Some(5 * SECOND));
    assert_eq!((external.deletes, &external.away[..]), (false, &[(Moment(HOUR), Moment(HOUR + 90 * SECOND))][..]));
    let [open, thinking] = &read.clients[..] else { panic!("{:?}", read.clients) };
    let Come::Open { arrivals, who } = &open.come else { panic!("{open:?}") };
    assert_eq!((arrivals.rate, *who), (0.5, Who::Zipf(1.1)));
    assert!(matches!(&arrivals.daily, Daily::Hours(hours) if hours[0] == 0.5 && hours[23] == 1.5));
    let crowd = Crowd { from: Moment(2 * HOUR), to: Moment(2 * HOUR + 600 * SECOND), times: 5.5 };
    assert_eq!(arrivals.crowds, [crowd]);
    assert_eq!(
        (open.stays, open.round_trip),
        (Law::Pareto { least: SECOND, shape: 1.5 }, Law::Uniform(10_000, 300_000))
    );
    let shares: Vec<_> = open.mechanisms.iter().map(|(of, share)| (*of, (share * 1e6).round() as u32)).collect();
    let mechanisms = [(Mechanism::Stateful(4), 600_000), (Mechanism::Tickets, 100_000), (Mechanism::Ids, 300_000)];
    assert_eq!(shares, mechanisms);
    assert_eq!((open.unclean, open.aborts, open.keeps), (0.05, 0.01, Some(24 * HOUR)));
    assert!(open.single_use && !thinking.single_use);
    assert_eq!((&open.servers[..], &thinking.servers[..]), (&[Server(1)][..], &[Server(0), Server(1)][..]));
    assert_eq!(thinking.come, Come::Closed { thinks: Law::Fixed(90 * SECOND) });
    assert_eq!(thinking.mechanisms, [(Mechanism::Ids, 1.0)]);
    let [scan, fill] = &read.floods[..] else { panic!("{:?}", read.floods) };
    assert_eq!((scan.does, scan.rate, scan.to), (Floods::UnknownIds, 500.0, Moment(HOUR + 600 * SECOND)));
    assert_eq!((fill.does, fill.rate, fill.from, fill.to), (Floods::Handshakes, 7.0, Moment(0), read.lasts));
    let every =
        |at, every, does| Happening { at: Moment(at * SECOND), every, servers: vec![Server(0), Server(1)], does };
    assert_eq!(
        (&read.happenings[0].servers[..], &read.happenings[0].does),
        (&[Server(1)][..], &Does::Restart { away: 0 })
    );
    assert_eq!((&read.happenings[7].servers[..], read.happenings[7].at), (&[Server(1)][..], Moment(HOUR)));
    assert_eq!(read.happenings[7].does, Does::TakeOut(600 * SECOND));
    assert_eq!(
        [&read.happenings[1..7], &read.happenings[8..]].concat(),
        [
            every(90, Some(90 * SECOND), Does::StepClock(-3600)),
            every(3, None, Does::SetMode(CacheMode::OFF)),
            every(3, None, Does::SetSize(0)),
            every(3, None, Does::SetTimeout(Timeout(86_400))),
            every(3, None, Does::Flush),
            every(3, None, Does::Restart { away: 120 * SECOND }),
            every(3, None, Does::Scatter(90 * SECOND)),
        ]
    );
}

#[test]
fn what_is_left_out_is_as_a_library_alone_would_have_it() {
    let read = workload(CLIENTS);
    assert_eq!(
        (read.servers, read.setting.servers[0].context.clone()),
        (vec!["server".to_owned()], Default::default())
    );
    assert_eq!((read.setting.external, read.setting.clock % 86_400), (None, 0));
    assert_eq!(workload(&format!("servers: 2\n{CLIENTS}")).servers, ["server1", "server2"]);
}

#[test]
fn with_an_external_cache_all_callbacks_are_set_unless_some_are_named() {
    let context = |parts: &str| workload(&format!("{parts}{CLIENTS}")).setting.servers[0].context.clone();
    let all = context("external: {}\n").callbacks;
    assert!(all.new.is_some_and(|new| new.then) && all.get.is_some() && all.remove);
    let some = context("external: {}\ncache: {callbacks: {new: record, get: record}}\n").callbacks;
    assert!(some.new.is_some_and(|new| !new.then) && some.get.is_some() && !some.remove);
}

#[test]
fn lengths_rates_and_shares_are_read_in_each_unit_and_nothing_else_is() {
    let lasts = |word: &str| read(&format!("workload: a\nlasts: {word}\n{CLIENTS}")).map(|read| read.lasts.0);
    for (word, length) in [
        ("3", 3_000_000),
        ("0.5", 500_000),
        ("7us", 7),
        ("250ms", 250_000),
        ("1.5 m", 90_000_000),
        ("2h", 2 * HOUR),
        ("3653d", 3653 * 24 * HOUR),
    ] {
        assert_eq!(lasts(word), Ok(length), "{word}");
    }
    for word in [
        "-1", "-1s", "1e9s", "infs", "nand", ".nan", ".inf", "-.inf", "1e300", "3654d", "1w", "s", ".", "1..5s", "1s2",
        "[1]", "010", "true",
    ] {
        let mistakes = lasts(word).expect_err(word);
        assert!(mistakes[0].message().starts_with("expected a length of time: `250ms`"), "{}", mistakes[0]);
        assert_eq!((mistakes[0].spot().line, mistakes[0].spot().column), (2, 8), "{word}");
    }
    let rate = |word: &str| read(&format!("{HEAD}clients: {{a: {{number: 1, arrivals: {{rate: {word}}}}}}}\n"));
    for word in ["200/s", "12000/m", "0.2/ms", "200", "200 /s", "720000/h"] {
        let read = rate(word).unwrap_or_else(|wrong| panic!("{}", wrong[0]));
        assert!(
            matches!(&read.clients[0].come, Come::Open { arrivals, .. } if (arrivals.rate - 200.0).abs() < 1e-9),
            "{word}"
        );
    }
    for word in ["1000001", "2/us", "-1/s", ".nan", "5/", "5/w", "5s", "/s"] {
        let mistakes = rate(word).expect_err(word);
        assert!(mistakes[0].message().starts_with("expected a rate: `200/s`"), "{}", mistakes[0]);
    }
    for word in ["101%", "1.1", "-1%", ".nan", "5", "x%"] {
        let parts = format!("{HEAD}clients: {{a: {{number: 1, thinks: 1s, aborts: {word}}}}}\n");
        let mistakes = read(&parts).expect_err(word);
        assert!(mistakes[0].message().starts_with("expected a share: `40%`"), "{}", mistakes[0]);
    }
}

#[test]
fn a_key_that_is_not_known_is_told_with_what_was_meant() {
    for (parts, at, words, meant) in [
        ("client: {}\n", "client", "`client` is not known here", Some("clients")),
        ("clients: {a: {numbr: 1, thinks: 1s}}\n", "numbr", "`numbr` is not known here", Some("number")),
        ("clients: {a: {number: 1, arrivals: {rat: 1}}}\n", "rat", "`rat` is not known here", Some("rate")),
        ("balancer: by_clients\n", "by_clients", "`by_clients` is not known here", Some("by_client")),
        ("cache: {mode: [SERVE]}\n", "SERVE", "`SERVE` is no flag of the session cache mode", Some("SERVER")),
        ("external: {take: 1s}\n", "take", "`take` is not known here", Some("takes")),
        ("happenings: [{at: 1s, restrat: now}]\n", "restrat", "`restrat` is not known here", Some("restart")),
        ("happenings: [{at: 1s, restart: {aways: 1s}}]\n", "aways", "`aways` is not known here", Some("away")),
        ("happenings: [{at: 1s, takeout: {for: 1s}}]\n", "takeout", "`takeout` is not known here", Some("take_out")),
        ("happenings: [{at: 1s, take_out: {fore: 1s}}]\n", "fore", "`fore` is not known here", Some("for")),
        (
            "servers: {front: {}}\nhappenings: [{at: 1s, take_out: {for: 1s}, servers: [frunt]}]\n",
            "frunt",
            "`frunt` is no server of this workload",
            Some("front"),
        ),
        (
            "servers: {front: {}}\nhappenings: [{at: 1s, restart: now, server: frunt}]\n",
            "frunt",
            "`frunt` is no server of this workload",
            Some("front"),
        ),
    ] {
        let parts = if parts.starts_with("client") { parts.to_owned() } else { format!("{parts}{CLIENTS}") };
        let text = format!("{HEAD}{parts}");
        let mistakes = read(&text).expect_err(&parts);
        let mistake = &mistakes[0];
        assert_eq!((&text[mistake.spot().bytes.clone()], mistake.message(), mistake.meant()), (at, words, meant));
        assert!(mistake.render(false).contains("w.yaml"), "{}", mistake.render(false));
    }
}

#[test]
fn yaml_of_no_use_is_refused_as_in_a_scenario_and_in_a_workloads_words() {
    let text = |text: &str| read(text).expect_err(text)[0].to_string();
    assert_eq!(text(""), "w.yaml:1:1: the file is empty; a workload starts with `workload:` and a sentence");
    assert_eq!(text("5"), "w.yaml:1:1: a workload is a map: `workload:`, `lasts:`, `clients:`");
    assert_eq!(text(&format!("{HEAD}{CLIENTS}lasts: 2h\n")), "w.yaml:4:1: `lasts` stands here a second time");
    assert_eq!(
        text("workload: &a b\n"),
        "w.yaml:1:11: an anchor: nothing may refer to it, since a workload is read on its own"
    );
    assert_eq!(text("workload: a\n"), "w.yaml:1:1: `lasts` is missing here");
    assert_eq!(text(&format!("{HEAD}clients:\n")), "w.yaml:3:1: `clients` has no value");
    let long = format!("{HEAD}{CLIENTS}# {}\n", "x".repeat(4 << 20));
    assert!(text(&long).contains("bytes; a workload has at most 4194304"));
}

#[test]
fn what_cannot_be_is_a_mistake_at_its_place() {
    let of = |parts: &str| format!("clients: {{a: {{number: 1, {parts}}}}}\n");
    for (parts, at, words) in [
        ("", "workload", "a workload without `clients:` or `floods:`: nothing would happen"),
        ("clients: {}\n", "workload", "a workload without `clients:` or `floods:`: nothing would happen"),
        (
            "clients: {a: {number: 1, arrivals: {rate: 1, who: zipf}}}\n",
            "zipf",
            "expected `evenly`, or a map: `{zipf: 1.1}`, found `zipf`",
        ),
        ("clients: {a: {number: 0, thinks: 1s}}\n", "0", "0 clients; a group has 1 to 10000000"),
        (&of("unclean: 1%"), "a", "clients that never come: say `arrivals:` or `thinks:`"),
        (
            &of("thinks: 1s, arrivals: {rate: 1}"),
            "thinks",
            "clients come by `arrivals:` or each by what it `thinks:`, not by both",
        ),
        (&of("thinks: 1s, keeps: 0"), "0", "clients that keep nothing never have a session resumed"),
        (&of("arrivals: {rate: 0}"), "0", "clients that never come"),
        (&of("arrivals: {rate: 1, by_hour: [1, 2]}"), "[1, 2]", "2 weights; a day has 24 hours"),
        (
            &of(&format!("arrivals: {{rate: 1, by_hour: [{}]}}", ["0"; 24].join(", "))),
            "[0",
            "a day on which nobody comes",
        ),
        (
            &of(&format!("arrivals: {{rate: 1, daily: {{swing: 1, peak: 1h}}, by_hour: [{}]}}", ["1"; 24].join(", "))),
            "by_hour",
            "a day is a sine, `daily:`, or a table, `by_hour:`, not both",
        ),
        (
            &of("arrivals: {rate: 1, daily: {swing: 1, peak: 24h}}"),
            "24h",
            "the peak is an hour of the day: `0h` to below `24h`",
        ),
        (
            &of("arrivals: {rate: 1, crowds: [{at: 1h, for: 1m, times: 2}]}"),
            "1h",
            "a crowd comes when the workload is over: see `lasts:`",
        ),
        (&of("arrivals: {rate: 1, crowds: [{at: 1m, for: 0, times: 2}]}"), "0", "a crowd comes for no time at all"),
        (&of("arrivals: {rate: 1, who: {zipf: 10.5}}"), "10.5", "the exponent of a Zipf law is from 0 to 10"),
        (&of("thinks: {uniform: {from: 2s, to: 1s}}"), "{from", "from a longer time to a shorter one"),
        (&of("thinks: {pareto: {least: 0, shape: 2}}"), "0", "the least of a Pareto law is more than 0"),
        (&of("thinks: {pareto: {least: 1s, shape: 1}}"), "1", "the shape of a Pareto law is from 1.01 to 100"),
        (
            &of("thinks: {exponential: 1s, uniform: {from: 1s, to: 2s}}"),
            "{expo",
            "one law: `uniform`, `exponential` or `pareto`",
        ),
        (&of("thinks: {}"), "{}", "one law: `uniform`, `exponential` or `pareto`"),
        (
            &of("thinks: 1s, protocols: []"),
            "[]",
            "a list of no protocols: without the key, it is TLSv1.2 with session ids",
        ),
        (
            &of("thinks: 1s, protocols: [{protocol: TLSv1.2, share: 50%}]"),
            "protocols",
            "shares of 0.500 in all; they are 1, or one of them is left out",
        ),
        (
            &of(
                "thinks: 1s, protocols: [{protocol: TLSv1.2, share: 80%}, {protocol: TLSv1.2, tickets: stateless, share: 30%}]",
            ),
            "protocols",
            "shares of 1.100 in all; they are 1",
        ),
        (
            &of("thinks: 1s, protocols: [{protocol: TLSv1.2}, {protocol: TLSv1.2, tickets: stateless}]"),
            "{protocol: TLSv1.2, t",
            "a second one without `share:`, which is what the others leave",
        ),
        (
            &of("thinks: 1s, protocols: [{protocol: TLSv1.2, share: 50%}, {protocol: TLSv1.2, share: 50%}]"),
            "{protocol: TLSv1.2, share: 50%}",
            "the same as above: add the shares up",
        ),
        (
            &of("thinks: 1s, protocols: [{protocol: TLSv1.3}]"),
            "TLSv1.3",
            "TLSv1.3 resumes with tickets: say `tickets: stateful` or `tickets: stateless`",
        ),
        (
            &of("thinks: 1s, protocols: [{protocol: TLSv1.3, tickets: stateful, num_tickets: 5}]"),
            "5",
            "a server of TLSv1.3 sends 0 to 4 tickets, and no other does",
        ),
        (
            &of("thinks: 1s, single_use: true, protocols: [{protocol: TLSv1.2, tickets: stateless}]"),
            "single_use",
            "sessions of TLSv1.3 are used once, and these clients have none: see `protocols:`",
        ),
        (&of("thinks: 1s, goes_to: []"), "[]", "a list of no servers: without the key, it is all of them"),
        (&of("thinks: 1s, goes_to: [server, server]"), "server", "`server` stands here a second time"),
        (&of("thinks: 1s, goes_to: [servant]"), "servant", "`servant` is no server of this workload"),
        ("clients: {\"a b\": {number: 1, thinks: 1s}}\n", "\"a b\"", "a name has 1 to 40 letters, digits, `_` or `-`"),
        ("floods: {f: {at: 1s}}\n", "f", "a flood is one of `unknown_ids:` and `handshakes:`, with a rate"),
        ("floods: {f: {unknown_ids: 0}}\n", "0", "a flood of nothing"),
        ("floods: {f: {unknown_ids: 1, at: 1h}}\n", "1h", "a flood begins when the workload is over: see `lasts:`"),
        (
            "floods: {f: {unknown_ids: 1, protocol: TLSv1.2, tickets: stateless}}\n",
            "tickets",
            "with stateless tickets, no id is looked up",
        ),
        (
            "clients: {a: {number: 1, thinks: 1s}}\nfloods: {a: {unknown_ids: 1}}\n",
            "a",
            "`a` is the name of clients already",
        ),
    ] {
        assert_wrong(parts, at, words);
    }
    for (parts, at, words) in [
        ("servers: 0\n", "0", "0 servers: nobody could connect"),
        ("servers: {}\n", "{}", "0 servers: nobody could connect"),
        ("cache: {callbacks: {new: keep}}\n", "callbacks", "callbacks, and no external cache that they would ask"),
        (
            "external: {}\ncache: {callbacks: {new: keep}}\n",
            "external",
            "an external cache that nobody asks: no server has a get callback",
        ),
        ("external: {entries: 0}\n", "0", "an external cache of 0 sessions finds none"),
        (
            "external: {takes: 1ms, gives_up: 1ms}\n",
            "1ms",
            "a server never gives up: no call takes longer than it waits",
        ),
        (
            "external: {retry_after: 0, gives_up: 1s}\n",
            "0",
            "a server that calls again at once: so it does without the key",
        ),
        (
            "external: {retry_after: 5s}\n",
            "retry_after",
            "a server that waits for each answer never has a call to retry: say when it `gives_up:`",
        ),
        ("external: {away: [{at: 2h, for: 1s}]}\n", "2h", "it is away when the workload is over: see `lasts:`"),
        ("happenings: [{restart: now}]\n", "{restart", "when does it happen? say `at:` or `every:`"),
        ("happenings: [{at: 1h, restart: now}]\n", "1h", "it happens when the workload is over: see `lasts:`"),
        ("happenings: [{every: 2h, restart: now}]\n", "2h", "it happens when the workload is over: see `lasts:`"),
        ("happenings: [{every: 10ms, restart: now}]\n", "10ms", "at most once a second"),
        ("happenings: [{at: 1s, step_clock: 0}]\n", "0", "a clock that is moved by nothing"),
        (
            "happenings: [{at: 1s, restart: now, set_timeout: 1s}]\n",
            "{at",
            "a happening is one thing: write two, which happen in the order of the list",
        ),
        ("happenings: [{at: 1s, restart: 2m}]\n", "2m", "expected `now`, or a map: `{away: 2m}`, found `2m`"),
        ("happenings: [{at: 1s, restart: 5}]\n", "5", "expected `now`, or a map: `{away: 2m}`, found `5`"),
        (
            "happenings: [{at: 1s, restart: {away: 0}}]\n",
            "0",
            "a server that is away for no time at all: `restart: now`",
        ),
        ("happenings: [{at: 1s, take_out: {for: 0}}]\n", "0", "it is so for no time at all"),
        (
            "happenings: [{every: 1m, take_out: {for: 60s}}]\n",
            "60s",
            "it happens again before that is over: see `every:`",
        ),
        (
            "happenings: [{every: 1m, restart: {away: 2m}}]\n",
            "2m",
            "it happens again before that is over: see `every:`",
        ),
        (
            "happenings: [{at: 1s, restart: now, server: server, servers: [server]}]\n",
            "servers",
            "one `server:` or several `servers:`, not both",
        ),
        (
            "happenings: [{at: 1s, scatter: {for: 1s}}]\n",
            "scatter",
            "clients go to any server anyhow: the balancer is not `by_client`",
        ),
        (
            "balancer: by_client\nhappenings: [{at: 1s, scatter: {for: 1s}, server: server}]\n",
            "server",
            "clients are scattered over all servers that they go to",
        ),
        (
            "happenings: [{at: 1s, set_timeout: 250ms}]\n",
            "250ms",
            "expected a length of time in whole seconds: `90s`, `5m`, `2h`, `1d` or seconds; at most 3653d, found `250ms`",
        ),
        ("clock: -1\n", "-1", "expected whole seconds since the Epoch, from 0 to 253402300799, found `-1`"),
        (
            "servers: {a: {drift: 500001}}\n",
            "500001",
            "expected a whole number of microseconds in a second, from -500000 to 500000, found `500001`",
        ),
    ] {
        assert_wrong(&format!("{parts}{CLIENTS}"), at, words);
    }
    let parts = "servers: {a: {}, b: {}}\nclients: {x: {number: 1, thinks: 1s, goes_to: [a]}}\n";
    assert_wrong(parts, "b", "nobody goes to `b`");
    let empty = read("workload: \"\"\nlasts: 0\nclients: {a: {number: 1, thinks: 1s}}\n").expect_err("both are wrong");
    let words: Vec<_> = empty.iter().map(Mistake::message).collect();
    assert_eq!(words, ["a workload says in a sentence what it is", "a workload that is over before anything happens"]);
}

#[test]
fn what_would_be_too_much_is_a_mistake_and_the_most_is_not() {
    let many = |count: usize, entry: &dyn Fn(usize) -> String| (0..count).map(entry).collect::<Vec<_>>().join(", ");
    let servers = |count: usize| format!("servers: {count}\n{CLIENTS}");
    workload(&servers(64));
    assert_wrong(&servers(65), "servers", "65 servers; a workload has at most 64");
    assert_wrong(&servers(4_000_000_000), "servers", "4000000000 servers; a workload has at most 64");
    let named = format!("servers: {{{}}}\n{CLIENTS}", many(65, &|n| format!("s{n}: {{}}")));
    assert_wrong(&named, "servers", "65 servers; a workload has at most 64");
    let groups = |clients: usize| {
        let clients = many(clients, &|n| format!("c{n}: {{number: 1, thinks: 1s}}"));
        format!("clients: {{{clients}}}\nfloods: {{f: {{handshakes: 1}}}}\n")
    };
    workload(&groups(63));
    assert_wrong(&groups(64), "floods", "65 groups of clients and attackers; a workload has at most 64");
    let clients =
        |each: u32| format!("clients: {{a: {{number: {each}, thinks: 1h}}, b: {{number: {each}, thinks: 1h}}}}\n");
    workload(&clients(5_000_000));
    assert_wrong(&clients(5_000_001), "clients", "10000002 clients in all; a workload has at most 10000000");
    assert_wrong(&clients(10_000_001), "10000001", "10000001 clients; a group has 1 to 10000000");
    let crowds = |count: usize| {
        let crowds = many(count, &|n| format!("{{at: {n}, for: 1, times: 2}}"));
        format!("clients: {{a: {{number: 1, arrivals: {{rate: 1, crowds: [{crowds}]}}}}}}\n")
    };
    workload(&crowds(100));
    assert_wrong(&crowds(101), "crowds", "101 crowds of one group; a workload has at most 100");
    let away =
        |count: usize| format!("external: {{away: [{}]}}\n{CLIENTS}", many(count, &|n| format!("{{at: {n}, for: 1}}")));
    workload(&away(1_000));
    assert_wrong(&away(1_001), "away", "1001 times away; a workload has at most 1000");
    let happenings =
        |count: usize| format!("happenings: [{}]\n{CLIENTS}", many(count, &|_| "{at: 1, restart: now}".to_owned()));
    workload(&happenings(10_000));
    assert_wrong(&happenings(10_001), "happenings", "10001 happenings; a workload has at most 10000");
}

#[test]
fn a_rate_at_which_time_would_stand_still_is_a_mistake() {
    let crowd = |times: &str| {
        let crowds = format!("[{{at: 1, for: 9, times: {times}}}, {{at: 5, for: 9, times: {times}}}]");
        format!("clients: {{a: {{number: 1, lasts: 0, round_trip: 0, arrivals: {{rate: 100/s, crowds: {crowds}}}}}}}\n")
    };
    workload(&crowd("100"));
    assert_wrong(&crowd("101"), "arrivals", "up to 1020100 connections a second; a group has at most 1000000");
    assert_wrong(
        &crowd("1000000"),
        "arrivals",
        "up to 100000000000000 connections a second; a group has at most 1000000",
    );
}

#[test]
fn clients_that_come_again_at_the_same_moment_are_a_mistake_however_long_they_would_stay() {
    let of = |parts: &str| format!("clients: {{a: {{number: 1, {parts}}}}}\n");
    let words = "clients that come again at once: they think for 1ms or longer in the mean";
    assert_wrong(&of("thinks: 0, round_trip: 0, lasts: 1d, aborts: 100%"), "0", words);
    assert_wrong(&format!("cache: {{verify_peer: true}}\n{}", of("thinks: 0s, lasts: 1m")), "0s", words);
    assert_wrong(&of("thinks: 999us"), "999us", words);
    assert_wrong(&of("thinks: {exponential: 0}"), "{exponential", words);
    workload(&of("thinks: 1ms, round_trip: 0, lasts: 0"));
}

#[test]
fn who_goes_before_the_end_or_fails_at_once_comes_again_the_sooner() {
    let of = |parts: &str| format!("clients: {{a: {{number: 2000000, thinks: 1s, lasts: 1h{parts}}}}}\n");
    let words = "up to 2000000 connections a second; a group has at most 1000000";
    workload(&of(""));
    assert_wrong(&of(", round_trip: 0, aborts: 100%"), "thinks", words);
    assert_wrong(&format!("cache: {{verify_peer: true}}\n{}", of("")), "thinks", words);
    workload(&format!("cache: {{verify_peer: true, id_context: shop}}\n{}", of("")));
}

#[test]
fn connections_that_would_take_all_memory_are_a_mistake() {
    let of = |lasts: &str| format!("clients: {{a: {{number: 1, lasts: {lasts}, arrivals: {{rate: 1000000/s}}}}}}\n");
    workload(&of("9s"));
    assert_wrong(
        &of("{pareto: {least: 9s, shape: 1.1}}"),
        "workload",
        "about 99050000 connections would be open at once; at most 10000000 may: lower the rates, or how long connections last",
    );
    // An hour of them is all that there are, however long they would last.
    workload("clients: {a: {number: 1, lasts: 3653d, arrivals: {rate: 1000/s}}}\n");
    assert!(wrong("external: {takes: 20s}\nfloods: {f: {handshakes: 1000000}}\n")[0].1.starts_with("about 20050000"));
    workload("external: {takes: 20s, gives_up: 1s, entries: 9}\nfloods: {f: {handshakes: 1000000}}\n");
}

#[test]
fn connections_that_wait_until_an_external_cache_is_back_take_memory_unless_they_give_up() {
    let of = |external: &str| {
        let clients = "clients: {a: {number: 1, lasts: 0, round_trip: 0, arrivals: {rate: 10000/s}}}\n";
        format!("external: {{entries: 9, {external}}}\n{clients}")
    };
    workload(&of("away: [{at: 1m, for: 1000s}]"));
    let words = "about 10010000 connections would be open at once; at most 10000000 may: lower the rates, or how long \
                 connections last, or say when a server `gives_up`";
    assert_wrong(&of("away: [{at: 1m, for: 1001s}]"), "away", words);
    // Who has waited through one time meets the next.
    assert_wrong(&of("away: [{at: 660s, for: 401s}, {at: 1m, for: 10m}]"), "away", words);
    workload(&of("away: [{at: 661s, for: 401s}, {at: 1m, for: 10m}]"));
    workload(&of("away: [{at: 1m, for: 1001s}], gives_up: 1s"));
}

#[test]
fn sessions_that_would_take_all_memory_are_a_mistake_where_the_cache_is_set() {
    let internal = |all: &str| {
        format!(
            "about {all} sessions would be in internal caches at once; at most 10000000 may: limit the size, or lower \
             the timeouts or the rates"
        )
    };
    let flood = "floods: {f: {handshakes: 10000/s}}\n";
    workload(&format!("cache: {{size: 0, timeout: 1000s}}\n{flood}"));
    assert_wrong(&format!("cache: {{size: 0, timeout: 1001s}}\n{flood}"), "size", &internal("10010000"));
    assert_wrong(&format!("cache: {{size: 10000001, timeout: 1h}}\n{flood}"), "size", &internal("10000001"));
    workload(&format!("cache: {{size: 10000000, timeout: 1h}}\n{flood}"));
    let two = |size: u32| format!("servers: {{a: {{cache: {{size: 7}}}}, b: {{cache: {{size: {size}}}}}}}\n");
    assert_wrong(&format!("{}cache: {{timeout: 1h}}\n{flood}", two(0)), "size", &internal("18000007"));
    for (parts, all) in [
        ("cache: {size: 0, mode: [SERVER, NO_AUTO_CLEAR]}\n", "36000000"),
        ("cache: {size: 0}\nhappenings: [{at: 1s, step_clock: -701s}]\n", "10010000"),
        ("cache: {size: 0}\nhappenings: [{every: 1m, step_clock: -1s}]\n", "36000000"),
        ("cache: {timeout: 1h}\nhappenings: [{at: 1s, sess_set_cache_size: 0}]\n", "36000000"),
        ("cache: {size: 0}\nhappenings: [{at: 1s, set_timeout: 1h}]\n", "36000000"),
    ] {
        assert_eq!(wrong(&format!("{parts}{flood}"))[0].1, internal(all), "{parts}");
    }
    workload(&format!("cache: {{size: 0, timeout: 1h, mode: [SERVER, NO_INTERNAL_STORE]}}\n{flood}"));
    // When one of two is out, all are at the other.
    let two = "servers: {a: {}, b: {}}\ncache: {size: 0, timeout: 900s}\n";
    workload(&format!("{two}{flood}"));
    let out = "happenings: [{at: 1s, take_out: {for: 1s}, servers: [a]}]\n";
    assert_eq!(wrong(&format!("{two}{out}{flood}"))[0].1, internal("18000000"));
    workload("cache: {size: 0, timeout: 1h}\nfloods: {f: {unknown_ids: 10000/s}}\n");
    // Clients that find their sessions again make no others.
    workload("cache: {size: 0, timeout: 1h}\nclients: {a: {number: 100, lasts: 0, arrivals: {rate: 10000/s}}}\n");
    let external = "about 36000000 sessions would be in the external cache at once; at most 10000000 may: limit its \
                    `entries`, or lower the timeouts or the rates";
    assert_wrong(&format!("external: {{keeps: 1h}}\n{flood}"), "external", external);
    assert_wrong(&format!("cache: {{timeout: 1h}}\nexternal: {{}}\n{flood}"), "external", external);
    workload(&format!("external: {{keeps: 1h, entries: 10000000}}\n{flood}"));
}

#[test]
fn what_is_varied_must_fit_as_well() {
    let mut of = workload("cache: {timeout: 1h}\nfloods: {f: {handshakes: 10000/s}}\n");
    assert_eq!(fits(&of, 300), Ok(()));
    of.setting.servers[0].context.size = Some(0);
    let over = fits(&of, 300).expect_err("no size limit");
    assert!(over.starts_with("about 36000000 sessions") && !over.contains("no timeout"), "{over}");
}

#[test]
fn where_no_timeout_is_set_sessions_live_for_as_long_as_the_cache_at_hand_has_it() {
    let of = workload("cache: {size: 0}\nfloods: {f: {handshakes: 10000/s}}\n");
    assert_eq!(fits(&of, 300), Ok(()));
    let over = fits(&of, 7200).expect_err("two hours of them");
    assert!(over.ends_with("where no timeout is set, they live for 7200 s"), "{over}");
}

#[test]
fn connections_are_as_many_as_there_are_numbers_for_them() {
    let of = |hours: u32| {
        let text = format!("workload: a\nlasts: {hours}h\nfloods: {{f: {{unknown_ids: 1000000/s}}}}\n");
        read(&text).map_err(|wrong| wrong[0].to_string())
    };
    assert!(of(1).is_ok());
    let words = "w.yaml:2:1: about 7200000000 connections; a run has at most 4000000000";
    assert_eq!(of(2), Err(words.to_owned()));
}

#[test]
fn a_workload_that_lasts_otherwise_than_it_says_is_held_to_that_and_so_are_its_floods() {
    let text = format!("{HEAD}floods: {{f: {{unknown_ids: 1000000/s, at: 10m}}, g: {{handshakes: 1, for: 1s}}}}\n");
    let lasting = |seconds: u64| parse_lasting("w.yaml", &text, Some(Moment(seconds * SECOND)));
    let ends = |seconds| lasting(seconds).map(|of| (of.lasts, of.floods[0].to, of.floods[1].to));
    let end = |seconds| Moment(seconds * SECOND);
    assert_eq!(ends(4_000), Ok((end(4_000), end(4_000), end(1))));
    // What begins after the end is no mistake of the text: it never comes.
    assert_eq!(ends(60).map(|(lasts, ..)| lasts), Ok(end(60)));
    let mistakes = lasting(8_000).expect_err("there are too many connections");
    assert!(mistakes[0].message().starts_with("about 74000"), "{}", mistakes[0]);
}

#[test]
fn how_long_a_run_lasts_is_typed_as_a_workload_says_it() {
    let micros = |text: &str| lasting(text).map(|length| length.as_micros());
    for (text, length) in [("1d", 86_400_000_000), ("1500ms", 1_500_000), ("90", 90_000_000), ("0.5h", 1_800_000_000)] {
        assert_eq!(micros(text), Ok(length), "{text}");
    }
    assert_eq!(micros("12m33s"), Err("one number and one unit: `12m33s` is `753s`".to_owned()));
    assert_eq!(micros("1s 5ms"), Err("one number and one unit: `1s 5ms` is `1005ms`".to_owned()));
    assert_eq!(micros("0s"), Err("a run lasts for more than nothing".to_owned()));
    for text in ["", "1w", "-1s", "3654d", "1m1w", "s", "inf", "NaN", "1e3"] {
        assert!(micros(text).is_err_and(|why| why.starts_with("expected a length of time")), "{text}");
    }
    for text in ["90s", "1500ms", "7us"] {
        assert_eq!(lasting(text).map(as_typed), Ok(text.to_owned()));
    }
}

#[test]
fn every_mistake_is_told_and_not_more_than_there_is_room_for() {
    let wrong = wrong(
        "clients:\n  a: {number: x, thinks: 1s}\n  b: {number: 1, thinks: 1s, aborts: 7}\nservers: {c: {drift: 1.5}}\n",
    );
    assert_eq!(wrong.iter().map(|(at, _)| at.as_str()).collect::<Vec<_>>(), ["x", "7", "1.5"]);
    let many: String = (0..5_000).map(|n| format!("  c{n}: {{nix: 1}}\n")).collect();
    assert!(read(&format!("{HEAD}clients:\n{many}")).expect_err("all are wrong").len() <= 200);
}

#[test]
fn the_committed_schema_is_that_of_the_types() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("workloads/workload.schema.json");
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == schema_text(),
        "conformance/workloads/workload.schema.json is not what `sesscheck schema --workload` prints; print it there again"
    );
}
