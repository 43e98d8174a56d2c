//! The one place of this package with clocks: that of the thread, which stands still while another program has the
//! processor, and for threads together the one on the wall, since what is asked there is how little they wait.
//!
//! On a machine that others share, the clock on the wall tells of their work too: the longest call then is one in which
//! somebody else had a turn, whatever the cache. The thread's tells of the system's work for the call, such as a page of
//! new memory, and of an interrupt or a turn of another virtual machine that came by chance. What others do to the
//! processor's caches shows in both.

use std::sync::OnceLock;

use rustix::time::{ClockId, clock_gettime};

/// Measures how long the thread is busy with something.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(i64);

impl Stopwatch {
    /// Starts it.
    #[must_use]
    pub fn start() -> Self {
        Self(now(ClockId::ThreadCPUTime))
    }

    /// What has passed, in nanoseconds, less what starting and this look take by themselves.
    #[must_use]
    pub fn nanos(self) -> f64 {
        self.raw() - Self::look()
    }

    /// What a look takes, in nanoseconds: the least of many.
    #[must_use]
    pub fn look() -> f64 {
        static LOOK: OnceLock<f64> = OnceLock::new();
        *LOOK.get_or_init(|| (0..1000).map(|_| Self::start().raw()).fold(f64::MAX, f64::min))
    }

    fn raw(self) -> f64 {
        (now(ClockId::ThreadCPUTime) - self.0) as f64
    }
}

/// The time on the wall, in nanoseconds since some moment.
#[must_use]
pub fn wall() -> f64 {
    now(ClockId::Monotonic) as f64
}

/// In nanoseconds.
fn now(clock: ClockId) -> i64 {
    let now = clock_gettime(clock);
    now.tv_sec * 1_000_000_000 + now.tv_nsec
}
