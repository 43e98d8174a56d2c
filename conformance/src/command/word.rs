//! What a process is about to do, written down for whoever is left when a library has taken it down.
//!
//! A file has a room for the end of the process, and one for each run: the words for what is under way, the thread that
//! is at it, and the number of what was asked of a cache last. Not here: who reads it, and what follows from it
//! ([`super::apart`]).

use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::Arc;

use rustix::process::getppid;
use rustix::thread::gettid;

use super::CouldNotRun;
use crate::simulate::event::{Event, What};
use crate::stopwatch::every_little_while;

/// How much room a run has, in bytes. As much before the first has the end of the process.
const ROOM: usize = 256;

/// Where the number of what was asked last is in it: at its end.
const ASK: usize = ROOM - size_of::<u64>();

/// How much of it is for words; between them and that is the number of the thread.
const WORDS: usize = ASK - size_of::<u32>();

/// The number where nothing was asked yet, or something else is under way.
const NOTHING: u64 = u64::MAX;

/// What is before an event of a run that is made again.
const AGAIN: &str = "the run that is made again, ";

/// What is before something that a worker does.
const REDUCTION: &str = "the reduction, ";

/// Where a process writes what it is about to do.
pub(super) struct Word(File);

impl Word {
    /// Makes the file, with the room for the end, so that a full disk is told here.
    pub(super) fn make(file: &Path) -> std::io::Result<()> {
        std::fs::write(file, [b' '; ROOM])
    }

    /// In this file of the outer process. When that one is gone, this one ends: nobody would end it if it hung.
    pub(super) fn open(file: &Path) -> Result<Self, CouldNotRun> {
        let parent = getppid();
        std::thread::spawn(move || {
            every_little_while(|| {
                if getppid() != parent {
                    // An orderly exit would run what the library has registered, beside the thread that is in it.
                    std::process::abort();
                }
            });
        });
        Ok(Self(File::options().write(true).open(file)?))
    }

    /// All is told that there is to tell; what is left is to end with this status.
    pub(super) fn told(&self, status: u8) -> std::io::Result<()> {
        self.write(0, format_args!("{status}"), &mut [b' '; ROOM])
    }

    /// Writes as much of a room as there is of `line`.
    fn write(&self, room: usize, text: std::fmt::Arguments<'_>, line: &mut [u8]) -> std::io::Result<()> {
        let words = line.len().min(WORDS);
        // What has no room is left out.
        let _ = (&mut line[..words]).write_fmt(text);
        self.0.write_all_at(line, (room * ROOM) as u64)
    }
}

/// The place of one run in the [`Word`], if anybody reads it.
#[derive(Clone)]
pub(super) struct Line {
    word: Option<Arc<Word>>,
    run: usize,
    setting: String,
}

impl Line {
    /// Of the run of this number, with this setting.
    pub(super) fn of(word: Option<Arc<Word>>, run: usize, setting: &impl ToString) -> Self {
        Self { word, run, setting: setting.to_string() }
    }

    /// The run is about to carry out this event. What was asked last is what it was.
    pub(super) fn event(&self, number: u64, event: &Event) {
        self.put_event("", number, event, &mut [b' '; ASK]);
    }

    /// The same of a run that is made again: what it asks is not written down.
    pub(super) fn event_again(&self, number: u64, event: &Event) {
        self.put_event(AGAIN, number, event, &mut room());
    }

    /// The run is about to ask a cache what has this number.
    pub(super) fn ask(&self, number: u64) {
        if let Some(Word(file)) = self.word.as_deref() {
            let at = (1 + self.run) * ROOM + ASK;
            // As below.
            let _ = file.write_all_at(&number.to_le_bytes(), at as u64);
        }
    }

    /// The run is about to do this.
    pub(super) fn about(&self, what: &str) {
        self.put(format_args!("{what}; {}", self.setting), &mut room());
    }

    /// A worker is about to do this for the run: it is watched by itself, with more patience where others keep it from
    /// running.
    pub(super) fn reduction(&self, what: &str) {
        self.about(&format!("{REDUCTION}{what}"));
    }

    /// The run asks nothing of the cache any more.
    pub(super) fn over(&self) {
        self.put(format_args!(""), &mut room());
    }

    fn put_event(&self, when: &str, number: u64, Event { at, server, what }: &Event, line: &mut [u8]) {
        let (seconds, rest, server) = (at.0 / 1_000_000, at.0 % 1_000_000, server.0);
        let what = words(what);
        let text =
            format_args!("{when}event {number}, at {seconds}.{rest:06} s, server {server}: {what}; {}", self.setting);
        self.put(text, line);
    }

    fn put(&self, text: std::fmt::Arguments<'_>, line: &mut [u8]) {
        if let Some(word) = &self.word {
            line[WORDS..ASK].copy_from_slice(&gettid().as_raw_nonzero().get().to_le_bytes());
            // A word that cannot be written is missed by nobody until the cache goes down.
            let _ = word.write(1 + self.run, text, line);
        }
    }
}

