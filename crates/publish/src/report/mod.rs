//! The whole answer as one Markdown document (`--format md`).

use loadcase_catalog::Catalog;
use loadcase_model::{Design, Feasibility, Horizon, Tag};

use crate::diagram::ascii;
use crate::honesty::{bare, tagged};
use crate::lost::Stock;
use crate::terminal::nearest_flips;
use crate::text::markdown::{Doc, Table, name, prose};
use crate::text::{capital, sentence};
use crate::view::View;
use crate::{quality, scaling, technology, tradeoffs};

/// Columns of the picture in the document.
const PICTURE: usize = 96;

/// The answer, the numbers behind it and every decision as one Markdown document.
#[must_use]
pub fn markdown(design: &Design, catalog: &Catalog) -> String {
    let view = View::new(design, catalog);
    let stock = Stock::new(design, catalog);
    let mut doc = Doc::new(&name(&design.blueprint.name));
    answer(&mut doc, &view, &stock);
    doc.heading(2, "Targets");
    targets(&mut doc, design);
    doc.heading(2, "Architecture");
    doc.fence("text", &ascii::architecture(&view, PICTURE).join("\n"));
    doc.heading(2, "What would flip it");
    flips(&mut doc, design);
    doc.heading(2, "Cost and people");
    doc.para(money(design));
    doc.heading(2, "Facts");
    technology::versions(&mut doc, &view.technologies());
    doc.heading(2, "Risks");
    tradeoffs::risks(&mut doc, design);
    doc.heading(2, "Assumptions");
    tradeoffs::assumed(&mut doc, design);
    doc.heading(2, "Decisions");
    for (n, decision) in design.decisions.iter().enumerate() {
        doc.heading(3, &format!("{}. {}", n + 1, tradeoffs::question(decision)));
        tradeoffs::decision(&mut doc, &view, decision);
    }
    for horizon in Horizon::ALL {
        doc.heading(2, &format!("Forecast {}", horizon.label()));
        scaling::forecast(&mut doc, &view, design.forecasts.at(horizon), horizon.label());
    }
    doc.heading(2, "Growth path");
    scaling::growth(&mut doc, &view);
    doc.heading(2, "Red flags");
    quality::findings(&mut doc, design);
    doc.heading(2, "Quality gate");
    quality::gate(&mut doc, &quality::lines(design, catalog));
    questions(&mut doc, design);
    doc.finish()
}

fn answer(doc: &mut Doc, view: &View<'_>, stock: &Stock) {
    let design = view.design;
    let recommendation = &design.recommendation;
    doc.para(format!("**{}**", sentence(&prose(&recommendation.headline, Tag::Computed))));
    let told = |r: &String| sentence(&capital(&prose(stock.trimmed(r), Tag::Computed)));
    doc.list(recommendation.reasons.iter().map(told));
    doc.para(format!(
        "It carries {} the peak in 24 months; {} is full first. The main choices hold in {} of sampled assumptions; \
         {} designs were compared. Look at it again by {}: {}",
        tagged(&recommendation.margin.headroom),
        name(view.label(&recommendation.margin.station)),
        tagged(&recommendation.margin.holds),
        tagged(&recommendation.candidates),
        recommendation.review_by.trim(),
        sentence(&prose(&recommendation.review_because, Tag::Fact))
    ));
    if let Feasibility::Missed(missed) = &design.feasibility {
        let missed: Vec<String> = missed.iter().map(|m| prose(m, Tag::Computed)).collect();
        doc.para(format!("**No design meets every requirement.** This one misses: {}.", missed.join("; ")));
    }
}

fn targets(doc: &mut Doc, design: &Design) {
    let mut table = Table::new(&["requirement", "forecast in 24 months", "wanted", "met"]);
    for target in &design.targets {
        table.row([
            prose(&target.name, target.target.origin.tag()),
            tagged(&target.forecast),
            tagged(&target.target),
            if target.met { "✓ yes" } else { "✗ no" }.to_owned(),
        ]);
    }
    doc.table(&table, "No requirement was stated or assumed.");
    for beside in design.targets.iter().filter_map(|t| t.beside.as_deref()) {
        doc.para(sentence(&prose(beside, Tag::Computed)));
    }
}

fn flips(doc: &mut Doc, design: &Design) {
    let mut table = Table::new(&["when", "then rather", "for", "planned for"]);
    for (decision, flip) in nearest_flips(design) {
        table.row([
            format!(
                "{} {} {} {}",
                flip.input.label(),
                if flip.above { "above" } else { "below" },
                tagged(&bare(&flip.at)),
                flip.horizon.label()
            ),
            name(&flip.to_name),
            crate::text::words(decision.id.as_str()),
            tagged(&bare(&flip.present)),
        ]);
    }
    doc.table(&table, "No change of a single input within its range changes a decision.");
}

fn money(design: &Design) -> String {
    let (now, later) = (&design.forecasts.now, &design.forecasts.later);
    format!(
        "{} now, {} in 24 months; {} to run it then; {} with people, on average.",
        tagged(&now.cost_total),
        tagged(&later.cost_total),
        tagged(&later.people_total),
        tagged(&design.recommendation.cost_of_ownership)
    )
}

fn questions(doc: &mut Doc, design: &Design) {
    if design.questions.is_empty() {
        return;
    }
    doc.heading(2, "Questions that could change the answer");
    doc.list(design.questions.iter().map(|q| {
        format!(
            "{} {} Without an answer: {}.",
            prose(&q.ask, Tag::Computed),
            sentence(&prose(&q.why, Tag::Computed)),
            tagged(&q.default)
        )
    }));
}
