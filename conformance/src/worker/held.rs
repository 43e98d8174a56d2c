//! The parent's side: a subject that may crash or hang, and is there again for the next trace.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::FileExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};

use super::child::A_FEW;
use super::memory::{GREW, Limits};
use super::protocol::{Counts, Random, Reply, Request, text_of_trace};
use super::witness::{Care, Recorded};
use crate::check::check;
use crate::finding::{Came, Parted};
use crate::hazards::{LOOK, Look, Patience, Spent};
use crate::profiles::{self, Document, Named};
use crate::releases::{self, sanitised};
use crate::stopwatch::{CONFIRM, SILENCE, Stopwatch};
use crate::subject::Subject;
use crate::subjects::Spec;
use crate::tally::{Outcome, Tally};
use crate::trace::{Shown, Trace};
use crate::transcript::{Ending, Transcript};

/// Why there is no worker.
#[derive(Debug)]
pub enum StartError {
    /// The subject cannot be opened here.
    CannotOpen(String),
    /// The process could not be started or does not speak.
    Process(String),
}

impl std::fmt::Display for StartError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::CannotOpen(why) => f.write_str(why),
            Self::Process(why) => write!(f, "the worker process: {why}"),
        }
    }
}

impl std::error::Error for StartError {}

/// A subject held in a worker process.
pub struct Held {
    program: PathBuf,
    pub(super) spec: Spec,
    /// Whether the worker runs hazards: with little memory, and watched by its processor time.
    guarded: bool,
    silence: Duration,
    word: (PathBuf, File),
    process: Process,
    /// What the subject says of itself.
    pub about: String,
    /// Its own profile.
    pub profile: Named,
}

struct Process {
    child: Child,
    requests: ChildStdin,
    /// Replies; `Err`: something was printed that is none.
    replies: Receiver<Result<Reply, String>>,
    limits: Limits,
    /// Whether it leads a process group, for the processes that the subject starts.
    leads: bool,
    /// With what the log of a sanitiser begins.
    log: PathBuf,
}

/// What a wait for a reply came to.
#[expect(clippy::large_enum_variant, reason = "there is one at a time, and it is taken apart at once")]
enum Waited {
    Reply(Reply),
    Down(Ending),
}

/// What a hunt came upon.
#[derive(Clone, Debug, Default)]
pub struct Hunted {
    /// What all traces went through.
    pub tally: Tally,
    /// How many traces diverged, or took the subject down.
    pub diverged: u64,
    /// Each kind of divergence, with the numbers of the first few traces that show it.
    pub found: Vec<(Vec<u64>, Parted)>,
    /// Traces that took the subject down and did not when they were run again: number and how.
    pub unstable: Vec<(u64, String)>,
    /// How many traces were not run, and the last reason.
    pub not_run: (u64, String),
}

impl Held {
    /// Starts a worker: `program` is this very command.
    ///
    /// # Errors
    ///
    /// When the subject cannot be opened, or the process not be started.
    pub fn start(program: PathBuf, spec: Spec) -> Result<Self, StartError> {
        Self::start_as(program, spec, false)
    }

    /// Starts a worker for hazards: with [`Limits::HAZARDS`], and with memory that is overwritten when it is freed, so
    /// that whoever uses it then is more likely to be found out.
    ///
    /// # Errors
    ///
    /// As [`Self::start`].
    pub fn start_guarded(program: PathBuf, spec: Spec) -> Result<Self, StartError> {
        Self::start_as(program, spec, true)
    }

    fn start_as(program: PathBuf, spec: Spec, guarded: bool) -> Result<Self, StartError> {
        let word = word_file()?;
        let (process, about, profile) = launch(&program, &spec, &word.0, guarded)?;
        Ok(Self { program, spec, guarded, silence: SILENCE, word, process, about, profile })
    }

    /// Runs one hazards trace, step by step, in a worker for hazards.
    ///
    /// # Errors
    ///
    /// When a new worker is needed and cannot be started.
    pub fn endure(&mut self, trace: &Trace) -> Result<Came, StartError> {
        let profile = self.profile.clone();
        self.ask(&check_request(trace, &profile, true));
        let mut step = 0;
        loop {
            match self.wait(self.silence) {
                Waited::Reply(Reply::Step(at)) => step = at as usize,
                Waited::Reply(Reply::Checked(came)) => return Ok(came),
                Waited::Reply(other) => return Err(not_asked(&other)),
                Waited::Down(ending) => {
                    self.restart()?;
                    return Ok(Came::WentDown(crate::hazards::went_down(trace, step, &ending)));
                }
            }
        }
    }

