//! Writes the deliverables of the fixtures to a folder, for tools that are run by hand.

use std::path::Path;

use loadcase_model::Blueprint;
use loadcase_publish::contracts::{Options, Style, Version, contract, files};
use loadcase_publish::{deliverables, markdown, write};

use crate::fixture;

#[test]
#[ignore = "writes to the folder named in LOADCASE_OUT"]
fn dump() {
    let out = std::env::var("LOADCASE_OUT").expect("set LOADCASE_OUT to a folder");
    let out = Path::new(&out);
    let catalog = fixture::catalog();
    for design in [fixture::social(), fixture::multi_tenant(), fixture::microservices()] {
        let folder = out.join(design.blueprint.name.to_lowercase().replace(' ', "-"));
        let mut files = deliverables(&design, &catalog);
        files.push(loadcase_publish::Deliverable {
            path: "report.md".to_owned(),
            text: markdown(&design, &catalog),
        });
        write(&folder, &files).expect("written");
    }
    let (catalog, designs) = fixture::domains();
    for design in designs {
        let folder = out.join("domains").join(design.brief.domains[0].id.as_str());
        write(&folder, &deliverables(&design, &catalog)).expect("written");
        for technology in ["mysql", "sqlite", "mongodb", "dynamodb", "cassandra", "clickhouse"] {
            let design = crate::data::on(design.clone(), technology);
            let mut files = deliverables(&design, &catalog);
            let kept = ["data-design.md", "schema", "seed", "mongodb", "dynamodb"];
            files.retain(|f| kept.iter().any(|k| f.path.starts_with(k)));
            let folder = out.join("stores").join(technology).join(design.brief.domains[0].id.as_str());
            write(&folder, &files).expect("written");
        }
        contracts(&out.join("contracts"), design.brief.domains[0].id.as_str(), &design.blueprint);
    }
    let folder = out.join("nasty");
    write(&folder, &deliverables(&crate::data::nasty(), &catalog)).expect("written");
    for technology in ["mysql", "sqlite", "mongodb", "dynamodb", "cassandra", "clickhouse"] {
        let files = deliverables(&crate::data::on(crate::data::nasty(), technology), &catalog);
        write(&out.join("stores").join(technology).join("nasty"), &files).expect("written");
    }
    contracts(&out.join("contracts"), "nasty", &crate::coverage::nasty());
}

#[test]
#[ignore = "writes to the folder named in LOADCASE_OUT"]
fn dump_contracts() {
    let out = std::env::var("LOADCASE_OUT").expect("set LOADCASE_OUT to a folder");
    for design in fixture::domains().1 {
        contracts(Path::new(&out), design.brief.domains[0].id.as_str(), &design.blueprint);
    }
    contracts(Path::new(&out), "nasty", &crate::coverage::nasty());
}

/// The contracts of a blueprint in each style.
fn contracts(out: &Path, name: &str, blueprint: &Blueprint) {
    for (folder, style) in
        [("rest", Style::Rest), ("pages", Style::Pages), ("graphql", Style::GraphQl), ("grpc", Style::Grpc)]
    {
        let contract = contract(blueprint, Options { style, tokens: true });
        write(&out.join(folder).join(name), &files(&contract, Version::V31)).expect("written");
    }
}

#[test]
#[ignore = "reads the Markdown and JSON files of the folder named in LOADCASE_IN"]
fn audit() {
    let root = std::env::var("LOADCASE_IN").expect("set LOADCASE_IN to a folder");
    let mut folders = vec![Path::new(&root).to_path_buf()];
    let mut faults = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("readable") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "md") {
                let text = std::fs::read_to_string(&path).expect("readable");
                let found = loadcase_publish::untagged_numbers(&text);
                faults.extend(found.into_iter().map(|n| format!("{}: {n}", path.display())));
            } else if path.extension().is_some_and(|e| e == "json")
                && !path.ends_with(loadcase_publish::MANIFEST)
            {
                let text = std::fs::read_to_string(&path).expect("readable");
                let value = serde_json::from_str(&text).expect("JSON");
                let found = loadcase_publish::json_numbers_without_origin(&value);
                faults.extend(found.into_iter().map(|n| format!("{}: {n}", path.display())));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
