//! Bytes as a project file and as a ledger, read, printed, read again.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sesscheck::fuzzing::project_parser(bytes));
