//! The text of a recording, read back to the very same transcripts.

use session_model::{ContextRef, SessionRef};

use super::members::{Change, apply, follows};
use super::{FORMAT, LibraryFacts, Recorded, Recording};
use crate::transcript::{Answer, Counter, CounterChange, Counters, Ending, Event, Member, Transcript};

/// How much one transcript can have: steps, callbacks, objects that are destroyed and members together. Repeats and
/// ranges are short however much they stand for.
const MOST: usize = 1 << 22;

/// What cannot be read, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReadError {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub what: String,
}

impl std::fmt::Display for ReadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

impl std::error::Error for ReadError {}

/// Reads a recording.
///
/// # Errors
///
/// The first line that is not as [`super::write()`] writes it.
pub fn read(text: &str) -> Result<Recording, ReadError> {
    let mut lines = Lines { lines: text.lines().collect(), at: 0 };
    let format = lines.after("")?;
    if format != FORMAT {
        return lines.wrong(format!("a recording of another form, `{format}`; this is {FORMAT}"));
    }
    let library = LibraryFacts {
        version: lines.after("library: ")?.to_owned(),
        soname: lines.after("soname: ")?.to_owned(),
        hash: lines.after("hash: ")?.to_owned(),
    };
    let mut shown = Vec::new();
    while lines.at < lines.lines.len() {
        if !lines.after("")?.is_empty() {
            return lines.wrong("an empty line stands before a scenario".to_owned());
        }
        let scenario = lines.after("scenario ")?.to_owned();
        let (fingerprint, word) = lines.after("trace ")?.split_once(' ').unwrap_or_default();
        let (Ok(fingerprint), true) = (u64::from_str_radix(fingerprint, 16), ["everything", "steps"].contains(&word))
        else {
            return lines.wrong("`trace`, its fingerprint, and `everything` or `steps`".to_owned());
        };
        let everything = word == "everything";
        let until = lines.lines[lines.at..].iter().position(|line| line.is_empty());
        let until = until.map_or(lines.lines.len(), |lines_of_it| lines.at + lines_of_it);
        let transcript = transcript_of(&lines.lines[lines.at..until], everything, lines.at)?;
        lines.at = until;
        shown.push(Recorded { scenario, fingerprint, everything, transcript });
    }
    if !shown.is_sorted_by(|a, b| a.scenario < b.scenario) {
        return lines.wrong("the scenarios do not stand in order of path, once each".to_owned());
    }
    Ok(Recording { library, shown })
}

/// Reads the lines of one transcript.
///
/// # Errors
///
/// The first line that is not as [`super::write_transcript`] writes it.
pub fn read_transcript(text: &str, everything: bool) -> Result<Transcript, ReadError> {
    transcript_of(&text.lines().collect::<Vec<_>>(), everything, 0)
}

struct Lines<'t> {
    lines: Vec<&'t str>,
    /// How many were read.
    at: usize,
}

impl<'t> Lines<'t> {
    fn after(&mut self, word: &str) -> Result<&'t str, ReadError> {
        self.at += 1;
        let line = self.lines.get(self.at - 1).and_then(|line| line.strip_prefix(word));
        line.map_or_else(|| self.wrong(format!("`{}` is missing", word.trim_end())), Ok)
    }

    fn wrong<T>(&self, what: String) -> Result<T, ReadError> {
        Err(ReadError { line: self.at, what })
    }
}

fn transcript_of(lines: &[&str], everything: bool, from: usize) -> Result<Transcript, ReadError> {
    let mut reader = Reader { everything, ..Reader::default() };
    for (n, line) in lines.iter().enumerate() {
        let wrong = |what: String| ReadError { line: from + n + 1, what };
        if reader.out.ending != Ending::Completed {
            return Err(wrong("a line after the end".to_owned()));
        }
        reader.line(line).ok_or_else(|| wrong(format!("`{line}` is no step")))?;
    }
    Ok(reader.out)
}

#[derive(Default)]
struct Reader {
    out: Transcript,
    everything: bool,
    members: Vec<Member>,
    counters: Vec<Counters>,
    /// The number of the next object.
    next: u32,
}

impl Reader {
    /// Reads one line; `None`: it is none.
    fn line(&mut self, line: &str) -> Option<()> {
        if let Some(ending) = ending(line) {
            self.out.ending = ending;
            return Some(());
        }
        let (times, step) = match line.split_once("x ") {
            Some((times, step)) if !times.is_empty() && times.bytes().all(|b| b.is_ascii_digit()) => {
                (times.parse().ok()?, step)
            }
            _ => (1, line),
        };
        (0..times).try_for_each(|_: u32| self.step(step))
    }

    /// Whether there is room for so many more.
    fn room(&self, more: usize) -> Option<()> {
        let Transcript { steps, events, destroyed, members, .. } = &self.out;
        let all = steps.len() + events.len() + destroyed.len() + members.len();
        (more <= MOST.saturating_sub(all)).then_some(())
    }

