//! `architecture.md`: context, containers, sequences, deployment, modules, and the decisions behind them.

use loadcase_catalog::Catalog;
use loadcase_model::{Component, Design, Figure, Flow, FlowStyle, Id, Tag, Unit};

use crate::Deliverable;
use crate::diagram::mermaid;
use crate::honesty::{from_basis, tagged};
use crate::hosting;
use crate::text::markdown::{Doc, Table, code, name, prose};
use crate::text::{capital, listed, sentence, words};
use crate::tradeoffs;
use crate::view::{INSIDE, View};

/// Operations drawn step by step.
const SEQUENCES: usize = 4;

pub(crate) fn deliverables(design: &Design, catalog: &Catalog) -> Vec<Deliverable> {
    let view = View::new(design, catalog);
    let mut doc = Doc::new(&format!("Architecture of {}", name(&design.blueprint.name)));
    doc.para(sentence(&prose(&design.recommendation.headline, Tag::Computed)));
    doc.para(sentence(&prose(&design.blueprint.summary, Tag::Computed)));
    doc.heading(2, "Context");
    doc.fence("mermaid", &mermaid::context(&view));
    doc.heading(2, "Containers");
    doc.para("Solid arrows: the caller waits. Dotted arrows: it goes on.");
    doc.fence("mermaid", &mermaid::containers(&view));
    components(&mut doc, &view);
    doc.heading(2, "Connections");
    flows(&mut doc, &view);
    doc.heading(2, "Modules");
    modules(&mut doc, &view);
    doc.heading(2, "Main operations step by step");
    sequences(&mut doc, &view);
    doc.heading(2, "Deployment");
    deployment(&mut doc, &view);
    doc.heading(2, "Decisions");
    decisions(&mut doc, design);
    design_points(&mut doc, &view);
    vec![Deliverable { path: "architecture.md".to_owned(), text: doc.finish() }]
}

fn components(doc: &mut Doc, view: &View<'_>) {
    let mut table = Table::new(&["component", "kind", "technology", "how much", "busy in 24 months"]);
    for (id, component) in &view.blueprint().components {
        let station = view.design.forecasts.later.stations.get(id);
        table.row([
            name(&component.name),
            component.kind.called().to_owned(),
            technologies(view, component),
            capacity(component),
            station.map_or_else(String::new, |s| tagged(&s.utilisation)),
        ]);
    }
    doc.table(&table, "The blueprint has no component.");
    hosting::places(doc, view);
}

fn technologies(view: &View<'_>, component: &Component) -> String {
    let shown = |id: &Id| {
        view.catalog.technology(id.as_str()).map_or_else(|| code(id.as_str()), crate::technology::versioned)
    };
    let parts: Vec<String> =
        [&component.technology, &component.framework].into_iter().flatten().map(shown).collect();
    let managed = if component.managed { " (managed)" } else { "" };
    format!("{}{managed}", parts.join(", "))
}

/// Copies and their size in words.
fn capacity(component: &Component) -> String {
    let Some(c) = &component.capacity else { return "not sized".to_owned() };
    let figure = |value: f64, unit: Unit| -> Figure { from_basis(value, unit, &c.basis) };
    if c.replicas == 0 {
        return "paid by use".to_owned();
    }
    let mut text = format!(
        "{} of {} and {}",
        tagged(&figure(f64::from(c.replicas), Unit::One)),
        tagged(&figure(c.vcpu, Unit::Vcpu)),
        tagged(&figure(c.memory_gb, Unit::Gigabytes))
    );
    let extra = [
        (c.storage_gb > 0.0, figure(c.storage_gb, Unit::Gigabytes), "disk"),
        (c.standbys > 0, figure(f64::from(c.standbys), Unit::One), "standby each"),
        (c.read_replicas > 0, figure(f64::from(c.read_replicas), Unit::One), "read replicas each"),
    ];
    for (_, figure, what) in extra.into_iter().filter(|(shown, ..)| *shown) {
        text.push_str(&format!(", {} {what}", tagged(&figure)));
    }
    text
}