    /// Another limit for silence than [`SILENCE`].
    pub fn set_silence(&mut self, silence: Duration) {
        self.silence = silence;
    }

    /// Runs one trace and checks it. A crash or a hang is a divergence at its step.
    ///
    /// # Errors
    ///
    /// When a new worker is needed and cannot be started.
    pub fn check(&mut self, trace: &Trace, profile: &Named) -> Result<Came, StartError> {
        self.ask(&check_request(trace, profile, false));
        match self.wait(self.silence) {
            Waited::Reply(Reply::Checked(came)) => Ok(came),
            Waited::Reply(other) => Err(not_asked(&other)),
            // It went down: once more, step by step and with more patience, to know where.
            Waited::Down(ending) => {
                self.restart()?;
                self.check_carefully(trace, profile, ending)
            }
        }
    }

    /// Runs one trace and gives what it showed.
    ///
    /// # Errors
    ///
    /// When the subject goes down over it, or cannot be given the trace.
    pub fn show(&mut self, trace: &Trace) -> Result<Transcript, StartError> {
        match self.record(trace, Care::Glance)? {
            Recorded::Shown(transcript) => Ok(transcript),
            Recorded::NotRun(why) | Recorded::Unstable(why) => Err(StartError::Process(why)),
            Recorded::Down(_, ending) => Err(StartError::Process(format!("goes down: {ending:?}"))),
        }
    }

    /// Runs one trace and gives what it showed, or how it went down.
    ///
    /// # Errors
    ///
    /// When a new worker is needed and cannot be started.
    pub fn record(&mut self, trace: &Trace, care: Care) -> Result<Recorded, StartError> {
        self.ask(&show_request(trace, false));
        match self.wait(self.silence) {
            Waited::Reply(reply) => recorded(reply, trace),
            Waited::Down(first) => {
                self.restart()?;
                match care {
                    Care::Confirm => self.record_carefully(trace, first),
                    Care::Glance => Ok(Recorded::Down(0, first)),
                }
            }
        }
    }

    fn record_carefully(&mut self, trace: &Trace, first: Ending) -> Result<Recorded, StartError> {
        self.ask(&show_request(trace, true));
        let mut step = 0;
        loop {
            match self.wait(self.silence.saturating_mul(CONFIRM)) {
                Waited::Reply(Reply::Step(at)) => step = at as usize,
                Waited::Reply(Reply::Shown(_)) => {
                    return Ok(Recorded::Unstable(format!("{first:?} once, and not when it was run again")));
                }
                Waited::Reply(other) => return Err(not_asked(&other)),
                Waited::Down(ending) => {
                    self.restart()?;
                    return Ok(Recorded::Down(step, ending));
                }
            }
        }
    }

    fn check_carefully(&mut self, trace: &Trace, profile: &Named, first: Ending) -> Result<Came, StartError> {
        self.ask(&check_request(trace, profile, true));
        let mut step = 0;
        loop {
            match self.wait(self.silence.saturating_mul(CONFIRM)) {
                Waited::Reply(Reply::Step(at)) => step = at as usize,
                Waited::Reply(Reply::Checked(_)) => {
                    return Ok(Came::Unstable(format!("{first:?} once, and not when it was run again")));
                }
                Waited::Reply(other) => return Err(not_asked(&other)),
                Waited::Down(ending) => {
                    self.restart()?;
                    return Ok(blame(trace, profile, step, ending));
                }
            }
        }
    }

    /// Runs and checks a range of random traces. `go_on` is told of each report and may end the hunt.
    ///
    /// # Errors
    ///
    /// When a new worker is needed and cannot be started; when the worker says that it is done and its counts are not
    /// those of the traces that it was asked for; when it goes down and has not said in which of them.
    pub fn hunt(
        &mut self,
        random: &Random,
        profile: &Named,
        go_on: &mut dyn FnMut(&Hunted) -> bool,
    ) -> Result<Hunted, StartError> {
        let mut hunted = Hunted::default();
        let mut rest = random.clone();
        let mut accounted = 0;
        self.forget_what_ran();
        self.ask(&Request::Random(rest.clone()));
        loop {
            match self.wait_for_a_trace() {
                Waited::Reply(Reply::Found(number, parted)) => hunted.add(number, parted),
                Waited::Reply(Reply::Done) if accounted == rest.count => return Ok(hunted),
                Waited::Reply(Reply::Done) => return Err(unaccounted(accounted, rest.count)),
                Waited::Reply(Reply::Cannot(why)) => return Err(StartError::Process(why)),
                Waited::Reply(Reply::Progress(_, counts)) => {
                    accounted += counts.traces + counts.diverged + counts.not_run;
                    hunted.count(&counts);
                }
                Waited::Reply(other) => return Err(not_asked(&other)),
                Waited::Down(ending) => {
                    let number = self.running();
                    // A number from before would have this one blamed again and again, or the rest skipped.
                    if !(rest.first..rest.first + rest.count).contains(&number) {
                        return Err(StartError::Process(format!("goes down in no trace that it says: {ending:?}")));
                    }
                    // What it did before that trace it may not have told.
                    accounted = 0;
                    self.restart()?;
                    self.blame_trace(random, number, profile, ending, &mut hunted)?;
                    rest.count = (random.first + random.count).saturating_sub(number + 1);
                    rest.first = number + 1;
                    self.forget_what_ran();
                    self.ask(&Request::Random(rest.clone()));
                }
            }
            if !go_on(&hunted) {
                self.restart()?;
                return Ok(hunted);
            }
        }
    }

