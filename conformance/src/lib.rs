//! Holds session caches against the executable manual.
//!
//! See the README for the picture; the modules follow the way of the data: a [`trace`] from a [`source`] or a
//! [`scenario`], run by a [`subject`] through the [`driver`], shown in a [`transcript`], held against the model by
//! [`mod@check`], made short by [`mod@reduce`], told in a [`report`], printed by [`render`].

pub mod atlas;
pub mod author;
pub mod campaign;
mod canary;
pub mod check;
pub mod claims;
pub mod command;
pub mod convert;
pub mod course;
pub mod damage;
pub mod diagnose;
pub mod divergence;
pub mod drills;
pub mod driver;
pub mod evidence;
pub mod exhaust;
pub mod explain;
pub mod faults;
pub mod finding;
pub mod fuzzing;
pub mod gate;
pub mod hazards;
pub mod judge;
pub mod ledger;
pub mod lint;
pub mod naming;
pub mod numbers;
pub mod op;
pub mod oracles;
pub mod pages;
pub mod power;
pub mod profiles;
pub mod project;
pub mod reached;
pub mod recording;
pub mod reduce;
pub mod releases;
pub mod render;
pub mod replace;
pub mod report;
pub mod scenario;
#[cfg(test)]
mod scratch;
pub mod simulate;
pub mod source;
pub mod stopwatch;
pub mod subject;
pub mod subjects;
pub mod suite;
pub mod tally;
pub mod threads;
pub mod trace;
pub mod transcript;
pub mod verify;
pub mod worker;
