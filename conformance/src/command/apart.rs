//! A run on a cache that may take its process down, in a process of its own: a library that goes down takes its process
//! with it, and one that hangs can only be ended from outside.
//!
//! Where it went down in what a run asks of the cache, another process does everything again and stops short of that: to
//! it, this is a divergence like any other, which is cut out of the run. Of several runs at once it is not known which it
//! was, so they are made again one by one first. Not here: what is run, and what the inner process
//! writes down for us ([`super::word`]).

use std::ffi::OsString;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::word::{Heard, UnderWay, Word};
use super::{CouldNotRun, Done, print};
use crate::hazards::Spent;
use crate::simulate::asks::Fall;
use crate::stopwatch::{CONFIRM, Stopwatch, wait_a_moment};

/// How many times as long as a subject may be silent a run may stay at one ask, or at one event of a run that is made
/// again, whose asks are not told. An ask takes less than a millisecond, a restart with a million sessions some seconds;
/// nobody runs it again to be sure, so it has what confirms a hang elsewhere, and a silence before and after that.
const PATIENCE: u32 = 1 + CONFIRM + 1;

/// Has another process do what this one was told to do, with `--inside`, and tells how it ended if it did not end by
/// itself. `subject` is what runs there, `again` the command that runs it again, `silence` how long the subject may be
/// silent.
pub(super) fn apart(subject: &str, again: &str, silence: Duration) -> Done {
    let patience = silence.saturating_mul(PATIENCE);
    let (mut downs, mut at_once): (Vec<Down>, Option<String>) = (Vec::new(), None);
    loop {
        let (ended, heard) = inside(&downs, at_once.is_some(), patience)?;
        if let Some(status) = heard.orderly(&ended) {
            let lost = at_once.filter(|_| downs.is_empty());
            return Ok(lost.map_or(status, |how| tell_of_several(subject, &how, again, status)));
        }
        let how = ended.how(patience);
        if let Some(status) = heard.told {
            // Behind answers that may be of any form, nothing else is put.
            let end = "  in the end of the process, after everything was told\n";
            let text = format!("{subject}: {how}\n{end}  again: {again}\n");
            let _ = std::io::stderr().write_all(text.as_bytes());
            return Ok(status.max(1));
        }
        let runs = ended.runs(heard.under_way);
        if runs.len() > 1 && at_once.is_none() {
            let how = format!("{how}, in one of {} runs", runs.len());
            let _ = writeln!(std::io::stderr(), "sesscheck: {how}; made again one by one\n  again: {again}");
            at_once = Some(how);
            continue;
        }
        match Down::of(&how, &runs) {
            Ok(down) if downs.iter().all(|known| known.run != down.run) => {
                let place = &down.place;
                let _ = writeln!(
                    std::io::stderr(),
                    "sesscheck: {how}, in {place}; made again up to there\n  again: {again}"
                );
                downs.push(down);
            }
            came => {
                print(&told((subject, again), &how, &runs, &downs, came.err().flatten()))?;
                return Ok(1);
            }
        }
    }
}

/// Says that one of several runs at once has taken the process down, which none of them does by itself. Gives the exit
/// status, where that of the others is this one.
fn tell_of_several(subject: &str, how: &str, again: &str, status: u8) -> u8 {
    let text = format!("{subject}: {how}, and in none that is made by itself\n  again: {again}\n");
    let _ = std::io::stderr().write_all(text.as_bytes());
    status.max(1)
}

/// This command once more with these options, of which nobody is told. They stand right behind its first word: behind a
/// `--` there are no options.
pub(super) fn as_typed_with(options: Vec<OsString>) -> std::io::Result<Command> {
    let mut typed = std::env::args_os().skip(1);
    let mut command = Command::new(std::env::current_exe()?);
    command.args(typed.next()).args(options).args(typed).env("OPENSSL_CONF", "/dev/null");
    Ok(command)
}

