//! What is said without anybody waiting: jobs, the clock, messages to customers.

use loadcase_model::{Access, AccessKind, Blueprint, ComponentKind, FieldType, Id, Operation, OperationKind};

use super::contract::{Call, CallKind, Effect, Field, Form, Message, Way};
use super::draft::Draft;
use super::entity::{is_account, is_bookkeeping, keys, readable, writes};
use super::naming::{camel, pascal, snake};
use super::rows::{plain, token};
use super::security::Scheme;
use super::started;
use crate::data::columns::Role;
use crate::text::{capital, clean, sentence, words};

/// Most fields in the message of a job.
const FIELDS: usize = 8;
/// Most kinds of events that customers are told.
const EVENTS: usize = 24;

/// The message of a job, of the clock, or to a customer.
pub(crate) fn message(draft: &mut Draft<'_>, id: &Id, calls: &[Call]) -> Message {
    let operation = &draft.blueprint.operations[id];
    let way = match operation.kind {
        OperationKind::Scheduled => Way::Clock,
        _ if id.as_str().contains("webhook") => Way::Outgoing,
        _ => Way::Job,
    };
    let name = draft.names.free(&camel(id.as_str()));
    let records = match way {
        Way::Clock => vec![clock(draft)],
        Way::Job => vec![job(draft, id, operation, &name)],
        Way::Outgoing => {
            let told = outgoing(draft, calls);
            if told.is_empty() { vec![job(draft, id, operation, &name)] } else { told }
        }
    };
    let title = clean(&operation.name);
    let title =
        if title.is_empty() { capital(&words(id.as_str())) } else { title.chars().take(120).collect() };
    let about = match way {
        Way::Clock => format!(
            "Started by the clock{}{}; a run that is still going keeps the next one from starting.",
            operation.every.map_or_else(String::new, |s| format!(" every {}", period(s))),
            operation.after.as_ref().map_or_else(String::new, |a| format!(", after `{a}` has ended"))
        ),
        Way::Job => {
            let repeat = if !crate::data::must_remember(draft.blueprint, operation) {
                "Taken at least once, so the worker's change is idempotent: a repeated message does nothing."
            } else {
                "Taken at least once: the worker remembers `message_id` and skips what it has done."
            };
            format!("{repeat} What fails is tried again with growing delay, then set aside for people.")
        }
        Way::Outgoing => {
            "Sent to the address that a customer registered, at least once and in no promised order. Receivers check the signature and the time, and remember the identifier.".to_owned()
        }
    };
    Message {
        operation: id.clone(),
        about: format!("{} {about}", sentence(&title)).trim().to_owned(),
        title,
        area: draft.area(operation.module.as_ref()),
        way,
        records,
        name,
    }
}

fn clock(draft: &mut Draft<'_>) -> String {
    draft.records.object(
        "clock",
        "ScheduledRun",
        "A run that is due.",
        vec![
            plain(
                "run_id",
                Form::Uuid("run".to_owned()),
                true,
                "Identifier of the run; the same when it is tried again.",
            ),
            plain(
                "scheduled_for",
                Form::Time,
                true,
                "The time it stands for (UTC), which is not the time it begins.",
            ),
        ],
    )
}

/// The keys a worker needs to find its rows, and the tenant.
fn job(draft: &mut Draft<'_>, id: &Id, operation: &Operation, name: &str) -> String {
    let blueprint = draft.blueprint;
    let starters = started::starters(blueprint, id);
    let mut fields: Vec<Field> = Vec::new();
    let mut scoped = false;
    // Work on what came in from outside begins before it is known whose it is.
    let known = operation
        .accesses
        .first()
        .and_then(|a| blueprint.entities.get(&a.entity))
        .is_none_or(|e| e.tenant_scoped || crate::data::is_tenants(&operation.accesses[0].entity, e));
    let held = held(blueprint, operation);
    for access in &operation.accesses {
        let Some(entity) = blueprint.entities.get(&access.entity) else { continue };
        scoped |= entity.tenant_scoped;
        let columns = readable(entity);
        // Of many rows none is named: the worker finds them.
        if access.rows >= 2.0 && keys(access) == ["id"] {
            continue;
        }
        let always = access.rows >= 1.0;
        for key in keys(access) {
            let refers = columns.iter().find(|c| c.name == key).and_then(|c| c.to.as_ref());
            if refers.is_some_and(|to| held.contains(to)) {
                continue;
            }
            let own = format!("{}_id", snake(access.entity.as_str()));
            let field = match columns.iter().find(|c| c.name == key) {
                _ if key == "id" => plain(
                    &own,
                    Form::Uuid(access.entity.as_str().to_owned()),
                    always,
                    &format!("Identifier of the {}.", words(access.entity.as_str())),
                ),
                Some(column)
                    if column.kind == FieldType::Ref
                        || fields.is_empty() && column.kind != FieldType::Timestamp =>
                {
                    super::form::field(column, access.entity.as_str(), always)
                }
                _ => continue,
            };
            if !fields.iter().any(|f| f.name == field.name) {
                fields.push(field);
            }
        }
    }
    told(draft, operation, &held, &mut fields);
    started::restrict(blueprint, &starters, &mut fields);
    started::brought(draft, &starters, &mut fields);
    started::done_by(blueprint, operation, &starters, &mut fields);
    if !fields.iter().any(|f| matches!(f.form, Form::Uuid(_) | Form::List(..))) {
        let about = started::subjects(blueprint, &starters);
        fields.splice(0..0, about.into_iter().filter(|f| f.name != "tenant_id"));
    }
    fields.truncate(FIELDS);
    if fields.is_empty() {
        let first = operation.accesses.first().map(|a| &a.entity);
        let subject = first.map_or_else(|| "subject".to_owned(), |id| snake(id.as_str()));
        let owner = first.map_or("subject", Id::as_str).to_owned();
        fields.push(plain(&format!("{subject}_id"), Form::Uuid(owner), true, "What it is about."));
        fields.push(plain("detail", Form::Document, false, "What else the worker needs."));
    }
    if scoped && !fields.iter().any(|f| f.name == "tenant_id") {
        fields.insert(
            0,
            plain(
                "tenant_id",
                Form::Uuid("tenant".to_owned()),
                known && starters.iter().all(|o| o.kind != OperationKind::Webhook),
                "The tenant whose rows they are; the worker sets it before it touches any.",
            ),
        );
    }
    fields.push(plain("requested_at", Form::Time, true, "When it was asked for (UTC)."));
    let about = sentence(&clean(&operation.name));
    let about = if about.is_empty() { "Work to be done.".to_owned() } else { about };
    draft.records.object(&format!("job {name}"), &format!("{}Job", capital(name)), &about, fields)
}

