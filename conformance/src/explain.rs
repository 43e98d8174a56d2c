//! What happens in a trace, step by step: each clause with what it decides, and a table of the internal cache before and
//! after, the answer, the callbacks, what is destroyed and the counters, by the manual and beside it by subjects that
//! ran it.
//!
//! Not here: running a subject, and whether it keeps the manual ([`mod@crate::check`]).

mod words;

use std::collections::BTreeMap;
use std::fmt::Write;

use session_model::{Called, Clause, Profile, SessionRef, What};

use crate::driver::{Driver, Library};
use crate::naming::Naming;
use crate::scenario::op_line;
use crate::subjects::model::Model;
use crate::trace::{Place, Shown, Trace};
use crate::transcript::{Member, Seen, Transcript};

pub(crate) use words::{Words, answer};

/// A subject that ran the trace, and what it showed.
#[derive(Clone, Debug)]
pub struct Beside {
    /// What stands above its column.
    pub name: String,
    /// What it showed; shorter where it went down.
    pub transcript: Transcript,
}

/// What stands above the last phase.
const AT_THE_END: &str = "-- at the end, added to every trace: what it still holds is given up, then its contexts --";

/// How many members, calls or objects a cell names.
const NAMED: usize = 6;

/// The explanation as text: the first column is the manual under this profile, then one for each subject. A row that is
/// not the same in all columns begins with `!`. Rounds of a `repeat` after the first are told where a callback is
/// called, or where a subject does otherwise; steps of the last phase, below a line that says so, where something is
/// destroyed, or likewise.
#[must_use]
pub fn explain(trace: &Trace, profile: &Profile, beside: &[Beside]) -> String {
    let trace = Trace { shown: Shown::Everything, ..trace.clone() };
    let mut driver = Driver::new(Model::new(*profile), &trace.setup, trace.shown);
    let (mut out, mut ruled) = (String::new(), Transcript::default());
    let manual = format!("manual {}", profile.edition);
    let names: Vec<&str> = [manual.as_str()].into_iter().chain(beside.iter().map(|one| one.name.as_str())).collect();
    let namings: Vec<_> = beside.iter().map(|one| Naming::of(&trace, &one.transcript)).collect();
    let mut before = vec![none(); names.len()];
    let mut ended = false;
    for (index, (place, op)) in trace.executed().enumerate() {
        let line = op_line(&op, &trace.names);
        if let Some(why) = driver.library().refuses(&op) {
            put(&mut out, format_args!("{place}: {line}\n  refused: {why}"));
            break;
        }
        driver.step(&op, &mut ruled);
        let naming = Naming::of(&trace, &ruled);
        let by_manual = ruled.step(index).expect("the driver ends a step for each op");
        let mut columns = vec![Column::of(&trace, &naming, Some(&by_manual))];
        columns.extend(
            beside
                .iter()
                .zip(&namings)
                .map(|(one, naming)| Column::of(&trace, naming, one.transcript.step(index).as_ref())),
        );
        if eventful(&trace, place, &by_manual) || columns.iter().any(|column| *column != columns[0]) {
            if place.step as usize > trace.ops.len() && !std::mem::replace(&mut ended, true) {
                put(&mut out, format_args!("{AT_THE_END}"));
            }
            put(&mut out, format_args!("{place}: {line}"));
            Explained { trace: &trace, naming: &naming }.decisions(&mut out, &driver.library().ruling.decided);
            table(&mut out, &names, &before, &columns);
        }
        before = columns.into_iter().map(|column| column.members).collect();
    }
    out
}

/// Whether a step is told even where all do the same.
fn eventful(trace: &Trace, place: Place, seen: &Seen<'_>) -> bool {
    let later_round = place.within.is_some_and(|(round, _)| round > 1);
    let last_phase = place.step as usize > trace.ops.len();
    !(seen.events.is_empty() && (later_round || last_phase && seen.destroyed.is_empty()))
}

/// What a step shows, in words that are alike where it is.
#[derive(Clone, PartialEq, Eq)]
struct Column {
    members: String,
    answer: String,
    callbacks: String,
    destroyed: String,
    counters: String,
}

