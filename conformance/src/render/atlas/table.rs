//! The table of behaviours by release, for the page of the atlas and for that of a report.

use maud::{Markup, html};

use super::marks;
use crate::atlas::{Atlas, Cell, Evidence, Kind, Row, Side};
use crate::render::page::{LINE, scroll};

/// The table with its legend. `link` is what stands at the head of a row.
pub(in crate::render) fn table(atlas: &Atlas, link: &dyn Fn(&Row) -> Markup) -> Markup {
    let table = html! {
        table {
            caption { "What each release does, and how that is known" }
            thead {
                tr {
                    th scope="col" { "Behaviour" } th scope="col" { "Pages" }
                    @for release in &atlas.releases { th scope="col" { (release.release) } }
                }
            }
            (LINE)
            @for side in [Side::Server, Side::Client, Side::Unknown] {
                @if atlas.rows.iter().any(|row| row.side == side) { (body(atlas, side, link)) }
            }
        }
    };
    html! {
        ul.legend {
            li { span.pages { "·" } " as the pages rule, or as the pure manual" }
            @for (evidence, cells) in marks(atlas) {
                li { span.mark { (evidence.mark()) } " " (evidence.means()) " (" (cells) ")" }
            }
        }
        (LINE)
        (scroll("Behaviour by release", &table))
    }
}

fn body(atlas: &Atlas, side: Side, link: &dyn Fn(&Row) -> Markup) -> Markup {
    html! {
        tbody {
            tr.side { th colspan=(atlas.releases.len() + 2) scope="rowgroup" { (heading(side)) } } (LINE)
            @for row in atlas.rows.iter().filter(|row| row.side == side) {
                tr {
                    th scope="row" { (link(row)) }
                    td.ruled { @if row.kind == Kind::Departure { "rule" } @else { (row.pages) } }
                    @for (n, of) in row.cells.iter().enumerate() {
                        (cell(row, of, n.checked_sub(1).map(|before| &row.cells[before])))
                    }
                }
                (LINE)
            }
        }
    }
}

fn cell(row: &Row, cell: &Cell, before: Option<&Cell>) -> Markup {
    let value = match (row.kind, cell.as_pages) {
        (_, true) => "·",
        (Kind::Departure, false) => "departs",
        (Kind::Reading, false) => &cell.value,
    };
    // Our own cache is no later release than the one beside it.
    let is_release = cell.release.starts_with(|c: char| c.is_ascii_digit());
    let changes = is_release && before.is_some_and(|before| before.value != cell.value);
    let said = if cell.as_pages { "as the pages" } else { "otherwise" };
    html! {
        td .pages[cell.as_pages] .otherwise[!cell.as_pages] .changes[changes]
            .contradicted[cell.evidence == Evidence::Contradicted] {
            (value) " " span.mark aria-hidden="true" { (cell.evidence.mark()) }
            span.said { (said) "; " (cell.evidence.means()) }
        }
    }
}

fn heading(side: Side) -> &'static str {
    match side {
        Side::Server => "For a server’s cache",
        Side::Client => "For clients only",
        Side::Unknown => "No scenario shows a difference",
    }
}
