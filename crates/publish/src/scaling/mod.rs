//! `scaling.md`: what the design carries, what is full first, and what to do then; the charts of its simulation.

pub(crate) mod files;
mod simulated;
mod unpriced;

use loadcase_catalog::Catalog;
use loadcase_model::{Design, Forecast, Horizon, Id, Latency, Tag};

use crate::Deliverable;
use crate::honesty::{count, tagged};
use crate::text::markdown::{Doc, Table, name, prose};
use crate::text::sentence;
use crate::view::View;

pub(crate) fn deliverables(design: &Design, catalog: &Catalog) -> Vec<Deliverable> {
    let view = View::new(design, catalog);
    let mut doc = Doc::new(&format!("Scaling of {}", name(&design.blueprint.name)));
    doc.para(summary(&view));
    doc.heading(2, "Load");
    load(&mut doc, &view);
    for horizon in Horizon::ALL {
        doc.heading(2, &format!("Forecast {}", horizon.label()));
        forecast(&mut doc, &view, design.forecasts.at(horizon), horizon.label());
        files::files(&mut doc, &view, design.forecasts.at(horizon));
    }
    let drawn = simulated::section(&mut doc, &view);
    doc.heading(2, "Growth path");
    growth(&mut doc, &view);
    doc.heading(2, "What to watch");
    watch(&mut doc, &view);
    doc.heading(2, "How to test the load");
    load_test(&mut doc, &view);
    doc.heading(2, "How far to trust these numbers");
    fidelity(&mut doc, &view);
    let mut files = vec![Deliverable { path: "scaling.md".to_owned(), text: doc.finish() }];
    files.extend(drawn);
    files
}

fn summary(view: &View<'_>) -> String {
    let design = view.design;
    let (now, later) = (&design.forecasts.now, &design.forecasts.later);
    let clients = design.reading(loadcase_model::Input::PeakRps).map_or_else(String::new, |r| {
        format!(
            " Of these, {} and later {} are requests of clients; the rest are the jobs, messages and events that \
             follow from them or come beside them.",
            tagged(&r.now),
            tagged(&r.later)
        )
    });
    format!(
        "The peak grows from {} to {} in 24 months, everything counted that is done.{clients} The design as sized carries {}: {} the later peak. {} is full \
         first.",
        tagged(&now.arrivals),
        tagged(&later.arrivals),
        tagged(&later.saturation.rate),
        tagged(&later.saturation.headroom),
        name(view.label(&later.saturation.station)),
    )
}

/// The inputs the load is computed from.
fn load(doc: &mut Doc, view: &View<'_>) {
    let mut table = Table::new(&["input", "now", "in 24 months", "from"]);
    for reading in &view.design.readings {
        table.row([
            reading.input.label().to_owned(),
            tagged(&reading.now),
            tagged(&reading.later),
            origin(&reading.later.origin),
        ]);
    }
    doc.table(&table, "No inputs were recorded.");
}

/// An origin in a cell; the user's own words as code.
pub(crate) fn origin(origin: &loadcase_model::Origin) -> String {
    use loadcase_model::Origin;
    match origin {
        Origin::Stated { text, .. } => format!("you said {}", crate::text::markdown::code(text)),
        Origin::Documented(place) => crate::text::markdown::code(&place.to_string()),
        other => prose(&other.describe(), other.tag()),
    }
}

