//! Bytes as a profile, read, printed, read again.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sesscheck::fuzzing::profile_parser(bytes));
