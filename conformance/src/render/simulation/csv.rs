//! The series as CSV: a row for each stretch of time and server, a column for each count and gauge, in whole numbers.
//!
//! Times are in seconds of virtual time with their fraction; a field with a comma, a quote or a line end in it stands in
//! quotes (RFC 4180).

use session_model::Counter;

use crate::simulate::answers::{Answers, Beat, Cache, Handshakes, Outside, Stretch};

/// The columns before the counts.
const BEFORE: [&str; 3] = ["from_seconds", "to_seconds", "server"];

/// The gauges at the end of a stretch.
const GAUGES: [&str; 5] = ["clock", "sessions", "size", "tables_bytes_about", "open"];

/// The series as CSV.
#[must_use]
pub fn csv(answers: &Answers) -> String {
    let mut out = header().join(",") + "\n";
    for stretch in &answers.series {
        for (server, beat) in answers.facts.servers.iter().zip(&stretch.servers) {
            out.push_str(&row(stretch, &server.name, beat).join(","));
            out.push('\n');
        }
    }
    out
}

/// The names of the columns.
pub(super) fn header() -> Vec<String> {
    let counts = [Handshakes::NAMES, Cache::NAMES, Outside::NAMES].concat();
    let plain = BEFORE.into_iter().chain(counts).chain(GAUGES).map(ToOwned::to_owned);
    plain.chain(Counter::ALL.map(|counter| format!("counter_{}", counter.name()))).collect()
}

fn row(stretch: &Stretch, server: &str, beat: &Beat) -> Vec<String> {
    let Beat { counts, end } = beat;
    let mut row = vec![seconds(stretch.from), seconds(stretch.to), field(server)];
    let counts = [counts.handshakes.values(), counts.cache.values(), counts.external.values()].concat();
    row.extend(counts.iter().map(ToString::to_string));
    row.push(end.clock.to_string());
    row.extend([end.sessions, end.size, end.bytes, end.open].map(|gauge| gauge.to_string()));
    row.extend(end.counters.map(|counter| counter.to_string()));
    row
}

/// Microseconds as seconds, with as much of a fraction as there is.
pub(super) fn seconds(micros: u64) -> String {
    match micros % 1_000_000 {
        0 => (micros / 1_000_000).to_string(),
        fraction => format!("{}.{fraction:06}", micros / 1_000_000).trim_end_matches('0').to_owned(),
    }
}

/// A field, in quotes where it must be.
pub(super) fn field(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}
