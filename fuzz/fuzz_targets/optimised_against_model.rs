//! Bytes as a trace, run on our cache, held against the model.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sesscheck::fuzzing::optimised_against_model(bytes));
