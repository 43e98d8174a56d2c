//! Many histories of one kind of cache: drawn, played, judged, counted, and told.

use std::fmt::Write as _;
use std::time::Duration;

use super::cache::Kind;
use super::history::{Answer, History};
use super::order::{BUDGET, Verdict, Why, judge};
use super::plan::{Plan, Scope};
use super::play::{Players, Stuck};
use crate::stopwatch::Stopwatch;

/// What is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Asked {
    /// The seed of the plans.
    pub seed: u64,
    /// How many histories.
    pub histories: u64,
    /// The most threads that share a cache; at least 2.
    pub threads: u32,
    /// How many calls each makes.
    pub calls: u32,
    /// After so long no further history is played.
    pub limit: Option<Duration>,
    /// How long none of the threads may end before they are stuck; mostly [`PATIENCE`](super::play::PATIENCE).
    pub patience: Duration,
}

/// A history that was not explained.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Found {
    /// No order of its calls explains the answers.
    NotLinearizable(Box<History>, Why),
    /// It did not come to its end.
    Stuck(Box<Stuck>),
}

impl Found {
    /// The history.
    #[must_use]
    pub fn history(&self) -> &History {
        match self {
            Self::NotLinearizable(history, _) => history,
            Self::Stuck(stuck) => &stuck.history,
        }
    }

    /// What it is, in one line.
    #[must_use]
    pub fn first_line(&self) -> String {
        match self {
            Self::NotLinearizable(history, Why { thread, at, possible }) => {
                let event = &history.threads[*thread][*at];
                let given = event.ended.as_ref().map_or_else(String::new, |(_, answer)| answer.to_string());
                let possible: Vec<_> = possible.iter().map(Answer::to_string).collect();
                let possible = if possible.is_empty() { "none".to_owned() } else { possible.join("; or ") };
                let call = event.call;
                format!(
                    "not linearizable: thread {thread}, `{call}`: {given}; no order of the calls gives that, but: {possible}\n"
                )
            }
            Self::Stuck(stuck) if stuck.panicked => "a thread panicked in its last call\n".to_owned(),
            Self::Stuck(_) => "threads that wait for each other do not end\n".to_owned(),
        }
    }
}

/// What came of it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Report {
    /// Histories that were judged.
    pub histories: u64,
    /// Of these, those whose search was given up: they say nothing.
    pub undecided: u64,
    /// Calls that were made.
    pub calls: usize,
    /// Of these, those that were under way together with one of another thread.
    pub overlapping: usize,
    /// The first history that was not explained; no more are played then.
    pub found: Option<(u64, Found)>,
}

/// Plays histories until one is not explained.
#[must_use]
pub fn run(kind: &Kind, asked: &Asked) -> Report {
    let watch = Stopwatch::start();
    let mut report = Report::default();
    let players = Players::new(asked.threads.max(2) as usize, asked.patience);
    for number in 0..asked.histories {
        if asked.limit.is_some_and(|limit| watch.elapsed() >= limit) {
            break;
        }
        // Two threads meet most often, and are searched fastest.
        let threads = 2 + u32::try_from(number).unwrap_or(u32::MAX) % asked.threads.max(2).saturating_sub(1);
        let scope = Scope { threads, calls: asked.calls, whole: kind.whole };
        let plan = Plan::draw(asked.seed, number, scope);
        let history = match players.play(kind, &plan, asked.seed ^ number) {
            Ok(history) => history,
            Err(stuck) => {
                report.found = Some((number, Found::Stuck(stuck)));
                break;
            }
        };
        report.histories += 1;
        report.calls += history.calls();
        report.overlapping += history.overlapping();
        match judge(&history, &kind.profile.profile, BUDGET) {
            Verdict::Linearizable(_) => {}
            Verdict::Undecided => report.undecided += 1,
            Verdict::Not(why) => {
                report.found = Some((number, Found::NotLinearizable(Box::new(history), why)));
                break;
            }
        }
    }
    report
}

/// A history as a table: a column a thread, a row a beginning or an ending, in their order.
#[must_use]
pub fn table(history: &History, why: Option<&Why>) -> String {
    let mut rows: Vec<(u64, usize, String)> = Vec::new();
    for (thread, events) in history.threads.iter().enumerate() {
        for (at, event) in events.iter().enumerate() {
            let here = why.is_some_and(|why| (why.thread, why.at) == (thread, at));
            let mark = if here { "  <-- nothing explains this" } else { "" };
            match &event.ended {
                // Nothing happened in between: one row.
                Some((ended, answer)) if *ended == event.begun + 1 => {
                    rows.push((event.begun, thread, format!("{}: {answer}{mark}", event.call)));
                }
                Some((ended, answer)) => {
                    rows.push((event.begun, thread, format!("{} …", event.call)));
                    rows.push((*ended, thread, format!("… {answer}{mark}")));
                }
                None => rows.push((event.begun, thread, format!("{} …", event.call))),
            }
        }
    }
    rows.sort_by_key(|(moment, ..)| *moment);
    let width =
        rows.iter().map(|(.., text)| text.trim_end_matches("  <-- nothing explains this").chars().count()).max();
    let width = width.unwrap_or(0) + 2;
    let mut out = String::new();
    let heads: Vec<_> = (0..history.threads.len()).map(|n| format!("{:width$}", format!("thread {n}"))).collect();
    let _ = writeln!(out, "  {}", heads.concat().trim_end());
    for (_, thread, text) in rows {
        let _ = writeln!(out, "  {:indent$}{text}", "", indent = thread * width);
    }
    out
}

/// A report, in words.
#[must_use]
pub fn told(kind: &Kind, asked: &Asked, report: &Report) -> String {
    let Asked { seed, threads, calls, .. } = asked;
    let mut out = String::new();
    if let Some((number, found)) = &report.found {
        let _ = write!(out, "{}: {}", kind.name, found.first_line());
        let why = if let Found::NotLinearizable(_, why) = found { Some(why) } else { None };
        out.push_str(&table(found.history(), why));
        let _ = writeln!(out, "history {number} of seed {seed}, under profile {}", kind.profile.name);
    }
    let explained =
        report.histories - report.undecided - u64::from(matches!(report.found, Some((_, Found::NotLinearizable(..)))));
    let share = 100 * report.overlapping / report.calls.max(1);
    let _ = writeln!(
        out,
        "{}: {explained} of {} histories explained, {} undecided; 2 to {threads} threads, {calls} calls each, seed {seed}; {share} % of {} calls met another thread's",
        kind.name, report.histories, report.undecided, report.calls,
    );
    out
}
