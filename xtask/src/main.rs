//! Developer tasks: `cargo xtask ci`, `tidy`, `schemas`, `readme`.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a developer reads this tool's output in a terminal"
)]

mod ci;
mod readme;
mod schemas;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

const USAGE: &str = "\
usage: cargo xtask <task>

  ci                 everything a change must pass: formatting, tidiness, lints, tests, schemas
  tidy               rules of the repository that no compiler checks
  schemas [--check]  write the JSON Schemas of the catalog's files, or compare them
  readme             put what the program prints today into README.md";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["ci"] => ci::run(),
        ["tidy"] => tidy::run(),
        ["schemas"] => schemas::write(),
        ["schemas", "--check"] => schemas::check(),
        ["readme"] => readme::write(),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The folder of the workspace.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask is a folder of the workspace")
}

/// Prints problems, one a line, and says whether there were none.
fn report(task: &str, problems: &[String]) -> bool {
    for problem in problems {
        println!("{task}: {problem}");
    }
    problems.is_empty()
}

/// What the program prints, in a locale that speaks UTF-8.
fn loadcase(arguments: &[&str]) -> Result<String> {
    let output = Command::new("cargo")
        .args(["run", "--quiet", "--package", "loadcase-cli", "--"])
        .args(arguments)
        .env("LC_ALL", "C.UTF-8")
        .current_dir(root())
        .output()
        .context("cannot run cargo")?;
    if !output.status.success() {
        bail!("`loadcase {}` failed:\n{}", arguments.join(" "), String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Every file under a folder of the workspace, in order of path.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                open.push(entry.path());
            } else {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// A path as people write it: relative to the workspace, with `/`.
fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).to_string_lossy().replace('\\', "/")
}
