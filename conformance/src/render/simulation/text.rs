//! Answers for a terminal: the first lines say what matters, tables and lines over time come below. Within 100 columns.

use std::fmt::Write as _;

use super::words::{
    bytes, checked, date, events, grouped, hit_rates, longer_in_libssl, per, percent, refused, time, verdict,
};
use crate::simulate::answers::{Answers, Breach, Handshakes, Peak, Stretch, share};

/// How wide a line over time is.
const WIDE: usize = 68;
/// How wide a bar of a table is.
const BAR: usize = 24;
/// How many happenings are listed.
const LISTED: usize = 24;

/// The answers as text.
#[must_use]
pub fn text(answers: &Answers) -> String {
    let mut out = String::new();
    for breach in &answers.checked.found {
        found(&mut out, answers, breach);
    }
    first(&mut out, answers);
    connections(&mut out, &answers.counts.handshakes);
    if answers.groups.len() > 1 {
        groups(&mut out, answers);
    }
    if answers.facts.servers.len() > 1 {
        servers(&mut out, answers);
    }
    cache(&mut out, answers);
    if answers.facts.external {
        external(&mut out, answers);
    }
    over_time(&mut out, answers);
    happenings(&mut out, answers);
    super::plain(&out)
}

/// What was found, in full.
fn found(out: &mut String, answers: &Answers, breach: &Breach) {
    put(out, format_args!("{}", breach.headline));
    let server = answers.facts.servers.get(usize::from(breach.server)).map_or("a server", |server| &server.name);
    put(out, format_args!("  at {} of virtual time, {server}", time(breach.at)));
    out.push_str(&breach.told);
    if !breach.told.ends_with('\n') {
        out.push('\n');
    }
    out.push('\n');
}

fn first(out: &mut String, answers: &Answers) {
    let Answers { facts, events, ran, .. } = answers;
    let servers = match facts.servers.len() {
        1 => "1 server".to_owned(),
        more => format!("{more} servers"),
    };
    let external = if facts.external { ", an external cache" } else { "" };
    line(out, "workload", &facts.workload);
    line(out, "service", &format!("{servers}{external}; the cache: {}", facts.cache()));
    line(out, "seed", &facts.seed.to_string());
    let early = if *ran < facts.lasts { format!(" of {}", time(facts.lasts)) } else { String::new() };
    line(
        out,
        "ran",
        &format!("{}{early} of virtual time from {}, {} events", time(*ran), date(facts.clock), grouped(*events)),
    );
    line(out, "hit rate", &hit_rates(answers));
    line(out, "model", &checked(answers));
    line(out, "verdict", &verdict(answers));
    // Not broken into lines, so that it can be copied.
    put(out, format_args!("{:<12}{}", "again", facts.again));
    if !facts.teaches.is_empty() {
        out.push('\n');
        wrapped(out, "", &facts.teaches);
    }
}

/// A word, and what it is about; what is too long goes on below.
fn line(out: &mut String, word: &str, text: &str) {
    wrapped(out, &format!("{word:<12}"), text);
}

/// Text in lines of at most 100 letters, behind a word in the first one and as much room in the others.
pub(in crate::render) fn wrapped(out: &mut String, word: &str, text: &str) {
    let room = 100 - word.chars().count();
    let mut lines = vec![String::new()];
    for part in text.split_whitespace() {
        let last = lines.last_mut().expect("there is one");
        if !last.is_empty() && last.chars().count() + 1 + part.chars().count() > room {
            lines.push(part.to_owned());
        } else {
            let space = if last.is_empty() { "" } else { " " };
            write!(last, "{space}{part}").expect("memory");
        }
    }
    for (n, line) in lines.iter().enumerate() {
        let before = if n == 0 { word.to_owned() } else { " ".repeat(word.chars().count()) };
        put(out, format_args!("{}", format!("{before}{line}").trim_end()));
    }
}

fn heading(out: &mut String, words: &str) {
    put(out, format_args!("\n{words}"));
}

fn connections(out: &mut String, of: &Handshakes) {
    let all = of.connections;
    heading(out, &format!("{:<36}{:>14}{:>10}{:>12}", "connections", "number", "of all", "of proposed"));
    let mut row = |name: String, number: u64, of_proposed: bool| {
        let proposed = if of_proposed { percent(share(number, of.proposed)) } else { String::new() };
        let bar = bar(share(number, all).unwrap_or_default());
        let text =
            format!("  {name:<34}{:>14}{:>10}{proposed:>12}  {bar}", grouped(number), percent(share(number, all)));
        put(out, format_args!("{}", text.trim_end()));
    };
    row("all".to_owned(), all, false);
    for (place, number) in of.founds() {
        if number > 0 || place == "internal cache" {
            row(format!("resumed, {place}"), number, true);
        }
    }
    row("full, nothing proposed".to_owned(), of.not_asked, false);
    for (cause, number) in of.causes() {
        if number > 0 {
            row(format!("full, {cause}"), number, true);
        }
    }
    row("failed".to_owned(), of.failed, false);
    if of.turned_away > 0 {
        put(out, format_args!("  {:<34}{:>14}", "not made, all servers were out", grouped(of.turned_away)));
    }
}

