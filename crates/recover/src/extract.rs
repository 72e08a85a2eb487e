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
use crate::source::{Lines, MOST, Sightings, Source};
use crate::syntax;
use crate::walk::{Listed, Tree, failed, read_within};
use loadcase_catalog::Signs;

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

/// Stack of a thread that reads files, bytes.
const STACK: usize = 16 * 1024 * 1024;

/// Runs the extractors over the files, in parallel; the result does not depend on the order of the work.
pub(crate) fn extract(root: &Path, tree: &Tree, signs: &Signs<'_>) -> Read {
    let all = || -> Vec<Read> { tree.files.par_iter().map(|file| one(root, file, tree, signs)).collect() };
    // Threads of its own: their stacks are large enough for what the limits on nesting let through, and what they
    // remember of files ends with them.
    let parts = match rayon::ThreadPoolBuilder::new().stack_size(STACK).build() {
        Ok(pool) => pool.install(all),
        Err(_) => all(),
    };
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
    let readers = readers(&file.path);
    if readers.is_empty() {
        return read;
    }
    if file.bytes > tree.file_bytes {
        let reason = format!("{} bytes are more than the {} that are read", file.bytes, tree.file_bytes);
        read.failed.push(failed("read", Some(&file.path), &reason));
        return read;
    }
    let text = match read_within(&root.join(&file.path), tree.file_bytes) {
        Ok(bytes) => bytes,
        Err(error) => {
            read.failed.push(failed("read", Some(&file.path), &error.to_string()));
            return read;
        }
    };
    read_bytes(&readers, &file.path, &text, &Around { tree, signs }, &mut read);
    read
}

/// What a file is read with.
struct Around<'a> {
    tree: &'a Tree,
    signs: &'a Signs<'a>,
}

/// Runs the extractors on a file that is not on any disk.
pub(crate) fn extract_text(path: &str, bytes: &[u8], tree: &Tree, signs: &Signs<'_>) -> Read {
    let mut read = Read::default();
    read_bytes(&readers(path), path, bytes, &Around { tree, signs }, &mut read);
    read
}

fn readers(path: &str) -> Vec<&'static Extractor> {
    GROUPS.iter().flat_map(|g| g.iter()).filter(|e| (e.reads)(path)).collect()
}

fn read_bytes(readers: &[&Extractor], path: &str, bytes: &[u8], around: &Around<'_>, read: &mut Read) {
    let text = String::from_utf8_lossy(bytes);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    read.files = 1;
    let (lines, Around { tree, signs }) = (Lines::new(text), around);
    read_with(readers, &Source { path, text, lines: &lines, signs, tree }, read);
}

/// Runs extractors on a file; one that crashes is reported, the others go on.
fn read_with(readers: &[&Extractor], source: &Source<'_>, read: &mut Read) {
    let path = source.path;
    let mut accepted = Sightings::new(path, "acceptance");
    acceptance::extract(source, &mut accepted);
    read.sightings.extend(accepted.items);
    for extractor in readers {
        let mut out = Sightings::new(path, extractor.id);
        let ended = catch_unwind(AssertUnwindSafe(|| (extractor.extract)(source, &mut out)));
        if ended.is_err() {
            read.failed.push(failed(extractor.id, Some(path), "the extractor stopped on this file"));
        }
        if out.cut {
            let reason = format!("more than {MOST} sightings: the rest was left out");
            read.failed.push(failed(extractor.id, Some(path), &reason));
        }
        let passed = out.passed;
        read.sightings.extend(out.items);
        if !extractor.sees.is_empty() && !passed {
            read.looked.push((path.to_owned(), extractor.sees));
        }
    }
    if let Some(reason) = syntax::left_out() {
        read.failed.push(failed("syntax", Some(path), reason));
    }
}

#[cfg(test)]
mod tests {
    use super::{Extractor, Read, read_with};
    use crate::sighting::{AcceptSeen, Seen};
    use crate::source::{Lines, MOST, Source};
    use crate::walk::Tree;
    use loadcase_catalog::Signs;

    fn seen() -> Seen {
        Seen::Accept(AcceptSeen { rule: "r".to_owned(), until: None, reason: String::new() })
    }

    const CRASHES: Extractor = Extractor {
        id: "crashes",
        reads: |_| true,
        sees: &[],
        extract: |_, out| {
            out.add(1, seen());
            std::panic::panic_any("an artificial crash");
        },
    };

    const TALKS: Extractor = Extractor {
        id: "talks",
        reads: |_| true,
        sees: &[],
        extract: |_, out| (0..=MOST).for_each(|line| out.add(line, seen())),
    };

    #[test]
    fn a_crash_and_a_flood_are_reported_and_the_next_extractor_runs() {
        let catalog =
            loadcase_catalog::load_embedded().expect("the embedded catalog is checked by its tests");
        let (signs, tree, lines) = (Signs::new(&catalog), Tree::of_one("a", 1), Lines::new("x"));
        let source = Source { path: "a", text: "x", lines: &lines, signs: &signs, tree: &tree };
        let mut read = Read::default();
        read_with(&[&CRASHES, &TALKS], &source, &mut read);
        let failed: Vec<&str> = read.failed.iter().map(|f| f.check.as_str()).collect();
        assert_eq!(failed, ["crashes", "talks"]);
        assert_eq!(read.sightings.len(), 1 + MOST);
    }
}
