//! No number without the letter of its origin.

use loadcase_model::Design;
use loadcase_publish::{deliverables, json, json_numbers_without_origin, markdown, untagged_numbers};

use crate::fixture;

#[test]
fn every_number_in_markdown_has_its_letter() {
    let catalog = fixture::catalog();
    for design in [fixture::social(), fixture::multi_tenant(), fixture::microservices()] {
        let report = markdown(&design, &catalog);
        assert_eq!(untagged_numbers(&report), Vec::<String>::new(), "the report");
        for file in deliverables(&design, &catalog).iter().filter(|f| f.path.ends_with(".md")) {
            assert_eq!(untagged_numbers(&file.text), Vec::<String>::new(), "{}", file.path);
        }
    }
}

#[test]
fn every_number_of_every_domain_has_its_letter() {
    let (catalog, designs) = fixture::domains();
    let mut faults = Vec::new();
    for design in designs {
        for file in deliverables(&design, &catalog).iter().filter(|f| f.path.ends_with(".md")) {
            let found = untagged_numbers(&file.text);
            faults.extend(found.into_iter().map(|n| format!("{} {}: {n}", design.blueprint.name, file.path)));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_number_of_every_technology_has_its_letter() {
    let (catalog, _) = fixture::domains();
    let mut design = fixture::social();
    let part = design.blueprint.components.values().next().cloned().expect("a component");
    for technology in catalog.technologies.keys() {
        let component = loadcase_model::Component { technology: Some(technology.clone()), ..part.clone() };
        design.blueprint.components.insert(technology.clone(), component);
    }
    let files = deliverables(&design, &catalog);
    let file = files.iter().find(|f| f.path == "technology.md").expect("the document");
    let faults = untagged_numbers(&file.text);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_number_in_json_has_its_origin() {
    for design in [fixture::social(), fixture::multi_tenant()] {
        let value = serde_json::from_str(&json(&design)).expect("JSON");
        assert_eq!(json_numbers_without_origin(&value), Vec::<String>::new());
    }
}

#[test]
fn json_keeps_its_order_and_knows_no_infinity() {
    let mut design = fixture::social();
    design.forecasts.now.saturation.headroom.value = f64::INFINITY;
    let text = json(&design);
    assert!(text.starts_with("{\n  \"schema\": \"loadcase/design/1\",\n  \"choices\": {"));
    assert!(!text.contains(": inf,") && !text.contains("Infinity"));
    let back: Design = serde_json::from_str(&text).expect("a design");
    assert_eq!(json(&back), text);
}
