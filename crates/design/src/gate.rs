//! The quality gate: claims about the design, each answered from what was computed or looked up.

use std::collections::BTreeMap;

use loadcase_catalog::{Catalog, Technology};
use loadcase_model::{Blueprint, Decision, Feasibility, Finding, GateLine, GateStatus, Id, TargetCheck};

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
    /// The day the recommendations are judged by, `YYYY-MM-DD`.
    pub as_of: &'a str,
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

/// Versioned technologies need a dated release; services without versions have none.
fn versions(inspected: &Inspected) -> GateLine {
    let mut evidence = Vec::new();
    let mut unknown = Vec::new();
    for technology in recommended(inspected) {
        match technology.release() {
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

fn support(inspected: &Inspected) -> GateLine {
    let mut faults = Vec::new();
    let mut evidence = Vec::new();
    for technology in recommended(inspected) {
        let Some(release) = technology.release() else { continue };
        match &release.eol {
            Some(day) if day.as_str() <= inspected.as_of => {
                faults.push(format!("{} {} f ended on {day}", technology.name, release.cycle));
            }
            Some(day) => {
                evidence.push(format!("{} {} f is supported until {day}", technology.name, release.cycle));
            }
            None => evidence.push(format!("{} {} f: no end announced", technology.name, release.cycle)),
        }
    }
    line("No recommended version is out of support or deprecated", faults, evidence)
}

fn advisories(inspected: &Inspected) -> GateLine {
    let mut faults = Vec::new();
    let mut evidence = Vec::new();
    for technology in recommended(inspected) {
        let Some(release) = technology.release() else { continue };
        for advisory in &technology.advisories {
            let affected = advisory
                .fixed_in
                .iter()
                .filter(|fixed| same_line(fixed, &release.latest))
                .any(|fixed| older(&release.latest, fixed));
            if affected {
                faults
                    .push(format!("{} {} f is affected by {}", technology.name, release.latest, advisory.id));
            } else {
                evidence.push(format!(
                    "{}: {} is fixed in or does not concern {} f",
                    technology.name, advisory.id, release.latest
                ));
            }
        }
    }
    evidence
        .push("The list of advisories is a chosen one: `loadcase verify` asks the live sources".to_owned());
    line("No recommended version has a known advisory of the catalog's list", faults, evidence)
}

/// Whether two versions belong to the same major line.
fn same_line(a: &str, b: &str) -> bool {
    a.split('.').next() == b.split('.').next()
}

/// Whether `a` is older than `b`, by dotted numbers; text after a hyphen is ignored.
fn older(a: &str, b: &str) -> bool {
    let numbers = |v: &str| -> Vec<u64> {
        v.split('-').next().unwrap_or("").split('.').map(|p| p.parse().unwrap_or(0)).collect()
    };
    numbers(a) < numbers(b)
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

/// Components on which every request depends and of which there is one.
fn single_points(inspected: &Inspected) -> GateLine {
    use loadcase_model::ComponentKind::{Gateway, Service, Store};
    let mut faults = Vec::new();
    let mut evidence = Vec::new();
    for (id, component) in &inspected.blueprint.components {
        let Some(capacity) = &component.capacity else { continue };
        if !matches!(component.kind, Gateway | Service | Store) {
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
