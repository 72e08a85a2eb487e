//! `quality.md`: the gate, with the evidence for every line.

use loadcase_catalog::Catalog;
use loadcase_model::{Design, GateStatus, Tag};

use crate::Deliverable;
use crate::honesty::{count, tagged};
use crate::text::markdown::{Doc, Table, code, escape, link, name, prose};
use crate::text::sentence;

pub(crate) fn deliverables(design: &Design, _: &Catalog) -> Vec<Deliverable> {
    let mut doc = Doc::new(&format!("Quality gate of {}", name(&design.blueprint.name)));
    let with = |status| tagged(&count(design.gate.iter().filter(|l| l.status == status).count()));
    doc.para(format!(
        "{} checks pass, {} fail, {} could not be answered. A check without evidence is not passed.",
        with(GateStatus::Pass),
        with(GateStatus::Fail),
        with(GateStatus::Unknown)
    ));
    gate(&mut doc, design);
    doc.heading(2, "Red flags");
    findings(&mut doc, design);
    vec![Deliverable { path: "quality.md".to_owned(), text: doc.finish() }]
}

/// The lines of the gate.
pub(crate) fn gate(doc: &mut Doc, design: &Design) {
    let mut table = Table::new(&["check", "answer", "evidence"]);
    for line in &design.gate {
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
