//! Extractors: each reads one kind of evidence from one file into sightings.
//!
//! Adding one: a file in the folder of its group with an [`Extractor`], and a line in the group's list.

mod acceptance;
mod config;
mod contract;
mod deployment;
mod document;
mod dotnet;
mod go;
mod java;
mod javascript;
mod manifest;
mod php;
mod python;
mod rust;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use loadcase_model::{Aspect, FailedCheck};
use rayon::prelude::*;

use crate::sighting::Sighting;
use crate::signs::Signs;
use crate::source::{Sightings, Source};
use crate::walk::{Listed, Tree, failed};

/// Reads one kind of evidence.
pub(crate) struct Extractor {
    /// Its name in reports.
    pub(crate) id: &'static str,
    /// Whether it reads a file of this path.
    pub(crate) reads: fn(path: &str) -> bool,
    /// The aspects it would see in the files it reads, so that "not found" and "not looked for" stay apart.
    pub(crate) sees: &'static [Aspect],
    /// Reads a file.
    pub(crate) extract: fn(&Source<'_>, &mut Sightings),
}

/// The groups of extractors.
const GROUPS: &[&[Extractor]] = &[
    config::EXTRACTORS,
    contract::EXTRACTORS,
    deployment::EXTRACTORS,
    document::EXTRACTORS,
    dotnet::EXTRACTORS,
    go::EXTRACTORS,
    java::EXTRACTORS,
    javascript::EXTRACTORS,
    manifest::EXTRACTORS,
    php::EXTRACTORS,
    python::EXTRACTORS,
    rust::EXTRACTORS,
];

/// Everything the extractors saw.
#[derive(Debug, Default)]
pub(crate) struct Read {
    /// Sightings in the order of their files.
    pub(crate) sightings: Vec<Sighting>,
    /// For each file an extractor read, its path and what it would have seen.
    pub(crate) looked: Vec<(String, &'static [Aspect])>,
    /// What could not be read.
    pub(crate) failed: Vec<FailedCheck>,
    /// Number of files read.
    pub(crate) files: usize,
}

/// Runs the extractors over the files, in parallel; the result does not depend on the order of the work.
pub(crate) fn extract(root: &Path, tree: &Tree, signs: &Signs<'_>) -> Read {
    let parts: Vec<Read> = tree.files.par_iter().map(|file| one(root, file, tree, signs)).collect();
    let mut read = Read::default();
    for part in parts {
        read.sightings.extend(part.sightings);
        read.looked.extend(part.looked);
        read.failed.extend(part.failed);
        read.files += part.files;
    }
    read
}

/// Runs the extractors that read a file.
fn one(root: &Path, file: &Listed, tree: &Tree, signs: &Signs<'_>) -> Read {
    let mut read = Read::default();
    let readers: Vec<&Extractor> =
        GROUPS.iter().flat_map(|g| g.iter()).filter(|e| (e.reads)(&file.path)).collect();
    if readers.is_empty() {
        return read;
    }
    if file.bytes > tree.file_bytes {
        let reason = format!("{} bytes are more than the {} that are read", file.bytes, tree.file_bytes);
        read.failed.push(failed("read", Some(&file.path), &reason));
        return read;
    }
    let text = match std::fs::read(root.join(&file.path)) {
        Ok(bytes) => bytes,
        Err(error) => {
            read.failed.push(failed("read", Some(&file.path), &error.to_string()));
            return read;
        }
    };
    // The file may have grown since it was listed.
    let text = &text[..text.len().min(usize::try_from(tree.file_bytes).unwrap_or(usize::MAX))];
    let text = String::from_utf8_lossy(text);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    read.files = 1;
    let source = Source { path: &file.path, text, signs, tree, root };
    let mut accepted = Sightings::new(&file.path, "acceptance");
    acceptance::extract(&source, &mut accepted);
    read.sightings.extend(accepted.items);
    for extractor in readers {
        let mut out = Sightings::new(&file.path, extractor.id);
        let ended = catch_unwind(AssertUnwindSafe(|| (extractor.extract)(&source, &mut out)));
        if ended.is_err() {
            read.failed.push(failed(extractor.id, Some(&file.path), "the extractor stopped on this file"));
        }
        let passed = out.passed;
        read.sightings.extend(out.items);
        if !extractor.sees.is_empty() && !passed {
            read.looked.push((file.path.clone(), extractor.sees));
        }
    }
    read
}
