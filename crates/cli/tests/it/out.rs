//! `--out`: every deliverable, the same bytes each time, and never over a user's edits.

use std::collections::BTreeMap;
use std::path::Path;

use loadcase_model::{Blueprint, yaml};

use crate::run::{Ended, SOCIAL, loadcase};

/// Every file under a folder, by path with `/`.
pub(crate) fn files(root: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(root).expect("inside").to_string_lossy().replace('\\', "/");
                found.insert(name, std::fs::read_to_string(&path).expect("text"));
            }
        }
    }
    found
}

fn write(out: &Path, brief: &str) -> Ended {
    loadcase(&["design", "--no-input", "--out", out.to_str().expect("a plain path"), brief]).end().fine()
}

#[test]
fn every_deliverable_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("docs/backend");
    write(&out, SOCIAL);
    let written = files(&out);
    for path in [
        "architecture.md",
        "api-design.md",
        "openapi.yaml",
        "asyncapi.yaml",
        "data-design.md",
        "schema.sql",
        "technology.md",
        "scaling.md",
        "security.md",
        "trade-offs.md",
        "quality.md",
        "blueprint.yaml",
    ] {
        assert!(written.get(path).is_some_and(|text| text.len() > 200), "{path} of {:?}", written.keys());
    }
    assert!(written.keys().any(|p| p.starts_with("adr/")), "{:?}", written.keys());
    assert!(!written.contains_key("payment-flow.md"), "no money moves in a social network");
}

#[test]
fn where_money_moves_its_way_is_written_down() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "An online shop with 20 orders a minute, card payments and four engineers.");
    assert!(files(folder.path()).contains_key("payment-flow.md"));
}

#[test]
fn a_second_run_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), SOCIAL);
    let first = files(folder.path());
    let ended = write(folder.path(), SOCIAL);
    assert_eq!(files(folder.path()), first);
    assert!(ended.err.contains("0 written"), "{}", ended.err);
    let other = tempfile::tempdir().expect("a folder");
    write(other.path(), SOCIAL);
    assert_eq!(files(other.path()), first, "the folder's name leaves no trace");
}

#[test]
fn a_design_in_its_own_repository_is_designed_again_and_changes_nothing() {
    for brief in [
        SOCIAL,
        "An online shop with 50 orders per minute on Rails and MySQL, two engineers. Do we need Kafka?",
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let design = |more: &[&str]| -> Ended {
            let mut arguments = vec!["design", "--no-input", "--out", "docs/backend"];
            arguments.extend(more);
            arguments.push(brief);
            loadcase(&arguments).inside(folder.path()).end().fine()
        };
        let first = design(&[]);
        let written = files(folder.path());
        let second = design(&["--repo", "."]);
        assert_eq!(second.out, first.out);
        assert_eq!(files(folder.path()), written);
        assert!(second.err.contains(" 0 written, ") && second.err.contains(" 0 conflicts"), "{}", second.err);
    }
}

#[test]
fn an_edited_file_is_kept_and_the_conflict_told() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), SOCIAL);
    let path = folder.path().join("scaling.md");
    let original = std::fs::read_to_string(&path).expect("written");
    std::fs::write(&path, "our own words\n").expect("edited");
    let ended = write(folder.path(), SOCIAL);
    assert_eq!(std::fs::read_to_string(&path).expect("kept"), "our own words\n");
    assert_eq!(std::fs::read_to_string(folder.path().join("scaling.new.md")).expect("beside it"), original);
    assert!(ended.err.contains("scaling.md") && ended.err.contains("scaling.new.md"), "{}", ended.err);
}

#[test]
fn the_blueprint_is_read_back() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), SOCIAL);
    let text = std::fs::read_to_string(folder.path().join("blueprint.yaml")).expect("written");
    let blueprint: Blueprint =
        yaml::read(&text).unwrap_or_else(|d| panic!("{}", d.one_line("blueprint.yaml", &text)));
    assert!(!blueprint.components.is_empty() && !blueprint.operations.is_empty());
    let json = loadcase(&["design", "--no-input", "--format", "json", SOCIAL]).end().fine().out;
    let design: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(serde_json::to_value(&blueprint).expect("JSON"), design["blueprint"]);
}

#[test]
fn established_decisions_are_found_in_a_repository() {
    let folder = tempfile::tempdir().expect("a folder");
    let adr = folder.path().join("docs/adr");
    std::fs::create_dir_all(&adr).expect("a folder");
    let text = "# Use MySQL as primary database\n\n## Status\n\nAccepted\n\n## Decision\n\nWe use MySQL as the primary database.\n";
    std::fs::write(adr.join("0001-use-mysql.md"), text).expect("written");
    let repo = folder.path().to_str().expect("a plain path");
    let json = |more: &[&str]| -> serde_json::Value {
        let mut arguments = vec!["design", "--no-input", "--format", "json", "--repo", repo];
        arguments.extend(more);
        arguments.push(SOCIAL);
        serde_json::from_str(&loadcase(&arguments).end().fine().out).expect("JSON")
    };
    let pin = &json(&[])["brief"]["pins"][0];
    assert_eq!(pin["option"], "mysql", "{pin}");
    assert_eq!(pin["place"]["path"], "docs/adr/0001-use-mysql.md");
    assert_eq!(json(&["--respect-pins"])["choices"]["primary_store"], serde_json::json!(["mysql"]));
}
