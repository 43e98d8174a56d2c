//! Renderers on answers of a stand-in: a made-up day with everything in it, and the shapes at the edges.

use std::collections::BTreeSet;

use session_model::{CacheMode, Mechanism, SessionId};

use super::*;
use crate::simulate::answers::{Answers, Breach, Checked, Facts, Handshakes, Outside, ServerFacts, Spell};
use crate::simulate::event::{
    Answer, Cause, Event, External, Found, Gauges, Group, Held, Left, Moment, Outcome, Proposes, Server, Visit, What,
};
use crate::simulate::service::unset_timeout;
use crate::simulate::sweep::{Run, Swept};

const SECOND: u64 = 1_000_000;
const HOUR: u64 = 3600 * SECOND;

/// What a made-up run is like.
struct Shape {
    name: &'static str,
    lasts: u64,
    servers: u16,
    connections: u64,
    sessions: u64,
    misses_only: bool,
    external: bool,
    eventful: bool,
}

const DAY: Shape = Shape {
    name: "a day of a shop, with a flash crowd at noon",
    lasts: 24 * HOUR,
    servers: 3,
    connections: 20_000,
    sessions: 20_480,
    misses_only: false,
    external: true,
    eventful: true,
};

fn facts(shape: &Shape) -> Facts {
    let server = |n: u16| ServerFacts {
        name: format!("server {}", n + 1),
        mode: "SERVER".to_owned(),
        size: shape.sessions,
        timeout: (n > 0).then_some(300),
        ahead: i64::from(n) * 60,
        drift: if n == 2 { -50 } else { 0 },
    };
    let spell = |from: u64, to: u64, what: &str| Spell { from: from * HOUR, to: to * HOUR, what: what.to_owned() };
    Facts {
        workload: shape.name.to_owned(),
        teaches: "A cache that is large enough all day is not at noon: sessions are dropped before their clients come \
                  back, and the external cache, which would have them, is away."
            .to_owned(),
        again: "sesscheck simulate shop.yaml --seed 7".to_owned(),
        seed: 7,
        subject: "optimised".to_owned(),
        unset_timeout: 300,
        about: "session-cache 0.1.0".to_owned(),
        held_to: String::new(),
        model: "every".to_owned(),
        clock: 1_767_225_600,
        lasts: shape.lasts,
        attackers: 0,
        groups: vec!["browsers".to_owned(), "a <script>alert(1)</script> & \"crawler\"".to_owned()],
        servers: (0..shape.servers).map(server).collect(),
        external: shape.external,
        spells: if shape.eventful {
            vec![spell(12, 13, "flash crowd"), spell(17, 19, "external cache away")]
        } else {
            vec![]
        },
    }
}

