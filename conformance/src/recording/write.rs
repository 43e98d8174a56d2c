//! A recording as text.

use std::fmt::Write;

use session_model::SessionRef;

use super::members::{Change, changes, follows};
use super::{FORMAT, Recording};
use crate::transcript::{Answer, Counters, Ending, Event, Member, Seen, Transcript};

/// The text of a recording.
#[must_use]
pub fn write(recording: &Recording) -> String {
    let library = &recording.library;
    let mut out = String::new();
    put(&mut out, format_args!("{FORMAT}\nlibrary: {}\nsoname: {}\n", library.version, library.soname));
    put(&mut out, format_args!("hash: {}\n", library.hash));
    for shown in &recording.shown {
        let word = if shown.everything { "everything" } else { "steps" };
        put(&mut out, format_args!("\nscenario {}\ntrace {:016x} {word}\n", shown.scenario, shown.fingerprint));
        out.push_str(&write_transcript(&shown.transcript, shown.everything));
    }
    out
}

/// The lines of a transcript: one a step, and how it ended when not well. With `everything`, a step that shows its
/// members needs no word for that; without, one that does not.
#[must_use]
pub fn write_transcript(transcript: &Transcript, everything: bool) -> String {
    let mut writer = Writer { everything, ..Writer::default() };
    for index in 0..transcript.steps.len() {
        writer.step(index, &transcript.step(index).expect("the index is below their number"));
        writer.end_line();
    }
    let mut out = writer.end();
    match &transcript.ending {
        Ending::Completed => {}
        Ending::Crashed(why) => put(&mut out, format_args!("crashed {}\n", why.escape_default())),
        Ending::Hung => out.push_str("hung\n"),
        Ending::Grew(why) => put(&mut out, format_args!("grew {}\n", why.escape_default())),
        Ending::Broke(why) => put(&mut out, format_args!("broke {}\n", why.escape_default())),
        Ending::Refused(why) => put(&mut out, format_args!("refused {}\n", why.escape_default())),
    }
    out
}

#[derive(Default)]
struct Writer {
    out: String,
    everything: bool,
    /// The line that is written.
    line: Line,
    /// The line before, and how often it came.
    before: (Line, u32),
    members: Vec<Member>,
    counters: Vec<Counters>,
    /// The number of the next object.
    next: u32,
}

/// A line with all objects by their numbers, and with `^` for the next new one: the same for many steps in a row.
#[derive(Default)]
struct Line {
    numbered: String,
    alike: String,
}

impl Writer {
    fn end_line(&mut self) {
        if self.before.1 > 0 && self.before.0.alike == self.line.alike {
            self.before.1 += 1;
        } else {
            self.say_before();
            self.before = (std::mem::take(&mut self.line), 1);
        }
        self.line = Line::default();
    }

    fn say_before(&mut self) {
        let (Line { numbered, alike }, times) = &self.before;
        match times {
            0 => {}
            1 => put(&mut self.out, format_args!("{numbered}\n")),
            times => put(&mut self.out, format_args!("{times}x {alike}\n")),
        }
    }

    fn end(mut self) -> String {
        self.say_before();
        self.out
    }

    fn put(&mut self, what: std::fmt::Arguments<'_>) {
        put(&mut self.line.numbered, what);
        put(&mut self.line.alike, what);
    }

    fn session(&mut self, c: SessionRef) {
        put(&mut self.line.numbered, format_args!("{}", c.0));
        match c.0.checked_sub(self.next) {
            Some(0) => self.line.alike.push('^'),
            Some(after) => put(&mut self.line.alike, format_args!("^{after}")),
            None => put(&mut self.line.alike, format_args!("{}", c.0)),
        }
        self.next = self.next.max(c.0.saturating_add(1));
    }

    fn step(&mut self, index: usize, seen: &Seen<'_>) {
        match seen.answer {
            Answer::Returns(value) => self.put(format_args!("={value}")),
            Answer::Nothing => self.put(format_args!(".")),
            Answer::Absent => self.put(format_args!("absent")),
        }
        if seen.probed != self.everything {
            self.put(format_args!("{}", if seen.probed { " shown" } else { " hidden" }));
        }
        self.events(seen.events);
        self.sessions("gone:", seen.destroyed);
        for change in seen.counters {
            let context = usize::from(change.context.0);
            if self.counters.len() <= context {
                self.counters.resize(context + 1, [0; 12]);
            }
            let known = std::mem::replace(&mut self.counters[context][change.counter as usize], change.value);
            self.put(format_args!(" {context}.{}{:+}", change.counter.name(), change.value.wrapping_sub(known)));
        }
        self.members(seen);
        let follows = follows(index, seen.probed, seen.members);
        match seen.digest {
            digest if digest == follows => {}
            Some(digest) => self.put(format_args!(" #{digest:016x}")),
            None => self.put(format_args!(" #none")),
        }
    }

