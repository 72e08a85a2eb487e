//! What a simulation of the design says: where it disagrees with the forecast, and how scenarios end.

use loadcase_model::{SecondOpinion, Tag};

use super::operation_name;
use crate::Deliverable;
use crate::honesty::{count, tagged};
use crate::simulation::charts::{Drawn, of_curve, of_scenario};
use crate::simulation::{file, picture, sections, spread};
use crate::text::markdown::{Doc, Table, name, prose};
use crate::view::View;

/// Writes the section and returns its charts; nothing when the design was not simulated.
pub(super) fn section(doc: &mut Doc, view: &View<'_>) -> Vec<Deliverable> {
    let Some(opinion) = &view.design.simulated else { return Vec::new() };
    doc.heading(2, "Simulated beside the forecast");
    doc.para(summary(opinion));
    operations(doc, view, opinion);
    let mut files = Vec::new();
    doc.heading(3, "Response time against load");
    doc.para(format!(
        "Planned for {}; full at {}, when {} is busy all the time. A long way before that, response times rise.",
        tagged(&opinion.curve.planned),
        tagged(&opinion.curve.saturation),
        name(&opinion.curve.station)
    ));
    let drawn = of_curve(&opinion.curve);
    picture(doc, &drawn);
    files.push(file(drawn));
    files.extend(scenarios(doc, opinion));
    files
}

fn summary(opinion: &SecondOpinion) -> String {
    format!(
        "The forecast is a formula of means. Simulated event by event at the peak in 24 months ({} runs of {}), p95 \
         over all operations is {}; the formula says {}. They agree where the formula lies within the interval, \
         within a tenth, or so near that the response time wanted does not notice.",
        tagged(&opinion.replications),
        tagged(&opinion.length),
        spread(&opinion.overall.simulated),
        tagged(&opinion.overall.formula),
    )
}

/// p95 of each operation, both ways.
fn operations(doc: &mut Doc, view: &View<'_>, opinion: &SecondOpinion) {
    let mut table = Table::new(&[
        "operation",
        "p95 by formula",
        "p95 simulated",
        "formula against simulation",
        "verdict",
    ]);
    for (id, each) in &opinion.operations {
        table.row([
            operation_name(view, id),
            tagged(&each.formula),
            spread(&each.simulated),
            tagged(&each.apart),
            if each.agrees { "agree" } else { "**apart**" }.to_owned(),
        ]);
    }
    doc.table(&table, "No operation came often enough to be judged.");
    if !opinion.unjudged.is_empty() {
        doc.para(format!(
            "{} operations came too rarely to be judged.",
            tagged(&count(opinion.unjudged.len()))
        ));
    }
}

fn scenarios(doc: &mut Doc, opinion: &SecondOpinion) -> Vec<Deliverable> {
    doc.heading(3, "When things go wrong");
    let in_time = opinion.curve.wanted.as_ref();
    let bound = in_time.map_or(String::new(), |t| {
        format!(" In time means: answered within {}, without what systems of others take.", tagged(t))
    });
    doc.para(format!(
        "Each scenario was run once at the peak in 24 months.{bound} `loadcase simulate` runs them more often, and \
         looks for the smallest change that would have held where one is broken."
    ));
    sections(doc, &opinion.scenarios);
    for skipped in &opinion.skipped {
        doc.para(format!("Not run: {}, {}.", name(&skipped.name), prose(&skipped.reason, Tag::Computed)));
    }
    let mut files = Vec::new();
    // What holds and was not disturbed looks like the forecast: only the others are drawn.
    let shown = opinion.scenarios.iter().filter(|r| r.timeline.disturbed.is_some());
    for run in shown {
        doc.heading(4, &name(&run.name));
        let drawn: Vec<Drawn> = of_scenario(run, in_time);
        for each in drawn {
            picture(doc, &each);
            files.push(file(each));
        }
    }
    files
}
