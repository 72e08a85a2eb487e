//! Lists the files of a repository, within bounds: no link is followed, nothing outside is listed.

use std::collections::BTreeMap;
use std::fs::FileType;
use std::io::Read;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::OnceLock;

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use loadcase_model::{FailedCheck, FilePath};

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
    pub(crate) path: FilePath,
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
    /// Folders that hold files, at any depth, with the range of their own files in `by_folder`.
    folders: BTreeMap<String, Range<usize>>,
    /// Files by their folder, in the order of their paths.
    by_folder: Vec<usize>,
    /// What extractors ask of the whole tree, told once.
    pub(crate) facts: Facts,
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

    /// A repository of one file that is not on any disk.
    pub(crate) fn of_one(path: &str, bytes: usize) -> Self {
        let listed = Listed { path: path.into(), bytes: bytes as u64 };
        let mut tree = Self { name: "system".to_owned(), file_bytes: u64::MAX, ..Self::default() };
        tree.root = PathBuf::from("/dev/null/none");
        tree.files.push(listed);
        tree.note_folders();
        tree
    }

    /// Notes which folders hold files, and which.
    fn note_folders(&mut self) {
        self.by_folder = (0..self.files.len()).collect();
        let files = &self.files;
        self.by_folder.sort_by_key(|at| folder_of(&files[*at].path));
        for (at, file) in self.by_folder.iter().enumerate() {
            let folder = folder_of(&files[*file].path);
            if let Some(own) = self.folders.get_mut(folder) {
                *own = if own.start == own.end { at..at + 1 } else { own.start..at + 1 };
                continue;
            }
            self.folders.insert(folder.to_owned(), at..at + 1);
            let mut above = folder;
            while let Some((up, _)) = above.rsplit_once('/').filter(|(up, _)| !self.folders.contains_key(*up))
            {
                self.folders.insert(up.to_owned(), 0..0);
                above = up;
            }
        }
    }

    /// The files that stand in a folder itself.
    pub(crate) fn directly_in(&self, folder: &str) -> impl Iterator<Item = &Listed> {
        let own = self.folders.get(folder).cloned().unwrap_or_default();
        self.by_folder[own].iter().map(|at| &self.files[*at])
    }

    /// The files below a folder.
    pub(crate) fn below<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = &'a Listed> {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let first = self.files.partition_point(|f| f.path.as_str() < prefix.as_str());
        self.files[first..].iter().take_while(move |f| f.path.starts_with(&prefix))
    }
}

/// What extractors ask of the whole tree. Asked for every file, an answer that looks through all files would take time
/// quadratic in their number.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    /// Whether there is an OpenAPI contract.
    pub(crate) has_contract: OnceLock<bool>,
    /// Whether the shared defaults of .NET services bound the calls of every client.
    pub(crate) bounded_by_defaults: OnceLock<bool>,
    /// The folders of .NET projects by their name as an identifier.
    pub(crate) projects: OnceLock<BTreeMap<String, String>>,
}

/// The folder of a path, empty for the root.
fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
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

/// Largest file of ignored names that is read, and most patterns that are taken from it.
const IGNORE_BYTES: u64 = 64 * 1024;
const IGNORE_LINES: usize = 1000;

/// Files that name what is left out, the strongest first.
const IGNORE_FILES: &[&str] = &[".ignore", ".gitignore"];

/// Lists the files below a folder.
pub(crate) fn walk(root: &Path, limits: &Limits) -> Result<Tree, RecoverError> {
    let unreadable = |reason: String| RecoverError::Unreadable { path: root.display().to_string(), reason };
    let root = root.canonicalize().map_err(|e| unreadable(e.to_string()))?;
    std::fs::read_dir(&root).map_err(|e| unreadable(e.to_string()))?;
    let name = root.file_name().map_or_else(|| "system".to_owned(), |n| n.to_string_lossy().into_owned());
    let mut tree = Tree { root, name, file_bytes: limits.file_bytes, ..Tree::default() };
    let mut todo = vec![Folder { path: String::new(), depth: 0, ignored: None }];
    let mut entries = 0;
    while let Some(folder) = todo.pop() {
        let inside = list(&folder, limits, &mut entries, &mut tree);
        todo.extend(inside.into_iter().rev());
        if tree.files.len() > limits.files || entries > ENTRIES.saturating_mul(limits.files) {
            tree.files.truncate(limits.files);
            let reason = format!("more than {} files: the rest was left out", limits.files);
            tree.failed.push(failed("walk", None, &reason));
            break;
        }
    }
    tree.files.sort_by(|a, b| a.path.cmp(&b.path));
    tree.note_folders();
    tree.failed.sort_by(|a, b| (&a.path, &a.reason).cmp(&(&b.path, &b.reason)));
    Ok(tree)
}

/// Most names that are looked at, for each file that may be listed.
const ENTRIES: usize = 10;

/// A folder that is to be listed.
struct Folder {
    path: String,
    depth: usize,
    ignored: Option<Rc<Ignored>>,
}

