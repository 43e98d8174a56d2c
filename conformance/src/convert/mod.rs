//! The forms of a trace, and the ways from one to another.
//!
//! Not here: how a scenario is read and printed, which is [`crate::scenario`]'s.

pub mod bytes;
