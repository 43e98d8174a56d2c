//! Released libssls as shared libraries: a release by its number, its source from the published crate `openssl-src`,
//! the build, and the folder where the finished ones are.
//!
//! Not here: loading and running one (`subjects/libssl`), and the command (`command/libssl.rs`). The network is
//! Cargo's alone.

mod builds;
mod fetch;
mod lookup;
mod make;
mod recipe;
mod release;
pub mod sanitised;
mod steps;
mod tools;

pub use builds::{Build, Builds, Standing, resolve};
pub use fetch::{Cargo, Source};
pub use lookup::{Index, KNOWN, NotFound, find};
pub use make::{BuildError, Load, build};
pub use release::{NotARelease, Release};
pub use steps::{Begun, Steps};
pub use tools::{Missing, Tools};
