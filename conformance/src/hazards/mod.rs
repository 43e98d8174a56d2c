//! What the pages forbid to the caller, or never mention: ops, times and calls beyond the core alphabet, off unless a
//! trace asks for them (`hazards: true` in its setup).
//!
//! The pages give no answer to most of it, so nothing here is held against the model. A subject is to survive: a
//! hazards trace is judged by its outcome alone.
//!
//! | outcome | what it means |
//! |---|---|
//! | `completed` | every step was carried out, within the memory limit |
//! | `crashed` | a step ended the worker: a signal or a panic |
//! | `hung` | a step used [`CPU_LIMIT`] of processor time, or the worker slept through [`STILL`] in the middle of it |
//! | `grew` | more became resident than [`Limits::HAZARDS`](crate::worker::Limits::HAZARDS) has, or rounds of the trace leak (below) |
//!
//! A trace *leaks* when it leaves behind an object that nothing refers to any more in its last phase, and when
//! resident memory then grows with the rounds: [`ROUNDS`] rounds of the whole trace are run in one process, in four
//! quarters; the first only warms up, and each of the other three makes resident memory grow by at least
//! [`QUARTER`] kibibytes. Its step is the last one.
//!
//! Not here: how a hazard is written ([`crate::scenario`]), drawn ([`crate::source`]) or carried out
//! ([`crate::driver`], [`crate::subjects`]).

mod bounds;
mod call;
mod campaign;
mod danger;
mod growth;
mod outcome;
mod patience;

pub use bounds::Bounds;
pub use call::{AnyId, Call, Callback, CallsBack, DEPTH, Hazard, MOST_CALLS, Whom};
pub use campaign::{Campaign, endure, reduced, written};
pub use danger::{Danger, Misplaced, dangers, is_in_bounds, misplaced};
pub use growth::{Leak, QUARTER, ROUNDS, leak, leaves_behind};
pub use outcome::{ended, went_down, went_down_somewhere};
pub(crate) use patience::LOOK;
pub use patience::{CPU_LIMIT, Look, Patience, STILL, Spent};
