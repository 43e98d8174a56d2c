//! The clock that a library sees: `time` and `gettimeofday`, defined here and exported from the executable, so that
//! whatever is dlopen'ed without RTLD_DEEPBIND asks them and not the C library.
//!
//! A thread has a virtual time while it runs a library for a world; at all other times, and on every other thread,
//! the two functions tell the real time. Rust's own clocks do not come here.

use std::cell::Cell;
use std::ffi::{c_int, c_long, c_void};
use std::sync::atomic::{AtomicU64, Ordering};

/// No virtual time. [`set`] never stores it.
const OFF: i64 = i64::MIN;

thread_local! {
    // Constant and without a destructor: safe to ask on any thread, at any moment of its life.
    static NOW: Cell<i64> = const { Cell::new(OFF) };
}

/// How often virtual time was told, on all threads.
static TOLD: AtomicU64 = AtomicU64::new(0);

/// From now on it is this many seconds after the Epoch on this thread. Returns what to give to [`restore`].
pub(super) fn set(seconds: i64) -> i64 {
    NOW.replace(seconds.max(OFF + 1))
}

/// Ends what [`set`] began.
pub(super) fn restore(before: i64) {
    NOW.set(before);
}

/// The virtual time of this thread; 0: it has none.
pub(super) fn now_virtual() -> i64 {
    let now = NOW.get();
    if now == OFF { 0 } else { now }
}

/// How often a library was told virtual time since the process began.
pub(super) fn told() -> u64 {
    TOLD.load(Ordering::Relaxed)
}

/// The first of the two functions that a library loaded now would not find here; `None`: it finds both.
pub(super) fn not_exported() -> Option<&'static str> {
    let ours = [(c"time", EXPORTED.0 as *const c_void), (c"gettimeofday", EXPORTED.1 as *const c_void)];
    ours.into_iter().find_map(|(name, ours)| {
        // SAFETY: `name` ends with a NUL, and RTLD_DEFAULT is a handle that dlsym takes.
        let found = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
        (!std::ptr::eq(found, ours)).then(|| name.to_str().expect("the two names are ASCII"))
    })
}

type TimeFunction = unsafe extern "C" fn(*mut c_long) -> c_long;
type GettimeofdayFunction = unsafe extern "C" fn(*mut libc::timeval, *mut c_void) -> c_int;

/// Keeps both functions in an executable in which nothing else names them.
#[used]
static EXPORTED: (TimeFunction, GettimeofdayFunction) = (time, gettimeofday);

/// Seconds, and microseconds of the second; virtual time has none.
fn now() -> (i64, i64) {
    let virtual_time = NOW.get();
    if virtual_time != OFF {
        TOLD.fetch_add(1, Ordering::Relaxed);
        return (virtual_time, 0);
    }
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `now` is a timespec that may be written. This is not one of the functions defined here.
    unsafe { libc::clock_gettime(libc::CLOCK_REALTIME, &raw mut now) };
    (now.tv_sec, now.tv_nsec / 1000)
}

/// `time(2)`.
///
/// # Safety
///
/// `out` is null or may be written.
// SAFETY: it does what the function of this name does, so whoever is bound to it gets what was asked for.
#[unsafe(no_mangle)]
unsafe extern "C" fn time(out: *mut c_long) -> c_long {
    let (seconds, _) = now();
    if !out.is_null() {
        // SAFETY: not null, so the caller promises that it may be written.
        unsafe { out.write(seconds) };
    }
    seconds
}

/// `gettimeofday(2)`; the time zone is obsolete and left as it is.
///
/// # Safety
///
/// `out` is null or may be written.
// SAFETY: it does what the function of this name does, so whoever is bound to it gets what was asked for.
#[unsafe(no_mangle)]
unsafe extern "C" fn gettimeofday(out: *mut libc::timeval, _zone: *mut c_void) -> c_int {
    let (tv_sec, tv_usec) = now();
    if !out.is_null() {
        // SAFETY: not null, so the caller promises that it may be written.
        unsafe { out.write(libc::timeval { tv_sec, tv_usec }) };
    }
    0
}