    /// A random trace took the subject down: where, when it is run again by itself.
    fn blame_trace(
        &mut self,
        random: &Random,
        number: u64,
        profile: &Named,
        ending: Ending,
        hunted: &mut Hunted,
    ) -> Result<(), StartError> {
        let lane = super::protocol::lane(&random.lane).expect("the lane was understood before");
        let trace = crate::source::trace_of(crate::source::Seed(random.seed), number, lane);
        hunted.diverged += 1;
        if trace.setup.hazards {
            // In which step is for whoever runs it again: it may be explained already, and takes seconds.
            hunted.add(number, crate::hazards::went_down_somewhere(&trace, &ending));
            return Ok(());
        }
        match self.check_carefully(&trace, profile, ending)? {
            Came::Diverges(parted) | Came::WentDown(parted) => hunted.add(number, parted),
            Came::Conforms | Came::Completed => hunted.unstable.push((number, "it went down once".to_owned())),
            Came::NotRun(why) | Came::Unstable(why) => hunted.unstable.push((number, why)),
        }
        Ok(())
    }

    /// Waits while traces go by: silence is that of one trace.
    fn wait_for_a_trace(&mut self) -> Waited {
        let mut number = self.running();
        loop {
            match self.wait(self.silence) {
                Waited::Down(Ending::Hung) if self.running() != number => number = self.running(),
                waited => return waited,
            }
        }
    }

    /// A request that the worker does not take shows when its reply is waited for.
    fn ask(&mut self, request: &Request) {
        let line = request.line();
        let _ = writeln!(self.process.requests, "{line}").and_then(|()| self.process.requests.flush());
    }

    fn wait(&mut self, silence: Duration) -> Waited {
        if self.guarded {
            return self.wait_guarded(silence);
        }
        let worker = self.process.child.id();
        let mut began: Vec<_> = Spent::by(worker).into_iter().collect();
        if self.process.leads {
            // The worker itself sleeps while the subject runs.
            began.extend(Spent::by_children_of(worker));
        }
        loop {
            match self.process.replies.recv_timeout(silence) {
                Ok(Ok(reply)) => return Waited::Reply(reply),
                Ok(Err(printed)) => {
                    return Waited::Down(Ending::Crashed(format!("it prints what is no reply: {printed:?}")));
                }
                // Others keep it from running: it is silent, and not for want of an end.
                Err(RecvTimeoutError::Timeout) if began.iter().any(|began| began.is_starved(silence)) => {}
                Err(RecvTimeoutError::Timeout) => return Waited::Down(Ending::Hung),
                Err(RecvTimeoutError::Disconnected) => return Waited::Down(self.process.ending()),
            }
        }
    }

    /// Waits for as long as the worker does something that can end: see [`Patience`]. Where the system does not tell,
    /// silence decides.
    fn wait_guarded(&mut self, silence: Duration) -> Waited {
        let mut patience = Patience::with(self.process.child.id());
        let (mut number, mut silent) = (self.running(), Stopwatch::start());
        loop {
            match self.process.replies.recv_timeout(LOOK) {
                Ok(Ok(Reply::Alive)) => {}
                Ok(Ok(reply)) => return Waited::Reply(reply),
                Ok(Err(printed)) => {
                    return Waited::Down(Ending::Crashed(format!("it prints what is no reply: {printed:?}")));
                }
                Err(RecvTimeoutError::Disconnected) => return Waited::Down(self.process.ending()),
                Err(RecvTimeoutError::Timeout) if self.running() != number => number = self.running(),
                Err(RecvTimeoutError::Timeout) => match patience.look() {
                    Look::Hung => return Waited::Down(Ending::Hung),
                    Look::Unknown if silent.elapsed() > silence => return Waited::Down(Ending::Hung),
                    Look::Wait | Look::Unknown => continue,
                },
            }
            patience.moved();
            silent = Stopwatch::start();
        }
    }

