//! An atlas for a terminal, for machines, and as one page for a browser.

mod html;
mod table;
mod text;

pub use html::html;
pub(super) use table::table;
pub use text::text;

use crate::atlas::{Atlas, Cell, Evidence, Row};

/// The atlas as JSON, indented, with a newline at the end.
///
/// # Panics
///
/// Never: an atlas has only string keys.
#[must_use]
pub fn json(atlas: &Atlas) -> String {
    let mut text = serde_json::to_string_pretty(atlas).expect("an atlas is JSON");
    text.push('\n');
    text
}

/// The kinds of evidence that the table has, with how many cells have each.
fn marks(atlas: &Atlas) -> impl Iterator<Item = (Evidence, usize)> {
    let counted = |evidence| (evidence, atlas.cells().filter(|cell| cell.evidence == evidence).count());
    Evidence::ALL.into_iter().map(counted).filter(|(_, cells)| *cells > 0)
}

/// The scenarios that tell the values of a row apart, each with the releases in which it is the shortest.
fn scenarios(row: &Row) -> Vec<(&str, Vec<&str>)> {
    let mut scenarios: Vec<(&str, Vec<&str>)> = Vec::new();
    for cell in &row.cells {
        let Some(scenario) = cell.scenario.as_deref() else { continue };
        match scenarios.iter_mut().find(|(known, _)| *known == scenario) {
            Some((_, releases)) => releases.push(&cell.release),
            None => scenarios.push((scenario, vec![&cell.release])),
        }
    }
    scenarios
}

/// Cells whose evidence is weaker than a transcript, with the reason, alike ones together.
fn weak(row: &Row) -> Vec<(String, Vec<&str>)> {
    let mut weak: Vec<(String, Vec<&str>)> = Vec::new();
    let is_weak = |cell: &&Cell| !matches!(cell.evidence, Evidence::Ran | Evidence::Recorded);
    for cell in row.cells.iter().filter(is_weak) {
        let means = cell.evidence.means();
        let said = cell.why.as_ref().map_or_else(|| means.to_owned(), |why| format!("{means}: {why}"));
        match weak.iter_mut().find(|(known, _)| *known == said) {
            Some((_, releases)) => releases.push(&cell.release),
            None => weak.push((said, vec![&cell.release])),
        }
    }
    weak
}

/// The letter of a value other than the pure manual's: in the order in which the row first has them.
fn letter(row: &Row, value: &str) -> char {
    let mut others: Vec<&str> = Vec::new();
    for cell in row.cells.iter().filter(|cell| !cell.as_pages) {
        if !others.contains(&cell.value.as_str()) {
            others.push(&cell.value);
        }
    }
    let place = others.iter().position(|other| *other == value).unwrap_or(0);
    char::from(b'a' + u8::try_from(place.min(25)).expect("at most 25"))
}
