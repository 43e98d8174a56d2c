//! Makes the table.

use session_model::clause::Kind as ClauseKind;

use super::beyond::beyond;
use super::words::{spans, words};
use super::{
    Atlas, Behaviour, Cell, Compared, Kind, Release, Row, SCHEMA, Separation, Separator, Shown, Side, Source, Upgrade,
    evidence, libraries, of_version, release_of,
};
use crate::profiles::Named;
use crate::recording;
use crate::suite::{self, File};

/// What the table is asked to show.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The profiles of the releases, in order of version.
    pub libraries: Vec<Named>,
    /// Our own cache's profile, if it is to have a column.
    pub ours: Option<Named>,
    /// Every axis and departure, also where all releases are as the pages.
    pub all: bool,
    /// Two releases of `libraries` to be compared.
    pub compared: Option<Compared>,
}

impl Asked {
    /// The columns: all libraries, or those from one compared release to the other; then our cache.
    fn columns(&self) -> Vec<&Named> {
        let place = |release: &str| self.libraries.iter().position(|named| release_of(named) == release);
        let range = self.compared.as_ref().and_then(|Compared { from, to }| Some(place(from)?..=place(to)?));
        let libraries = range.map_or(&self.libraries[..], |range| &self.libraries[range]);
        libraries.iter().chain(&self.ours).collect()
    }

    /// Whether a column is our own cache's.
    fn is_ours(&self, named: &Named) -> bool {
        self.ours.as_ref().is_some_and(|ours| ours.name == named.name)
    }
}

/// A row before its evidence: what it is about, and what tells its value in each column.
#[derive(Clone, Debug)]
pub struct Needed {
    behaviour: Behaviour,
    separations: Vec<Option<Separation>>,
}

impl Needed {
    /// The scenarios that tell its values.
    pub fn scenarios(&self) -> impl Iterator<Item = &str> {
        self.separations.iter().flatten().map(|separation| separation.scenario.as_str())
    }
}

/// The rows, with the scenarios that tell each value. `told` is told of each column, counted from 0.
#[must_use]
pub fn needed(asked: &Asked, files: &[File], told: &dyn Fn(usize)) -> Vec<Needed> {
    let columns = asked.columns();
    let mut rows: Vec<_> = Behaviour::all()
        .filter(|behaviour| asked.all || differs(*behaviour, asked, &columns))
        .map(|behaviour| Needed { behaviour, separations: Vec::new() })
        .collect();
    let mut separator = Separator::new(files);
    for (n, named) in columns.iter().enumerate() {
        told(n);
        for row in &mut rows {
            row.separations.push(separator.separate(&named.profile, row.behaviour));
        }
    }
    rows
}

/// Whether the libraries differ in it, between the compared ones or from the pure manual.
fn differs(behaviour: Behaviour, asked: &Asked, columns: &[&Named]) -> bool {
    let values: Vec<_> = columns.iter().map(|named| (behaviour.value(&named.profile), asked.is_ours(named))).collect();
    let libraries = || values.iter().filter(|(_, ours)| !ours).map(|(value, _)| *value);
    match asked.compared {
        Some(_) => libraries().next() != libraries().next_back(),
        None => libraries().any(|value| value != behaviour.pages()),
    }
}

/// The table of all releases, from what comes with the harness alone: profiles, scenarios and recordings.
///
/// # Panics
///
/// Never: tests read them all.
#[must_use]
pub fn recorded() -> Atlas {
    let files = suite::embedded().expect("the built-in scenarios are read");
    let asked = Asked { libraries: libraries(), ours: None, all: false, compared: None };
    let shown = recording::shipped().into_iter().map(|(_, recording)| Shown { recording, ran_now: false });
    build(&asked, &needed(&asked, &files, &|_| {}), &files, &shown.collect::<Vec<_>>())
}

/// The table, with what the transcripts say.
#[must_use]
pub fn build(asked: &Asked, needed: &[Needed], files: &[File], transcripts: &[Shown]) -> Atlas {
    let columns = asked.columns();
    let mine: Vec<Vec<Shown>> = columns.iter().map(|named| transcripts_of(asked, named, transcripts)).collect();
    let mut rows: Vec<Row> = needed.iter().map(|needed| row(asked, needed, &columns, &mine, files)).collect();
    // The order of axes and departures within each side.
    rows.sort_by_key(|row| row.side);
    let releases: Vec<_> = columns.iter().zip(&mine).map(|(named, mine)| release(named, mine)).collect();
    let upgrades = upgrades(asked, &columns, &rows);
    Atlas {
        schema: SCHEMA.to_owned(),
        beyond: beyond(&releases, asked.compared.as_ref()),
        releases,
        compared: asked.compared.clone(),
        rows,
        upgrades,
        notes: notes(asked, &columns, transcripts),
    }
}

fn transcripts_of(asked: &Asked, named: &Named, transcripts: &[Shown]) -> Vec<Shown> {
    let of_it = |shown: &&Shown| match of_version(&asked.libraries, &shown.recording.library.version) {
        Some(library) => library.name == named.name,
        None => asked.is_ours(named) && shown.recording.library.version.starts_with("session-cache"),
    };
    transcripts.iter().filter(of_it).cloned().collect()
}

fn release(named: &Named, mine: &[Shown]) -> Release {
    let transcripts = mine.iter().map(|shown| Source {
        version: shown.recording.library.version.clone(),
        hash: shown.recording.library.hash.clone(),
        ran_now: shown.ran_now,
    });
    Release {
        release: release_of(named).to_owned(),
        profile: named.name.clone(),
        edition: named.profile.edition.to_string(),
        transcripts: transcripts.collect(),
    }
}

