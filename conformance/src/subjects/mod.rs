//! The subjects that are built in. One file each translates the calls of [`crate::driver::Library`], and only
//! translates.

pub mod exec;
pub mod libssl;
pub mod misbehaving;
pub mod model;
pub mod optimised;
mod spec;

pub use spec::{CannotOpen, Opened, Spec};
