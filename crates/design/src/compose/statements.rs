//! From the rows an operation touches to the statements its store works on.

use indexmap::IndexMap;
use loadcase_catalog::DomainOperation;
use loadcase_model::{Access, AccessKind, Id, OperationKind};

use super::rates::sane;
use super::scope::{Queue, Scope};

/// Each further row of a statement costs one in fifty of a read, or one in twenty of a write, because the
/// round trip, the plan and the flush are paid once: planning assumptions.
const FURTHER_ROW_READ: f64 = 0.02;
const FURTHER_ROW_WRITE: f64 = 0.05;

/// An aggregation costs as much as this many reads where the catalog has no planning constant for it.
const AGGREGATE_IN_READS: f64 = 10.0;

/// What one of so many events that one statement writes costs, in usual writes.
pub(crate) fn written_together(events: f64) -> f64 {
    let events = events.max(1.0);
    (1.0 + (events - 1.0) * FURTHER_ROW_WRITE) / events
}

/// Rows beyond this no run touches.
const MOST_ROWS: f64 = 1e9;

/// Whether an access leaves the data as it is.
pub(super) const fn is_read(kind: AccessKind) -> bool {
    matches!(kind, AccessKind::ReadOne | AccessKind::ReadMany | AccessKind::Aggregate)
}

/// Where an access is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The primary store.
    Store,
    /// The search index.
    Search,
    /// The analytical store.
    Analytics,
}

/// Where an access of an operation is answered.
pub(super) fn place(scope: &Scope, operation: &Id, access: &Access) -> Place {
    if scope.is_event(&access.entity) {
        return Place::Analytics;
    }
    let searches = scope.parts.search.is_some() && is_search(operation);
    if searches && access.kind == AccessKind::ReadMany { Place::Search } else { Place::Store }
}

/// Whether an operation looks for words, as its identifier says.
pub(super) fn is_search(operation: &Id) -> bool {
    operation.as_str().split(['-', '_', '.']).any(|word| word == "search")
}

/// How often an access is made by one operation: a fraction where several operations share one statement.
pub(super) fn times(access: &Access) -> f64 {
    sane(access.rows).min(1.0)
}

/// What a statement costs by its rows, in reads or writes of one row.
pub(crate) fn row_weight(access: &Access) -> f64 {
    let further = (sane(access.rows).min(MOST_ROWS) - 1.0).max(0.0);
    let each = if is_read(access.kind) { FURTHER_ROW_READ } else { FURTHER_ROW_WRITE };
    1.0 + further * each
}

/// Whether the statements of an operation are its own number, and no part of those that the load counts for requests:
/// events, and what the clock starts.
pub(super) fn counts_itself(scope: &Scope, id: &Id, operation: &DomainOperation) -> bool {
    scope.is_intake(id) || operation.kind == OperationKind::Scheduled
}

/// Statements of the domain's operations compared with those of the load.
///
/// The facts of a store speak of its usual statement. The load counts reads by their number, so the average read of
/// the domain costs what the fact says, one with more rows more and one with fewer less; an aggregation costs a
/// multiple. It counts writes by what they cost, in writes of one row. All together are as many as the load has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Measure {
    /// Statements of the load for each one the operations list: reads, writes.
    pub(super) reads: f64,
    pub(super) writes: f64,
    /// Row weight of the average read.
    read_weight: f64,
    /// Usual reads that an aggregation of few rows costs.
    aggregate: f64,
    /// What a further row of it costs, in reads.
    sum_row: f64,
}

