//! Bytes called configuration are read without panic; the first byte chooses the name of the file.

#![no_main]

use libfuzzer_sys::fuzz_target;
use loadcase_fuzz::survey;

const PATHS: &[&str] = &[
    "application.yml",
    "application-prod.yml",
    "bootstrap.properties",
    "application.properties",
    ".env",
    "appsettings.json",
    "filebeat.yml",
    "config.json",
    "src/main/resources/logback.xml",
];

fuzz_target!(|bytes: &[u8]| survey(PATHS, bytes));
