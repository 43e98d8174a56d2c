//! One cache, several threads: whether all that they saw can be explained by some order of their calls.
//!
//! A [`program`] says which calls each thread makes; [`play`] makes them on a [`cache`] and writes a [`history`]: each
//! call with its answer, and when it began and ended. [`order`] looks for an order of the calls in which the model
//! gives those very answers, and in which whatever had ended before another call began comes before that one: the cache
//! is then linearizable (Herlihy and Wing, "Linearizability: a correctness condition for concurrent objects", 1990), as
//! far as this history shows. What a call is made of, where it is more than one step, is said in [`steps`], and what a
//! step does in `state`. Where the search is too long the history is undecided, which is never taken for conforming.
//!
//! Threads do not repeat themselves, so a history that cannot be explained is kept as it is: it can be judged again at
//! any time. Not here: the order in which one thread does things, which is the traces' matter.

pub mod alphabet;
pub mod cache;
pub mod history;
mod libssl;
pub mod order;
mod ours;
pub mod planted;
pub mod play;
pub mod program;
pub mod report;
mod state;
pub mod steps;

pub use cache::{Cache, Kind, open};
pub use history::History;
pub use order::{Verdict, judge};
pub use program::Program;
pub use report::{Asked, Report, run};
