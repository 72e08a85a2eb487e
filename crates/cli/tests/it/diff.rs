//! `loadcase diff`: folders, blueprints and revisions.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::run::{Ended, loadcase};
use crate::shop::{SECRET, edit, put, shop, write};

fn diff(folder: &Path, more: &[&str]) -> Ended {
    // Git is found by its path, and must not read the settings of whoever runs the tests.
    let path = std::env::var("PATH").unwrap_or_default();
    let arguments = [&["diff", "--today", "2026-11-23"], more].concat();
    loadcase(&arguments).inside(folder).with("PATH", &path).with("GIT_CONFIG_NOSYSTEM", "1").end()
}

fn json(ended: &Ended) -> Value {
    serde_json::from_str(&ended.out).expect("JSON")
}

fn git(folder: &Path, arguments: &[&str]) {
    let status = Command::new("git")
        .args(["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"])
        .args(["-c", "commit.gpgsign=false", "-c", "core.autocrlf=false"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("git runs");
    assert!(status.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&status.stderr));
}

/// Two versions side by side: in the second, an operation has another path and the database no open port.
fn versions() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let (old, new) = (folder.path().join("old/shop"), folder.path().join("new/shop"));
    write(&old);
    write(&new);
    edit(&new, "orders/index.js", "app.post('/orders'", "app.post('/purchases'");
    edit(&new, "docker-compose.yml", "    ports: [\"5432:5432\"]\n", "");
    folder
}

#[test]
fn folders_are_compared_by_shape_and_findings() {
    let folder = versions();
    let found = json(&diff(folder.path(), &["old/shop", "new/shop", "--format", "json"]).fine());
    assert_eq!(found["schema"], "loadcase/diff/1");
    assert_eq!(found["shape"]["operations"]["added"][0]["name"], "orders: POST /purchases");
    assert_eq!(found["shape"]["operations"]["removed"][0]["name"], "orders: POST /orders");
    let rules = |of: &str| -> Vec<String> {
        let list = found["findings"][of].as_array().expect("findings");
        list.iter().map(|f| f["rule"].as_str().expect("a rule").to_owned()).collect()
    };
    assert!(rules("new").contains(&"breaking-api-change".to_owned()), "{found:#}");
    assert!(rules("fixed").contains(&"internal-component-exposed".to_owned()), "{found:#}");
}

#[test]
fn every_form_tells_the_same() {
    let folder = versions();
    for format in ["text", "md", "json"] {
        let ended =
            diff(folder.path(), &["old/shop", "new/shop", "--format", format, "--exit-code"]).ended_with(1);
        for part in ["POST /purchases", "breaking-api-change", "internal-component-exposed"] {
            assert!(ended.out.replace('\\', "").contains(part), "{format}: {part}: {}", ended.out);
        }
        assert!(!ended.out.contains(SECRET));
    }
}

#[test]
fn nothing_differs_from_itself() {
    let shop = shop();
    let ended = diff(shop.path(), &[".", ".", "--exit-code"]).fine();
    assert!(ended.out.contains("nothing differs"), "{}", ended.out);
}

#[test]
fn drift_against_a_committed_blueprint_is_found() {
    let shop = shop();
    let blueprint = loadcase(&["recover"]).inside(shop.path()).end().fine().out;
    put(shop.path(), "blueprint.yaml", &blueprint);
    diff(shop.path(), &["blueprint.yaml", ".", "--exit-code"]).fine();
    edit(shop.path(), "orders/index.js", "app.get('/orders/:id'", "app.get('/orders/:id/whole'");
    let ended = diff(shop.path(), &["blueprint.yaml", ".", "--exit-code", "--format", "json"]).ended_with(1);
    let found = json(&ended);
    assert_eq!(found["shape"]["operations"]["removed"][0]["name"], "orders: GET /orders/{id}");
    assert_eq!(found["findings"]["new"][0]["rule"], "breaking-api-change");
}

#[test]
fn revisions_are_compared_without_a_checkout() {
    let shop = shop();
    git(shop.path(), &["init", "-q"]);
    git(shop.path(), &["add", "-A"]);
    git(shop.path(), &["commit", "-qm", "one"]);
    git(shop.path(), &["tag", "v1"]);
    edit(shop.path(), "orders/index.js", "app.post('/orders'", "app.post('/purchases'");
    let changed = diff(shop.path(), &["--rev", "v1", "--exit-code"]).ended_with(1);
    assert!(changed.out.contains("POST /purchases"), "{}", changed.out);
    diff(shop.path(), &["--rev", "v1", "HEAD", "--exit-code"]).fine();
    git(shop.path(), &["commit", "-qam", "two"]);
    let text = std::fs::read_to_string(shop.path().join("orders/index.js")).expect("read");
    let ended = diff(shop.path(), &["--rev", "HEAD~1", "HEAD", "--exit-code"]).ended_with(1);
    assert!(ended.out.starts_with("HEAD~1 -> HEAD\n"), "{}", ended.out);
    let now = std::fs::read_to_string(shop.path().join("orders/index.js")).expect("read");
    assert_eq!(text, now, "the files of the repository stay as they are");
}

#[cfg(unix)]
#[test]
fn what_a_repository_configures_is_not_run() {
    let shop = shop();
    let (root, ran) = (shop.path(), shop.path().join("ran"));
    git(root, &["init", "-q"]);
    put(root, ".gitattributes", "*.js filter=evil diff=evil\n");
    git(root, &["add", "-A"]);
    git(root, &["commit", "-qm", "one"]);
    let run = format!("touch {}; cat", ran.display());
    for (key, value) in [
        ("filter.evil.smudge", run.as_str()),
        ("filter.evil.clean", &run),
        ("diff.evil.textconv", &run),
        ("core.fsmonitor", &run),
        ("core.pager", &run),
    ] {
        git(root, &["config", key, value]);
    }
    diff(root, &["--rev", "HEAD", "HEAD"]).fine();
    assert!(!ran.exists(), "a program of the repository's choice was run");
}

#[test]
fn wrong_sides_are_refused() {
    let shop = shop();
    git(shop.path(), &["init", "-q"]);
    for (arguments, code) in [
        (&[][..], 2),
        (&["."], 2),
        (&["--rev", "-x", "HEAD"], 2),
        (&["--rev=--output=/tmp/x", "HEAD"], 3),
        (&["--rev", "no-such-revision"], 3),
        (&["missing.yaml", "."], 3),
        (&["missing-folder", "."], 3),
    ] {
        let ended = diff(shop.path(), arguments).ended_with(code);
        assert!(ended.err.contains("error"), "{arguments:?}: {}", ended.err);
        assert_eq!(ended.out, "", "{arguments:?}");
    }
}
