//! Who talks to whom, for how long, and what may be tried again.

use std::collections::BTreeMap;

use indexmap::{IndexMap, IndexSet};
use loadcase_model::{AccessKind, Flow, FlowStyle, Id, Operation, OperationKind, StepMode, stored};

use super::scope::{Queue, Scope};
use super::services::Service;
use super::statements;

/// How long each caller waits, ms: shorter the further inside, so that nobody is given up on by a caller who
/// has already gone. Planning assumptions.
mod timeout {
    pub(super) const CLIENT: f64 = 15_000.0;
    pub(super) const EDGE: f64 = 14_000.0;
    pub(super) const GATEWAY: f64 = 12_000.0;
    /// The first call between services, the part that remains at each further one, and the least.
    pub(super) const SERVICE: f64 = 10_000.0;
    pub(super) const SERVICE_FURTHER: f64 = 0.85;
    pub(super) const SERVICE_LEAST: f64 = 7_000.0;
    pub(super) const EXTERNAL: f64 = 6_000.0;
    pub(super) const FILES: f64 = 5_000.0;
    pub(super) const SEARCH: f64 = 3_000.0;
    pub(super) const POOLER: f64 = 2_800.0;
    pub(super) const STORE: f64 = 2_500.0;
    pub(super) const QUEUE: f64 = 2_000.0;
    pub(super) const IDENTITY: f64 = 2_000.0;
    pub(super) const CACHE: f64 = 250.0;
    /// A file goes straight between client and store.
    pub(super) const TRANSFER: f64 = 60_000.0;
}

const BASIS: &str = "planning assumption: each caller waits longer than the one it calls";
const RETRIED: &str = "planning assumption: each caller waits longer than the one it calls; tried again here and nowhere further in, where repeating does no harm";
const NOT_RETRIED: &str = "planning assumption: each caller waits longer than the one it calls; not tried again here, because whoever began the path does: the client, or the queue of the job";
const NEVER_RETRIED: &str = "planning assumption: each caller waits longer than the one it calls; not tried again, because repeating could do harm";

/// Retries of who begins a path: three tries in all.
///
/// Source: Google, Site Reliability Engineering (2016), chapter 21: up to three attempts for each request.
const RETRIES: u32 = 2;

/// Every connection of the blueprint, from the outside in.
pub(super) fn flows(scope: &Scope, operations: &IndexMap<Id, Operation>) -> Vec<Flow> {
    let mut flows = outside(scope);
    flows.extend(entry(scope));
    let calls = calls(scope, operations);
    flows.extend(between_services(scope, &calls));
    flows.extend(calls.iter().filter_map(|((from, to), ids)| inside(scope, operations, from, to, ids)));
    flows.extend(delivery(scope));
    flows.extend(otherwise_unused(scope, &flows));
    let signers = signers(scope, &flows);
    flows.extend(signers);
    flows.extend(to_files(scope));
    flows.extend(watching(scope));
    flows
}

fn flow(from: &Id, to: &Id, style: FlowStyle, protocol: &str, purpose: &str) -> Flow {
    Flow {
        from: from.clone(),
        to: to.clone(),
        style,
        protocol: protocol.to_owned(),
        purpose: purpose.to_owned(),
        timeout_ms: None,
        retries: None,
        encrypted: Some(true),
        guard: None,
        basis: String::new(),
        evidence: Vec::new(),
    }
}

fn sync(from: &Id, to: &Id, protocol: &str, purpose: &str, timeout_ms: f64, retries: u32) -> Flow {
    let basis = if retries > 0 { RETRIED } else { NOT_RETRIED };
    Flow {
        timeout_ms: Some(timeout_ms),
        retries: Some(retries),
        basis: basis.to_owned(),
        ..flow(from, to, FlowStyle::Sync, protocol, purpose)
    }
}

/// The components requests pass before the services, the outermost first.
fn chain<'s>(scope: &'s Scope) -> Vec<&'s Id> {
    let parts = &scope.parts;
    [&parts.client, &parts.edge, &parts.gateway].into_iter().flatten().collect()
}

