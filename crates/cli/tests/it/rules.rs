//! The rules are listed, explained and documented.

use std::collections::BTreeMap;
use std::path::Path;

use crate::run::loadcase;

/// Files of a folder by path, without the manifest of the writer.
fn pages(folder: &Path, under: &Path, out: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(folder).expect("a folder").map(|e| e.expect("an entry").path()) {
        if entry.is_dir() {
            pages(&entry, under, out);
        } else if entry.extension().is_some_and(|e| e == "md") {
            let inside = entry.strip_prefix(under).expect("inside").to_string_lossy().into_owned();
            out.insert(inside, std::fs::read_to_string(&entry).expect("text"));
        }
    }
}

#[test]
fn the_pages_of_the_rules_are_up_to_date() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().to_str().expect("a plain path");
    loadcase(&["rules", "--out", out]).end().fine();
    let (mut made, mut kept) = (BTreeMap::new(), BTreeMap::new());
    pages(folder.path(), folder.path(), &mut made);
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/rules");
    pages(&docs, &docs, &mut kept);
    assert_eq!(made.len(), 90);
    for (path, text) in &made {
        assert_eq!(kept.get(path), Some(text), "run `loadcase rules --out docs/rules`: {path}");
    }
    assert_eq!(made.len(), kept.len(), "a page of a rule that is gone");
}

#[test]
fn a_rule_explains_itself() {
    let text = loadcase(&["explain", "missing-timeout"]).end().fine().out;
    for heading in ["Why this is bad", "When it fires", "When it keeps silent", "What to do", "References"] {
        assert!(text.contains(heading), "{heading}: {text}");
    }
}

#[test]
fn rules_are_listed_by_family() {
    let all = loadcase(&["rules"]).end().fine().out;
    let payments = loadcase(&["rules", "--family", "payments"]).end().fine().out;
    assert!(all.contains("payment-without-idempotency") && all.contains("missing-timeout"));
    assert!(payments.contains("payment-without-idempotency") && !payments.contains("missing-timeout"));
    let wrong = loadcase(&["rules", "--family", "nonsense"]).end();
    assert!(wrong.err.contains("topology"), "{}", wrong.err);
}
