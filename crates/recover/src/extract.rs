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

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use loadcase_model::{Aspect, FailedCheck, FilePath};
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
    /// For each file an extractor read, its path and where in `lists` is what it would have seen.
    pub(crate) looked: Vec<(FilePath, usize)>,
    /// What would have been seen in files of a kind: a list for each of their extractors.
    pub(crate) lists: Vec<Vec<&'static [Aspect]>>,
    /// What could not be read.
    pub(crate) failed: Vec<FailedCheck>,
    /// Number of files read.
    pub(crate) files: usize,
}

/// What the extractors saw in one file.
#[derive(Debug, Default)]
struct OfFile {
    sightings: Vec<Sighting>,
    looked: Vec<&'static [Aspect]>,
    failed: Vec<FailedCheck>,
    read: bool,
}

/// Stack of a thread that reads files, bytes.
const STACK: usize = 16 * 1024 * 1024;

/// Files that are read at a time: what is seen in them is packed before the next are read.
const BATCH: usize = 2048;

/// Runs the extractors over the files, in parallel; the result does not depend on the order of the work.
pub(crate) fn extract(root: &Path, tree: &Tree, signs: &Signs<'_>) -> Read {
    let batch = |files: &[Listed]| -> Vec<OfFile> {
        files.par_iter().map(|file| one(root, file, tree, signs)).collect()
    };
    // Threads of its own: their stacks are large enough for what the limits on nesting let through, and what they
    // remember of files ends with them.
    let pool = rayon::ThreadPoolBuilder::new().stack_size(STACK).build().ok();
    let mut gathered = Gathered::default();
    for files in tree.files.chunks(BATCH) {
        let parts = match &pool {
            Some(pool) => pool.install(|| batch(files)),
            None => batch(files),
        };
        for (file, part) in files.iter().zip(parts) {
            gathered.add(&file.path, part);
        }
    }
    gathered.read
}

/// What was seen so far, and where each list of aspects stands.
#[derive(Default)]
struct Gathered {
    read: Read,
    lists: BTreeMap<Vec<&'static [Aspect]>, usize>,
}

impl Gathered {
    fn add(&mut self, path: &FilePath, part: OfFile) {
        self.read.files += usize::from(part.read);
        self.read.sightings.extend(part.sightings);
        self.read.failed.extend(part.failed);
        if part.looked.is_empty() {
            return;
        }
        let lists = &mut self.read.lists;
        let at = *self.lists.entry(part.looked).or_insert_with_key(|list| {
            lists.push(list.clone());
            lists.len() - 1
        });
        self.read.looked.push((path.clone(), at));
    }
}

/// Runs the extractors that read a file.
fn one(root: &Path, file: &Listed, tree: &Tree, signs: &Signs<'_>) -> OfFile {
    let mut read = OfFile::default();
    let readers = readers(&file.path);
    if readers.is_empty() {
        return read;
    }
    if file.bytes > tree.file_bytes {
        let reason = format!("{} bytes are more than the {} that are read", file.bytes, tree.file_bytes);
        read.failed.push(failed("read", Some(file.path.as_str()), &reason));
        return read;
    }
    let text = match read_within(&root.join(&*file.path), tree.file_bytes) {
        Ok(bytes) => bytes,
        Err(error) => {
            read.failed.push(failed("read", Some(file.path.as_str()), &error.to_string()));
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
    let (mut gathered, mut read, path) = (Gathered::default(), OfFile::default(), FilePath::from(path));
    read_bytes(&readers(&path), &path, bytes, &Around { tree, signs }, &mut read);
    gathered.add(&path, read);
    gathered.read
}

fn readers(path: &str) -> Vec<&'static Extractor> {
    GROUPS.iter().flat_map(|g| g.iter()).filter(|e| (e.reads)(path)).collect()
}

fn read_bytes(readers: &[&Extractor], path: &FilePath, bytes: &[u8], around: &Around<'_>, read: &mut OfFile) {
    let text = String::from_utf8_lossy(bytes);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    read.read = true;
    let (lines, Around { tree, signs }) = (Lines::new(text), around);
    read_with(readers, &Source { path, text, lines: &lines, signs, tree }, path, read);
}

/// Runs extractors on a file; one that crashes is reported, the others go on.
fn read_with(readers: &[&Extractor], source: &Source<'_>, shared: &FilePath, read: &mut OfFile) {
    let path = source.path;
    let mut accepted = Sightings::new(shared.clone(), "acceptance");
    acceptance::extract(source, &mut accepted);
    read.sightings.extend(accepted.items);
    for extractor in readers {
        let mut out = Sightings::new(shared.clone(), extractor.id);
        let ended = catch_unwind(AssertUnwindSafe(|| (extractor.extract)(source, &mut out)));
        if ended.is_err() {
            read.failed.push(failed(extractor.id, Some(path), "the extractor stopped on this file"));
        }
        if out.cut {
            let reason = format!("more than {MOST} sightings: the rest was left out");
            read.failed.push(failed(extractor.id, Some(path), &reason));
        }
        let passed = out.passed;
        read.sightings.append(&mut out.items);
        if !extractor.sees.is_empty() && !passed {
            read.looked.push(extractor.sees);
        }
    }
    if let Some(reason) = syntax::left_out() {
        read.failed.push(failed("syntax", Some(path), reason));
    }
}

#[cfg(test)]
mod tests {
    use super::{Extractor, OfFile, read_with};
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
        let mut read = OfFile::default();
        read_with(&[&CRASHES, &TALKS], &source, &"a".into(), &mut read);
        let failed: Vec<&str> = read.failed.iter().map(|f| f.check.as_str()).collect();
        assert_eq!(failed, ["crashes", "talks"]);
        assert_eq!(read.sightings.len(), 1 + MOST);
    }
}
