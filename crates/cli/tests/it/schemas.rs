//! `loadcase schema`, `completions` and the manual page.

use std::path::Path;

use serde_json::Value;

use crate::run::loadcase;

const FORMATS: [&str; 17] = [
    "brief",
    "blueprint",
    "design",
    "survey",
    "review",
    "diff",
    "proofs",
    "technology",
    "pattern",
    "domain",
    "decision",
    "topic",
    "scenario",
    "remedy",
    "simulation",
    "what-if",
    "compare",
];

#[test]
fn every_schema_is_valid_and_describes_its_fields() {
    for format in FORMATS {
        let text = loadcase(&["schema", format]).end().fine().out;
        let schema: Value = serde_json::from_str(&text).expect("JSON");
        jsonschema::meta::validate(&schema).unwrap_or_else(|e| panic!("{format}: {e}"));
        let properties = schema["properties"].as_object().expect("fields");
        for (name, field) in properties {
            assert!(field.get("description").is_some(), "{format}: `{name}` is not described");
        }
    }
}

#[test]
fn every_schema_is_checked_in() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog/schemas");
    for format in FORMATS {
        let printed = loadcase(&["schema", format]).end().fine().out;
        let file = std::fs::read_to_string(folder.join(format!("{format}.schema.json"))).expect("checked in");
        assert!(file == printed, "catalog/schemas/{format}.schema.json is stale: run `cargo xtask schemas`");
    }
}

#[test]
fn shells_complete_the_commands() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = loadcase(&["completions", shell]).end().fine().out;
        for word in ["design", "ask", "explain", "schema"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
}

#[test]
fn there_is_a_manual_page() {
    assert!(loadcase(&["man"]).end().fine().out.contains(".TH loadcase"));
}