/// Another process does it, with what is known of those before it. How that ended, and what it has written.
fn inside(downs: &[Down], one_by_one: bool, patience: Duration) -> Result<(Ended, Heard), CouldNotRun> {
    let word = std::env::temp_dir().join(format!("sesscheck-simulate-{}", std::process::id()));
    Word::make(&word)?;
    let mut known: Vec<OsString> = vec!["--inside".into(), word.clone().into_os_string()];
    known.extend(one_by_one.then(|| "--one-by-one".into()));
    for down in downs {
        known.extend(["--down".into(), serde_json::to_string(down)?.into()]);
    }
    let child = as_typed_with(known)?.spawn()?;
    let ended = watch(child, &word, patience);
    let heard = Heard::in_file(&word);
    let _ = std::fs::remove_file(&word);
    Ok((ended?, heard))
}

/// Where a run took its process down.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct Down {
    /// Which run of several.
    pub(super) run: usize,
    /// What it asked last of a cache.
    ask: u64,
    /// How it went down, in words.
    how: String,
    /// What was under way, in words.
    pub(super) place: String,
}

impl FromStr for Down {
    type Err = serde_json::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        serde_json::from_str(text)
    }
}

impl Down {
    /// Of a process that went down like this while these runs were under way. Else why nothing can be cut out; `None`:
    /// that says itself.
    fn of(how: &str, runs: &[UnderWay]) -> Result<Self, Option<&'static str>> {
        match runs {
            [] => Err(None),
            [UnderWay { run, what, ask: Some(ask), .. }] => {
                Ok(Self { run: *run, ask: *ask, how: how.to_owned(), place: what.clone() })
            }
            [one] if one.is_again() => Err(Some("it had come past this before")),
            [_] => Err(Some("nothing was asked of the cache then")),
            _ => Err(Some("which of them it was is not known")),
        }
    }

    /// The same for whoever makes the run again.
    pub(super) fn fall(&self) -> Fall {
        Fall { ask: self.ask, how: self.how.clone() }
    }

    /// How it is told where there is no trace of it.
    pub(super) fn told(&self, subject: &str) -> String {
        format!("{subject}: {}\n  in {}\n", self.how, self.place)
    }
}

/// How a process ended.
#[derive(Debug)]
enum Ended {
    /// By itself, or by a signal.
    By(ExitStatus),
    /// These of its runs hung, and it was ended.
    Hung(Vec<usize>),
}

impl Ended {
    fn how(&self, patience: Duration) -> String {
        match self {
            Self::Hung(_) => format!("hangs: nothing more happened for {} seconds", patience.as_secs_f32()),
            Self::By(status) => match status.code() {
                Some(code) => format!("went down: it ended the process with status {code}"),
                None => format!("went down: {status}"),
            },
        }
    }

    /// In which of the runs that were under way it may have been.
    fn runs(&self, mut under_way: Vec<UnderWay>) -> Vec<UnderWay> {
        if let Self::Hung(runs) = self {
            under_way.retain(|one| runs.contains(&one.run));
        }
        under_way
    }
}

/// Waits for a process, and ends it when a run in it does not move for so long, though it could. What is in a worker is
/// watched there.
fn watch(mut child: Child, word: &Path, patience: Duration) -> Result<Ended, CouldNotRun> {
    let mut stays: Vec<Stay> = Vec::new();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Ended::By(status));
        }
        let Heard { told, mut under_way, .. } = Heard::in_file(word);
        under_way.retain(|one| !one.is_watched());
        let end = told.map(|_| UnderWay { run: 0, what: "the end".to_owned(), ask: None, thread: child.id() });
        follow(&mut stays, under_way.into_iter().chain(end).collect());
        let hung: Vec<_> = stays.iter().filter(|stay| stay.hangs(patience)).map(|stay| stay.at.run).collect();
        if !hung.is_empty() {
            child.kill()?;
            child.wait()?;
            return Ok(Ended::Hung(hung));
        }
        wait_a_moment();
    }
}

