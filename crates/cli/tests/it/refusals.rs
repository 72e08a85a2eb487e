//! What is refused says what is wrong and what to do, and shows nothing that steers a terminal.

use std::path::Path;

use crate::run::{Ended, loadcase};

const EXAMPLE: &str = "A shop for used bikes, 20k monthly users, four engineers";

fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    std::fs::create_dir(at("folder")).expect("made");
    std::fs::write(at("empty.yaml"), "").expect("written");
    std::fs::write(at("bad.yaml"), "name: [x\n").expect("written");
    std::fs::write(at("hostile.yaml"), b"name: \x1b]0;owned\x07\x1b[2J [\n").expect("written");
    folder
}

fn run(folder: &Path, arguments: &[&str]) -> Ended {
    loadcase(arguments).inside(folder).end()
}

#[test]
fn a_wrong_input_is_named_with_what_to_do() {
    let folder = project();
    for (arguments, code, told) in [
        (vec!["design", "missing.yaml"], 3, "missing.yaml"),
        (vec!["design", "folder"], 2, "is a folder"),
        (vec!["design", "empty.yaml"], 3, "empty"),
        (vec!["design", EXAMPLE, "--repo", "missing"], 3, "missing"),
        (vec!["forecast", "missing.yaml"], 3, "missing.yaml"),
        (vec!["forecast", "folder"], 2, "blueprint.yaml"),
        (vec!["forecast", "empty.yaml"], 3, "empty"),
        (vec!["forecast", "bad.yaml"], 3, "bad.yaml:1:"),
        (vec!["contract", "folder"], 2, "blueprint.yaml"),
        (vec!["simulate", "empty.yaml"], 3, "empty"),
        (vec!["prove", "bad.yaml"], 3, "bad.yaml:1:"),
        (vec!["recover", "bad.yaml"], 3, "bad.yaml"),
        (vec!["review", "missing"], 3, "missing"),
        (vec!["review", "--select", "family:nonsense"], 2, "family:nonsense"),
        (vec!["review", "--ignore", "family:nonsense"], 2, "family:nonsense"),
        (vec!["review", "--select", "no-such-rule"], 2, "no-such-rule"),
        (vec!["diff", "folder", "missing"], 3, "missing"),
        (vec!["mcp", "--root", "missing"], 3, "missing"),
    ] {
        let ended = run(folder.path(), &arguments);
        assert_eq!(ended.code, Some(code), "{arguments:?}: {}", ended.err);
        assert!(ended.err.contains(told) && ended.err.contains("= help: "), "{arguments:?}: {}", ended.err);
        assert!(!ended.err.contains("os error"), "{arguments:?}: {}", ended.err);
    }
}

#[test]
fn a_folder_that_design_wrote_will_do_for_its_blueprint() {
    let folder = tempfile::tempdir().expect("a folder");
    run(folder.path(), &["design", EXAMPLE, "--no-input", "--out", "docs/backend"]).fine();
    let of_file = run(folder.path(), &["forecast", "docs/backend/blueprint.yaml"]).fine().out;
    assert_eq!(run(folder.path(), &["forecast", "docs/backend"]).fine().out, of_file);
    assert_eq!(run(folder.path(), &["forecast", "."]).fine().out, of_file);
    // A change that says nothing to some scenarios is tried on the others.
    let tried = run(
        folder.path(),
        &[
            "simulate",
            "docs/backend",
            "--all",
            "--with",
            "client.retries=0",
            "--replications",
            "1",
            "--no-remedies",
        ],
    );
    assert!(matches!(tried.code, Some(0 | 1)), "{}", tried.err);
    assert!(tried.out.contains("Retries") || tried.out.contains("retries"), "{}", tried.out);
}

#[test]
fn text_of_files_does_not_steer_a_terminal() {
    let folder = project();
    for arguments in [["forecast", "hostile.yaml"], ["design", "hostile.yaml"], ["forecast", "\u{1b}[2J"]] {
        let ended = run(folder.path(), &arguments);
        assert_ne!(ended.code, Some(0));
        let steers = |c: char| c.is_control() && c != '\n';
        assert!(!ended.err.contains(steers), "{arguments:?}: {:?}", ended.err);
    }
}

#[test]
fn a_folder_without_anything_to_read_is_not_called_fine_in_silence() {
    let folder = project();
    let empty = folder.path().join("folder");
    let ended = run(&empty, &["review"]).fine();
    assert!(ended.err.contains("no file that is read"), "{}", ended.err);
}
