//! The contract: whole, consistent, with examples that its own schemas accept.

use std::collections::BTreeSet;

use loadcase_catalog::Catalog;
use loadcase_model::{Blueprint, Design, yaml};
use loadcase_publish::deliverables;
use serde_json::Value;

use crate::fixture;

/// The contracts of every fixture and domain.
fn contracts() -> Vec<(String, Value)> {
    let own = fixture::catalog();
    let (catalog, domains) = fixture::domains();
    let mut all: Vec<(String, Value)> = domains.iter().map(|d| contract(d, &catalog)).collect();
    all.extend([fixture::social(), fixture::multi_tenant()].iter().map(|d| contract(d, &own)));
    all
}

fn contract(design: &Design, catalog: &Catalog) -> (String, Value) {
    let files = deliverables(design, catalog);
    let file = files.iter().find(|f| f.path == "openapi.yaml");
    let text = &file.unwrap_or_else(|| panic!("{} has no contract", design.blueprint.name)).text;
    let value = yaml::read(text).unwrap_or_else(|e| panic!("{}", e.one_line("openapi.yaml", text)));
    (design.blueprint.name.clone(), value)
}

/// Calls `see` with every value and its pointer.
fn walk(value: &Value, pointer: &str, see: &mut dyn FnMut(&str, &Value)) {
    see(pointer, value);
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, v)| walk(v, &format!("{pointer}/{i}"), see));
        }
        Value::Object(object) => {
            for (key, v) in object {
                walk(v, &format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1")), see);
            }
        }
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere_and_nothing_is_left_over() {
    for (name, document) in contracts() {
        let mut used = BTreeSet::new();
        walk(&document, "", &mut |pointer, value| {
            if let Some(target) = value.get("$ref").and_then(Value::as_str) {
                let target = target.strip_prefix('#').unwrap_or(target);
                assert!(document.pointer(target).is_some(), "{name}{pointer}: {target} is nowhere");
                used.insert(target.to_owned());
            }
        });
        for part in ["schemas", "parameters", "headers", "responses"] {
            for key in document["components"][part].as_object().into_iter().flat_map(serde_json::Map::keys) {
                assert!(used.contains(&format!("/components/{part}/{key}")), "{name}: {key} is not used");
            }
        }
    }
}

#[test]
fn operations_are_whole() {
    for (name, document) in contracts() {
        let schemes = document["components"]["securitySchemes"].as_object().expect("an object");
        let tags: BTreeSet<&str> =
            document["tags"].as_array().expect("a list").iter().filter_map(|t| t["name"].as_str()).collect();
        let mut ids = BTreeSet::new();
        for (path, operations) in document["paths"].as_object().expect("an object") {
            for (method, operation) in operations.as_object().expect("an object") {
                let at = format!("{name}: {method} {path}");
                let id = operation["operationId"].as_str().expect("an identifier");
                assert!(ids.insert(id.to_owned()), "{at}: {id} twice");
                assert!(
                    operation["tags"]
                        .as_array()
                        .expect("tags")
                        .iter()
                        .all(|t| tags.contains(t.as_str().unwrap_or(""))),
                    "{at}"
                );
                for requirement in operation["security"].as_array().expect("a list") {
                    assert!(
                        requirement.as_object().expect("an object").keys().all(|k| schemes.contains_key(k)),
                        "{at}"
                    );
                }
                let declared: BTreeSet<&str> = operation["parameters"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter(|p| p["in"] == "path")
                    .filter_map(|p| p["name"].as_str())
                    .collect();
                let named: BTreeSet<&str> =
                    path.split('/').filter_map(|s| s.strip_prefix('{')?.strip_suffix('}')).collect();
                assert_eq!(declared, named, "{at}");
                let responses = operation["responses"].as_object().expect("an object");
                assert!(responses.keys().any(|k| k.starts_with('2')), "{at}");
                assert!(responses.contains_key("429") && responses.contains_key("500"), "{at}");
            }
        }
    }
}

#[test]
fn every_example_is_valid() {
    for (name, document) in contracts() {
        let mut count = 0;
        walk(&document, "", &mut |pointer, value| {
            let (Some(schema), Some(example)) = (value.get("schema"), value.get("example")) else { return };
            let mut schema = schema.clone();
            schema["components"] = document["components"].clone();
            let validator = jsonschema::draft202012::options()
                .should_validate_formats(true)
                .build(&schema)
                .unwrap_or_else(|e| panic!("{name}{pointer}: {e}"));
            if let Err(error) = validator.validate(example) {
                panic!("{name}{pointer}: {error}\n{example:#}");
            }
            count += 1;
        });
        assert!(count > 10, "{name} has only {count} examples");
    }
}

#[test]
fn secrets_never_leave_and_critical_operations_need_a_key() {
    let (_, document) = contract(&fixture::social(), &fixture::catalog());
    assert!(!document.to_string().contains("password_hash"));
    let tip = &document["paths"]["/v1/posts/{post_id}/tips"]["post"];
    let parameters = tip["parameters"].as_array().expect("a list");
    assert!(parameters.iter().any(|p| p["$ref"] == "#/components/parameters/IdempotencyKey"), "{tip:#}");
    let feed = &document["paths"]["/v1/feed"]["get"];
    let page = feed["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].as_str();
    assert!(page.is_some_and(|p| p.starts_with("#/components/schemas/") && p.ends_with("Page")), "{feed:#}");
    let read = &document["paths"]["/v1/posts/{post_id}"]["get"];
    assert_eq!(read["security"][0], serde_json::json!({}));
}

#[test]
fn the_blueprint_reads_back() {
    let (catalog, domains) = fixture::domains();
    let own = fixture::catalog();
    for (design, catalog) in domains.iter().map(|d| (d, &catalog)).chain([(&fixture::social(), &own)]) {
        let files = deliverables(design, catalog);
        let text = &files.iter().find(|f| f.path == "blueprint.yaml").expect("a blueprint").text;
        let back: Blueprint =
            yaml::read(text).unwrap_or_else(|e| panic!("{}", e.one_line("blueprint.yaml", text)));
        assert_eq!(back, design.blueprint);
    }
}
