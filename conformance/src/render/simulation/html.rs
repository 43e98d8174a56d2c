//! The answers as one page that needs nothing else: no network, no script. First what came of it, then the run over
//! time, then the tables. Same answers, same bytes.

use maud::{Markup, html as markup};
use session_model::Counter;

use super::plot::{Axis, Layer, Plot, Scale, columns, figure, strip};
use super::text::WHOSE;
use super::words::{
    at_servers, bytes, checked, date, grouped, longer_in_libssl, percent, refused, short, time, verdict,
};
use crate::render::page::{LINE, count, page, scroll};
use crate::simulate::answers::{Answers, CAUSES, Counts, Handshakes, Peak, Stretch, share};

/// The style of the page, beside that of all pages.
pub(super) const STYLE: &str = include_str!("simulation.css");

/// The answers as a page of HTML.
#[must_use]
pub fn html(answers: &Answers) -> String {
    let title = answers.facts.workload.as_str();
    let body = markup! {
        h1 { (title) } (LINE)
        nav aria-label="Contents" {
            ul {
                @for (address, words) in [("#summary", "Summary"), ("#time", "Over time"), ("#tables", "Tables")] {
                    li { a href=(address) { (words) } }
                }
            }
        }
        (LINE)
        (summary(answers))
        (over_time(answers))
        h2 #tables { "Tables" } (LINE)
        (tables(answers))
    };
    page(title, STYLE, ("#summary", "To the summary"), &body)
}

fn summary(answers: &Answers) -> Markup {
    let facts = &answers.facts;
    let class = match (answers.checked.found.len(), answers.checked.events) {
        (0, 0) => "none",
        (0, _) => "conforms",
        _ => "red",
    };
    markup! {
        h2 #summary { "Summary" } (LINE)
        @if !facts.teaches.is_empty() { p.teaches { (facts.teaches) } (LINE) }
        div class={ "verdict " (class) } { p { strong { (capital(&verdict(answers))) } ". Model " (checked(answers)) "." } } (LINE)
        @for breach in &answers.checked.found {
            section {
                h3 { (breach.headline) }
                p { "After " (time(breach.at)) " of virtual time, " (server(answers, breach.server)) "." }
                pre { code { (breach.told) } }
            }
            (LINE)
        }
        (tiles(answers))
        dl {
            dt { "Cache" } dd { (facts.cache()) }
            dt { "Service" } dd {
                (count(facts.servers.len(), "server", "servers")) ", "
                @if facts.external { "with an external cache" } @else { "without an external cache" }
            }
            dt { "Ran" } dd {
                (time(answers.ran)) @if answers.ran < facts.lasts { " of " (time(facts.lasts)) }
                " of virtual time from " (date(facts.clock)) ", " (grouped(answers.events)) " events"
            }
            dt { "Seed" } dd { (facts.seed) }
            dt { "Run again" } dd { code { (facts.again) } }
        }
        (LINE)
    }
}

fn server(answers: &Answers, server: u16) -> &str {
    answers.facts.servers.get(usize::from(server)).map_or("a server", |server| &server.name)
}

/// As a sentence begins.
fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

