//! The table of drills for a terminal, for a forge, for machines, and as one page for a browser.

mod html;
mod markdown;
mod text;

pub use html::html;
pub use markdown::markdown;
pub use text::{stories, text};

use crate::atlas::Evidence;
use crate::drills::{Cell, Column, Drill, Drills, Stands};

/// The table as JSON, indented, with a newline at the end.
///
/// # Panics
///
/// Never: a table has only string keys.
#[must_use]
pub fn json(drills: &Drills) -> String {
    let mut text = serde_json::to_string_pretty(drills).expect("a table is JSON");
    text.push('\n');
    text
}

/// What stands in a cell: a point as the pages, an equals sign where the claims hold, else a letter, one for all who do
/// the same in this row.
fn sign(drill: &Drill, cell: &Cell) -> char {
    match cell.stands {
        Stands::AsPages => '.',
        Stands::Holds => '=',
        Stands::NotRun => '-',
        Stands::Unexplained => 'X',
        Stands::Otherwise | Stands::Survives | Stands::GoesDown => {
            let place = lettered(drill).iter().position(|alike| alike[0].words() == cell.words()).unwrap_or(0);
            char::from(b'a' + u8::try_from(place.min(25)).expect("at most 25"))
        }
    }
}

/// What stands in a cell, and how it is known.
fn marked(drill: &Drill, cell: &Cell) -> String {
    match cell.stands {
        Stands::NotRun => "-".to_owned(),
        _ => format!("{}{}", sign(drill, cell), cell.evidence.mark()),
    }
}

/// The cells that have a letter, those that say the same together, in the order of the columns.
fn lettered(drill: &Drill) -> Vec<Vec<&Cell>> {
    let has = |cell: &&Cell| matches!(cell.stands, Stands::Otherwise | Stands::Survives | Stands::GoesDown);
    alike(drill.cells.iter().filter(has))
}

/// Cells that say the same, together.
fn alike<'d>(cells: impl Iterator<Item = &'d Cell>) -> Vec<Vec<&'d Cell>> {
    let mut groups: Vec<Vec<&Cell>> = Vec::new();
    for cell in cells {
        match groups.iter_mut().find(|alike| alike[0].stands == cell.stands && alike[0].words() == cell.words()) {
            Some(alike) => alike.push(cell),
            None => groups.push(vec![cell]),
        }
    }
    groups
}

/// Below a row: what each letter stands for, and what there is to say of who was not run or is not explained.
fn below(drill: &Drill) -> Vec<String> {
    let said = |cell: &&Cell| matches!(cell.stands, Stands::NotRun | Stands::Unexplained);
    let letters = lettered(drill).into_iter().map(|alike| format!("{}: {}", sign(drill, alike[0]), short(alike[0])));
    let others = alike(drill.cells.iter().filter(said)).into_iter().map(|alike| {
        let of: Vec<_> = alike.iter().map(|cell| cell.column.as_str()).collect();
        let said = alike[0].said.as_deref().unwrap_or("");
        format!("{}: {}: {}: {said}", sign(drill, alike[0]), of.join(", "), alike[0].stands.means())
    });
    letters.chain(others).collect()
}

/// The first thing that there is to say of a cell, and how many there are beside it: what comes later mostly follows.
fn short(cell: &Cell) -> String {
    let words = cell.words();
    let first = words.first().cloned().unwrap_or_default();
    match words.len() {
        0 | 1 => first,
        2 => format!("{first}; and another claim"),
        n => format!("{first}; and {} claims more", n - 1),
    }
}

/// The signs and marks that the table has, each with what it means.
fn legend(drills: &Drills) -> Vec<String> {
    let has = |stands: &[Stands]| drills.cells().any(|cell| stands.contains(&cell.stands));
    let lettered = [Stands::Otherwise, Stands::Survives, Stands::GoesDown];
    let signs = [
        (&[Stands::AsPages][..], ".  as the pages, where they are open as they allow"),
        (&[Stands::Holds], "=  what the drill states holds; what it does not state is otherwise"),
        (&lettered, "a  otherwise, or the pages rule nothing: see below the row"),
        (&[Stands::NotRun], "-  not run"),
        (&[Stands::Unexplained], "X  otherwise, and not explained"),
    ];
    let signs = signs.into_iter().filter(|(stands, _)| has(stands)).map(|(_, means)| means.to_owned());
    let marks = [Evidence::Ran, Evidence::Recorded, Evidence::Claimed, Evidence::Contradicted];
    let marked =
        |evidence: &Evidence| drills.cells().any(|cell| cell.evidence == *evidence && cell.stands != Stands::NotRun);
    let marks = marks.into_iter().filter(marked);
    signs.chain(marks.map(|evidence| format!("{}  {}", evidence.mark(), evidence.means()))).collect()
}

/// Who went through the drills, in a line.
fn of_column(column: &Column) -> String {
    let Column { name, about, hash, profile, .. } = column;
    let hash = if hash.is_empty() { String::new() } else { format!(", hash {hash}") };
    format!("{name}: {about}{hash}; {}, profile {profile}", column.known())
}

/// The columns of these cells, each with how it is known.
fn who(drills: &Drills, cells: &[&Cell]) -> String {
    let known = |cell: &Cell| drills.columns.iter().find(|column| column.name == cell.column).map_or("", Column::known);
    let all: Vec<_> = cells.iter().map(|cell| (cell.column.as_str(), known(cell))).collect();
    let alike = all.chunk_by(|a, b| a.1 == b.1);
    let said = alike.map(|some| {
        let names: Vec<_> = some.iter().map(|(name, _)| *name).collect();
        format!("{} ({})", names.join(", "), some[0].1)
    });
    said.collect::<Vec<_>>().join(", ")
}

/// What rules a drill, a line a clause, and where the pages leave open what it shows.
fn ruling(drill: &Drill) -> Vec<String> {
    if drill.rules.is_empty() {
        return vec!["the pages rule nothing here; a subject is to survive".to_owned()];
    }
    let rules = drill.rules.iter().map(|rule| {
        let page = if rule.page.is_empty() { "no page".to_owned() } else { format!("{}(3)", rule.page) };
        format!("{} ({} of {page}): {}", rule.clause, rule.kind, rule.statement)
    });
    let open = drill.open.iter().map(|open| {
        let what = if open.stated { "what the drill states" } else { "what it does not state" };
        let (axis, clause, read_as) = (&open.axis, &open.clause, &open.read_as);
        format!("open: {axis} [{clause}], read as {read_as} here; {what} is otherwise with {}", open.others.join(", "))
    });
    rules.chain(open).collect()
}
