//! Bytes as lines between parent and worker, read, printed, read again.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sesscheck::fuzzing::protocol_parser(bytes));
