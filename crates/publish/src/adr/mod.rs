//! `adr/`: a record for each decision, in the form of MADR 4.0.

use loadcase_catalog::{Catalog, OptionSpec};
use loadcase_model::{Alternative, Decision, Design, Id, Tag};
use serde::Serialize;

use crate::Deliverable;
use crate::honesty::{legend, tagged};
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
    let record = |(n, decision): (usize, &Decision)| {
        // Numbered from one, in the order of the decisions.
        let path = format!("adr/{:04}-{}.md", n + 1, slug(decision));
        Deliverable { path, text: render("record", TEMPLATE, &self::record(&view, decision)) }
    };
    design.decisions.iter().enumerate().map(record).collect()
}

/// `topology-modular-monolith`.
fn slug(decision: &Decision) -> String {
    let slug = Id::slug(&format!("{} {}", decision.id, decision.verdict.option));
    let short: String = slug.as_str().chars().take(LONGEST_SLUG).collect();
    short.trim_end_matches('-').to_owned()
}

fn record(view: &View<'_>, decision: &Decision) -> Record {
    let recommendation = &view.design.recommendation;
    let mut options =
        vec![OptionText { name: name(&decision.verdict.name), lines: chosen_lines(view, decision) }];
    options.extend(
        decision
            .alternatives
            .iter()
            .map(|o| OptionText { name: name(&o.name), lines: lost_lines(view, decision, o) }),
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
        consequences: consequences(view, decision),
        confirmation: confirmation(view, decision),
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
        "{} carries {} at the peak now and {} in 24 months, requests of clients and the work that follows \
         from them.{people}",
        name(&view.blueprint().name),
        tagged(&now.arrivals),
        tagged(&later.arrivals)
    )
}

/// An option of a decision in the catalog.
fn option<'a>(view: &View<'a>, decision: &Decision, id: &Id) -> Option<&'a OptionSpec> {
    view.catalog.decision(decision.id.as_str())?.option(id.as_str())
}

/// What an option costs whoever chooses it: the option's own downside, and what is known of its technology.
fn downsides(view: &View<'_>, decision: &Decision) -> Vec<String> {
    let Some(chosen) = option(view, decision, &decision.verdict.option) else { return Vec::new() };
    let known = chosen.technologies.first().and_then(|t| view.catalog.technology(t.as_str()));
    let of_technology = known.into_iter().flat_map(|t| t.limitations.iter().take(2));
    let own = Some(&chosen.drawback).filter(|d| !d.is_empty());
    own.into_iter().chain(of_technology).map(|d| sentence(&prose(d, Tag::Fact))).collect()
}

fn chosen_lines(view: &View<'_>, decision: &Decision) -> Vec<String> {
    let mut lines: Vec<String> =
        tradeoffs::drivers(decision).iter().map(|d| format!("Good, because: {d}")).collect();
    if lines.is_empty() {
        lines.push(format!("Good: {}", sentence(&prose(&decision.verdict.summary, Tag::Computed))));
    }
    lines.extend(downsides(view, decision).into_iter().map(|d| format!("Bad, because: {d}")));
    let chosen = option(view, decision, &decision.verdict.option);
    for technology in
        chosen.iter().flat_map(|o| &o.technologies).filter_map(|t| view.catalog.technology(t.as_str()))
    {
        lines.extend(
            technology.bad_for.iter().take(2).map(|b| format!("Bad for: {}", sentence(&prose(b, Tag::Fact)))),
        );
    }
    lines
}

fn lost_lines(view: &View<'_>, decision: &Decision, lost: &Alternative) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(option) = option(view, decision, &lost.option) {
        lines.push(format!("Good: {}", sentence(&prose(&option.summary, Tag::Fact))));
    }
    if !lost.reason.trim().is_empty() {
        lines.push(format!("Bad, because: {}", sentence(&prose(&lost.reason, Tag::Computed))));
    }
    lines.push(if lost.feasible {
        format!("Neutral: meets every requirement; behind by {}.", tradeoffs::behind(lost))
    } else {
        "Bad: misses a requirement.".to_owned()
    });
    lines
}

fn consequences(view: &View<'_>, decision: &Decision) -> Vec<String> {
    let mut lines = vec![format!("Good: {}", sentence(&prose(&decision.verdict.summary, Tag::Computed)))];
    lines.extend(downsides(view, decision).into_iter().map(|d| format!("Bad: {d}")));
    let nearest = decision.alternatives.iter().find(|a| a.feasible);
    if let Some((nearest, offered)) = nearest.and_then(|n| Some((n, option(view, decision, &n.option)?))) {
        lines.push(format!(
            "Given up: what {}, the closest option, offers: {}",
            name(&nearest.name),
            sentence(&prose(&offered.summary, Tag::Fact))
        ));
    }
    lines.extend(decision.flips.first().map(|f| format!("It ends there: {}", tradeoffs::flip(f))));
    lines
}

/// Decisions that sizes and targets follow from; the others are confirmed by reading the code.
const SIZED: [&str; 7] =
    ["topology", "primary-store", "data-scaling", "edge-cache", "data-cache", "messaging", "deployment"];

/// How to see that the decision still serves.
fn confirmation(view: &View<'_>, decision: &Decision) -> Vec<String> {
    let targets = view.design.targets.iter().filter(|_| SIZED.contains(&decision.id.as_str()));
    let mut lines: Vec<String> = targets
        .take(4)
        .map(|t| {
            format!(
                "{}: measured{} stays within {}; forecast {}.",
                prose(&t.name, t.target.origin.tag()),
                if t.name.contains("own work") {
                    " without the time that systems of others take"
                } else {
                    ""
                },
                tagged(&t.target),
                tagged(&t.forecast)
            )
        })
        .collect();
    if lines.is_empty() {
        lines.push("`loadcase review` of the repository finds nothing that departs from it.".to_owned());
    }
    lines.push(
        "`loadcase design` on the same brief, with today's numbers, gives the same verdict.".to_owned(),
    );
    lines
}
