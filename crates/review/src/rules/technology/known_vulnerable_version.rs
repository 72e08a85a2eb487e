//! `known-vulnerable-version`: an advisory for a version in use is ignored.

use std::collections::{BTreeMap, BTreeSet};

use loadcase_catalog::{Advisory, Signs};
use loadcase_model::Library;

use crate::answer::{Answers, Broken, Confidence};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;
use crate::version::{Products, numbers};

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
    let products = Products::new(subject.catalog);
    let reachable = subject.reachable();
    let signs = Signs::new(subject.catalog);
    let mut told: BTreeMap<(&str, String), Vec<(&Library, &Advisory)>> = BTreeMap::new();
    for library in &subject.survey.libraries {
        let Some(version) = library.version.as_deref() else { continue };
        // A library that has versions of its own, or what it is the version of.
        let own = signs.library(&library.ecosystem, &library.name).filter(|s| !s.advisories.is_empty());
        let (name, advisories) = match (own, products.of(library)) {
            (Some(sign), _) => (sign.id.as_str(), &sign.advisories),
            (None, Some(technology)) => (technology.id.as_str(), &technology.advisories),
            (None, None) => continue,
        };
        let open: Vec<&Advisory> = advisories.iter().filter(|a| affects(a, version)).collect();
        if open.is_empty() {
            answers.kept();
        }
        for advisory in open {
            told.entry((name, version.to_owned())).or_default().push((library, advisory));
        }
    }
    for ((technology, version), hits) in told {
        let library = hits.first().map_or(technology, |(l, _)| l.name.as_str());
        let name = subject.catalog.technology(technology).map_or(library, |t| t.name.as_str());
        let ids: BTreeSet<&str> = hits.iter().map(|(_, a)| a.id.as_str()).collect();
        let listed: Vec<&str> = ids.iter().take(4).copied().collect();
        let mut broken = Broken::file(format!(
            "{name} {version} is named by {} advisories: {}",
            ids.len(),
            listed.join(", ")
        ))
        .sure(confidence(&version, &hits));
        for (library, advisory) in hits.iter().take(6) {
            broken = broken.seen(&library.place, format!("{} {version}", library.name));
            broken = broken.because(format!(
                "{}: {} Fixed in {}. {}",
                advisory.id,
                advisory.summary,
                advisory.fixed_in.join(", "),
                advisory.source
            ));
            if let Some(component) = &library.component {
                broken = broken.and(component);
            }
        }
        let open = hits.iter().any(|(l, _)| l.component.as_ref().is_some_and(|c| reachable.contains(c)));
        let critical = hits.iter().any(|(_, a)| a.severity == "critical");
        answers.broken(if open && critical {
            broken.ranked(Rank::Critical, "a critical advisory, and people reach the component")
        } else {
            broken
        });
    }
}

/// A range is not the version in use, and a fix that only a later major line has may be of a fault of that line.
fn confidence(version: &str, hits: &[(&Library, &Advisory)]) -> Confidence {
    let major = numbers(version).first().copied();
    let same_line =
        |advisory: &Advisory| advisory.fixed_in.iter().any(|f| numbers(f).first().copied() <= major);
    if !version.starts_with(|c: char| c.is_ascii_digit()) {
        Confidence::Low
    } else if hits.iter().any(|(_, a)| same_line(a)) {
        Confidence::High
    } else {
        Confidence::Low
    }
}

/// Whether a version is below the fix of its line; of lines without a fix, below the lowest fix.
fn affects(advisory: &Advisory, version: &str) -> bool {
    let version = numbers(version);
    if advisory.introduced.as_deref().is_some_and(|first| version < numbers(first)) {
        return false;
    }
    let fixes: Vec<Vec<u32>> =
        advisory.fixed_in.iter().map(|f| numbers(f)).filter(|f| !f.is_empty()).collect();
    // A tag such as `18` says nothing about the patch.
    if version.len() < 2 || fixes.is_empty() {
        return false;
    }
    let same_line = fixes
        .iter()
        .filter(|f| f[0] == version[0] && (f.len() < 3 || version.len() < 2 || f[1] == version[1]))
        .min();
    match same_line {
        Some(fix) => version.len() >= fix.len() && version < *fix,
        None => fixes.iter().min().is_some_and(|lowest| version < *lowest),
    }
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
