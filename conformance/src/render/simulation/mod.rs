//! What a simulation comes to, as people and machines read it. A renderer takes [`Answers`](crate::simulate::answers::Answers),
//! or a sweep of them, and nothing else: same answers, same bytes.

mod csv;
mod html;
mod json;
mod plot;
mod prometheus;
mod sweep;
mod text;
mod words;

#[cfg(test)]
mod tests;

pub use csv::csv;
pub use html::html;
pub use json::{json, sweep_json};
pub use prometheus::prometheus;
pub use sweep::{sweep_csv, sweep_html, sweep_text};
pub use text::text;
pub(super) use text::wrapped;
pub use words::time;

use super::page::plain;