/// People use the clients; other systems call the entry themselves.
fn outside(scope: &Scope) -> Vec<Flow> {
    let chain = chain(scope);
    let client = chain[0];
    let first = chain.get(1).copied().unwrap_or(&scope.services[0].id);
    let actors = scope.domain.actors.iter().map(|(id, actor)| {
        let machine = ["key", "webhook", "credential", "certificate"];
        let proof = actor.authenticates_by.as_ref().map_or("", Id::as_str);
        let is_person = !machine.iter().any(|word| proof.contains(word));
        if is_person {
            return Flow { encrypted: None, ..flow(id, client, FlowStyle::Sync, "user interface", "uses") };
        }
        // What a machine sends again has to be the same request; whoever only changes things keeps it at one.
        let own = |o: &&loadcase_catalog::DomainOperation| o.roles.contains(id);
        let repeats = scope.operations.values().filter(own).any(|o| o.idempotent);
        let calls =
            sync(id, first, "https", "calls the API", timeout::CLIENT, if repeats { RETRIES } else { 0 });
        if repeats { calls } else { Flow { basis: NEVER_RETRIED.to_owned(), ..calls } }
    });
    actors.collect()
}

/// From the clients to the services.
fn entry(scope: &Scope) -> Vec<Flow> {
    let chain = chain(scope);
    let waits = |id: &Id| match Some(id) {
        id if id == scope.parts.client.as_ref() => timeout::CLIENT,
        id if id == scope.parts.edge.as_ref() => timeout::EDGE,
        _ => timeout::GATEWAY,
    };
    // The outermost of a path tries again, and nobody further in: tries would multiply.
    let retries = |id: &Id| if id == chain[0] { RETRIES } else { 0 };
    let asks = |from: &Id, to: &Id| sync(from, to, "https", "requests", waits(from), retries(from));
    let mut flows: Vec<Flow> = chain.windows(2).map(|pair| asks(pair[0], pair[1])).collect();
    let last = chain[chain.len() - 1];
    for service in scope.services.iter().filter(|s| answers(scope, &s.modules)) {
        flows.push(asks(last, &service.id));
    }
    flows
}

/// Whether something outside asks for an operation of these modules.
fn answers(scope: &Scope, modules: &[Id]) -> bool {
    scope.services.len() == 1
        || scope.operations.values().any(|o| modules.contains(&o.module) && !Scope::in_background(o.kind))
}

/// Callers and called with the operations in which they meet. Who asks a store is the process that owns the
/// entity; everything else is asked by the process of the operation.
type Calls = BTreeMap<(Id, Id), Vec<Id>>;

fn calls(scope: &Scope, operations: &IndexMap<Id, Operation>) -> Calls {
    let mut calls = Calls::new();
    let mut meet = |from: &Id, to: &Id, operation: &Id| {
        let ids = calls.entry((from.clone(), to.clone())).or_default();
        if ids.last() != Some(operation) {
            ids.push(operation.clone());
        }
    };
    let front = [&scope.parts.edge, &scope.parts.gateway, &scope.parts.pooler];
    for (id, operation) in operations {
        let Some(module) = &operation.module else { continue };
        let own = scope.service_of(module);
        let background = Scope::in_background(operation.kind);
        let main = scope.parts.worker.as_ref().filter(|_| background).unwrap_or(&own.id);
        for step in &operation.steps {
            let to = &step.component;
            let skip = to == main || front.contains(&&Some(to.clone())) || scope.parts.stores.contains(to);
            let handed_over = Some(to) == scope.parts.worker.as_ref();
            let taken = background && is_queue(scope, to) && step.mode == StepMode::Sync;
            if !skip && !handed_over && !taken {
                meet(main, to, id);
            }
        }
        for access in &operation.accesses {
            let Some(store) = scope.store_of_entity(&access.entity) else { continue };
            if statements::place(scope, id, access) != statements::Place::Store {
                continue;
            }
            let owner = scope.domain.entities.get(&access.entity).and_then(|e| e.module.as_ref());
            let owner = owner.map_or(own, |m| scope.service_of(m));
            let from = if owner.id == own.id { main } else { &owner.id };
            match &scope.parts.pooler {
                Some(pooler) => {
                    meet(from, pooler, id);
                    meet(pooler, &store, id);
                }
                None => meet(from, &store, id),
            }
        }
    }
    calls
}

