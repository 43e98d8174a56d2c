//! From nothing to green: the session on the protocol's page, stage by stage, with a subject that somebody is writing.
//!
//! The stages are read from the page, so that what it shows is what is asked for. Not here: scenarios and random
//! traces, which are run as on any other subject.

use std::fmt::Write;
use std::time::Duration;

use super::PAGE;
use super::answers::{Came, Reading};
use super::speaker::{Heard, Speaker};
use super::subject::{greet, hello, words_of};
use super::wire::{Asked, Capability, Greeted, Message, Said, quoted};
use crate::transcript::{Counter, Counters};

/// One stage of the page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stage {
    /// Its heading.
    pub title: &'static str,
    /// What it is about; also the hint when it is red.
    pub about: String,
    /// What is said.
    pub exchanges: Vec<Exchange>,
}

/// A message, and what it is answered with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exchange {
    /// What is written.
    pub sent: &'static str,
    /// What is to come, a line each.
    pub expected: Vec<&'static str>,
}

/// The stages of the page, in order; the first is the hello.
#[must_use]
pub fn stages() -> Vec<Stage> {
    let session = PAGE.split_once("\n## A session\n").expect("the page has a session").1;
    let stages = session.split("\n### ").skip(1);
    stages
        .map(|stage| {
            let (title, rest) = stage.split_once('\n').expect("a stage has a heading");
            let (about, lines) = rest.split_once("```jsonl\n").expect("a stage has lines");
            let lines = lines.split_once("```").expect("the lines end").0;
            Stage { title, about: about.split_whitespace().collect::<Vec<_>>().join(" "), exchanges: exchanges(lines) }
        })
        .collect()
}

fn exchanges(lines: &'static str) -> Vec<Exchange> {
    let mut exchanges: Vec<Exchange> = Vec::new();
    for line in lines.lines() {
        if let Some(sent) = line.strip_prefix("> ") {
            exchanges.push(Exchange { sent, expected: Vec::new() });
        } else if let Some(expected) = line.strip_prefix("< ") {
            exchanges.last_mut().expect("something is sent first").expected.push(expected);
        }
    }
    exchanges
}

/// How a walk ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Walked {
    /// All stages are green.
    Green,
    /// It stopped here, with words on what was sent, what was expected, what came and what to do.
    Red {
        /// The heading of the stage.
        stage: &'static str,
        /// The words, several lines.
        words: String,
    },
}

/// Goes through the stages with a command, as far as they are green; each line of the subject may take this long.
/// `told` is told of each stage that is, with a word more, or of what the subject lacks for it.
pub fn walk(command: &str, patience: Duration, told: &mut dyn FnMut(&str, Result<&str, &str>)) -> Walked {
    let stages = stages();
    let (first, rest) = stages.split_first().expect("the page has stages");
    let red = |stage: &Stage, words: String| Walked::Red { stage: stage.title, words };
    let greeted = words_of(command).and_then(|words| greet(&words, patience));
    let (mut speaker, greeted) = match greeted {
        Ok(greeted) => greeted,
        Err(why) => {
            let expected = first.exchanges[0].expected[0];
            let words = format!(
                "    sent:     {}\n    expected: such as {expected}\n    wrong:    {why}\n    hint:     {}\n",
                hello(),
                first.about
            );
            return red(first, words);
        }
    };
    told(first.title, Ok(&greeted.subject));
    for stage in rest {
        if let Some(lacked) = lacked(stage, &greeted) {
            told(stage.title, Err(lacked));
            continue;
        }
        if let Err(words) = one(stage, &mut speaker, patience) {
            return red(stage, words);
        }
        told(stage.title, Ok(""));
    }
    Walked::Green
}

/// What the stage takes and the subject does not have.
fn lacked(stage: &Stage, greeted: &Greeted) -> Option<&'static str> {
    let asked = stage.exchanges.iter().flat_map(asked_in);
    let needed = asked.flat_map(|asked| asked.steps).flat_map(|step| step.op.needs());
    needed.into_iter().find(|needed| !greeted.capabilities.contains(needed)).map(Capability::word)
}

fn asked_in(exchange: &Exchange) -> Vec<Asked> {
    match serde_json::from_str(exchange.sent).expect("the page's lines are messages") {
        Message::Traces { traces } => traces,
        Message::Hello { .. } => Vec::new(),
    }
}

/// A trace of a stage: its answers so far, and the counters that came of them.
struct Walking {
    reading: Reading,
    alike: Alike,
}