/// Numbers from nothing: the same each time.
fn drawn(n: u64) -> u64 {
    (n + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33
}

fn answers(shape: &Shape) -> Answers {
    let mut answers = Answers::new(facts(shape));
    let mut happen: Vec<(u64, What)> = vec![];
    if shape.eventful {
        happen = vec![
            (3 * HOUR, What::Flush),
            (6 * HOUR, What::SetSize(5000)),
            (9 * HOUR, What::StepClock(-3600)),
            (9 * HOUR + 60 * SECOND, What::SetMode(CacheMode::SERVER | CacheMode::UPDATE_TIME)),
            (15 * HOUR, What::Restart),
        ];
    }
    let mut happen = happen.into_iter().peekable();
    let mut sessions = vec![0u64; usize::from(shape.servers)];
    for n in 0..shape.connections {
        let at = shape.lasts / shape.connections * n;
        while let Some((when, what)) = happen.next_if(|(when, _)| *when <= at) {
            for server in 0..shape.servers {
                let event = Event { at: Moment(when), server: Server(server), what: what.clone() };
                if what == What::Restart {
                    sessions[usize::from(server)] = 0;
                }
                let outcome = Outcome { left: Left { removed: 40, ..Left::default() }, ..Outcome::default() };
                answers.note(&event, &outcome, &gauges(n, sessions[usize::from(server)]));
            }
        }
        let server = (drawn(n) % u64::from(shape.servers)) as u16;
        let of = &mut sessions[usize::from(server)];
        *of = (*of + 1 + shape.sessions / 4000).min(shape.sessions);
        let visit = Visit(n as u32);
        let begin =
            What::Begin { visit, group: Group((n % 2) as u16), mechanism: Mechanism::Ids, proposes: proposes(n) };
        answers.note(&Event { at: Moment(at), server: Server(server), what: begin }, &begun(shape, n), &gauges(n, *of));
        let rest = if n % 50 == 0 { What::Abort(visit) } else { What::Finish(visit) };
        let mut left = Left::default();
        if n % 255 == 254 {
            left.flushed = 1 + drawn(n) % (1 + *of / 8);
            *of -= left.flushed.min(*of);
        } else if *of == shape.sessions {
            left.dropped = 1;
        }
        let looked_at =
            if left.flushed > 0 { [left.flushed.min(64), *of, left.flushed + 1] } else { [left.dropped; 3] };
        let outcome = Outcome { left, looked_at, ..Outcome::default() };
        answers.note(&Event { at: Moment(at), server: Server(server), what: rest }, &outcome, &gauges(n, *of));
        let close = Event { at: Moment(at), server: Server(server), what: What::Close { visit, clean: n % 3 > 0 } };
        answers.note(&close, &Outcome::default(), &gauges(n, *of));
        let mut counters = [0; 12];
        (counters[0], counters[4]) = (*of as i64, n as i64);
        answers.count(Server(server), counters);
    }
    let events = answers.events;
    answers.end(shape.lasts, Checked { events, how: String::new(), found: vec![] })
}

fn proposes(n: u64) -> Proposes {
    match drawn(n) % 10 {
        0..3 => Proposes::Nothing,
        3 => Proposes::Unknown(SessionId::new(&[1]).expect("it is one")),
        _ => Proposes::Held(Held(n as u32)),
    }
}

fn begun(shape: &Shape, n: u64) -> Outcome {
    const CAUSES: [Cause; 14] = [
        Cause::OtherKey,
        Cause::NotLookedUp,
        Cause::Expired,
        Cause::Dropped,
        Cause::Removed,
        Cause::Restarted,
        Cause::OtherServer,
        Cause::NotStored,
        Cause::Refused,
        Cause::Unanswered,
        Cause::NotAskedOutside,
        Cause::LostOutside,
        Cause::NotYetOutside,
        Cause::DroppedOutside,
    ];
    let causes = if shape.external { CAUSES.len() } else { 9 };
    let miss = Answer::Miss(CAUSES[drawn(n + 1) as usize % causes]);
    let answer = match (proposes(n), drawn(n + 2) % 20) {
        (Proposes::Nothing, _) => Answer::NotAsked,
        (Proposes::Unknown(_), _) => Answer::Miss(Cause::Unknown),
        _ if shape.misses_only => miss,
        (_, 0..12) => Answer::Hit(Found::Internal),
        (_, 12) => Answer::Hit(Found::Ticket),
        (_, 13) if shape.external => Answer::Hit(Found::External),
        (_, 14) => Answer::Failed,
        _ => miss,
    };
    let external = External {
        gets: 1,
        found: n % 2,
        stores: 1,
        waited: 800,
        lost: u64::from(n.is_multiple_of(90)),
        ..External::default()
    };
    let gone = if answer == Answer::Failed { vec![Visit(n as u32)] } else { vec![] };
    let external = if shape.external { external } else { External::default() };
    Outcome { answer: Some(answer), gone, external, ..Outcome::default() }
}

fn gauges(n: u64, sessions: u64) -> Gauges {
    Gauges { clock: 1_767_225_600, sessions, bytes: sessions * 96, connections: drawn(n) % 300 }
}

fn shapes() -> Vec<Shape> {
    let nothing_but_misses =
        Shape { name: "nothing but misses", misses_only: true, servers: 1, external: false, eventful: false, ..DAY };
    let one =
        Shape { name: "one stretch", lasts: 800, connections: 12, servers: 1, external: false, eventful: false, ..DAY };
    let million = Shape {
        name: "a million sessions",
        sessions: 1_000_000,
        servers: 2,
        external: false,
        lasts: 240 * HOUR,
        ..DAY
    };
    let short = Shape {
        name: "a minute",
        lasts: 60 * SECOND,
        servers: 1,
        external: false,
        eventful: false,
        connections: 3000,
        ..DAY
    };
    vec![DAY, nothing_but_misses, one, million, short]
}

fn with_a_breach() -> Answers {
    let mut answers = answers(&DAY);
    let told =
        "faulty:flush.boundary diverges at <event> 7: the manual rules: & so on\n    steps: []\n  replay: sesscheck";
    answers.checked.found = vec![Breach::new(Moment(5 * HOUR), Server(1), told)];
    answers
}

fn swept() -> Swept {
    let run = |sessions: u64| {
        let shape = Shape { sessions, ..DAY };
        let answers = answers(&shape);
        Run { setting: if sessions == 20_480 { "as it is".to_owned() } else { format!("size {sessions}") }, answers }
    };
    Swept {
        again: "sesscheck simulate shop.yaml --sweep size=500,5000".to_owned(),
        settings: [20_480, 500, 5000].map(run).into(),
    }
}

/// For whoever changes a page: `SIMULATION_PAGES=DIR cargo test pages_to_look_at` writes them.
#[test]
fn pages_to_look_at() {
    let Some(folder) = std::env::var_os("SIMULATION_PAGES").map(std::path::PathBuf::from) else { return };
    let write = |name: &str, text: String| std::fs::write(folder.join(name), text).expect("it can be written");
    for (n, shape) in shapes().iter().enumerate() {
        let answers = answers(shape);
        write(&format!("{n}.html"), html(&answers));
        write(&format!("{n}.txt"), text(&answers));
        write(&format!("{n}.csv"), csv(&answers));
        write(&format!("{n}.prom"), prometheus(&answers));
        write(&format!("{n}.json"), json(&answers));
    }
    write("breach.html", html(&with_a_breach()));
    write("breach.txt", text(&with_a_breach()));
    write("sweep.html", sweep_html(&swept()));
    write("sweep.txt", sweep_text(&swept()));
    write("sweep.csv", sweep_csv(&swept()));
}

#[test]
fn a_report_reads_so() {
    insta::assert_snapshot!(text(&answers(&DAY)));
}

#[test]
fn a_sweep_reads_so() {
    insta::assert_snapshot!(sweep_text(&swept()));
}

#[test]
fn text_is_within_a_hundred_columns() {
    let shapes = shapes();
    let texts = shapes.iter().map(|shape| text(&answers(shape))).chain([text(&with_a_breach()), sweep_text(&swept())]);
    for text in texts {
        for line in text.lines() {
            assert!(line.chars().count() <= 100, "{} columns: {line}", line.chars().count());
            assert_eq!(line, line.trim_end());
        }
    }
}

/// The day, with the second group one of attackers.
fn attacked() -> Answers {
    let mut answers = Answers::new(Facts { attackers: 1, ..facts(&DAY) });
    let (client, attacker) = (Group(0), Group(1));
    let id = SessionId::new(&[1]).expect("it is one");
    let held = (client, Proposes::Held(Held(0)), Answer::Hit(Found::Internal));
    let fresh = (client, Proposes::Nothing, Answer::NotAsked);
    let flood = (attacker, Proposes::Unknown(id), Answer::Miss(Cause::Unknown));
    for (n, (group, proposes, answer)) in [held, fresh, flood, flood].into_iter().enumerate() {
        let what = What::Begin { visit: Visit(0), group, mechanism: Mechanism::Ids, proposes };
        let event = Event { at: Moment(n as u64), server: Server(0), what };
        answers.note(&event, &Outcome { answer: Some(answer), ..Outcome::default() }, &gauges(0, 1));
    }
    answers.end(HOUR, Checked::default())
}

#[test]
fn the_first_hit_rates_are_those_of_clients_and_attackers_are_told_apart() {
    assert!(!text(&answers(&DAY)).contains("attackers"));
    let answers = attacked();
    let told = text(&answers);
    let line = told.lines().skip_while(|line| !line.starts_with("hit rate")).take(2).collect::<Vec<_>>().join(" ");
    let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        line.starts_with(
            "hit rate 100.0 % of what clients proposed, 50.0 % of all their connections; attackers: 2 connections, 0 \
             resumed"
        ),
        "{line}"
    );
    let read: serde_json::Value = serde_json::from_str(&json(&answers)).expect("it is JSON");
    assert_eq!([&read["hit_rate"]["of_proposed"], &read["hit_rate"]["of_connections"]], [1.0, 0.5]);
    assert_eq!(read["hit_rate_of_attackers"]["of_proposed"], 0.0);
    assert_eq!(answers.series[0].clients.connections, 2);
    let page = html(&answers);
    assert!(page.contains("<b>100.0 %</b><span>hit rate of what clients proposed</span>"), "{page}");
    assert!(page.contains("<b>2</b><span>connections of attackers, 0 resumed</span>"));
}

