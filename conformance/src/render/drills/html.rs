//! The drills as one page that needs nothing else: no network, no script.

use maud::{Markup, html as markup};

use super::{alike, legend, of_column, ruling, sign, who};
use crate::drills::{Cell, Drill, Drills, Stands, besides};
use crate::render::page::{LINE, anchor, code, page, scroll};

/// The style of the page, beside that of all pages.
const STYLE: &str = include_str!("drills.css");

/// The drills as a page of HTML.
#[must_use]
pub fn html(drills: &Drills) -> String {
    let title = "Session cache: an operator’s bad days";
    let body = markup! {
        h1 { (title) }
        p { "What the man pages rule when things go wrong, and what our cache and each libssl do." } (LINE)
        h2 #table { "Drill by subject" } (LINE)
        ul.legend { @for line in legend(drills) { (meaning(&line)) } } (LINE)
        (scroll("Drill by subject", &table(drills)))
        h2 { "Drill by drill" } (LINE)
        @for drill in &drills.drills { (section(drills, drill)) }
        h2 { "Who went through the drills" } (LINE)
        ul.sources { @for column in &drills.columns { li { (of_column(column)) } (LINE) } }
    };
    page(title, STYLE, ("#table", "To the table"), &body)
}

fn meaning(line: &str) -> Markup {
    let (sign, means) = line.split_once("  ").unwrap_or(("", line));
    markup! { li { code { (sign) } " " (means) } (LINE) }
}

fn table(drills: &Drills) -> Markup {
    markup! {
        table {
            caption { "What each subject does in each drill, and how that is known" }
            thead { tr { th scope="col" { "Drill" } th scope="col" { "Pages" } @for column in &drills.columns { th scope="col" { (column.name) } } } }
            (LINE)
            tbody {
                @for drill in &drills.drills {
                    tr {
                        th scope="row" { a href={ "#" (anchor("drill", &drill.name)) } { (drill.name) } }
                        td.ruled { (drill.settled()) }
                        @for of in &drill.cells { (cell(drill, of)) }
                    }
                    (LINE)
                }
            }
        }
    }
}

fn cell(drill: &Drill, cell: &Cell) -> Markup {
    let held = matches!(cell.stands, Stands::AsPages | Stands::Holds);
    let red = matches!(cell.stands, Stands::Unexplained | Stands::GoesDown);
    markup! {
        td .pages[held] .otherwise[!held && !red] .contradicted[red] {
            (sign(drill, cell))
            @if cell.stands != Stands::NotRun { " " span.mark aria-hidden="true" { (cell.evidence.mark()) } }
            span.said { (cell.stands.means()) @if cell.stands != Stands::NotRun { "; " (cell.evidence.means()) } }
        }
    }
}

fn section(drills: &Drills, drill: &Drill) -> Markup {
    markup! {
        section id=(anchor("drill", &drill.name)) {
            h3 { (drill.name) }
            p.title { (code(&drill.title)) "." } (LINE)
            p { (code(&drill.story)) } (LINE)
            p { strong { "What helps: " } (code(&drill.helps)) } (LINE)
            h4 { "The pages" }
            ul { @for line in ruling(drill) { li { (code(&line)) } (LINE) } }
            h4 { "Who does what" }
            dl { @for cells in alike(drill.cells.iter()) { (together(drills, &cells)) } }
            details { summary { "The steps, of " code { (drill.file) } } pre { (drill.steps) } } (LINE)
        }
        (LINE)
    }
}

/// Those who do the same.
fn together(drills: &Drills, cells: &[&Cell]) -> Markup {
    let more = besides(&cells[0].besides).filter(|_| cells[0].stands == Stands::Otherwise);
    markup! {
        dt { (who(drills, cells)) }
        dd {
            (cells[0].stands.means())
            @for line in cells[0].words().iter().chain(&more) { br; (code(line)) }
        }
        (LINE)
    }
}
