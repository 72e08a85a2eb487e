//! What a visit costs at each kind of component: facts of the technologies, and the work of the processes.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use loadcase_catalog::DomainOperation;
use loadcase_forecast::blueprint::Known;
use loadcase_model::{AccessKind, ComponentKind, Id, OperationKind, format_number};

use super::rates::sane;
use super::scope::Scope;
use super::statements::{self, Measure, Place};
use super::steps::kind_of;

/// Service demands of the plan's technologies, and the unit in which operations' efforts are counted.
pub(super) struct Demand {
    pub(super) edge_wait: Known,
    pub(super) gateway_cpu: Known,
    pub(super) round_trip: Known,
    pub(super) work_scv: Known,
    pub(super) read_cpu: Known,
    pub(super) write_cpu: Known,
    pub(super) read_wait: Known,
    pub(super) write_wait: Known,
    pub(super) store_scv: Known,
    pub(super) cache_cpu: Known,
    pub(super) cache_wait: Known,
    pub(super) queue_cpu: Known,
    pub(super) queue_wait: Known,
    pub(super) pooler_cpu: Known,
    pub(super) pooler_wait: Known,
    pub(super) object_wait: Known,
    /// Whether the primary store runs inside the process.
    pub(super) store_inside: bool,
    /// The domain's statements compared with the load's.
    pub(super) measure: Measure,
    /// Share of an uncritical operation's reads that replicas answer.
    pub(super) replica_share: f64,
    /// Entities the search index holds.
    pub(super) searched: BTreeSet<Id>,
    /// Processor time of a request of ordinary effort, ms.
    ordinary_ms: f64,
    /// Processor time of a job of ordinary effort, ms.
    ordinary_job_ms: f64,
    /// Processor time of the mean request, ms.
    mean_ms: f64,
    /// The same without calls between services, ms.
    own_ms: f64,
    job_effort: f64,
    event_effort: f64,
    hop_share: f64,
}

impl Demand {
    pub(super) fn new(
        scope: &Scope,
        measure: Measure,
        edge_hits: &IndexMap<Id, f64>,
        cache_hits: &IndexMap<Id, f64>,
    ) -> Self {
        use ComponentKind as Kind;
        let plan = |id: &str| scope.catalog.lexicon.plan(id);
        let store = |name: &str| scope.known("store", Kind::Store, name);
        let mean_ms = sane(scope.load.app_cpu_ms);
        let hop_share = if plan("hop-cpu-share") > 0.0 { plan("hop-cpu-share") } else { 0.2 };
        // The mean request's time includes its calls between services.
        let own_ms = mean_ms / (1.0 + hop_share * mean_hops(scope, edge_hits));
        let job_effort = if plan("job-effort") > 0.0 { plan("job-effort") } else { 1.0 };
        Self {
            edge_wait: scope.known("edge", Kind::Edge, "wait-ms-op"),
            gateway_cpu: scope.known("gateway", Kind::Gateway, "cpu-ms-op"),
            round_trip: scope.known("compute", Kind::Gateway, "round-trip-ms"),
            work_scv: scope.known("framework", Kind::Service, "scv"),
            read_cpu: store("cpu-ms-read"),
            write_cpu: store("cpu-ms-write"),
            read_wait: store("wait-ms-read"),
            write_wait: store("wait-ms-write"),
            store_scv: store("scv"),
            cache_cpu: scope.known("cache", Kind::Cache, "cpu-ms-op"),
            cache_wait: scope.known("cache", Kind::Cache, "wait-ms-op"),
            queue_cpu: scope.known("broker", Kind::Broker, "cpu-ms-op"),
            queue_wait: scope.known("broker", Kind::Broker, "wait-ms-op"),
            pooler_cpu: scope.known("pooler", Kind::Pooler, "cpu-ms-op"),
            pooler_wait: scope.known("pooler", Kind::Pooler, "wait-ms-op"),
            object_wait: scope.known("object-store", Kind::ObjectStore, "wait-ms-op"),
            store_inside: scope.has("store", "embedded"),
            measure,
            replica_share: replica_share(scope, &measure, edge_hits, cache_hits),
            searched: searched(scope),
            ordinary_ms: own_ms / mean_effort(scope, edge_hits),
            ordinary_job_ms: mean_ms * job_effort / efforts_per_job(scope),
            mean_ms,
            own_ms,
            job_effort,
            event_effort: if plan("event-effort") > 0.0 { plan("event-effort") } else { 0.1 },
            hop_share,
        }
    }

    /// Processor time of an operation in the process that does it, and where that comes from.
    pub(super) fn work(
        &self,
        scope: &Scope,
        id: &Id,
        operation: &DomainOperation,
        background: bool,
    ) -> (f64, String) {
        let mean = format_number(self.mean_ms);
        if scope.is_intake(id) {
            let events = scope.events_per_call();
            let each = if events > 1.0 {
                format!(", for each of the {} events that a call brings", format_number(events))
            } else {
                String::new()
            };
            let together = self.mean_ms * self.event_effort * events;
            let alone = operation.effort.factor() * self.ordinary_ms;
            if scope.plan.events_per_call == Some(1.0) && alone > together {
                let basis = format!(
                    "effort {} x {} ms: each event comes by a call of its own",
                    operation.effort.factor(),
                    format_number(self.ordinary_ms)
                );
                return (alone, basis);
            }
            let basis = format!(
                "{} of the mean request's {mean} ms (event-effort, planning assumption){each}",
                self.event_effort
            );
            return (together, basis);
        }
        let factor = operation.effort.factor();
        if background {
            let basis = format!(
                "effort {factor} x {} ms, so that each of the load's jobs takes {} of the mean request's {mean} ms (job-effort, planning assumption)",
                format_number(self.ordinary_job_ms),
                self.job_effort
            );
            return (factor * self.ordinary_job_ms, basis);
        }
        let calls = if self.own_ms < self.mean_ms { " with its calls between services" } else { "" };
        let basis = format!(
            "effort {factor} x {} ms, so that the mean request that reaches the application takes {mean} ms{calls}, computed from the load",
            format_number(self.ordinary_ms)
        );
        (factor * self.ordinary_ms, basis)
    }