/// The tables of one forecast. `label` keeps headings apart.
pub(crate) fn forecast(doc: &mut Doc, view: &View<'_>, forecast: &Forecast, label: &str) {
    let availability = &forecast.availability;
    let weakest = availability.weakest.as_ref();
    let weakest =
        weakest.map_or_else(String::new, |id| format!(" {} costs most of it.", name(view.label(id))));
    doc.para(format!(
        "{} at the peak, answered in {} (p50), {} (p95), {} (p99). Full at {}, when {} is busy all the time: {} \
         this load.",
        tagged(&forecast.arrivals),
        tagged(&forecast.latency.p50),
        tagged(&forecast.latency.p95),
        tagged(&forecast.latency.p99),
        tagged(&forecast.saturation.rate),
        name(view.label(&forecast.saturation.station)),
        tagged(&forecast.saturation.headroom),
    ));
    doc.para(format!(
        "It answers {} of the time, that is, {} down in a month.{weakest} When the primary store fails, at most {} \
         of data is lost (recovery point) and it answers again after {} (recovery time).",
        tagged(&availability.share),
        tagged(&availability.downtime_month),
        tagged(&availability.recovery_point),
        tagged(&availability.recovery_time),
    ));
    doc.heading(3, &format!("Components {label}"));
    stations(doc, view, forecast);
    doc.heading(3, &format!("Operations {label}"));
    operations(doc, view, forecast);
    doc.heading(3, &format!("Cost {label}"));
    cost(doc, view, forecast);
}

fn stations(doc: &mut Doc, view: &View<'_>, forecast: &Forecast) {
    let mut stations: Vec<_> = forecast.stations.iter().collect();
    stations.sort_by(|(_, a), (_, b)| b.utilisation.value.total_cmp(&a.utilisation.value));
    let mut table = Table::new(&["component", "busy", "visits", "mean wait for a free server"]);
    for (id, station) in stations {
        table.row([
            name(view.label(id)),
            tagged(&station.utilisation),
            tagged(&station.throughput),
            tagged(&station.wait),
        ]);
    }
    doc.table(&table, "No component was sized.");
}

fn operations(doc: &mut Doc, view: &View<'_>, forecast: &Forecast) {
    let mut operations: Vec<_> = forecast.operations.iter().collect();
    operations.sort_by(|(_, a), (_, b)| b.rate.value.total_cmp(&a.rate.value));
    let mut table = Table::new(&["operation", "rate", "mean", "p50", "p95", "p99"]);
    for (id, operation) in operations {
        let Latency { mean, p50, p95, p99 } = &operation.latency;
        table.row([
            operation_name(view, id),
            tagged(&operation.rate),
            tagged(mean),
            tagged(p50),
            tagged(p95),
            tagged(p99),
        ]);
    }
    doc.table(&table, "No operation was sized.");
}

pub(crate) fn operation_name(view: &View<'_>, id: &Id) -> String {
    name(view.blueprint().operations.get(id).map_or(id.as_str(), |o| &o.name))
}

/// The monthly bill, and the people it takes.
pub(crate) fn cost(doc: &mut Doc, view: &View<'_>, forecast: &Forecast) {
    let mut table = Table::new(&["item", "each month", "how"]);
    for line in &forecast.cost {
        table.row([name(&line.item), tagged(&line.monthly), prose(&line.arithmetic, Tag::Computed)]);
    }
    if !table.is_empty() {
        table.row(["**all**".to_owned(), tagged(&forecast.cost_total), String::new()]);
    }
    doc.table(&table, "Nothing is paid for that the price lists know.");
    unpriced::unpriced(doc, view, forecast);
    let mut table = Table::new(&["what takes people's time", "engineers"]);
    for line in &forecast.people {
        table.row([name(&line.item), tagged(&line.engineers)]);
    }
    if !table.is_empty() {
        table.row(["**all**".to_owned(), tagged(&forecast.people_total)]);
    }
    doc.table(&table, "No operating load was counted.");
}

/// The steps to take as the load grows.
pub(crate) fn growth(doc: &mut Doc, view: &View<'_>) {
    let mut table = Table::new(&["at", "what is full", "watch", "do", "go back", "bill then"]);
    for step in &view.design.growth {
        table.row([
            tagged(&step.at),
            name(view.label(&step.station)),
            prose(&step.trigger, Tag::Assumed),
            sentence(&prose(&step.action, Tag::Computed)),
            sentence(&prose(&step.undo, Tag::Assumed)),
            tagged(&step.monthly),
        ]);
    }
    doc.table(&table, "No growth step was computed.");
    if !table.is_empty() {
        doc.para(
            "Rates here are requests of clients, with all other loads growing alike. The trade-offs say at which value \
             of one input alone, with all others as planned, another option wins: that is another question, and its \
             values differ.",
        );
    }
}

