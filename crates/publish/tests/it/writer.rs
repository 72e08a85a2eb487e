//! Writing into a folder that somebody edits.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use loadcase_publish::{Conflict, Deliverable, MANIFEST, WriteError, WriteReport, write};
use tempfile::TempDir;

fn file(path: &str, text: &str) -> Deliverable {
    Deliverable { path: path.to_owned(), text: text.to_owned() }
}

fn names(list: &[&str]) -> Vec<String> {
    list.iter().map(|n| (*n).to_owned()).collect()
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// Every file below `root` with its content.
fn tree(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("readable") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(root).expect("inside").to_string_lossy().into_owned();
                found.insert(name, fs::read(&path).expect("readable"));
            }
        }
    }
    found
}

#[test]
fn twice_the_same_changes_nothing() {
    let out = folder();
    let files = [file("a.md", "one\n"), file("adr/0001-x.md", "two\n")];
    let first = write(&out.path().join("deep/docs"), &files).expect("written");
    assert_eq!(first.written, names(&["a.md", "adr/0001-x.md"]));
    let before = tree(out.path());
    let second = write(&out.path().join("deep/docs"), &files).expect("written");
    assert_eq!(
        second,
        WriteReport { unchanged: names(&["a.md", "adr/0001-x.md"]), ..WriteReport::default() }
    );
    assert_eq!(tree(out.path()), before);
}

#[test]
fn an_edited_file_is_kept_and_the_new_text_stands_beside_it() {
    let out = folder();
    write(out.path(), &[file("a.md", "one\n")]).expect("written");
    fs::write(out.path().join("a.md"), "mine\n").expect("edited");
    for text in ["two\n", "three\n"] {
        let report = write(out.path(), &[file("a.md", text)]).expect("written");
        let conflict = Conflict { path: "a.md".to_owned(), new_text: "a.new.md".to_owned() };
        assert_eq!(report.conflicts, [conflict]);
        assert_eq!(fs::read_to_string(out.path().join("a.md")).expect("kept"), "mine\n");
        assert_eq!(fs::read_to_string(out.path().join("a.new.md")).expect("written"), text);
    }
    // The user takes the new text over: nothing is left of the conflict.
    fs::write(out.path().join("a.md"), "three\n").expect("edited");
    let report = write(out.path(), &[file("a.md", "three\n")]).expect("written");
    assert_eq!(report.unchanged, names(&["a.md"]));
    assert_eq!(report.removed, names(&["a.new.md"]));
}

#[test]
fn a_file_that_was_there_before_and_edits_of_the_new_text_survive() {
    let out = folder();
    fs::write(out.path().join("a.md"), "theirs\n").expect("there");
    fs::write(out.path().join("a.new.md"), "also theirs\n").expect("there");
    let report = write(out.path(), &[file("a.md", "ours\n")]).expect("written");
    assert_eq!(report.conflicts[0].new_text, "a.new2.md");
    assert_eq!(fs::read_to_string(out.path().join("a.new.md")).expect("kept"), "also theirs\n");
}

#[test]
fn files_no_longer_produced_go_unless_they_were_edited() {
    let out = folder();
    write(out.path(), &[file("a.md", "a\n"), file("x/b.md", "b\n"), file("c.md", "c\n")]).expect("written");
    fs::write(out.path().join("c.md"), "mine\n").expect("edited");
    let report = write(out.path(), &[file("a.md", "a\n")]).expect("written");
    assert_eq!(report.removed, names(&["x/b.md"]));
    assert_eq!(report.stale, names(&["c.md"]));
    assert!(!out.path().join("x").exists());
    assert_eq!(fs::read_to_string(out.path().join("c.md")).expect("kept"), "mine\n");
}

