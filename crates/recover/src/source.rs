//! A file of the repository while it is read, and the list its sightings go to.

use std::cell::OnceCell;

use loadcase_model::{Aspect, FilePath, Place, State};

use crate::sighting::{PracticeSeen, Seen, Sighting};
use crate::walk::{Tree, read_within};
use loadcase_catalog::Signs;

/// Where the lines of a text begin, told once it is asked for.
#[derive(Debug)]
pub(crate) struct Lines<'a> {
    text: &'a str,
    starts: OnceCell<Vec<usize>>,
}

impl<'a> Lines<'a> {
    /// The lines of a text.
    pub(crate) const fn new(text: &'a str) -> Self {
        Self { text, starts: OnceCell::new() }
    }

    /// The line of a byte, from one.
    fn of(&self, byte: usize) -> usize {
        let all = || {
            let breaks = self.text.bytes().enumerate().filter(|(_, b)| *b == b'\n');
            breaks.map(|(at, _)| at).collect()
        };
        self.starts.get_or_init(all).partition_point(|at| *at < byte) + 1
    }
}

/// A file while it is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source<'a> {
    /// Path relative to the repository, with `/`.
    pub(crate) path: &'a str,
    /// Its text.
    pub(crate) text: &'a str,
    /// The lines of the file.
    pub(crate) lines: &'a Lines<'a>,
    /// What images, libraries and schemes mean.
    pub(crate) signs: &'a Signs<'a>,
    /// The other files, by name.
    pub(crate) tree: &'a Tree,
}

impl<'a> Source<'a> {
    /// The name without its folder.
    pub(crate) fn name(&self) -> &'a str {
        self.path.rsplit('/').next().unwrap_or(self.path)
    }

    /// The folder, empty for the root.
    pub(crate) fn folder(&self) -> &'a str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// The text of another file of the repository, by its path: only of files that were listed, and within the
    /// bound on their size.
    pub(crate) fn other(&self, path: &str) -> Option<String> {
        self.read(path)
    }

    /// Whether the file is part of tests.
    pub(crate) fn is_test(&self) -> bool {
        is_test_path(self.path)
    }

    /// The line of a byte, from one.
    pub(crate) fn line_of(&self, byte: usize) -> usize {
        if std::ptr::eq(self.text, self.lines.text) {
            return self.lines.of(byte);
        }
        let end = byte.min(self.text.len());
        self.text.as_bytes()[..end].iter().filter(|b| **b == b'\n').count() + 1
    }

    /// The text of another listed file of the repository; nothing when it is not listed or too large.
    pub(crate) fn read(&self, path: &str) -> Option<String> {
        let at = self.tree.files.binary_search_by(|f| f.path.as_str().cmp(path)).ok()?;
        if self.tree.files.get(at)?.bytes > self.tree.file_bytes {
            return None;
        }
        let bytes = read_within(&self.tree.root.join(path), self.tree.file_bytes).ok()?;
        let text = String::from_utf8_lossy(&bytes);
        Some(text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned())
    }

    /// A path relative to this file's folder as a path of the repository: `./a/../b` is resolved; nothing when
    /// it leaves the repository.
    pub(crate) fn relative(&self, path: &str) -> Option<String> {
        join(self.folder(), path)
    }
}

/// Joins a folder of the repository and a relative path; nothing when the result leaves the repository.
pub(crate) fn join(folder: &str, path: &str) -> Option<String> {
    let path = path.replace('\\', "/");
    let mut parts: Vec<&str> = folder.split('/').filter(|p| !p.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            other => parts.push(other),
        }
    }
    Some(parts.join("/"))
}

/// Whether a path is of tests, examples of documentation or generated fixtures.
pub(crate) fn is_test_path(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let name = lower.rsplit('/').next().unwrap_or(&lower);
    lower.split('/').any(|p| {
        matches!(
            p,
            "test"
                | "tests"
                | "__tests__"
                | "spec"
                | "specs"
                | "e2e"
                | "testdata"
                | "fixtures"
                | "mocks"
                | "__mocks__"
                | "cypress"
        ) || p.ends_with(".tests")
            || p.ends_with(".unittests")
            || p.ends_with(".functionaltests")
    }) || name.ends_with("_test.go")
        || name.ends_with(".test.js")
        || name.ends_with(".test.ts")
        || name.ends_with(".spec.js")
        || name.ends_with(".spec.ts")
        || name.starts_with("test_")
        || name == "conftest.py"
}

/// The sightings of one file.
#[derive(Debug)]
pub(crate) struct Sightings {
    path: FilePath,
    by: &'static str,
    /// What was seen so far.
    pub(crate) items: Vec<Sighting>,
    /// Whether the file turned out to be of another kind than the extractor reads, so that nothing was looked for.
    pub(crate) passed: bool,
    /// Whether there was more to see than is kept.
    pub(crate) cut: bool,
}

/// Most sightings of one extractor in one file.
pub(crate) const MOST: usize = 20_000;

impl Sightings {
    /// An empty list for a file and an extractor.
    pub(crate) fn new(path: impl Into<FilePath>, by: &'static str) -> Self {
        Self { path: path.into(), by, items: Vec::new(), passed: false, cut: false }
    }

    /// Adds something seen on one line.
    pub(crate) fn add(&mut self, line: usize, seen: Seen) {
        self.span(line, line, seen);
    }

    /// Adds something seen on a range of lines.
    pub(crate) fn span(&mut self, line: usize, until: usize, seen: Seen) {
        if self.items.len() >= MOST {
            self.cut = true;
            return;
        }
        let mut seen = seen;
        seen.clean();
        let place = Place { path: self.path.clone(), line: line.max(1) };
        self.items.push(Sighting { place, until: until.max(line), by: self.by, seen });
    }

    /// Adds a practice of the unit of this file.
    pub(crate) fn practice(
        &mut self,
        line: usize,
        aspect: Aspect,
        state: State,
        subject: impl Into<String>,
        detail: impl Into<String>,
    ) {
        let (subject, detail) = (subject.into(), detail.into());
        self.add(line, Seen::Practice(PracticeSeen { of: None, aspect, state, subject, detail }));
    }
}

#[cfg(test)]
mod tests {
    use super::join;

    #[test]
    fn paths_stay_inside() {
        assert_eq!(join("a/b", "../c/./d").as_deref(), Some("a/c/d"));
        assert_eq!(join("", "./x").as_deref(), Some("x"));
        assert_eq!(join("a", "../../etc/passwd"), None);
    }
}
