//! Bytes as a man page, read and compared with the pages on record.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sesscheck::fuzzing::pages_reader(bytes));
