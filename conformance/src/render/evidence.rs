//! What each clause rests on, for a terminal.

use std::fmt::Write as _;

use crate::evidence::{Evidence, Row};

/// A line a clause and its counts, below it where it is cited, and one scenario and a few faults by name.
///
/// # Panics
///
/// Never: it writes to memory.
#[must_use]
pub fn evidence(evidence: &Evidence) -> String {
    let mut out = String::new();
    let mut put = |line: String| writeln!(out, "{}", line.trim_end()).expect("memory");
    for row in &evidence.clauses {
        let Row { clause, kind, cited, bite, list, died, died_elsewhere, survive } = row;
        put(format!(
            "{clause:<36} {kind:<13} {} cite, {} scenarios bite, {} list, {} faults die on it",
            cited.len(),
            bite.len(),
            list.len(),
            died.len()
        ));
        for (word, names) in [
            ("cited in", cited),
            ("shown by", if bite.is_empty() { list } else { bite }),
            ("killed", died),
            ("killed by another name", died_elsewhere),
            ("survive", survive),
        ] {
            if !names.is_empty() {
                put(format!("    {word}: {}", a_few(names)));
            }
        }
    }
    let rules = || evidence.clauses.iter().filter(|row| row.kind == "rule");
    let without = |which: &dyn Fn(&Row) -> bool| rules().filter(|row| which(row)).count();
    put(format!(
        "of {} rules, not cited: {}; without a scenario that bites: {}; without a fault that dies: {}",
        rules().count(),
        without(&|row| row.cited.is_empty()),
        without(&|row| row.bite.is_empty()),
        without(&|row| row.died.is_empty() && row.died_elsewhere.is_empty())
    ));
    out
}

/// The first three names, and how many more there are.
fn a_few(names: &[String]) -> String {
    let few = names.iter().take(3).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(3) {
        0 => few,
        more => format!("{few} and {more} more"),
    }
}