fn is_queue(scope: &Scope, id: &Id) -> bool {
    scope.parts.queue == Queue::Part(id.clone())
}

fn is_service(scope: &Scope, id: &Id) -> bool {
    scope.services.iter().any(|s| s.id == *id)
}

/// Calls from service to service: those of operations, and those of modules that use each other.
fn between_services(scope: &Scope, calls: &Calls) -> Vec<Flow> {
    let mut pairs: IndexSet<(Id, Id)> = IndexSet::new();
    for (from, to) in calls.keys().filter(|(_, to)| is_service(scope, to)) {
        pairs.insert((from.clone(), to.clone()));
    }
    for (id, module) in &scope.domain.modules {
        for used in &module.uses {
            let (from, to) = (&scope.service_of(id).id, &scope.service_of(used).id);
            if from != to {
                pairs.insert((from.clone(), to.clone()));
            }
        }
    }
    let depths = depths(scope, &pairs);
    let made = pairs.iter().map(|(from, to)| {
        // A worker stands before all services, like the gateway.
        let wait = depths.get(from).map_or(timeout::GATEWAY, |depth| {
            let wait = timeout::SERVICE * timeout::SERVICE_FURTHER.powi(*depth);
            ((wait / 100.0).round() * 100.0).max(timeout::SERVICE_LEAST)
        });
        sync(from, to, "https", "asks the service that owns the data", wait, 0)
    });
    made.collect()
}

/// How many services may stand before each one in a chain of calls. Calls that close a circle are left out,
/// in the order of the services.
fn depths(scope: &Scope, pairs: &IndexSet<(Id, Id)>) -> BTreeMap<Id, i32> {
    let position = |id: &Id| scope.services.iter().position(|s| s.id == *id);
    let count = scope.services.len();
    let mut reaches = vec![vec![false; count]; count];
    let mut edges = Vec::new();
    for (from, to) in pairs {
        let (Some(from), Some(to)) = (position(from), position(to)) else { continue };
        if from == to || reaches[to][from] {
            continue;
        }
        edges.push((from, to));
        let mut ahead = reaches[to].clone();
        ahead[to] = true;
        for (before, reached) in reaches.iter_mut().enumerate() {
            if before == from || reached[from] {
                reached.iter_mut().zip(&ahead).for_each(|(old, new)| *old |= new);
            }
        }
    }
    let mut depth = vec![0_i32; count];
    for _ in 0..count {
        for &(from, to) in &edges {
            depth[to] = depth[to].max(depth[from] + 1);
        }
    }
    scope.services.iter().map(|s| s.id.clone()).zip(depth).collect()
}

/// A call from a process to something that is no service.
fn inside(
    scope: &Scope,
    operations: &IndexMap<Id, Operation>,
    from: &Id,
    to: &Id,
    ids: &[Id],
) -> Option<Flow> {
    if is_service(scope, to) {
        return None;
    }
    let parts = &scope.parts;
    let is = |part: &Option<Id>| part.as_ref() == Some(to);
    Some(match () {
        () if parts.stores.contains(to) => to_store(scope, from, to),
        () if is(&parts.pooler) => sync(from, to, store_protocol(scope), "statements", timeout::POOLER, 0),
        () if is_queue(scope, to) && !is(&parts.cache) => publish(scope, from, to, ids),
        () if is(&parts.cache) => sync(from, to, "key-value", cache_purpose(scope), timeout::CACHE, 0),
        () if is(&parts.search) => {
            sync(from, to, "https", "searches and keeps the index", timeout::SEARCH, 0)
        }
        () if is(&parts.analytics) => {
            sync(from, to, "sql", "adds events and sums them up", timeout::SEARCH, 0)
        }
        () if is(&parts.object_store) => sync(from, to, "https", "reads and writes files", timeout::FILES, 0),
        () => {
            let what = called_for(operations, ids);
            sync(from, to, "https", &what, timeout::EXTERNAL, 0)
        }
    })
}

