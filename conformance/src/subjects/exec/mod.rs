//! Any program as a subject: `exec:COMMAND`.
//!
//! The command is split into words as a shell splits them, and started; nothing else of a shell is done (`exec:sh -c
//! '…'` has one). It is asked in JSON lines on its standard input and answers on its standard output, one line an
//! answer; the last lines of its standard error are in the verdict when it goes down.
//!
//! What crosses is one message a trace: the calls that the driver makes, flat and in the pages' words. The driver runs
//! on this side ([`calls`]), so the subject is asked for nothing but calls on what is there: no names, nothing absent,
//! no repeats, no last phase of its own. Where what is called next depends on a handshake, the trace goes on in a further
//! message. Traces that take a capability that the subject does not have are not run.
//!
//! Version 2 has handshakes, and the rest of it is version 1: a subject that speaks that is asked for traces without
//! handshakes, in one message each, as ever.
//!
//! The process is a child of the worker that holds the subject, in the worker's process group, which ends as a whole. So
//! the limits of a worker are its limits, a hang is told by whoever waits for the worker, and a divergence is found,
//! run again and reduced as that of any other subject. A process that ends in a trace is an observation at its step
//! (`crashed`); so is a line that is no answer (`broke the protocol`): either is started anew for the next trace. One
//! that does not answer the hello is not run at all.
//!
//! A subject is held to the profile `manual` unless somebody says otherwise: nothing is known of it.
//!
//! The protocol is for people who write no Rust, so its page stands by itself; `sesscheck subject --protocol` prints
//! it, `sesscheck schema --protocol` the JSON Schema of a line. It follows.
#![doc = include_str!("protocol.md")]

pub mod answers;
pub mod calls;
pub mod needs;
mod other_end;
mod said;
mod sessions;
mod speaker;
mod subject;
mod walk;
pub mod wire;

pub use speaker::{Heard, LONGEST, Speaker};
pub use subject::{Exec, hello, words_of};
pub use walk::{Exchange, Stage, Walked, stages, walk};

/// The page of the protocol.
pub const PAGE: &str = include_str!("protocol.md");
