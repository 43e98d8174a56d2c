//! Scenarios: one behaviour a file, in YAML.
//!
//! [`parse`] reads one, [`write`](write()) prints any trace as one, and the two are inverse. What is wrong with a file comes out
//! as [`Mistake`]s, all at once, each at its line and column. Not here: running a scenario, or judging what it claims.

mod called;
mod document;
mod expand;
mod expectations;
mod format;
mod handshakes;
mod hazards;
mod insert;
mod layout;
mod lines;
mod lower;
mod mistake;
mod names;
mod ops;
mod parse;
mod passes;
mod places;
mod read;
mod roll;
mod scalars;
mod schema;
mod setup;
mod shapes;
mod shown;
mod spell;
mod stated;
mod steps;
mod survey;
mod values;
mod verb;
mod write;

pub(crate) use document::{Flag, NewWord, ProtocolWord, Record, TicketsWord};
pub(crate) use format::same_comments;
pub use format::{Unformatted, format};
pub use insert::{Addition, insert, stated_keys};
pub(crate) use mistake::nearest;
pub use mistake::{Mistake, Source};
pub use parse::{SIZE_LIMIT, parse, parse_each};
pub(crate) use parse::{in_order, unreadable};
pub use passes::passes_agree;
pub(crate) use places::child;
pub(crate) use read::Reader;
pub(crate) use scalars::{Count, Scalar, ScalarVisitor, scalars};
pub use schema::schema_text;
pub(crate) use schema::{printed, schema_of};
pub(crate) use shapes::{Brief, Ordered};
pub use shown::shown_lines;
pub use spell::op_line;
pub use stated::{
    Expect, ExpectedCounter, ExpectedEvent, ExpectedMembers, Header, Scenario, Spot, Stated, Vocabulary, Who,
};
pub(crate) use survey::{Form, survey_of};
pub use write::{rewrite, write};
