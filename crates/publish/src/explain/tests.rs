//! Every entry of the catalog is explained, honestly, by any of its names.

use loadcase_catalog::{Catalog, load_embedded};
use loadcase_model::Input;

use super::{explain, suggestions};
use crate::untagged_numbers;

fn catalog() -> Catalog {
    load_embedded().unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn everything_is_explained_without_a_bare_number() {
    let catalog = catalog();
    let mut names: Vec<String> = Vec::new();
    names.extend(catalog.technologies.keys().map(ToString::to_string));
    names.extend(catalog.patterns.keys().map(ToString::to_string));
    names.extend(catalog.terms.keys().map(ToString::to_string));
    names.extend(catalog.decisions.keys().map(ToString::to_string));
    names.extend(catalog.decisions.values().flat_map(|d| d.options.iter().map(|o| o.id.to_string())));
    names.extend(catalog.domains.keys().map(ToString::to_string));
    names.extend(catalog.lexicon.signals.keys().map(ToString::to_string));
    names.extend(Input::ALL.iter().map(|i| i.slug().to_owned()));
    let mut faults = Vec::new();
    for name in names {
        let text = explain(&name, &catalog).unwrap_or_else(|| panic!("{name} is not explained"));
        faults.extend(untagged_numbers(&text).into_iter().map(|n| format!("{name}: {n}")));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn names_and_aliases_are_found_in_any_case() {
    let catalog = catalog();
    for name in ["PostgreSQL", "postgres", "Transactional Outbox", "outbox", "primary_store", " Kafka "] {
        assert!(explain(name, &catalog).is_some(), "{name}");
    }
    for name in ["", "   ", "no such thing", "日本語"] {
        assert!(explain(name, &catalog).is_none(), "{name}");
    }
}

#[test]
fn misspelt_words_get_suggestions() {
    let catalog = catalog();
    assert!(suggestions("postgresq", &catalog).contains(&"postgresql".to_owned()));
    assert!(suggestions("kafak", &catalog).contains(&"kafka".to_owned()));
    assert!(suggestions(&"x".repeat(10_000), &catalog).len() <= 5);
}
