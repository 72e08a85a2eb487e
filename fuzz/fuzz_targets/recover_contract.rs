//! Bytes called contracts and schemas are read without panic; the first byte chooses the name of the file.

#![no_main]

use libfuzzer_sys::fuzz_target;
use loadcase_fuzz::survey;

const PATHS: &[&str] = &[
    "openapi.yaml",
    "swagger.json",
    "asyncapi.yaml",
    "api.proto",
    "schema.graphql",
    "V1__init.sql",
    "changelog.xml",
    "db/changelog/a.yaml",
    "schema.prisma",
    "alembic/versions/a.py",
    "db/migrate/1_a.rb",
];

fuzz_target!(|bytes: &[u8]| survey(PATHS, bytes));
