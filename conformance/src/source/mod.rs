//! Where traces come from: a seed and a number, or the bytes of a fuzzing engine.
//!
//! One generator serves them all: it asks a source of bounded choices, and does not know what is behind it. Beside it
//! stand edited scenarios, and the small scopes by number. Sources know nothing of subjects.

mod alphabet;
mod choices;
mod generate;
mod mutated;
mod scopes;
mod seed;
mod weights;

pub use alphabet::{MAX_TIME, MAX_TIMEOUT, is_core, keep_core};
pub use choices::{Choices, Prng};
pub use generate::{Lane, Plan, generate};
pub use scopes::SLICE;
pub use seed::{Seed, plan_of, trace_of};
pub use weights::{Kind, Weights};
