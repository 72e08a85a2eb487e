//! The path of each operation: which components it visits, how often, and what each visit costs.

use indexmap::IndexMap;
use loadcase_catalog::DomainOperation;
use loadcase_forecast::blueprint::Known;
use loadcase_model::{
    AccessKind, ComponentKind, Id, Operation, OperationKind, Step, StepMode, format_number,
};

use super::caching;
use super::demand::Demand;
use super::rates;
use super::scope::{Queue, Scope};
use super::services::Service;
use super::statements::{self, Measure, Place, Tally};

/// Statements of one kind that a request waits for one after another, as a multiple of those its accesses
/// list; what the load has beyond that is done together, without delaying the answer. A planning assumption.
const MOST_IN_TURN: f64 = 4.0;

/// The operations of the blueprint.
pub(super) fn operations(scope: &Scope) -> IndexMap<Id, Operation> {
    let edge_hits = caching::edge_hits(scope);
    let measure = Measure::new(scope, &edge_hits);
    let cache_hits = caching::cache_hits(scope, &measure.reads_per_s(scope, &edge_hits));
    let demand = Demand::new(scope, measure, &edge_hits, &cache_hits);
    let made = scope.operations.iter().map(|(id, operation)| {
        let hit = |hits: &IndexMap<Id, f64>| hits.get(id).copied().unwrap_or(0.0);
        let path = Path {
            scope,
            demand: &demand,
            id,
            operation,
            through: 1.0 - hit(&edge_hits),
            cache_hit: hit(&cache_hits),
            background: Scope::in_background(operation.kind),
        };
        (id.clone(), described(scope, operation, path.steps()))
    });
    made.collect()
}

fn described(scope: &Scope, operation: &DomainOperation, steps: Vec<Step>) -> Operation {
    Operation {
        name: operation.name.clone(),
        kind: operation.kind,
        module: Some(operation.module.clone()),
        method: operation.method.clone(),
        path: operation.path.clone(),
        roles: operation.roles.clone(),
        takes: operation.takes.clone(),
        batch: operation.batch,
        starts: operation.follows.iter().map(|f| f.job.clone()).collect(),
        every: (operation.kind == OperationKind::Scheduled).then(|| 1.0 / operation.runs_per_s()),
        after: operation.after.clone().filter(|a| scope.operations.contains_key(a)),
        proof: scope.proof(operation),
        steps,
        accesses: operation.accesses.clone(),
        idempotent: operation.idempotent,
        critical: operation.critical,
        basis: "accesses and rows of the catalog's domain: planning assumptions".to_owned(),
        evidence: Vec::new(),
    }
}

/// One operation on its way.
struct Path<'a> {
    scope: &'a Scope<'a>,
    demand: &'a Demand,
    id: &'a Id,
    operation: &'a DomainOperation,
    /// Share of its requests that the edge does not answer.
    through: f64,
    /// Share of its reads that the cache answers.
    cache_hit: f64,
    /// Whether a worker does it.
    background: bool,
}

/// Reads and writes of one store by one operation.
struct Use {
    store: Id,
    reads: Tally,
    writes: Tally,
}

