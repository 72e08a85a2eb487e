//! The files of a git revision, as git has stored them.
//!
//! Objects are read one by one instead of being checked out: a checkout would run the filters that the
//! repository's configuration names, and a repository is not trusted.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Component, Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};

use tempfile::TempDir;

use crate::EngineError;

/// Most files of a revision.
const MOST_FILES: usize = 200_000;
/// Largest file that is taken.
const MOST_BYTES: u64 = 2 * 1024 * 1024;
/// Most bytes of all files.
const MOST_TOTAL: u64 = 2 * 1024 * 1024 * 1024;

/// A file of a revision.
struct Stored {
    object: String,
    path: PathBuf,
}

/// Writes the files of a revision into a folder of their own, which goes away with the result.
///
/// # Errors
/// When git is not there, the folder belongs to no repository, or the revision does not exist.
pub(crate) fn files_of(repository: &Path, revision: &str) -> Result<TempDir, EngineError> {
    if revision.is_empty() || revision.starts_with('-') || revision.chars().any(char::is_control) {
        return Err(EngineError::Revision(format!(
            "{revision:?} is no revision: name a commit, a branch or a tag"
        )));
    }
    // The names that git lists are relative to the folder, and only of what is inside it.
    let tree = ask(
        repository,
        &["rev-parse", "--verify", "--quiet", "--end-of-options", &format!("{revision}^{{tree}}")],
    )
    .map_err(|e| e.or(|| format!("`{revision}` is no revision of {}", repository.display())))?;
    let tree = String::from_utf8_lossy(&tree).trim().to_owned();
    let listed = ask(repository, &["ls-tree", "-r", "-z", "-l", &tree])
        .map_err(|e| e.or(|| format!("git cannot list the files of `{revision}`")))?;
    let stored = stored(&listed)
        .ok_or_else(|| EngineError::Revision(format!("`{revision}` is too large to compare")))?;
    let failed = |source| EngineError::Io { path: repository.to_owned(), source };
    let folder = tempfile::Builder::new().prefix("loadcase-").tempdir().map_err(failed)?;
    extract(repository, &stored, folder.path()).map_err(failed)?;
    Ok(folder)
}

/// Why git gave no answer.
enum Refused {
    /// It could not be started.
    Start(std::io::Error),
    /// It said no.
    No,
}

impl Refused {
    fn or(self, message: impl FnOnce() -> String) -> EngineError {
        match self {
            Self::Start(source) => EngineError::Io { path: PathBuf::from("git"), source },
            Self::No => EngineError::Revision(message()),
        }
    }
}

/// Git, in a folder: without the variables of a hook it may run in, without helpers, questions and network.
fn git(repository: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.arg("--no-pager").args(["-c", "core.fsmonitor=false"]).arg("-C").arg(repository).args(arguments);
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"] {
        command.env_remove(name);
    }
    command.env("GIT_TERMINAL_PROMPT", "0").env("GIT_NO_LAZY_FETCH", "1").env("GIT_OPTIONAL_LOCKS", "0");
    command.stdin(Stdio::null()).stderr(Stdio::null());
    command
}

fn ask(repository: &Path, arguments: &[&str]) -> Result<Vec<u8>, Refused> {
    let output = git(repository, arguments).output().map_err(Refused::Start)?;
    if output.status.success() { Ok(output.stdout) } else { Err(Refused::No) }
}

/// The plain files of a listing, each `mode type object size<tab>path`; links, submodules and large files are left
/// out. None when there is more than can be taken.
fn stored(listed: &[u8]) -> Option<Vec<Stored>> {
    let mut files = Vec::new();
    let mut total = 0;
    for entry in listed.split(|b| *b == 0) {
        let Ok(entry) = std::str::from_utf8(entry) else { continue };
        let Some((about, path)) = entry.split_once('\t') else { continue };
        let words: Vec<&str> = about.split_whitespace().collect();
        let ["100644" | "100755", "blob", object, size] = words[..] else { continue };
        let Some(size) = size.parse::<u64>().ok().filter(|s| *s <= MOST_BYTES) else { continue };
        if let Some(path) = inside(path) {
            files.push(Stored { object: object.to_owned(), path });
            total += size;
        }
        if files.len() > MOST_FILES || total > MOST_TOTAL {
            return None;
        }
    }
    Some(files)
}

/// A path that stays inside the folder it is put in.
fn inside(path: &str) -> Option<PathBuf> {
    let path = PathBuf::from(path);
    let plain = |c: Component<'_>| matches!(c, Component::Normal(name) if !name.eq_ignore_ascii_case(".git"));
    path.components().all(plain).then_some(path)
}

fn extract(repository: &Path, files: &[Stored], folder: &Path) -> std::io::Result<()> {
    let mut child =
        git(repository, &["cat-file", "--batch"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(std::io::Error::other("git has no pipes"));
    };
    let objects: String = files.iter().map(|f| format!("{}\n", f.object)).collect();
    let asking = std::thread::spawn(move || request(input, &objects));
    let mut answers = BufReader::new(output);
    let mut result = Ok(());
    for file in files {
        result = answer(&mut answers, &folder.join(&file.path));
        if result.is_err() {
            break;
        }
    }
    drop(answers);
    // What was asked for may not all have been read: git ends when its pipes do.
    let _ = asking.join();
    let _ = child.wait();
    result
}

fn request(mut input: ChildStdin, objects: &str) {
    // When git ends early, reading its answers tells.
    let _ = input.write_all(objects.as_bytes());
}

/// Reads one answer, `object type size`, the bytes and a line end, into a file.
fn answer(answers: &mut impl BufRead, path: &Path) -> std::io::Result<()> {
    let mut head = String::new();
    answers.read_line(&mut head)?;
    let size = head.split_whitespace().nth(2).and_then(|s| s.parse::<u64>().ok());
    // An object that is missing has no size: the clone is partial.
    let Some(size) = size.filter(|s| *s <= MOST_BYTES) else {
        return if head.trim_end().ends_with("missing") {
            Ok(())
        } else {
            Err(std::io::Error::other("git gave no answer"))
        };
    };
    let mut bytes = Vec::new();
    answers.take(size).read_to_end(&mut bytes)?;
    let mut end = [0];
    answers.read_exact(&mut end)?;
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    std::fs::write(path, bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_no_revisions() {
        for revision in ["", "-x", "--output=/tmp/x", "a\nb"] {
            assert!(
                matches!(files_of(Path::new("."), revision), Err(EngineError::Revision(_))),
                "{revision}"
            );
        }
    }

    #[test]
    fn only_plain_files_inside_are_taken() {
        let listed = b"100644 blob aaa 5\ta/b.rs\x00120000 blob bbb 5\tlink\x00160000 commit ccc -\tsub\x00\
            100644 blob ddd 5\t../out\x00100644 blob eee 5\t.git/config\x00100644 blob fff 99999999\tbig\x00";
        let paths: Vec<PathBuf> = stored(listed).expect("small").into_iter().map(|f| f.path).collect();
        assert_eq!(paths, [PathBuf::from("a/b.rs")]);
    }
}
