//! The memory of a worker: a limit that the system keeps, and a watcher that tells growth before it is reached. The
//! watcher also ends a worker whose parent is gone: nobody else would end one that hangs.
//!
//! The watcher is a thread of the worker. It touches no subject and no clock of a trace.

use std::sync::atomic::{AtomicU32, Ordering};

use rustix::process::{Resource, Rlimit, Signal, getppid, kill_current_process_group, setrlimit};

use crate::stopwatch::every_little_while;

/// How much memory a worker can have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// How much data, in bytes: beyond, allocation fails. Not kept for a sanitised library: its shadow memory is mapped
    /// before the limit could be set, and is larger.
    pub data: u64,
    /// How much more may become resident, in bytes, than there is when the worker starts: beyond, the watcher ends the
    /// worker. At most half of `data`, so that growth is seen as growth, also that of a buffer which doubles, and not
    /// as whatever a subject does when allocation fails.
    pub resident: u64,
}

impl Limits {
    /// Those of a worker that runs the core alphabet: far more than any of its traces needs.
    pub const CORE: Self = Self { data: 1 << 30, resident: 512 << 20 };
    /// Those of a worker that runs hazards, whose traces are short.
    pub const HAZARDS: Self = Self { data: 1 << 30, resident: 64 << 20 };

    /// Those of a worker: of hazards, or of the core alphabet.
    #[must_use]
    pub fn of(guarded: bool) -> Self {
        if guarded { Self::HAZARDS } else { Self::CORE }
    }
}

/// The exit status by which a worker says that it was ended for its growth.
pub const GREW: i32 = 86;

impl Limits {
    /// Sets them on this process, and starts the watcher. No core is dumped: crashes are what is looked for.
    ///
    /// Where the system has no such limits, or does not tell what is resident, the parent's watchdog is what is left.
    pub fn keep(self) {
        let hard = |most| Rlimit { current: Some(most), maximum: Some(most) };
        if pages_of("self", 5).is_none_or(|bytes| bytes < self.data) {
            let _ = setrlimit(Resource::Data, hard(self.data));
        }
        let _ = setrlimit(Resource::Core, hard(0));
        let limit = resident().unwrap_or(0) + self.resident;
        let parent = getppid();
        std::thread::spawn(move || {
            every_little_while(|| {
                let child = CHILD.load(Ordering::Relaxed);
                let grew = child != 0 && resident_of(&child.to_string()).is_some_and(|bytes| bytes > self.resident);
                if grew || resident().is_some_and(|bytes| bytes > limit) {
                    std::process::exit(GREW);
                }
                if getppid() != parent {
                    if child != 0 {
                        // The group is the worker's own, see `Held`.
                        let _ = kill_current_process_group(Signal::KILL);
                    }
                    // An orderly exit would run what the library has registered, beside the thread that hangs in it.
                    std::process::abort();
                }
            });
        });
    }

    /// In words, what a worker came to that has ended with [`GREW`].
    #[must_use]
    pub fn passed(self) -> String {
        format!("{} MiB more are resident", self.resident >> 20)
    }
}

/// A process that the watcher watches too; 0: none.
static CHILD: AtomicU32 = AtomicU32::new(0);

/// From now on the watcher watches this child of the worker as it watches the worker; the one before is gone.
pub fn watch_too(child: u32) {
    CHILD.store(child, Ordering::Relaxed);
}

/// How much memory of this process is resident, in bytes; `None`: the system does not tell.
#[must_use]
pub fn resident() -> Option<u64> {
    resident_of("self")
}

fn resident_of(process: &str) -> Option<u64> {
    pages_of(process, 1)
}

/// A field of what the system tells of a process's memory, in bytes.
fn pages_of(process: &str, field: usize) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{process}/statm")).ok()?;
    let pages: u64 = text.split_whitespace().nth(field)?.parse().ok()?;
    Some(pages * rustix::param::page_size() as u64)
}
