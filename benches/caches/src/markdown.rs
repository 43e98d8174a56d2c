//! The table of README.md: rows and columns that say most, of the same lines. Not here: where it is pasted, and the
//! words around it.

use std::fmt::Write as _;

use crate::peer::Subject;
use crate::rounds::Line;
use crate::table::cell;

/// Its rows, by the names of workloads.
pub const ROWS: &[&str] = &[
    "hit, uniform, 20,480",
    "hit, uniform, 1 M",
    "miss, 20,480",
    "add at the limit, 20,480",
    "add, mixed timeouts, 1 M",
    "server mix, equal timeouts",
    "server mix, mixed timeouts",
    "flush of 1 M, 50 % expired",
    "flush of 1 M, 100 % expired",
    "lookups, 1 thread",
    "lookups, 2 threads",
    "mix, equal timeouts, 1 thread",
    "mix, equal timeouts, 2 threads",
    "mix, mixed timeouts, 1 thread",
    "mix, mixed timeouts, 2 threads",
    "longest call, filling to 1 M",
    "bytes a session, 1 M",
];

/// Its columns, by the names of subjects; ours is the first.
pub const COLUMNS: &[&str] = &[
    "session-cache",
    "ours, no lock",
    "libssl",
    "rustls",
    "moka",
    "quick_cache",
    "map and index",
    "scc",
    "dashmap",
    "hash map",
];

/// What stands below the table, whatever was measured.
const BELOW: &str = "Above 1 the peer takes longer, or more bytes. Each is the median of the rounds, the longest call \
                     the least of them. Threads: by the clock on the wall, for each step of all threads.";

/// What stands below the table: how to read it, and how it was measured. The version of a libssl is what a note says of
/// it, without where it is.
#[must_use]
pub fn below(rounds: usize, note: &str) -> String {
    let libssl = note.lines().next().unwrap_or_default();
    let libssl =
        libssl.strip_prefix("libssl is ").map(|rest| rest.rsplit_once(", ").map_or(rest, |(version, _)| version));
    let cores = std::thread::available_parallelism().map_or_else(|_| "?".to_owned(), |cores| cores.to_string());
    let libssl = libssl.map(|version| format!("; libssl is {version}")).unwrap_or_default();
    format!("{BELOW} {rounds} rounds, {cores} cores{libssl}.")
}

/// The table, of what there is.
#[must_use]
pub fn table(subjects: &[Subject], lines: &[Line]) -> String {
    let number = |name: &&&str| subjects.iter().position(|subject| subject.name == **name);
    let columns: Vec<usize> = COLUMNS.iter().filter_map(|name| number(&name)).collect();
    let mut out = String::from("| |");
    for n in &columns {
        let _ = write!(out, " {} |", subjects[*n].name);
    }
    out.push_str("\n|---|");
    out.push_str(&"--:|".repeat(columns.len()));
    out.push('\n');
    for line in ROWS.iter().filter_map(|name| lines.iter().find(|line| line.workload == *name)) {
        let _ = write!(out, "| {} |", line.workload);
        for n in &columns {
            let _ = write!(out, " {} |", cell(line, *n).unwrap_or_else(|| "–".to_owned()));
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::tests::{line, subjects};
    use crate::{peers, workloads};

    #[test]
    fn what_is_chosen_is_there() {
        assert!(ROWS.iter().all(|row| workloads::ALL.iter().any(|(name, _)| name == row)));
        // A libssl is built in or not.
        let known = |column: &&&str| **column == "libssl" || peers::ALL.iter().any(|subject| subject.name == **column);
        assert_eq!(COLUMNS.iter().find(|column| !known(column)), None);
        assert_eq!(COLUMNS[0], peers::OURS.name);
    }

    #[test]
    fn a_table_has_the_chosen_rows_in_their_order() {
        let lines = [
            line("miss, 20,480", &[Some(20.0), Some(30.0)]),
            line("hit, Zipf, 1 M", &[Some(1.0), Some(1.0)]),
            line("hit, uniform, 1 M", &[Some(10.0), None]),
        ];
        let expected = "| | session-cache | hash map |\n|---|--:|--:|\n| hit, uniform, 1 M | 10.0 ns | – |\n\
                        | miss, 20,480 | 20.0 ns | 1.50 x |\n";
        assert_eq!(table(&subjects(), &lines), expected);
    }

    /// Whatever was pasted there is of this bench.
    #[test]
    fn the_table_in_the_readme_has_the_rows_and_columns_of_the_bench() {
        let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md"));
        let (readme, head) = (readme.expect("there is a README"), format!("| | {} |", COLUMNS.join(" | ")));
        let mut lines = readme.lines().skip_while(|line| *line != head);
        assert!(lines.next().is_some(), "README lacks `{head}`");
        let rows: Vec<&str> = lines.skip(1).map_while(first).collect();
        assert_eq!(rows, ROWS);
    }

    #[test]
    fn the_words_below_the_table_are_those_in_the_readme() {
        let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md"));
        let words = readme.expect("there is a README").split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(BELOW), "README lacks `{BELOW}`");
    }

    #[test]
    fn below_stands_which_libssl_it_was_and_not_where() {
        let below = |note| below(3, note);
        assert!(
            below("libssl is OpenSSL 3.0.22, /lib/libssl.so\nA look").ends_with(" cores; libssl is OpenSSL 3.0.22.")
        );
        assert!(below("libssl: not run: there is none").ends_with(" cores."));
        assert!(below("").contains(" 3 rounds, "));
    }

    /// What a row of a table is about.
    fn first(row: &str) -> Option<&str> {
        row.strip_prefix("| ")?.split(" |").next()
    }
}
