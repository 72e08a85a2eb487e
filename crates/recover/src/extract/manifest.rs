//! Evidence in package manifests and lock files.

mod cargo;
mod common;
mod composer;
mod go;
mod gradle;
mod gradle_script;
mod lock;
mod maven;
mod npm;
mod nuget;
mod python;
mod runtime_file;

use crate::extract::Extractor;

/// The extractors of this group.
pub(crate) const EXTRACTORS: &[Extractor] = &[
    cargo::EXTRACTOR,
    composer::EXTRACTOR,
    go::EXTRACTOR,
    gradle::EXTRACTOR,
    gradle::SETTINGS,
    lock::EXTRACTOR,
    maven::EXTRACTOR,
    npm::EXTRACTOR,
    nuget::EXTRACTOR,
    python::EXTRACTOR,
    runtime_file::EXTRACTOR,
];
