//! `shadow-endpoint`: an endpoint exists that no contract or gateway knows, or an old version stays routed.

use std::collections::{BTreeMap, BTreeSet};

use loadcase_model::{Id, Operation};

use crate::answer::{Answers, Broken, Confidence};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "shadow-endpoint",
    family: Family::Api,
    severity: Rank::Medium,
    needs_numbers: false,
    fault: "An endpoint exists that no contract or gateway knows, or an old version stays routed.",
    why: "What nobody knows nobody guards, limits, logs or removes.",
    fires: "A component has a contract, and its code answers paths, or methods on them, that are not in it; or an older version of an operation stays beside a newer one.",
    silent: "Health, metrics and documentation paths; components without a contract.",
    fix: "Add it to the contract with its security, or remove it; give old versions a date on which they end.",
    references: &["API9:2023", "ASVS 13.4.5"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    for (id, _) in subject.services() {
        contract(subject, id, answers);
        versions(subject, id, answers);
    }
}

/// Operations of the code that the component's contract does not have, by path or by method.
fn contract(subject: &Subject<'_>, id: &Id, answers: &mut Answers) {
    let folders: BTreeSet<&str> = subject
        .operations_of(id)
        .flat_map(|(_, o)| &o.evidence)
        .filter_map(|p| p.path.split('/').next())
        .collect();
    let known: BTreeSet<(Option<&str>, String)> = subject
        .survey
        .claims
        .iter()
        .filter(|c| c.kind == "endpoint" && is_contract_of(&c.place.path, &folders))
        .map(|c| match c.subject.split_once(' ') {
            Some((method, path)) => (Some(method), shape(path)),
            None => (None, shape(&c.subject)),
        })
        .collect();
    if known.len() < 3 {
        return;
    }
    let operations: Vec<_> = subject.operations_of(id).collect();
    let is_known = |o: &Operation, path: &str| {
        let path = shape(path);
        known.iter().any(|(method, k)| {
            (path.ends_with(k.as_str()) || k.ends_with(&path))
                && (method.is_none() || o.method.is_none() || *method == o.method.as_deref())
        })
    };
    let shadow: Vec<_> = operations
        .iter()
        .filter(|(_, o)| o.path.as_deref().is_some_and(|p| !is_known(o, p) && !is_service_path(p)))
        .collect();
    // A contract that knows little of the code is the contract of something else.
    if shadow.is_empty() || shadow.len() * 2 > operations.len() {
        return answers.kept();
    }
    let names: Vec<&str> = shadow.iter().take(4).map(|(_, o)| o.name.as_str()).collect();
    let message = format!(
        "{} answers {} operations its contract does not have: {}",
        subject.name(id),
        shadow.len(),
        names.join(", ")
    );
    let mut broken = Broken::at(id, message).sure(Confidence::Medium);
    for (operation, o) in shadow.iter().take(8) {
        broken = broken.and(operation);
        for place in o.evidence.iter().take(1) {
            broken = broken.seen(place, o.name.as_str());
        }
    }
    answers.broken(broken);
}

/// Whether a contract may be of a component whose code stands in folders: it stands with it, or for the repository.
fn is_contract_of(path: &str, folders: &BTreeSet<&str>) -> bool {
    let Some((first, _)) = path.split_once('/') else { return true };
    let lower = first.to_ascii_lowercase();
    let shared = ["openapi", "swagger", "contract", "spec", "docs"].iter().any(|w| lower.contains(w));
    shared || folders.contains(first)
}

/// Two versions of one operation in one component.
fn versions(subject: &Subject<'_>, id: &Id, answers: &mut Answers) {
    let mut by_rest: BTreeMap<(String, String), BTreeMap<u32, &Operation>> = BTreeMap::new();
    for (_, operation) in subject.operations_of(id) {
        if let Some((version, rest)) = operation.path.as_deref().and_then(split_version) {
            let key = (operation.method.clone().unwrap_or_default(), rest);
            by_rest.entry(key).or_default().insert(version, operation);
        }
    }
    for ((_, rest), versions) in by_rest.iter().filter(|(_, v)| v.len() > 1) {
        let Some((oldest, old)) = versions.first_key_value() else { continue };
        let Some((newest, new)) = versions.last_key_value() else { continue };
        let message =
            format!("{} still answers version {oldest} of {rest} beside version {newest}", subject.name(id));
        let mut broken = Broken::at(id, message).sure(Confidence::Medium);
        for (place, proves) in old
            .evidence
            .iter()
            .take(1)
            .map(|p| (p, "the old one"))
            .chain(new.evidence.iter().take(1).map(|p| (p, "the new one")))
        {
            broken = broken.seen(place, proves);
        }
        answers.broken(broken);
    }
}

/// Version and the path without it: `/api/v2/otp` is 2 and `/api/otp`.
fn split_version(path: &str) -> Option<(u32, String)> {
    let is_version = |p: &&str| {
        p.strip_prefix('v').is_some_and(|d| !d.is_empty() && d.chars().all(|c| c.is_ascii_digit()))
    };
    let version = path.split('/').find(is_version)?;
    let rest: Vec<&str> = path.split('/').filter(|p| !is_version(p)).collect();
    Some((version[1..].parse().ok()?, shape(&rest.join("/"))))
}

/// A path whose parameters have no names.
fn shape(path: &str) -> String {
    let parts =
        path.trim_matches('/').split('/').map(|p| if p.starts_with(['{', ':', '<']) { "{}" } else { p });
    format!("/{}", parts.collect::<Vec<_>>().join("/")).to_ascii_lowercase()
}

/// Whether a path serves operators and tools.
fn is_service_path(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    lower.trim_matches('/').is_empty()
        || [
            "health", "ready", "live", "metrics", "docs", "swagger", "openapi", "static", "favicon", "ping",
            "welcome", "error",
        ]
        .iter()
        .any(|w| lower.contains(w))
}

#[cfg(test)]
mod tests {
    use crate::testing::Draft;

    #[test]
    fn an_old_version_beside_a_new_one_is_found() {
        let draft = Draft::new().service("a").operation("a", "POST", "/api/v2/otp").operation(
            "a",
            "POST",
            "/api/v3/otp",
        );
        assert_eq!(
            draft.find("shadow-endpoint")[0].message,
            "a still answers version 2 of /api/otp beside version 3"
        );
    }

    #[test]
    fn a_method_the_contract_lacks_is_found() {
        let claimed = ["GET /orders", "POST /orders", "GET /orders/{id}", "GET /items"];
        let mut draft =
            claimed.into_iter().fold(Draft::new().service("a"), |d, c| d.claim("endpoint", c, ""));
        for claim in claimed {
            let (method, path) = claim.split_once(' ').expect("two words");
            draft = draft.operation("a", method, path);
        }
        assert!(!draft.breaks("shadow-endpoint"));
        let found = draft.operation("a", "PUT", "/orders/{id}").find("shadow-endpoint");
        assert!(found[0].message.starts_with("a answers 1 operations"), "{}", found[0].message);
    }

    #[test]
    fn one_version_is_kept() {
        assert!(!Draft::new().service("a").operation("a", "POST", "/api/v2/otp").breaks("shadow-endpoint"));
    }
}