fn watch(doc: &mut Doc, view: &View<'_>) {
    let design = view.design;
    let mut items: Vec<String> = design
        .targets
        .iter()
        .map(|t| {
            let beside = t.beside.as_deref().map_or_else(String::new, |b| {
                format!(" {}", sentence(&prose(b, loadcase_model::Tag::Computed)))
            });
            format!(
                "{}: alert before {}; forecast {}.{beside}",
                prose(&t.name, t.target.origin.tag()),
                tagged(&t.target),
                tagged(&t.forecast)
            )
        })
        .collect();
    let mut busiest: Vec<_> = design.forecasts.later.stations.iter().collect();
    busiest.sort_by(|(_, a), (_, b)| b.utilisation.value.total_cmp(&a.utilisation.value));
    items.extend(busiest.into_iter().take(3).map(|(id, s)| {
        format!(
            "{}: processors busy; forecast {} at the peak in 24 months.",
            name(view.label(id)),
            tagged(&s.utilisation)
        )
    }));
    items.extend(
        design
            .growth
            .iter()
            .map(|step| format!("{} starts the step at {}.", capital_prose(&step.trigger), tagged(&step.at))),
    );
    doc.list(items);
    doc.para(format!(
        "Look at the whole design again by {}: {}",
        design.recommendation.review_by.trim(),
        sentence(&prose(&design.recommendation.review_because, Tag::Fact))
    ));
}

fn capital_prose(text: &str) -> String {
    crate::text::capital(&prose(text.trim_end_matches('.'), Tag::Assumed))
}

fn load_test(doc: &mut Doc, view: &View<'_>) {
    let design = view.design;
    doc.para(
        "Replay the mix below with open arrivals (new requests come whether or not old ones are answered); a fixed \
         number of users hides overload.",
    );
    let (now, later) = (&design.forecasts.now, &design.forecasts.later);
    let mut table = Table::new(&["operation", "rate now", "rate in 24 months", "p99 to expect"]);
    let mut operations: Vec<_> = later.operations.iter().collect();
    operations.sort_by(|(_, a), (_, b)| b.rate.value.total_cmp(&a.rate.value));
    for (id, operation) in operations.into_iter().take(12) {
        let today = now.operations.get(id).map_or_else(|| "unknown".to_owned(), |o| tagged(&o.rate));
        table.row([operation_name(view, id), today, tagged(&operation.rate), tagged(&operation.latency.p99)]);
    }
    doc.table(&table, "No operation was sized.");
    doc.steps([
        format!(
            "Run at {} until percentiles are steady and compare each with the table.",
            tagged(&now.arrivals)
        ),
        format!("Run at {}, the later peak.", tagged(&later.arrivals)),
        format!(
            "Raise the rate until p99 misses its target; the forecast says {}, with {} busy all the time. If \
             another component is full first, its service time is not what was assumed.",
            tagged(&later.saturation.rate),
            name(view.label(&later.saturation.station))
        ),
        "At the later peak, stop one copy of each component in turn.".to_owned(),
    ]);
}

fn fidelity(doc: &mut Doc, view: &View<'_>) {
    let assumed = view.design.readings.iter().filter(|r| r.later.origin.tag() == Tag::Assumed).count();
    let all = view.design.readings.len();
    doc.para(format!(
        "The forecast comes from an open queueing network: operations visit components, each component is a queue \
         with as many servers as it has processors or slots, and percentiles follow from the variation of service \
         times. {} of {} inputs are assumed; the main choices hold in {} of their sampled values.",
        tagged(&count(assumed)),
        tagged(&count(all)),
        tagged(&view.design.recommendation.margin.holds)
    ));
    doc.list(
        [
            "Service times are the catalog's until you measure yours: they matter more than anything else here.",
            "Locks, slow queries, garbage collection, cold caches and noisy neighbours are not modelled.",
            "Arrivals are taken as random around the peak rate; bursts inside a second are not seen.",
            "Prices are list prices without discounts, taxes or support.",
        ]
        .map(str::to_owned),
    );
}