impl Path<'_> {
    fn steps(&self) -> Vec<Step> {
        let uses = self.uses();
        let mut steps = if self.background { self.taken_from_queue() } else { self.through_the_front() };
        steps.push(self.at_its_process(&uses));
        steps.extend(self.hops());
        steps.extend(self.cached_reads(&uses));
        steps.extend(self.pooled(&uses));
        for used in &uses {
            steps.extend(self.store_reads(used));
        }
        steps.extend(self.elsewhere());
        steps.extend(self.calls());
        steps.extend(self.gathered());
        for used in &uses {
            steps.extend(self.store_writes(used));
        }
        steps.extend(self.left_behind());
        for step in &mut steps {
            step.visits = rates::tidy(step.visits);
            step.cpu_ms = rates::tidy(step.cpu_ms);
        }
        steps
    }

    /// The process that does the work.
    fn process(&self) -> &Service {
        self.scope.service_of(&self.operation.module)
    }

    fn process_id(&self) -> Id {
        let worker = self.scope.parts.worker.as_ref().filter(|_| self.background);
        worker.unwrap_or(&self.process().id).clone()
    }

    /// A step the answer waits for, exponential, that keeps no processor busy until told otherwise.
    fn step(&self, component: Id, visits: f64, basis: String) -> Step {
        Step {
            component,
            visits,
            cpu_ms: 0.0,
            wait_ms: 0.0,
            scv: 1.0,
            mode: StepMode::Sync,
            reads_only: false,
            basis,
        }
    }

    /// The statements on each store, in the order the accesses name them.
    fn uses(&self) -> Vec<Use> {
        let mut uses: Vec<Use> = Vec::new();
        for access in &self.operation.accesses {
            let Some(store) = self.scope.store_of_entity(&access.entity) else { continue };
            if uses.iter().all(|u| u.store != store) {
                let tally = |reads| {
                    self.demand.measure.tally(self.scope, self.id, self.operation, reads, Some(&store))
                };
                uses.push(Use { reads: tally(true), writes: tally(false), store });
            }
        }
        uses
    }

    fn through_the_front(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        if let Some(edge) = &self.scope.parts.edge {
            let wait = &self.demand.edge_wait;
            let hit = 1.0 - self.through;
            let basis = if hit > 0.0 {
                format!(
                    "answers {} of these requests itself, computed from the load's edge share; {}",
                    percent(hit),
                    wait.text()
                )
            } else {
                format!("passes every request on; {}", wait.text())
            };
            steps.push(Step { wait_ms: wait.value, ..self.step(edge.clone(), 1.0, basis) });
        }
        if let Some(gateway) = &self.scope.parts.gateway {
            let (cpu, wait) = (&self.demand.gateway_cpu, &self.demand.round_trip);
            let own = self.scope.sizing.balancers > 0;
            let basis = if own {
                format!("{}; {}", cpu.text(), wait.text())
            } else {
                format!("run by the platform; {}", wait.text())
            };
            let cpu_ms = if own { cpu.value } else { 0.0 };
            steps.push(Step {
                cpu_ms,
                wait_ms: wait.value,
                ..self.step(gateway.clone(), self.through, basis)
            });
        }
        steps
    }

    /// A job waits in the queue until the worker takes it; scheduled work has no queue.
    fn taken_from_queue(&self) -> Vec<Step> {
        if self.operation.kind != OperationKind::Job {
            return Vec::new();
        }
        let Some(queue) = self.queue() else { return Vec::new() };
        let (cpu, wait) = (&self.demand.queue_cpu, &self.demand.queue_wait);
        let basis = format!("takes the job: half of {} for each message; {}", cpu.text(), wait.text());
        let step = self.step(queue, 1.0, basis);
        vec![Step { cpu_ms: cpu.value / 2.0, wait_ms: wait.value, ..step }]
    }

    /// The component in which jobs wait.
    fn queue(&self) -> Option<Id> {
        match &self.scope.parts.queue {
            Queue::None => None,
            Queue::Store => self.scope.store_of(Some(&self.operation.module)),
            Queue::Part(id) => Some(id.clone()),
        }
    }

    /// The work itself. A store inside the process costs the process's time.
    fn at_its_process(&self, uses: &[Use]) -> Step {
        let (mut cpu_ms, mut basis) = self.demand.work(self.scope, self.id, self.operation, self.background);
        if self.demand.store_inside {
            let inside: f64 =
                uses.iter().map(|u| self.store_cpu(u.reads, true) + self.store_cpu(u.writes, false)).sum();
            cpu_ms += inside;
            basis.push_str("; with the statements of the store that runs inside the process");
        }
        let scv = &self.demand.work_scv;
        basis.push_str(&format!("; {}", scv.text()));
        Step { cpu_ms, scv: scv.value, ..self.step(self.process_id(), self.through, basis) }
    }

    /// Processor time of one operation's statements.
    fn store_cpu(&self, tally: Tally, reads: bool) -> f64 {
        if reads {
            tally.weighted * self.scale(true) * (1.0 - self.cache_hit) * self.demand.read_cpu.value
        } else {
            tally.weighted * self.scale(false) * self.demand.write_cpu.value
        }
    }

    /// Calls to the services that own what this operation touches.
    fn hops(&self) -> Vec<Step> {
        let (cpu_ms, basis) = self.demand.hop();
        let wait_ms = self.demand.round_trip.value;
        let called = self.scope.called_services(self.operation).into_iter();
        called
            .map(|c| Step { cpu_ms, wait_ms, ..self.step(c.id.clone(), self.through, basis.clone()) })
            .collect()
    }

    /// Each read asks the cache first.
    fn cached_reads(&self, uses: &[Use]) -> Option<Step> {
        let cache = self.scope.parts.cache.clone().filter(|_| self.cache_hit > 0.0)?;
        let reads: f64 = uses.iter().map(|u| u.reads.count).sum::<f64>() * self.scale(true).min(MOST_IN_TURN);
        let (cpu, wait) = (&self.demand.cache_cpu, &self.demand.cache_wait);
        let basis = format!(
            "every read asks here first and finds {}, computed from the load's cache share; {}; {}",
            percent(self.cache_hit),
            cpu.text(),
            wait.text()
        );
        let step = self.step(cache, reads * self.through, basis);
        Some(Step { cpu_ms: cpu.value, wait_ms: wait.value, reads_only: true, ..step })
    }

    /// Reads that no cache answers, on the replicas and on the primary.
    fn store_reads(&self, used: &Use) -> Vec<Step> {
        let demand = self.demand;
        let missing = self.through * (1.0 - self.cache_hit);
        let to_replicas = if self.operation.critical { 0.0 } else { demand.replica_share };
        let mut steps = self.statements(used, true, missing);
        if to_replicas <= 0.0 {
            // Without replicas every read may say that it only reads; with them, critical ones stay.
            let only_reads = demand.replica_share <= 0.0;
            steps.iter_mut().for_each(|s| s.reads_only = only_reads);
            return steps;
        }
        let split = |step: &Step, share: f64, reads_only: bool| Step {
            visits: step.visits * share,
            reads_only,
            ..step.clone()
        };
        let replicas = steps.iter().map(|s| split(s, to_replicas, true));
        let primary = steps.iter().map(|s| split(s, 1.0 - to_replicas, false));
        replicas.chain(primary.collect::<Vec<_>>()).filter(|s| s.visits > 0.0).collect()
    }

    fn store_writes(&self, used: &Use) -> Vec<Step> {
        let mut steps = self.statements(used, false, self.through);
        if self.scope.is_intake(self.id) && matches!(self.scope.parts.queue, Queue::Part(_)) {
            steps.iter_mut().for_each(|s| s.mode = StepMode::Async);
        }
        steps
    }

    /// Statements of the load for each one the accesses list.
    fn scale(&self, reads: bool) -> f64 {
        let measure = &self.demand.measure;
        match reads {
            _ if statements::counts_itself(self.scope, self.id, self.operation) => 1.0,
            true => measure.reads,
            false => measure.writes,
        }
    }

    /// Statements of one kind on one store: those in turn, and those done together without delay.
    fn statements(&self, used: &Use, reads: bool, passing: f64) -> Vec<Step> {
        let demand = self.demand;
        let (tally, scale) = (if reads { used.reads } else { used.writes }, self.scale(reads));
        if tally.count <= 0.0 || passing <= 0.0 {
            return Vec::new();
        }
        let (cpu, wait) = if reads {
            (&demand.read_cpu, &demand.read_wait)
        } else {
            (&demand.write_cpu, &demand.write_wait)
        };
        let (in_turn, together) = (scale.min(MOST_IN_TURN), (scale - MOST_IN_TURN).max(0.0));
        let basis = self.statement_basis(tally, reads, scale, cpu, wait);
        let cpu_ms = if demand.store_inside { 0.0 } else { cpu.value * tally.mean() };
        let step = Step {
            cpu_ms,
            wait_ms: wait.value,
            scv: demand.store_scv.value,
            ..self.step(used.store.clone(), tally.count * in_turn * passing, basis)
        };
        let beside = Step { visits: tally.count * together * passing, mode: StepMode::Async, ..step.clone() };
        [step, beside].into_iter().filter(|s| s.visits > 0.0).collect()
    }

    fn statement_basis(&self, tally: Tally, reads: bool, scale: f64, cpu: &Known, wait: &Known) -> String {
        let (kind, unit) = if reads { ("read", "usual reads") } else { ("write", "usual writes") };
        let plural = if (tally.count - 1.0).abs() < 1e-9 { "" } else { "s" };
        let mut text = format!("{} {kind} statement{plural} by the accesses", format_number(tally.count));
        if (tally.mean() - 1.0).abs() > 0.005 {
            text.push_str(&format!(
                ", each costing {} {unit} (planning assumption for rows and aggregation)",
                format_number(tally.mean())
            ));
        }
        if (scale - 1.0).abs() > 0.005 {
            text.push_str(&format!(
                ", x {} so that all add up to the load's {kind}s per second",
                format_number(scale)
            ));
        }
        if reads && self.cache_hit > 0.0 {
            text.push_str(&format!(", less the {} a cache answers", percent(self.cache_hit)));
        }
        text.push_str(&format!("; {}; {}", cpu.text(), wait.text()));
        text
    }

    /// Reads of the search index and of the analytical store, and files in the object store.
    fn elsewhere(&self) -> Vec<Step> {
        let parts = &self.scope.parts;
        let mut steps = Vec::new();
        for (place, part) in [(Place::Search, &parts.search), (Place::Analytics, &parts.analytics)] {
            let here = |a: &&loadcase_model::Access| {
                statements::is_read(a.kind) && statements::place(self.scope, self.id, a) == place
            };
            let asked = self.operation.accesses.iter().any(|a| here(&a));
            if let Some(part) = part.as_ref().filter(|_| asked) {
                let (cpu, wait, scv) = self.demand.beside(self.scope, place, "read");
                // Rows that lie together by the sorted key are found, not added up.
                let sums =
                    self.operation.accesses.iter().any(|a| here(&a) && a.kind == AccessKind::Aggregate);
                let by_key = place == Place::Analytics && !sums;
                // One query brings all rows of a search; an analytical store is made for sums.
                let part_of = if by_key { LOOKUP_IN_QUERIES } else { 1.0 };
                let less = if by_key {
                    format!(", {part_of} of it for rows by the sorted key (planning assumption)")
                } else {
                    String::new()
                };
                let basis = format!("one query; {}{less}; {}", cpu.text(), wait.text());
                let step = self.step(part.clone(), self.through, basis);
                steps.push(Step {
                    cpu_ms: cpu.value * part_of,
                    wait_ms: wait.value,
                    scv: scv.value,
                    reads_only: true,
                    ..step
                });
            }
        }
        steps.extend(self.files());
        steps
    }

    /// Jobs on files fetch and store them; clients bring and fetch theirs past the application.
    fn files(&self) -> Option<Step> {
        let store = self.scope.parts.object_store.clone().filter(|_| self.background)?;
        let touches = self
            .operation
            .accesses
            .iter()
            .any(|a| self.scope.holds_file(&a.entity) && a.kind == AccessKind::Update);
        let wait = &self.demand.object_wait;
        touches.then(|| {
            let basis = format!("reads the file and writes the result; {}", wait.text());
            Step { wait_ms: wait.value, ..self.step(store, 2.0, basis) }
        })
    }

    /// Calls over the internet to systems of somebody else's.
    fn calls(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        for call in &self.operation.calls {
            let Some(id) = self.scope.parts.externals.get(call) else { continue };
            let (wait_ms, basis) = outside(self.scope, call);
            steps.push(Step { wait_ms, ..self.step(id.clone(), self.through, basis) });
        }
        steps
    }

    /// Statements pass the pooler.
    fn pooled(&self, uses: &[Use]) -> Option<Step> {
        let pooler = self.scope.parts.pooler.clone()?;
        let reads: f64 = uses.iter().map(|u| u.reads.count).sum::<f64>()
            * self.scale(true).min(MOST_IN_TURN)
            * (1.0 - self.cache_hit);
        let writes: f64 =
            uses.iter().map(|u| u.writes.count).sum::<f64>() * self.scale(false).min(MOST_IN_TURN);
        let visits = (reads + writes) * self.through;
        let (cpu, wait) = (&self.demand.pooler_cpu, &self.demand.pooler_wait);
        let basis = format!("every statement passes here; {}; {}", cpu.text(), wait.text());
        let step = self.step(pooler, visits, basis);
        (visits > 0.0).then_some(Step { cpu_ms: cpu.value, wait_ms: wait.value, ..step })
    }

    /// What nobody waits for: jobs put into the queue, events on their way, the search index kept up to date.
    fn left_behind(&self) -> Vec<Step> {
        let asynchronous = |step: Step| Step { mode: StepMode::Async, ..step };
        let mut steps: Vec<Step> = self.published().into_iter().map(asynchronous).collect();
        steps.extend(self.added_elsewhere().into_iter().map(asynchronous));
        steps
    }

    fn published(&self) -> Vec<Step> {
        let jobs: f64 = self.operation.follows.iter().map(|f| rates::sane(f.count)).sum();
        let intake = self.scope.is_intake(self.id) && matches!(self.scope.parts.queue, Queue::Part(_));
        let messages = jobs + if intake { 1.0 } else { 0.0 };
        let Some(queue) = self.queue().filter(|_| messages > 0.0) else { return Vec::new() };
        let (cpu, wait) = (&self.demand.queue_cpu, &self.demand.queue_wait);
        let basis = format!(
            "puts {} messages on average into the queue, at half of {} each; {}",
            format_number(messages),
            cpu.text(),
            wait.text()
        );
        let step = self.step(queue, messages * self.through, basis);
        let mut steps = vec![Step { cpu_ms: cpu.value / 2.0, wait_ms: wait.value, ..step }];
        if let Some(worker) = self.scope.parts.worker.clone().filter(|_| intake) {
            let (cpu_ms, basis) = self.demand.work(self.scope, self.id, self.operation, true);
            let (brought, together) = (self.scope.events_per_call(), self.scope.events_together());
            let basis = format!("takes {} events together; {basis}", format_number(together));
            steps.push(Step { cpu_ms, ..self.step(worker, brought / together, basis) });
        }
        steps
    }

    /// Events that lie in the analytical store alone, before anything else tells of them: whoever sent them forgets
    /// them with the answer. A process gathers those of many callers, who wait for half of the time on average. Behind
    /// a queue the worker adds them.
    fn gathered(&self) -> Option<Step> {
        let queued = self.scope.is_intake(self.id) && matches!(self.scope.parts.queue, Queue::Part(_));
        let part = self.scope.parts.analytics.as_ref().filter(|_| !queued)?;
        let step = self.added_to(Place::Analytics, part, self.events())?;
        let gather = self.scope.catalog.lexicon.planning.get("gather-ms").map(|c| &c.fact)?;
        let basis = format!(
            "rows of many callers together, before the answer: they are gathered for {} ms (planning assumption: {}), half of it on average; {}",
            format_number(gather.value),
            gather.source,
            step.basis
        );
        // Rows come at any moment of the gathering: a uniform wait, whose variance is a twelfth of its square.
        let (mean, variance) = (
            step.wait_ms + gather.value / 2.0,
            step.scv * step.wait_ms.powi(2) + gather.value.powi(2) / 12.0,
        );
        let scv = if mean > 0.0 { variance / mean.powi(2) } else { step.scv };
        Some(Step { wait_ms: mean, scv, basis, ..step })
    }

    /// Rows behind a queue that go to the analytical store, and the search index that follows its records.
    fn added_elsewhere(&self) -> Vec<Step> {
        let parts = &self.scope.parts;
        let indexed: f64 =
            self.written().filter(|a| self.demand.searched.contains(&a.entity)).map(statements::times).sum();
        let queued = self.gathered().is_none();
        let places = [
            (Place::Analytics, parts.analytics.as_ref().filter(|_| queued), self.events()),
            (Place::Search, parts.search.as_ref(), indexed),
        ];
        let added =
            places.into_iter().filter_map(|(place, part, visits)| self.added_to(place, part?, visits));
        added.map(|s| Step { basis: format!("kept up to date after the answer; {}", s.basis), ..s }).collect()
    }

    fn written(&self) -> impl Iterator<Item = &loadcase_model::Access> {
        self.operation.accesses.iter().filter(|a| !statements::is_read(a.kind))
    }

    /// Visits that add events to the analytical store.
    fn events(&self) -> f64 {
        self.written().filter(|a| self.scope.is_event(&a.entity)).map(statements::times).sum()
    }

    fn added_to(&self, place: Place, part: &Id, visits: f64) -> Option<Step> {
        if visits <= 0.0 {
            return None;
        }
        let (cpu, wait, scv) = self.demand.beside(self.scope, place, "write");
        let basis = format!("{}; {}", cpu.text(), wait.text());
        let step = self.step(part.clone(), visits * self.through, basis);
        Some(Step { cpu_ms: cpu.value, wait_ms: wait.value, scv: scv.value, ..step })
    }
}

