//! Bytes called C# are read without panic; the first byte chooses the name of the file.

#![no_main]

use libfuzzer_sys::fuzz_target;
use loadcase_fuzz::survey;

const PATHS: &[&str] = &[
    "Program.cs",
    "Controllers/A.cs",
    "Host/AppHost.cs",
];

fuzz_target!(|bytes: &[u8]| survey(PATHS, bytes));