/// What is under way now: what has been for a while, since then.
fn follow(stays: &mut Vec<Stay>, now: Vec<UnderWay>) {
    stays.retain(|stay| now.contains(&stay.at));
    for at in now {
        if stays.iter().all(|stay| stay.at != at) {
            stays.push(Stay::at(at));
        }
    }
}

/// A run that is where it was.
struct Stay {
    at: UnderWay,
    since: Stopwatch,
    /// What its thread had run by then; `None`: the system does not tell.
    spent: Option<Spent>,
}

impl Stay {
    fn at(at: UnderWay) -> Self {
        Self { since: Stopwatch::start(), spent: Spent::by(at.thread), at }
    }

    /// Whether it has stayed for so long, and not because others keep it from running.
    fn hangs(&self, patience: Duration) -> bool {
        self.since.elapsed() >= patience && !self.spent.is_some_and(|spent| spent.is_starved(patience))
    }
}

impl Heard {
    /// The exit status of a process that ended as it meant to; `None`: the library had a hand in it. Anything in the
    /// process can call `exit`, with any status, so that only what was written before tells the two apart.
    fn orderly(&self, ended: &Ended) -> Option<u8> {
        let Ended::By(status) = ended else { return None };
        let status = u8::try_from(status.code()?).ok()?;
        // Before the cache is opened, nobody but us can end it: it has said why.
        (self.told == Some(status) || !self.begun).then_some(status)
    }
}

