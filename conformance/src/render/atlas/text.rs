//! The atlas for a terminal, within 100 columns.

use std::fmt::Write;

use super::{letter, marks, scenarios, weak};
use crate::atlas::{Atlas, Beyond, Compared, Kind, Release, Row, Seen, Side};
use crate::render::lines::{WIDTH, put, wrap};

/// The atlas as text.
#[must_use]
pub fn text(atlas: &Atlas) -> String {
    let mut out = String::new();
    match &atlas.compared {
        Some(compared) => comparison(&mut out, atlas, compared),
        None => table(&mut out, atlas),
    }
    beyond(&mut out, atlas);
    for note in &atlas.notes {
        wrap(&mut out, 0, 2, &format!("note: {note}"));
    }
    out
}

/// What drills tell apart of which no page has a word.
fn beyond(out: &mut String, atlas: &Atlas) {
    if !atlas.beyond.is_empty() {
        put(
            out,
            "\nWhere the pages rule nothing, and these releases differ (`sesscheck drills NAME` has the story):\n",
        );
    }
    for Beyond { drill, title, seen, unrecorded } in &atlas.beyond {
        put(out, drill);
        wrap(out, 4, 6, title);
        for Seen { does, releases } in seen {
            wrap(out, 4, 6, &format!("{}: {does}", releases.join(", ")));
        }
        if !unrecorded.is_empty() {
            wrap(out, 4, 6, &format!("{}: not recorded", unrecorded.join(", ")));
        }
        out.push('\n');
    }
}

fn table(out: &mut String, atlas: &Atlas) {
    put(out, "What each release does to the session cache, against the man pages.\n");
    put(out, ".  as the pages rule, or as the pure manual reads them    a b c  otherwise: see below the row");
    legend(out, atlas);
    out.push('\n');
    let name = atlas.rows.iter().map(|row| row.behaviour.len()).max().unwrap_or(0) + 2;
    let widths: Vec<_> = atlas.releases.iter().map(|release| release.release.len().max(2) + 2).collect();
    // Columns that do not fit beside each other go on in a further table.
    let mut from = 0;
    while from < atlas.releases.len() {
        let mut to = from + 1;
        while to < widths.len() && name + widths[from..=to].iter().sum::<usize>() <= WIDTH {
            to += 1;
        }
        columns(out, atlas, name, &widths, from..to, from == 0);
        from = to;
    }
    put(out, "Transcripts that were at hand:");
    for release in &atlas.releases {
        of_release(out, release);
    }
}

fn columns(
    out: &mut String,
    atlas: &Atlas,
    name: usize,
    widths: &[usize],
    range: std::ops::Range<usize>,
    details: bool,
) {
    let line = |first: &str, cells: &dyn Fn(usize) -> String| {
        let mut line = format!("{first:<name$}");
        for at in range.clone() {
            write!(line, "{:<width$}", cells(at), width = widths[at]).expect("a string takes it all");
        }
        line.trim_end().to_owned()
    };
    put(out, &line("", &|at| atlas.releases[at].release.clone()));
    let mut side = Side::Server;
    for row in &atlas.rows {
        if details && row.side != side {
            side = row.side;
            put(out, &format!("{}:\n", heading(side)));
        }
        put(
            out,
            &line(&row.behaviour, &|at| {
                let cell = &row.cells[at];
                let value = if cell.as_pages { '.' } else { letter(row, &cell.value) };
                format!("{value}{}", cell.evidence.mark())
            }),
        );
        if details {
            below(out, row);
        }
    }
    if !details {
        out.push('\n');
    }
}

fn heading(side: Side) -> &'static str {
    match side {
        Side::Server => "for a server's cache",
        Side::Client => "for clients only",
        Side::Unknown => "no scenario shows a difference",
    }
}

/// What is said below a row.
fn below(out: &mut String, row: &Row) {
    wrap(out, 4, 6, &format!("{}; {}", row.statement, crate::atlas::of_pages(row)));
    wrap(out, 4, 6, &values(row));
    if let Some(when) = otherwise(row) {
        wrap(out, 4, 6, &when);
    }
    shown_by(out, row);
    out.push('\n');
}

