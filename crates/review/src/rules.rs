//! The rules: one folder for each family, one file for each rule, one line here for each family.

mod api;
mod capacity;
mod data;
mod deployment;
mod drift;
mod observability;
mod payments;
mod resilience;
mod security;
mod technology;
mod tenancy;
mod topology;

use crate::rule::{Family, Rule};

/// The families' rules.
const FAMILIES: &[&[&Rule]] = &[
    topology::RULES,
    data::RULES,
    api::RULES,
    resilience::RULES,
    security::RULES,
    payments::RULES,
    tenancy::RULES,
    observability::RULES,
    deployment::RULES,
    technology::RULES,
    capacity::RULES,
    drift::RULES,
];

/// Every rule, by family.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    FAMILIES.iter().flat_map(|f| f.iter().copied())
}

/// The rule of a name or a former name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Rule> {
    all().find(|r| r.id == name || r.aliases.contains(&name))
}

/// Whether a word names rules: one by its name, or those of a family as `family:NAME`.
#[must_use]
pub fn names_rules(word: &str) -> bool {
    match word.strip_prefix("family:") {
        Some(family) => Family::ALL.iter().any(|f| f.name() == family),
        None => find(word).is_some(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn rules_are_documented_and_named_once() {
        let mut names = BTreeSet::new();
        for rule in all() {
            assert!(names.insert(rule.id), "{} is there twice", rule.id);
            assert!(rule.id.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", rule.id);
            for text in [rule.fault, rule.why, rule.fires, rule.silent, rule.fix] {
                assert!(text.len() > 20 && text.ends_with('.'), "{}: {text:?}", rule.id);
            }
            assert!(!rule.references.is_empty(), "{}", rule.id);
        }
    }
}
