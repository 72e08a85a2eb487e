//! No number on any output without the letter of its origin.

use std::path::Path;

use loadcase_publish::untagged_numbers;

use crate::json::BRIEFS;
use crate::out::files;
use crate::run::{SOCIAL, loadcase};

/// Questions of very different kinds.
pub(crate) const QUESTIONS: [&str; 6] = [
    SOCIAL,
    "Should we introduce Kafka for 50 orders per minute?",
    "How many servers do I need for 20,000 daily users of a booking app?",
    "What's the best way to handle user authentication for a multi-tenant SaaS application with 300 tenants?",
    "Our PostgreSQL with 2 TB takes 3,000 writes per second. When must we shard?",
    "What is the best architecture for my app?",
];

#[test]
fn reports_tag_every_number() {
    for brief in BRIEFS {
        let ended = loadcase(&["design", "--no-input", "--format", "md", brief]).end();
        assert!(matches!(ended.code, Some(0 | 4)), "{brief}: {}", ended.err);
        assert_eq!(untagged_numbers(&ended.out), Vec::<String>::new(), "{brief}");
    }
}

#[test]
fn answers_tag_every_number() {
    for question in QUESTIONS {
        let ended = loadcase(&["ask", question]).end().fine();
        assert_eq!(untagged_numbers(&ended.out), Vec::<String>::new(), "{question}");
    }
}

#[test]
fn deliverables_tag_every_number() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut wrong = Vec::new();
    for (n, brief) in BRIEFS.iter().enumerate() {
        let out = folder.path().join(n.to_string());
        let path = out.to_str().expect("a plain path");
        let ended = loadcase(&["design", "--no-input", "--out", path, brief]).end();
        assert!(matches!(ended.code, Some(0 | 4)), "{brief}: {}", ended.err);
        for (path, text) in files(&out) {
            if Path::new(&path).extension().is_some_and(|e| e == "md") {
                wrong.extend(untagged_numbers(&text).into_iter().map(|number| format!("{path}: {number}")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A decision for a technology that no document carries out is none.
#[test]
fn every_technology_that_a_decision_names_is_told_of() {
    let catalog = loadcase_catalog::load_embedded().expect("the embedded catalog is sound");
    let folder = tempfile::tempdir().expect("a folder");
    let devices = "An IoT platform: 50,000 devices send a measurement every 10 seconds, dashboards and alarms, hosted in Germany, team of 7";
    for (n, brief) in BRIEFS.iter().copied().chain([devices]).enumerate() {
        let out = folder.path().join(n.to_string());
        let path = out.to_str().expect("a plain path");
        let ended = loadcase(&["design", "--no-input", "--out", path, brief]).end();
        assert!(matches!(ended.code, Some(0 | 4)), "{brief}: {}", ended.err);
        let told = std::fs::read_to_string(out.join("technology.md")).expect("the list is written");
        let ended = loadcase(&["design", "--no-input", "--format", "json", brief]).end();
        let design: serde_json::Value = serde_json::from_str(&ended.out).expect("JSON");
        for decision in design["decisions"].as_array().expect("decisions") {
            let (id, option) = (&decision["id"], &decision["verdict"]["option"]);
            let spec = catalog.decision(id.as_str().expect("an identifier")).expect("known");
            let option = spec.option(option.as_str().expect("an identifier")).expect("known");
            let names: Vec<&str> = option
                .technologies
                .iter()
                .filter_map(|t| Some(catalog.technologies.get(t)?.name.as_str()))
                .collect();
            assert!(
                names.is_empty() || names.iter().any(|name| told.contains(&format!("## {name}\n"))),
                "{brief}: nothing is said of {names:?}, which {id} chose"
            );
        }
    }
}