fn cache_purpose(scope: &Scope) -> &'static str {
    match &scope.parts.queue {
        Queue::Part(id) if scope.parts.cache.as_ref() == Some(id) => "cached answers; jobs in a queue",
        _ => "cached answers",
    }
}

/// The operations in which a system of others is called, by name.
fn called_for(operations: &IndexMap<Id, Operation>, ids: &[Id]) -> String {
    let mut names: Vec<&str> =
        ids.iter().filter_map(|id| operations.get(id)).map(|o| o.name.as_str()).collect();
    let further = names.len().saturating_sub(3);
    names.truncate(3);
    let list = names.join("; ");
    if further > 0 { format!("{list}; and {further} more") } else { list }
}

/// The store inside the process is called, not connected to.
fn to_store(scope: &Scope, from: &Id, to: &Id) -> Flow {
    if scope.has("store", "embedded") {
        let call = flow(from, to, FlowStyle::Sync, "in-process", "reads and writes records");
        return Flow { encrypted: None, ..call };
    }
    sync(from, to, store_protocol(scope), "reads and writes records", timeout::STORE, 0)
}

/// What is spoken with the store, as its traits say.
fn store_protocol(scope: &Scope) -> &'static str {
    let remote = scope.has("store", "managed-only");
    let known = [
        ("sql", "sql"),
        ("relational", "sql"),
        ("wide-column", "wide-column"),
        ("document", "document"),
        ("key-value", "key-value"),
    ];
    let protocol =
        known.iter().find(|(name, _)| scope.has("store", name)).map_or("database protocol", |(_, p)| *p);
    if remote && protocol != "sql" { "https" } else { protocol }
}

/// Jobs and events are handed over; the consumers of idempotent jobs bear a message twice.
fn publish(scope: &Scope, from: &Id, to: &Id, ids: &[Id]) -> Flow {
    let started = ids.iter().filter_map(|id| scope.operations.get(id)).flat_map(|o| &o.follows);
    let harmless = started.filter_map(|f| scope.operations.get(&f.job)).all(|job| job.idempotent);
    let protocol = queue_protocol(scope);
    let retries = if harmless { 3 } else { 0 };
    let handed = flow(from, to, FlowStyle::Async, protocol, "hands over jobs and events");
    let basis = if harmless { RETRIED } else { NEVER_RETRIED };
    Flow { timeout_ms: Some(timeout::QUEUE), retries: Some(retries), basis: basis.to_owned(), ..handed }
}

fn queue_protocol(scope: &Scope) -> &'static str {
    match () {
        () if scope.has("broker", "managed-only") => "https",
        () if scope.has("broker", "replay") => "log",
        () => "queue",
    }
}

/// From where jobs wait to whoever does them.
fn delivery(scope: &Scope) -> Vec<Flow> {
    let jobs: Vec<_> = scope.operations.values().filter(|o| o.kind == OperationKind::Job).collect();
    if jobs.is_empty() {
        return Vec::new();
    }
    let Queue::Part(queue) = &scope.parts.queue else { return Vec::new() };
    let mut takers: Vec<&Id> = Vec::new();
    for job in &jobs {
        let taker = scope.parts.worker.as_ref().unwrap_or(&scope.service_of(&job.module).id);
        if !takers.contains(&taker) {
            takers.push(taker);
        }
    }
    let harmless = jobs.iter().all(|job| job.idempotent);
    let basis = if harmless {
        "planning assumption: five attempts, then the message is put aside"
    } else {
        "planning assumption: no second delivery without a look, because some jobs do harm when repeated"
    };
    let deliver = |taker: &&Id| Flow {
        retries: Some(if harmless { 4 } else { 0 }),
        basis: basis.to_owned(),
        ..flow(queue, taker, FlowStyle::Async, queue_protocol(scope), "delivers jobs")
    };
    takers.iter().map(deliver).collect()
}

