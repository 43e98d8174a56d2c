//! Oracles without a model: what holds of any subject, against faults that model and cache share.
//!
//! A law runs a subject on a trace and on an altered one, and says how the two transcripts hang together; a promise is
//! held against one transcript alone. Neither knows what the manual answers at any step. Not here: which traces to run,
//! and the manual ([`crate::check`]).
//!
//! ```
//! use session_model::{Edition, Profile};
//! use sesscheck::oracles::LAWS;
//! use sesscheck::source::{Lane, Seed, trace_of};
//! use sesscheck::subjects::model;
//!
//! let mut subject = model::subject("model", Profile::manual(Edition::V3_3));
//! let trace = trace_of(Seed(1), 4, Lane::Handshakes);
//! for law in LAWS {
//!     law.hold(&mut subject, &trace, 7).expect("the model keeps the laws");
//! }
//! ```

mod again;
mod alike;
mod apart;
mod commute;
mod law;
mod laws;
mod left;
mod noops;
mod over_time;
mod promises;
mod reach;
mod rename;
mod shift;
mod translation;
mod walk;

pub use law::{Broken, Grounds, Law, Promise};
pub use laws::{LAWS, PROMISES, keeps_promises};
pub(crate) use shift::later;
