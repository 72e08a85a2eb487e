//! The components of the blueprint, with how much of each there is.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use loadcase_model::{
    Capacity, Component, ComponentKind, Id, Operation, OperationKind, format_number, format_quantity,
};

use super::scope::{Queue, Scope};
use super::services::Service;
use crate::plan::Pool;

/// A component before the details: its place in the plan and in the world.
struct Blank<'a> {
    name: &'a str,
    kind: ComponentKind,
    /// The role its technology fills in the plan.
    role: &'a str,
    zone: &'a str,
    managed: bool,
    capacity: Option<Capacity>,
}

/// The components, from the outside in.
pub(super) fn components(scope: &Scope, operations: &IndexMap<Id, Operation>) -> IndexMap<Id, Component> {
    let work = work(scope, operations);
    let mut out = IndexMap::new();
    front(scope, &work, &mut out);
    services(scope, &work, &mut out);
    data(scope, &work, &mut out);
    around(scope, &mut out);
    out
}

impl Blank<'_> {
    fn component(self, scope: &Scope) -> Component {
        let technology = scope.plan.technologies.get(self.role).cloned();
        let release = scope.technology(self.role).and_then(|t| t.release());
        Component {
            name: self.name.to_owned(),
            kind: self.kind,
            version: release.map(|r| r.latest.clone()),
            technology,
            framework: None,
            zone: Some(Id::slug(self.zone)),
            modules: Vec::new(),
            managed: self.managed,
            capacity: self.capacity,
            evidence: Vec::new(),
        }
    }
}

/// Processor work per second that operations ask of each component, ms.
fn work(scope: &Scope, operations: &IndexMap<Id, Operation>) -> BTreeMap<Id, f64> {
    let mut work: BTreeMap<Id, f64> = BTreeMap::new();
    for (id, operation) in operations {
        for step in &operation.steps {
            *work.entry(step.component.clone()).or_default() += scope.rate(id) * step.visits * step.cpu_ms;
        }
    }
    work
}

/// Clients, edge and gateway.
fn front(scope: &Scope, work: &BTreeMap<Id, f64>, out: &mut IndexMap<Id, Component>) {
    let parts = &scope.parts;
    if let Some(id) = &parts.client {
        let blank = Blank {
            name: "Clients",
            kind: ComponentKind::Client,
            role: "client",
            zone: "internet",
            managed: false,
            capacity: None,
        };
        out.insert(id.clone(), blank.component(scope));
    }
    if let Some(id) = &parts.edge {
        let managed = scope.has("edge", "managed-only") || scope.has("edge", "managed");
        let blank = Blank {
            name: "Edge cache",
            kind: ComponentKind::Edge,
            role: "edge",
            zone: "edge",
            managed,
            capacity: None,
        };
        out.insert(id.clone(), blank.component(scope));
    }
    if let Some(id) = &parts.gateway {
        let own = scope.sizing.balancers;
        let name = match () {
            () if own > 0 => "Load balancer",
            () if scope.is_functions() => "Gateway of the function platform",
            () => "Load balancer of the platform",
        };
        let (pool, basis) = relays(scope, own, work.get(id).copied().unwrap_or(0.0));
        let blank = Blank {
            name,
            kind: ComponentKind::Gateway,
            role: "gateway",
            zone: "edge",
            managed: own == 0,
            capacity: (own > 0).then(|| capacity(&pool, basis)),
        };
        out.insert(id.clone(), blank.component(scope));
    }
}

/// The processes: those that answer requests, and the worker.
fn services(scope: &Scope, work: &BTreeMap<Id, f64>, out: &mut IndexMap<Id, Component>) {
    let pool = &divided(scope.sizing.app, scope.services.len());
    let needs: Vec<f64> = scope.services.iter().map(|s| work.get(&s.id).copied().unwrap_or(0.0)).collect();
    // Functions have no nodes, whatever processors they keep busy.
    let mut shares = shared_out(if scope.is_functions() { 0 } else { pool.nodes }, &needs);
    if shares.len() > 1 && pool.nodes > 1 {
        // Each carries its load with one node away.
        for (nodes, need) in shares.iter_mut().zip(&needs).filter(|(nodes, _)| **nodes > 1) {
            let least = (super::rates::sane(*need) / 1e3 / pool.vcpu.max(0.1)).ceil().min(1e6);
            *nodes = (*nodes).max(least as u32 + 1);
        }
    }
    for (service, nodes) in scope.services.iter().zip(shares) {
        let capacity =
            process_capacity(scope, &Pool { nodes, ..*pool }, &app_basis(scope, service, pool, nodes));
        let mut component = process(scope, &service.name, service.kind, capacity);
        component.modules.clone_from(&service.modules);
        out.insert(service.id.clone(), component);
    }
    if let Some(id) = &scope.parts.worker {
        let kind = if scope.is_functions() { ComponentKind::Function } else { ComponentKind::Worker };
        let jobs: f64 = scope
            .operations
            .iter()
            .filter(|(_, o)| o.kind == OperationKind::Job)
            .map(|(id, _)| scope.rate(id))
            .sum();
        let basis =
            format!("sized by the plan for {} jobs/s at peak {}", format_number(jobs), scope.horizon.label());
        let pool = if kind == ComponentKind::Function { Pool::default() } else { scope.sizing.workers };
        let mut component = process(scope, "Worker", kind, process_capacity(scope, &pool, &basis));
        for operation in scope.operations.values().filter(|o| Scope::in_background(o.kind)) {
            if !component.modules.contains(&operation.module) {
                component.modules.push(operation.module.clone());
            }
        }
        out.insert(id.clone(), component);
    }
}

