//! Bytes as a trace, run on our cache, held to the promises and the laws.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sesscheck::fuzzing::trace_on_cache(bytes));
