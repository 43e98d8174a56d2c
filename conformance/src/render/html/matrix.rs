//! Every clause beside every subject: a row a clause, page by page, and each cell leads to what it rests on.

use maud::{Markup, html};

use super::cell::{Row, State, tells};
use super::evidence::{of_cell, of_clause};
use crate::render::page::{LINE, scroll};
use crate::report::Report;

pub(super) fn matrix(report: &Report, rows: &[Row<'_>]) -> Markup {
    let pages = rows.chunk_by(|row, next| row.clause.entry().page == next.clause.entry().page);
    let table = html! {
        table.matrix {
            caption { "How each subject stands to each clause" }
            thead {
                tr {
                    th scope="col" { "Clause" }
                    @for subject in &report.subjects { th scope="col" { (subject.subject) } }
                }
            }
            (LINE)
            @for rows in pages {
                @let page = rows[0].clause.entry().page;
                tbody {
                    tr.side {
                        th colspan=(report.subjects.len() + 1) scope="rowgroup" {
                            @if page.is_empty() { "On no page" } @else { (page) }
                        }
                    }
                    (LINE)
                    @for of in rows { (row(of)) }
                }
            }
        }
    };
    html! {
        h2 #clauses { "Clauses" } (LINE)
        @if !report.subjects.iter().all(|subject| tells(report, subject)) {
            p {
                "This report does not tell what each scenario came to: an earlier version wrote it. So no clause is said \
                 to be conformed to."
            }
        }
        ul.legend.states {
            @for state in State::ALL.into_iter().filter(|state| used(rows, *state)) {
                li { span.state.(state.class()) { (state.sign()) " " (state.word()) } " " (state.means()) }
            }
        }
        p.filter {
            input #otherwise type="checkbox"; " "
            label for="otherwise" { "Only clauses in which a subject diverges, or reads otherwise" }
        }
        (LINE)
        (scroll("How each subject stands to each clause", &table))
    }
}

fn used(rows: &[Row<'_>], state: State) -> bool {
    rows.iter().flat_map(|row| &row.cells).any(|cell| cell.state == state)
}

fn row(row: &Row<'_>) -> Markup {
    let id = row.clause.id();
    let plain = row.cells.iter().all(|cell| cell.state >= State::Conforms);
    html! {
        tr.plain[plain] {
            th scope="row" { a href={ "#" (of_clause(id)) } { (id) } }
            @for (subject, cell) in row.cells.iter().enumerate() {
                td.(cell.state.class()) {
                    a href={ "#" (of_cell(id, subject)) } { (cell.state.sign()) " " (cell.state.word()) }
                }
            }
        }
        (LINE)
    }
}
