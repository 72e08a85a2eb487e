//! From the rows an operation touches to the statements its store works on.

use indexmap::IndexMap;
use loadcase_catalog::DomainOperation;
use loadcase_model::{Access, AccessKind, Id};

use super::rates::{self, sane};
use super::scope::{Queue, Scope};

/// An aggregation costs as much as ten reads of one row: a planning assumption.
pub(super) const AGGREGATE_IN_READS: f64 = 10.0;

/// Each further row of a statement costs one in fifty of a read, or one in twenty of a write, because the
/// round trip, the plan and the flush are paid once: planning assumptions.
pub(super) const FURTHER_ROW_READ: f64 = 0.02;
pub(super) const FURTHER_ROW_WRITE: f64 = 0.05;

/// Events that a worker writes together when a queue collects them: a planning assumption.
pub(super) const EVENTS_TOGETHER: f64 = 100.0;

/// Rows beyond this are read in the background, page by page, and count no further.
const MOST_ROWS: f64 = 1e6;

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

/// What an access costs, in reads or writes of one row.
pub(super) fn weight(access: &Access) -> f64 {
    let further = (sane(access.rows).min(MOST_ROWS) - 1.0).max(0.0);
    match access.kind {
        AccessKind::ReadOne => 1.0,
        AccessKind::ReadMany => 1.0 + further * FURTHER_ROW_READ,
        AccessKind::Aggregate => AGGREGATE_IN_READS + further * FURTHER_ROW_READ,
        AccessKind::Insert | AccessKind::Update | AccessKind::Delete => 1.0 + further * FURTHER_ROW_WRITE,
    }
}

/// What an operation asks of the primary store, in statements and in reads or writes of one row.
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

    fn add(&mut self, access: &Access) {
        self.count += times(access);
        self.weighted += times(access) * weight(access);
    }
}

/// Statements of an operation that read, or those that write: on all primary stores, or on one.
pub(super) fn tally(
    scope: &Scope,
    id: &Id,
    operation: &DomainOperation,
    reads: bool,
    store: Option<&Id>,
) -> Tally {
    let mut tally = Tally::default();
    let here = |a: &&Access| store.is_none() || scope.store_of_entity(&a.entity).as_ref() == store;
    for access in operation.accesses.iter().filter(|a| is_read(a.kind) == reads).filter(here) {
        if place(scope, id, access) == Place::Store {
            tally.add(access);
        }
    }
    // Events that wait in a queue are written many at a time.
    if id == rates::INTAKE && matches!(scope.parts.queue, Queue::Part(_)) && !reads {
        let together = 1.0 + (EVENTS_TOGETHER - 1.0) * FURTHER_ROW_WRITE;
        tally.weighted = tally.count * together / EVENTS_TOGETHER;
        tally.count /= EVENTS_TOGETHER;
    }
    tally
}

/// Factors that bring the statements of the domain's operations to those of the load.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    /// For statements that read.
    pub(super) reads: f64,
    /// For statements that write.
    pub(super) writes: f64,
}

/// The load counts statements in reads and writes of one row, events among the writes; the operations'
/// statements are scaled so that they add up to that. A load that counts none leaves them as they are.
pub(super) fn scale(scope: &Scope) -> Scale {
    let sum = |reads: bool| -> f64 {
        let operations = scope.operations.iter().filter(|(id, _)| **id != rates::INTAKE);
        operations.map(|(id, o)| scope.rate(id) * tally(scope, id, o, reads, None).weighted).sum()
    };
    let factor = |wanted: f64, have: f64| if wanted > 0.0 && have > 0.0 { wanted / have } else { 1.0 };
    let events = sane(scope.load.events_per_s);
    Scale {
        reads: factor(sane(scope.load.reads_per_s), sum(true)),
        writes: factor(sane(scope.load.writes_per_s) - events, sum(false)),
    }
}

/// Reads per second of each operation, those that the edge answers aside and before any other cache.
pub(super) fn reads_per_s(scope: &Scope, edge_hits: &IndexMap<Id, f64>) -> IndexMap<Id, f64> {
    let passing = |id: &Id| 1.0 - edge_hits.get(id).copied().unwrap_or(0.0);
    let requests = scope.operations.iter().filter(|(_, o)| !Scope::in_background(o.kind));
    requests
        .map(|(id, o)| (id.clone(), scope.rate(id) * passing(id) * tally(scope, id, o, true, None).weighted))
        .collect()
}
