//! The commands that the documentation shows are run, and its YAML is read.

use std::path::{Path, PathBuf};

use crate::run::{SOCIAL, loadcase};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The fenced blocks of a document: the language of each and its text.
fn blocks(path: &str) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(root().join(path)).expect("the document is there");
    let mut blocks: Vec<(String, String)> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        if let Some(language) = line.strip_prefix("```") {
            open = !open;
            if open {
                blocks.push((language.to_owned(), String::new()));
            }
        } else if open && let Some((_, text)) = blocks.last_mut() {
            text.push_str(line);
            text.push('\n');
        }
    }
    blocks
}

/// The commands of a block, each as its arguments; those with a file, a pipe, a placeholder or the files of an
/// earlier command left out.
fn commands(block: &str) -> Vec<Vec<String>> {
    let mut commands: Vec<Vec<String>> = Vec::new();
    let mut quoted = false;
    let mut word = String::new();
    let mut words: Vec<String> = Vec::new();
    for c in block.replace("\\\n", " ").chars() {
        match c {
            '"' => quoted = !quoted,
            ' ' | '\n' if !quoted => {
                words.extend(Some(std::mem::take(&mut word)).filter(|w| !w.is_empty()));
                if c == '\n' {
                    commands.push(std::mem::take(&mut words));
                }
            }
            c => word.push(c),
        }
    }
    let alone = |c: &Vec<String>| {
        !c.iter()
            .any(|w| ["--material", "--out", "docs/backend", "|", ">", "…", "<term>"].contains(&w.as_str()))
    };
    commands.retain(|c| c.first().is_some_and(|w| w == "loadcase") && alone(c));
    commands
}

#[test]
fn commands_that_are_shown_work() {
    let mut run = 0;
    for path in ["README.md", "docs/commands.md", "docs/briefs.md", "examples/README.md"] {
        for command in blocks(path).iter().flat_map(|(_, text)| commands(text)) {
            let arguments: Vec<&str> = command[1..].iter().map(String::as_str).collect();
            let ended = loadcase(&arguments).inside(&root()).end();
            assert!(matches!(ended.code, Some(0 | 4)), "{path}: {arguments:?}: {}", ended.err);
            assert!(!ended.err.contains("error"), "{path}: {arguments:?}: {}", ended.err);
            run += 1;
        }
    }
    assert!(run >= 10, "only {run} commands were found");
}

#[test]
fn the_transcript_gives_the_answer_of_today() {
    let all = blocks("README.md");
    let (_, shown) =
        all.iter().find(|(_, text)| text.starts_with("$ loadcase design")).expect("a transcript");
    let printed = loadcase(&["design", "--no-input", SOCIAL]).end().fine().out;
    let (command, output) = shown.split_once('\n').expect("output below the command");
    assert!(command.contains(SOCIAL), "{command}");
    assert_eq!(output.lines().next(), printed.lines().next(), "README.md is stale: run `cargo xtask readme`");
}

#[test]
fn the_transcript_of_a_review_is_that_of_today() {
    let all = blocks("README.md");
    let shown =
        all.iter().find_map(|(_, text)| text.strip_prefix("$ loadcase review ")).expect("a transcript");
    let (command, output) = shown.split_once('\n').expect("output below the command");
    let arguments: Vec<&str> = std::iter::once("review").chain(command.split_whitespace()).collect();
    let printed = loadcase(&arguments).inside(&root()).end().ended_with(1).out;
    assert_eq!(output.trim_end(), printed.trim_end(), "README.md is stale: run `cargo xtask readme`");
}

#[test]
fn options_that_recipes_use_exist() {
    let help =
        loadcase(&["review", "--help"]).end().fine().out + &loadcase(&["diff", "--help"]).end().fine().out;
    for path in ["action.yml", ".pre-commit-hooks.yaml", "docs/review.md"] {
        let text = std::fs::read_to_string(root().join(path)).expect("the file is there");
        let commands =
            text.lines().filter(|l| l.contains("loadcase") && l.contains(" --") && !l.contains("cargo"));
        for option in commands.flat_map(|l| l.split([' ', '`', '(', ')'])).filter(|w| w.starts_with("--")) {
            let known = option == "--" || option == "--out" || help.contains(option);
            assert!(known, "{path}: {option}");
        }
    }
}

#[test]
fn yaml_that_is_shown_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let all = blocks("docs/briefs.md");
    let (_, text) = all.iter().find(|(language, _)| language == "yaml").expect("a brief in YAML");
    std::fs::write(folder.path().join("brief.yaml"), text).expect("written");
    let run = loadcase(&["design", "--no-input", "--format", "json", "brief.yaml"]).inside(folder.path());
    let design: serde_json::Value = serde_json::from_str(&run.end().fine().out).expect("JSON");
    assert_eq!(design["brief"]["domains"][0]["id"], "booking");
    assert_eq!(design["brief"]["numbers"]["daily-users"]["later"]["value"], 20_000.0);
    assert_eq!(design["brief"]["signals"]["search"]["holds"], false);
}

#[test]
fn exit_codes_are_told_the_same_everywhere() {
    let help = loadcase(&["--help"]).end().fine().out;
    let document = std::fs::read_to_string(root().join("docs/commands.md")).expect("the document is there");
    for code in ["0 ", "1 ", "2 ", "3 ", "4 ", "5 ", "70 "] {
        assert!(help.contains(code) && document.contains(&format!("| {code}|")), "{code}");
    }
}
