//! What the message of a job can hold: what whoever starts it knows.

use std::collections::BTreeSet;

use loadcase_model::{Access, AccessKind, Blueprint, FieldType, Id, Operation, OperationKind};

use super::contract::{Field, Form};
use super::draft::Draft;
use super::entity::{is_account, is_bookkeeping, keys};
use super::naming::{plural, snake};
use super::path::parameters;
use super::rows::{most_in_batch, plain};
use crate::data::columns::columns;
use crate::text::words;

/// The operations that start a job.
pub(super) fn starters<'a>(blueprint: &'a Blueprint, job: &Id) -> Vec<&'a Operation> {
    blueprint.operations.values().filter(|o| o.starts.contains(job)).collect()
}

/// Leaves of the fields what the starters know: what none knows the worker finds itself, what only some know may be
/// missing. Without starters nothing is known of them, and nothing is left out.
pub(super) fn restrict(blueprint: &Blueprint, starters: &[&Operation], fields: &mut Vec<Field>) {
    if starters.is_empty() {
        return;
    }
    let known: Vec<BTreeSet<String>> = starters.iter().map(|o| knows(blueprint, o)).collect();
    let counts = |field: &Field| {
        let by = starters.iter().zip(&known).filter(|(o, names)| match &field.form {
            // Which kind of thing happened is known to whoever did it, and not to what only looks for rows.
            Form::Words(_) => !matches!(o.kind, OperationKind::Webhook | OperationKind::Scheduled),
            // Who called is known wherever somebody has to say who he is.
            Form::Uuid(to)
                if !o.roles.is_empty() && Id::new(to.clone()).is_ok_and(|to| is_account(blueprint, &to)) =>
            {
                true
            }
            _ => names.contains(&field.name),
        });
        by.count()
    };
    fields.retain_mut(|field| {
        let by = counts(field);
        field.required &= by == starters.len();
        by > 0
    });
}

/// Names of what an operation knows when it is done: its parameters, the rows it touched one by one or found, what
/// they hold. Who finds many rows starts a job for each.
fn knows(blueprint: &Blueprint, operation: &Operation) -> BTreeSet<String> {
    let mut names: BTreeSet<String> =
        parameters(operation.path.as_deref().unwrap_or_default()).into_iter().collect();
    let outside = operation.kind == OperationKind::Webhook;
    for access in operation.accesses.iter().filter(|a| is_one(a) || a.kind == AccessKind::ReadMany) {
        let Some(entity) = blueprint.entities.get(&access.entity) else { continue };
        if entity.key.is_empty() {
            names.insert(format!("{}_id", snake(access.entity.as_str())));
        }
        // What came in from outside is not understood before the work begins.
        if !outside {
            names.extend(keys(access).iter().filter(|k| **k != "id").map(|k| snake(k)));
            let told =
                |kind: FieldType| matches!(kind, FieldType::Ref | FieldType::String | FieldType::Integer);
            names.extend(columns(entity).iter().filter(|c| c.listed && told(c.kind)).map(|c| snake(&c.name)));
        }
    }
    names
}

/// Whether an access is about one row.
fn is_one(access: &Access) -> bool {
    access.rows < 2.0 && !matches!(access.kind, AccessKind::ReadMany | AccessKind::Aggregate)
}