#[test]
fn a_killed_run_leaves_no_half_file_and_knows_its_own() {
    let out = folder();
    write(out.path(), &[file("a.md", "one\n"), file("b.md", "one\n")]).expect("written");
    // As after a run killed between two files: announced, one written, one temporary file left.
    let manifest = fs::read_to_string(out.path().join(MANIFEST)).expect("a manifest");
    let two = blake3_of("two\n");
    let announced = format!("\"announced\": {{\"a.md\": [\"{two}\"], \"b.md\": [\"{two}\"]}},\n  \"files\"");
    fs::write(out.path().join(MANIFEST), manifest.replace("\"files\"", &announced)).expect("edited");
    fs::write(out.path().join("a.md"), "two\n").expect("edited");
    fs::write(out.path().join(".b.md.loadcase-tmp"), "tw").expect("left over");
    let report = write(out.path(), &[file("a.md", "three\n"), file("b.md", "three\n")]).expect("written");
    assert_eq!(report.written, names(&["a.md", "b.md"]));
    assert_eq!(tree(out.path()).keys().collect::<Vec<_>>(), [MANIFEST, "a.md", "b.md"]);
}

fn blake3_of(text: &str) -> String {
    let out = folder();
    write(out.path(), &[file("x", text)]).expect("written");
    let manifest = fs::read_to_string(out.path().join(MANIFEST)).expect("a manifest");
    let value: serde_json::Value = serde_json::from_str(&manifest).expect("JSON");
    value["files"]["x"].as_str().expect("a hash").to_owned()
}

#[test]
fn nothing_outside_the_folder_is_touched() {
    let out = folder();
    for path in ["../evil.md", "/tmp/evil.md", "a/../../evil.md", "a\\b.md", "", MANIFEST] {
        let result = write(out.path(), &[file(path, "x")]);
        assert!(matches!(result, Err(WriteError::Path { .. })), "{path}");
    }
    assert!(tree(out.path()).is_empty());
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    use std::os::unix::fs::symlink;
    let (out, outside) = (folder(), folder());
    fs::write(outside.path().join("a.md"), "precious\n").expect("there");
    symlink(outside.path(), out.path().join("adr")).expect("a link");
    symlink(outside.path().join("a.md"), out.path().join("a.md")).expect("a link");
    for path in ["adr/0001-x.md", "a.md"] {
        let result = write(out.path(), &[file(path, "x")]);
        assert!(matches!(result, Err(WriteError::Link { .. })), "{path}");
    }
    // A link that takes the place of a file written earlier, and a manifest that names files outside.
    let second = folder();
    write(second.path(), &[file("x/a.md", "precious\n")]).expect("written");
    fs::remove_dir_all(second.path().join("x")).expect("removed");
    symlink(outside.path(), second.path().join("x")).expect("a link");
    let manifest = fs::read_to_string(second.path().join(MANIFEST)).expect("a manifest");
    let hash = blake3_of("precious\n");
    let outside_path = outside.path().join("a.md").to_string_lossy().into_owned();
    let more = format!("\"files\": {{\n    \"{outside_path}\": \"{hash}\",\n    \"../a.md\": \"{hash}\",");
    fs::write(second.path().join(MANIFEST), manifest.replace("\"files\": {", &more)).expect("edited");
    write(second.path(), &[]).expect("written");
    assert_eq!(fs::read_to_string(outside.path().join("a.md")).expect("untouched"), "precious\n");
}

#[test]
fn an_unreadable_manifest_makes_every_file_the_users() {
    let out = folder();
    write(out.path(), &[file("a.md", "one\n")]).expect("written");
    fs::write(out.path().join(MANIFEST), "{").expect("broken");
    let report = write(out.path(), &[file("a.md", "two\n")]).expect("written");
    assert_eq!(report.conflicts.len(), 1);
    assert_eq!(fs::read_to_string(out.path().join("a.md")).expect("kept"), "one\n");
}

#[test]
fn a_folder_in_the_way_is_named() {
    let out = folder();
    fs::create_dir(out.path().join("a.md")).expect("a folder");
    let error = write(out.path(), &[file("a.md", "x")]).expect_err("a folder is in the way");
    assert!(error.to_string().contains("is in the way: move it"), "{error}");
}
