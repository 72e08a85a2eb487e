//! The statement by which a service takes an event of another system: stored as it came, with the work it causes, in
//! one transaction. The second delivery does nothing.

use loadcase_model::{AccessKind, Id, OperationKind};

use super::Sources;
use super::sql::{literal, usual};
use super::table::{Column, Table, table};
use crate::deploy::Plan;

/// The statement of an operation; `None` where more is to be done than to store the event and leave a job.
///
/// Its one parameter is a JSON document: `id` of the delivery, `body` as it was sent, `path` with the parameters of
/// the path.
pub(super) fn receive(
    plan: &Plan<'_>,
    sources: &Sources<'_>,
    id: &str,
    parameters: &[String],
) -> Option<String> {
    let blueprint = plan.view.blueprint();
    let operation = blueprint.operations.get(id).filter(|o| o.kind == OperationKind::Webhook)?;
    let [access] = &operation.accesses[..] else { return None };
    let entity = blueprint.entities.get(&access.entity).filter(|_| access.kind == AccessKind::Insert)?;
    let store = plan.view.store_of(entity)?;
    let (_, schema) = sources.schemas.iter().find(|(id, _)| *id == store)?;
    let events = table(schema, &crate::data::identifier(access.entity.as_str()))?;
    let (names, values): (Vec<String>, Vec<String>) = stored(&events, parameters)?.into_iter().unzip();
    let store = format!(
        "INSERT INTO {} ({})\n    SELECT {} FROM given\n    ON CONFLICT DO NOTHING",
        events.written,
        names.join(", "),
        values.join(", ")
    );
    let Some(job) = applies(plan, &access.entity) else { return Some(format!("{GIVEN}\n{store}\n")) };
    let jobs = table(schema, "job").filter(|t| t.has(super::JOB))?;
    events.column("id")?;
    let own = format!("{}_id", access.entity.as_str().replace('-', "_"));
    Some(format!(
        "{GIVEN}, event AS (\n    {store}\n    RETURNING id\n)\nINSERT INTO {} (kind, payload, run_at, attempts)\nSELECT {}, jsonb_build_object({}, id, 'requested_at', now()), now(), 0 FROM event\n",
        jobs.written,
        literal(job.as_str()),
        literal(&own),
    ))
}

const GIVEN: &str = "WITH given AS (SELECT $1::jsonb AS it)";

/// Columns of the row of an event, with where their values come from.
fn stored(events: &Table, parameters: &[String]) -> Option<Vec<(String, String)>> {
    let mut found = Vec::new();
    let mut keyed = false;
    for column in events.columns.iter().filter(|c| c.required && !c.has_default) {
        let value = value(events, column, parameters)?;
        keyed |= value == KEY;
        found.push((format!("\"{}\"", column.name.replace('"', "\"\"")), value));
    }
    keyed.then_some(found)
}

/// The identifier of the delivery, which is the same when it is sent again.
const KEY: &str = "it->>'id'";

fn value(events: &Table, column: &Column, parameters: &[String]) -> Option<String> {
    let name = column.name.as_str();
    match column.kind.as_str() {
        // A row that names a tenant cannot be written before the tenant is known.
        _ if name == "tenant_id" => None,
        "text" if parameters.iter().any(|p| p == name) => Some(format!("it->'path'->>{}", literal(name))),
        "text" if events.is_unique(name) => Some(KEY.to_owned()),
        "text" if matches!(name, "kind" | "type" | "event") => {
            Some("left(coalesce(it->'body'->>'type', ''), 255)".to_owned())
        }
        "jsonb" => Some("it->'body'".to_owned()),
        _ => usual(column),
    }
}

/// The job that reads a stored event and does what it says.
fn applies<'a>(plan: &Plan<'a>, event: &Id) -> Option<&'a Id> {
    let operations = plan.view.blueprint().operations.iter();
    operations
        .filter(|(_, o)| o.kind == OperationKind::Job)
        .find(|(_, o)| {
            o.accesses.first().is_some_and(|a| {
                a.entity == *event && a.kind == AccessKind::ReadOne && a.by.iter().any(|b| b == "id")
            })
        })
        .map(|(id, _)| id)
}