fn flows(doc: &mut Doc, view: &View<'_>) {
    let mut table = Table::new(&["from", "to", "for", "protocol", "waits", "retries", "encrypted"]);
    for flow in &view.blueprint().flows {
        table.row([
            name(view.label(&flow.from)),
            name(view.label(&flow.to)),
            prose(&flow.purpose, Tag::Assumed),
            name(&flow.protocol),
            waits(flow),
            flow.retries.map_or_else(
                || "unknown".to_owned(),
                |n| tagged(&from_basis(f64::from(n), Unit::One, &flow.basis)),
            ),
            match flow.encrypted {
                _ if flow.protocol == INSIDE => "inside the process",
                Some(true) if view.ends_before_process(flow) => {
                    "as far as the balancer; from there plain, in the private network"
                }
                Some(true) => "yes",
                Some(false) => "**no**",
                None => "unknown",
            }
            .to_owned(),
        ]);
    }
    doc.table(&table, "The blueprint lists no connections.");
    guards(doc, view);
}

/// What keeps a bad moment short: who tries again, and what is refused or dropped.
fn guards(doc: &mut Doc, view: &View<'_>) {
    let guarded: Vec<_> =
        view.blueprint().flows.iter().filter_map(|f| Some((f, f.guard.as_ref()?))).collect();
    if guarded.is_empty() {
        return;
    }
    doc.heading(3, "When things go wrong");
    doc.para(
        "Each path has one layer that tries again: who began it. Tries of several layers multiply, and a system that is \
         down stays down. Only idempotent operations are tried again. Times that callers wait shrink on the way in, and \
         what nobody waits for any more is dropped instead of done.",
    );
    let mut table = Table::new(&["from", "to", "tried again", "paid from", "stops calling at", "may wait"]);
    for (flow, guard) in guarded {
        let by = |value: f64, unit| tagged(&from_basis(value, unit, &guard.basis));
        let none = || "-".to_owned();
        let tries = flow.retries.filter(|r| *r > 0).map(|r| {
            let times = tagged(&from_basis(f64::from(r), Unit::Times, &flow.basis));
            let pause = guard.backoff_ms.map(|ms| format!(", first after {}", by(ms, Unit::Milliseconds)));
            times + &pause.unwrap_or_default()
        });
        if tries.is_none() && guard.breaker.is_none() && guard.waiting.is_none() {
            continue;
        }
        table.row([
            name(view.label(&flow.from)),
            name(view.label(&flow.to)),
            tries.unwrap_or_else(none),
            guard.retry_budget.map_or_else(none, |s| format!("{} of the successes", by(s, Unit::Share))),
            guard.breaker.map_or_else(none, |s| format!("{} failed", by(s, Unit::Share))),
            guard.waiting.map_or_else(none, |w| by(f64::from(w), Unit::One)),
        ]);
    }
    doc.table(&table, "No flow is tried again, and nothing is refused.");
}

fn waits(flow: &Flow) -> String {
    match (flow.style, flow.timeout_ms) {
        _ if flow.protocol == INSIDE => "inside the process".to_owned(),
        (FlowStyle::Async, _) => "no".to_owned(),
        (FlowStyle::Sync, Some(ms)) => {
            format!("at most {}", tagged(&from_basis(ms, Unit::Milliseconds, &flow.basis)))
        }
        (FlowStyle::Sync, None) => "no limit known".to_owned(),
    }
}

/// Which module does what, where it runs, and what it owns.
fn modules(doc: &mut Doc, view: &View<'_>) {
    let blueprint = view.blueprint();
    let mut table = Table::new(&["module", "responsible for", "runs in", "owns", "operations"]);
    for (id, module) in &blueprint.modules {
        let runs: Vec<String> =
            blueprint.components.values().filter(|c| c.modules.contains(id)).map(|c| name(&c.name)).collect();
        let owns: Vec<String> = blueprint
            .entities
            .values()
            .filter(|e| e.module.as_ref() == Some(id))
            .map(|e| name(&e.name))
            .collect();
        let operations: Vec<String> = blueprint
            .operations
            .values()
            .filter(|o| o.module.as_ref() == Some(id))
            .map(|o| name(&o.name))
            .collect();
        table.row([
            name(&module.name),
            sentence(&prose(&module.summary, Tag::Assumed)),
            listed(&runs),
            owns.join(", "),
            operations.join("; "),
        ]);
    }
    doc.table(&table, "The blueprint names no modules.");
    if !table.is_empty() {
        doc.para(
            "A module reads and writes only the tables it owns and calls others through their public functions. A \
             test that fails on an import across that line keeps it so.",
        );
    }
}

