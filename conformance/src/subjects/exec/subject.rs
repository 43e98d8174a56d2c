//! The subject: a process that is asked for one trace after the other, and started anew when it goes down.

use std::time::Duration;

use super::answers::{Came, Reading};
use super::calls::{Piece, converse, transcript_of};
use super::needs::lacks;
use super::speaker::{Heard, Speaker};
use super::wire::{Asked, Capability, Greeted, Greeting, Harness, Message, OLDEST, Said, VERSION, quoted, shortened};
use crate::subject::Subject;
use crate::trace::Trace;
use crate::transcript::{Ending, Transcript};

/// A program that speaks the protocol.
pub struct Exec {
    name: String,
    words: Vec<String>,
    patience: Duration,
    /// What it said of itself at first.
    greeted: Greeted,
    /// `None`: it went down.
    speaker: Option<Speaker>,
    traces: u64,
}

impl Exec {
    /// Starts a command, as a shell would split it into words, and greets it. It may take this long to answer.
    ///
    /// # Errors
    ///
    /// When it cannot be started, or does not answer as the protocol says: in words.
    pub fn start(command: &str, patience: Duration) -> Result<Self, String> {
        let words = words_of(command)?;
        let (speaker, greeted) = greet(&words, patience)?;
        Ok(Self { name: format!("exec:{command}"), words, patience, greeted, speaker: Some(speaker), traces: 0 })
    }

    /// What it says of itself.
    #[must_use]
    pub fn greeted(&self) -> &Greeted {
        &self.greeted
    }

    /// Asks for a piece of a trace, which is read by `reading`: the answers up to where it goes down or says what is no
    /// answer, and how it ended. `answered` is told how many calls of the trace are answered.
    fn ask(
        &mut self,
        piece: Piece<'_>,
        reading: &mut Option<Reading>,
        answers: &mut Vec<Said>,
        answered: &mut dyn FnMut(usize),
    ) -> Ending {
        let ending = match self.speaker() {
            Err(why) => Ending::Broke(format!("it does not start again: {why}")),
            Ok(()) => self.hear_all(piece, reading, answers, answered),
        };
        if ending != Ending::Completed {
            self.speaker = None;
        }
        ending
    }

    fn hear_all(
        &mut self,
        Piece { from, steps, more, .. }: Piece<'_>,
        reading: &mut Option<Reading>,
        answers: &mut Vec<Said>,
        answered: &mut dyn FnMut(usize),
    ) -> Ending {
        let reading = match reading {
            Some(reading) => {
                reading.go_on(steps, more);
                reading
            }
            None => {
                self.traces += 1;
                reading.insert(Reading::new(self.traces, steps.to_vec(), more))
            }
        };
        let speaker = self.speaker.as_mut().expect("it was started");
        let asked = Asked { trace: self.traces, from, steps: steps.to_vec(), more };
        speaker.say(line(&Message::Traces { traces: vec![asked] }));
        while !reading.is_all() {
            let broke = match speaker.hear() {
                Heard::Ended(how) => return Ending::Crashed(how),
                Heard::Garbled(what) => what,
                Heard::Line(line) => match reading.read(&line) {
                    Ok(Came::Done) => return Ending::Completed,
                    Ok(Came::Answered(said)) => {
                        answers.push(*said);
                        answered(answers.len());
                        continue;
                    }
                    Err(what) => what,
                },
            };
            return Ending::Broke(format!("it says {broke}{}", speaker.last_words()));
        }
        Ending::Completed
    }

    /// Starts it anew after it went down: it has to be what it was.
    fn speaker(&mut self) -> Result<(), String> {
        if self.speaker.is_some() {
            return Ok(());
        }
        let (speaker, greeted) = greet(&self.words, self.patience)?;
        if greeted != self.greeted {
            let [now, before] = [&greeted, &self.greeted].map(|greeted| shortened(&format!("{greeted:?}")));
            return Err(format!("it says that it is {now}, and said {before} before"));
        }
        self.speaker = Some(speaker);
        Ok(())
    }
}

impl Subject for Exec {
    fn name(&self) -> &str {
        &self.name
    }

