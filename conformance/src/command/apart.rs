//! A run on a libssl, in a process of its own: a library that goes down takes its process with it, and one that hangs
//! can only be ended from outside.
//!
//! The inner process writes down what it is about to do, before each event and each trace of a reduction, and in the end
//! that all is told; the outer one tells the last word if it is another. Not here: what is run.

use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::sync::Arc;
use std::time::Duration;

use rustix::process::getppid;

use super::{CouldNotRun, Done, print};
use crate::simulate::event::{Event, What};
use crate::stopwatch::{CONFIRM, Stopwatch, every_little_while, wait_a_moment};

/// How many times as long as a subject may be silent a run may stay where it is. An event takes less than a
/// millisecond, a restart with a million sessions some seconds; nobody runs it again to be sure, so it has what confirms
/// a hang elsewhere. A trace of a reduction, in a worker that is watched by itself, is run and confirmed, with a new
/// worker after either.
const PATIENCE: u32 = 1 + CONFIRM + 1;

/// How much room a run has for what it is about to do, in bytes. As much before the first has the end of the process.
const ROOM: usize = 256;

/// Has another process do what this one was told to do, with `--inside`, and tells how it ended if it did not end by
/// itself. `subject` is what runs there, `again` the command that runs it again, `silence` how long the subject may be
/// silent.
pub(super) fn apart(subject: &str, again: &str, silence: Duration) -> Done {
    let patience = silence.saturating_mul(PATIENCE);
    let word = std::env::temp_dir().join(format!("sesscheck-simulate-{}", std::process::id()));
    // With the room for the end, so that a full disk is told here.
    std::fs::write(&word, [b' '; ROOM])?;
    let mut given: Vec<_> = std::env::args_os().skip(1).collect();
    given.extend(["--inside".into(), PathBuf::from(&word).into_os_string()]);
    let child = Command::new(std::env::current_exe()?).args(given).env("OPENSSL_CONF", "/dev/null").spawn()?;
    let ended = watch(child, &word, patience);
    let heard = Heard::in_file(&word);
    let _ = std::fs::remove_file(&word);
    let ended = ended?;
    if let Some(status) = heard.orderly(&ended) {
        return Ok(status);
    }
    let text = told(subject, &ended.how(patience), &heard.under_way, again);
    let Some(status) = heard.told else {
        print(&text)?;
        return Ok(1);
    };
    // Behind answers that may be of any form, nothing else is put.
    let _ = std::io::stderr().write_all(text.as_bytes());
    Ok(status.max(1))
}

/// How a process ended.
#[derive(Debug)]
enum Ended {
    /// By itself, or by a signal.
    By(ExitStatus),
    /// It hung, and was ended.
    Hung,
}

impl Ended {
    fn how(&self, patience: Duration) -> String {
        match self {
            Self::Hung => format!("hangs: nothing more happened for {} seconds", patience.as_secs()),
            Self::By(status) => match status.code() {
                Some(code) => format!("went down: it ended the process with status {code}"),
                None => format!("went down: {status}"),
            },
        }
    }
}

/// Waits for a process, and ends it when a run in it does not move for so long.
fn watch(mut child: Child, word: &Path, patience: Duration) -> Result<Ended, CouldNotRun> {
    let mut seen: Vec<(String, Stopwatch)> = Vec::new();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Ended::By(status));
        }
        let now = Heard::in_file(word).under_way;
        seen.retain(|(before, _)| now.contains(before));
        for one in now {
            if !seen.iter().any(|(before, _)| *before == one) {
                seen.push((one, Stopwatch::start()));
            }
        }
        if seen.iter().any(|(_, since)| since.elapsed() >= patience) {
            child.kill()?;
            child.wait()?;
            return Ok(Ended::Hung);
        }
        wait_a_moment();
    }
}

/// What the inner process has written.
#[derive(Debug)]
struct Heard {
    /// Whether it has come as far as the cache.
    begun: bool,
    /// The exit status with which it has told everything; `None`: it has not.
    told: Option<u8>,
    /// What each run that goes on was about to do last, or the process itself.
    under_way: Vec<String>,
}

impl Heard {
    fn in_file(word: &Path) -> Self {
        let bytes = std::fs::read(word).unwrap_or_default();
        let mut rooms =
            bytes.chunks(ROOM).map(|room| String::from_utf8_lossy(room).trim_matches(['\0', ' ']).to_owned());
        let told = rooms.next().and_then(|end| end.parse().ok());
        let under_way = match told {
            Some(_) => vec!["the end of the process, after everything was told".to_owned()],
            None => rooms.filter(|run| !run.is_empty()).collect(),
        };
        Self { begun: bytes.len() > ROOM, told, under_way }
    }

    /// The exit status of a process that ended as it meant to; `None`: the library had a hand in it. Anything in the
    /// process can call `exit`, with any status, so that only what was written before tells the two apart.
    fn orderly(&self, ended: &Ended) -> Option<u8> {
        let Ended::By(status) = ended else { return None };
        let status = u8::try_from(status.code()?).ok()?;
        // Before the cache is opened, nobody but us can end it: it has said why.
        (self.told == Some(status) || !self.begun).then_some(status)
    }
}

fn told(subject: &str, how: &str, last: &[String], again: &str) -> String {
    let mut text = format!("{subject}: {how}\n");
    if last.is_empty() {
        text.push_str("  while no run was under way\n");
    }
    last.iter().for_each(|one| text.push_str(&format!("  in {one}\n")));
    text.push_str(&format!("  again: {again}\n"));
    text
}