#[test]
fn what_servers_waited_for_is_told_by_the_call_whichever_it_was() {
    let mut answers = answers(&DAY);
    answers.counts.external = Outside { gets: 1, stores: 2, deletes: 1, waited: 4_000, ..Outside::default() };
    assert!(
        text(&answers).contains("  servers waited                                4 ms                  1 ms a call\n")
    );
    assert!(html(&answers).contains("they waited for 4 ms in all, 1 ms a call in the mean."));
}

#[test]
fn tables_are_told_of_our_own_cache_alone() {
    let of = |subject: &str| {
        let mut answers = Answers::new(Facts { subject: subject.to_owned(), ..facts(&DAY) });
        let event = Event { at: Moment(0), server: Server(0), what: What::Flush };
        answers.note(&event, &Outcome::default(), &gauges(0, 100));
        let answers = answers.end(HOUR, Checked::default());
        [text(&answers), html(&answers), prometheus(&answers)]
            .map(|text| text.to_lowercase().contains("tables, about") || text.contains("tables_bytes"))
    };
    for subject in ["optimised", "faulty:auto-flush-skips-the-last@optimised"] {
        assert_eq!(of(subject), [true; 3], "{subject}");
    }
    for subject in ["model", "libssl", "faulty:auto-flush-skips-the-last@libssl"] {
        assert_eq!(of(subject), [false; 3], "{subject}");
    }
}