/// The figures that come first.
fn tiles(answers: &Answers) -> Markup {
    let (of, peaks) = (&answers.of_clients(), &answers.peaks);
    let attacked = answers.facts.attackers > 0;
    let whose = |clients: &str, all: &str| if attacked { clients.to_owned() } else { all.to_owned() };
    let looked = peaks.looked_at.map(|peak| short(peak.most as f64));
    let mut tiles = vec![
        (percent(of.rate_of_proposed()), whose("hit rate of what clients proposed", "hit rate of what was proposed")),
        (percent(of.rate_of_all()), whose("hit rate of all connections of clients", "hit rate of all connections")),
        (grouped(of.connections), whose("connections of clients", "connections")),
    ];
    if attacked {
        let attackers = answers.of_attackers();
        let resumed = format!("connections of attackers, {} resumed", grouped(attackers.hits()));
        tiles.push((grouped(attackers.connections), resumed));
    }
    tiles.push((grouped(peaks.sessions.most), "sessions at most".to_owned()));
    if peaks.bytes.most > 0 {
        tiles.push((bytes(peaks.bytes.most), "of tables at most, about".to_owned()));
    }
    tiles.extend([
        (grouped(answers.counts.cache.dropped), "sessions dropped for size".to_owned()),
        (grouped(peaks.flush.most), "sessions in the largest flush".to_owned()),
        (
            looked.join(" · "),
            "longest look of one call: this cache · libssl 1.1.1 · 3, if sessions lived as long there".to_owned(),
        ),
    ]);
    markup! { ul.tiles { @for (figure, about) in &tiles { li { b { (figure) } span { (about) } } } } (LINE) }
}

fn over_time(answers: &Answers) -> Markup {
    let axis = Axis::of(answers);
    markup! {
        h2 #time { "Over time" } (LINE)
        p {
            "Virtual time since the start, in " (count(answers.series.len(), "stretch", "stretches")) " of "
            (time(answers.width)) "."
        }
        (happenings(answers, &axis))
        @for plot in plots(answers) { (figure(&axis, &plot)) }
    }
}

fn happenings(answers: &Answers, axis: &Axis) -> Markup {
    markup! {
        @if axis.is_eventful() {
            h3 { "What happened" }
            (scroll("What happened, over time", &strip(axis)))
            @if !answers.facts.spells.is_empty() {
                ul.spells {
                    @for spell in &answers.facts.spells {
                        li { (spell.what) ", from " (time(spell.from)) " to " (time(spell.to)) } (LINE)
                    }
                }
            }
            @if !answers.happenings.is_empty() {
                ol.happenings {
                    @for happening in &answers.happenings {
                        @let servers = at_servers(answers, happening);
                        li {
                            (time(happening.at)) ": " (happening.what) @if !servers.is_empty() { ", " (servers) }
                        }
                        (LINE)
                    }
                }
            }
            @if answers.more_happenings > 0 { p { "And " (grouped(answers.more_happenings)) " more." } }
        }
    }
}

/// The plots that have something to show.
fn plots(answers: &Answers) -> Vec<Plot> {
    let mut plots = vec![hit_rate(answers), connections(answers)];
    plots.extend((answers.counts.handshakes.misses() > 0).then(|| misses(answers)));
    plots.push(sessions(answers));
    let cache = &answers.counts.cache;
    plots.extend((cache.dropped + cache.flushed + cache.expired + cache.removed > 0).then(|| left(answers)));
    plots.extend((answers.peaks.looked_at.iter().any(|peak| peak.most > 0)).then(|| looks(answers)));
    plots.extend(answers.facts.external.then(|| external(answers)));
    plots.push(open(answers));
    plots
}

fn layer(name: &str, class: &str, told: String, points: Vec<Option<f64>>) -> Layer {
    Layer { name: name.to_owned(), class: class.to_owned(), told, points }
}

/// A figure for each stretch.
fn each(answers: &Answers, of: impl Fn(&Stretch) -> Option<f64>) -> Vec<Option<f64>> {
    answers.series.iter().map(of).collect()
}

/// What is counted in each stretch, by the second.
fn a_second(answers: &Answers, of: impl Fn(&Counts) -> u64) -> Vec<Option<f64>> {
    each(answers, |stretch| Some(of(&stretch.counts()) as f64 * 1e6 / stretch.lasts() as f64))
}

