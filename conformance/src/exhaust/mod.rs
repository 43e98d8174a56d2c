//! Exhaustive search in a small scope: every trace up to a length over a small alphabet, and each behaviour once.
//!
//! A behaviour is a canonical state of the model and an op. Two states are the same when they differ in numbers, in the
//! bytes of ids, in when they are, and in what no rule reads: [`crate::driver::State`]. The walk goes breadth first, so
//! each behaviour is run on the subject by one of the shortest traces that reach it, and a divergence is as short as
//! this alphabet has it. A state is gone on from only when it was reached by a trace on which the subject agrees; else
//! the trace that goes on would show the same divergence again.
//!
//! What it cannot see: a subject that remembers more than the model, and shows it later. Of the traces that lead to one
//! state of the model, one is run. Not here: traces at random, which have no such limit ([`crate::source`]).
//!
//! ```
//! use sesscheck::exhaust::{Scope, Walk};
//!
//! let profile = sesscheck::profiles::by_name("optimised").expect("it is shipped").profile;
//! let scope = Scope::by_name("order").expect("it is a scope");
//! let mut walk = Walk::new(scope, profile, 2);
//! let mut behaviours = 0;
//! while walk.advance(2).is_some() {
//!     behaviours += 1;
//!     // No subject here: it agrees.
//!     walk.enter();
//! }
//! assert_eq!(behaviours, walk.counts().behaviours);
//! assert_eq!(walk.counts().complete, 2);
//! ```

mod everything;
mod letter;
mod report;
mod run;
mod scope;
mod scopes;
mod search;
mod symmetry;
mod walk;
mod word;

#[cfg(test)]
mod tests;

pub use everything::Everything;
pub use letter::Letter;
pub use report::{Covered, Exhausted, SCHEMA};
pub use scope::Scope;
pub use search::{Searched, search};
pub use walk::{Behaviour, Counts, MOST_STATES, Walk};
pub use word::Word;
