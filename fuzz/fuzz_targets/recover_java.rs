//! Bytes called Java and Kotlin are read without panic; the first byte chooses the name of the file.

#![no_main]

use libfuzzer_sys::fuzz_target;
use loadcase_fuzz::survey;

const PATHS: &[&str] = &[
    "src/main/java/A.java",
    "src/main/kotlin/A.kt",
];

fuzz_target!(|bytes: &[u8]| survey(PATHS, bytes));
