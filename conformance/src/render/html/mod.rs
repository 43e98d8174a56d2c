//! The report as one page that needs nothing else: no network, no script.
//!
//! First how each subject stands, then every clause beside every subject, then each divergence with a picture of the
//! cache, then what was not run; at the end what the harness is known to find, and the table of the releases. Behind a
//! cell of the clauses is what it rests on. Same report, same bytes.

mod cell;
mod evidence;
mod findings;
mod matrix;
mod picture;
mod power;
mod rest;
mod summary;

use maud::{PreEscaped, html as markup};

use super::atlas::table as atlas_table;
use super::page::{LINE, page};
use crate::atlas::Atlas;
use crate::gate::Record;
use crate::report::Report;

/// The style of the page, beside that of all pages.
const STYLE: &str = include_str!("html.css");

/// The report as a page of HTML, with what was measured of the power of the main job, and the table of the releases.
#[must_use]
pub fn html(report: &Report, record: &Record, atlas: &Atlas) -> String {
    let rows = cell::rows(report);
    let findings = findings::findings(report);
    let rest = rest::rest(report);
    let contents = [
        ("#summary", "Summary", true),
        ("#clauses", "Clauses", true),
        ("#divergences", "Divergences", findings.is_some()),
        ("#rest", "Not run", true),
        ("#power", "Power", true),
        ("#atlas", "Releases", true),
        ("#evidence", "Evidence", true),
    ];
    let body = markup! {
        h1 { (summary::title(report)) } (LINE)
        nav aria-label="Contents" {
            ul {
                @for (address, words, _) in contents.iter().filter(|(.., there)| *there) {
                    li { a href=(address) { (words) } }
                }
            }
        }
        (LINE)
        (summary::summary(report))
        (matrix::matrix(report, &rows))
        @if let Some(findings) = findings { (findings) }
        (rest)
        (power::power(record, report.power.is_some()))
        h2 #atlas { "Releases of libssl" } (LINE)
        p { "What the recordings of each release show, whatever was run here." }
        (atlas_table(atlas, &|row| markup! { a href={ "#" (evidence::of_clause(&row.clause)) } { (row.behaviour) } }))
        (evidence::evidence(report, &rows))
    };
    page(&summary::title(report), STYLE, ("#summary", "To the summary"), &body)
}

/// The place of a finding of a subject, both counted from 0.
fn of_finding(subject: usize, finding: usize) -> String {
    format!("divergence-{}-{}", subject + 1, finding + 1)
}

/// Nothing.
fn nothing() -> PreEscaped<String> {
    PreEscaped(String::new())
}
