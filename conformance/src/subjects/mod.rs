//! The subjects that are built in. One file each translates the calls of [`crate::driver::Library`], and only
//! translates.

pub mod model;
