//! Whose rows: what the decision on tenants says, the entities of the blueprint do.

use std::borrow::Cow;

use loadcase_catalog::{Catalog, Domain, DomainOperation};
use loadcase_model::{AccessKind, Entity, FieldType, Id, OperationKind, Part, Sensitivity, Taken};

/// The field by which rows name their tenant.
const TENANT: &str = "tenant_id";

/// Where every tenant, or the only one, has a database of its own.
const APART: [&str; 2] = ["silo_per_tenant", "single_tenant"];

/// The domain under an option of the decision on tenants. A domain that says of its entities whose they are is
/// taken at its word while there are tenants; in any other all that callers and their work touch becomes a tenant's.
pub(super) fn applied<'a>(domain: Cow<'a, Domain>, option: &str, catalog: &Catalog) -> Cow<'a, Domain> {
    let Some(option) = catalog.decision("tenancy").and_then(|d| d.option(option)) else { return domain };
    let apart = option.words.iter().any(|w| APART.contains(&w.as_str()));
    let declared = domain.entities.values().any(|e| e.tenant_scoped);
    match (option.has("isolates-tenants"), apart, declared) {
        (true, false, false) => Cow::Owned(shared_tables(domain.into_owned())),
        (false, _, true) => Cow::Owned(no_tenants(domain.into_owned())),
        (_, _, false) if domain.entities.values().any(is_tenant) => {
            Cow::Owned(no_tenants(domain.into_owned()))
        }
        _ => domain,
    }
}

fn is_tenant(entity: &Entity) -> bool {
    entity.plays == Some(Part::Tenant)
}

fn no_tenants(mut domain: Domain) -> Domain {
    for entity in domain.entities.values_mut() {
        entity.tenant_scoped = false;
        if is_tenant(entity) {
            entity.plays = None;
        }
    }
    domain
}

/// Rows of all tenants share tables: each row names its own.
fn shared_tables(mut domain: Domain) -> Domain {
    let tenants = domain.entities.iter().find(|(id, e)| **id == *"tenant" || is_tenant(e));
    let tenants = tenants.map(|(id, _)| id.clone());
    let scoped: Vec<Id> = domain
        .entities
        .iter()
        .filter(|(id, entity)| Some(*id) != tenants.as_ref() && is_somebodys(&domain, id, entity))
        .map(|(id, _)| id.clone())
        .collect();
    for id in scoped {
        let named = tenants.as_ref().and_then(|to| name_tenant(&mut domain.entities[&id], to));
        domain.entities[&id].tenant_scoped = true;
        if let Some(field) = named {
            for operation in domain.operations.values_mut() {
                rename(operation, &id, &field);
            }
        }
    }
    domain
}

/// Whether a row is one tenant's: what is found before the tenant is known, and what nobody but the house and its
/// clock touch, is everybody's.
fn is_somebodys(domain: &Domain, id: &Id, entity: &Entity) -> bool {
    let credential = entity.fields.iter().any(|f| f.unique && f.sensitivity == Sensitivity::Secret);
    let touching = || domain.operations.values().filter(|o| o.accesses.iter().any(|a| a.entity == *id));
    let comes_in = touching().any(|o| {
        o.kind == OperationKind::Webhook
            && o.accesses.iter().any(|a| a.entity == *id && a.kind == AccessKind::Insert)
    });
    let of_the_house = touching().next().is_some()
        && touching().all(|o| o.kind == OperationKind::Scheduled || of_staff(domain, o));
    !(credential || comes_in || of_the_house)
}

/// Whether only people of the house may call an operation.
fn of_staff(domain: &Domain, operation: &DomainOperation) -> bool {
    let staff = |role: &Id| {
        domain
            .actors
            .get(role)
            .is_some_and(|a| a.authenticates_by.as_ref().is_some_and(|w| *w == "strong-session"))
    };
    !operation.roles.is_empty() && operation.roles.iter().all(staff)
}

/// The required reference to the tenant becomes the field that names it; what it was called.
fn name_tenant(entity: &mut Entity, tenants: &Id) -> Option<Id> {
    let refers =
        |f: &loadcase_model::Field| f.kind == FieldType::Ref && !f.optional && f.to.as_ref() == Some(tenants);
    let place = entity.fields.iter().position(refers)?;
    let field = entity.fields.remove(place).name;
    for group in &mut entity.unique {
        group.retain(|f| *f != field);
    }
    entity.unique.retain(|group| !group.is_empty());
    for group in &mut entity.unique_when {
        group.fields.retain(|f| *f != field);
    }
    entity.unique_when.retain(|group| !group.fields.is_empty());
    entity.key.retain(|f| *f != field);
    for period in &mut entity.no_overlap {
        period.within.retain(|f| *f != field);
    }
    Some(field)
}

fn rename(operation: &mut DomainOperation, entity: &Id, field: &Id) {
    for access in operation.accesses.iter_mut().filter(|a| a.entity == *entity) {
        for one in access.by.iter_mut().chain(&mut access.order).filter(|f| *f == field) {
            *one = Id::new(TENANT).expect("a name of a field");
        }
    }
    // The tenant comes from the caller's proof of identity, never from the body.
    let is_tenant = |t: &Taken| match t {
        Taken::Column(word) => {
            let word = word.trim_end_matches('?');
            word == field.as_str() || word.split_once('.') == Some((entity.as_str(), field.as_str()))
        }
        Taken::Own(_) => false,
    };
    operation.takes.iter_mut().for_each(|takes| takes.retain(|t| !is_tenant(t)));
}