    fn events(&mut self, mut events: &[Event]) {
        while let Some(event) = events.first() {
            let Event::Remove(ctx, _) = event else {
                self.event(event);
                events = &events[1..];
                continue;
            };
            // Removals of one context in a row.
            let removed =
                |event: &Event| if let Event::Remove(of, c) = event { (of == ctx).then_some(*c) } else { None };
            let removed: Vec<_> = events.iter().map_while(removed).collect();
            self.sessions(&format!("remove:{}/", ctx.0), &removed);
            events = &events[removed.len()..];
        }
    }

    /// A word for each, or for several whose numbers go up evenly.
    fn sessions(&mut self, word: &str, mut sessions: &[SessionRef]) {
        while let [first, rest @ ..] = sessions {
            self.put(format_args!(" {word}"));
            self.session(*first);
            let step = rest.first().and_then(|second| second.0.checked_sub(first.0)).filter(|step| *step > 0);
            let even = step.map_or(1, |step| {
                1 + sessions.windows(2).take_while(|w| w[1].0.checked_sub(w[0].0) == Some(step)).count()
            });
            match step.filter(|_| even > 2) {
                Some(step) => {
                    let last = sessions[even - 1];
                    self.put(format_args!("..{}+{step}", last.0));
                    self.next = self.next.max(last.0.saturating_add(1));
                    sessions = &sessions[even..];
                }
                None => sessions = rest,
            }
        }
    }

    fn event(&mut self, event: &Event) {
        match event {
            Event::New(ctx, c, kept) => {
                self.put(format_args!(" new:{}/", ctx.0));
                self.session(*c);
                self.put(format_args!("={}", i32::from(*kept)));
            }
            Event::Get(ctx, id, answer) => {
                self.put(format_args!(" get:{}/{id:08x}=", ctx.0));
                match answer {
                    Some(c) => self.session(*c),
                    None => self.put(format_args!("none")),
                }
            }
            Event::Remove(ctx, c) => self.sessions(&format!("remove:{}/", ctx.0), &[*c]),
        }
    }

    fn members(&mut self, seen: &Seen<'_>) {
        match changes(&self.members, seen.members).filter(|_| seen.probed) {
            Some(changes) => {
                let left = |change: &Change| if let Change::Leaves(m) = change { Some(*m) } else { None };
                let left: Vec<_> = changes.iter().filter_map(left).collect();
                for of_one in left.chunk_by(|a, b| a.context == b.context) {
                    let sessions: Vec<_> = of_one.iter().map(|m| m.session).collect();
                    self.sessions(&format!("-{}/", of(&of_one[0])), &sessions);
                }
                for change in changes {
                    match change {
                        Change::Enters(m) => self.member('+', &m),
                        Change::Differs(m) => self.member('~', &m),
                        Change::Leaves(_) => {}
                    }
                }
            }
            // All of them, when not the changes: those of some contexts, or in an order of their own.
            None if seen.members.is_empty() && !seen.probed => {}
            None => {
                self.put(format_args!(" all"));
                seen.members.iter().for_each(|m| self.member('+', m));
            }
        }
        if seen.probed {
            seen.members.clone_into(&mut self.members);
        }
    }

    fn member(&mut self, sign: char, member: &Member) {
        let Member { session, time, timeout, resumable, .. } = member;
        self.put(format_args!(" {sign}{}/", of(member)));
        self.session(*session);
        self.put(format_args!("@{time}+{timeout}{}", if *resumable { "" } else { "!" }));
    }
}

/// The context's number, or `o`.
fn of(member: &Member) -> String {
    member.context.map_or_else(|| "o".to_owned(), |context| context.0.to_string())
}

fn put(out: &mut String, what: std::fmt::Arguments<'_>) {
    out.write_fmt(what).expect("a string takes it all");
}
