//! Bytes called Rust are read without panic; the first byte chooses the name of the file.

#![no_main]

use libfuzzer_sys::fuzz_target;
use loadcase_fuzz::survey;

const PATHS: &[&str] = &[
    "src/main.rs",
];

fuzz_target!(|bytes: &[u8]| survey(PATHS, bytes));
