//! What comes in, what is stored, and what is about people.

use std::collections::BTreeSet;

use loadcase_model::{AccessKind, ComponentKind, Entity, Field, FieldType, Flow, Id, Sensitivity};

use super::running::flow_names;
use super::{Answer, Check, check, component_names, operation_names, processes, several};
use crate::data::columns::columns;
use crate::data::holds_personal;
use crate::text::markdown::{code, name};
use crate::view::{INSIDE, View};

pub(super) fn input(view: &View<'_>) -> Vec<Check> {
    let mut checks = Vec::new();
    let endpoints = view.endpoints();
    if !endpoints.is_empty() && crate::api::speaks_rest(view) {
        let names = operation_names(endpoints.iter().map(|e| (e.id, e.operation)));
        checks.push(check(
            "The contract bounds every string, number and list, and refuses unknown fields",
            names,
            Answer::Has,
            "API4:2023, ASVS 2.2.1",
        ));
        checks.push(check(
            "Requests are checked against the contract before any code of the product runs",
            processes(view),
            Answer::Team,
            "A05:2025, ASVS 2.2.2",
        ));
    }
    let stores = view.components(&[ComponentKind::Store, ComponentKind::Search, ComponentKind::Analytics]);
    if !stores.is_empty() {
        checks.push(check(
            "Values reach the store as parameters, never as part of a statement",
            component_names(&stores),
            Answer::Team,
            "A05:2025, ASVS 1.2.4",
        ));
    }
    let secrets: Vec<String> = fields_of(view, |s| matches!(s, Sensitivity::Secret | Sensitivity::Card));
    if !secrets.is_empty() && crate::api::speaks_rest(view) {
        checks.push(check(
            "Fields that never leave: the contract has none of them",
            several(&secrets),
            Answer::Has,
            "API3:2023, ASVS 15.3.1",
        ));
    }
    let files = view.components(&[ComponentKind::ObjectStore]);
    if !files.is_empty() {
        checks.push(check(
            "Uploads have a size limit, a list of types, and are served from another origin",
            component_names(&files),
            Answer::Team,
            "ASVS 5.2.1, 5.3.2",
        ));
    }
    let outside = view.components(&[ComponentKind::External]);
    // Customers say themselves where these are.
    let (registered, outside): (Vec<_>, Vec<_>) =
        outside.into_iter().partition(|(id, _)| id.as_str().contains("endpoint"));
    if !registered.is_empty() {
        checks.push(check(
            "Addresses that customers register: only `https`, resolved and checked against private networks at each call, no redirects followed, a signature with a secret of each",
            component_names(&registered),
            Answer::Team,
            "API7:2023, ASVS 1.3.6, 13.2.4",
        ));
    }
    if !outside.is_empty() {
        checks.push(check(
            "Outgoing calls go to listed hosts only, and answers are checked like input",
            component_names(&outside),
            Answer::Team,
            "API7:2023, API10:2023, ASVS 13.2.4",
        ));
    }
    checks.extend(given_addresses(view));
    checks
}

/// What is done with addresses that users give.
fn given_addresses(view: &View<'_>) -> Vec<Check> {
    let mut checks = Vec::new();
    let (called, urls) = addresses(view);
    if !called.is_empty() {
        checks.push(check(
            "Addresses given by users that are called: only `https`, known hosts where these are few (push services), else resolved and checked against private networks at each call, no redirects followed",
            several(&called),
            Answer::Team,
            "API7:2023, ASVS 1.3.6, 13.2.4",
        ));
    }
    if !urls.is_empty() {
        checks.push(check(
            "Other addresses given by users are never fetched from inside the network",
            several(&urls),
            Answer::Team,
            "API7:2023, ASVS 1.3.6",
        ));
    }
    checks
}

/// Fields by sensitivity, as `entity.field`.
pub(crate) fn fields_of(view: &View<'_>, wanted: impl Fn(Sensitivity) -> bool) -> Vec<String> {
    let entities = view.blueprint().entities.iter();
    entities
        .flat_map(|(id, e)| e.fields.iter().map(move |f| (id, f)))
        .filter(|(_, f)| wanted(f.sensitivity))
        .map(|(id, f)| code(&format!("{id}.{}", f.name)))
        .collect()
}

/// Fields with addresses, as `entity.field`: those that are called, and the others. Keys of stored files are made here and
/// given by nobody.
fn addresses(view: &View<'_>) -> (Vec<String>, Vec<String>) {
    let entities = view.blueprint().entities.iter();
    let fields = entities
        .flat_map(|(id, e)| e.fields.iter().map(move |f| (id, f)))
        .filter(|(_, f)| f.kind == FieldType::Url && !f.name.as_str().ends_with("_key"));
    let (called, others): (Vec<_>, Vec<_>) =
        fields.partition(|(id, f)| id.as_str().contains("endpoint") || f.name.as_str().contains("endpoint"));
    let named = |list: Vec<(&Id, &Field)>| {
        list.iter().map(|(id, f)| code(&format!("{id}.{}", f.name))).collect::<Vec<_>>()
    };
    (named(called), named(others))
}

