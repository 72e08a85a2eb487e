//! Reading a folder that somebody else wrote: bounded in files, bytes and depth, never through links.

use std::path::{Path, PathBuf};

use loadcase_catalog::SourceFile;

use crate::EngineError;

/// Most files read from one folder.
const MOST_FILES: usize = 2_000;
/// Largest file read; larger ones are skipped.
const MOST_BYTES: u64 = 1024 * 1024;
/// Deepest folder entered.
const MOST_DEPTH: usize = 6;

/// Folders of a repository that hold established decisions.
const DECISION_FOLDERS: [&str; 8] = [
    "docs/backend",
    "docs/adr",
    "docs/adrs",
    "docs/decisions",
    "docs/architecture/decisions",
    "doc/adr",
    "adr",
    "decisions",
];

/// The documents of a repository that may hold established decisions.
pub(crate) fn documents(repository: &Path) -> Result<Vec<SourceFile>, EngineError> {
    if !repository.is_dir() {
        let source = std::io::Error::new(std::io::ErrorKind::NotFound, "there is no such folder");
        return Err(EngineError::Io { path: repository.to_owned(), source });
    }
    let mut found = Vec::new();
    for folder in DECISION_FOLDERS {
        let root = repository.join(folder);
        if root.is_dir() && !root.is_symlink() {
            found.extend(files(&root, &["md", "markdown"])?.into_iter().map(|mut f| {
                f.path = format!("{folder}/{}", f.path);
                f
            }));
        }
    }
    Ok(found)
}

/// Text files under `root` with one of these extensions, in order of path, paths relative to it with `/`.
pub(crate) fn files(root: &Path, extensions: &[&str]) -> Result<Vec<SourceFile>, EngineError> {
    let mut found = Vec::new();
    walk(root, &PathBuf::new(), 0, extensions, &mut found)?;
    Ok(found)
}

fn walk(
    root: &Path,
    inside: &Path,
    depth: usize,
    extensions: &[&str],
    found: &mut Vec<SourceFile>,
) -> Result<(), EngineError> {
    let folder = root.join(inside);
    let fail = |source| EngineError::Io { path: folder.clone(), source };
    let mut entries: Vec<_> = std::fs::read_dir(&folder).map_err(fail)?.flatten().collect();
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let Ok(kind) = entry.file_type() else { continue };
        let path = inside.join(entry.file_name());
        if kind.is_dir() && depth < MOST_DEPTH {
            walk(root, &path, depth + 1, extensions, found)?;
        }
        let wanted = path.extension().and_then(|e| e.to_str()).is_some_and(|e| extensions.contains(&e));
        let small = entry.metadata().is_ok_and(|m| m.len() <= MOST_BYTES);
        if !kind.is_file() || !wanted || !small || found.len() >= MOST_FILES {
            continue;
        }
        if let (Ok(text), Some(path)) = (std::fs::read_to_string(entry.path()), slashed(&path)) {
            found.push(SourceFile { path, text });
        }
    }
    Ok(())
}

/// A relative path with `/`; none when it is not Unicode.
fn slashed(path: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> = path.iter().map(|p| p.to_str()).collect();
    Some(parts?.join("/"))
}