    fn run_watched(&mut self, trace: &Trace, out: &mut Transcript, before: &mut dyn FnMut(u32)) {
        out.clear();
        if let Some(why) = lacks(trace, &self.greeted) {
            out.ending = Ending::Refused(why);
            return;
        }
        let last = u32::try_from(trace.executed().count()).unwrap_or(u32::MAX).saturating_sub(1);
        let (mut told, mut reading) = (0, None);
        let asked = converse(trace, &mut |piece, answers| {
            let from = piece.from as usize;
            // What does not answer at all does so at the first step of the piece.
            if let Some(&first) = piece.of.first() {
                (told..=first).for_each(&mut *before);
                told = told.max(first + 1);
            }
            self.ask(piece, &mut reading, answers, &mut |answered| {
                // What comes after a piece that depends on it is of its last op still.
                let after = if piece.more { piece.of.last() } else { None };
                let next = piece.of.get(answered - from).or(after).copied().unwrap_or(last);
                (told..=next).for_each(&mut *before);
                told = told.max(next + 1);
            })
        });
        transcript_of(trace, asked, out);
    }
}

/// The words of a command, as a shell splits them; nothing else of a shell is done.
///
/// # Errors
///
/// When a quotation is not closed, or there is no word.
pub fn words_of(command: &str) -> Result<Vec<String>, String> {
    match shlex::split(command) {
        Some(words) if !words.is_empty() => Ok(words),
        Some(_) => Err("`exec:` wants a command".to_owned()),
        None => Err(format!("`{command}`: a quotation is not closed")),
    }
}

fn line(message: &Message) -> String {
    serde_json::to_string(message).expect("a message is JSON")
}

/// The harness's first line.
#[must_use]
pub fn hello() -> String {
    let harness = format!("sesscheck {}", env!("CARGO_PKG_VERSION"));
    let capabilities = Capability::ALL.to_vec();
    line(&Message::Hello { hello: Harness { protocol: VERSION, harness, capabilities } })
}

/// Starts it and greets it.
pub(super) fn greet(words: &[String], patience: Duration) -> Result<(Speaker, Greeted), String> {
    let mut speaker = Speaker::start(words).map_err(|error| format!("`{}`: {error}", words[0]))?;
    speaker.say(hello());
    let Some(heard) = speaker.hear_within(patience) else {
        let words = speaker.last_words();
        return Err(format!("it is silent: no answer to the hello in {} s{words}", patience.as_secs_f32()));
    };
    let what = match heard {
        Heard::Line(line) => match greeted(&line) {
            Ok(greeted) => return Ok((speaker, greeted)),
            Err(what) => what,
        },
        Heard::Garbled(what) => format!("instead of a hello it says {what}"),
        Heard::Ended(how) => format!("it ends before its hello: {how}"),
    };
    Err(what)
}

fn greeted(line: &str) -> Result<Greeted, String> {
    let wrong = |what: String| format!("{what}; the line: {}", quoted(line.as_bytes()));
    let greeting: Greeting = serde_json::from_str(line)
        .map_err(|error| wrong(format!("it says what is no hello: {}", shortened(&error.to_string()))))?;
    let Greeted { protocol, capabilities, .. } = &greeting.hello;
    if !(OLDEST..=VERSION).contains(protocol) {
        let ours = format!("and the harness versions {OLDEST} to {VERSION}");
        return Err(wrong(format!("it speaks version {protocol} of the protocol, {ours}")));
    }
    for (n, capability) in capabilities.iter().enumerate() {
        let (word, since) = (capability.word(), capability.since());
        if since > *protocol {
            return Err(wrong(format!("it has `{word}`, which came with version {since}, and speaks {protocol}")));
        }
        if Capability::BEYOND_HANDSHAKES.contains(capability) && !capabilities.contains(&Capability::Handshakes) {
            return Err(wrong(format!("it has `{word}` without `handshakes`")));
        }
        if capabilities[..n].contains(capability) {
            return Err(wrong(format!("it says twice that it has `{}`", capability.word())));
        }
    }
    Ok(greeting.hello)
}