fn one(stage: &Stage, speaker: &mut Speaker, patience: Duration) -> Result<(), String> {
    let mut trace: Option<Walking> = None;
    for exchange in &stage.exchanges {
        speaker.say(exchange.sent.to_owned());
        let mut expected = exchange.expected.iter();
        for asked in asked_in(exchange) {
            let Walking { reading, alike } = match &mut trace {
                Some(goes_on) if asked.from > 0 => {
                    goes_on.reading.go_on(&asked.steps, asked.more);
                    goes_on
                }
                _ => trace.insert(Walking {
                    reading: Reading::new(asked.trace, asked.steps.clone(), asked.more),
                    alike: Alike::default(),
                }),
            };
            // An answer a step, and `done` after the last piece.
            for n in 0..asked.steps.len() + usize::from(!asked.more) {
                let expected = expected.next().expect("the page has a line for each");
                let step = asked.steps.get(n).map(|step| serde_json::to_string(step).expect("a step is JSON"));
                let red = |seen: &str, wrong: &str| {
                    let mut words = format!("    sent:     {}\n", exchange.sent);
                    let step = step.as_deref().unwrap_or("nothing more: all steps are done");
                    let _ = writeln!(
                        words,
                        "    now at:   trace {}, step {}: {step}",
                        asked.trace,
                        asked.from as usize + n
                    );
                    let _ = writeln!(words, "    expected: {expected}\n    seen:     {seen}\n    wrong:    {wrong}");
                    let _ = writeln!(words, "    hint:     {}", stage.about);
                    words
                };
                let Some(heard) = speaker.hear_within(patience) else {
                    let wrong = format!("it is silent for {} s; is each line flushed?", patience.as_secs_f32());
                    return Err(red("nothing", &wrong));
                };
                let line = match heard {
                    Heard::Line(line) => line,
                    Heard::Garbled(what) => return Err(red(&what, "it is no line of text")),
                    Heard::Ended(how) => return Err(red("nothing more", &format!("it ends: {how}"))),
                };
                match reading.read(&line) {
                    Ok(Came::Done) => {}
                    Ok(Came::Answered(said)) => {
                        let due = serde_json::from_str(expected).expect("the page's lines are answers");
                        if let Some(wrong) = alike.differ(&due, &said) {
                            return Err(red(&line, &wrong));
                        }
                    }
                    Err(wrong) => return Err(red(&quoted(line.as_bytes()), &wrong)),
                }
            }
        }
    }
    Ok(())
}

/// Compares answers: counters may be left out where they did not change, and lists without an order have none.
#[derive(Default)]
struct Alike {
    due: Vec<Counters>,
    seen: Vec<Counters>,
}

impl Alike {
    /// In what the answer is not the one that is due, in words.
    fn differ(&mut self, due: &Said, seen: &Said) -> Option<String> {
        let field = |name: &str, due: &dyn std::fmt::Debug, seen: &dyn std::fmt::Debug| {
            let (due, seen) = (format!("{due:?}"), format!("{seen:?}"));
            (due != seen).then(|| format!("`{name}` is {seen}, and {due} was expected"))
        };
        let sorted = |list: &[u32]| {
            let mut list = list.to_vec();
            list.sort_unstable();
            list
        };
        let members = |said: &Said| {
            let mut members = said.members.clone().unwrap_or_default();
            members.sort_by_key(|member| (member.context, member.session));
            members
        };
        take(&mut self.due, due);
        take(&mut self.seen, seen);
        let counters = || {
            self.due.iter().zip(&self.seen).zip(0..).find_map(|((due, seen), context)| {
                let counter = Counter::ALL.into_iter().find(|c| due[*c as usize] != seen[*c as usize])?;
                let name = format!("{}` of context `{context}", counter.name());
                field(&name, &due[counter as usize], &seen[counter as usize])
            })
        };
        field("returns", &due.returns.unwrap_or_default(), &seen.returns.unwrap_or_default())
            .or_else(|| field("session", &due.session, &seen.session))
            .or_else(|| field("made", &sorted(&due.made), &sorted(&seen.made)))
            .or_else(|| field("events", &due.events, &seen.events))
            .or_else(|| field("destroyed", &sorted(&due.destroyed), &sorted(&seen.destroyed)))
            .or_else(counters)
            .or_else(|| due.members.as_ref().and_then(|_| field("members", &members(due), &members(seen))))
            .or_else(|| field("time", &due.time, &seen.time))
            .or_else(|| field("timeout", &due.timeout, &seen.timeout))
            .or_else(|| field("resumable", &due.resumable, &seen.resumable))
    }
}

fn take(counters: &mut Vec<Counters>, said: &Said) {
    counters.resize(8, [0; 12]);
    said.counters.iter().for_each(|counted| counted.put(&mut counters[usize::from(counted.context)]));
}