/// How long a system of somebody else's takes to answer, by the kind that its name tells, and where that comes from.
fn outside(scope: &Scope, call: &Id) -> (f64, String) {
    let of = |id: &str| scope.catalog.lexicon.planning.get(id).map(|c| &c.fact);
    let by_kind = call.as_str().split('-').find_map(|word| of(&format!("external-ms-{word}")));
    let Some(fact) = by_kind.or_else(|| of("external-ms")) else {
        return (0.0, "nothing is known of this system".to_owned());
    };
    let (low, high) = fact.range();
    let basis = format!(
        "{} ms for a call over the internet (planning assumption, {} to {} ms; not measured at this system: {})",
        format_number(fact.value),
        format_number(low),
        format_number(high),
        fact.source
    );
    (fact.value, basis)
}

/// What rows by the sorted key cost in a columnar store, in queries that add up: 5 to 20 ms against 200.
const LOOKUP_IN_QUERIES: f64 = 0.1;

fn percent(share: f64) -> String {
    loadcase_model::format_quantity(share, loadcase_model::Unit::Share)
}

/// The kind of component a place beside the primary store is.
pub(super) const fn kind_of(place: Place) -> ComponentKind {
    match place {
        Place::Store => ComponentKind::Store,
        Place::Search => ComponentKind::Search,
        Place::Analytics => ComponentKind::Analytics,
    }
}