fn sequences(doc: &mut Doc, view: &View<'_>) {
    let main: Vec<_> =
        view.main_operations(SEQUENCES).into_iter().filter(|(_, o)| !o.steps.is_empty()).collect();
    if main.is_empty() {
        doc.para("The blueprint says of no operation which components it passes.");
    }
    for (id, operation) in main {
        doc.heading(3, &name(&operation.name));
        let forecast = view.design.forecasts.later.operations.get(id);
        doc.para(forecast.map_or_else(String::new, |f| {
            format!(
                "{} at the peak in 24 months; p50 {}, p99 {}.",
                tagged(&f.rate),
                tagged(&f.latency.p50),
                tagged(&f.latency.p99)
            )
        }));
        doc.fence("mermaid", &mermaid::sequence(view, operation));
    }
}

fn deployment(doc: &mut Doc, view: &View<'_>) {
    let place = &view.blueprint().deployment;
    let shown =
        |id: &Id| view.catalog.technology(id.as_str()).map_or_else(|| words(id.as_str()), |t| name(&t.name));
    let provider = place.provider.as_ref().map_or_else(|| "no provider chosen".to_owned(), shown);
    let regions: Vec<String> = place.regions.iter().map(|r| located(view, r)).collect();
    let regions = if regions.is_empty() {
        "no region, as nothing was said of a place: where a file has to name one it is in Europe, which is to be changed before the first start".to_owned()
    } else {
        listed(&regions)
    };
    let rollout = place.rollout.as_ref().map_or_else(
        || "How new versions are rolled out is not decided.".to_owned(),
        |r| format!("How a new version replaces the old: {}.", words(r.as_str())),
    );
    doc.para(format!("{}; {provider}; {regions}. {rollout}", capital(&shown(&place.platform))));
    doc.fence("mermaid", &mermaid::deployment(view));
}

/// A region with the areas of the world that the provider serves from it.
fn located(view: &View<'_>, region: &str) -> String {
    let provider = view.blueprint().deployment.provider.as_ref();
    let provider = provider.and_then(|p| view.catalog.technology(p.as_str()));
    let areas = provider.into_iter().flat_map(|p| &p.regions).filter(|(_, r)| *r == region);
    let names: Vec<String> =
        areas.filter_map(|(id, _)| view.catalog.lexicon.areas.get(id)).map(|a| name(&a.name)).collect();
    if names.is_empty() { code(region) } else { format!("{} ({})", code(region), listed(&names)) }
}

fn decisions(doc: &mut Doc, design: &Design) {
    let mut table = Table::new(&["question", "decision", "because", "holds in"]);
    for decision in &design.decisions {
        table.row([
            tradeoffs::question(decision),
            name(&decision.verdict.name),
            decision.drivers.first().map_or_else(String::new, |d| prose(&d.because, Tag::Computed)),
            tagged(&decision.holds),
        ]);
    }
    doc.table(&table, "No decision was recorded.");
    doc.para("Options, reasons and what would change each: [trade-offs](trade-offs.md).");
}

/// What products of this kind must get right.
fn design_points(doc: &mut Doc, view: &View<'_>) {
    let domains = view.design.brief.domains.iter().filter_map(|d| view.catalog.domains.get(&d.id));
    // A second domain was heard of; what it says is about tables that may not be here.
    let is_here = |d: &loadcase_catalog::Domain| {
        let held = |(id, e): (&Id, &loadcase_model::Entity)| {
            view.blueprint().entities.get(id).is_some_and(|own| own.name == e.name)
        };
        d.entities.iter().filter(|e| held(*e)).count() * 2 >= d.entities.len()
    };
    let domains = domains.enumerate().filter(|(n, d)| *n == 0 || is_here(d)).map(|(_, d)| d);
    for domain in domains.take(2).filter(|d| !d.design_points.is_empty()) {
        doc.heading(2, &format!("What to get right: {}", name(&domain.name)));
        doc.list(domain.design_points.iter().map(|p| sentence(&prose(p, Tag::Assumed))));
    }
}
