//! The process of a subject: lines in, lines out, and the end of what it writes to standard error.
//!
//! Not here: what the lines mean. Nothing here has a clock but the patience for a hello, see [`Speaker::within`].

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use super::wire::quoted;
use crate::worker::{self, is_worker};

/// The longest line of a subject, in bytes.
pub const LONGEST: u64 = 4 << 20;

/// How many last lines of standard error are shown.
const LAST_LINES: usize = 3;

/// How long the end of standard error is waited for once the process is gone: somebody else may hold it open.
const FOR_THE_LAST_WORDS: Duration = Duration::from_secs(1);

/// A process that is being talked to.
pub struct Speaker {
    child: Child,
    /// What is to be written; a thread does it, since a subject may answer before it has read all.
    lines: Option<Sender<String>>,
    output: BufReader<ChildStdout>,
    last_words: Receiver<VecDeque<Vec<u8>>>,
}

/// What comes when a line is waited for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Heard {
    /// A line, without its end.
    Line(String),
    /// What is no line of text: in words.
    Garbled(String),
    /// The process has ended, or says nothing more: how, in words.
    Ended(String),
}

impl Speaker {
    /// Starts a command. In a worker it belongs to the worker's process group, elsewhere to one of its own.
    ///
    /// # Errors
    ///
    /// When it cannot be started.
    pub fn start(words: &[String]) -> std::io::Result<Self> {
        let (program, arguments) = words.split_first().expect("a command has a word");
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        if !is_worker() {
            command.process_group(0);
        }
        let mut child = command.spawn()?;
        if is_worker() {
            worker::watch_too(child.id());
        }
        let mut input = child.stdin.take().expect("it was piped");
        let (lines, to_write) = channel::<String>();
        std::thread::spawn(move || {
            // A subject that does not read shows when its answer is waited for.
            for line in to_write {
                if input.write_all(line.as_bytes()).and_then(|()| input.flush()).is_err() {
                    break;
                }
            }
        });
        let output = BufReader::with_capacity(1 << 16, child.stdout.take().expect("it was piped"));
        let last_words = keep_the_end(child.stderr.take().expect("it was piped"));
        Ok(Self { child, lines: Some(lines), output, last_words })
    }

    /// Writes a line, sooner or later.
    pub fn say(&self, mut line: String) {
        line.push('\n');
        if let Some(lines) = &self.lines {
            let _ = lines.send(line);
        }
    }

    /// Waits for a line.
    pub fn hear(&mut self) -> Heard {
        let mut line = Vec::new();
        let read = (&mut self.output).take(LONGEST + 1).read_until(b'\n', &mut line);
        match (read, line.last()) {
            (Err(_) | Ok(0), _) => Heard::Ended(self.how_it_ended()),
            (Ok(_), Some(b'\n')) => {
                line.pop();
                String::from_utf8(line).map_or_else(
                    |error| Heard::Garbled(format!("a line that is no text: {}", quoted(error.as_bytes()))),
                    Heard::Line,
                )
            }
            (Ok(n), _) if n as u64 > LONGEST => {
                Heard::Garbled(format!("a line of more than {LONGEST} bytes: {}", quoted(&line)))
            }
            (Ok(_), _) => {
                let how = self.how_it_ended();
                Heard::Garbled(format!("half a line, and then nothing more ({how}): {}", quoted(&line)))
            }
        }
    }

    /// Does this, and ends the process if it takes longer; whether it did.
    pub fn within<T>(&mut self, patience: Duration, what: impl FnOnce(&mut Self) -> T) -> (T, bool) {
        let (done, wait) = channel::<()>();
        let process = Pid::from_child(&self.child);
        let watchdog = std::thread::spawn(move || {
            let late = wait.recv_timeout(patience) == Err(RecvTimeoutError::Timeout);
            if late {
                // Nobody has waited for it yet, so the number is still its own.
                let _ = kill_process(process, Signal::KILL);
            }
            late
        });
        let came = what(self);
        drop(done);
        (came, watchdog.join().unwrap_or(false))
    }

    /// Ends it, and tells how it had ended: a process whose output is closed has its status already.
    fn how_it_ended(&mut self) -> String {
        self.lines = None;
        let _ = self.child.kill();
        let how = match self.child.wait() {
            Ok(status) => match status.signal() {
                Some(9) => "closed its standard output, or was killed".to_owned(),
                Some(signal) => format!("signal {signal}"),
                None => status.to_string(),
            },
            Err(error) => error.to_string(),
        };
        format!("{how}{}", self.last_words())
    }

    /// The end of what it has written to standard error, in words; nothing, when there is none. Ends the process.
    pub fn last_words(&mut self) -> String {
        let _ = self.child.kill();
        let lines = self.last_words.recv_timeout(FOR_THE_LAST_WORDS).unwrap_or_default();
        if lines.is_empty() {
            return String::new();
        }
        let lines: Vec<_> = lines.iter().map(|line| quoted(line)).collect();
        format!("; standard error ends: {}", lines.join(", "))
    }
}

impl Drop for Speaker {
    fn drop(&mut self) {
        if !is_worker() {
            // It may have started others.
            let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads all that a process writes to standard error, so that it never waits, and keeps the last lines.
fn keep_the_end(mut stderr: ChildStderr) -> Receiver<VecDeque<Vec<u8>>> {
    const LONGEST_KEPT: usize = 400;
    let (send, last_words) = channel();
    std::thread::spawn(move || {
        let mut lines: VecDeque<Vec<u8>> = VecDeque::new();
        let (mut buffer, mut at_start) = ([0; 4096], true);
        while let Ok(n @ 1..) = stderr.read(&mut buffer) {
            for &byte in &buffer[..n] {
                if byte == b'\n' {
                    at_start = true;
                    continue;
                }
                if at_start {
                    if lines.len() == LAST_LINES {
                        lines.pop_front();
                    }
                    lines.push_back(Vec::new());
                    at_start = false;
                }
                let line = lines.back_mut().expect("one was begun");
                if line.len() < LONGEST_KEPT {
                    line.push(byte);
                }
            }
        }
        let _ = send.send(lines);
    });
    last_words
}
