//! Who may do what: authentication, authorization, tenancy.

use loadcase_model::{AccessKind, Id, Operation, OperationKind, Sensitivity};

use super::{Answer, Check, check, component_names, operation_names, processes, several};
use crate::api::security::{Scheme, accepted, schemes};
use crate::data::{enforces_tenants, is_tenants};
use crate::text::markdown::name;
use crate::view::View;
use loadcase_model::ComponentKind;

pub(super) fn authentication(view: &View<'_>) -> Vec<Check> {
    let mut checks = Vec::new();
    for actor in view.blueprint().actors.values() {
        let who = name(&actor.name);
        match actor.authenticates_by.as_ref().map(Id::as_str) {
            None => checks.push(check(
                "How this caller proves who it is",
                who,
                Answer::Unknown,
                "A07:2025, ASVS 6.1.3",
            )),
            Some("none") => {}
            Some(word) => checks.push(check(
                &format!("Proves who it is by {}", crate::api::security::spoken(view, word)),
                who,
                Answer::Has,
                "A07:2025, ASVS 6.1.3",
            )),
        }
    }
    let used = schemes(view);
    let identity = view.components(&[ComponentKind::Identity]);
    let signs_in = if identity.is_empty() { processes(view) } else { component_names(&identity) };
    let points: [(Scheme, &str, &'static str); 5] = [
        (
            Scheme::Session,
            "Sign-in is slowed down after failures, per account and per address; codes and resets too",
            "A07:2025, ASVS 6.3.1",
        ),
        (
            Scheme::Session,
            "Sessions are renewed at sign-in, end after idle time, and can be ended by their owner",
            "ASVS 7.3.1, 7.4.1",
        ),
        (Scheme::StrongSession, "Staff sign in with a second factor", "ASVS 6.3.3"),
        (
            Scheme::ApiKey,
            "Keys are stored as hashes, limited in scope, and replaced without downtime",
            "A07:2025, ASVS 13.3.1",
        ),
        (
            Scheme::Bearer,
            "Tokens live for minutes; algorithm, issuer, audience and expiry are checked (RFC 8725)",
            "ASVS 9.1.1, 9.2.1",
        ),
    ];
    for (scheme, point, reference) in points {
        if used.contains(&scheme) {
            checks.push(check(point, signs_in.clone(), Answer::Team, reference));
        }
    }
    let webhooks = view.operations(&[OperationKind::Webhook]);
    if !webhooks.is_empty() {
        let names = operation_names(webhooks);
        checks.push(check(
            "Callbacks are signed over the raw body and a timestamp",
            names.clone(),
            Answer::Has,
            "A08:2025, ASVS 4.1.5",
        ));
        checks.push(check("An event that comes twice takes effect once", names, Answer::Team, "ASVS 2.3.3"));
    }
    checks
}

pub(super) fn authorization(view: &View<'_>) -> Vec<Check> {
    let requests = view.operations(&[OperationKind::Request, OperationKind::Stream]);
    let mut checks = Vec::new();
    let named: Vec<_> = requests.iter().copied().filter(|(_, o)| !o.roles.is_empty()).collect();
    if !named.is_empty() {
        checks.push(check(
            "Each operation names the roles that may call it",
            operation_names(named),
            Answer::Has,
            "A01:2025, API5:2023, ASVS 8.2.1",
        ));
    }
    let open_writes: Vec<_> =
        requests.iter().copied().filter(|(_, o)| accepted(view, o).1 && changes(o)).collect();
    if !open_writes.is_empty() {
        checks.push(check(
            "Anybody may change something here: meant so, limited by address, and proof against scripts",
            operation_names(open_writes),
            Answer::Team,
            "API6:2023, ASVS 2.4.1",
        ));
    }
    let open_reads: Vec<_> = requests
        .iter()
        .copied()
        .filter(|(_, o)| accepted(view, o).1 && !changes(o) && reads_above_public(view, o) && !signs_in(o))
        .collect();
    if !open_reads.is_empty() {
        checks.push(check(
            "Anybody may read this, though it holds more than public fields: return public ones only",
            operation_names(open_reads),
            Answer::Team,
            "API3:2023, ASVS 15.3.1",
        ));
    }
    let by_id: Vec<_> = requests
        .iter()
        .copied()
        .filter(|(_, o)| !o.roles.is_empty() && o.path.as_deref().is_some_and(|p| p.contains('{')))
        .collect();
    if !by_id.is_empty() {
        checks.push(check(
            "The statement that reads an object by identifier also checks whose it is",
            operation_names(by_id),
            Answer::Team,
            "API1:2023, ASVS 8.2.2",
        ));
    }
    if let Some(decision) = view.design.decision("authorization") {
        checks.push(check(
            &format!("Permissions follow one model: {}", name(&decision.verdict.name)),
            processes(view),
            Answer::Has,
            "A01:2025, ASVS 8.1.1",
        ));
    }
    let stores = view.relational_stores();
    if !stores.is_empty() {
        checks.push(check("The application's database role owns no table and cannot change what is append-only ([data](data-design.md))", component_names(&stores), Answer::Has, "ASVS 13.2.2"));
    }
    checks
}

fn changes(operation: &Operation) -> bool {
    let writes = |kind| matches!(kind, AccessKind::Insert | AccessKind::Update | AccessKind::Delete);
    operation.accesses.iter().any(|a| writes(a.kind))
}

/// Whether it proves who somebody is: it reads much and answers nothing of it.
fn signs_in(operation: &Operation) -> bool {
    operation.path.as_deref().is_some_and(|path| path.ends_with("/sessions"))
}

fn reads_above_public(view: &View<'_>, operation: &Operation) -> bool {
    let above = |s: Sensitivity| s > Sensitivity::Internal;
    operation
        .accesses
        .iter()
        .filter_map(|a| view.blueprint().entities.get(&a.entity))
        .any(|e| e.fields.iter().any(|f| above(f.sensitivity)))
}

pub(super) fn tenancy(view: &View<'_>) -> Vec<Check> {
    let blueprint = view.blueprint();
    let scoped = blueprint.entities.values().any(|e| e.tenant_scoped);
    if !scoped && !view.signal(&["multi-tenant"]) {
        return Vec::new();
    }
    let mut checks = Vec::new();
    for (id, component) in view.relational_stores() {
        let answer = if enforces_tenants(view, id) && scoped { Answer::Has } else { Answer::Lacks };
        checks.push(check(
            "The database itself hides rows of other tenants",
            name(&component.name),
            answer,
            "API1:2023, ASVS 8.4.1",
        ));
    }
    let shared: Vec<String> = blueprint
        .entities
        .iter()
        .filter(|(id, e)| !e.tenant_scoped && !is_tenants(id, e))
        .map(|(_, e)| name(&e.name))
        .collect();
    if !shared.is_empty() {
        checks.push(check(
            "Rows belong to no tenant: meant so",
            several(&shared),
            Answer::Team,
            "ASVS 8.4.1",
        ));
    }
    checks.push(check(
        "The tenant comes from the caller's proof of identity, never from path, header or body",
        processes(view),
        Answer::Team,
        "API1:2023, ASVS 8.4.1",
    ));
    let kinds =
        [ComponentKind::Cache, ComponentKind::Broker, ComponentKind::Search, ComponentKind::ObjectStore];
    let beside = view.components(&kinds);
    if !beside.is_empty() {
        checks.push(check(
            "Keys, topics, indexes and object names begin with the tenant",
            component_names(&beside),
            Answer::Team,
            "ASVS 8.4.1",
        ));
    }
    checks.push(check(
        "A test tries every operation with another tenant's identifiers",
        processes(view),
        Answer::Team,
        "ASVS 8.4.1",
    ));
    checks
}