    /// Ends the worker and starts a new one, whose heap nobody has damaged yet.
    ///
    /// # Errors
    ///
    /// When it cannot be started.
    pub fn restart(&mut self) -> Result<(), StartError> {
        self.process.end();
        (self.process, ..) = launch(&self.program, &self.spec, &self.word.0, self.guarded)?;
        Ok(())
    }

    /// No trace of this hunt has run yet: a number that is left of an earlier one would be blamed for it.
    fn forget_what_ran(&self) {
        let _ = self.word.1.write_all_at(&u64::MAX.to_le_bytes(), 0);
    }

    /// The number of the random trace that ran last.
    fn running(&self) -> u64 {
        let mut word = [0; 8];
        match self.word.1.read_exact_at(&mut word, 0) {
            Ok(()) => u64::from_le_bytes(word),
            Err(_) => 0,
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.process.end();
        let _ = std::fs::remove_file(&self.word.0);
    }
}

impl Process {
    fn ending(&mut self) -> Ending {
        self.end_others();
        match self.child.wait() {
            Ok(status) if status.code() == Some(GREW) => Ending::Grew(self.limits.passed()),
            _ => Ending::Crashed(self.how_it_ended()),
        }
    }

    fn how_it_ended(&mut self) -> String {
        let ended = self.child.wait();
        if let Some(found) = sanitised::found(&self.log, self.child.id()) {
            return found;
        }
        match ended {
            Ok(status) => match status.signal() {
                Some(signal) => format!("signal {signal}"),
                None => status.to_string(),
            },
            Err(error) => error.to_string(),
        }
    }

