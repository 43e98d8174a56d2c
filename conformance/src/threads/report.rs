//! Many histories of one kind of cache: drawn, played, judged, counted, and told.

use std::fmt::Write as _;
use std::time::Duration;

use session_model::Profile;

use super::alphabet::Alphabet;
use super::cache::Kind;
use super::history::{Answer, History};
use super::order::{BUDGET, Verdict, Why, judge};
use super::play::{Players, Stuck};
use super::program::{Program, Scope};
use super::steps::Steps;
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
    /// Draw from nothing but the alphabet of this word, by [`Alphabet::word`].
    pub only: Option<String>,
    /// After so long no further history is played.
    pub limit: Option<Duration>,
    /// How long none of the threads may end before they are stuck; mostly [`PATIENCE`](super::play::PATIENCE).
    pub patience: Duration,
}

impl Asked {
    /// What its programs are drawn from; nothing, if the cache has not what is asked for.
    pub fn alphabets(&self, kind: &Kind) -> impl Iterator<Item = Alphabet> {
        let asked = |alphabet: &Alphabet| self.only.as_deref().is_none_or(|only| only == alphabet.word());
        kind.alphabets.iter().copied().filter(asked)
    }

    /// The program of this number.
    ///
    /// # Panics
    ///
    /// When it is drawn from nothing.
    #[must_use]
    pub fn program(&self, number: u64, kind: &Kind) -> Program {
        // Two threads meet most often, and are searched fastest.
        let threads = 2 + (number % self.counts()) as u32;
        let alphabet = self.alphabet(number, kind);
        Program::draw(self.seed, number, Scope { threads, calls: self.calls, alphabet }).without(&self.without)
    }

    /// What the program of this number is drawn from.
    fn alphabet(&self, number: u64, kind: &Kind) -> Alphabet {
        let alphabets: Vec<Alphabet> = self.alphabets(kind).collect();
        alphabets[(number / self.counts()) as usize % alphabets.len()]
    }

