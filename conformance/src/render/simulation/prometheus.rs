//! The counters as a monitoring system would have scraped them: OpenMetrics text, a point at the end of each stretch, at
//! virtual time.
//!
//! `promtool tsdb create-blocks-from openmetrics FILE DIR` puts it into a Prometheus, so that rules and dashboards can be
//! tried on it. What a server counts starts at 0 again when it is restarted, as it would. A scraper has a right clock,
//! whatever the servers' clocks say. No server counts why it has missed, nor who found all servers taken out; that is told
//! beside, since the start of the run.

use std::fmt::Write as _;

use session_model::Counter;

use super::csv::seconds;
use crate::simulate::answers::{Answers, Beat, Stretch};

/// A metric: name, whether it only ever rises, unit or none, meaning, and its value of a server.
struct Metric {
    name: String,
    counts: bool,
    unit: &'static str,
    help: String,
    of: Box<dyn Fn(&Beat) -> i128>,
}

/// The metric that is of our own tables alone.
const TABLES: &str = "session_cache_tables_bytes";

/// The counters as OpenMetrics text.
#[must_use]
pub fn prometheus(answers: &Answers) -> String {
    let mut out = String::new();
    let has_tables = answers.peaks.bytes.most > 0;
    for metric in metrics().into_iter().filter(|metric| has_tables || metric.name != TABLES) {
        let Metric { name, counts, unit, help, of } = &metric;
        let kind = if *counts { "counter" } else { "gauge" };
        put(&mut out, format_args!("# TYPE {name} {kind}"));
        if !unit.is_empty() {
            put(&mut out, format_args!("# UNIT {name} {unit}"));
        }
        put(&mut out, format_args!("# HELP {name} {}", escaped(help)));
        let sample = if *counts { format!("{name}_total") } else { name.clone() };
        for (n, server) in answers.facts.servers.iter().enumerate() {
            let (workload, server) = (escaped(&answers.facts.workload), escaped(&server.name));
            for stretch in &answers.series {
                let (value, at) = (of(&stretch.servers[n]), moment(answers, stretch));
                put(&mut out, format_args!("{sample}{{workload=\"{workload}\",server=\"{server}\"}} {value} {at}"));
            }
        }
    }
    missed(&mut out, answers);
    turned_away(&mut out, answers);
    out.push_str("# EOF\n");
    out
}

/// Misses by cause: those causes that there are.
fn missed(out: &mut String, answers: &Answers) {
    const NAME: &str = "session_cache_missed";
    let causes = answers.counts.handshakes.causes();
    if answers.counts.handshakes.misses() == 0 {
        return;
    }
    put(out, format_args!("# TYPE {NAME} counter"));
    put(out, format_args!("# HELP {NAME} Full handshakes although something was proposed, by cause."));
    let workload = escaped(&answers.facts.workload);
    for (n, server) in answers.facts.servers.iter().enumerate() {
        let server = escaped(&server.name);
        for (cause, (words, _)) in causes.iter().enumerate().filter(|(_, (_, number))| *number > 0) {
            let mut sum = 0;
            for stretch in &answers.series {
                sum += stretch.servers[n].counts.handshakes.causes()[cause].1;
                let at = moment(answers, stretch);
                let labels = format!("workload=\"{workload}\",server=\"{server}\",cause=\"{words}\"");
                put(out, format_args!("{NAME}_total{{{labels}}} {sum} {at}"));
            }
        }
    }
}

/// Connections that found no server, if there were any: each is told of a server that it would have come to.
fn turned_away(out: &mut String, answers: &Answers) {
    const NAME: &str = "session_cache_turned_away";
    if answers.counts.handshakes.turned_away == 0 {
        return;
    }
    put(out, format_args!("# TYPE {NAME} counter"));
    put(out, format_args!("# HELP {NAME} Connections that were not made, since all servers were taken out."));
    let workload = escaped(&answers.facts.workload);
    for (n, server) in answers.facts.servers.iter().enumerate() {
        let (server, mut sum) = (escaped(&server.name), 0);
        for stretch in &answers.series {
            sum += stretch.servers[n].counts.handshakes.turned_away;
            let at = moment(answers, stretch);
            put(out, format_args!("{NAME}_total{{workload=\"{workload}\",server=\"{server}\"}} {sum} {at}"));
        }
    }
}

/// When the scraper comes, in seconds since the Epoch.
fn moment(answers: &Answers, stretch: &Stretch) -> String {
    let whole = answers.facts.clock + i64::try_from(stretch.to / 1_000_000).unwrap_or(i64::MAX);
    let fraction = seconds(stretch.to % 1_000_000);
    // Before the Epoch there is no scraping with a fraction.
    if whole < 0 { whole.to_string() } else { format!("{whole}{}", fraction.trim_start_matches('0')) }
}

fn metrics() -> Vec<Metric> {
    let gauge = |name: &str, unit, help: &str, of: fn(&Beat) -> i128| Metric {
        name: name.to_owned(),
        counts: false,
        unit,
        help: help.to_owned(),
        of: Box::new(of),
    };
    let mut all = vec![
        gauge("session_cache_sessions", "", "Sessions in the internal cache.", |beat| beat.end.sessions.into()),
        gauge("session_cache_limit_sessions", "sessions", "The most of them, 0 for any number.", |beat| {
            beat.end.size.into()
        }),
        gauge(TABLES, "bytes", "Tables of the internal cache, about, without the sessions.", |beat| {
            beat.end.bytes.into()
        }),
        gauge("session_cache_connections", "", "Open connections.", |beat| beat.end.open.into()),
        gauge("session_cache_clock_seconds", "seconds", "The clock of the server.", |beat| beat.end.clock.into()),
    ];
    let counter = |(n, counter): (usize, Counter)| Metric {
        name: format!("session_cache_{}", counter.name()),
        counts: true,
        unit: "",
        help: format!("SSL_CTX_sess_{}().", counter.name()),
        of: Box::new(move |beat: &Beat| beat.end.counters[n].into()),
    };
    // The number of sessions is no counter; it is above.
    all.extend(Counter::ALL.into_iter().enumerate().filter(|(_, one)| *one != Counter::Number).map(counter));
    all
}

/// Text as it may stand in a label or in a help.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

fn put(out: &mut String, line: std::fmt::Arguments<'_>) {
    writeln!(out, "{line}").expect("a string takes it all");
}