impl Column {
    fn of(trace: &Trace, naming: &Naming, seen: Option<&Seen<'_>>) -> Self {
        let Some(seen) = seen else {
            let gone = || "did not get here".to_owned();
            return Self { members: gone(), answer: gone(), callbacks: gone(), destroyed: gone(), counters: gone() };
        };
        let words = Words { trace, naming };
        let member = |m: &Member| {
            let mark = if m.resumable { "" } else { " non-resumable" };
            Some(format!("{}{} {}+{}{mark}", words.of(m.context?), words.who(m.session), m.time, m.timeout))
        };
        let counters: BTreeMap<_, _> =
            seen.counters.iter().map(|change| ((change.context, change.counter as usize), change)).collect();
        Self {
            members: several(seen.members.iter().filter_map(member)),
            answer: answer(seen.answer),
            callbacks: several(seen.events.iter().map(|event| words.event(event))),
            destroyed: several(seen.destroyed.iter().map(|c| words.who(*c))),
            counters: several(counters.values().map(|change| words.counter(change))),
        }
    }
}

fn none() -> String {
    "-".to_owned()
}

fn several(all: impl Iterator<Item = String>) -> String {
    let all: Vec<_> = all.collect();
    match all.len() {
        0 => none(),
        n if n > NAMED => format!("{}, and {} more", all[..NAMED].join(", "), n - NAMED),
        _ => all.join(", "),
    }
}

/// The rows of a step, each column as wide as what is in it.
fn table(out: &mut String, names: &[&str], before: &[String], columns: &[Column]) {
    type Of = fn(&Column) -> &String;
    let rows: [(&str, Of); 5] = [
        ("after", |column| &column.members),
        ("answer", |column| &column.answer),
        ("callbacks", |column| &column.callbacks),
        ("destroyed", |column| &column.destroyed),
        ("counters", |column| &column.counters),
    ];
    let mut lines =
        vec![("", names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()), ("before", before.to_vec())];
    lines.extend(rows.map(|(row, of)| (row, columns.iter().map(|column| of(column).clone()).collect())));
    // What nobody does is no row.
    let quiet = |cells: &[String]| cells.iter().all(|cell| *cell == none());
    lines.retain(|(row, cells)| matches!(*row, "" | "before" | "after" | "answer") || !quiet(cells));
    let width = |column: usize| lines.iter().map(|(_, cells)| cells[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<_> = (0..names.len()).map(width).collect();
    for (row, cells) in &lines {
        let mark = if !row.is_empty() && cells.iter().any(|cell| *cell != cells[0]) { '!' } else { ' ' };
        let cells: Vec<_> = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        put(out, format_args!("{}", format!("{mark} {row:<9}  {}", cells.join("  |  ")).trim_end()));
    }
}

fn put(out: &mut String, line: std::fmt::Arguments<'_>) {
    writeln!(out, "{line}").expect("a string takes it all");
}

struct Explained<'t> {
    trace: &'t Trace,
    naming: &'t Naming,
}

impl Explained<'_> {
    fn who(&self, c: SessionRef) -> String {
        self.naming.show(&self.trace.names, c)
    }

    fn decisions(&self, out: &mut String, decided: &[(Clause, What)]) {
        for (clause, what) in decided {
            put(out, format_args!("  {:<9}  {:<34} {}", "", clause.id(), self.what(*clause, *what)));
        }
    }

    fn what(&self, clause: Clause, what: What) -> String {
        match what {
            What::TheWay => clause.entry().statement.to_owned(),
            What::TheAnswer => "decides the answer".to_owned(),
            What::Calls(Called::New(_, c, kept)) => {
                format!("new_session_cb is called with {}, returns {}", self.who(c), i32::from(kept))
            }
            What::Calls(Called::Get(_, _, Some(c))) => format!("get_session_cb is called, answers {}", self.who(c)),
            What::Calls(Called::Get(_, _, None)) => "get_session_cb is called, finds nothing".to_owned(),
            What::Calls(Called::Remove(_, c)) => format!("remove_session_cb is called with {}", self.who(c)),
            What::Destroys(c) => format!("the last reference on {} goes: it is destroyed", self.who(c)),
            What::Counts(_, counter) => format!("the counter {} goes up", counter.name()),
            What::Enters(_, c) => format!("{} enters the internal cache", self.who(c)),
            What::Leaves(_, c) => format!("{} leaves the internal cache", self.who(c)),
            What::Stays(c) => format!("{} stays in the internal cache", self.who(c)),
            What::Marks(c) => format!("{} is marked non-resumable", self.who(c)),
            What::Times(c) => format!("the time of {} is set", self.who(c)),
            What::TimesOut(c) => format!("the timeout of {} is set", self.who(c)),
        }
    }
}
