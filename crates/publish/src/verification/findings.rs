//! A verification as findings, for code scanning and annotations.

use loadcase_model::{
    Blueprint, CheckedVersion, Deployment, Finding, FindingLocation, Id, Review, ReviewDetail, ReviewSize,
    Verification, VersionStatement, Weight,
};

use crate::findings::RuleSheet;

/// The cases a verification tells, as rules: slug, severity, fault, why.
const CASES: [(&str, &str, &str, &str); 9] = [
    ("affected", "high", "An advisory names the version in use.", "The fault and its fix are public."),
    ("ended", "high", "The line of the version gets no more fixes.", "The next hole in it stays open."),
    (
        "later-phase",
        "medium",
        "The line gets fixes only in a later phase of support.",
        "Who is not part of that phase gets none.",
    ),
    ("ending", "low", "The line of the version ends soon.", "A move takes time, and the day is announced."),
    ("left-out", "medium", "The line did not get the patches of its sisters.", "Supported is not patched."),
    (
        "no-such-version",
        "high",
        "The version was never released.",
        "It cannot be installed, or somebody else may release it.",
    ),
    (
        "withdrawn",
        "high",
        "The version was withdrawn by its maintainers.",
        "They had a reason; new installations no longer get it.",
    ),
    ("deprecated", "medium", "The version is deprecated by its maintainers.", "It gets no more work."),
    (
        "incompatible",
        "high",
        "The version does not work on the runtime it is used on.",
        "It fails when it is installed or run.",
    ),
];

/// What the forms of findings need to know of the cases.
#[must_use]
pub fn sheets() -> Vec<RuleSheet> {
    let sheet = |(id, severity, fault, why): &(&str, &str, &str, &str)| RuleSheet {
        id: rule(id),
        family: "versions".to_owned(),
        severity: (*severity).to_owned(),
        needs_numbers: false,
        fault: (*fault).to_owned(),
        why: (*why).to_owned(),
        fix: "Move as the finding says.".to_owned(),
        documentation: format!("{fault} {why}\n\nSee docs/verify.md."),
        references: vec!["CWE-1395".to_owned()],
        aliases: Vec::new(),
    };
    CASES.iter().map(sheet).collect()
}

fn rule(verdict: &str) -> String {
    format!("version-{verdict}")
}

/// The blueprint of a verification's findings, which stand in files: an empty one.
#[must_use]
pub fn no_blueprint(verification: &Verification) -> Blueprint {
    Blueprint {
        schema: Blueprint::SCHEMA.to_owned(),
        name: verification.name.clone(),
        summary: String::new(),
        topology: Id::slug("unknown"),
        actors: indexmap::IndexMap::new(),
        modules: indexmap::IndexMap::new(),
        components: indexmap::IndexMap::new(),
        flows: Vec::new(),
        entities: indexmap::IndexMap::new(),
        operations: indexmap::IndexMap::new(),
        zones: indexmap::IndexMap::new(),
        deployment: Deployment {
            platform: Id::slug("unknown"),
            provider: None,
            regions: Vec::new(),
            rollout: None,
        },
        workloads: Vec::new(),
    }
}

/// The faults and warnings as the findings of a review.
#[must_use]
pub fn as_review(verification: &Verification) -> Review {
    let worth = |s: &&VersionStatement| matches!(s.weight, Weight::Fault | Weight::Warning);
    let findings = verification.checked.iter().flat_map(|version| {
        version.statements.iter().filter(worth).map(move |statement| finding(version, statement))
    });
    Review {
        schema: Review::SCHEMA.to_owned(),
        name: verification.name.clone(),
        findings: findings.collect(),
        accepted: Vec::new(),
        known: 0,
        undecided: Vec::new(),
        stale: Vec::new(),
        failed: Vec::new(),
        kept: indexmap::IndexMap::new(),
        size: ReviewSize::default(),
    }
}

fn finding(version: &CheckedVersion, statement: &VersionStatement) -> Finding {
    let verdict = match statement.verdict.as_str() {
        "range-lets-in" => "affected",
        other => other,
    };
    let severity = match (statement.weight, statement.severity.as_ref().map(Id::as_str)) {
        (Weight::Warning, _) => "medium",
        (_, Some("critical")) => "critical",
        (_, Some("moderate" | "medium")) => "medium",
        (_, Some("low")) => "low",
        _ => "high",
    };
    let name = format!("{} {}", version.name, version.version.as_deref().unwrap_or_default());
    let what = statement.advisory.as_deref().unwrap_or(verdict);
    let why = statement.evidence.iter().map(|e| format!("{}, {}", e.source, e.day)).collect();
    Finding {
        rule: Id::slug(&rule(verdict)),
        severity: Id::slug(severity),
        message: format!("{}: {}", name.trim(), statement.text.trim_end_matches('.')),
        location: FindingLocation { elements: Vec::new(), places: version.places.clone() },
        fix: statement.todo.clone().unwrap_or_else(|| "move to a version that gets fixes".to_owned()),
        reference: None,
        review: Some(Box::new(ReviewDetail {
            family: Id::slug("versions"),
            confidence: Id::slug("high"),
            why,
            proves: version.places.iter().map(|_| name.trim().to_owned()).collect(),
            severity_reason: None,
            numbers: Vec::new(),
            references: statement.advisory.iter().cloned().collect(),
            fingerprint: format!("{}@{}@{what}", rule(verdict), name.trim()),
            folded: Vec::new(),
        })),
    }
}
