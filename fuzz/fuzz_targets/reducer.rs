//! Bytes as a fault and a trace, run on the model with the fault; where that diverges, reduced.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sesscheck::fuzzing::reducer(bytes));
