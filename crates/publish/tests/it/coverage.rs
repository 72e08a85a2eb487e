//! Every operation in exactly one contract, whatever the style and whatever the names.

use std::collections::BTreeSet;

use loadcase_model::{Blueprint, yaml};
use loadcase_publish::contracts::{Contract, Language, Options, Style, Version, contract, files};
use proptest::prelude::*;
use serde_json::Value;

use crate::fixture;

const STYLES: [Style; 4] = [Style::Rest, Style::Pages, Style::GraphQl, Style::Grpc];

pub(crate) fn nasty() -> Blueprint {
    let text = include_str!("nasty.yaml");
    yaml::read(text).unwrap_or_else(|e| panic!("{}", e.one_line("nasty.yaml", text)))
}

/// The names that a contract's files hold, by language, read from the files alone.
fn named(contract: &Contract) -> Vec<(Language, String)> {
    let mut found = Vec::new();
    for file in files(contract, Version::V31) {
        match file.path.as_str() {
            "openapi.yaml" => {
                let document = read(&file.text);
                let paths = document["paths"].as_object().expect("paths");
                let calls = paths.values().flat_map(|p| p.as_object().expect("methods").values());
                found.extend(
                    calls.filter_map(|c| Some((Language::OpenApi, c["operationId"].as_str()?.to_owned()))),
                );
            }
            "asyncapi.yaml" => {
                let document = read(&file.text);
                let operations = document["operations"].as_object().expect("operations");
                found.extend(operations.keys().map(|k| (Language::AsyncApi, k.clone())));
            }
            "schema.graphql" => {
                for kind in ["Query", "Mutation", "Subscription"] {
                    let start = file.text.find(&format!("\ntype {kind} {{")).map(|at| &file.text[at + 1..]);
                    let body = start.map(|s| &s[..s.find("\n}").expect("an end")]).unwrap_or_default();
                    let fields = body.lines().skip(1).filter_map(|l| l.strip_prefix("  "));
                    let fields = fields.filter(|l| {
                        l.starts_with(|c: char| c.is_ascii_lowercase())
                            && (l.ends_with('(') || l.contains(": "))
                    });
                    let names = fields
                        .filter_map(|l| l.split(['(', ':']).next())
                        .filter(|n| n.chars().all(|c| c.is_ascii_alphanumeric()));
                    found.extend(names.map(|n| (Language::GraphQl, n.to_owned())));
                }
            }
            _ => {
                let rpcs = file.text.lines().filter_map(|l| l.trim().strip_prefix("rpc "));
                found.extend(rpcs.filter_map(|l| Some((Language::Proto, l.split('(').next()?.to_owned()))));
            }
        }
    }
    found
}

fn read(text: &str) -> Value {
    yaml::read(text).unwrap_or_else(|e| panic!("{}", e.one_line("file", text)))
}

fn check(blueprint: &Blueprint, style: Style) {
    let contract = contract(blueprint, Options { style, tokens: style == Style::GraphQl });
    let described = contract.described();
    let operations: BTreeSet<_> = described.iter().map(|d| d.operation).collect();
    assert_eq!(operations.len(), described.len(), "{}: an operation twice", blueprint.name);
    assert_eq!(operations.len(), blueprint.operations.len(), "{}: an operation is missing", blueprint.name);
    let found = named(&contract);
    for one in described.iter().filter(|d| d.language != Language::GraphQl) {
        let there =
            found.iter().filter(|(l, n)| *l == one.language && n.eq_ignore_ascii_case(one.name)).count();
        assert_eq!(there, 1, "{} {style:?}: {} is not in its file: {found:?}", blueprint.name, one.name);
    }
    // GraphQL's linter wants other words for some; there are as many as operations.
    let asked = described.iter().filter(|d| d.language == Language::GraphQl).count();
    let roots = found.iter().filter(|(l, n)| *l == Language::GraphQl && n != "contractVersion").count();
    assert_eq!(roots, asked, "{} {style:?}: {found:?}", blueprint.name);
    let distinct: BTreeSet<_> = found.iter().collect();
    assert_eq!(distinct.len(), found.len(), "{} {style:?}: a name twice", blueprint.name);
}

