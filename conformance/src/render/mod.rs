//! Reports as people and machines read them. A renderer takes a [`crate::report::Report`], an [`mod@crate::atlas`],
//! a [`crate::power::Power`], an [`crate::exhaust::Exhausted`], the state of a [`mod@crate::campaign`], a
//! [`crate::evidence::Evidence`], the [answers](crate::simulate::answers::Answers) of a simulation or the
//! [`mod@crate::drills`], and nothing else; the page of a report has the atlas and the power of the main job in it
//! as well.

pub mod atlas;
pub mod calibration;
mod campaign;
pub mod drills;
mod evidence;
mod exhaust;
mod github;
mod html;
mod junit;
mod lines;
mod markdown;
mod page;
mod power;
mod sarif;
pub mod simulation;
mod text;

pub use campaign::campaign;
pub use evidence::evidence;
pub use exhaust::{exhausted, found_in_scope};
pub use github::github;
pub use html::html;
pub use junit::junit;
pub use markdown::markdown;
pub use power::power;
pub use sarif::sarif;
pub use text::{found, text};

use session_model::Clause;

use crate::report::{Report, UnmetClaim};

/// The report as JSON, indented, with a newline at the end.
///
/// # Panics
///
/// Never: a report has only string keys.
#[must_use]
pub fn json(report: &Report) -> String {
    let mut text = serde_json::to_string_pretty(report).expect("a report is JSON");
    text.push('\n');
    text
}

/// What is claimed and what is ruled, with the clause that decides it.
pub(crate) fn with_clause(claim: &UnmetClaim) -> String {
    match claim.clause.as_str() {
        "" => claim.to_string(),
        clause => format!("{claim} [{clause}]"),
    }
}

/// The line of a claim, and below it what the clause says that decides otherwise.
pub(crate) fn below(claim: &UnmetClaim) -> String {
    let statement = Clause::by_id(&claim.clause).map(|clause| format!("  {clause}: {}\n", clause.entry().statement));
    format!("{}{}", claim.excerpt, statement.unwrap_or_default())
}