/// Where the inner process writes what it is about to do.
pub(super) struct Word(File);

impl Word {
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
        self.write(0, format_args!("{status}"))
    }

    fn write(&self, room: usize, text: std::fmt::Arguments<'_>) -> std::io::Result<()> {
        let mut line = [b' '; ROOM];
        // What has no room is left out.
        let _ = (&mut line[..]).write_fmt(text);
        self.0.write_all_at(&line, (room * ROOM) as u64)
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

    /// The run is about to carry out this event; `when`: in the run, or when it is made again.
    pub(super) fn event(&self, when: &str, number: u64, Event { at, server, what }: &Event) {
        let (seconds, rest, server) = (at.0 / 1_000_000, at.0 % 1_000_000, server.0);
        let what = words(what);
        self.put(format_args!(
            "{when}event {number}, at {seconds}.{rest:06} s, server {server}: {what}; {}",
            self.setting
        ));
    }

    /// The run is about to do this.
    pub(super) fn about(&self, what: &str) {
        self.put(format_args!("{what}; {}", self.setting));
    }

    /// The run asks nothing of the cache any more.
    pub(super) fn over(&self) {
        self.put(format_args!(""));
    }

    fn put(&self, text: std::fmt::Arguments<'_>) {
        if let Some(word) = &self.word {
            // A word that cannot be written is missed by nobody until the cache goes down.
            let _ = word.write(1 + self.run, text);
        }
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

    const LONG: Duration = Duration::from_secs(3600);

    fn word(name: &str) -> (Scratch, PathBuf, Arc<Word>) {
        let folder = Scratch::new(name);
        let file = folder.0.join("word");
        let made = Arc::new(Word(File::create(&file).expect("it can be made")));
        (folder, file, made)
    }

    fn line(word: &Arc<Word>, run: usize, setting: &str) -> Line {
        Line::of(Some(Arc::clone(word)), run, &setting)
    }

    fn event() -> Event {
        Event { at: Moment(2_000_001), server: Server(3), what: What::Flush }
    }

    fn shell(script: &str) -> Child {
        Command::new("sh").args(["-c", script]).spawn().expect("there is a shell")
    }

    #[test]
    fn what_is_under_way_is_read_until_it_is_over() {
        let (_folder, file, word) = word("under-way");
        let [first, third] = [(0, "as it is"), (2, "size 5")].map(|(run, setting)| line(&word, run, setting));
        first.event("", 7, &event());
        third.event("", 8, &event());
        let all = [
            "event 7, at 2.000001 s, server 3: a flush; as it is",
            "event 8, at 2.000001 s, server 3: a flush; size 5",
        ];
        let under_way = || Heard::in_file(&file).under_way;
        assert_eq!(under_way(), all);
        first.over();
        assert_eq!(under_way(), all[1..]);
        third.about("a trace of the reduction");
        assert_eq!(under_way(), ["a trace of the reduction; size 5"]);
        word.told(0).expect("it can be written");
        assert_eq!(under_way(), ["the end of the process, after everything was told"]);
    }

    #[test]
    fn a_status_is_believed_of_what_has_told_everything_with_it_or_has_not_begun() {
        let (_folder, file, word) = word("orderly");
        let ends = |script: &str| watch(shell(script), &file, LONG).expect("it can be waited for");
        let [zero, two, signal] = ["exit 0", "exit 2", "kill -SEGV $$"].map(ends);
        let believed = || [&zero, &two, &signal, &Ended::Hung].map(|ended| Heard::in_file(&file).orderly(ended));
        assert_eq!(believed(), [Some(0), Some(2), None, None]);
        line(&word, 0, "as it is").event("", 7, &event());
        assert_eq!(believed(), [None; 4]);
        line(&word, 0, "as it is").over();
        assert_eq!(believed(), [None; 4], "nothing is told yet");
        word.told(2).expect("it can be written");
        assert_eq!(believed(), [None, Some(2), None, None]);
    }

    #[test]
    fn a_process_that_a_signal_ends_is_told_by_it_and_one_that_exits_by_its_status() {
        let (_folder, file, _word) = word("ends");
        let how = |script: &str| watch(shell(script), &file, LONG).expect("it can be waited for").how(LONG);
        assert!(how("kill -SEGV $$").starts_with("went down: signal: 11 "));
        assert_eq!(how("exit 3"), "went down: it ended the process with status 3");
    }

    #[test]
    fn one_that_stays_where_it_is_is_ended_and_one_that_is_nowhere_is_not() {
        let (_folder, file, word) = word("hangs");
        let ended = watch(shell("exit 0"), &file, Duration::ZERO);
        assert!(matches!(ended, Ok(Ended::By(_))), "it was in no run");
        line(&word, 0, "as it is").event("", 7, &event());
        // It ends with its input, which is never.
        let waits = Command::new("cat").stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::null()).spawn();
        let ended = watch(waits.expect("there is cat"), &file, Duration::from_millis(1));
        assert!(matches!(ended, Ok(Ended::Hung)), "{ended:?}");
    }

    #[test]
    fn what_is_told_names_the_event_and_the_command() {
        let text = told("libssl", "went down: signal: 11 (SIGSEGV)", &["event 7".to_owned()], "sesscheck simulate a");
        let ruled = "libssl: went down: signal: 11 (SIGSEGV)\n  in event 7\n  again: sesscheck simulate a\n";
        assert_eq!(text, ruled);
        assert!(told("libssl", "hangs", &[], "a").contains("no run was under way"));
    }
}
