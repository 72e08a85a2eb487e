//! `known-vulnerable-version`: an advisory for a version in use is ignored.

use std::collections::{BTreeMap, BTreeSet};

use loadcase_facts::version::numbers;
use loadcase_facts::{Hit, Knowledge, Subject as What, hits};
use loadcase_model::Library;

use crate::answer::{Answers, Broken, Confidence};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;
use crate::version::{facts, lowest};

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "known-vulnerable-version",
    family: Family::Technology,
    severity: Rank::High,
    needs_numbers: false,
    fault: "An advisory for a version in use is ignored.",
    why: "The fault and its fix are public. Scanners of attackers know the version before its owner does.",
    fires: "A version in an image, manifest or lock file is below the first fixed version of its line in the bundled advisories. Components that people reach raise it.",
    silent: "Absence says nothing: the list is a chosen one, and `loadcase verify` asks the live sources. Ranges that are not locked are told with lower confidence.",
    fix: "Move to the first fixed version of the line or later.",
    references: &["A03:2025", "CWE-1395", "NIST SSDF RV.1"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let known = Knowledge::new(subject.catalog);
    let reachable = subject.reachable();
    let mut told: BTreeMap<(String, String), Vec<(&Library, Hit<'_>)>> = BTreeMap::new();
    for library in &subject.survey.libraries {
        let Some(version) = library.version.as_deref() else { continue };
        let what = facts(library);
        if known.advisories_of(&what).is_empty() {
            continue;
        }
        // A tag such as `18` says nothing about the patch.
        let (exact, floats) =
            (lowest(version), library.ecosystem == "docker" && is_line(&known, &what, version));
        let open = if floats { Vec::new() } else { hits(&known, &what, exact) };
        if open.is_empty() {
            answers.kept();
        }
        let name = known.lifecycle_of(&what).map_or_else(|| library.name.clone(), |l| l.name.clone());
        for hit in open {
            told.entry((name.clone(), version.to_owned())).or_default().push((library, hit));
        }
    }
    for ((name, version), hits) in told {
        let ids: BTreeSet<&str> = hits.iter().map(|(_, h)| h.advisory.id.as_str()).collect();
        let listed: Vec<&str> = ids.iter().take(4).copied().collect();
        let mut broken = Broken::file(format!(
            "{name} {version} is named by {} advisories: {}",
            ids.len(),
            listed.join(", ")
        ))
        .sure(confidence(&version));
        for (library, hit) in hits.iter().take(6) {
            broken = broken.seen(&library.place, format!("{} {version}", library.name));
            broken = broken.because(format!(
                "{}: {} {}. {}",
                hit.advisory.id,
                hit.advisory.summary,
                hit.fixed_in().map_or_else(|| "No fix is known".to_owned(), |f| format!("Fixed in {f}")),
                hit.advisory.source
            ));
            if let Some(component) = &library.component {
                broken = broken.and(component);
            }
        }
        let open = hits.iter().any(|(l, _)| l.component.as_ref().is_some_and(|c| reachable.contains(c)));
        let critical = hits.iter().any(|(_, h)| h.advisory.severity.as_deref() == Some("critical"));
        answers.broken(if open && critical {
            broken.ranked(Rank::Critical, "a critical advisory, and people reach the component")
        } else {
            broken
        });
    }
}

/// A range is not the version in use.
fn confidence(version: &str) -> Confidence {
    if version.starts_with(|c: char| c.is_ascii_digit() || c == 'v') {
        Confidence::High
    } else {
        Confidence::Low
    }
}

/// Whether a tag names a line and no patch of it.
fn is_line(known: &Knowledge, what: &What, tag: &str) -> bool {
    let newest = known.lifecycle_of(what).and_then(|l| l.cycles.iter().find_map(|c| c.latest.as_deref()));
    let places = newest.map_or(2, |v| numbers(v).len());
    numbers(tag).len() < places
}

#[cfg(test)]
mod tests {
    use crate::testing::Draft;

    #[test]
    fn a_version_below_its_fix_is_found() {
        let found = Draft::new()
            .service("a")
            .library("docker", "postgres", "17.2", "a")
            .find("known-vulnerable-version");
        assert!(found[0].message.contains("CVE-"), "{}", found[0].message);
    }

    #[test]
    fn libraries_have_versions_of_their_own() {
        let breaks = |ecosystem: &str, name: &str, version: &str| {
            Draft::new()
                .service("a")
                .library(ecosystem, name, version, "a")
                .breaks("known-vulnerable-version")
        };
        assert!(breaks("npm", "mongoose", "6.11.6") && breaks("npm", "mongoose", "8.9.4"));
        assert!(!breaks("npm", "mongoose", "7.8.4") && !breaks("npm", "mongodb", "6.3.0"));
        let security = "org.springframework.security:spring-security-config";
        assert!(breaks("maven", security, "7.0.4"));
        assert!(!breaks("maven", security, "6.5.2"), "the fault came with 7.0");
    }

    #[test]
    fn a_tag_without_a_patch_says_nothing() {
        assert!(
            !Draft::new()
                .service("a")
                .library("docker", "postgres", "17", "a")
                .breaks("known-vulnerable-version")
        );
    }
}