fn hit_rate(answers: &Answers) -> Plot {
    let all = &answers.of_clients();
    let of = |rate: fn(&Handshakes) -> Option<f64>| each(answers, |stretch| rate(&stretch.clients));
    Plot {
        title: "Hit rate".to_owned(),
        about: match answers.facts.attackers {
            0 => "The share of connections that the server agreed to resume.".to_owned(),
            _ => "The share of connections of clients, without attackers, that the server agreed to resume.".to_owned(),
        },
        unit: "",
        scale: Scale::Share,
        layers: vec![
            layer("of what was proposed", "c0", percent(all.rate_of_proposed()), of(Handshakes::rate_of_proposed)),
            layer("of all connections", "c1", percent(all.rate_of_all()), of(Handshakes::rate_of_all)),
        ],
    }
}

/// A part of what is counted: its name, the class of its colour, and the count.
type Part = (&'static str, &'static str, fn(&Counts) -> u64);

/// Layers for those parts that there are any of.
fn parts(answers: &Answers, parts: &[Part]) -> Vec<Layer> {
    let some = parts.iter().filter(|(_, _, of)| of(&answers.counts) > 0);
    some.map(|(name, class, of)| layer(name, class, grouped(of(&answers.counts)), a_second(answers, of))).collect()
}

fn connections(answers: &Answers) -> Plot {
    Plot {
        title: "Connections".to_owned(),
        about: "Connections that clients began, by what became of them.".to_owned(),
        unit: "",
        scale: Scale::Stacked,
        layers: parts(
            answers,
            &[
                ("resumed, internal cache", "c0", |c| c.handshakes.hit_internal),
                ("resumed, external cache", "c1", |c| c.handshakes.hit_external),
                ("resumed, ticket", "c2", |c| c.handshakes.hit_ticket),
                ("full, nothing proposed", "c3", |c| c.handshakes.not_asked),
                ("full, missed", "c5", |c| c.handshakes.misses()),
                ("failed", "c4", |c| c.handshakes.failed),
            ],
        ),
    }
    .of_rates()
}

fn misses(answers: &Answers) -> Plot {
    const CLASSES: [&str; CAUSES] =
        ["c12", "c6", "c11", "c5", "c4", "c7", "c13", "c17", "c14", "c15", "c16", "c8", "c9", "c10", "c2", "c3"];
    let causes = answers.counts.handshakes.causes();
    let points = |n: usize| a_second(answers, |counts| counts.handshakes.causes()[n].1);
    let some = (0..causes.len()).filter(|n| causes[*n].1 > 0);
    Plot {
        title: "Misses by cause".to_owned(),
        about: "Full handshakes although something was proposed.".to_owned(),
        unit: "",
        scale: Scale::Stacked,
        layers: some.map(|n| layer(causes[n].0, CLASSES[n], grouped(causes[n].1), points(n))).collect(),
    }
    .of_rates()
}

fn sessions(answers: &Answers) -> Plot {
    let last = answers.series.last();
    let limit = last.and_then(Stretch::size);
    let size = each(answers, |stretch| stretch.size().map(|size| size as f64));
    let most = grouped(answers.peaks.sessions.most);
    let mut layers = vec![layer(
        "sessions, the most in each stretch",
        "c1",
        format!("at most {most}"),
        each(answers, |stretch| Some(stretch.sessions as f64)),
    )];
    // A limit that is never near would press the line of the sessions to the ground.
    let near = size.iter().flatten().any(|size| *size <= 20.0 * answers.peaks.sessions.most.max(1) as f64);
    let told = limit.map_or_else(|| "none at the end".to_owned(), |limit| format!("{} at the end", grouped(limit)));
    let no_room = if near || size.iter().all(Option::is_none) {
        String::new()
    } else {
        format!(" The size limit, {told}, is far above.")
    };
    if near {
        layers.push(layer("size limit", "c4 dashed", told, size));
    }
    let several = if answers.facts.servers.len() > 1 { " of all servers together" } else { "" };
    Plot {
        title: "Sessions in the internal cache".to_owned(),
        about: match answers.peaks.bytes.most {
            0 => format!("Sessions{several}.{no_room}"),
            most => format!("Sessions{several}; the tables for them take about {} at most.{no_room}", bytes(most)),
        },
        unit: "sessions",
        scale: Scale::Lines,
        layers,
    }
}

