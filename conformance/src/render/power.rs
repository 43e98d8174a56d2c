//! The power of the harness as a table: a line a fault, a column an engine.

use std::fmt::Write as _;

use crate::power::{Hit, Power, Row};

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
        let cells = row.hits.iter().map(|hit| hit.as_ref().map_or_else(|| "-".to_owned(), cell));
        put(cells.fold(format!("{:<width$}", row.fault), |line, cell| format!("{line}  {cell:>14}")));
    }
    let of = power.faults.len();
    put(String::new());
    put(format!(
        "ops until a fault is found > steps that are left of the trace; {} ops an engine and fault",
        power.ops
    ));
    for (at, engine) in power.engines.iter().enumerate() {
        let total = power.total(at);
        put(format!(
            "{engine:<11} finds {} of {of}, {} of them by their own clause; median {} ops > {} steps",
            total.found, total.named, total.ops, total.steps
        ));
    }
    let surviving: Vec<_> = power.faults.iter().filter(|row| row.survives()).collect();
    put(format!("all engines find {} of {of} faults", of - surviving.len()));
    for Row { fault, clause, does, .. } in surviving {
        put(format!("  survives: {fault} [{clause}]: {does}"));
    }
    out
}

fn cell(hit: &Hit) -> String {
    format!("{} > {}", hit.ops, hit.steps.1)
}
