//! What a library draws at random: the same in each run of a trace.
//!
//! Keys, hellos, tickets and what is made of them (a client's id of a ticket is its hash) come from one generator a
//! world, which starts anew with it and goes on whenever a thread runs the library for it; outside of all worlds a
//! thread has one of its own. So also what follows the order of a hash is a function of the trace. None of it is
//! secret: both ends of every connection are here.

use std::cell::Cell;
use std::ffi::{c_double, c_int, c_uchar, c_void};

use super::symbols::Symbols;

/// `RAND_METHOD`, the same from 1.1.1 to 4.0.
#[repr(C)]
pub(super) struct Method {
    seed: unsafe extern "C" fn(*const c_void, c_int) -> c_int,
    bytes: unsafe extern "C" fn(*mut c_uchar, c_int) -> c_int,
    cleanup: unsafe extern "C" fn(),
    add: unsafe extern "C" fn(*const c_void, c_int, c_double) -> c_int,
    pseudorand: unsafe extern "C" fn(*mut c_uchar, c_int) -> c_int,
    status: unsafe extern "C" fn() -> c_int,
}

static METHOD: Method = Method { seed, bytes, cleanup, add, pseudorand: bytes, status };

/// Where each world begins: nothing but the trace decides what is drawn in it.
pub(super) const START: u64 = 0x7365_7373_6368_6563;

thread_local! {
    // Constant and without a destructor: safe to ask on any thread, at any moment of its life.
    static STATE: Cell<u64> = const { Cell::new(START) };
}

/// From now on this library draws here. One that does not take other generators goes on as it was, and its transcripts
/// may differ from run to run in what follows the order of a hash.
pub(super) fn take_over(symbols: &Symbols) {
    go_on_from(START);
    if let Some(set_rand_method) = symbols.RAND_set_rand_method {
        // SAFETY: the table and its functions live as long as the process.
        unsafe { set_rand_method(&raw const METHOD) };
    }
}

/// Where this thread is, to be given to [`go_on_from`] later.
pub(super) fn here() -> u64 {
    STATE.get()
}

/// From now on this thread draws what follows that.
pub(super) fn go_on_from(state: u64) {
    STATE.set(state);
}

/// The next word: splitmix64, which gives every word once before any comes again.
fn next() -> u64 {
    let state = STATE.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
    STATE.set(state);
    let word = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

/// # Safety
///
/// Called by the library: `out` has `len` bytes, which may be written.
unsafe extern "C" fn bytes(out: *mut c_uchar, len: c_int) -> c_int {
    let Ok(len) = usize::try_from(len) else { return 0 };
    for at in (0..len).step_by(size_of::<u64>()) {
        let word = next().to_le_bytes();
        let count = word.len().min(len - at);
        // SAFETY: `at` is within the `len` bytes, or there would be no round.
        let to = unsafe { out.add(at) };
        // SAFETY: from there on there are at least `count` bytes, which may be written; the word is not among them.
        unsafe { to.copy_from_nonoverlapping(word.as_ptr(), count) };
    }
    1
}

/// # Safety
///
/// None is needed: nothing is followed.
unsafe extern "C" fn seed(_from: *const c_void, _len: c_int) -> c_int {
    1
}

/// # Safety
///
/// None is needed: nothing is followed.
unsafe extern "C" fn add(_from: *const c_void, _len: c_int, _randomness: c_double) -> c_int {
    1
}

/// # Safety
///
/// None is needed: there is nothing to clean up.
unsafe extern "C" fn cleanup() {}

/// # Safety
///
/// None is needed: it is always seeded.
unsafe extern "C" fn status() -> c_int {
    1
}

#[cfg(test)]
mod tests {
    use super::super::load::{load, locate};
    use super::super::subject::Libssl;
    use super::*;
    use crate::source::{Lane, Seed, trace_of};

    #[test]
    fn the_same_trace_makes_the_same_sessions_to_the_byte_secrets_and_all() {
        let Some(path) = locate() else { return eprintln!("not run: no libssl found") };
        let api = load(&path).expect("the machine's libssl can be loaded");
        let trace = trace_of(Seed(5), 1, Lane::Tickets);
        let secrets = || {
            let mut out = crate::transcript::Transcript::default();
            let mut driver = crate::driver::Driver::new(Libssl::new(api), &trace.setup, trace.shown);
            for op in &trace.ops {
                driver.step(op, &mut out);
            }
            driver.library().secrets.clone()
        };
        let first = secrets();
        assert!(first.len() > 2, "handshakes make sessions");
        assert!(first == secrets());
    }

    #[test]
    fn worlds_that_take_turns_draw_as_if_each_were_alone() {
        let Some(path) = locate() else { return eprintln!("not run: no libssl found") };
        let api = load(&path).expect("the machine's libssl can be loaded");
        let trace = trace_of(Seed(5), 1, Lane::Tickets);
        let mut out = crate::transcript::Transcript::default();
        let begin = || crate::driver::Driver::new(Libssl::new(api), &trace.setup, trace.shown);
        let mut alone = begin();
        trace.ops.iter().for_each(|op| alone.step(op, &mut out));
        let mut two = [begin(), begin()];
        trace.ops.iter().for_each(|op| two.iter_mut().for_each(|driver| driver.step(op, &mut out)));
        assert!(alone.library().secrets.len() > 2, "handshakes make sessions");
        assert!(two.iter().all(|driver| driver.library().secrets == alone.library().secrets));
    }

    #[test]
    fn what_is_drawn_is_new_each_time_and_the_same_from_each_start() {
        let draw = || {
            let mut out = [0_u8; 21];
            // SAFETY: there are as many bytes as is said.
            assert_eq!(unsafe { bytes(out.as_mut_ptr(), 21) }, 1);
            out
        };
        go_on_from(START);
        let first = [draw(), draw()];
        go_on_from(START);
        assert_eq!([draw(), draw()], first);
        assert_ne!(first[0], first[1]);
        assert!(first[0][16..].iter().any(|byte| *byte != 0), "the last bytes are drawn too");
    }
}
