//! The memory of a worker: a limit that the system keeps, and a watcher that tells growth before it is reached.
//!
//! The watcher is a thread of the worker. It touches no subject and no clock of a trace.

use rustix::process::{Resource, Rlimit, setrlimit};

use crate::stopwatch::every_little_while;

/// How much data a worker that runs hazards can have, in bytes: beyond, allocation fails.
pub const DATA_LIMIT: u64 = 1 << 30;

/// How much more may become resident, in bytes, than there is when the worker starts: beyond, the watcher ends the
/// worker. Below [`DATA_LIMIT`], so that growth is seen as growth and not as whatever a subject does when allocation
/// fails.
pub const RESIDENT_LIMIT: u64 = 64 << 20;

/// The exit status by which a worker says that it was ended for its growth.
pub const GREW: i32 = 86;

/// Sets the limit on this process, and starts the watcher. No core is dumped: crashes are what is looked for.
///
/// Where the system has no such limits, or does not tell what is resident, the parent's watchdog is what is left.
pub fn limit_memory() {
    let hard = |most| Rlimit { current: Some(most), maximum: Some(most) };
    // A sanitiser has mapped more than any limit before this runs, and needs more yet.
    if pages(5).is_none_or(|bytes| bytes < DATA_LIMIT) {
        let _ = setrlimit(Resource::Data, hard(DATA_LIMIT));
    }
    let _ = setrlimit(Resource::Core, hard(0));
    let limit = resident().unwrap_or(0) + RESIDENT_LIMIT;
    std::thread::spawn(move || {
        every_little_while(|| {
            if resident().is_some_and(|bytes| bytes > limit) {
                std::process::exit(GREW);
            }
        });
    });
}

/// How much memory of this process is resident, in bytes; `None`: the system does not tell.
#[must_use]
pub fn resident() -> Option<u64> {
    pages(1)
}

/// A field of what the system tells of this process's memory, in bytes.
fn pages(field: usize) -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = text.split_whitespace().nth(field)?.parse().ok()?;
    Some(pages * rustix::param::page_size() as u64)
}
