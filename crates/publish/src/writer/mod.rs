//! Writing deliverables into a folder that people edit too.
//!
//! Every file is written to a temporary name and renamed, so that a killed run leaves no half file. What was
//! written is remembered by its hash in [`MANIFEST`]; a file whose content is not what was written belongs to
//! the user and is kept, with the new text beside it. Nothing outside the folder is touched, and no symbolic
//! link is followed.

mod atomic;
mod manifest;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::Deliverable;
use manifest::{Manifest, hash};

/// The file that remembers what was written.
pub const MANIFEST: &str = ".loadcase-manifest.json";

/// What happened to the files, each list in the order of the deliverables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WriteReport {
    /// Files that are new or were replaced.
    pub written: Vec<String>,
    /// Files that had the right content already.
    pub unchanged: Vec<String>,
    /// Files that somebody edited: kept, with the new text beside them.
    pub conflicts: Vec<Conflict>,
    /// Files of an earlier run that no longer belong to the design and were deleted.
    pub removed: Vec<String>,
    /// Files of an earlier run that no longer belong to the design but were edited, and so kept.
    pub stale: Vec<String>,
}

/// A file that was kept because it was edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The file that was kept.
    pub path: String,
    /// Where the new text stands.
    pub new_text: String,
}

/// Why deliverables could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// A path that leads out of the folder, or to the manifest.
    #[error("`{path}` is no path inside the output folder: use a relative path without `..`")]
    Path {
        /// The path.
        path: String,
    },
    /// A symbolic link stands in the way.
    #[error("`{}` is a symbolic link: remove it, or choose another output folder", path.display())]
    Link {
        /// The link.
        path: PathBuf,
    },
    /// A folder stands where a file should, or the other way round.
    #[error("`{}` is in the way: move it, or choose another output folder", path.display())]
    InTheWay {
        /// The path.
        path: PathBuf,
    },
    /// The system refused.
    #[error("cannot {action} `{}`: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which path.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
}

/// Writes the files into `out`, which is created when it does not exist.
///
/// # Errors
/// When a path leads out of `out`, a symbolic link or a folder stands in the way, or the system refuses.
/// Files written before the error stay, and the next run knows them.
pub fn write(out: &Path, files: &[Deliverable]) -> Result<WriteReport, WriteError> {
    for file in files {
        check_path(&file.path)?;
    }
    atomic::create_folders(out)?;
    let root = out.canonicalize().map_err(|source| io("open", out, source))?;
    let mut run =
        Run { manifest: Manifest::read(&root.join(MANIFEST))?, root, report: WriteReport::default() };
    run.manifest.announce(files);
    run.save()?;
    let mut produced = BTreeSet::new();
    for file in files {
        produced.extend(run.file(file)?);
    }
    run.clear(&produced)?;
    run.manifest.settle();
    run.save()?;
    Ok(run.report)
}

/// Puts a text at a path the user named, whole or not at all.
///
/// # Errors
/// When a folder or a link stands in the way, or the system refuses.
pub fn replace(path: &Path, text: &str) -> Result<(), WriteError> {
    atomic::content_hash(path)?;
    atomic::replace(path, text)
}

struct Run {
    root: PathBuf,
    manifest: Manifest,
    report: WriteReport,
}

impl Run {
    /// Writes one file; returns the paths that now belong to this run.
    fn file(&mut self, file: &Deliverable) -> Result<Vec<String>, WriteError> {
        let path = self.reach(&file.path)?;
        let new = hash(file.text.as_bytes());
        let existing = atomic::content_hash(&path)?;
        if existing.as_ref() == Some(&new) {
            self.report.unchanged.push(file.path.clone());
            self.manifest.record(&file.path, new);
        } else if existing.is_none_or(|hash| self.manifest.wrote(&file.path, &hash)) {
            atomic::replace(&path, &file.text)?;
            self.report.written.push(file.path.clone());
            self.manifest.record(&file.path, new);
        } else {
            return self.beside(file, new);
        }
        Ok(vec![file.path.clone()])
    }

