//! Seconds: points and spans.
//!
//! Not here: a clock. Time is an operation on a world.

use std::ops::{Add, Sub};

/// A point in time, in seconds since the Epoch.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Time(pub i128);

/// How long after its time a session may still be used, in seconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Timeout(pub i128);

impl Add<Timeout> for Time {
    type Output = Self;

    fn add(self, timeout: Timeout) -> Self {
        Self(self.0 + timeout.0)
    }
}

impl Sub for Time {
    type Output = Timeout;

    fn sub(self, earlier: Self) -> Timeout {
        Timeout(self.0 - earlier.0)
    }
}