/// A whole room, in which nothing was asked.
fn room() -> [u8; ROOM] {
    let mut room = [b' '; ROOM];
    room[ASK..].copy_from_slice(&NOTHING.to_le_bytes());
    room
}

/// What a process has written.
#[derive(Debug)]
pub(super) struct Heard {
    /// Whether it has come as far as the cache.
    pub(super) begun: bool,
    /// The exit status with which it has told everything; `None`: it has not.
    pub(super) told: Option<u8>,
    /// What each run that goes on was about to do last.
    pub(super) under_way: Vec<UnderWay>,
}

/// What a run was about to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct UnderWay {
    /// The run.
    pub(super) run: usize,
    /// What, in words.
    pub(super) what: String,
    /// The number of what it has asked last; `None`: it is not asking, or not for the first time.
    pub(super) ask: Option<u64>,
    /// The number of the thread that is at it.
    pub(super) thread: u32,
}

impl UnderWay {
    /// Whether it is an event of a run that is made again.
    pub(super) fn is_again(&self) -> bool {
        self.what.starts_with(AGAIN)
    }

    /// Whether a worker does it, which is watched by itself.
    pub(super) fn is_watched(&self) -> bool {
        self.what.starts_with(REDUCTION)
    }
}

impl Heard {
    pub(super) fn in_file(word: &Path) -> Self {
        let bytes = std::fs::read(word).unwrap_or_default();
        let mut rooms = bytes.chunks(ROOM).map(|room| {
            let (words, numbers) = room.split_at(room.len().min(WORDS));
            (words, numbers.split_at(numbers.len().min(ASK - WORDS)))
        });
        let words = |words: &[u8]| String::from_utf8_lossy(words).trim_matches(['\0', ' ']).to_owned();
        let told = rooms.next().and_then(|(end, _)| words(end).parse().ok());
        let runs = rooms.enumerate().map(|(run, (what, (thread, ask)))| {
            let thread = thread.try_into().map_or(0, u32::from_le_bytes);
            let ask = ask.try_into().map(u64::from_le_bytes).ok().filter(|ask| *ask != NOTHING);
            UnderWay { run, what: words(what), ask, thread }
        });
        let under_way = runs.filter(|run| told.is_none() && !run.what.is_empty()).collect();
        Self { begun: bytes.len() > ROOM, told, under_way }
    }
}

fn words(what: &What) -> &'static str {
    match what {
        What::Begin { .. } => "a client connects",
        What::Finish(_) => "a handshake is finished",
        What::Abort(_) => "a client goes in its handshake",
        What::Close { clean: true, .. } => "a connection is closed",
        What::Close { clean: false, .. } => "a connection is freed uncleanly",
        What::Restart => "the server starts anew",
        What::StepClock(_) => "its clock is moved",
        What::SetMode(_) => "its mode is set",
        What::SetSize(_) => "its size is set",
        What::SetTimeout(_) => "its timeout is set",
        What::Flush => "a flush",
        What::TakeOut => "the server is taken out",
        What::PutBack => "the server is put back",
        What::Scatter => "its clients are scattered",
        What::Gather => "its clients are gathered",
        What::TurnAway(_) => "a client finds no server",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;
    use crate::simulate::event::{Moment, Server};

    #[test]
    fn what_is_under_way_is_read_until_it_is_over() {
        let folder = Scratch::new("under-way");
        let file = folder.0.join("word");
        let word = Arc::new(Word(File::create(&file).expect("it can be made")));
        let line = |run, setting: &str| Line::of(Some(Arc::clone(&word)), run, &setting);
        let [first, third] = [line(0, "as it is"), line(2, "size 5")];
        let event = Event { at: Moment(2_000_001), server: Server(3), what: What::Flush };
        for line in [&first, &third] {
            line.about("the servers are started");
        }
        first.event(7, &event);
        third.event(8, &event);
        third.ask(41);
        let under_way = || Heard::in_file(&file).under_way;
        let thread = gettid().as_raw_nonzero().get().unsigned_abs();
        let run = |run, what: &str, ask| UnderWay { run, what: what.to_owned(), ask, thread };
        let all = [
            run(0, "event 7, at 2.000001 s, server 3: a flush; as it is", None),
            run(2, "event 8, at 2.000001 s, server 3: a flush; size 5", Some(41)),
        ];
        assert_eq!(under_way(), all);
        first.over();
        assert_eq!(under_way(), all[1..]);
        third.event(9, &event);
        assert_eq!(under_way(), [run(2, "event 9, at 2.000001 s, server 3: a flush; size 5", Some(41))]);
        third.event_again(1, &event);
        let again = "the run that is made again, event 1, at 2.000001 s, server 3: a flush; size 5";
        assert_eq!(under_way(), [run(2, again, None)]);
        assert!(under_way()[0].is_again() && !all[1].is_again());
        third.reduction("trace 1");
        assert_eq!(under_way(), [run(2, "the reduction, trace 1; size 5", None)]);
        assert!(under_way()[0].is_watched() && !under_way()[0].is_again() && !all[1].is_watched());
        word.told(0).expect("it can be written");
        assert_eq!((Heard::in_file(&file).told, under_way()), (Some(0), vec![]));
    }
}
