//! The locks and atomics that threads meet at, from one place: the standard library's, or those of a tool that explores
//! schedules (see "For who changes it" in the crate's documentation).
//!
//! Not here: `Arc`, whose count is nobody's matter but its own, and the number of the next cache, which all contexts of
//! the process share and no schedule depends on.

#[cfg(not(any(shuttle, loom)))]
mod chosen {
    pub(crate) use std::sync::{Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard, atomic};
    pub(crate) use std::thread::yield_now;
}

#[cfg(shuttle)]
mod chosen {
    pub(crate) use shuttle::sync::{Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard, atomic};
    pub(crate) use shuttle::thread::yield_now;
}

#[cfg(loom)]
mod chosen {
    pub(crate) use loom::sync::{Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard, atomic};
    pub(crate) use loom::thread::yield_now;
}

pub(crate) use chosen::*;