    fn step(&mut self, line: &str) -> Option<()> {
        self.room(1)?;
        let mut words = line.split(' ').peekable();
        let answer = match words.next()? {
            "." => Answer::Nothing,
            "absent" => Answer::Absent,
            value => Answer::Returns(value.strip_prefix('=')?.parse().ok()?),
        };
        let mut probed = self.everything;
        if let Some(word) = words.next_if(|word| ["shown", "hidden"].contains(word)) {
            probed = word == "shown";
        }
        let (mut all, mut digest, mut changes) = (false, None, Vec::new());
        for word in words {
            match word.split_at_checked(1)? {
                _ if word == "all" => all = true,
                ("+", rest) => changes.push(Change::Enters(self.member(rest)?)),
                ("~", rest) => changes.push(Change::Differs(self.member(rest)?)),
                ("-", rest) => {
                    let (context, sessions) = rest.split_once('/')?;
                    for session in self.sessions(sessions)? {
                        changes.push(Change::Leaves(self.member(&format!("{context}/{}@0+0", session.0))?));
                    }
                }
                ("#", "none") => digest = Some(None),
                ("#", hex) => digest = Some(Some(u64::from_str_radix(hex, 16).ok()?)),
                _ => self.fact(word)?,
            }
        }
        let mut shown = if all || !probed { Vec::new() } else { std::mem::take(&mut self.members) };
        if all {
            for change in &changes {
                let Change::Enters(member) = change else { return None };
                shown.push(*member);
            }
        } else {
            apply(&mut shown, &changes);
        }
        self.room(shown.len())?;
        let digest = digest.unwrap_or_else(|| follows(self.out.steps.len(), probed, &shown));
        self.out.members.extend(&shown);
        if probed {
            self.members = shown;
        }
        self.out.end_step(answer, digest, probed);
        Some(())
    }

    /// A callback, an object that was destroyed, a counter that changed.
    fn fact(&mut self, word: &str) -> Option<()> {
        if let Some((what, rest)) = word.split_once(':') {
            if what == "gone" {
                let gone = self.sessions(rest)?;
                self.out.destroyed.extend(gone);
                return Some(());
            }
            let (context, rest) = rest.split_once('/')?;
            let context = ContextRef(context.parse().ok()?);
            if what == "remove" {
                let removed = self.sessions(rest)?;
                self.out.events.extend(removed.into_iter().map(|c| Event::Remove(context, c)));
                return Some(());
            }
            let event = match (what, rest.split_once('=')) {
                ("new", Some((c, kept))) => Event::New(context, self.session(c)?, flag(kept)?),
                ("get", Some((id, c))) => {
                    let answer = if c == "none" { None } else { Some(self.session(c)?) };
                    Event::Get(context, u32::from_str_radix(id, 16).ok()?, answer)
                }
                _ => return None,
            };
            self.out.events.push(event);
            return Some(());
        }
        let (context, rest) = word.split_once('.')?;
        let (name, by) = rest.split_at_checked(rest.find(['+', '-'])?)?;
        let context = ContextRef(context.parse().ok()?);
        let counter = Counter::ALL.into_iter().find(|counter| counter.name() == name)?;
        let slot = usize::from(context.0);
        if self.counters.len() <= slot {
            self.counters.resize(slot + 1, [0; 12]);
        }
        let value = &mut self.counters[slot][counter as usize];
        *value = value.wrapping_add(by.parse().ok()?);
        self.out.counters.push(CounterChange { context, counter, value: *value });
        Some(())
    }

    /// An object, or several whose numbers go up evenly: `FIRST..LAST+STEP`.
    fn sessions(&mut self, word: &str) -> Option<Vec<SessionRef>> {
        let Some((first, rest)) = word.split_once("..") else { return Some(vec![self.session(word)?]) };
        let first = self.session(first)?;
        let (last, step) = rest.split_once('+')?;
        let (last, step): (u32, usize) = (last.parse().ok()?, step.parse().ok().filter(|step| *step > 0)?);
        self.next = self.next.max(last.saturating_add(1));
        self.room(last.saturating_sub(first.0) as usize / step)?;
        Some((first.0..=last).step_by(step).map(SessionRef).collect())
    }

    /// An object by its number, or `^` for the next one that was not named, `^N` for the one N after that.
    fn session(&mut self, word: &str) -> Option<SessionRef> {
        let number = match word.strip_prefix('^') {
            Some("") => self.next,
            Some(after) => self.next.checked_add(after.parse().ok()?)?,
            None => word.parse().ok()?,
        };
        self.next = self.next.max(number.saturating_add(1));
        Some(SessionRef(number))
    }

    fn member(&mut self, word: &str) -> Option<Member> {
        let (word, resumable) = word.strip_suffix('!').map_or((word, true), |word| (word, false));
        let (who, times) = word.split_once('@')?;
        let (context, session) = who.split_once('/')?;
        let context = if context == "o" { None } else { Some(ContextRef(context.parse().ok()?)) };
        let (time, timeout) = times.split_once('+')?;
        let session = self.session(session)?;
        Some(Member { context, session, time: time.parse().ok()?, timeout: timeout.parse().ok()?, resumable })
    }
}

fn ending(line: &str) -> Option<Ending> {
    match line.split_once(' ').unwrap_or((line, "")) {
        ("hung", "") => Some(Ending::Hung),
        ("grew", why) => Some(Ending::Grew(unescaped(why)?)),
        ("broke", why) => Some(Ending::Broke(unescaped(why)?)),
        ("crashed", why) => Some(Ending::Crashed(unescaped(why)?)),
        ("refused", why) => Some(Ending::Refused(unescaped(why)?)),
        _ => None,
    }
}

fn flag(word: &str) -> Option<bool> {
    match word {
        "0" => Some(false),
        "1" => Some(true),
        _ => None,
    }
}

/// What `escape_default` made of a text, back again.
fn unescaped(text: &str) -> Option<String> {
    let (mut out, mut rest) = (String::new(), text.chars());
    while let Some(c) = rest.next() {
        out.push(match c {
            '\\' => match rest.next()? {
                't' => '\t',
                'r' => '\r',
                'n' => '\n',
                'u' => {
                    let code: String = rest.by_ref().take_while(|c| *c != '}').collect();
                    char::from_u32(u32::from_str_radix(code.strip_prefix('{')?, 16).ok()?)?
                }
                other => other,
            },
            other => other,
        });
    }
    Some(out)
}