pub(super) fn encryption(view: &View<'_>) -> Vec<Check> {
    let mut checks = Vec::new();
    let flows: Vec<&Flow> = view
        .blueprint()
        .flows
        .iter()
        .filter(|f| f.protocol != INSIDE)
        .filter(|f| !view.components(&[ComponentKind::Client]).iter().any(|(id, _)| **id == f.to))
        .collect();
    let (plain, flows): (Vec<&Flow>, Vec<&Flow>) =
        flows.into_iter().partition(|f| f.encrypted == Some(true) && view.ends_before_process(f));
    if !plain.is_empty() {
        checks.push(check(
            "TLS ends at what stands before the process; from there on requests go in plain text inside the private network. \
             Where the rules ask for more, give the process a certificate of its own",
            flow_names(view, &plain),
            Answer::Lacks,
            "A04:2025, ASVS 12.3.1",
        ));
    }
    let of =
        |wanted: Option<bool>| flows.iter().copied().filter(|f| f.encrypted == wanted).collect::<Vec<_>>();
    let states = [(Some(true), Answer::Has), (Some(false), Answer::Lacks), (None, Answer::Unknown)];
    for (state, answer) in states {
        let found = of(state);
        if !found.is_empty() {
            checks.push(check(
                "Connections are encrypted with TLS 1.2 or later, certificates checked",
                flow_names(view, &found),
                answer,
                "A04:2025, ASVS 12.2.1, 12.3.1",
            ));
        }
    }
    let kinds =
        [ComponentKind::Store, ComponentKind::Analytics, ComponentKind::ObjectStore, ComponentKind::Search];
    let stores = view.components(&kinds);
    if !stores.is_empty() {
        checks.push(check(
            "Disks and backups are encrypted, backups in another account",
            component_names(&stores),
            Answer::Team,
            "A04:2025, ASVS 14.2.4",
        ));
    }
    let secrets = fields_of(view, |s| s == Sensitivity::Secret);
    if !secrets.is_empty() {
        checks.push(check("Passwords are hashed with Argon2id, bcrypt or scrypt; other secrets are encrypted or kept as hashes", several(&secrets), Answer::Team, "A04:2025, ASVS 11.4.2"));
    }
    let running = view.components(&[ComponentKind::Service, ComponentKind::Worker, ComponentKind::Function]);
    checks.push(check(
        "Secrets come from a secret store at start, differ by component, and are replaced on a schedule",
        component_names(&running),
        Answer::Team,
        "ASVS 13.3.1, 13.3.4",
    ));
    checks
}

pub(super) fn personal(view: &View<'_>) -> Vec<Check> {
    let entities: Vec<_> = view.blueprint().entities.iter().filter(|(_, e)| holds_personal(e)).collect();
    if entities.is_empty() {
        return Vec::new();
    }
    let named = |wanted: &dyn Fn(&Id, &Entity) -> bool| {
        several(
            &entities.iter().filter(|(id, e)| wanted(id, e)).map(|(_, e)| name(&e.name)).collect::<Vec<_>>(),
        )
    };
    let mut checks = Vec::new();
    let mut add = |point: &str, applies: String, answer, reference| {
        if !applies.is_empty() {
            checks.push(check(point, applies, answer, reference));
        }
    };
    add(
        "Logs of requests hold addresses of people: they lie in the region of the product, for weeks, and are in the record of processing",
        component_names(&view.components(&[ComponentKind::Edge, ComponentKind::Gateway])),
        Answer::Team,
        "ASVS 14.2.4, 16.2.5",
    );
    let kept = |_: &Id, e: &Entity| e.keep_days.is_some();
    let goes = crate::data::goes_by_age(view);
    add(
        "Deleted after a set time: by the store itself, or by functions of the schema that workers call",
        named(&|id, e| kept(id, e) && goes.contains(id)),
        Answer::Has,
        "ASVS 14.2.7",
    );
    add(
        "Deleted after a set time: `data-design.md` has the statements, and something has to run them",
        named(&|id, e| kept(id, e) && !goes.contains(id)),
        Answer::Team,
        "ASVS 14.2.7",
    );
    add(
        "No time is set after which it is deleted",
        named(&|id, e| !kept(id, e)),
        Answer::Lacks,
        "ASVS 14.2.7",
    );
    let gone = erased(view);
    let deleted = |id: &Id| gone.contains(id);
    add(
        "An operation deletes it on request, or takes out what names a person",
        named(&|id, _| deleted(id)),
        Answer::Has,
        "ASVS 14.2.7",
    );
    // Records of what was done stay as long as they are for, and go then.
    let recorded = |e: &Entity| e.append_only && e.keep_days.is_some();
    add(
        "No operation deletes it on request: erase or make anonymous when its owner asks",
        named(&|id, e| !deleted(id) && !recorded(e)),
        Answer::Lacks,
        "ASVS 14.2.7",
    );
    let special = |_: &Id, e: &Entity| columns(e).iter().any(|c| c.sensitivity == Sensitivity::Special);
    add(
        "Special categories: encrypted with a key of their own, reads recorded",
        named(&special),
        Answer::Team,
        "ASVS 14.1.1, 14.2.4",
    );
    checks
}

/// Entities whose rows an operation deletes or, where it erases, makes anonymous, and those that go with them: parts of the row, and rows whose key
/// holds it.
fn erased<'a>(view: &View<'a>) -> BTreeSet<&'a Id> {
    let blueprint = view.blueprint();
    let erases = |id: &Id| id.as_str().split('-').next() == Some("erase");
    let operations = blueprint.operations.iter();
    let accesses = operations.flat_map(|(id, o)| o.accesses.iter().map(move |a| (erases(id), a)));
    let mut gone: BTreeSet<&Id> = accesses
        .filter(|(erases, a)| a.kind == AccessKind::Delete || *erases && a.kind == AccessKind::Update)
        .map(|(_, a)| &a.entity)
        .collect();
    loop {
        let with = blueprint.entities.iter().filter(|(id, e)| {
            let goes = |f: &Field| {
                (f.owned || e.key.contains(&f.name)) && f.to.as_ref().is_some_and(|to| gone.contains(to))
            };
            !gone.contains(id) && e.fields.iter().any(goes)
        });
        let more: Vec<&Id> = with.map(|(id, _)| id).collect();
        if more.is_empty() {
            return gone;
        }
        gone.extend(more);
    }
}