/// Lists one folder: its files go to the tree, the folders inside are returned in the order of their names.
fn list(folder: &Folder, limits: &Limits, seen: &mut usize, tree: &mut Tree) -> Vec<Folder> {
    let at = tree.root.join(&folder.path);
    let entries = match std::fs::read_dir(&at) {
        Ok(entries) => entries,
        Err(error) => {
            tree.failed.push(failed("walk", Some(&folder.path), &error.to_string()));
            return Vec::new();
        }
    };
    let most = ENTRIES.saturating_mul(limits.files).saturating_sub(*seen).saturating_add(1);
    let mut names: Vec<(String, FileType)> = Vec::new();
    for entry in entries.take(most).flatten() {
        *seen += 1;
        // The type is that of the entry itself: a link is neither a file nor a folder.
        let Ok(kind) = entry.file_type() else { continue };
        match entry.file_name().into_string() {
            Ok(name) if kind.is_file() || kind.is_dir() => names.push((name, kind)),
            Err(_) if kind.is_file() => {
                let reason = "a file whose name is no UTF-8 was left out";
                tree.failed.push(failed("walk", Some(&folder.path), reason));
            }
            _ => {}
        }
    }
    names.sort_by(|a, b| a.0.cmp(&b.0));
    let ignored = Ignored::below(folder, &at, &names);
    let mut inside = Vec::new();
    for (name, kind) in names {
        let path = if folder.path.is_empty() { name.clone() } else { format!("{}/{name}", folder.path) };
        let depth = folder.depth + 1;
        if depth > limits.depth {
            let reason = format!("folders deeper than {} were left out", limits.depth);
            tree.failed.push(failed("walk", Some(&folder.path), &reason));
            break;
        }
        if ignored.as_ref().is_some_and(|i| i.leaves_out(&path, kind.is_dir())) {
            continue;
        }
        if kind.is_file() {
            let bytes = at.join(&name).symlink_metadata().map_or(0, |m| m.len());
            tree.files.push(Listed { path: path.into(), bytes });
        } else if !(SKIPPED.contains(&name.as_str()) || name == "build" && is_output(&at.join(&name))) {
            inside.push(Folder { path, depth, ignored: ignored.clone() });
        }
    }
    inside
}

/// What the files of ignored names in a folder and above it leave out.
struct Ignored {
    patterns: Vec<Gitignore>,
    above: Option<Rc<Self>>,
}

impl Ignored {
    /// Adds what a folder itself says. Only plain files of a sensible size are read.
    fn below(folder: &Folder, at: &Path, names: &[(String, FileType)]) -> Option<Rc<Self>> {
        let patterns: Vec<Gitignore> = IGNORE_FILES
            .iter()
            .filter(|wanted| names.iter().any(|(n, kind)| n == *wanted && kind.is_file()))
            .filter_map(|name| {
                let bytes = read_within(&at.join(name), IGNORE_BYTES).ok()?;
                let mut builder = GitignoreBuilder::new(Path::new("/").join(&folder.path));
                for line in String::from_utf8_lossy(&bytes).lines().take(IGNORE_LINES) {
                    // A pattern that is none leaves nothing out.
                    let _ = builder.add_line(None, line);
                }
                builder.build().ok()
            })
            .collect();
        if patterns.is_empty() {
            return folder.ignored.clone();
        }
        Some(Rc::new(Self { patterns, above: folder.ignored.clone() }))
    }

    fn leaves_out(&self, path: &str, is_folder: bool) -> bool {
        let path = Path::new("/").join(path);
        let mut at = Some(self);
        while let Some(here) = at {
            for patterns in &here.patterns {
                let matched = patterns.matched(&path, is_folder);
                if !matched.is_none() {
                    return matched.is_ignore();
                }
            }
            at = here.above.as_deref();
        }
        false
    }
}

/// The first bytes of a file: it may be larger than when it was listed.
pub(crate) fn read_within(path: &Path, most: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A check that could not be carried out.
pub(crate) fn failed(check: &str, path: Option<&str>, reason: &str) -> FailedCheck {
    FailedCheck { check: check.to_owned(), path: path.map(str::to_owned), reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{Limits, walk};

    #[test]
    fn a_folder_knows_its_own_files_and_those_below() {
        let folder = tempfile::tempdir().expect("a folder");
        for path in ["a/b/c/z.go", "a/b.go", "a/x.go", "a.go", "a/b/y.go", "a-b/w.go"] {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().expect("it has a folder")).expect("a folder");
            std::fs::write(path, "").expect("written");
        }
        let tree = walk(folder.path(), &Limits::default()).expect("a folder");
        let own = |folder: &str| tree.directly_in(folder).map(|f| f.path.to_string()).collect::<Vec<_>>();
        assert_eq!(own(""), ["a.go"]);
        assert_eq!(own("a"), ["a/b.go", "a/x.go"]);
        assert_eq!(own("a/b"), ["a/b/y.go"]);
        assert!(own("a/b/none").is_empty() && own("b").is_empty());
        assert!(tree.has_folder("a/b") && tree.has_folder("a/b/c") && !tree.has_folder("b"));
        assert_eq!(tree.below("a").count(), 4);
    }
}