impl Measure {
    pub(super) fn new(scope: &Scope, edge_hits: &IndexMap<Id, f64>) -> Self {
        let (mut counts, mut weights, mut plain) = ([0.0; 2], [0.0; 2], [0.0; 2]);
        for (id, operation) in scope.operations.iter().filter(|(id, o)| !counts_itself(scope, id, o)) {
            let rate = scope.rate(id) * (1.0 - edge_hits.get(id).copied().unwrap_or(0.0));
            let proof = scope.proof(operation);
            let all = operation.accesses.iter().chain(&proof);
            for access in all.filter(|a| place(scope, id, a) == Place::Store) {
                let side = usize::from(!is_read(access.kind));
                let count = rate * times(access);
                counts[side] += count;
                if access.kind != AccessKind::Aggregate {
                    plain[side] += count;
                    weights[side] += count * row_weight(access);
                }
            }
        }
        // The load counts what events cost apart from the rest, and the entries of a queue in the store too.
        let load = scope.load;
        let queued = if scope.parts.queue == Queue::Store { sane(load.jobs_per_s) } else { 0.0 };
        let wanted = [
            sane(load.reads_per_s) - sane(load.event_reads_per_s),
            sane(load.writes_per_s) - sane(load.event_writes_per_s) - queued,
        ];
        let factor = |side: usize| {
            if wanted[side] > 0.0 && counts[side] > 0.0 { wanted[side] / counts[side] } else { 1.0 }
        };
        let mean = |side: usize| if plain[side] > 0.0 { weights[side] / plain[side] } else { 1.0 };
        // The load counts writes by what they cost, so these are scaled by their cost and not by their number.
        let writes = if wanted[1] > 0.0 && weights[1] > 0.0 { wanted[1] / weights[1] } else { 1.0 };
        let aggregate = scope.catalog.lexicon.plan("aggregate-cpu-factor");
        Self {
            reads: factor(0),
            writes,
            read_weight: mean(0),
            aggregate: if aggregate > 0.0 { aggregate } else { AGGREGATE_IN_READS },
            sum_row: scope.catalog.lexicon.plan("sum-row-share"),
        }
    }

    /// What an access costs, in usual reads or writes.
    pub(super) fn weight(&self, access: &Access) -> f64 {
        match access.kind {
            AccessKind::Aggregate => self.aggregate.max(sane(access.rows).min(MOST_ROWS) * self.sum_row),
            kind if is_read(kind) => row_weight(access) / self.read_weight,
            _ => row_weight(access),
        }
    }

    /// Statements of an operation that read, or those that write: on all primary stores, or on one.
    pub(super) fn tally(
        &self,
        scope: &Scope,
        id: &Id,
        operation: &DomainOperation,
        reads: bool,
        store: Option<&Id>,
    ) -> Tally {
        let mut tally = Tally::default();
        let is_intake = scope.is_intake(id);
        let here = |a: &&Access| store.is_none() || scope.store_of_entity(&a.entity).as_ref() == store;
        let proof = scope.proof(operation);
        let all = operation.accesses.iter().chain(&proof);
        for access in all.filter(|a| is_read(a.kind) == reads).filter(here) {
            if place(scope, id, access) != Place::Store {
                continue;
            }
            if is_intake && !reads {
                tally.take_in(scope, access);
            } else {
                tally.count += times(access);
                tally.weighted += times(access) * self.weight(access);
            }
        }
        tally
    }

    /// Reads per second of each operation, those that the edge answers aside and before any other cache.
    pub(super) fn reads_per_s(&self, scope: &Scope, edge_hits: &IndexMap<Id, f64>) -> IndexMap<Id, f64> {
        let passing = |id: &Id| 1.0 - edge_hits.get(id).copied().unwrap_or(0.0);
        let reads = |id: &Id, o: &DomainOperation| self.tally(scope, id, o, true, None).weighted;
        scope
            .operations
            .iter()
            .map(|(id, o)| (id.clone(), scope.rate(id) * passing(id) * reads(id, o)))
            .collect()
    }
}

/// What an operation asks of the primary store, in statements and in usual reads or writes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Tally {
    /// Statements.
    pub(super) count: f64,
    /// The same, each counted by what it costs.
    pub(super) weighted: f64,
}

impl Tally {
    /// What an average statement costs.
    pub(super) fn mean(self) -> f64 {
        if self.count > 0.0 { self.weighted / self.count } else { 1.0 }
    }

    /// A write of the operation that takes events in. Its events are written by one statement for each call, or for
    /// what a worker takes from a log at once; the load counts them in writes of one row.
    fn take_in(&mut self, scope: &Scope, access: &Access) {
        if scope.domain.adds_events(access) {
            let (rows, together) = (sane(access.rows), scope.events_together());
            self.count += rows / together;
            self.weighted += rows * written_together(together);
        } else {
            self.count += times(access);
            self.weighted += times(access) * row_weight(access);
        }
    }
}