fn left(answers: &Answers) -> Plot {
    Plot {
        title: "Sessions that leave".to_owned(),
        about: format!(
            "Why sessions leave the internal cache; the largest flush took {}. {}",
            grouped(answers.peaks.flush.most),
            refused(answers)
        )
        .trim_end()
        .to_owned(),
        unit: "",
        scale: Scale::Stacked,
        layers: parts(
            answers,
            &[
                ("flushed", "c1", |c| c.cache.flushed),
                ("dropped for size", "c4", |c| c.cache.dropped),
                ("found expired", "c5", |c| c.cache.expired),
                ("removed otherwise", "c7", |c| c.cache.removed),
            ],
        ),
    }
    .of_rates()
}

fn looks(answers: &Answers) -> Plot {
    let line = |n: usize, class| {
        let points = each(answers, |stretch| Some(stretch.looked_at[n] as f64));
        layer(WHOSE[n], class, format!("at most {}", grouped(answers.peaks.looked_at[n].most)), points)
    };
    Plot {
        title: "The longest look of one call".to_owned(),
        about: format!(
            "The most sessions that one call had to look at before the server went on: what a pause is made of, in the \
             cache at hand, and as a libssl would do it with the same sessions. {}",
            longer_in_libssl(answers)
        )
        .trim_end()
        .to_owned(),
        unit: "sessions",
        scale: Scale::Log,
        layers: vec![line(0, "c0"), line(2, "c5"), line(1, "c4")],
    }
}

fn external(answers: &Answers) -> Plot {
    let of = &answers.counts.external;
    let mean = of.wait_of_a_call().map_or_else(String::new, |mean| format!(", {} a call in the mean", time(mean)));
    Plot {
        title: "External cache".to_owned(),
        about: format!("What servers ask of it and tell it; they waited for {} in all{mean}.", time(of.waited)),
        unit: "",
        scale: Scale::Lines,
        layers: parts(
            answers,
            &[
                ("lookups", "c1", |c| c.external.gets),
                ("lookups that found something", "c0", |c| c.external.found),
                ("lookups not answered", "c4", |c| c.external.unanswered),
                ("stores", "c6", |c| c.external.stores),
                ("stores that did not arrive", "c5", |c| c.external.lost),
                ("deletes", "c12", |c| c.external.deletes),
                ("calls not made", "c17", |c| c.external.not_made),
            ],
        ),
    }
    .of_rates()
}

fn open(answers: &Answers) -> Plot {
    Plot {
        title: "Open connections".to_owned(),
        about: "The most that were open at once in each stretch.".to_owned(),
        unit: "",
        scale: Scale::Lines,
        layers: vec![layer(
            "open",
            "c8",
            format!("at most {}", grouped(answers.peaks.open.most)),
            each(answers, |stretch| Some(stretch.open as f64)),
        )],
    }
}

fn tables(answers: &Answers) -> Markup {
    markup! {
        (what_became(&answers.counts.handshakes))
        @if answers.groups.len() > 1 { (groups(answers)) }
        (servers(answers))
        (caches(answers))
        @if answers.flush_sizes.iter().any(|number| *number > 0) {
            h3 { "Flushes by how many sessions left" }
            (columns("Flushes by how many sessions left", &flush_sizes(answers)))
        }
        (counters(answers))
    }
}

/// The head of a column of bars, which begin at the left.
const SHARE: &str = "Share";

/// A table with a caption, in a box of its own.
pub(super) fn table(caption: &str, heads: &[&str], rows: &Markup) -> Markup {
    let table = markup! {
        table {
            caption { (caption) }
            thead {
                tr {
                    @for (n, head) in heads.iter().enumerate() {
                        th scope="col" .number[n > 0 && *head != SHARE] { (head) }
                    }
                }
            }
            tbody { (rows) }
        }
    };
    markup! { (scroll(caption, &table)) br; (LINE) }
}

