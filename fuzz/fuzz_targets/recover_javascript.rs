//! Bytes called JavaScript and TypeScript are read without panic; the first byte chooses the name of the file.

#![no_main]

use libfuzzer_sys::fuzz_target;
use loadcase_fuzz::survey;

const PATHS: &[&str] = &[
    "src/a.js",
    "src/a.ts",
    "src/a.tsx",
    "pages/api/a.ts",
    "app/b/route.ts",
];

fuzz_target!(|bytes: &[u8]| survey(PATHS, bytes));
