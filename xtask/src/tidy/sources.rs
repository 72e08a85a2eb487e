//! Rules on source files: what each begins with, and what the pure crates stay away from.

use std::path::Path;

use anyhow::Result;

use crate::{files, root, shown};

/// Crates that are functions of their inputs: no network, no clock, no terminal, no environment.
const PURE: [&str; 7] = ["model", "catalog", "brief", "forecast", "simulate", "design", "publish"];

/// What those crates may not name, and what it would be.
const IMPURE: [(&str, &str); 8] = [
    ("std::net", "the network"),
    ("SystemTime", "the clock"),
    ("Instant::now", "the clock"),
    ("println!(", "the terminal"),
    ("print!(", "the terminal"),
    ("std::env::", "the environment"),
    ("std::process::", "other processes"),
    ("std::fs", "the file system"),
];

/// The one place in them that writes files.
const WRITER: &str = "crates/publish/src/writer/";

/// Checks every Rust file.
pub(crate) fn check() -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for folder in ["crates", "xtask"] {
        for path in files(&root().join(folder))? {
            if path.extension().is_some_and(|e| e == "rs") {
                inspect(&shown(&path), &std::fs::read_to_string(&path)?, &mut problems);
            }
        }
    }
    for tests in test_folders()? {
        forgotten(&tests, &mut problems)?;
    }
    Ok(problems)
}

fn inspect(path: &str, text: &str, problems: &mut Vec<String>) {
    if !text.starts_with("//!") {
        problems.push(format!(
            "{path}:1: the first line must be a `//!` sentence that says what the file is for"
        ));
    }
    if !PURE.iter().any(|name| path.starts_with(&format!("crates/{name}/src/"))) || is_test(path) {
        return;
    }
    // Tests at the end of a file may do what they like.
    let code = text.lines().take_while(|l| !l.starts_with("#[cfg(test)]"));
    for (number, line) in code.enumerate() {
        let line = line.split("//").next().unwrap_or("");
        let found = IMPURE.iter().find(|(word, _)| line.contains(word));
        let Some((word, what)) = found else { continue };
        if *word != "std::fs" || !path.starts_with(WRITER) {
            problems.push(format!(
                "{path}:{}: `{word}` in a pure crate: {what} is for the outer crates",
                number + 1
            ));
        }
    }
}

/// Whether a file under `src` is compiled for tests only.
fn is_test(path: &str) -> bool {
    path.contains("/tests/") || path.ends_with("/tests.rs") || path.ends_with("/testing.rs")
}

fn test_folders() -> Result<Vec<std::path::PathBuf>> {
    let mut folders = Vec::new();
    for entry in std::fs::read_dir(root().join("crates"))? {
        let folder = entry?.path().join("tests").join("it");
        if folder.is_dir() {
            folders.push(folder);
        }
    }
    folders.sort();
    Ok(folders)
}

/// A test file that no `mod` line names would never run.
fn forgotten(folder: &Path, problems: &mut Vec<String>) -> Result<()> {
    let main = std::fs::read_to_string(folder.join("main.rs"))?;
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let Some(name) = path.file_stem().and_then(|n| n.to_str()) else { continue };
        let rust = path.extension().is_some_and(|e| e == "rs");
        if rust && name != "main" && !main.lines().any(|l| l.trim() == format!("mod {name};")) {
            problems
                .push(format!("{}: main.rs beside it has no `mod {name};`, so it never runs", shown(&path)));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::inspect;

    fn problems(path: &str, text: &str) -> Vec<String> {
        let mut found = Vec::new();
        inspect(path, text, &mut found);
        found
    }

    #[test]
    fn pure_crates_know_no_clock_outside_tests() {
        let path = "crates/design/src/search.rs";
        let text =
            "//! Search.\nlet t = Instant::now();\n#[cfg(test)]\nmod tests { fn f() { println!(\"\"); } }\n";
        assert_eq!(problems(path, text).len(), 1);
        assert!(problems(path, text)[0].starts_with("crates/design/src/search.rs:2:"));
        assert!(problems("crates/cli/src/main.rs", text).is_empty());
    }

    #[test]
    fn only_the_writer_touches_files() {
        let text = "//! Writes.\nstd::fs::rename(a, b)?;\n";
        assert!(problems("crates/publish/src/writer/atomic.rs", text).is_empty());
        assert_eq!(problems("crates/publish/src/json.rs", text).len(), 1);
    }

    #[test]
    fn every_file_says_what_it_is_for() {
        assert_eq!(problems("crates/cli/src/main.rs", "use std::fmt;\n").len(), 1);
    }
}
