//! Lists the files of a repository, within bounds: no link is followed, nothing outside is listed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ignore::WalkBuilder;
use loadcase_model::FailedCheck;

use crate::RecoverError;

/// Bounds on what is read.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Most files that are listed.
    pub files: usize,
    /// Largest file that is read, bytes.
    pub file_bytes: u64,
    /// Deepest folder.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { files: 200_000, file_bytes: 2 * 1024 * 1024, depth: 64 }
    }
}

/// Folders that hold code of others or results of a build.
const SKIPPED: &[&str] = &[
    "node_modules",
    "bower_components",
    "vendor",
    "target",
    "dist",
    "out",
    ".git",
    ".svn",
    ".hg",
    ".idea",
    ".vscode",
    ".gradle",
    ".mvn",
    "__pycache__",
    ".venv",
    "venv",
    ".tox",
    "site-packages",
    ".terraform",
    ".next",
    ".nuxt",
    "coverage",
    "bin",
    "obj",
    ".loadcase",
];

/// A listed file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    /// Path relative to the repository, with `/`.
    pub(crate) path: String,
    /// Size, bytes.
    pub(crate) bytes: u64,
}

/// The files of a repository, in the order of their paths.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tree {
    /// The repository's folder.
    pub(crate) root: PathBuf,
    /// The name of the repository's folder.
    pub(crate) name: String,
    /// Files.
    pub(crate) files: Vec<Listed>,
    /// Folders with the number of files directly inside.
    folders: BTreeMap<String, usize>,
    /// What was left out.
    pub(crate) failed: Vec<FailedCheck>,
    /// Largest file that is read, bytes.
    pub(crate) file_bytes: u64,
}

impl Tree {
    /// Whether a file of this path is listed.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.files.binary_search_by(|f| f.path.as_str().cmp(path)).is_ok()
    }

    /// Whether a folder holds a listed file.
    pub(crate) fn has_folder(&self, path: &str) -> bool {
        path.is_empty() || self.folders.contains_key(path)
    }

    /// The files below a folder.
    pub(crate) fn below<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = &'a Listed> {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let first = self.files.partition_point(|f| f.path.as_str() < prefix.as_str());
        self.files[first..].iter().take_while(move |f| f.path.starts_with(&prefix))
    }
}

/// What stands in a folder `build` when it is a result; in others it holds scripts and files to build with.
const OUTPUT: &[&str] = &[
    "classes",
    "libs",
    "tmp",
    "generated",
    "intermediates",
    "static",
    "index.html",
    "CMakeCache.txt",
    "lib",
];

/// Whether a folder called `build` holds results of a build.
fn is_output(folder: &Path) -> bool {
    OUTPUT.iter().any(|name| folder.join(name).symlink_metadata().is_ok())
}

/// Lists the files below a folder.
pub(crate) fn walk(root: &Path, limits: &Limits) -> Result<Tree, RecoverError> {
    let unreadable = |reason: String| RecoverError::Unreadable { path: root.display().to_string(), reason };
    let root = root.canonicalize().map_err(|e| unreadable(e.to_string()))?;
    std::fs::read_dir(&root).map_err(|e| unreadable(e.to_string()))?;
    let name = root.file_name().map_or_else(|| "system".to_owned(), |n| n.to_string_lossy().into_owned());
    let mut tree = Tree { root: root.clone(), name, file_bytes: limits.file_bytes, ..Tree::default() };
    let mut builder = WalkBuilder::new(&root);
    builder
        .follow_links(false)
        .hidden(false)
        .git_global(false)
        .git_exclude(false)
        .parents(false)
        .require_git(false)
        .max_depth(Some(limits.depth))
        .filter_entry(|e| {
            let name = e.file_name().to_string_lossy();
            let is_folder = e.depth() > 0 && e.file_type().is_some_and(|t| t.is_dir());
            !(is_folder && (SKIPPED.contains(&name.as_ref()) || (name == "build" && is_output(e.path()))))
        });
    for entry in builder.build() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                tree.failed.push(failed("walk", None, &error.to_string()));
                continue;
            }
        };
        if !entry.file_type().is_some_and(|t| t.is_file()) {
            continue;
        }
        let Ok(inside) = entry.path().strip_prefix(&root) else { continue };
        let Some(path) = inside.to_str() else {
            tree.failed.push(failed("walk", None, "a file whose name is no UTF-8 was left out"));
            continue;
        };
        if tree.files.len() >= limits.files {
            let reason = format!("more than {} files: the rest was left out", limits.files);
            tree.failed.push(failed("walk", None, &reason));
            break;
        }
        let bytes = entry.metadata().map_or(0, |m| m.len());
        tree.files.push(Listed { path: path.replace('\\', "/"), bytes });
    }
    tree.files.sort_by(|a, b| a.path.cmp(&b.path));
    let mut folders = BTreeMap::new();
    for file in &tree.files {
        let mut path = file.path.as_str();
        while let Some((folder, _)) = path.rsplit_once('/') {
            *folders.entry(folder.to_owned()).or_insert(0) += 1;
            path = folder;
        }
    }
    tree.folders = folders;
    tree.failed.sort_by(|a, b| a.reason.cmp(&b.reason));
    Ok(tree)
}

/// A check that could not be carried out.
pub(crate) fn failed(check: &str, path: Option<&str>, reason: &str) -> FailedCheck {
    FailedCheck { check: check.to_owned(), path: path.map(str::to_owned), reason: reason.to_owned() }
}