#[test]
fn every_operation_of_every_domain_is_in_exactly_one_contract() {
    let (_, designs) = fixture::domains();
    for design in &designs {
        STYLES.into_iter().for_each(|style| check(&design.blueprint, style));
    }
}

#[test]
fn messages_have_examples_that_their_schemas_accept() {
    let (_, designs) = fixture::domains();
    for design in designs.iter().take(4) {
        let contract = contract(&design.blueprint, Options::default());
        let list = files(&contract, Version::V31);
        let Some(file) = list.iter().find(|f| f.path == "asyncapi.yaml") else { continue };
        let document = read(&file.text);
        for (name, message) in document["components"]["messages"].as_object().expect("messages") {
            let example = &message["examples"][0];
            for (part, shown) in [("payload", &example["payload"]), ("headers", &example["headers"])] {
                let mut schema = message[part].clone();
                schema["components"] = document["components"].clone();
                let validator = jsonschema::draft202012::options()
                    .should_validate_formats(true)
                    .build(&schema)
                    .expect("a schema");
                if let Err(error) = validator.validate(shown) {
                    panic!("{} {name} {part}: {error}", design.blueprint.name);
                }
            }
        }
    }
}

#[test]
fn filters_never_repeat_what_the_path_says() {
    let (_, designs) = fixture::domains();
    for design in &designs {
        for call in &contract(&design.blueprint, Options::default()).calls {
            for filter in &call.filters {
                assert!(!call.path_fields.iter().any(|p| p.name == filter.on), "{} {}", call.name, filter.on);
            }
        }
    }
}

#[test]
fn what_a_caller_may_not_know_is_not_told_to_anybody() {
    let (_, designs) = fixture::domains();
    let social = designs.iter().find(|d| d.brief.domains[0].id == *"social").expect("a domain");
    let contract = contract(&social.blueprint, Options::default());
    let profile = contract.calls.iter().find(|c| c.name == "readProfile").expect("a call");
    let row = contract.record(profile.row().expect("a row"));
    assert!(row.fields.iter().all(|f| f.name != "email"), "{row:?}");
}

/// What only these languages refuse: names that are no names, descriptions that end early.
fn check_texts(blueprint: &Blueprint) {
    for style in STYLES {
        check(blueprint, style);
        for file in files(&contract(blueprint, Options { style, tokens: true }), Version::V31) {
            if file.path.ends_with(".graphql") {
                assert!(file.text.matches("\"\"\"").count().is_multiple_of(2), "{}", file.text);
                assert!(!file.text.contains("\\\"\"\""), "{}", file.text);
            }
            if file.path.ends_with(".proto") {
                let sound = |l: &str| {
                    let line = l.trim();
                    line.is_empty() || line.starts_with("//") || line.ends_with([';', '{', '}'])
                };
                assert!(file.text.lines().all(sound), "{}", file.text);
            }
        }
    }
}

#[test]
fn nasty_names_break_no_contract() {
    check_texts(&nasty());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn random_names_break_no_contract(words in proptest::collection::vec("\\PC{0,40}|[\"'`|<>\\[\\](){}#;:%&*_~$\\\\\n\t -]{0,12}|[a-z]{200}", 1..6)) {
        let mut blueprint = nasty();
        let mut next = words.iter().cycle();
        let mut word = || next.next().cloned().unwrap_or_default();
        blueprint.name = word();
        blueprint.summary = word();
        blueprint.modules.values_mut().for_each(|m| { m.name = word(); m.summary = word(); });
        for entity in blueprint.entities.values_mut() {
            entity.name = word();
            entity.summary = word();
            entity.fields.iter_mut().for_each(|f| f.values.iter_mut().for_each(|v| *v = word()));
        }
        for operation in blueprint.operations.values_mut() {
            operation.name = word();
            operation.path = Some(format!("/{}/{{{}}}", word(), word()));
            operation.method = Some(word());
        }
        check_texts(&blueprint);
    }
}
