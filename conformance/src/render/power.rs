//! The power of the harness as a table: a line a fault, a column an engine.

use std::fmt::Write as _;

use crate::power::{Beside, Power, Row, Spread, Total};

/// The table for a terminal: for each fault and engine after how many ops it is found, and how many steps are left;
/// below it each engine over all faults, and what no engine finds.
///
/// # Panics
///
/// Never: it writes to memory.
#[must_use]
pub fn power(power: &Power) -> String {
    let mut out = String::new();
    let width = power.faults.iter().map(|row| row.fault.len()).max().unwrap_or_default().max("fault".len());
    let mut put = |line: String| writeln!(out, "{}", line.trim_end()).expect("memory");
    put(power.engines.iter().fold(format!("{:<width$}", "fault"), |line, engine| format!("{line}  {engine:>14}")));
    for row in &power.faults {
        let cells = (0..row.hits.len()).map(|engine| cell(row, engine));
        put(cells.fold(format!("{:<width$}", row.fault), |line, cell| format!("{line}  {cell:>14}")));
    }
    let of = power.faults.len();
    put(String::new());
    put(format!(
        "ops until a fault is found > steps that are left of the trace, the medians of {} seeds; under how many, if not \
         all",
        power.seeds
    ));
    for (at, engine) in power.engines.iter().enumerate() {
        let Total { always, found, named, ops, millis, steps } = power.total(at);
        let given = power.given[at].map_or_else(|| "to its end".to_owned(), |ops| format!("{ops} ops"));
        let beside = power.beside.get(at).map_or_else(String::new, beside);
        put(format!(
            "{engine:<11} ({given}) finds {found} of {of}, {always} under every seed, {named} by their own clause; ops: median {}, \
             95th percentile {}; ms: {}, {}; steps: median {}, worst {}{beside}",
            ops.median, ops.high, millis.median, millis.high, steps.median, steps.worst
        ));
    }
    let surviving: Vec<_> = power.faults.iter().filter(|row| row.survives()).collect();
    put(format!("all engines find {} of {of} faults", of - surviving.len()));
    for Row { fault, clause, does, .. } in surviving {
        put(format!("  survives: {fault} [{clause}]: {does}"));
    }
    out
}

fn beside(Beside { compared, longer, worst, worst_of_clause, .. }: &Beside) -> String {
    let Some(worst) = worst else { return String::new() };
    let of_clause = worst_of_clause.as_ref().map_or_else(String::new, |worst| format!("; of one clause: {worst}"));
    format!("\n  beside the shortest known of {compared}: {longer} above 1.5 times; worst {worst}{of_clause}")
}

fn cell(row: &Row, engine: usize) -> String {
    let hits = || row.hits[engine].iter().flatten();
    let (ops, steps) = (Spread::of(hits().map(|hit| hit.ops)), Spread::of(hits().map(|hit| hit.steps.1)));
    match row.times(engine) {
        (0, _) => "-".to_owned(),
        (times, of) if times < of => format!("{} > {} {times}/{of}", ops.median, steps.median),
        _ => format!("{} > {}", ops.median, steps.median),
    }
}