fn process(scope: &Scope, name: &str, kind: ComponentKind, capacity: Capacity) -> Component {
    let managed = kind == ComponentKind::Function;
    let blank =
        Blank { name, kind, role: "language", zone: "application", managed, capacity: Some(capacity) };
    Component { framework: scope.plan.technologies.get("framework").cloned(), ..blank.component(scope) }
}

fn app_basis(scope: &Scope, service: &Service, pool: &Pool, nodes: u32) -> String {
    let (all, load) = (pool.nodes, scope.load);
    let mut text = format!(
        "sized by the plan for {} requests/s at peak {}",
        format_number(load.requests_per_s),
        scope.horizon.label()
    );
    if scope.services.len() > 1 && all > 0 {
        text.push_str(&format!(": {nodes} of {all} nodes, shared out by processor work"));
        if all < scope.services.len() as u32 {
            text.push_str(" and at least one for each");
        }
    }
    format!("{text}; {}", service.because)
}

/// The capacity of a process, with the requests it works on at the same time where the framework has a limit.
fn process_capacity(scope: &Scope, pool: &Pool, basis: &str) -> Capacity {
    let per_vcpu = scope.technology("framework").and_then(|t| t.fact("concurrency-per-vcpu"));
    let mut capacity = if pool.nodes == 0 {
        let memory = scope.known("compute", ComponentKind::Function, "memory-gb-per-vcpu");
        let pool = Pool { nodes: 0, vcpu: 1.0, memory_gb: memory.value, storage_gb: 0.0 };
        let by_use = "paid by use: the platform starts an instance of one vCPU for each request under way";
        capacity(&pool, format!("{basis}; {by_use}; {}", memory.text()))
    } else {
        capacity(pool, basis.to_owned())
    };
    if let Some(fact) = per_vcpu.filter(|f| pool.nodes > 0 && f.value > 0.0) {
        let wanted = (fact.value * capacity.vcpu).ceil().clamp(1.0, 1e6);
        capacity.concurrency = Some(wanted as u32);
    }
    capacity
}

/// Machines that only pass on what they get: each large enough that the others carry the load without it.
fn relays(scope: &Scope, nodes: u32, work_ms_per_s: f64) -> (Pool, String) {
    let target = scope.catalog.lexicon.plan("target-utilisation");
    let target = if target > 0.0 { target.min(0.95) } else { TARGET_UTILISATION };
    let others = f64::from(nodes.max(2) - 1);
    let needed = super::rates::sane(work_ms_per_s) / 1e3 / target / others;
    let vcpu = RELAY_SIZES.into_iter().find(|size| *size >= needed).unwrap_or_else(|| needed.ceil());
    let basis = format!(
        "{nodes} by the plan; {} vCPU each keep the others at {} busy when one is away (planning assumption)",
        format_number(vcpu),
        format_quantity(target, loadcase_model::Unit::Share)
    );
    (Pool { nodes, vcpu, memory_gb: vcpu, storage_gb: 0.0 }, basis)
}

/// Busy share to plan for where the catalog has none.
const TARGET_UTILISATION: f64 = 0.6;
/// Sizes such machines come in, vCPU.
const RELAY_SIZES: [f64; 8] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 96.0];

fn capacity(pool: &Pool, basis: String) -> Capacity {
    let sane = |value| super::rates::tidy(super::rates::sane(value));
    Capacity {
        replicas: pool.nodes,
        vcpu: sane(pool.vcpu),
        memory_gb: sane(pool.memory_gb),
        storage_gb: sane(pool.storage_gb),
        standbys: 0,
        read_replicas: 0,
        concurrency: None,
        basis,
    }
}