    fn end(&mut self) {
        self.end_others();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Process {
    /// Ends all that the subject has started. A worker that has ended by itself has its status already, and nobody has
    /// waited for it, so the number is still that of its group.
    fn end_others(&mut self) {
        if std::mem::take(&mut self.leads) {
            let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
        }
    }
}

impl Hunted {
    pub(super) fn add(&mut self, number: u64, parted: Parted) {
        match self.found.iter_mut().find(|(_, other)| other.key() == parted.key()) {
            Some((numbers, _)) => numbers.push(number),
            None => self.found.push((vec![number], parted)),
        }
    }

    /// Whether the traces that were told are all that diverged: of each kind a few are told, and the others are of a kind
    /// of which there were a few.
    #[must_use]
    pub fn tells_all(&self) -> bool {
        let told: usize = self.found.iter().map(|(numbers, _)| numbers.len()).sum();
        let more = self.found.iter().any(|(numbers, _)| numbers.len() >= A_FEW as usize);
        told as u64 == self.diverged || more && (told as u64) < self.diverged
    }

    fn count(&mut self, counts: &Counts) {
        let mut tally = Tally {
            traces: counts.traces,
            cut: counts.cut,
            ops: counts.ops,
            handshakes: counts.handshakes,
            latitudes: counts.latitudes,
            absent: counts.absent,
            cited: counts.cited.clone(),
            outcomes: [0; Outcome::ALL.len()],
        };
        tally.outcomes.iter_mut().zip(&counts.outcomes).for_each(|(mine, theirs)| *mine = *theirs);
        self.tally.add(&tally);
        self.diverged += counts.diverged;
        self.not_run.0 += counts.not_run;
        if let Some(why) = &counts.why_not {
            self.not_run.1.clone_from(why);
        }
    }
}

/// The divergence of a subject that goes down at this step: the clause is that of what the manual rules there.
fn blame(trace: &Trace, profile: &Named, step: usize, ending: Ending) -> Came {
    let mut transcript = Transcript::default();
    crate::subjects::model::subject("model", profile.profile).run(trace, &mut transcript);
    transcript.steps.truncate(step);
    transcript.ending = ending;
    (&check(trace, &profile.profile, &transcript, &mut Tally::default())).into()
}

fn not_asked(reply: &Reply) -> StartError {
    StartError::Process(format!("an answer to something else: {reply:?}"))
}

fn unaccounted(accounted: u64, asked: u64) -> StartError {
    StartError::Process(format!("accounts for {accounted} of {asked} traces"))
}

fn recorded(reply: Reply, trace: &Trace) -> Result<Recorded, StartError> {
    match reply {
        Reply::Shown(text) => crate::recording::read_transcript(&text, trace.shown == Shown::Everything)
            .map(Recorded::Shown)
            .map_err(|error| StartError::Process(format!("a transcript that cannot be read: {error}"))),
        Reply::Cannot(why) => Ok(Recorded::NotRun(why)),
        other => Err(not_asked(&other)),
    }
}

fn show_request(trace: &Trace, careful: bool) -> Request {
    Request::Show { trace: text_of_trace(trace), everything: trace.shown == Shown::Everything, careful }
}

fn check_request(trace: &Trace, profile: &Named, careful: bool) -> Request {
    Request::Check {
        trace: text_of_trace(trace),
        everything: trace.shown == Shown::Everything,
        careful,
        profile: Document::of(profile),
    }
}

/// The program, as this subject needs it to be started.
fn command(program: &Path, spec: &Spec, word: &Path) -> Command {
    let runtime = match spec {
        Spec::Libssl(Some(word)) => releases::resolve(word).ok().and_then(|path| sanitised::runtime(&path)),
        _ => None,
    };
    runtime.map_or_else(|| Command::new(program), |runtime| sanitised::command(program, &runtime, word))
}

fn launch(program: &Path, spec: &Spec, word: &Path, guarded: bool) -> Result<(Process, String, Named), StartError> {
    let failed = |error: std::io::Error| StartError::Process(format!("{}: {error}", program.display()));
    let mut command = command(program, spec, word);
    if guarded {
        // glibc overwrites what is freed, and looks at once whether it was freed before.
        command.env("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0:glibc.malloc.perturb=165");
    }
    let leads = matches!(spec, Spec::Exec(_));
    if leads {
        command.process_group(0);
    }
    let mut child = command
        .args(["worker", "--word"])
        .arg(word)
        .args(guarded.then_some("--guarded"))
        .arg(spec.to_string())
        // The distribution's configuration changes ciphers, protocols and security level.
        .env("OPENSSL_CONF", "/dev/null")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(failed)?;
    let requests = child.stdin.take().expect("it was piped");
    let output = BufReader::new(child.stdout.take().expect("it was piped"));
    let (send, replies) = channel();
    // Ends with the worker's output, or when nobody listens any more.
    std::thread::spawn(move || {
        for line in output.lines().map_while(Result::ok) {
            let reply = Reply::read(&line).map_err(|_| line.chars().take(80).collect());
            if send.send(reply).is_err() {
                break;
            }
        }
    });
    let mut process = Process { child, requests, replies, limits: Limits::of(guarded), leads, log: word.to_owned() };
    match process.replies.recv_timeout(SILENCE) {
        Ok(Ok(Reply::Ready(about, profile))) => {
            let profile = profile.resolve().map_err(|error| StartError::Process(error.to_string()))?;
            if profiles::by_name(&profile.name).is_some_and(|shipped| shipped != profile) {
                process.end();
                return Err(StartError::Process(format!("its profile `{}` is not the shipped one", profile.name)));
            }
            Ok((process, about, profile))
        }
        Ok(Ok(Reply::CannotOpen(why))) => {
            process.end();
            Err(StartError::CannotOpen(why))
        }
        Ok(_) | Err(RecvTimeoutError::Timeout) => {
            process.end();
            Err(StartError::Process("does not say that it is ready".to_owned()))
        }
        Err(RecvTimeoutError::Disconnected) => {
            process.end_others();
            Err(StartError::Process(format!("ended: {}", process.how_it_ended())))
        }
    }
}

fn word_file() -> Result<(PathBuf, File), StartError> {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    static SWEPT: std::sync::Once = std::sync::Once::new();
    let name = format!("sesscheck-{}-{}.word", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let path = std::env::temp_dir().join(name);
    SWEPT.call_once(|| sweep(&std::env::temp_dir()));
    let file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(true)
        .open(&path)
        .map_err(|error| StartError::Process(format!("{}: {error}", path.display())))?;
    // For `sweep` of another process; where files cannot be locked, that one does not remove any.
    let _ = file.try_lock();
    Ok((path, file))
}

/// Removes what processes left behind that were killed, where the system tells which there are.
fn sweep(folder: &Path) {
    let processes = Path::new("/proc");
    if !processes.join(std::process::id().to_string()).exists() {
        return;
    }
    for entry in std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok) {
        let name = entry.file_name();
        let process = name.to_str().and_then(|name| {
            let (process, number) = name.strip_prefix("sesscheck-")?.strip_suffix(".word")?.split_once('-')?;
            number.parse::<u32>().ok().and(process.parse::<u32>().ok())
        });
        // A process of another container is not seen, but holds its file.
        let gone = process.is_some_and(|process| !processes.join(process.to_string()).exists());
        if gone && File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok()) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}