#[test]
fn a_timeout_that_is_not_set_is_said_to_be_longer_in_a_libssl() {
    let of = |subject: &str, unset: bool| {
        let spec = subject.parse().expect("it is a subject");
        let mut facts = Facts { unset_timeout: unset_timeout(&spec), ..facts(&DAY) };
        facts.servers[0].timeout = (!unset).then_some(300);
        let mut answers = answers(&DAY);
        answers.facts = facts;
        [text(&answers), html(&answers)].map(|form| {
            let form = form.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(!form.contains("for 7,200 s here"), "{form}");
            form.contains("for 300 s here and for 7,200 s in a libssl, which then looks at more")
        })
    };
    assert_eq!((of("optimised", true), of("model", true)), ([true; 2], [true; 2]));
    assert_eq!((of("optimised", false), of("libssl:3.3.1", true)), ([false; 2], [false; 2]));
}

#[test]
fn a_sweep_over_seeds_names_them_and_says_what_was_checked_in_each_run() {
    let one = swept();
    assert!(sweep_text(&one).contains(", seed 7\n"));
    let page = sweep_html(&one);
    assert!(page.contains("seed 7: the same clients come at the same moments") && page.contains(", in each run"));
    let mut several = one;
    several.settings[1].answers.facts.seed = 8;
    several.settings[2].answers.checked.events = 0;
    assert!(sweep_text(&several).contains(", seeds 7, 8\n"));
    let page = sweep_html(&several);
    assert!(page.contains("seeds 7, 8: with another seed, other clients come") && !page.contains("the same clients"));
    assert!(page.contains("<li>size 5000: never: nothing was checked</li>") && !page.contains("in the first"));
}

#[test]
fn what_is_rare_is_told_by_the_hour() {
    assert_eq!([12.34, 0.1, 0.09, 0.001].map(super::words::per), ["12.3/s", "0.1/s", "324/h", "3.6/h"]);
    let rare = Shape { connections: 2_000, eventful: false, ..DAY };
    assert!(html(&answers(&rare)).contains("an hour"));
    let often = Shape { connections: 3_000, lasts: HOUR, eventful: false, ..DAY };
    assert!(!html(&answers(&often)).contains("an hour"));
}

