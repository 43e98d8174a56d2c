//! The word in which whoever waits for this process finds the step that is running, should it crash or hang.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::ptr::{NonNull, null_mut};
use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering};

static WORD: AtomicPtr<AtomicU64> = AtomicPtr::new(null_mut());

const STEP: u64 = 0xffff_ffff;

/// From now on the lower half of `word` is the step that runs, counted from 0. The upper half is the caller's own,
/// for instance the number of the trace; it changes it between two traces. One thread runs traces.
pub fn set_step_word(word: &'static AtomicU64) {
    WORD.store(std::ptr::from_ref(word).cast_mut(), Ordering::Release);
}

/// The first eight bytes of a file as a word that every process which maps the same file shares; it stays mapped.
/// A file that is shorter is made longer.
///
/// # Errors
///
/// What the system says when the file cannot be made longer or cannot be mapped.
pub fn map_step_word(file: &File) -> io::Result<&'static AtomicU64> {
    let bytes = size_of::<AtomicU64>();
    if file.metadata()?.len() < bytes as u64 {
        file.set_len(bytes as u64)?;
    }
    let (rights, shared, fd) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED, file.as_raw_fd());
    // SAFETY: the system chooses the address, so nothing that is in use is mapped over.
    let at = unsafe { libc::mmap(null_mut(), bytes, rights, shared, fd, 0) };
    if at == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    let word = NonNull::new(at.cast::<AtomicU64>()).expect("the system never chooses address 0");
    // SAFETY: a page that is never unmapped, aligned, long enough; other processes change it by atomic stores.
    Ok(unsafe { word.as_ref() })
}

/// Step `step` is about to be carried out.
pub(super) fn at_step(step: u32) {
    let word = WORD.load(Ordering::Acquire);
    // SAFETY: null, or what `set_step_word` was given, which lives as long as the process.
    let Some(word) = (unsafe { word.as_ref() }) else {
        return;
    };
    word.store(word.load(Ordering::Relaxed) & !STEP | u64::from(step), Ordering::Release);
}
