//! Runs of releases with one value, and what is said of them.

use super::{Behaviour, Cell, Span};

/// Runs of neighbours with one value.
pub(super) fn spans(cells: &[Cell]) -> Vec<Span> {
    let runs = cells.chunk_by(|a, b| a.value == b.value);
    runs.map(|run| Span {
        first: run[0].release.clone(),
        last: run[run.len() - 1].release.clone(),
        value: run[0].value.clone(),
        as_pages: run[0].as_pages,
    })
    .collect()
}

/// `until 3.0.7: …; from 3.0.22 on: …`
pub(super) fn words(behaviour: Behaviour, spans: &[Span]) -> String {
    let count = spans.len();
    let said = spans.iter().enumerate().map(|(n, span)| {
        let when = when(n, count, span);
        format!("{when}: {}", behaviour.does(&span.value))
    });
    said.collect::<Vec<_>>().join("; ")
}

/// When it is so: `until 3.0.7`, `from 3.2.0 to 3.3.1`, `in 3.5.5`, `from 4.0.3 on`.
pub(super) fn when(n: usize, count: usize, span: &Span) -> String {
    let Span { first, last, .. } = span;
    if count == 1 {
        return if first == last { format!("in {first}") } else { format!("from {first} to {last}") };
    }
    match n {
        0 => format!("until {last}"),
        n if n + 1 == count => format!("from {first} on"),
        _ if first == last => format!("in {first}"),
        _ => format!("from {first} to {last}"),
    }
}