#[test]
fn the_json_names_its_schema_and_both_hit_rates() {
    let answers = answers(&DAY);
    let read: serde_json::Value = serde_json::from_str(&json(&answers)).expect("it is JSON");
    assert_eq!(read["schema"], "sesscheck-simulation-1");
    let hits = answers.counts.handshakes.hits();
    let rates =
        [answers.counts.handshakes.proposed, answers.counts.handshakes.connections].map(|of| hits as f64 / of as f64);
    assert_eq!(read["hit_rate"]["of_proposed"], rates[0]);
    assert_eq!(read["hit_rate"]["of_connections"], rates[1]);
    assert_eq!(read["answers"]["counts"]["handshakes"]["connections"], DAY.connections);
    let read: serde_json::Value = serde_json::from_str(&sweep_json(&swept())).expect("it is JSON");
    assert_eq!(read["schema"], "sesscheck-simulation-sweep-1");
    assert_eq!(read["settings"].as_array().expect("they are a list").len(), 3);
}

#[test]
fn each_row_of_the_csv_has_every_column_and_the_columns_add_up() {
    let answers = answers(&DAY);
    let text = csv(&answers);
    let mut rows = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let header = rows.next().expect("there is a header");
    let rows: Vec<_> = rows.collect();
    assert_eq!(header.iter().collect::<BTreeSet<_>>().len(), header.len(), "two columns have one name");
    assert_eq!(rows.len(), answers.series.len() * answers.facts.servers.len());
    assert!(rows.iter().all(|row| row.len() == header.len()));
    let place = header.iter().position(|name| *name == "connections").expect("it is a column");
    let sum: u64 = rows.iter().map(|row| row[place].parse::<u64>().expect("it is a number")).sum();
    assert_eq!(sum, DAY.connections);
}

#[test]
fn a_field_with_a_comma_or_a_quote_in_it_stands_in_quotes() {
    assert_eq!(super::csv::field("plain"), "plain");
    assert_eq!(super::csv::field("a, \"b\""), "\"a, \"\"b\"\"\"");
    assert_eq!(super::csv::field("a\nb"), "\"a\nb\"");
    assert_eq!([0, 1_500_000, 60_000_000, 1].map(super::csv::seconds), ["0", "1.5", "60", "0.000001"]);
}

