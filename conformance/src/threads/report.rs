//! Many histories of one kind of cache: drawn, played, judged, counted, and told.

use std::fmt::Write as _;
use std::time::Duration;

use super::cache::Kind;
use super::history::{Answer, History};
use super::order::{BUDGET, Verdict, Why, judge};
use super::play::{Players, Stuck};
use super::program::{Program, Scope};
use crate::stopwatch::Stopwatch;

/// What is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asked {
    /// The seed of the programs.
    pub seed: u64,
    /// The number of the first history.
    pub first: u64,
    /// How many histories.
    pub histories: u64,
    /// The most threads that share a cache; at least 2.
    pub threads: u32,
    /// How many calls each makes.
    pub calls: u32,
    /// Kinds of calls that are not made, by [`Call::word`](super::program::Call::word).
    pub without: Vec<String>,
    /// After so long no further history is played.
    pub limit: Option<Duration>,
    /// How long none of the threads may end before they are stuck; mostly [`PATIENCE`](super::play::PATIENCE).
    pub patience: Duration,
}

impl Asked {
    /// The program of this number.
    #[must_use]
    pub fn program(&self, number: u64, whole: bool) -> Program {
        // Two threads meet most often, and are searched fastest.
        let threads = 2 + (number % u64::from(self.threads.max(2) - 1)) as u32;
        Program::draw(self.seed, number, Scope { threads, calls: self.calls, whole }).without(&self.without)
    }
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
    /// The histories that were not explained, by number.
    pub found: Vec<(u64, Found)>,
}

impl Report {
    /// Whether it shows anything: threads that never meet show nothing, and neither do searches that were given up, be
    /// they more than one in a hundred.
    #[must_use]
    pub fn is_evidence(&self) -> bool {
        self.overlapping > 0 && self.undecided * 100 <= self.histories
    }
}

/// Plays histories. A kind of call whose answer was not explained is left out from then on, so that the next finding is
/// another one. `before` is told the number of each history before it is played, and what it does without; `found` each
/// finding.
pub fn run(
    kind: &Kind,
    asked: &Asked,
    before: &mut dyn FnMut(u64, &[String]),
    found: &mut dyn FnMut(u64, &Found),
) -> Report {
    let watch = Stopwatch::start();
    let mut report = Report::default();
    let mut without = asked.without.clone();
    let players = Players::new(asked.threads.max(2) as usize, asked.patience);
    for number in asked.first..asked.first.saturating_add(asked.histories) {
        if asked.limit.is_some_and(|limit| watch.elapsed() >= limit) {
            break;
        }
        before(number, &without);
        let program = asked.program(number, kind.whole).without(&without);
        let history = match players.play(kind, &program, asked.seed ^ number) {
            Ok(history) => history,
            Err(stuck) => {
                let one = Found::Stuck(stuck);
                found(number, &one);
                report.found.push((number, one));
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
                without.push(history.threads[why.thread][why.at].call.word().to_owned());
                let one = Found::NotLinearizable(Box::new(history), why);
                found(number, &one);
                report.found.push((number, one));
            }
        }
    }
    report
}

/// A history as a table: a column a thread, a row a beginning or an ending, in their order.
#[must_use]
pub fn table(history: &History, why: Option<&Why>) -> String {
    let mut rows: Vec<(u64, usize, String)> = Vec::new();
    // What comes after it explains nothing.
    let last = why.map_or(u64::MAX, |why| history.threads[why.thread][why.at].end());
    for (thread, events) in history.threads.iter().enumerate() {
        for (at, event) in events.iter().enumerate() {
            let here = why.is_some_and(|why| (why.thread, why.at) == (thread, at));
            let mark = if here { "  <-- nothing explains this" } else { "" };
            match &event.ended {
                // Nothing happened in between: one row.
                Some((ended, answer)) if *ended == event.begun + 1 && (*ended < last || here) => {
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
    rows.retain(|(moment, ..)| *moment <= last);
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

/// A finding, in words.
#[must_use]
pub fn told(kind: &Kind, asked: &Asked, number: u64, found: &Found) -> String {
    let why = if let Found::NotLinearizable(_, why) = found { Some(why) } else { None };
    let (name, profile, seed) = (&kind.name, &kind.profile.name, asked.seed);
    let table = table(found.history(), why);
    format!("{name}: {}{table}  history {number} of seed {seed}, under profile {profile}\n", found.first_line())
}

/// What was done in all, in a line.
#[must_use]
pub fn summary(kind: &Kind, asked: &Asked, report: &Report) -> String {
    let Asked { seed, threads, calls, .. } = asked;
    let Report { histories, undecided, calls: made, overlapping, found } = report;
    let odd = found.iter().filter(|(_, found)| matches!(found, Found::NotLinearizable(..))).count() as u64;
    let explained = histories - undecided - odd;
    let share = 100.0 * *overlapping as f64 / (*made).max(1) as f64;
    format!(
        "{}: {explained} of {histories} histories explained, {undecided} undecided; 2 to {threads} threads with {calls} calls, seed {seed}; {share:.1} % of {made} calls met another thread's\n",
        kind.name
    )
}

/// A program in words: what there is before the threads begin, and the calls of each.
#[must_use]
pub fn calls(program: &Program) -> String {
    let mut out = String::new();
    for (number, made) in program.sessions.iter().enumerate() {
        let cached = if made.cached { ", cached" } else { "" };
        let _ = writeln!(out, "  s{number}: id {:02x}, time {}, timeout {}{cached}", made.id, made.time, made.timeout);
    }
    let _ = writeln!(out, "  size {}, mode {:#x}", program.size, program.mode);
    for (thread, calls) in program.threads.iter().enumerate() {
        let calls: Vec<_> = calls.iter().map(ToString::to_string).collect();
        let _ = writeln!(out, "  thread {thread}: {}", calls.join("; "));
    }
    out
}