    /// Writes the new text of a file that was edited next to it.
    fn beside(&mut self, file: &Deliverable, new: String) -> Result<Vec<String>, WriteError> {
        let mut n = 1;
        let new_text = loop {
            let candidate = name_beside(&file.path, n);
            let existing = atomic::content_hash(&self.reach(&candidate)?)?;
            if existing.is_none_or(|hash| hash == new || self.manifest.wrote(&candidate, &hash)) {
                break candidate;
            }
            n += 1;
        };
        atomic::replace(&self.reach(&new_text)?, &file.text)?;
        self.manifest.record(&new_text, new);
        self.report.conflicts.push(Conflict { path: file.path.clone(), new_text: new_text.clone() });
        Ok(vec![file.path.clone(), new_text])
    }

    /// Deletes files of earlier runs that this one did not produce, unless they were edited.
    fn clear(&mut self, produced: &BTreeSet<String>) -> Result<(), WriteError> {
        for path in self.manifest.paths() {
            if produced.contains(&path) {
                continue;
            }
            // A manifest that was tampered with may name anything.
            if check_path(&path).is_ok()
                && let Some(file) = self.existing(&path)
                && let Some(hash) = atomic::content_hash(&file)?
            {
                if self.manifest.wrote(&path, &hash) {
                    std::fs::remove_file(&file).map_err(|source| io("delete", &file, source))?;
                    self.remove_empty_folders(&file);
                    self.report.removed.push(path.clone());
                } else {
                    self.report.stale.push(path.clone());
                }
            }
            self.manifest.forget(&path);
        }
        Ok(())
    }

    /// Removes the folders around a deleted file that are empty now; a folder with content refuses.
    fn remove_empty_folders(&self, file: &Path) {
        let mut folder = file.parent();
        while let Some(path) = folder.filter(|p| *p != self.root && std::fs::remove_dir(p).is_ok()) {
            folder = path.parent();
        }
    }

    /// The place of a file, its folders created, no link on the way.
    fn reach(&self, path: &str) -> Result<PathBuf, WriteError> {
        let mut here = self.root.clone();
        let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
        for part in folders.split('/').filter(|p| !p.is_empty()) {
            here.push(part);
            atomic::ensure_folder(&here)?;
        }
        here.push(name);
        Ok(here)
    }

    /// The place of a file when every folder on the way is a real one.
    fn existing(&self, path: &str) -> Option<PathBuf> {
        let mut here = self.root.clone();
        for part in path.split('/') {
            here.push(part);
            if here.symlink_metadata().ok()?.is_symlink() {
                return None;
            }
        }
        Some(here)
    }

    fn save(&self) -> Result<(), WriteError> {
        let path = self.root.join(MANIFEST);
        let text = self.manifest.text();
        if atomic::content_hash(&path)? == Some(hash(text.as_bytes())) {
            return Ok(());
        }
        atomic::replace(&path, &text)
    }
}

/// `docs/a.md` becomes `docs/a.new.md`, then `docs/a.new2.md` and so on.
fn name_beside(path: &str, n: usize) -> String {
    let mark = if n == 1 { "new".to_owned() } else { format!("new{n}") };
    let name_start = path.rfind('/').map_or(0, |i| i + 1);
    match path[name_start..].rfind('.').filter(|i| *i > 0) {
        Some(dot) => {
            let (stem, extension) = path.split_at(name_start + dot);
            format!("{stem}.{mark}{extension}")
        }
        None => format!("{path}.{mark}"),
    }
}

/// Relative, without `..`, in the characters that deliverables use.
fn check_path(path: &str) -> Result<(), WriteError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    let parts_fine = path.split('/').all(|p| !matches!(p, "" | "." | ".."));
    if path.chars().all(plain) && parts_fine && path != MANIFEST && path.len() <= 400 {
        Ok(())
    } else {
        Err(WriteError::Path { path: crate::text::clean(path) })
    }
}

fn io(action: &'static str, path: &Path, source: std::io::Error) -> WriteError {
    WriteError::Io { action, path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_inside() {
        for good in ["a.md", "adr/0001-x.md", ".hidden"] {
            assert!(check_path(good).is_ok(), "{good}");
        }
        for bad in
            ["", "/a", "../a", "a/../b", "a//b", "./a", "a\\b", "a b", "C:/x", MANIFEST, &"a".repeat(401)]
        {
            assert!(check_path(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_new_text_stands_beside() {
        assert_eq!(name_beside("adr/0001-x.md", 1), "adr/0001-x.new.md");
        assert_eq!(name_beside("a.b/c", 2), "a.b/c.new2");
    }
}
