//! Bytes called manifests and lock files are read without panic; the first byte chooses the name of the file.

#![no_main]

use libfuzzer_sys::fuzz_target;
use loadcase_fuzz::survey;

const PATHS: &[&str] = &[
    "package.json",
    "package-lock.json",
    "yarn.lock",
    "pnpm-lock.yaml",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "settings.gradle",
    "Cargo.toml",
    "Cargo.lock",
    "go.mod",
    "go.sum",
    "requirements.txt",
    "pyproject.toml",
    "setup.py",
    "setup.cfg",
    "Pipfile",
    "Pipfile.lock",
    "poetry.lock",
    "uv.lock",
    "composer.json",
    "composer.lock",
    "A.csproj",
    "Directory.Packages.props",
    "packages.lock.json",
    "gradle.lockfile",
    "gradle/libs.versions.toml",
];

fuzz_target!(|bytes: &[u8]| survey(PATHS, bytes));
