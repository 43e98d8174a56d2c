//! The process of a subject: lines in, lines out, and the end of what it writes to standard error.
//!
//! Not here: what the lines mean. Nothing here has a clock but [`Speaker::hear_within`].

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::retry_on_intr;
use rustix::process::{Pid, Signal, kill_process_group};

use super::wire::quoted;
use crate::stopwatch::Stopwatch;
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
    /// Whether its status was taken: its number may be another process's since then.
    ended: bool,
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
        Ok(Self { child, lines: Some(lines), output, last_words, ended: false })
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
        // What cannot be read is as what is not there.
        let _ = (&mut self.output).take(LONGEST + 1).read_until(b'\n', &mut line);
        self.heard(line)
    }

    /// Waits for a line, but no longer than this. `None`: none came, and the process is ended with all that it started.
    pub fn hear_within(&mut self, patience: Duration) -> Option<Heard> {
        let watch = Stopwatch::start();
        let mut line = Vec::new();
        loop {
            // Somebody else may hold the other end open for ever, so that reading would not end with the process.
            let left = patience.saturating_sub(watch.elapsed());
            if self.output.buffer().is_empty() && !is_readable(self.output.get_ref(), left) {
                self.end();
                return None;
            }
            let space = (LONGEST + 1).saturating_sub(line.len() as u64);
            let Ok(come @ [_, ..]) = self.output.fill_buf() else { break };
            let end = come.iter().position(|byte| *byte == b'\n').map_or(come.len(), |at| at + 1);
            let end = end.min(usize::try_from(space).unwrap_or(usize::MAX));
            line.extend_from_slice(&come[..end]);
            self.output.consume(end);
            if line.last() == Some(&b'\n') || line.len() as u64 > LONGEST {
                break;
            }
        }
        Some(self.heard(line))
    }

    /// What has come up to the end of a line, of all, or of patience with its length.
    fn heard(&mut self, mut line: Vec<u8>) -> Heard {
        match line.last() {
            None => Heard::Ended(self.how_it_ended()),
            Some(b'\n') => {
                line.pop();
                String::from_utf8(line).map_or_else(
                    |error| Heard::Garbled(format!("a line that is no text: {}", quoted(error.as_bytes()))),
                    Heard::Line,
                )
            }
            _ if line.len() as u64 > LONGEST => {
                Heard::Garbled(format!("a line of more than {LONGEST} bytes: {}", quoted(&line)))
            }
            _ => {
                let how = self.how_it_ended();
                Heard::Garbled(format!("half a line, and then nothing more ({how}): {}", quoted(&line)))
            }
        }
    }

    /// Ends the process, and those that it has started where they can be told from others.
    fn end(&mut self) {
        if self.ended {
            return;
        }
        if !is_worker() {
            let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
        }
        let _ = self.child.kill();
    }

    /// Ends it, and tells how it had ended: a process whose output is closed has its status already.
    fn how_it_ended(&mut self) -> String {
        self.lines = None;
        self.end();
        let waited = self.child.wait();
        self.ended = true;
        let how = match waited {
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
        self.end();
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
        self.end();
        let _ = self.child.wait();
    }
}

/// Whether something can be read, or nothing ever will, before this has passed.
fn is_readable(output: &ChildStdout, left: Duration) -> bool {
    let left = Timespec::try_from(left).ok();
    let mut waits = [PollFd::new(output, PollFlags::IN)];
    // A signal that comes meanwhile says nothing of the pipe.
    retry_on_intr(|| poll(&mut waits, left.as_ref())).is_ok_and(|ready| ready > 0)
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
