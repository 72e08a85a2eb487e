//! A recovered architecture under the load of a brief.
//!
//! A repository shows who calls whom, not how often. The peak of the brief is spread evenly over the operations
//! that people reach, and each of them visits what its component calls; every such number says so in its basis.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use loadcase_catalog::Catalog;
use loadcase_model::{
    Blueprint, Capacity, ComponentKind, Design, Flow, FlowStyle, Horizon, Id, Input, OperationKind, Step,
    StepMode, Workload,
};

/// Calls in a row that are followed.
const DEPTH: usize = 4;

/// The blueprint with sizes where none are written, steps along its flows, and the loads of both horizons.
pub(crate) fn under_load(blueprint: &Blueprint, design: &Design, catalog: &Catalog) -> Blueprint {
    let mut loaded = blueprint.clone();
    for component in loaded.components.values_mut() {
        component.capacity.get_or_insert_with(assumed_size);
    }
    let open = entered(blueprint);
    let asked: Vec<Id> = blueprint
        .operations
        .iter()
        .filter(|(_, o)| o.kind == OperationKind::Request)
        .filter(|(_, o)| o.steps.first().is_some_and(|s| open.contains(&s.component)))
        .map(|(id, _)| id.clone())
        .collect();
    let cpu_ms = design.reading(Input::CpuMsPerRequest).map_or(0.0, |r| r.now.value);
    for id in &asked {
        let Some(operation) = loaded.operations.get_mut(id) else { continue };
        let Some(first) = operation.steps.first().map(|s| s.component.clone()) else { continue };
        let reads = operation.method.as_deref() == Some("GET");
        let mut steps =
            vec![step(&first, 1.0, cpu_ms, reads, "assumed: processor time of a request of the brief")];
        // A further service does a part of what the first does: the rest is the same work done once.
        let hop_ms = cpu_ms * catalog.lexicon.planning.get("hop-cpu-share").map_or(1.0, |c| c.fact.value);
        follow(blueprint, catalog, &first, (1.0, hop_ms, reads), &mut vec![first.clone()], &mut steps);
        operation.steps = steps;
    }
    if !asked.is_empty()
        && let Some(peak) = design.reading(Input::PeakRps)
    {
        loaded.workloads = [(Horizon::Now, peak.now.value), (Horizon::Later, peak.later.value)]
            .into_iter()
            .map(|(horizon, rate)| workload(horizon, rate, &asked))
            .collect();
    }
    loaded
}

fn assumed_size() -> Capacity {
    Capacity {
        replicas: 1,
        vcpu: 1.0,
        memory_gb: 2.0,
        storage_gb: 0.0,
        standbys: 0,
        read_replicas: 0,
        concurrency: None,
        basis: format!("{}: one copy with one vCPU and 2 GB, since no file says", Capacity::ASSUMED),
    }
}

/// Components that requests from outside enter or are routed to.
fn entered(blueprint: &Blueprint) -> BTreeSet<Id> {
    let mut open: Vec<&Id> =
        blueprint.flows.iter().filter(|f| blueprint.actors.contains_key(&f.from)).map(|f| &f.to).collect();
    let mut found = BTreeSet::new();
    while let Some(id) = open.pop() {
        if !found.insert(id.clone()) {
            continue;
        }
        let passes = blueprint.components.get(id).is_some_and(|c| {
            matches!(c.kind, ComponentKind::Gateway | ComponentKind::Edge | ComponentKind::Client)
        });
        if passes {
            open.extend(blueprint.flows.iter().filter(|f| f.from == *id).map(|f| &f.to));
        }
    }
    if found.is_empty() { blueprint.components.keys().cloned().collect() } else { found }
}

/// Adds the visits that one visit to a component causes: each store once, one of the services it calls.
fn follow(
    blueprint: &Blueprint,
    catalog: &Catalog,
    from: &Id,
    (visits, cpu_ms, reads): (f64, f64, bool),
    path: &mut Vec<Id>,
    steps: &mut Vec<Step>,
) {
    if path.len() > DEPTH {
        return;
    }
    let flows: Vec<&Flow> =
        blueprint.flows.iter().filter(|f| f.from == *from && f.style == FlowStyle::Sync).collect();
    let kind = |f: &Flow| blueprint.components.get(&f.to).map(|c| c.kind);
    let is_service = |f: &&&Flow| {
        matches!(kind(f), Some(ComponentKind::Service | ComponentKind::Identity | ComponentKind::Function))
    };
    let services = flows.iter().filter(is_service).count();
    for flow in &flows {
        let is_new = !path.contains(&flow.to);
        match kind(flow) {
            Some(ComponentKind::Store | ComponentKind::Cache | ComponentKind::Search) if is_new => {
                let name = if reads { "cpu-ms-read" } else { "cpu-ms-write" };
                let technology = blueprint.components.get(&flow.to).and_then(|c| c.technology.as_ref());
                let fact = technology.and_then(|t| catalog.technology(t.as_str())).and_then(|t| t.fact(name));
                let demand = fact.map_or(0.0, |f| f.value);
                steps.push(step(
                    &flow.to,
                    visits,
                    demand,
                    reads,
                    "assumed: one statement for each visit; demand of the catalog",
                ));
            }
            Some(ComponentKind::Service | ComponentKind::Identity | ComponentKind::Function) if is_new => {
                #[allow(clippy::cast_precision_loss, reason = "a count of flows is small")]
                let share = visits / services as f64;
                steps.push(step(
                    &flow.to,
                    share,
                    cpu_ms,
                    reads,
                    "assumed: one of the components it calls, each as often",
                ));
                path.push(flow.to.clone());
                follow(blueprint, catalog, &flow.to, (share, cpu_ms, reads), path, steps);
                path.pop();
            }
            _ => {}
        }
    }
}

fn step(component: &Id, visits: f64, cpu_ms: f64, reads_only: bool, basis: &str) -> Step {
    Step {
        component: component.clone(),
        visits,
        cpu_ms,
        wait_ms: 0.0,
        scv: 1.0,
        mode: StepMode::Sync,
        reads_only,
        basis: basis.to_owned(),
    }
}

fn workload(horizon: Horizon, rate: f64, asked: &[Id]) -> Workload {
    #[allow(clippy::cast_precision_loss, reason = "a count of operations is small")]
    let each = rate / asked.len() as f64;
    let rate_per_s: IndexMap<Id, f64> = asked.iter().map(|id| (id.clone(), each)).collect();
    Workload {
        horizon,
        rate_per_s,
        basis: "peak of the brief, spread evenly over what people reach".to_owned(),
    }
}