/// What the rows that a job finds by their identifiers tell of other rows: nobody has to say it again.
fn held(blueprint: &Blueprint, operation: &Operation) -> Vec<Id> {
    let by_id = |a: &&Access| a.rows >= 1.0 && keys(a) == ["id"] && a.kind != AccessKind::Insert;
    let mut held = Vec::new();
    for access in operation.accesses.iter().filter(by_id) {
        held.push(access.entity.clone());
        let fields = blueprint.entities.get(&access.entity).into_iter().flat_map(|e| &e.fields);
        held.extend(fields.filter(|f| !f.optional).filter_map(|f| f.to.clone()));
    }
    held
}

/// What a job needs to make the one row it makes: whom it is for, of which kind it is, what it is about.
fn told(draft: &Draft<'_>, operation: &Operation, held: &[Id], fields: &mut Vec<Field>) {
    let one = |a: &&Access| {
        a.kind == AccessKind::Insert && (1.0..2.0).contains(&a.rows) && !is_bookkeeping(&a.entity)
    };
    // Of what kind a row is that follows from another one, the job sees itself.
    let first = operation.accesses.iter().find(|a| writes(a.kind) && !is_bookkeeping(&a.entity));
    for access in operation.accesses.iter().filter(one) {
        let begins = first.is_some_and(|f| f.kind == AccessKind::Insert && f.entity == access.entity);
        let Some(entity) = draft.blueprint.entities.get(&access.entity) else { continue };
        for column in readable(entity).into_iter().filter(|c| c.listed && c.role == Role::Plain) {
            let wanted = match (column.kind, &column.to) {
                (FieldType::Ref, Some(to)) => !held.contains(to),
                (FieldType::Enum, _) => {
                    begins && !matches!(column.name.as_str(), "state" | "status" | "outcome")
                }
                _ => false,
            };
            let field = super::form::field(&column, access.entity.as_str(), !column.optional);
            if wanted && !fields.iter().any(|f| f.name == field.name) {
                fields.push(field);
            }
        }
    }
}

/// Whether customers may hear of an entity: a machine of theirs may call for it. Where none may call anything,
/// it is people who register the addresses.
fn heard(draft: &Draft<'_>, calls: &[Call], subject: &Id) -> bool {
    !calls.iter().any(|c| is_theirs(draft, c)) || asked_for(draft, calls, subject)
}

/// Whether a machine of a customer may call for an entity.
fn asked_for(draft: &Draft<'_>, calls: &[Call], subject: &Id) -> bool {
    calls.iter().filter(|c| is_theirs(draft, c)).any(|c| c.subject.as_ref() == Some(subject))
}

/// Whether machines of customers may make a call.
fn is_theirs(draft: &Draft<'_>, call: &Call) -> bool {
    let key = |role: &String| {
        let by = draft.blueprint.actors.iter().find(|(id, _)| id.as_str() == role);
        let by = by.and_then(|(_, a)| a.authenticates_by.as_ref());
        by.is_some_and(|by| Scheme::of(by.as_str()) == Some(Scheme::ApiKey))
    };
    call.access.schemes.iter().any(|s| matches!(s, Scheme::ApiKey | Scheme::OAuth))
        && call.access.roles.iter().any(key)
}

