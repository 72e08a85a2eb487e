//! What never reaches the stores: requests that the edge answers, reads that a cache answers.

use indexmap::IndexMap;
use loadcase_catalog::{DomainOperation, EdgePolicy};
use loadcase_model::{Id, OperationKind};

use super::scope::Scope;

/// No cache answers everything: the first request after each change goes through. A planning assumption.
const MOST: f64 = 0.98;

/// Share of each operation's requests that the edge answers, so that together they are the load's share of
/// all requests. Public answers first; where they do not suffice, those shared by many, then the other reads.
pub(super) fn edge_hits(scope: &Scope) -> IndexMap<Id, f64> {
    if scope.parts.edge.is_none() {
        return IndexMap::new();
    }
    let asked = |id: &Id, o: &DomainOperation| if is_read(o) { scope.rate(id) } else { 0.0 };
    let requests = scope.load.requests_per_s.max(0.0);
    spread(
        scope,
        asked,
        share(scope.load.edge_hit) * requests,
        &[EdgePolicy::Public, EdgePolicy::Shared, EdgePolicy::Private],
    )
}

/// Share of each operation's reads that the cache beside the application answers, so that together they are
/// the load's share of all reads that pass the edge. `reads_per_s` gives those of an operation.
pub(super) fn cache_hits(scope: &Scope, reads_per_s: &IndexMap<Id, f64>) -> IndexMap<Id, f64> {
    let all: f64 = reads_per_s.values().sum();
    let read = |id: &Id, o: &DomainOperation| {
        if Scope::in_background(o.kind) { 0.0 } else { reads_per_s.get(id).copied().unwrap_or(0.0) }
    };
    let order = [EdgePolicy::Shared, EdgePolicy::Public, EdgePolicy::Private];
    spread(scope, read, share(scope.load.cache_hit) * all, &order)
}

fn share(value: f64) -> f64 {
    if value > 0.0 { value.min(1.0) } else { 0.0 }
}

/// Requests that change nothing, as their method says; without a method, as their accesses say.
fn is_read(operation: &DomainOperation) -> bool {
    let reads = || operation.accesses.iter().all(|a| super::statements::is_read(a.kind));
    let method = operation.method.as_deref();
    operation.kind == OperationKind::Request && method.map_or_else(reads, |m| m == "GET" || m == "HEAD")
}

/// Spreads `wanted` hits per second over the operations of the first policy, what is left over those of the
/// next, each operation of one policy at the same share.
fn spread(
    scope: &Scope,
    weight: impl Fn(&Id, &DomainOperation) -> f64,
    wanted: f64,
    order: &[EdgePolicy],
) -> IndexMap<Id, f64> {
    let mut hits = IndexMap::new();
    let mut left = wanted;
    for policy in order {
        let of_policy = || scope.operations.iter().filter(|(_, o)| o.cache == *policy);
        let total: f64 = of_policy().map(|(id, o)| weight(id, o)).sum();
        if total <= 0.0 || left <= 0.0 {
            continue;
        }
        let hit = (left / total).min(MOST);
        hits.extend(of_policy().filter(|(id, o)| weight(id, o) > 0.0).map(|(id, _)| (id.clone(), hit)));
        left -= hit * total;
    }
    hits
}
