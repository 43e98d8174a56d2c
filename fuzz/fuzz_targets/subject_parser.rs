//! Bytes as what a program that is a subject says, made a transcript, held against the manual.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sesscheck::fuzzing::subject_parser(bytes));