fn row(asked: &Asked, needed: &Needed, columns: &[&Named], mine: &[Vec<Shown>], files: &[File]) -> Row {
    let behaviour = needed.behaviour;
    let entry = behaviour.clause().entry();
    let cells: Vec<Cell> = columns
        .iter()
        .zip(&needed.separations)
        .zip(mine)
        .map(|((named, separation), mine)| {
            let (evidence, why) = evidence(&named.profile, behaviour, separation.as_ref(), files, mine);
            let value = behaviour.value(&named.profile);
            Cell {
                release: release_of(named).to_owned(),
                value: value.to_owned(),
                as_pages: value == behaviour.pages(),
                in_edition: !entry.page.is_empty() && entry.editions().contains(&named.profile.edition),
                evidence,
                scenario: separation.as_ref().map(|separation| separation.scenario.clone()),
                against: separation.as_ref().map(|separation| separation.against.to_owned()),
                why,
            }
        })
        .collect();
    let libraries = &cells[..columns.iter().filter(|named| !asked.is_ours(named)).count()];
    let spans = spans(libraries);
    let otherwise = || libraries.iter().filter(|cell| !cell.as_pages);
    let side = needed.separations.iter().flatten().map(|separation| separation.side).min();
    Row {
        behaviour: behaviour.name().to_owned(),
        kind: behaviour.kind(),
        side: side.unwrap_or(Side::Unknown),
        clause: entry.id.to_owned(),
        clause_kind: entry.kind.to_string(),
        page: entry.page.to_owned(),
        statement: entry.statement.to_owned(),
        pages: behaviour.pages().to_owned(),
        instead: instead(behaviour, &cells),
        since: otherwise().next().map(|cell| cell.release.clone()),
        until: otherwise().next_back().map(|cell| cell.release.clone()),
        words: words(behaviour, &spans),
        spans,
        cells,
    }
}

/// What happens instead of what the pages rule.
fn instead(behaviour: Behaviour, cells: &[Cell]) -> String {
    match behaviour {
        Behaviour::Departure(departure) => departure.about().instead.to_owned(),
        Behaviour::Reading(axis) => {
            let here = axis.values[1..].iter().filter(|value| cells.iter().any(|cell| cell.value == **value));
            here.copied().collect::<Vec<_>>().join(", ")
        }
    }
}

/// What changes from each release to the next.
fn upgrades(asked: &Asked, columns: &[&Named], rows: &[Row]) -> Vec<Upgrade> {
    let libraries: Vec<_> = columns.iter().filter(|named| !asked.is_ours(named)).collect();
    let steps = libraries.windows(2).enumerate().map(|(n, pair)| {
        let changed = |client: bool| {
            let changes = |row: &&Row| row.cells[n].value != row.cells[n + 1].value;
            let of_side = rows.iter().filter(|row| (row.side == Side::Client) == client).filter(changes);
            of_side.map(|row| (row.behaviour.clone(), becomes(row, &row.cells[n + 1]))).collect()
        };
        Upgrade {
            from: release_of(pair[0]).to_owned(),
            to: release_of(pair[1]).to_owned(),
            server: changed(false),
            client: changed(true),
        }
    });
    steps.collect()
}

fn becomes(row: &Row, cell: &Cell) -> String {
    match (row.kind, cell.as_pages) {
        (Kind::Departure, true) => format!("as the pages rule: {}", row.statement),
        (Kind::Departure, false) => row.instead.clone(),
        (Kind::Reading, _) => format!("`{}`", cell.value),
    }
}

/// What is not in the table.
fn notes(asked: &Asked, columns: &[&Named], transcripts: &[Shown]) -> Vec<String> {
    let mut notes = Vec::new();
    for shown in transcripts {
        let version = &shown.recording.library.version;
        if of_version(&asked.libraries, version).is_none() && !version.starts_with("session-cache") {
            notes.push(format!("{version}: there are transcripts of it, and no shipped profile is of this release"));
        }
    }
    if asked.compared.is_some() {
        let libraries: Vec<_> = columns.iter().filter(|named| !asked.is_ours(named)).collect();
        let between = Behaviour::all().filter(|behaviour| {
            let values: Vec<_> = libraries.iter().map(|named| behaviour.value(&named.profile)).collect();
            values.first() == values.last() && values.iter().any(|value| Some(value) != values.first())
        });
        let between: Vec<_> = between.map(Behaviour::name).collect();
        if !between.is_empty() {
            notes.push(format!("alike in the two, and not in all releases between them: {}", between.join(", ")));
        }
    }
    notes
}

/// What a table says of a clause: how far the pages settle it, and where.
pub(crate) fn of_pages(row: &Row) -> String {
    if row.clause_kind == ClauseKind::Silent.name() || row.page.is_empty() {
        return format!("{}: no page has a word on it", row.clause);
    }
    let without: Vec<_> = row.cells.iter().filter(|cell| !cell.in_edition).map(|cell| cell.release.as_str()).collect();
    let lack = match without.len() {
        0 => String::new(),
        n if n == row.cells.len() => "; not in the editions of these releases".to_owned(),
        _ => format!("; not in the edition of {}", without.join(", ")),
    };
    format!("{}: {} of {}{lack}", row.clause, row.clause_kind, row.page)
}