/// Parts that no operation of the domain names: the plan has them for what the domain's operations leave out.
fn otherwise_unused(scope: &Scope, flows: &[Flow]) -> Vec<Flow> {
    let parts = &scope.parts;
    let service = &scope.services[0].id;
    let background = parts.worker.as_ref().unwrap_or(service);
    let uses = [
        (&parts.cache, service, FlowStyle::Sync, "key-value", "cached answers"),
        (&parts.search, service, FlowStyle::Sync, "https", "searches"),
        (&parts.analytics, background, FlowStyle::Async, "sql", "copies changes for reports"),
    ];
    let used = |id: &Id| flows.iter().any(|f| f.from == *id || f.to == *id);
    let mut added = Vec::new();
    for (part, from, style, protocol, purpose) in uses {
        if let Some(id) = part.as_ref().filter(|id| !used(id)) {
            let wait = if part == &parts.cache { timeout::CACHE } else { timeout::SEARCH };
            added.push(Flow { style, ..sync(from, id, protocol, purpose, wait, 0) });
        }
    }
    if let Queue::Part(id) = &parts.queue
        && !used(id)
    {
        let purpose = "hands over jobs and events";
        added.push(Flow {
            style: FlowStyle::Async,
            ..sync(service, id, queue_protocol(scope), purpose, timeout::QUEUE, 0)
        });
    }
    added
}

/// Whoever answers with a link to a file signs it, and a link has the rights of its signer.
fn signers(scope: &Scope, flows: &[Flow]) -> Vec<Flow> {
    let Some(files) = &scope.parts.object_store else { return Vec::new() };
    let signs = |service: &Service| {
        let own = scope.operations.values().filter(|o| service.modules.contains(&o.module));
        let asked = own.filter(|o| !Scope::in_background(o.kind));
        let is_file = |id: &Id| scope.domain.entities.get(id).is_some_and(stored::is_of_files);
        asked.flat_map(|o| &o.accesses).any(|a| a.kind != AccessKind::Delete && is_file(&a.entity))
    };
    let reaches = |id: &Id| flows.iter().any(|f| f.from == *id && f.to == *files);
    let found = scope.services.iter().filter(|s| signs(s) && !reaches(&s.id));
    let purpose = "signs the links that clients upload and download by";
    found.map(|s| sync(&s.id, files, "https", purpose, timeout::FILES, 0)).collect()
}

/// Clients bring and fetch files past the application.
fn to_files(scope: &Scope) -> Vec<Flow> {
    let parts = &scope.parts;
    let mut flows = Vec::new();
    if let (Some(client), Some(files)) = (&parts.client, &parts.object_store) {
        flows.push(sync(
            client,
            files,
            "https",
            "uploads and downloads by signed links",
            timeout::TRANSFER,
            RETRIES,
        ));
        if let Some(edge) = &parts.edge {
            flows.push(sync(edge, files, "https", "fetches files it does not hold yet", timeout::FILES, 0));
        }
    }
    flows
}

/// Sign-in and observability.
fn watching(scope: &Scope) -> Vec<Flow> {
    let parts = &scope.parts;
    let mut flows = Vec::new();
    if let (Some(client), Some(identity)) = (&parts.client, &parts.identity) {
        flows.push(sync(client, identity, "https", "signs in", timeout::CLIENT, RETRIES));
        let checks =
            parts.gateway.as_ref().filter(|_| scope.services.len() > 1).unwrap_or(&scope.services[0].id);
        flows.push(sync(
            checks,
            identity,
            "https",
            "fetches the keys that tokens are checked with",
            timeout::IDENTITY,
            0,
        ));
    }
    if let Some(seen) = &parts.observability {
        let watched = scope.services.iter().map(|s| &s.id).chain(&parts.worker);
        flows.extend(watched.map(|id| Flow {
            basis: BASIS.to_owned(),
            ..flow(id, seen, FlowStyle::Async, "otlp", "metrics, logs and traces")
        }));
    }
    flows
}