#[test]
fn each_metric_is_told_in_one_block_with_times_that_rise() {
    let mut of = answers(&DAY);
    of.facts.workload = "a \"b\" \\ c\nd".to_owned();
    let text = prometheus(&of);
    assert!(text.ends_with("# EOF\n"));
    assert!(text.contains(r#"workload="a \"b\" \\ c\nd",server="server 1"}"#));
    let mut last = (String::new(), 0.0);
    let mut done = BTreeSet::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (series, rest) = line.rsplit_once("} ").expect("labels come first");
        let (_, at) = rest.split_once(' ').expect("a value and a time");
        let at: f64 = at.parse().expect("it is a time");
        if series == last.0 {
            assert!(at > last.1, "{line}");
        } else {
            assert!(done.insert(series.to_owned()), "{series} is interrupted");
        }
        last = (series.to_owned(), at);
    }
    let of_server = "session_cache_accept_total{workload=";
    assert_eq!(text.matches(of_server).count(), of.series.len() * 3);
    assert!(!text.contains("session_cache_number"));
}

#[test]
fn who_finds_no_server_is_scraped_and_nobody_where_there_is_none() {
    assert!(!prometheus(&answers(&DAY)).contains("turned_away"));
    let mut of = Answers::new(facts(&DAY));
    for (at, server) in [(1, 0), (HOUR, 2), (HOUR, 2)] {
        let event = Event { at: Moment(at), server: Server(server), what: What::TurnAway(Group(0)) };
        of.note(&event, &Outcome::default(), &gauges(0, 1));
    }
    let text = prometheus(&of.end(2 * HOUR, Checked::default()));
    let name = "session_cache_turned_away";
    let blocks: Vec<_> = text.lines().filter(|line| line.starts_with('#') && line.contains(name)).collect();
    assert_eq!(blocks.len(), 2, "{blocks:?}");
    let of_server = |n: u32| -> Vec<_> {
        let start = format!("{name}_total{{workload=\"{}\",server=\"server {n}\"}} ", DAY.name);
        text.lines().filter_map(|line| line.strip_prefix(&start)).collect()
    };
    assert_eq!(of_server(1).first(), Some(&"1 1767225900"));
    assert_eq!(
        [1, 2, 3].map(|n| of_server(n).last().copied()),
        [Some("1 1767232800"), Some("0 1767232800"), Some("2 1767232800")]
    );
}

#[test]
fn that_sessions_leave_as_they_come_is_said_where_they_do() {
    let mut answers = answers(&DAY);
    let told = |answers: &Answers| {
        let forms = [text(answers), html(answers)];
        forms.map(|form| {
            form.split_whitespace().collect::<Vec<_>>().join(" ").contains("7 of the removed left as they came")
        })
    };
    assert_eq!(told(&answers), [false; 2]);
    answers.counts.cache.refused = 7;
    assert_eq!(told(&answers), [true; 2]);
}

#[test]
fn every_form_tells_every_cause_of_a_miss_and_no_other() {
    let answers = answers(&DAY);
    let handshakes = &answers.counts.handshakes;
    let forms = [text(&answers), html(&answers), prometheus(&answers)].map(|form| form.to_lowercase());
    let names = Handshakes::NAMES.iter().filter(|name| name.starts_with("miss_"));
    let (json, csv) = (json(&answers), csv(&answers));
    for ((cause, number), name) in handshakes.causes().into_iter().zip(names) {
        let told = [&forms[0], &forms[1]].map(|form| form.contains(&format!("full, {cause}")));
        assert_eq!(told, [number > 0; 2], "{cause}");
        let last = format!("cause=\"{cause}\"}} ");
        let scraped = forms[2].lines().filter(|line| line.contains(&last)).count();
        assert_eq!(scraped, if number > 0 { answers.series.len() * 3 } else { 0 }, "{cause}");
        assert!(json.contains(&format!("\"{name}\":{number},")) && csv.contains(name), "{cause}");
    }
    let not_told = handshakes.causes().into_iter().filter(|(_, number)| *number == 0).count();
    assert_eq!(not_told, 1, "of a day with an external cache, all are but the one that no model leaves over");
    let scraped = |line: &&str| line.starts_with("session_cache_missed_total") && line.ends_with(" 1767312000");
    let values = forms[2].lines().filter(scraped).filter_map(|line| line.rsplit(' ').nth(1)?.parse::<u64>().ok());
    assert_eq!(values.sum::<u64>(), handshakes.misses(), "at the end of the day");
}

#[test]
fn what_comes_from_a_file_is_escaped_and_nothing_is_loaded() {
    for page in shapes().iter().map(|shape| html(&answers(shape))).chain([html(&with_a_breach()), sweep_html(&swept())])
    {
        assert!(!page.contains("<script") && !page.contains("NaN") && !page.contains("inf"));
        for outside in ["http:", "https:", "src=", "url(", "@import"] {
            assert!(!page.contains(outside), "{outside}");
        }
    }
    let page = html(&with_a_breach());
    assert!(page.contains("a &lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;crawler&quot;"));
    assert!(page.contains("at &lt;event&gt; 7") && page.contains("1 divergence"));
}

#[test]
fn every_page_is_well_formed() {
    for page in shapes().iter().map(|shape| html(&answers(shape))).chain([html(&with_a_breach()), sweep_html(&swept())])
    {
        let mut open = Vec::new();
        for tag in page.split('<').skip(1).map(|rest| rest.split_once('>').expect("a tag ends").0) {
            let name = tag.split_whitespace().next().expect("it has a name");
            match name.strip_prefix('/') {
                Some(name) => assert_eq!(open.pop(), Some(name), "{tag}"),
                None if ["!DOCTYPE", "meta", "br"].contains(&name) => {}
                None => open.push(name),
            }
        }
        assert!(open.is_empty(), "{open:?}");
    }
}

#[test]
fn plots_of_what_never_was_are_left_out() {
    let [day, misses, ..] = &shapes()[..] else { panic!("there are some") };
    let (day, misses) = (html(&answers(day)), html(&answers(misses)));
    assert!(day.contains("External cache") && day.contains("class=\"spell\"") && day.contains("What happened"));
    assert!(
        !misses.contains("External cache") && !misses.contains("class=\"spell\"") && !misses.contains("What happened")
    );
}