/// Who did it and what was made, where a job tells people of it: who did something is not told of it, and what was made
/// is shown.
pub(super) fn done_by(
    blueprint: &Blueprint,
    job: &Operation,
    starters: &[&Operation],
    fields: &mut Vec<Field>,
) {
    let to_account = |access: &&Access| {
        let told = blueprint.entities.get(&access.entity).into_iter().flat_map(|e| &e.fields);
        let mut told = told.filter(|f| !f.optional).filter_map(|f| f.to.as_ref());
        access.kind == AccessKind::Insert
            && !is_bookkeeping(&access.entity)
            && told.any(|to| is_account(blueprint, to))
    };
    // What changes rows does more than tell.
    let changes = |a: &Access| matches!(a.kind, AccessKind::Update | AccessKind::Delete);
    if job.accesses.iter().any(changes) || !job.accesses.iter().any(|a| to_account(&a)) {
        return;
    }
    for field in subjects(blueprint, starters) {
        let known = fields.iter().any(|f| f.name == field.name);
        let account = matches!(&field.form, Form::Uuid(to) if Id::new(to.clone()).is_ok_and(|to| is_account(blueprint, &to)));
        if !known && !account && field.name != "tenant_id" {
            fields.push(Field { required: false, ..field });
        }
    }
    let people = starters.iter().any(|o| o.kind == OperationKind::Request && !o.roles.is_empty());
    let said = fields.iter().any(|f| f.name.starts_with("actor") || f.name.ends_with("_by"));
    let account = blueprint.entities.keys().find(|id| is_account(blueprint, id));
    if let (true, false, Some(account)) = (people, said, account) {
        fields.push(plain(
            "caused_by",
            Form::Uuid(account.as_str().to_owned()),
            false,
            "Who did it, where a person did: nobody is told of what he did himself.",
        ));
    }
}

/// The rows that requests bring many at once: a job that stands for all of them lists them.
pub(super) fn brought(draft: &mut Draft<'_>, starters: &[&Operation], fields: &mut Vec<Field>) {
    let blueprint = draft.blueprint;
    for operation in starters {
        let first =
            operation.accesses.iter().find(|a| a.kind == AccessKind::Insert && !is_bookkeeping(&a.entity));
        let Some(access) = first.filter(|a| operation.batch || a.rows >= 2.0 && is_first(operation, a))
        else {
            continue;
        };
        let Some(entity) = blueprint.entities.get(&access.entity) else { continue };
        let size = most_in_batch(access.rows);
        let about = words(access.entity.as_str());
        let field = if entity.key.is_empty() {
            let one = Form::Uuid(access.entity.as_str().to_owned());
            let name = format!("{}_ids", snake(access.entity.as_str()));
            plain(&name, Form::List(Box::new(one), size), true, &format!("Each {about} that was taken."))
        } else {
            let row = Form::Record(draft.records.row(&access.entity, false));
            let name = plural(access.entity.as_str());
            plain(
                &name,
                Form::List(Box::new(row), size),
                true,
                &format!("Each {about} that was taken, as it came."),
            )
        };
        if !fields.iter().any(|f| f.name == field.name) {
            fields.push(Field { required: starters.len() == 1, ..field });
        }
    }
}

/// Whether a row is the first that an operation writes: it is what the request brings.
fn is_first(operation: &Operation, access: &Access) -> bool {
    operation
        .accesses
        .iter()
        .find(|a| super::entity::writes(a.kind))
        .is_some_and(|a| a.entity == access.entity)
}

/// What the starters are about, where nothing else is told.
pub(super) fn subjects(blueprint: &Blueprint, starters: &[&Operation]) -> Vec<Field> {
    let subject = |o: &&Operation| -> Option<Id> {
        let has_id = |a: &&Access| {
            is_one(a)
                && !is_bookkeeping(&a.entity)
                && blueprint.entities.get(&a.entity).is_some_and(|e| e.key.is_empty())
        };
        let by_id = |a: &&Access| keys(a) == ["id"];
        let made = o.accesses.iter().filter(has_id).find(|a| a.kind == AccessKind::Insert);
        let changed =
            || o.accesses.iter().filter(has_id).filter(by_id).find(|a| a.kind != AccessKind::ReadOne);
        let read = || o.accesses.iter().filter(has_id).find(by_id);
        made.or_else(changed).or_else(read).map(|a| a.entity.clone())
    };
    let mut found: Vec<(Id, usize)> = Vec::new();
    for id in starters.iter().filter_map(subject) {
        match found.iter_mut().find(|(known, _)| *known == id) {
            Some((_, count)) => *count += 1,
            None => found.push((id, 1)),
        }
    }
    let field = |(id, count): (Id, usize)| {
        let form = Form::Uuid(id.as_str().to_owned());
        let about = format!("Identifier of the {}.", words(id.as_str()));
        plain(&format!("{}_id", snake(id.as_str())), form, count == starters.len(), &about)
    };
    found.into_iter().map(field).collect()
}
