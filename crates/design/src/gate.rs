//! The quality gate: claims about the design, each answered from what was computed or looked up.

use std::collections::BTreeMap;

use loadcase_catalog::{Catalog, Release, Technology};
use loadcase_model::{
    Blueprint, Decision, Feasibility, Finding, GateLine, GateStatus, Id, TargetCheck, Verification,
    VersionAnswer, VersionClaim, VersionStatement,
};

/// What the gate looks at.
pub struct Inspected<'a> {
    /// The catalog.
    pub catalog: &'a Catalog,
    /// Technologies recommended, by role.
    pub technologies: &'a BTreeMap<&'static str, Id>,
    /// The architecture.
    pub blueprint: &'a Blueprint,
    /// Requirements.
    pub targets: &'a [TargetCheck],
    /// Whether every requirement is met.
    pub feasibility: &'a Feasibility,
    /// Decisions.
    pub decisions: &'a [Decision],
    /// Red flags.
    pub findings: &'a [Finding],
    /// What is known of the recommended versions on the day they are judged by.
    pub verification: &'a Verification,
}

/// Every line of the gate.
#[must_use]
pub fn lines(inspected: &Inspected) -> Vec<GateLine> {
    vec![
        requirements(inspected),
        versions(inspected),
        support(inspected),
        advisories(inspected),
        documentation(inspected),
        practices(inspected),
        single_points(inspected),
        reasons(inspected),
    ]
}

fn line(check: &str, faults: Vec<String>, evidence: Vec<String>) -> GateLine {
    let status = if faults.is_empty() { GateStatus::Pass } else { GateStatus::Fail };
    GateLine { check: check.to_owned(), status, evidence: if faults.is_empty() { evidence } else { faults } }
}

fn recommended<'a>(inspected: &'a Inspected) -> impl Iterator<Item = &'a Technology> {
    inspected.technologies.values().filter_map(|id| inspected.catalog.technologies.get(id))
}

fn requirements(inspected: &Inspected) -> GateLine {
    let faults = inspected
        .targets
        .iter()
        .filter(|t| !t.met)
        .map(|t| format!("{}: {} against {}", t.name, t.forecast.tagged(), t.target.tagged()))
        .chain(match inspected.feasibility {
            Feasibility::Met => Vec::new(),
            Feasibility::Missed(what) => what.clone(),
        })
        .collect();
    let evidence = inspected
        .targets
        .iter()
        .map(|t| format!("{}: {} against {}", t.name, t.forecast.tagged(), t.target.tagged()));
    line("Every requirement is met at the peak in 24 months", faults, evidence.collect())
}

fn is_stale(inspected: &Inspected, release: &Release) -> bool {
    let age = loadcase_facts::days_between(&release.as_of, &inspected.verification.today);
    age.is_none_or(|days| days > loadcase_facts::Ages::default().support)
}

/// Versioned technologies need a dated release; services without versions have none.
fn versions(inspected: &Inspected) -> GateLine {
    let mut evidence = Vec::new();
    let mut unknown = Vec::new();
    for technology in recommended(inspected) {
        match technology.release() {
            // What was true half a year ago is not what is true today.
            Some(r) if is_stale(inspected, r) => unknown
                .push(format!("{} {} f: stale, {} is of {}", technology.name, r.latest, r.source, r.as_of)),
            Some(r) => {
                evidence.push(format!("{} {} f: {}, as of {}", technology.name, r.latest, r.source, r.as_of));
            }
            None if technology.has("managed-only")
                || technology.releases.is_empty() && technology.ids.endoflife.is_none() =>
            {
                evidence.push(format!("{}: a service or a generic part without versions", technology.name));
            }
            None => unknown.push(format!("{}: the catalog has no release", technology.name)),
        }
    }
    let status = if unknown.is_empty() { GateStatus::Pass } else { GateStatus::Unknown };
    evidence.extend(unknown);
    GateLine { check: "Every recommended version has a dated source".to_owned(), status, evidence }
}

/// What was said of a claim about a recommended version.
fn said<'a>(
    inspected: &'a Inspected,
    technology: &Technology,
    claim: VersionClaim,
) -> impl Iterator<Item = &'a VersionStatement> {
    let member = format!("technology:{}", technology.id);
    let checked = inspected.verification.checked.iter().find(|c| c.members.contains(&member));
    checked.into_iter().flat_map(|c| &c.statements).filter(move |s| s.claim == claim)
}

