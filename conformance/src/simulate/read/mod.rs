//! Reads a workload from its text: a file that a person writes, and that no machine trusts.
//!
//! As a scenario, a text is surveyed, read part by part, and then taken at its word; every mistake is told at its place.
//! Not here: what comes of a workload.

mod clients;
mod contents;
mod document;
mod happenings;
mod limits;
mod lower;
mod scalars;
mod schema;
mod service;
#[cfg(test)]
mod tests;

pub use limits::fits;
pub use lower::{parse, parse_lasting};
pub use scalars::{as_typed, lasting};
pub use schema::schema_text;
