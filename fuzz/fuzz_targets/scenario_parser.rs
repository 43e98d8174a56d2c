//! Bytes as a scenario, read, printed, read again.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sesscheck::fuzzing::scenario_parser(bytes));
