//! Holds session caches against the executable manual.
//!
//! See the README for the picture; the modules follow the way of the data.
pub mod check;
pub mod divergence;
pub mod driver;
pub mod naming;
pub mod op;
pub mod pages;
pub mod profiles;
pub mod source;
pub mod subject;
pub mod subjects;
pub mod tally;
pub mod trace;
pub mod transcript;