/// What the letters of a row stand for.
fn values(row: &Row) -> String {
    if row.kind == Kind::Departure {
        return format!("a: {}", row.instead);
    }
    let others = row.instead.split(", ").filter(|value| !value.is_empty());
    let others: Vec<_> = others.map(|value| format!("{}: {value}", letter(row, value))).collect();
    format!(".: {}   {}", row.pages, others.join("   ")).trim_end().to_owned()
}

/// In which releases it is otherwise than the pages.
fn otherwise(row: &Row) -> Option<String> {
    let (since, until) = (row.since.as_ref()?, row.until.as_ref()?);
    let (first, last) = (row.spans.first()?, row.spans.last()?);
    Some(match gaps(row) {
        gaps if gaps.is_empty() && *since == first.first && *until == last.last => "in every release here".to_owned(),
        _ if since == until => format!("in {since} only"),
        gaps => format!("since {since}, until {until}{gaps}"),
    })
}

/// The releases between the first and the last that are as the pages.
fn gaps(row: &Row) -> String {
    let otherwise = |span: &&crate::atlas::Span| !span.as_pages;
    let first = row.spans.iter().position(|span| otherwise(&span)).unwrap_or(0);
    let last = row.spans.iter().rposition(|span| otherwise(&span)).unwrap_or(0);
    let gaps: Vec<_> = row.spans[first..=last].iter().filter(|span| span.as_pages).map(range).collect();
    if gaps.is_empty() { String::new() } else { format!(", but not in {}", gaps.join(", ")) }
}

fn range(span: &crate::atlas::Span) -> String {
    if span.first == span.last { span.first.clone() } else { format!("{} to {}", span.first, span.last) }
}

fn shown_by(out: &mut String, row: &Row) {
    let scenarios = scenarios(row);
    for (scenario, releases) in &scenarios {
        let of = if scenarios.len() == 1 { String::new() } else { format!(" ({})", releases.join(", ")) };
        wrap(out, 4, 6, &format!("shown by {scenario}{of}"));
    }
    for (why, releases) in weak(row) {
        let of = if releases.len() == row.cells.len() { "everywhere".to_owned() } else { releases.join(", ") };
        wrap(out, 4, 6, &format!("{of}: {why}"));
    }
}

fn comparison(out: &mut String, atlas: &Atlas, compared: &Compared) {
    let Compared { from, to } = compared;
    wrap(out, 0, 2, &format!("From {from} to {to}: what changes in what a libssl does to the session cache."));
    for side in [Side::Server, Side::Client, Side::Unknown] {
        let rows: Vec<_> = atlas.rows.iter().filter(|row| row.side == side).collect();
        if side == Side::Server && rows.is_empty() {
            put(out, "\nNothing that is known changes for a server's cache.");
        }
        if rows.is_empty() {
            continue;
        }
        put(out, &format!("\n{}:", heading(side)));
        for row in rows {
            put(out, &format!("\n  {}", row.behaviour));
            wrap(out, 4, 6, &row.words);
            wrap(out, 4, 6, &format!("the pages: {}; {}", row.statement, crate::atlas::of_pages(row)));
            shown_by(out, row);
        }
    }
    out.push('\n');
    legend(out, atlas);
}

fn legend(out: &mut String, atlas: &Atlas) {
    for (evidence, cells) in marks(atlas) {
        let cells = format!("{cells} cell{}", if cells == 1 { "" } else { "s" });
        put(out, &format!("{}  {} ({cells})", evidence.mark(), evidence.means()));
    }
}

fn of_release(out: &mut String, release: &Release) {
    let Release { release, profile, edition, transcripts } = release;
    let said = transcripts.iter().map(|source| {
        let how = if source.ran_now { "run now" } else { "recorded" };
        let hash = if source.hash.is_empty() { String::new() } else { format!(", hash {}", source.hash) };
        format!("{} ({how}{hash})", source.version)
    });
    let said: Vec<_> = said.collect();
    let said = if said.is_empty() { "none".to_owned() } else { said.join("; ") };
    wrap(out, 2, 4, &format!("{release}: profile {profile}, pages of {edition}; {said}"));
}