/// Rows that jobs make and change: what becomes of them no caller was answered.
fn by_jobs(blueprint: &Blueprint) -> Vec<(&Id, &'static str)> {
    let jobs = blueprint.operations.values().filter(|o| o.kind == OperationKind::Job);
    let told = jobs.flat_map(|o| &o.accesses).filter_map(|a| match a.kind {
        AccessKind::Insert => Some((&a.entity, "created")),
        AccessKind::Update => Some((&a.entity, "updated")),
        _ => None,
    });
    told.collect()
}

/// What customers are told: each kind of change of a row that a machine or its owner makes by a call, and what work
/// in the background makes of rows that a machine may call for, such as a dispute that somebody else began.
fn outgoing(draft: &mut Draft<'_>, calls: &[Call]) -> Vec<String> {
    let mut kinds: Vec<(Id, &'static str)> = Vec::new();
    let mut note = |id: &Id, what: &'static str| {
        if !kinds.iter().any(|(i, w)| i == id && *w == what) && kinds.len() < EVENTS {
            kinds.push((id.clone(), what));
        }
    };
    for call in calls.iter().filter(|c| c.kind == CallKind::Command) {
        let Some(subject) = &call.subject else { continue };
        let kept = is_bookkeeping(subject) || is_account(draft.blueprint, subject);
        if kept || subject.as_str().contains("key") || !heard(draft, calls, subject) {
            continue;
        }
        match call.effect {
            Effect::Create => note(subject, "created"),
            Effect::Put | Effect::Change => note(subject, "updated"),
            Effect::Remove => note(subject, "deleted"),
            Effect::None => {}
        }
    }
    for (id, what) in by_jobs(draft.blueprint) {
        let kept = is_bookkeeping(id) || is_account(draft.blueprint, id) || id.as_str().contains("key");
        if !kept && asked_for(draft, calls, id) {
            note(id, what);
        }
    }
    kinds.into_iter().map(|(id, what)| event(draft, &id, what)).collect()
}

fn event(draft: &mut Draft<'_>, id: &Id, what: &'static str) -> String {
    let state = draft.blueprint.entities.get(id).and_then(|e| {
        readable(e)
            .into_iter()
            .find(|c| c.kind == FieldType::Enum && matches!(c.name.as_str(), "state" | "status"))
    });
    let subject = words(id.as_str());
    let mut fields = vec![plain(
        "id",
        Form::Uuid(id.as_str().to_owned()),
        true,
        &format!("Identifier of the {subject}; fetch it for the rest."),
    )];
    if let Some(state) = state {
        fields.push(super::form::field(&state, id.as_str(), false));
    }
    let data = draft.records.object(
        &format!("told {id}"),
        &format!("{}Told", pascal(id.as_str())),
        &format!("Which {subject} it is about. Thin on purpose: no personal data leaves with it."),
        fields,
    );
    let kind = format!("{}.{what}", snake(id.as_str()));
    draft.records.object(
        &format!("event {id} {what}"),
        &format!("{}{}", pascal(id.as_str()), capital(what)),
        &format!("A {subject} was {what}."),
        vec![
            plain(
                "id",
                token(64, "^[A-Za-z0-9_-]+$", "evt_7c2f0a91b4d8"),
                true,
                "Identifier of the event; the same when it is sent again.",
            ),
            plain("type", Form::Words(vec![kind]), true, "What happened."),
            plain("created_at", Form::Time, true, "When it happened (UTC)."),
            plain("data", Form::Record(data), true, "What it is about."),
        ],
    )
}

/// Host and protocol of what carries the messages: those of the flow to the broker, else to the store.
pub(crate) fn broker(blueprint: &Blueprint) -> (String, String) {
    let of = |kind: ComponentKind| {
        let found = blueprint.components.iter().find(|(_, c)| c.kind == kind).map(|(id, _)| id);
        found.map(|id| {
            let flow = blueprint.flows.iter().find(|f| f.to == *id && !f.protocol.is_empty());
            let protocol: String = flow.map_or_else(String::new, |f| {
                f.protocol.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(40).collect()
            });
            (
                super::naming::kebab(id.as_str()),
                if protocol.is_empty() { "internal".to_owned() } else { protocol.to_lowercase() },
            )
        })
    };
    of(ComponentKind::Broker)
        .or_else(|| of(ComponentKind::Store))
        .unwrap_or_else(|| ("queue".to_owned(), "internal".to_owned()))
}

/// Seconds in words: `minute`, `5 s`, `day`.
fn period(seconds: f64) -> String {
    let units = [(86_400.0, "day"), (3_600.0, "hour"), (60.0, "minute")];
    match units.into_iter().find(|(s, _)| seconds >= *s && seconds % s < 1e-9) {
        Some((s, unit)) if seconds - s < 1e-9 => unit.to_owned(),
        Some((s, unit)) => format!("{} {unit}s", loadcase_model::format_number(seconds / s)),
        None => format!("{} s", loadcase_model::format_number(seconds)),
    }
}
