//! What helps whoever writes scenarios: a commented one to start from ([`draft()`], by words or by [`questions()`]),
//! what a subject shows that a file does not state yet ([`proposals()`]), written into it once it is confirmed
//! ([`write_in`]), and its scenarios run again when they are saved ([`watch()`]).
//!
//! Not here: what a scenario's words mean, and the layout of its text ([`crate::scenario`]).

mod bless;
mod draft;
mod proposals;
mod questions;
mod steps;
mod watch;
mod words;

pub use bless::{Accept, ask, write_in};
pub use draft::{Draft, DraftError, draft};
pub use proposals::{Manual, Proposal, Proposals, proposals};
pub use questions::questions;
pub use steps::verbs;
pub use watch::{Saves, saves, watch};
pub use words::{Unknown, list};