/// A bar for a share of 1, in eighths of a letter.
fn bar(share: f64) -> String {
    let eighths = (share * (BAR * 8) as f64).round() as usize;
    let rest = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8];
    format!("{}{rest}", "█".repeat(eighths / 8))
}

fn groups(out: &mut String, answers: &Answers) {
    heading(
        out,
        &format!(
            "{:<36}{:>14}{:>10}{:>12}  {}",
            "clients", "connections", "hits: all", "of proposed", "missed most for"
        ),
    );
    for (name, of) in answers.facts.groups.iter().zip(&answers.groups) {
        let (all, proposed) = (percent(of.rate_of_all()), percent(of.rate_of_proposed()));
        let number = grouped(of.connections);
        put(out, format_args!("  {:<34}{number:>14}{all:>10}{proposed:>12}  {}", cut(name, 33), most_missed(of)));
    }
}

/// The cause that most misses have.
fn most_missed(of: &Handshakes) -> &'static str {
    // Of two that are as frequent, the first.
    let most = of.causes().into_iter().rev().max_by_key(|(_, number)| *number);
    most.filter(|(_, number)| *number > 0).map_or("–", |(cause, _)| cause)
}

fn servers(out: &mut String, answers: &Answers) {
    heading(
        out,
        &format!(
            "{:<24}{:>14}{:>10}{:>12}{:>12}{:>12}{:>12}",
            "servers", "connections", "hits: all", "of proposed", "sessions", "dropped", "flushed"
        ),
    );
    let last = answers.series.last();
    for (n, (server, counts)) in answers.facts.servers.iter().zip(&answers.servers).enumerate() {
        let of = &counts.handshakes;
        let (all, proposed) = (percent(of.rate_of_all()), percent(of.rate_of_proposed()));
        let sessions = last.map_or(0, |last| last.servers[n].end.sessions);
        let [connections, sessions, dropped, flushed] =
            [of.connections, sessions, counts.cache.dropped, counts.cache.flushed].map(grouped);
        let name = cut(&server.name, 21);
        put(
            out,
            format_args!(
                "  {name:<22}{connections:>14}{all:>10}{proposed:>12}{sessions:>12}{dropped:>12}{flushed:>12}"
            ),
        );
    }
}

/// Not longer than this many letters.
fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most { text.to_owned() } else { text.chars().take(most - 1).chain(['…']).collect() }
}

fn cache(out: &mut String, answers: &Answers) {
    let (cache, peaks) = (&answers.counts.cache, &answers.peaks);
    let last = answers.series.last();
    let now = last.map_or(0, |last| last.servers.iter().map(|beat| beat.end.sessions).sum());
    let when = |peak: &Peak| if peak.most > 0 { format!("after {}", time(peak.at)) } else { String::new() };
    heading(out, "internal caches");
    fact(out, "sessions at the end, at most", &[grouped(now), grouped(peaks.sessions.most), when(&peaks.sessions)]);
    if peaks.bytes.most > 0 {
        let tables = last.map_or(0, Stretch::bytes);
        fact(out, "tables, about: at the end, at most", &[bytes(tables), bytes(peaks.bytes.most), when(&peaks.bytes)]);
    }
    let left = [cache.dropped, cache.flushed, cache.expired, cache.removed].map(grouped);
    fact(out, "left: dropped, flushed", &left[..2]);
    fact(out, "left: found expired, removed", &left[2..]);
    if cache.refused > 0 {
        wrapped(out, "  ", &refused(answers));
    }
    fact(out, "flushes, the largest", &[grouped(cache.flushes), grouped(peaks.flush.most), when(&peaks.flush)]);
    for (name, peak) in WHOSE.iter().zip(&peaks.looked_at) {
        fact(out, &format!("longest look, {name}"), &[String::new(), grouped(peak.most), when(peak)]);
    }
    if answers.facts.lives_shorter() {
        wrapped(out, "  ", &longer_in_libssl(answers));
    }
    flush_sizes(out, answers);
}

/// Whose longest look it is: at the sessions of this cache, which a libssl may keep for longer.
pub(super) const WHOSE: [&str; 3] =
    ["this cache", "libssl 1.1.1, if they lived as long", "libssl 3, if they lived as long"];

fn fact(out: &mut String, name: &str, figures: &[String]) {
    let long = figures.first().is_some_and(String::is_empty);
    let mut text = if long { format!("  {name:<50}") } else { format!("  {name:<34}") };
    for (n, figure) in figures.iter().enumerate() {
        match n {
            0 if long => Ok(()),
            2 => write!(text, "  {figure}"),
            _ => write!(text, "{figure:>16}"),
        }
        .expect("memory");
    }
    put(out, format_args!("{}", text.trim_end()));
}