/// How a process went down in these runs, and why nothing is cut out of them. `downs`: how those before it did, which
/// then is what there is to tell.
fn told((subject, again): (&str, &str), how: &str, runs: &[UnderWay], downs: &[Down], why: Option<&str>) -> String {
    let places: Vec<_> = runs.iter().map(|run| format!("in {}", run.what)).collect();
    let places = if places.is_empty() { vec!["while no run was under way".to_owned()] } else { places };
    let mut text: String = downs.iter().map(|down| down.told(subject)).collect();
    let mut why = why.map(str::to_owned);
    if downs.is_empty() {
        text = format!("{subject}: {how}\n  {}\n", places.join("\n  "));
    } else {
        why = Some(format!("made again, it {how}, {}", places.join(", ")));
    }
    why.iter().for_each(|why| text.push_str(&format!("  it could not be cut out of the run: {why}\n")));
    text + &format!("  again: {again}\n")
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::Arc;

    use super::*;
    use crate::command::word::Line;
    use crate::scratch::Scratch;
    use crate::simulate::event::{Event, Moment, Server, What};

    const LONG: Duration = Duration::from_secs(3600);

    fn word(name: &str) -> (Scratch, PathBuf, Arc<Word>) {
        let folder = Scratch::new(name);
        let file = folder.0.join("word");
        Word::make(&file).expect("it can be made");
        let word = Word::open(&file).expect("it is there");
        (folder, file, Arc::new(word))
    }

    fn line(word: &Arc<Word>) -> Line {
        Line::of(Some(Arc::clone(word)), 0, &"as it is")
    }

    fn event() -> Event {
        Event { at: Moment(2_000_001), server: Server(3), what: What::Flush }
    }

    fn shell(script: &str) -> Child {
        Command::new("sh").args(["-c", script]).spawn().expect("there is a shell")
    }

    #[test]
    fn a_status_is_believed_of_what_has_told_everything_with_it_or_has_not_begun() {
        let (_folder, file, word) = word("orderly");
        let ends = |script: &str| watch(shell(script), &file, LONG).expect("it can be waited for");
        let [zero, two, signal] = ["exit 0", "exit 2", "kill -SEGV $$"].map(ends);
        let hung = Ended::Hung(vec![0]);
        let believed = || [&zero, &two, &signal, &hung].map(|ended| Heard::in_file(&file).orderly(ended));
        assert_eq!(believed(), [Some(0), Some(2), None, None]);
        line(&word).event(7, &event());
        assert_eq!(believed(), [None; 4]);
        line(&word).over();
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
        // A thread that has ended does not run now, as one that hangs in a sleep does not.
        let stays = line(&word);
        std::thread::spawn(move || stays.event(7, &event())).join().expect("it writes a word");
        // It ends with its input, which is never.
        let waits = Command::new("cat").stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::null()).spawn();
        let ended = watch(waits.expect("there is cat"), &file, Duration::from_millis(1)).expect("it can be waited for");
        assert!(matches!(&ended, Ended::Hung(runs) if *runs == [0]), "{ended:?}");
        let [stays, moves] = [0, 1].map(|run| UnderWay { run, what: "event 7".to_owned(), ask: None, thread: 1 });
        assert_eq!(ended.runs(vec![stays.clone(), moves]), [stays]);
    }

    #[test]
    fn what_is_in_a_worker_is_watched_there() {
        let (_folder, file, word) = word("watched");
        line(&word).reduction("trace 1");
        let ended = watch(shell("sleep 0.1"), &file, Duration::ZERO).expect("it can be waited for");
        assert!(matches!(ended, Ended::By(_)), "{ended:?}");
    }

    #[test]
    fn a_run_that_asks_something_else_does_not_stay() {
        let at = |ask| UnderWay { run: 0, what: "event 7".to_owned(), ask, thread: 1 };
        let mut stays = Vec::new();
        for ask in [None, Some(1), Some(2), Some(2)] {
            follow(&mut stays, vec![at(ask)]);
            assert_eq!(stays.iter().map(|stay| stay.at.ask).collect::<Vec<_>>(), [ask]);
        }
        assert!(stays[0].hangs(Duration::ZERO) && !stays[0].hangs(LONG));
    }

    #[test]
    fn it_is_made_again_where_one_run_was_asking_and_else_it_is_said_why_not() {
        let run = |run, ask| UnderWay { run, what: "event 7".to_owned(), ask, thread: 1 };
        let down = Down::of("hangs", &[run(2, Some(5))]).expect("it is one run that asks");
        assert_eq!(down, Down { run: 2, ask: 5, how: "hangs".to_owned(), place: "event 7".to_owned() });
        let read: Down = serde_json::to_string(&down).expect("it is data").parse().expect("it was written");
        assert_eq!((read.fall(), read), (Fall { ask: 5, how: "hangs".to_owned() }, down));
        let why = |runs: &[UnderWay]| Down::of("hangs", runs).expect_err("it cannot be made again");
        assert_eq!(why(&[]), None);
        assert_eq!(why(&[run(0, None)]), Some("nothing was asked of the cache then"));
        assert_eq!(why(&[run(0, Some(1)), run(1, Some(1))]), Some("which of them it was is not known"));
    }

    #[test]
    fn what_is_told_names_the_event_and_the_command_and_why_there_is_no_trace() {
        let run = |what: &str| UnderWay { run: 0, what: what.to_owned(), ask: None, thread: 1 };
        let of = ("libssl", "sesscheck simulate a");
        let first = told(of, "went down: signal: 11", &[run("event 7"), run("event 8")], &[], Some("so it is"));
        assert_eq!(
            first,
            "libssl: went down: signal: 11\n  in event 7\n  in event 8\n  it could not be cut out of the run: so it \
             is\n  again: sesscheck simulate a\n"
        );
        assert_eq!(
            told(of, "hangs", &[], &[], None),
            "libssl: hangs\n  while no run was under way\n  again: sesscheck simulate a\n"
        );
        let down = Down { run: 0, ask: 5, how: "went down: signal: 11".to_owned(), place: "event 7".to_owned() };
        assert_eq!(
            told(of, "hangs", &[run("event 3")], &[down], None),
            "libssl: went down: signal: 11\n  in event 7\n  it could not be cut out of the run: made again, it hangs, \
             in event 3\n  again: sesscheck simulate a\n"
        );
    }
}