fn what_became(of: &Handshakes) -> Markup {
    let mut rows = vec![];
    rows.extend(
        of.founds()
            .into_iter()
            .zip(["c0", "c1", "c2"])
            .map(|((place, number), class)| (format!("Resumed, {place}"), number, true, class)),
    );
    rows.push(("Full, nothing proposed".to_owned(), of.not_asked, false, "c3"));
    rows.extend(of.causes().into_iter().map(|(cause, number)| (format!("Full, {cause}"), number, true, "c5")));
    rows.push(("Failed".to_owned(), of.failed, false, "c4"));
    let rows = markup! {
        @for (name, number, proposed, class) in rows.iter().filter(|(_, number, ..)| *number > 0) {
            tr {
                th scope="row" { (name) }
                td.number { (grouped(*number)) }
                td.number { (percent(share(*number, of.connections))) }
                td.number { @if *proposed { (percent(share(*number, of.proposed))) } }
                td.share { (bar(share(*number, of.connections), class)) }
            }
            (LINE)
        }
        tr { th scope="row" { "All" } td.number { (grouped(of.connections)) } td {} td {} td {} }
        @if of.turned_away > 0 {
            tr {
                th scope="row" { "Not made, since all servers were out" }
                td.number { (grouped(of.turned_away)) } td {} td {} td {}
            }
        }
    };
    table("What became of connections", &["Connections", "Number", "Of all", "Of what was proposed", SHARE], &rows)
}

/// A bar for a share.
fn bar(share: Option<f64>, class: &str) -> Markup {
    let width = format!("{:.1}", 140.0 * share.unwrap_or_default());
    markup! {
        svg.columns width="140" height="12" aria-hidden="true" { rect class={ "area " (class) } width=(width) height="12" rx="2" {} }
    }
}

fn groups(answers: &Answers) -> Markup {
    let all = answers.counts.handshakes.causes();
    let some = |n: &usize| all[*n].1 > 0;
    let rows = markup! {
        @for (name, of) in answers.facts.groups.iter().zip(&answers.groups) {
            tr {
                th scope="row" { (name) }
                td.number { (grouped(of.connections)) }
                td.number { (percent(of.rate_of_proposed())) }
                td.number { (percent(of.rate_of_all())) }
                @for n in (0..CAUSES).filter(some) { td.number { (grouped(of.causes()[n].1)) } }
                td.number { (grouped(of.failed)) }
            }
            (LINE)
        }
    };
    let causes: Vec<_> = (0..CAUSES).filter(some).map(|n| all[n].0).collect();
    let heads = [&["Clients", "Connections", "Hit rate of proposed", "of all"][..], &causes, &["failed"]].concat();
    table("Groups of clients, and why they missed", &heads, &rows)
}

fn servers(answers: &Answers) -> Markup {
    let facts = &answers.facts.servers;
    let last = answers.series.last();
    let rows = markup! {
        @for (n, (server, counts)) in facts.iter().zip(&answers.servers).enumerate() {
            @let of = &counts.handshakes;
            tr {
                th scope="row" { (server.name) }
                td.number { (server.mode) }
                td.number { (if server.size == 0 { "any number".to_owned() } else { grouped(server.size) }) }
                td.number { (server.timeout.map_or_else(|| "as made".to_owned(), |timeout| format!("{timeout} s"))) }
                td.number { (clock(server.ahead, server.drift)) }
                td.number { (grouped(of.connections)) }
                td.number { (percent(of.rate_of_proposed())) }
                td.number { (percent(of.rate_of_all())) }
                td.number { (grouped(last.map_or(0, |last| last.servers[n].end.sessions))) }
                td.number { (grouped(counts.cache.dropped)) }
                td.number { (grouped(counts.cache.flushed)) }
            }
            (LINE)
        }
    };
    let heads = [
        "Server",
        "Mode",
        "Size",
        "Timeout",
        "Clock",
        "Connections",
        "Hit rate of proposed",
        "of all",
        "Sessions at the end",
        "Dropped",
        "Flushed",
    ];
    table("Servers, as they are set at the start", &heads, &rows)
}