    /// Processor time of a call from one service to another, and where that comes from.
    pub(super) fn hop(&self) -> (f64, String) {
        let basis = format!(
            "call between services: {} of the mean request's {} ms without such calls (hop-cpu-share, planning assumption); {}",
            self.hop_share,
            format_number(self.own_ms),
            self.round_trip.text()
        );
        (self.own_ms * self.hop_share, basis)
    }

    /// Processor time, wait and variability of a query of the search index or the analytical store.
    pub(super) fn beside(&self, scope: &Scope, place: Place, what: &str) -> (Known, Known, Known) {
        let role = match place {
            Place::Store => "store",
            Place::Search => "search",
            Place::Analytics => "analytics",
        };
        let known = |name: &str| scope.known(role, kind_of(place), name);
        (known(&format!("cpu-ms-{what}")), known(&format!("wait-ms-{what}")), known("scv"))
    }
}

/// The mean effort of requests, each operation counted as often as it reaches the application; at least a
/// hundredth, so that nothing is divided by zero.
fn mean_effort(scope: &Scope, edge_hits: &IndexMap<Id, f64>) -> f64 {
    let (mut efforts, mut count) = (0.0, 0.0);
    for (id, operation) in &scope.operations {
        if !Scope::in_background(operation.kind) && !scope.is_intake(id) {
            let rate = scope.rate(id) * (1.0 - edge_hits.get(id).copied().unwrap_or(0.0));
            efforts += rate * operation.effort.factor();
            count += rate;
        }
    }
    if count > 0.0 { (efforts / count).max(0.01) } else { 1.0 }
}

/// Effort of the domain's jobs for each job that the load counts. Where jobs start further jobs the load may
/// count fewer than there are; the work stays that of the load.
fn efforts_per_job(scope: &Scope) -> f64 {
    let jobs = || scope.operations.iter().filter(|(_, o)| o.kind == OperationKind::Job);
    let efforts: f64 = jobs().map(|(id, o)| scope.rate(id) * o.effort.factor()).sum();
    let found: f64 = jobs().map(|(id, _)| scope.rate(id)).sum();
    let counted = sane(scope.load.jobs_per_s);
    let count = if counted > 0.0 { counted } else { found };
    if count > 0.0 { (efforts / count).max(0.01) } else { 1.0 }
}

/// Calls between services that the mean request which reaches the application makes.
fn mean_hops(scope: &Scope, edge_hits: &IndexMap<Id, f64>) -> f64 {
    let (mut hops, mut count) = (0.0, 0.0);
    for (id, operation) in &scope.operations {
        if !Scope::in_background(operation.kind) && !scope.is_intake(id) {
            let rate = scope.rate(id) * (1.0 - edge_hits.get(id).copied().unwrap_or(0.0));
            hops += rate * scope.called_services(operation).len() as f64;
            count += rate;
        }
    }
    if count > 0.0 { hops / count } else { 0.0 }
}

/// Replicas answer the layout's share of all reads; those of critical operations stay with the primary, so
/// the others send them a larger one.
fn replica_share(
    scope: &Scope,
    measure: &Measure,
    edge_hits: &IndexMap<Id, f64>,
    cache_hits: &IndexMap<Id, f64>,
) -> f64 {
    let layout = &scope.sizing.store;
    if layout.read_replicas == 0 || layout.replica_read_share.is_nan() || layout.replica_read_share <= 0.0 {
        return 0.0;
    }
    let (mut all, mut critical) = (0.0, 0.0);
    for (id, operation) in &scope.operations {
        let pass = |hits: &IndexMap<Id, f64>| 1.0 - hits.get(id).copied().unwrap_or(0.0);
        let reads = measure.tally(scope, id, operation, true, None).weighted;
        let rate = scope.rate(id) * reads * pass(edge_hits) * pass(cache_hits);
        all += rate;
        critical += if operation.critical { rate } else { 0.0 };
    }
    let free = if all > 0.0 { 1.0 - critical / all } else { 1.0 };
    if free > 0.0 { (layout.replica_read_share / free).min(1.0) } else { 0.0 }
}

/// Entities that search operations list.
fn searched(scope: &Scope) -> BTreeSet<Id> {
    if scope.parts.search.is_none() {
        return BTreeSet::new();
    }
    let searches = scope.operations.iter().filter(|(id, _)| statements::is_search(id));
    let lists = searches.flat_map(|(_, o)| &o.accesses).filter(|a| a.kind == AccessKind::ReadMany);
    lists.map(|a| a.entity.clone()).collect()
}
