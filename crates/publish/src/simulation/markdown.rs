//! A simulation as Markdown, with its charts as files beside it.

use loadcase_catalog::Catalog;
use loadcase_model::{Horizon, ScenarioRun, Simulation, Tag, TriedChange};

use super::charts::{Drawn, of_curve, of_scenario};
use super::text::total;
use super::{back, in_time, marked, spread};
use crate::honesty::tagged;
use crate::text::markdown::{Doc, Table, code, name, prose};
use crate::text::sentence;
use crate::{Deliverable, fidelity};

/// Folder of the charts beside the text.
const CHARTS: &str = "charts";

/// As one Markdown text, without charts.
#[must_use]
pub fn markdown(simulation: &Simulation, catalog: &Catalog) -> String {
    document(simulation, catalog, false)
}

/// As files: the Markdown under a name, and its charts.
#[must_use]
pub fn files(simulation: &Simulation, catalog: &Catalog, path: &str) -> Vec<Deliverable> {
    let mut files = vec![Deliverable { path: path.to_owned(), text: document(simulation, catalog, true) }];
    let curve = simulation.curve.iter().map(of_curve);
    let runs = simulation.scenarios.iter().flat_map(|r| of_scenario(r, simulation.in_time.as_ref()));
    files.extend(curve.chain(runs).map(file));
    files
}

/// A chart as a file.
pub(crate) fn file(drawn: Drawn) -> Deliverable {
    Deliverable { path: format!("{CHARTS}/{}", drawn.file), text: drawn.svg }
}

fn document(simulation: &Simulation, catalog: &Catalog, with_charts: bool) -> String {
    let mut doc = Doc::new(&format!("Simulation of {}", name(&simulation.name)));
    let when = simulation.horizon.map_or(String::new(), |h| match h {
        Horizon::Now => " Load: that of today.".to_owned(),
        Horizon::Later => " Load: that in 24 months.".to_owned(),
    });
    let bound = simulation.in_time.as_ref().map_or(String::new(), |t| format!(" {}", in_time(&tagged(t))));
    let partial = if simulation.partial { "**Partial: stopped before everything had run.** " } else { "" };
    let held = simulation.scenarios.iter().filter(|r| r.holds).count();
    doc.para(format!(
        "{partial}Targets held in {held} `c` of {} `c` scenarios. Seed {} `a`.{when}{bound}",
        simulation.scenarios.len(),
        simulation.seed
    ));
    sections(&mut doc, &simulation.scenarios);
    if let Some(curve) = &simulation.curve {
        doc.heading(2, "Response time against load");
        doc.para(format!(
            "Planned for {}; full at {}, when {} is busy all the time.",
            tagged(&curve.planned),
            tagged(&curve.saturation),
            name(&curve.station)
        ));
        if with_charts {
            picture(&mut doc, &of_curve(curve));
        }
    }
    for run in &simulation.scenarios {
        doc.heading(2, &name(&run.name));
        section(&mut doc, run);
        if with_charts {
            of_scenario(run, simulation.in_time.as_ref()).iter().for_each(|d| picture(&mut doc, d));
        }
    }
    if !simulation.skipped.is_empty() {
        doc.heading(2, "Not run");
        doc.list(
            simulation
                .skipped
                .iter()
                .map(|s| format!("{}: {}.", name(&s.name), prose(&s.reason, Tag::Computed))),
        );
    }
    if !simulation.notes.is_empty() {
        doc.heading(2, "Notes");
        doc.list(simulation.notes.iter().map(|n| sentence(&prose(n, Tag::User))));
    }
    doc.finish() + &fidelity::section(catalog)
}

/// A chart in the text.
pub(crate) fn picture(doc: &mut Doc, drawn: &Drawn) {
    doc.para(format!("![{}]({CHARTS}/{})", name(&drawn.title), drawn.file));
}

/// The table of scenarios.
pub(crate) fn sections(doc: &mut Doc, runs: &[ScenarioRun]) {
    let mut table = Table::new(&[
        "scenario",
        "targets",
        "in time",
        "p50",
        "p95",
        "p99",
        "no answer",
        "back after",
        "full first",
    ]);
    for run in runs {
        table.row([
            name(&run.name),
            if run.holds {
                prose(&crate::quality::what_held(run), Tag::Computed)
            } else {
                "**broken**".to_owned()
            },
            marked(&run.good),
            marked(&run.p50),
            marked(&run.p95),
            marked(&run.p99),
            total(run).map_or_else(|| "-".to_owned(), |t| marked(&t)),
            back(run).map_or_else(str::to_owned, tagged),
            run.saturated.as_ref().map_or_else(|| "-".to_owned(), |s| name(&s.part)),
        ]);
    }
    doc.table(&table, "No scenario was run.");
}

/// Everything about one scenario.
fn section(doc: &mut Doc, run: &ScenarioRun) {
    doc.para(sentence(&prose(&run.summary, Tag::Assumed)));
    let targets = run.targets.iter().map(|t| {
        let seen = if t.seen.value.is_some() { spread(&t.seen) } else { "not within the run".to_owned() };
        let held = if t.held { "held" } else { "**broken**" };
        format!("{held}: {}: {seen}, wanted {}", prose(&t.name, Tag::Computed), tagged(&t.wanted))
    });
    let mut items: Vec<String> = targets.collect();
    if let Some(part) = &run.saturated {
        items.push(format!("full first: {}, {} after the start", name(&part.part), tagged(&part.at)));
    }
    for error in &run.errors {
        items.push(format!("no answer, {}: {}", prose(&error.cause, Tag::Computed), marked(&error.share)));
    }
    if let Some(remedy) = &run.remedy {
        match &remedy.found {
            Some(found) => items.push(format!(
                "would have held: {}. {}",
                told(found),
                prose(&found.because, Tag::Assumed)
            )),
            None => items.push(format!(
                "none of the {} changes that were tried would have held",
                tagged(&remedy.tried)
            )),
        }
        items.extend(remedy.others.iter().map(|o| format!("did not hold: {}", told(o))));
    }
    doc.list(items);
    let mut table = Table::new(&["operation", "rate", "in time", "p50", "p95", "p99"]);
    for operation in run.operations.values() {
        table.row([
            name(&operation.name),
            marked(&operation.offered),
            marked(&operation.good),
            marked(&operation.p50),
            spread(&operation.p95),
            spread(&operation.p99),
        ]);
    }
    doc.table(&table, "Nothing was asked for.");
}

fn told(change: &TriedChange) -> String {
    let cost = change.monthly.as_ref().map_or(String::new(), |m| format!(", {} on the bill", tagged(m)));
    format!(
        "{} ({}){cost}: {} in time",
        prose(&change.change, Tag::Computed),
        code(&change.with),
        marked(&change.good)
    )
}
