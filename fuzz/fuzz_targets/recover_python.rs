//! Bytes called Python are read without panic; the first byte chooses the name of the file.

#![no_main]

use libfuzzer_sys::fuzz_target;
use loadcase_fuzz::survey;

const PATHS: &[&str] = &[
    "app/a.py",
    "app/urls.py",
    "app/settings.py",
    "app/models.py",
];

fuzz_target!(|bytes: &[u8]| survey(PATHS, bytes));