/// The pool of the plan in nodes small enough that each of several services gets three, one for each zone; two
/// where nodes cannot be any smaller. A plan of one node stays one.
fn divided(mut pool: Pool, services: usize) -> Pool {
    let services = services as u32;
    if services < 2 || pool.nodes < 2 {
        return pool;
    }
    while pool.nodes < 3 * services && pool.vcpu >= 2.0 {
        pool = Pool {
            nodes: pool.nodes.saturating_mul(2),
            vcpu: pool.vcpu / 2.0,
            memory_gb: pool.memory_gb / 2.0,
            ..pool
        };
    }
    Pool { nodes: pool.nodes.max(2 * services), ..pool }
}

/// Shares `nodes` out: one for each, two where there are enough for all, and every further one to whoever
/// has most work for each node.
fn shared_out(nodes: u32, needs: &[f64]) -> Vec<u32> {
    let count = needs.len().max(1) as u32;
    if nodes == 0 {
        return vec![0; needs.len()];
    }
    let each = if nodes >= 2 * count { 2 } else { 1 };
    let mut shares = vec![each; needs.len()];
    for _ in each * count..nodes {
        let burden = |i: usize| needs[i] / f64::from(shares[i]);
        let most = (0..needs.len()).max_by(|&a, &b| burden(a).total_cmp(&burden(b)).then(b.cmp(&a)));
        if let Some(most) = most {
            shares[most] += 1;
        }
    }
    shares
}

/// Pooler, stores, cache, broker, search and analytics.
fn data(scope: &Scope, work: &BTreeMap<Id, f64>, out: &mut IndexMap<Id, Component>) {
    let (parts, sizing) = (&scope.parts, scope.sizing);
    if let Some(id) = &parts.pooler {
        let (pool, basis) = relays(scope, sizing.poolers, work.get(id).copied().unwrap_or(0.0));
        let blank = Blank {
            name: "Connection pooler",
            kind: ComponentKind::Pooler,
            role: "pooler",
            zone: "application",
            managed: false,
            capacity: Some(capacity(&pool, basis)),
        };
        out.insert(id.clone(), blank.component(scope));
    }
    for (id, component) in stores(scope, work) {
        out.insert(id, component);
    }
    let mut add = |id: Option<&Id>, name: &str, kind: ComponentKind, role: &str, pool: &Pool| {
        if let Some(id) = id {
            let basis = format!("sized by the plan for the peak {}", scope.horizon.label());
            let capacity = (pool.nodes > 0).then(|| capacity(pool, basis));
            let managed = scope.managed(role);
            out.insert(
                id.clone(),
                Blank { name, kind, role, zone: "data", managed, capacity }.component(scope),
            );
        }
    };
    add(parts.cache.as_ref(), "Cache", ComponentKind::Cache, "cache", &sizing.cache);
    let broker = match &parts.queue {
        Queue::Part(id) if parts.cache.as_ref() != Some(id) => Some(id),
        _ => None,
    };
    add(broker, "Queue", ComponentKind::Broker, "broker", &sizing.broker);
    add(parts.search.as_ref(), "Search index", ComponentKind::Search, "search", &sizing.search);
    add(
        parts.analytics.as_ref(),
        "Analytical store",
        ComponentKind::Analytics,
        "analytics",
        &sizing.analytics,
    );
}

fn stores(scope: &Scope, work: &BTreeMap<Id, f64>) -> Vec<(Id, Component)> {
    let ids = &scope.parts.stores;
    let needs: Vec<f64> = ids.iter().map(|id| work.get(id).copied().unwrap_or(0.0)).collect();
    let shares = shared_out(scope.sizing.store.primaries, &needs);
    let owner = |id: &Id| {
        let holds = |s: &&Service| s.modules.iter().any(|m| scope.store_of(Some(m)).as_ref() == Some(id));
        scope.services.iter().find(holds).filter(|_| ids.len() > 1)
    };
    let made = ids.iter().zip(shares).map(|(id, primaries)| {
        let name = owner(id).map_or_else(|| "Primary store".to_owned(), |s| format!("Store of: {}", s.name));
        let blank = Blank {
            name: &name,
            kind: ComponentKind::Store,
            role: "store",
            zone: "data",
            managed: scope.managed("store"),
            capacity: Some(store_capacity(scope, primaries)),
        };
        (id.clone(), blank.component(scope))
    });
    made.collect()
}

