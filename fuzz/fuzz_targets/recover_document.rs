//! Bytes called documents are read without panic; the first byte chooses the name of the file.

#![no_main]

use libfuzzer_sys::fuzz_target;
use loadcase_fuzz::survey;

const PATHS: &[&str] = &[
    "docs/backend/architecture.md",
    "docs/adr/0001-a.md",
    "blueprint.yaml",
    "loadcase.blueprint.yaml",
    "threagile.yaml",
    "workspace.dsl",
    "README.md",
];

fuzz_target!(|bytes: &[u8]| survey(PATHS, bytes));