    /// So many numbers of threads take their turns.
    fn counts(&self) -> u64 {
        u64::from(self.threads.max(2) - 1)
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
            Self::NotLinearizable(history, Why::End { possible }) => {
                let seen = history.after.as_ref().map_or_else(String::new, ToString::to_string);
                let possible: Vec<_> = possible.iter().map(ToString::to_string).collect();
                format!(
                    "not linearizable: at the end {seen}; no order of the calls gives that, but: {}\n",
                    possible.join("; or ")
                )
            }
            Self::NotLinearizable(history, Why::Call { thread, at, possible }) => {
                let event = &history.threads[*thread][*at];
                let given = event.ended.as_ref().map_or_else(String::new, |(_, answer)| answer.to_string());
                let possible: Vec<_> = possible.iter().map(Answer::to_string).collect();
                let possible = if possible.is_empty() { "none".to_owned() } else { possible.join("; or ") };
                let call = event.call;
                format!(
                    "not linearizable: thread {thread}, `{call}`: {given}; no order of the calls gives that, but: \
                     {possible}\n"
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
    /// Of those that are explained, how many take a handshake that another thread has made fail.
    pub marked: u64,
    /// The histories that were not explained, by number.
    pub found: Vec<(u64, Found)>,
    /// What was left out for that, in its order.
    pub left_out: Vec<LeftOut>,
}

/// A kind of call that is made no more, since an answer to one was not explained.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LeftOut {
    /// By [`Call::word`](super::program::Call::word).
    pub word: String,
    /// In programs that are drawn from this; in others it is made as before.
    pub alphabet: Alphabet,
    /// From the history of this number on.
    pub from: u64,
}

impl Report {
    /// Whether it shows anything: threads that never meet show nothing, and neither do searches that were given up, be
    /// they more than one in a hundred.
    #[must_use]
    pub fn is_evidence(&self) -> bool {
        self.overlapping > 0 && self.undecided * 100 <= self.histories
    }
}

/// Plays histories. A kind of call whose answer was not explained is left out of that alphabet from then on, so that the
/// next finding is another one; but where a library's handshake fails since another thread has marked its session, that
/// is told once and explains such answers from then on ([`Steps::LibraryMarked`]). `before` is told the number of each
/// history before it is played, and what it does without; `found` each finding.
pub fn run(
    kind: &Kind,
    asked: &Asked,
    before: &mut dyn FnMut(u64, &[String]),
    found: &mut dyn FnMut(u64, &Found),
) -> Report {
    let watch = Stopwatch::start();
    let mut report = Report::default();
    let players = Players::new(asked.threads.max(2) as usize, asked.patience);
    for number in asked.first..asked.first.saturating_add(asked.histories) {
        if asked.limit.is_some_and(|limit| watch.elapsed() >= limit) {
            break;
        }
        let alphabet = asked.alphabet(number, kind);
        let out = report.left_out.iter().filter(|out| out.alphabet == alphabet).map(|out| &out.word);
        let without: Vec<String> = asked.without.iter().chain(out).cloned().collect();
        before(number, &without);
        let program = asked.program(number, kind).without(&without);
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
        let why = match weigh(&history, &kind.profile.profile, BUDGET) {
            Weighed::Explained => continue,
            Weighed::Undecided => {
                report.undecided += 1;
                continue;
            }
            Weighed::Marked(why) => {
                report.marked += 1;
                if report.marked > 1 {
                    continue;
                }
                why
            }
            Weighed::Not(why) => {
                // What is wrong at the end has no call that could be left out.
                let word = why.call().map(|(thread, at)| history.threads[thread][at].call.word().to_owned());
                let from = number.saturating_add(1);
                report.left_out.extend(word.map(|word| LeftOut { word, alphabet, from }));
                why
            }
        };
        let one = Found::NotLinearizable(Box::new(history), why);
        found(number, &one);
        report.found.push((number, one));
    }
    report
}

/// What a history shows.
#[derive(PartialEq, Eq, Debug)]
enum Weighed {
    Explained,
    /// It is explained if another thread has marked a session between a lookup and its ServerHello, and not otherwise.
    Marked(Why),
    Not(Why),
    /// One of the searches was given up.
    Undecided,
}

fn weigh(history: &History, profile: &Profile, budget: usize) -> Weighed {
    let why = match judge(history, profile, budget) {
        Verdict::Linearizable(_) => return Weighed::Explained,
        Verdict::Undecided => return Weighed::Undecided,
        Verdict::Not(why) => why,
    };
    if history.steps != Steps::Library {
        return Weighed::Not(why);
    }
    let with = History { steps: Steps::LibraryMarked, ..history.clone() };
    match judge(&with, profile, budget) {
        Verdict::Linearizable(_) => Weighed::Marked(why),
        Verdict::Undecided => Weighed::Undecided,
        Verdict::Not(_) => Weighed::Not(why),
    }
}

/// A history as a table: a column a thread, a row a beginning or an ending, in their order.
#[must_use]
pub fn table(history: &History, why: Option<&Why>) -> String {
    let mut rows: Vec<(u64, usize, String)> = Vec::new();
    // What comes after it explains nothing.
    let why = why.and_then(Why::call);
    let last = why.map_or(u64::MAX, |(thread, at)| history.threads[thread][at].end());
    for (thread, events) in history.threads.iter().enumerate() {
        for (at, event) in events.iter().enumerate() {
            let here = why == Some((thread, at));
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
    let Report { histories, undecided, calls: made, overlapping, marked, found, left_out } = report;
    let odd = found.iter().filter(|(_, found)| matches!(found, Found::NotLinearizable(..))).count() as u64;
    // The first of those that were marked is among the findings.
    let explained = histories - undecided - odd;
    let also =
        if *marked > 0 { format!(", {marked} with a handshake that another thread made fail") } else { String::new() };
    let without = |LeftOut { word, alphabet, from }: &LeftOut| {
        format!("; without `{word}` from history {from} on, of those of {}", alphabet.word())
    };
    let without: String = left_out.iter().map(without).collect();
    let share = 100.0 * *overlapping as f64 / (*made).max(1) as f64;
    format!(
        "{}: {explained} of {histories} histories explained{also}, {undecided} undecided; 2 to {threads} threads with \
         {calls} calls, seed {seed}; {share:.1} % of {made} calls met another thread's{without}\n",
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
    let Program { size, mode, established, .. } = program;
    let _ = writeln!(out, "  size {size}, mode {mode:#x}, {established} connections established before");
    for (thread, calls) in program.threads.iter().enumerate() {
        let calls: Vec<_> = calls.iter().map(ToString::to_string).collect();
        let _ = writeln!(out, "  thread {thread}: {}", calls.join("; "));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::history::Event;
    use super::super::program::{Call, Made, NOW};
    use super::*;
    use crate::profiles;

    /// A server agrees to resume a session that another thread marks before the ServerHello, and fails.
    fn made_to_fail() -> History {
        let event = |call, begun, ended, returns, left: &[u32]| {
            let answer = Answer { returns, left: left.to_vec(), counters: None };
            Event { call, begun, ended: Some((ended, answer)) }
        };
        let server = vec![
            event(Call::Begin(Some(0)), 0, 3, Some(1), &[]),
            event(Call::Finish, 4, 5, Some(-1), &[]),
            event(Call::Has(0), 6, 7, Some(0), &[]),
        ];
        let threads = vec![server, vec![event(Call::Remove(0), 1, 2, Some(1), &[0])]];
        let program = Program {
            sessions: vec![Made { id: 1, time: NOW, timeout: 300, cached: true }],
            size: 0,
            mode: 0x2,
            established: 0,
            calls_back: false,
            threads: threads.iter().map(|events| events.iter().map(|event| event.call).collect()).collect(),
        };
        let (schema, profile) = (History::SCHEMA.to_owned(), "libssl-3.0.7".to_owned());
        let history = History { schema, profile, program, steps: Steps::Library, threads, after: None };
        assert_eq!(history.sound(), Ok(()));
        history
    }

    #[test]
    fn a_search_that_is_given_up_under_either_kind_of_steps_makes_no_finding() {
        let (history, profile) = (made_to_fail(), profiles::by_name("libssl-3.0.7").expect("it is shipped").profile);
        let short = |budget: &usize| {
            let not = matches!(judge(&history, &profile, *budget), Verdict::Not(_));
            not && weigh(&history, &profile, *budget) == Weighed::Undecided
        };
        assert!((0..100).any(|budget| short(&budget)), "the first search ends, the second does not");
        let found = |budget: &usize| matches!(weigh(&history, &profile, *budget), Weighed::Not(_));
        assert_eq!((0..100).find(found), None);
        assert!(matches!(weigh(&history, &profile, 100), Weighed::Marked(_)));
    }
}
