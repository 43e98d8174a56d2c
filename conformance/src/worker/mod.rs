//! A subject in a process of its own, so that its crash or hang is an observation and not the end.
//!
//! The worker holds source, subject and check: a trace that conforms never crosses the boundary. What crosses is a
//! request a line in, replies a line out, and a file with the number of the trace that runs, by which a crash is
//! found again.

mod child;
mod held;
mod memory;
mod protocol;
mod witness;

pub use child::serve;
pub use held::{Held, Hunted, StartError};
pub use memory::{GREW, Limits, resident, watch_too};
pub(crate) use protocol::Counts;
pub use protocol::{Random, Reply, Request, lane, lane_word, text_of_trace, trace_of_text};
pub use witness::{Care, Checks, Here, Recorded, Witness};

static SERVES: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);

/// Whether this process is a worker: only there may a libssl be led to damage the process.
#[must_use]
pub fn is_worker() -> bool {
    SERVES.load(std::sync::atomic::Ordering::Relaxed)
}

/// From now on this process is a worker.
pub fn become_worker() {
    SERVES.store(true, std::sync::atomic::Ordering::Relaxed);
}

/// Panics of a model that is broken on purpose, or of a subject, are observations: they are not written to standard
/// error as well.
pub fn quiet_panics() {
    std::panic::set_hook(Box::new(|_| {}));
}