fn flush_sizes(out: &mut String, answers: &Answers) {
    let most = answers.flush_sizes.iter().max().copied().unwrap_or_default();
    if most == 0 {
        return;
    }
    heading(out, &format!("{:<36}{:>14}", "flushes by sessions that left", "flushes"));
    for (power, number) in answers.flush_sizes.iter().enumerate() {
        let (from, to) = (1u64 << power, (2u64 << power) - 1);
        let sizes = if from == to { grouped(from) } else { format!("{} to {}", grouped(from), grouped(to)) };
        let bar = bar(*number as f64 / most as f64);
        put(out, format_args!("{}", format!("  {sizes:<34}{:>14}  {bar}", grouped(*number)).trim_end()));
    }
}

fn external(out: &mut String, answers: &Answers) {
    let of = &answers.counts.external;
    heading(out, "external cache");
    let [gets, found, unanswered, stores, lost, deletes] =
        [of.gets, of.found, of.unanswered, of.stores, of.lost, of.deletes].map(grouped);
    fact(out, "lookups, that found something", &[gets, found, percent(share(of.found, of.gets))]);
    fact(out, "lookups not answered", &[unanswered]);
    fact(out, "stores, that did not arrive", &[stores, lost]);
    fact(out, "deletes", &[deletes]);
    if of.not_made > 0 {
        fact(out, "calls not made, after no answer", &[grouped(of.not_made)]);
    }
    let mean = of.wait_of_a_call().map_or_else(String::new, |mean| format!("{} a call", time(mean)));
    fact(out, "servers waited", &[time(of.waited), String::new(), mean]);
}

/// A letter for each eighth.
const HEIGHTS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

fn over_time(out: &mut String, answers: &Answers) {
    if answers.series.len() < 2 {
        return;
    }
    heading(out, &format!("over time, from nothing to the figure at the right; {} in all", time(answers.ran)));
    let handshakes = |stretch: &Stretch| stretch.counts().handshakes;
    let mut row =
        |name: &str, of: &dyn Fn(&[Stretch]) -> Option<f64>, most: Option<f64>, told: &dyn Fn(f64) -> String| {
            let points = columns(&answers.series, of);
            let top = most.unwrap_or_else(|| points.iter().flatten().copied().fold(0.0, f64::max));
            if top > 0.0 {
                put(out, format_args!("  {name:<16}{}  {}", drawn(&points, top), told(top)));
            }
        };
    let rate = |all: &[Stretch]| {
        let mut sum = Handshakes::default();
        all.iter().for_each(|one| sum.add(&one.clients));
        sum.rate_of_proposed()
    };
    row("hit rate", &rate, Some(1.0), &|_| "100 %".to_owned());
    let a_second = |all: &[Stretch], number: u64| {
        let lasts: u64 = all.iter().map(Stretch::lasts).sum();
        Some(number as f64 * 1e6 / lasts as f64)
    };
    row("connections", &|all| a_second(all, all.iter().map(|one| handshakes(one).connections).sum()), None, &per);
    row("misses", &|all| a_second(all, all.iter().map(|one| handshakes(one).misses()).sum()), None, &per);
    let whole = |figure: f64| grouped(figure as u64);
    row("sessions", &|all| all.iter().map(|one| one.sessions as f64).reduce(f64::max), None, &whole);
    row("dropped", &|all| a_second(all, all.iter().map(|one| one.counts().cache.dropped).sum()), None, &per);
    row("largest flush", &|all| all.iter().map(|one| one.largest_flush as f64).reduce(f64::max), None, &whole);
    row("open", &|all| all.iter().map(|one| one.open as f64).reduce(f64::max), None, &whole);
}

/// The figures of a line over time: a column for as many stretches as go into it.
fn columns(series: &[Stretch], of: &dyn Fn(&[Stretch]) -> Option<f64>) -> Vec<Option<f64>> {
    let columns = series.len().min(WIDE);
    (0..columns).map(|n| of(&series[n * series.len() / columns..(n + 1) * series.len() / columns])).collect()
}

/// A letter a figure; nothing where there is none.
fn drawn(points: &[Option<f64>], top: f64) -> String {
    let letter = |point: &Option<f64>| match point {
        None => ' ',
        Some(point) => HEIGHTS[((point / top * 8.0).ceil() as usize).clamp(1, 8) - 1],
    };
    let text: String = points.iter().map(letter).collect();
    format!("{text:<WIDE$}")
}

fn happenings(out: &mut String, answers: &Answers) {
    let all = events(answers);
    if all.is_empty() {
        return;
    }
    heading(out, "happenings");
    for (at, what, whom) in all.iter().take(LISTED) {
        let text = format!("  {:<16}{:<38}  {}", time(*at), cut(what, 38), cut(whom, 42));
        put(out, format_args!("{}", text.trim_end()));
    }
    let more = answers.more_happenings + all.len().saturating_sub(LISTED) as u64;
    if more > 0 {
        put(out, format_args!("  and {} more", grouped(more)));
    }
}

fn put(out: &mut String, line: std::fmt::Arguments<'_>) {
    writeln!(out, "{line}").expect("a string takes it all");
}