fn clock(ahead: i64, drift: i64) -> String {
    match (ahead, drift) {
        (0, 0) => "right".to_owned(),
        (ahead, 0) => format!("{ahead:+} s"),
        (0, drift) => format!("{drift:+} ppm"),
        (ahead, drift) => format!("{ahead:+} s, {drift:+} ppm"),
    }
}

fn caches(answers: &Answers) -> Markup {
    let (cache, peaks, outside) = (&answers.counts.cache, &answers.peaks, &answers.counts.external);
    let last = answers.series.last();
    let sessions = last.map_or(0, |last| last.servers.iter().map(|beat| beat.end.sessions).sum());
    let when = |peak: &Peak| if peak.most > 0 { time(peak.at) } else { String::new() };
    let mut rows = vec![
        ("Sessions".to_owned(), grouped(sessions), grouped(peaks.sessions.most), when(&peaks.sessions)),
        (
            "Tables, about, without the sessions".to_owned(),
            bytes(last.map_or(0, Stretch::bytes)),
            bytes(peaks.bytes.most),
            when(&peaks.bytes),
        ),
        ("Flushes, and the largest".to_owned(), grouped(cache.flushes), grouped(peaks.flush.most), when(&peaks.flush)),
    ];
    if peaks.bytes.most == 0 {
        rows.remove(1);
    }
    for (whose, peak) in WHOSE.iter().zip(&peaks.looked_at) {
        rows.push((format!("Longest look of one call, {whose}"), String::new(), grouped(peak.most), when(peak)));
    }
    let counts = [
        ("Handshakes finished", cache.finished),
        ("Aborted by the client", cache.aborted),
        ("Closed after a shutdown", cache.closed_clean),
        ("Closed without", cache.closed_unclean),
        ("Ended otherwise", cache.gone),
    ];
    let of_external = [
        ("External lookups", outside.gets),
        ("found", outside.found),
        ("not answered", outside.unanswered),
        ("External stores", outside.stores),
        ("did not arrive", outside.lost),
        ("External deletes", outside.deletes),
        ("External calls not made", outside.not_made),
    ];
    let of_external = if answers.facts.external { &of_external[..] } else { &[] };
    let rows = markup! {
        @for (name, number, most, at) in &rows {
            tr { th scope="row" { (name) } td.number { (number) } td.number { (most) } td.number { (at) } } (LINE)
        }
        @for (name, number) in counts.iter().chain(of_external) {
            tr { th scope="row" { (name) } td.number { (grouped(*number)) } td {} td {} } (LINE)
        }
    };
    table("Caches and connections", &["", "In all, or at the end", "At most", "First after"], &rows)
}

fn flush_sizes(answers: &Answers) -> Vec<(String, u64)> {
    let sizes = |power: usize| match power {
        0 => "1".to_owned(),
        _ => format!("{}–{}", short((1u64 << power) as f64), short(((2u64 << power) - 1) as f64)),
    };
    answers.flush_sizes.iter().enumerate().map(|(power, number)| (sizes(power), *number)).collect()
}

fn counters(answers: &Answers) -> Markup {
    let Some(last) = answers.series.last() else { return markup! {} };
    let rows = markup! {
        @for (server, beat) in answers.facts.servers.iter().zip(&last.servers) {
            tr {
                th scope="row" { (server.name) }
                @for counter in beat.end.counters { td.number { (counter) } }
            }
            (LINE)
        }
    };
    let heads: Vec<&str> = ["Server"].into_iter().chain(Counter::ALL.map(Counter::name)).collect();
    table("Counters at the end: SSL_CTX_sess_number() and its kin", &heads, &rows)
}