/// A line that ended fails, one whose end was read too long ago is not answered.
fn support(inspected: &Inspected) -> GateLine {
    let (mut faults, mut evidence, mut stale) = (Vec::new(), Vec::new(), Vec::new());
    for technology in recommended(inspected) {
        let Some(release) = technology.release() else { continue };
        let name = format!("{} {} f", technology.name, release.cycle);
        let mut told = said(inspected, technology, VersionClaim::Supported).peekable();
        if told.peek().is_none() {
            evidence.push(format!("{name}: no end announced"));
        }
        for statement in told {
            match (statement.answer, &release.eol) {
                (VersionAnswer::Contradicted, Some(day)) => {
                    faults.push(format!("{name}: {}, {day}", statement.verdict.as_str().replace('-', " ")));
                }
                (VersionAnswer::Contradicted, None) => {
                    faults.push(format!("{name}: {}", statement.verdict.as_str().replace('-', " ")));
                }
                (VersionAnswer::Stale, _) => {
                    let day = statement.evidence.first().map_or("an unknown day", |e| e.day.as_str());
                    stale.push(format!("{name}: stale, what is known is of {day}"));
                }
                (_, Some(day)) => evidence.push(format!("{name} is supported until {day}")),
                (_, None) => evidence.push(format!("{name}: no end announced")),
            }
        }
    }
    let check = "No recommended version is out of support or deprecated";
    if faults.is_empty() && !stale.is_empty() {
        stale.extend(evidence);
        return GateLine { check: check.to_owned(), status: GateStatus::Unknown, evidence: stale };
    }
    line(check, faults, evidence)
}

fn advisories(inspected: &Inspected) -> GateLine {
    let mut faults = Vec::new();
    let mut evidence = Vec::new();
    for technology in recommended(inspected) {
        let Some(release) = technology.release() else { continue };
        let named: Vec<&str> = said(inspected, technology, VersionClaim::Patched)
            .filter(|s| s.answer == VersionAnswer::Contradicted)
            .filter_map(|s| s.advisory.as_deref())
            .collect();
        let name = format!("{} {} f", technology.name, release.latest);
        if !named.is_empty() {
            faults.push(format!("{name} is affected by {}", named.join(", ")));
        }
        for advisory in technology.advisories.iter().filter(|a| !named.contains(&a.id.as_str())) {
            evidence.push(format!(
                "{}: {} is fixed in or does not concern {} f",
                technology.name, advisory.id, release.latest
            ));
        }
    }
    evidence
        .push("The list of advisories is a chosen one: `loadcase verify` asks the live sources".to_owned());
    line("No recommended version has a known advisory of the catalog's list", faults, evidence)
}

fn documentation(inspected: &Inspected) -> GateLine {
    let faults = recommended(inspected)
        .filter(|t| t.links.is_empty() || t.limitations.is_empty())
        .map(|t| format!("{}: no link or no limitation on record", t.name))
        .collect();
    let evidence = recommended(inspected)
        .filter_map(|t| t.links.first().map(|l| format!("{}: {}", t.name, l.url)))
        .collect();
    line("Every recommended technology has documentation and known limitations on record", faults, evidence)
}

fn practices(inspected: &Inspected) -> GateLine {
    let high = |f: &&Finding| f.severity == "high";
    let faults: Vec<String> = inspected.findings.iter().filter(high).map(|f| f.message.clone()).collect();
    let evidence = vec![format!("{} c red flags looked for", inspected.catalog.lexicon.flags.len())];
    line("No red flag of high severity is left in what was asked for", faults, evidence)
}

/// Components on which every request or all work after the answer depends, and of which there is one.
fn single_points(inspected: &Inspected) -> GateLine {
    use loadcase_model::ComponentKind::{Gateway, Service, Store, Worker};
    let mut faults = Vec::new();
    let mut evidence = Vec::new();
    for (id, component) in &inspected.blueprint.components {
        let Some(capacity) = &component.capacity else { continue };
        if !matches!(component.kind, Gateway | Service | Store | Worker) {
            continue;
        }
        let copies = capacity.replicas + capacity.standbys + capacity.read_replicas;
        let text = format!("{id}: {copies} c");
        if copies < 2 { faults.push(text) } else { evidence.push(text) }
    }
    // A single machine is a choice when the availability target allows it: said, not failed.
    let met = inspected.targets.iter().filter(|t| t.name.contains("vailab")).all(|t| t.met);
    if !faults.is_empty() && met {
        let mut said = vec!["One copy only, which the availability target allows:".to_owned()];
        said.extend(faults);
        return line(
            "No single point of failure beyond what the availability target allows",
            Vec::new(),
            said,
        );
    }
    line("No single point of failure beyond what the availability target allows", faults, evidence)
}

fn reasons(inspected: &Inspected) -> GateLine {
    let faults = inspected
        .decisions
        .iter()
        .filter(|d| d.alternatives.iter().any(|a| a.reason.is_empty()))
        .map(|d| format!("{}: an alternative without a reason", d.id))
        .collect();
    let evidence = inspected
        .decisions
        .iter()
        .map(|d| format!("{}: {}, against {} c others", d.id, d.verdict.option, d.alternatives.len()))
        .collect();
    line("Every decision has a reason against each alternative", faults, evidence)
}