fn store_capacity(scope: &Scope, primaries: u32) -> Capacity {
    let (layout, load) = (&scope.sizing.store, scope.load);
    let data = format_quantity(load.data_gb, loadcase_model::Unit::Gigabytes);
    let carried = format!(
        "sized by the plan for {} reads/s, {} rows written/s and {data} at peak {}",
        format_number(load.reads_per_s),
        format_number(load.rows_written_per_s),
        scope.horizon.label()
    );
    if primaries == 0 {
        let pool = Pool { storage_gb: load.data_gb, ..Pool::default() };
        return capacity(&pool, format!("{carried}; paid by use: the provider brings the machines"));
    }
    let mut basis = format!("{carried}: {primaries} to take writes");
    if scope.parts.stores.len() > 1 {
        basis.push_str(&format!(" of {} in all, shared out by processor work", layout.primaries));
    }
    if layout.logical_shards > 0 {
        basis.push_str(&format!(", {} logical shards over them", layout.logical_shards));
    }
    if layout.standbys > 0 || layout.read_replicas > 0 {
        basis.push_str(&format!(
            "; each with {} to stand by and {} for reads",
            layout.standbys, layout.read_replicas
        ));
    }
    if layout.read_replicas > 0 {
        let share = format_quantity(layout.replica_read_share, loadcase_model::Unit::Share);
        basis.push_str(&format!(" that answer {share} of the reads"));
    }
    if layout.working_set_gb > 0.0 {
        let plan = |id: &str| scope.catalog.lexicon.plan(id);
        basis.push_str(&format!(
            "; {} of it are in use at a time (rows of the last {} days that are read, {} of what is counted, {} of all bytes for the inner pages of indexes: planning assumptions)",
            format_quantity(layout.working_set_gb, loadcase_model::Unit::Gigabytes),
            format_number(plan("hot-days")),
            format_quantity(plan("working-set-share"), loadcase_model::Unit::Share),
            format_quantity(plan("inner-pages-share"), loadcase_model::Unit::Share)
        ));
    }
    let pool = Pool { nodes: primaries, ..layout.node };
    Capacity { standbys: layout.standbys, read_replicas: layout.read_replicas, ..capacity(&pool, basis) }
}

/// Files, sign-in, observability, and systems of others.
fn around(scope: &Scope, out: &mut IndexMap<Id, Component>) {
    let parts = &scope.parts;
    let add = |out: &mut IndexMap<Id, Component>,
               id: Option<&Id>,
               name: &str,
               kind: ComponentKind,
               role: &str,
               zone: &str,
               managed: bool| {
        if let Some(id) = id {
            out.insert(
                id.clone(),
                Blank { name, kind, role, zone, managed, capacity: None }.component(scope),
            );
        }
    };
    let zone = |managed: bool| if managed { "internet" } else { "application" };
    let files = scope.managed("object-store");
    add(out, parts.object_store.as_ref(), "Files", ComponentKind::ObjectStore, "object-store", "data", files);
    let signs_in = scope.managed("identity");
    add(
        out,
        parts.identity.as_ref(),
        "Identity",
        ComponentKind::Identity,
        "identity",
        zone(signs_in),
        signs_in,
    );
    if let Some(identity) = parts.identity.as_ref().filter(|_| !signs_in).and_then(|id| out.get_mut(id)) {
        identity.capacity = Some(own_identity(scope));
    }
    let watched = scope.managed("observability");
    add(
        out,
        parts.observability.as_ref(),
        "Observability",
        ComponentKind::External,
        "observability",
        zone(watched),
        watched,
    );
    for (call, id) in &parts.externals {
        add(out, Some(id), &title(call), ComponentKind::External, "external", "internet", true);
    }
}

/// The copies of an identity product that the team runs itself. It signs people in, and its keys are held by whoever
/// checks tokens: the smallest machines carry it, and one of them may fail.
fn own_identity(scope: &Scope) -> Capacity {
    let nodes = if scope.sizing.app.nodes > 1 {
        scope.technology("identity").and_then(|t| t.fact("min-nodes")).map_or(2.0, |f| f.value)
    } else {
        1.0
    };
    let pool = Pool { nodes: nodes.clamp(1.0, 9.0) as u32, vcpu: 1.0, memory_gb: 2.0, storage_gb: 0.0 };
    let basis = "planning assumption: the smallest machines that it starts on, and one more where copies may fail; its \
                 tables lie in a database of their own beside the primary store";
    capacity(&pool, basis.to_owned())
}

/// An identifier as a name: `payment-provider` becomes `Payment provider`.
fn title(id: &Id) -> String {
    let words = id.as_str().replace(['-', '_', '.'], " ");
    let mut chars = words.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
