//! `quality.md`: the gate, with the evidence for every line.

use loadcase_catalog::Catalog;
use loadcase_model::{Design, Figure, GateLine, GateStatus, ScenarioRun, SecondOpinion, Tag, Unit};

use crate::Deliverable;
use crate::honesty::{count, tagged};
use crate::text::markdown::{Doc, Table, code, escape, link, name, prose};
use crate::text::sentence;
use crate::view::View;

pub(crate) fn deliverables(design: &Design, catalog: &Catalog) -> Vec<Deliverable> {
    let mut doc = Doc::new(&format!("Quality gate of {}", name(&design.blueprint.name)));
    let lines = lines(design, catalog);
    let with = |status| tagged(&count(lines.iter().filter(|l| l.status == status).count()));
    doc.para(format!(
        "{} checks pass, {} fail, {} could not be answered. A check without evidence is not passed.",
        with(GateStatus::Pass),
        with(GateStatus::Fail),
        with(GateStatus::Unknown)
    ));
    gate(&mut doc, &lines);
    doc.heading(2, "Red flags");
    findings(&mut doc, design);
    vec![Deliverable { path: "quality.md".to_owned(), text: doc.finish() }]
}

/// The lines of the gate, with what the simulation and the checklist of security say.
pub(crate) fn lines(design: &Design, catalog: &Catalog) -> Vec<GateLine> {
    let mut lines = design.gate.clone();
    lines.extend(design.simulated.as_ref().map(scenarios));
    lines.push(checklist(design, catalog));
    lines
}

/// Whether every scenario that was simulated held its targets.
fn scenarios(opinion: &SecondOpinion) -> GateLine {
    let broken: Vec<String> = opinion
        .scenarios
        .iter()
        .flat_map(|run| run.targets.iter().filter(|t| !t.held).map(move |t| (run, t)))
        .map(|(run, target)| {
            let seen = target.seen.value.map_or_else(
                || "not within the run".to_owned(),
                |value| Figure { value, unit: target.seen.unit, origin: target.seen.origin.clone() }.tagged(),
            );
            format!("{}: {}: {seen}, wanted {}", run.name, target.name, target.wanted.tagged())
        })
        .collect();
    let skipped = opinion.skipped.iter().map(|s| format!("not run: {}", s.name));
    let held = opinion.scenarios.iter().filter(|r| r.holds).map(|r| format!("{}: {}", r.name, what_held(r)));
    let (status, mut evidence): (_, Vec<String>) = match (broken.is_empty(), opinion.scenarios.is_empty()) {
        (true, true) => (GateStatus::Unknown, Vec::new()),
        (true, false) => (GateStatus::Pass, held.collect()),
        (false, _) => (GateStatus::Fail, broken),
    };
    evidence.extend(skipped);
    let check = match opinion.skipped.len() {
        0 => "Every scenario of failure that was simulated holds its targets".to_owned(),
        _ => "Every scenario of failure that was simulated holds its targets; those named below were not run"
            .to_owned(),
    };
    GateLine { check, status, evidence }
}

/// What a scenario that holds was held to.
pub(crate) fn what_held(run: &ScenarioRun) -> String {
    let wanted: Vec<String> = run
        .targets
        .iter()
        .map(|t| {
            let word = if t.wanted.unit == Unit::Seconds { "within" } else { "at least" };
            format!("{} {word} {}", t.name, t.wanted.tagged())
        })
        .collect();
    if wanted.is_empty() { "held".to_owned() } else { format!("held: {}", wanted.join("; ")) }
}

/// Whether anything is missing that the checklist of security and privacy asks of this design.
fn checklist(design: &Design, catalog: &Catalog) -> GateLine {
    let (has, lacks) = crate::security::summary(&View::new(design, catalog));
    let (status, evidence) = if lacks.is_empty() {
        (GateStatus::Pass, vec![format!("{} points are in the design", count(has).tagged())])
    } else {
        (GateStatus::Fail, lacks)
    };
    let check = "No point of the checklist of security and privacy is missing from the design".to_owned();
    GateLine { check, status, evidence }
}

/// The table of the gate.
pub(crate) fn gate(doc: &mut Doc, lines: &[GateLine]) {
    let mut table = Table::new(&["check", "answer", "evidence"]);
    for line in lines {
        let answer = match line.status {
            GateStatus::Pass => "pass",
            GateStatus::Fail => "**fail**",
            GateStatus::Unknown => "unknown",
        };
        let evidence: Vec<String> =
            line.evidence.iter().map(|e| sentence(&prose(e, Tag::Computed))).collect();
        let evidence = if evidence.is_empty() { "none".to_owned() } else { evidence.join("<br>") };
        table.row([prose(&line.check, Tag::Computed), answer.to_owned(), evidence]);
    }
    doc.table(&table, "The gate has no line: nothing was checked.");
}

/// Red flags raised on the design or on what was asked for.
pub(crate) fn findings(doc: &mut Doc, design: &Design) {
    let items = design.findings.iter().map(|finding| {
        let elements: Vec<String> = finding.location.elements.iter().map(|e| code(e.as_str())).collect();
        let places = finding.location.places.iter().map(|p| code(&p.to_string()));
        let at: Vec<String> = elements.into_iter().chain(places).collect();
        let at = if at.is_empty() { String::new() } else { format!(" At {}.", at.join(", ")) };
        let more =
            finding.reference.as_deref().map_or_else(String::new, |r| format!(" {}.", link("Read more", r)));
        format!(
            "**{}**, {}: {}{at} {}{more}",
            escape(finding.severity.as_str()),
            code(finding.rule.as_str()),
            sentence(&prose(&finding.message, Tag::Computed)),
            sentence(&prose(&finding.fix, Tag::Assumed)),
        )
    });
    let items: Vec<String> = items.collect();
    if items.is_empty() {
        doc.para("None was raised.");
    } else {
        doc.list(items);
    }
}
