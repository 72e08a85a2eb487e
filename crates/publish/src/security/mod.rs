//! `security.md`: a checklist bound to the parts of this design.

mod checks;
mod compliance;

use loadcase_catalog::Catalog;
use loadcase_model::{ComponentKind, Design};

use crate::Deliverable;
use crate::honesty::{count, tagged};
use crate::text::markdown::{Doc, Table, name};
use crate::view::View;
use checks::{Answer, Check};

pub(crate) use checks::several;

pub(crate) fn deliverables(design: &Design, catalog: &Catalog) -> Vec<Deliverable> {
    let view = View::new(design, catalog);
    let topics = checks::topics(&view);
    let mut doc = Doc::new(&format!("Security of {}", name(&design.blueprint.name)));
    let all = || topics.iter().flat_map(|(_, checks)| checks);
    let with = |answer| tagged(&count(all().filter(|c| c.answer == answer).count()));
    doc.para(format!(
        "{} points are in the design, {} are missing from it, {} are left to the team because a blueprint cannot show \
         them, {} are unknown. References: OWASP Top 10:2025 (A01 to A10), OWASP API Security Top 10:2023 (API1 to \
         API10), OWASP ASVS 5.0.0.",
        with(Answer::Has),
        with(Answer::Lacks),
        with(Answer::Team),
        with(Answer::Unknown)
    ));
    zones(&mut doc, &view);
    for (topic, checks) in &topics {
        doc.heading(2, topic);
        doc.para(table(checks));
    }
    vec![Deliverable { path: "security.md".to_owned(), text: doc.finish() }]
}

/// How many points are in the design, and which are missing from it.
pub(crate) fn summary(view: &View<'_>) -> (usize, Vec<String>) {
    let topics = checks::topics(view);
    let all = || topics.iter().flat_map(|(topic, checks)| checks.iter().map(move |c| (topic, c)));
    let lacks = all().filter(|(_, c)| c.answer == Answer::Lacks);
    let lacks = lacks.map(|(topic, c)| format!("{topic}: {}", c.point)).collect();
    (all().filter(|(_, c)| c.answer == Answer::Has).count(), lacks)
}

fn table(checks: &[Check]) -> String {
    let mut table = Table::new(&["point", "applies to", "answer", "reference"]);
    for check in checks {
        table.row([
            check.point.clone(),
            check.applies_to.clone(),
            check.answer.text().to_owned(),
            check.reference.to_owned(),
        ]);
    }
    table.render()
}

/// Who is trusted how much, and what crosses from one zone to another.
fn zones(doc: &mut Doc, view: &View<'_>) {
    let blueprint = view.blueprint();
    let mut table = Table::new(&["zone", "holds", "called from"]);
    for (id, zone) in &blueprint.zones {
        let inside =
            |c: &loadcase_model::Id| blueprint.components.get(c).is_some_and(|c| c.zone.as_ref() == Some(id));
        let holds: Vec<String> = blueprint
            .components
            .iter()
            .filter(|(c, part)| inside(c) && part.kind != ComponentKind::Client)
            .map(|(_, c)| name(&c.name))
            .collect();
        let mut callers: Vec<String> = Vec::new();
        for flow in blueprint.flows.iter().filter(|f| inside(&f.to) && !inside(&f.from)) {
            let caller = name(view.label(&flow.from));
            if !callers.contains(&caller) {
                callers.push(caller);
            }
        }
        table.row([name(&zone.name), holds.join(", "), callers.join(", ")]);
    }
    if !table.is_empty() {
        doc.heading(2, "Trust zones");
        doc.para("From the open internet inwards. Whatever crosses a line is authenticated, checked and encrypted.");
        doc.para(table.render());
    }
}
