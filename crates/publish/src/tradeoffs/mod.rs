//! `trade-offs.md`: every decision with what it beat, what it costs, what could go wrong.

use loadcase_catalog::Catalog;
use loadcase_model::{Alternative, Decision, Design, Flip, Tag};

use crate::Deliverable;
use crate::honesty::{bare, tagged};
use crate::scaling::{cost, files::files, origin};
use crate::terminal::assumptions;
use crate::text::markdown::{Doc, Table, code, escape, name, prose};
use crate::text::{capital, sentence, words};
use crate::view::View;

pub(crate) fn deliverables(design: &Design, catalog: &Catalog) -> Vec<Deliverable> {
    let view = View::new(design, catalog);
    let mut doc = Doc::new(&format!("Trade-offs of {}", name(&design.blueprint.name)));
    doc.para(format!(
        "{} {} designs were compared. The main choices hold in {} of sampled assumptions.",
        sentence(&prose(&design.recommendation.headline, Tag::Computed)),
        tagged(&design.recommendation.candidates),
        tagged(&design.recommendation.margin.holds)
    ));
    doc.heading(2, "Decisions");
    for (n, decision) in design.decisions.iter().enumerate() {
        doc.heading(3, &format!("{}. {}", n + 1, question(decision)));
        self::decision(&mut doc, &view, decision);
    }
    doc.heading(2, "Cost of ownership");
    ownership(&mut doc, &view);
    doc.heading(2, "Risks");
    risks(&mut doc, design);
    doc.heading(2, "Assumptions");
    assumed(&mut doc, design);
    doc.heading(2, "When to look again");
    let recommendation = &design.recommendation;
    doc.para(format!(
        "By {}: {}",
        escape(&recommendation.review_by),
        sentence(&prose(&recommendation.review_because, Tag::Fact))
    ));
    vec![Deliverable { path: "trade-offs.md".to_owned(), text: doc.finish() }]
}

/// The question of a decision; its identifier in words when it has none.
pub(crate) fn question(decision: &Decision) -> String {
    let text = prose(&decision.question, Tag::Computed);
    if text.is_empty() { capital(&words(decision.id.as_str())) } else { text }
}

/// A decision without its heading.
pub(crate) fn decision(doc: &mut Doc, view: &View<'_>, decision: &Decision) {
    doc.para(format!(
        "**{}.** {} Holds in {} of sampled assumptions.",
        name(&decision.verdict.name),
        sentence(&prose(&decision.verdict.summary, Tag::Computed)),
        tagged(&decision.holds)
    ));
    let option = view.catalog.decision(decision.id.as_str());
    let option = option.and_then(|d| d.option(decision.verdict.option.as_str()));
    if let Some(option) = option.filter(|o| !o.drawback.is_empty()) {
        doc.para(format!("Its price: {}", sentence(&prose(&option.drawback, Tag::Fact))));
    }
    doc.list(drivers(decision));
    options(doc, &decision.alternatives);
    if !decision.flips.is_empty() {
        doc.para("What would change it:");
        doc.list(decision.flips.iter().map(flip));
    }
    doc.para(pin(decision));
}

/// The reasons for a verdict.
pub(crate) fn drivers(decision: &Decision) -> Vec<String> {
    let line = |d: &loadcase_model::Driver| {
        let worth = d.worth.as_ref().map_or_else(String::new, |w| format!(" Worth {}.", tagged(w)));
        format!("{}{worth}", capital(&sentence(&prose(&d.because, Tag::Computed))))
    };
    decision.drivers.iter().map(line).collect()
}

fn options(doc: &mut Doc, alternatives: &[Alternative]) {
    let mut table = Table::new(&["option that lost", "behind by", "why"]);
    for option in alternatives {
        let why = sentence(&prose(&option.reason, Tag::Computed));
        table.row([name(&option.name), behind(option), why]);
    }
    doc.table(&table, "Nothing else was possible.");
}

/// How far an option is behind, people included.
pub(crate) fn behind(option: &Alternative) -> String {
    match (&option.behind, option.feasible) {
        (Some(figure), _) => tagged(figure),
        (None, false) => "misses a requirement".to_owned(),
        // It would win, were another not required.
        (None, true) => "ahead".to_owned(),
    }
}

/// One change that would turn a verdict.
pub(crate) fn flip(flip: &Flip) -> String {
    format!(
        "{} {} {} {}: {} (planned for: {}){}.",
        capital(flip.input.label()),
        if flip.above { "above" } else { "below" },
        tagged(&bare(&flip.at)),
        flip.horizon.label(),
        name(&flip.to_name),
        tagged(&bare(&flip.present)),
        if crate::terminal::is_toss(flip) { ", which is so near that the two are a coin toss" } else { "" }
    )
}

/// How a verdict stands to an established decision.
pub(crate) fn pin(decision: &Decision) -> String {
    decision.pin.as_ref().map_or_else(String::new, |pin| {
        let stands = if pin.departs { "departs from" } else { "follows" };
        format!(
            "This {stands} the established {} ({}): {}",
            code(pin.established.as_str()),
            code(&pin.place.to_string()),
            sentence(&prose(&pin.because, Tag::Computed))
        )
    })
}

fn ownership(doc: &mut Doc, view: &View<'_>) {
    let design = view.design;
    let (now, later) = (&design.forecasts.now, &design.forecasts.later);
    doc.para(format!(
        "{} for infrastructure now, {} in 24 months; {} to run it now, {} then.",
        tagged(&now.cost_total),
        tagged(&later.cost_total),
        tagged(&now.people_total),
        tagged(&later.people_total),
    ));
    let salary = design.reading(loadcase_model::Input::EngineerUsdMonth);
    let salary = salary.map_or_else(String::new, |r| format!(" at {} each", tagged(&r.later)));
    doc.para(format!(
        "With people: {}, that is {}{salary} and the mean of both bills. The engineers are those who build it as well, \
         spread over its life: a base load for the smallest system, the options of each decision, and what runs; \
         designs were compared by that sum.",
        tagged(&design.recommendation.cost_of_ownership),
        tagged(&design.recommendation.engineers),
    ));
    cost(doc, view, later);
    files(doc, view, later);
}

/// Risks as a table.
pub(crate) fn risks(doc: &mut Doc, design: &Design) {
    let mut table = Table::new(&["severity", "risk", "what to do", "from"]);
    let rank = |s: &str| ["high", "medium", "low"].iter().position(|x| *x == s).unwrap_or(3);
    let mut risks: Vec<_> = design.risks.iter().collect();
    risks.sort_by_key(|r| rank(r.severity.as_str()));
    for risk in risks {
        table.row([
            escape(risk.severity.as_str()),
            sentence(&prose(&risk.risk, risk.origin.tag())),
            sentence(&prose(&risk.mitigation, Tag::Assumed)),
            origin(&risk.origin),
        ]);
    }
    doc.table(&table, "No risk was found.");
}

/// What nobody stated, as a table.
pub(crate) fn assumed(doc: &mut Doc, design: &Design) {
    let mut table =
        Table::new(&["assumption", "now", "in 24 months", "changes the answer in", "why this value"]);
    for reading in assumptions(design) {
        table.row([
            reading.input.label().to_owned(),
            tagged(&reading.now),
            tagged(&reading.later),
            format!("{} of samples", tagged(&reading.sways)),
            origin(&reading.later.origin),
        ]);
    }
    doc.table(&table, "Nothing was assumed.");
}
