//! Tables that patterns of the design need beside those of its entities.

use indexmap::IndexMap;
use loadcase_model::{
    Access, AccessKind, Blueprint, Entity, Figure, Id, Operation, OperationKind, Origin, Part, Unit, yaml,
};
use serde::Deserialize;

use super::source::Source;
use super::uses;

/// A table with the ways it is read.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Standing {
    pub(crate) entity: Entity,
    #[serde(default)]
    pub(crate) uses: Vec<StandingUse>,
}

/// A statement on such a table.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StandingUse {
    pub(crate) name: String,
    pub(crate) access: Access,
    /// Whether rows are locked and those that others have locked left out.
    #[serde(default)]
    pub(crate) locks: bool,
    /// Whether the application runs it for a tenant; else a worker does for all.
    #[serde(default)]
    pub(crate) application: bool,
}

/// The entity that tenants are kept in.
const TENANTS: &str = "tenant";

/// Whether an entity is that of the tenants.
pub(crate) fn is_tenants(id: &Id, entity: &Entity) -> bool {
    *id == *TENANTS || entity.plays == Some(Part::Tenant)
}

fn all() -> IndexMap<Id, Standing> {
    yaml::read(include_str!("standing.yaml")).expect("the list of standing tables is read by a test")
}

/// The tables of patterns, each with the part it plays.
pub(crate) fn parts() -> Vec<(String, Part)> {
    all().into_iter().filter_map(|(id, s)| Some((id.to_string(), s.entity.plays?))).collect()
}

/// The part of each table with the bytes of a row and the days that it is kept.
#[cfg(test)]
pub(crate) fn sizes() -> Vec<(Part, f64, f64)> {
    let kept = |s: Standing| Some((s.entity.plays?, s.entity.row_bytes, f64::from(s.entity.keep_days?)));
    all().into_values().filter_map(kept).collect()
}

/// How long the keys of requests are kept: by the product's own entity, else by the table that stands for it.
pub(crate) fn kept_keys(blueprint: &Blueprint) -> Option<Figure> {
    let own = blueprint.entities.values().find(|e| e.plays == Some(Part::IdempotencyKey)).cloned();
    let standing = || all().into_values().map(|s| s.entity).find(|e| e.plays == Some(Part::IdempotencyKey));
    let entity = own.or_else(standing)?;
    let seconds = f64::from(entity.keep_days?) * 86_400.0;
    let origin = Origin::assumed(seconds / 4.0, seconds * 4.0, &entity.basis);
    Some(Figure { value: seconds, unit: Unit::Seconds, origin })
}

/// The tables a store needs; those that the blueprint has entities for are left out.
pub(crate) fn tables(source: &Source<'_>, store: &Id) -> IndexMap<Id, Standing> {
    let keeping = source.keeping;
    let stores = keeping.relational_stores();
    let first = stores.first().is_some_and(|(id, _)| *id == store);
    let scoped = keeping.entities_in(store).iter().any(|(_, e)| e.tenant_scoped);
    let isolated = scoped && source.enforces_tenants(store);
    let mut found = all();
    found.retain(|id, standing| {
        let entities = &keeping.blueprint.entities;
        match standing.entity.plays {
            None => scoped && !entities.iter().any(|(id, e)| is_tenants(id, e)) && stores.len() <= 1,
            Some(part) => {
                let played = entities.iter().any(|(_, e)| e.plays == Some(part)) || entities.contains_key(id);
                !played && wanted(source, store, part, first) && !half_a_ledger(source, part)
            }
        }
    });
    for (id, standing) in &mut found {
        standing.entity.tenant_scoped = isolated
            && !matches!(standing.entity.plays, Some(Part::StaffAccess | Part::Inbox))
            && !is_tenants(id, &standing.entity);
    }
    found
}

fn wanted(source: &Source<'_>, store: &Id, part: Part, first: bool) -> bool {
    let chosen = source.chosen.parts.contains(&part);
    match part {
        Part::IdempotencyKey => critical_here(source, store),
        Part::Outbox => chosen,
        Part::Tenant => false,
        // What the policies ask for.
        Part::StaffAccess => chosen && source.enforces_tenants(store) && works_here(source, store),
        Part::Inbox => chosen && first && repeats(source),
        Part::Job | Part::AuditLog | Part::LedgerAccount | Part::LedgerTransaction | Part::LedgerEntry => {
            chosen && first
        }
    }
}

/// A product with entries of its own has its own books.
fn half_a_ledger(source: &Source<'_>, part: Part) -> bool {
    let ledger = [Part::LedgerAccount, Part::LedgerTransaction, Part::LedgerEntry];
    let plays = |e: &Entity| e.plays == Some(Part::LedgerEntry);
    ledger.contains(&part) && source.keeping.blueprint.entities.values().any(plays)
}

/// Whether an operation with effects outside touches rows of a store.
fn critical_here(source: &Source<'_>, store: &Id) -> bool {
    let blueprint = source.keeping.blueprint;
    blueprint.operations.values().filter(|o| o.critical).any(|o| {
        let entities = o.accesses.iter().filter_map(|a| blueprint.entities.get(&a.entity));
        entities.filter_map(|e| source.keeping.store_of(e)).any(|s| s == store)
    })
}

/// Whether a job must not be done twice and does not see by itself that it was.
fn repeats(source: &Source<'_>) -> bool {
    let told = |id: &Id| id.as_str().contains("webhook");
    let operations = &source.keeping.blueprint.operations;
    operations.iter().any(|(id, o)| {
        o.kind == OperationKind::Job && !told(id) && must_remember(source.keeping.blueprint, o)
    })
}

/// Whether a job that is taken twice does its work twice unless the worker remembers the message: it says so, or it
/// adds rows that nothing tells from those of the first time, and changes no row in which it could see that it was here.
pub(crate) fn must_remember(blueprint: &Blueprint, job: &Operation) -> bool {
    let alike = |a: &&Access| {
        let entity = blueprint.entities.get(&a.entity);
        let bare = |e: &Entity| {
            e.plays.is_none()
                && e.key.is_empty()
                && e.unique.is_empty()
                && e.unique_when.is_empty()
                && e.fields.iter().all(|f| !f.unique)
        };
        a.kind == AccessKind::Insert && entity.is_some_and(bare)
    };
    let marks = |a: &Access| matches!(a.kind, AccessKind::Update | AccessKind::Delete);
    !job.idempotent || job.accesses.iter().any(|a| alike(&a)) && !job.accesses.iter().any(marks)
}

/// Whether an operation that is the house's alone touches rows of a store in which tenants are kept apart.
fn works_here(source: &Source<'_>, store: &Id) -> bool {
    let keeping = source.keeping;
    let here = |a: &Access| {
        keeping
            .blueprint
            .entities
            .get(&a.entity)
            .and_then(|e| keeping.store_of(e))
            .is_some_and(|s| s == store)
    };
    keeping.entities_in(store).iter().any(|(_, e)| e.tenant_scoped)
        && keeping
            .blueprint
            .operations
            .values()
            .any(|o| uses::of_staff(source, o) && o.accesses.iter().any(here))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_reads_and_its_uses_name_its_tables() {
        let all = all();
        assert!(all.iter().all(|(id, s)| s.uses.iter().all(|u| u.access.entity == *id)));
        assert!(all.values().filter(|s| s.entity.plays.is_some()).count() >= 7);
    }
}
