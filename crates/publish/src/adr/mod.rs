//! `adr/`: a record for each decision, in the form of MADR 4.0.

use loadcase_catalog::Catalog;
use loadcase_model::{Alternative, Decision, Design, Id, Tag};
use serde::Serialize;

use crate::Deliverable;
use crate::honesty::{legend, tagged};
use crate::lost::Stock;
use crate::template::render;
use crate::text::markdown::{name, prose};
use crate::text::sentence;
use crate::tradeoffs;
use crate::view::View;

const TEMPLATE: &str = include_str!("record.md.j2");

/// Longest slug in a file name.
const LONGEST_SLUG: usize = 60;

#[derive(Serialize)]
struct Record {
    title: String,
    legend: String,
    question: String,
    context: String,
    drivers: Vec<String>,
    options: Vec<OptionText>,
    verdict: String,
    summary: String,
    pin: String,
    consequences: Vec<String>,
    confirmation: Vec<String>,
    holds: String,
    flips: Vec<String>,
    review_by: String,
    review_because: String,
}

#[derive(Serialize)]
struct OptionText {
    name: String,
    lines: Vec<String>,
}

pub(crate) fn deliverables(design: &Design, catalog: &Catalog) -> Vec<Deliverable> {
    let view = View::new(design, catalog);
    let stock = Stock::new(design, catalog);
    let record = |(n, decision): (usize, &Decision)| {
        // Numbered from one, in the order of the decisions.
        let path = format!("adr/{:04}-{}.md", n + 1, slug(decision));
        Deliverable { path, text: render("record", TEMPLATE, &self::record(&view, &stock, decision)) }
    };
    design.decisions.iter().enumerate().map(record).collect()
}

/// `topology-modular-monolith`.
fn slug(decision: &Decision) -> String {
    let slug = Id::slug(&format!("{} {}", decision.id, decision.verdict.option));
    let short: String = slug.as_str().chars().take(LONGEST_SLUG).collect();
    short.trim_end_matches('-').to_owned()
}

fn record(view: &View<'_>, stock: &Stock, decision: &Decision) -> Record {
    let recommendation = &view.design.recommendation;
    let mut options =
        vec![OptionText { name: name(&decision.verdict.name), lines: chosen_lines(view, decision) }];
    options.extend(
        decision.alternatives.iter().map(|o| OptionText { name: name(&o.name), lines: lost_lines(o, stock) }),
    );
    Record {
        title: format!(
            "{}: {}",
            tradeoffs::question(decision).trim_end_matches(['?', ':']),
            name(&decision.verdict.name)
        ),
        legend: legend(),
        question: sentence(&tradeoffs::question(decision)),
        context: context(view),
        drivers: tradeoffs::drivers(decision),
        options,
        verdict: name(&decision.verdict.name),
        summary: sentence(&prose(&decision.verdict.summary, Tag::Computed)),
        pin: tradeoffs::pin(decision),
        consequences: consequences(decision),
        confirmation: confirmation(view),
        holds: tagged(&decision.holds),
        flips: decision.flips.iter().map(tradeoffs::flip).collect(),
        review_by: crate::text::markdown::escape(&recommendation.review_by),
        review_because: sentence(&prose(&recommendation.review_because, Tag::Fact)),
    }
}

/// The load and the people the decision is made for.
fn context(view: &View<'_>) -> String {
    let (now, later) = (&view.design.forecasts.now, &view.design.forecasts.later);
    let people = view.design.reading(loadcase_model::Input::Engineers);
    let people = people.map_or_else(String::new, |r| {
        format!(" {} build it now, {} in 24 months.", tagged(&r.now), tagged(&r.later))
    });
    format!(
        "{} carries {} at the peak now and {} in 24 months.{people}",
        name(&view.blueprint().name),
        tagged(&now.arrivals),
        tagged(&later.arrivals)
    )
}

fn chosen_lines(view: &View<'_>, decision: &Decision) -> Vec<String> {
    let mut lines: Vec<String> =
        tradeoffs::drivers(decision).iter().map(|d| format!("Good, because: {d}")).collect();
    let spec = view.catalog.decision(decision.id.as_str());
    let option = spec.and_then(|s| s.option(decision.verdict.option.as_str()));
    for technology in
        option.iter().flat_map(|o| &o.technologies).filter_map(|t| view.catalog.technology(t.as_str()))
    {
        lines.extend(
            technology.bad_for.iter().take(2).map(|b| format!("Bad for: {}", sentence(&prose(b, Tag::Fact)))),
        );
    }
    if lines.is_empty() {
        lines.push(sentence(&prose(&decision.verdict.summary, Tag::Computed)));
    }
    lines
}

fn lost_lines(option: &Alternative, stock: &Stock) -> Vec<String> {
    let Some(reason) = stock.own(option) else {
        return vec![format!(
            "Bad: meets every requirement, and costs {} more to own.",
            tradeoffs::behind(option)
        )];
    };
    let mut lines = vec![format!("Bad, because: {}", sentence(&prose(reason, Tag::Computed)))];
    lines.push(if option.feasible {
        format!("Neutral: meets every requirement; behind by {}.", tradeoffs::behind(option))
    } else {
        "Bad: misses a requirement.".to_owned()
    });
    lines
}

fn consequences(decision: &Decision) -> Vec<String> {
    let mut lines = vec![format!("Good: {}", sentence(&prose(&decision.verdict.summary, Tag::Computed)))];
    if let Some(nearest) = decision.alternatives.iter().find(|a| a.feasible) {
        lines.push(format!(
            "Given up: {}, the closest option that meets every requirement ({}).",
            name(&nearest.name),
            tradeoffs::behind(nearest)
        ));
    }
    lines.extend(decision.flips.first().map(|f| format!("It ends there: {}", tradeoffs::flip(f))));
    lines
}

/// How to see that the decision still serves.
fn confirmation(view: &View<'_>) -> Vec<String> {
    let mut lines: Vec<String> = view
        .design
        .targets
        .iter()
        .take(3)
        .map(|t| {
            format!(
                "{}: measured stays within {}; forecast {}.",
                prose(&t.name, t.target.origin.tag()),
                tagged(&t.target),
                tagged(&t.forecast)
            )
        })
        .collect();
    lines.push(
        "`loadcase design` on the same brief, with today's numbers, gives the same verdict.".to_owned(),
    );
    lines
}
