//! What is answered, and what becomes of the rows.

use std::cmp::Ordering;

use loadcase_publish::contracts::{
    Answer, Call, Contract, Effect, Form, Test, event_text, page_for_people, sample, sample_record, success,
};
use serde_json::{Map, Value};

use super::check::Asked;
use super::route::Routes;
use super::rows::{Row, Rows};
use super::{Reply, refuse, wire};

/// Events of a stream before the mock closes it.
const EVENTS: usize = 3;
/// Rows of a list inside another answer.
const INSIDE: usize = 5;

/// Does what a call asks for.
pub(crate) fn act(
    contract: &Contract,
    routes: &Routes,
    rows: &mut Rows,
    call: &Call,
    asked: &Asked,
) -> Reply {
    let place = match Place::find(contract, rows, call, asked) {
        Ok(place) => place,
        Err(reply) => return reply,
    };
    if let (true, Some(row)) = (call.guarded, &place.row)
        && asked.if_match.as_deref() != Some(&etag(row))
    {
        return refuse(412, "Somebody changed it after you read it.");
    }
    match &call.answer {
        Answer::Page(page, row) => match list(contract, rows, call, asked, &place, page, row) {
            Ok(body) => json_reply(call, &body),
            Err(reply) => reply,
        },
        Answer::One(record) => {
            let row = changed(contract, rows, call, asked, &place);
            let body = shown(contract, rows, record, row.as_ref());
            let mut reply = json_reply(call, &body);
            if let (true, Some(row)) = (call.versioned, row) {
                reply.headers.push(("ETag", etag(&row)));
            }
            reply
        }
        Answer::Created(record) => created(contract, routes, rows, call, asked, &place, record),
        Answer::Stream(record) => {
            let one = |n| event_text(&sample_record(contract, contract.record(record), n));
            text_reply(call, (0..EVENTS).map(one).collect())
        }
        Answer::Html => text_reply(call, page_for_people(&call.title)),
        Answer::Done | Answer::Accepted => {
            let _ = changed(contract, rows, call, asked, &place);
            Reply { status: success(call).0, headers: Vec::new(), body: Vec::new() }
        }
        Answer::SeeOther => {
            let _ = changed(contract, rows, call, asked, &place);
            Reply { status: 303, headers: vec![("Location", "/".to_owned())], body: Vec::new() }
        }
    }
}

fn etag(row: &Row) -> String {
    format!("\"{}\"", row.version)
}

fn json_reply(call: &Call, body: &Value) -> Reply {
    text_reply(call, body.to_string())
}

fn text_reply(call: &Call, body: String) -> Reply {
    let kind = wire::produced(call).unwrap_or("application/json");
    Reply {
        status: success(call).0,
        headers: vec![("Content-Type", kind.to_owned())],
        body: body.into_bytes(),
    }
}

/// What the path says: the row a call is about, and fields that rows below it have.
#[derive(Default)]
struct Place {
    row: Option<Row>,
    fields: Map<String, Value>,
}

impl Place {
    /// Finds what the path names; what is missing is a 404.
    fn find(contract: &Contract, rows: &Rows, call: &Call, asked: &Asked) -> Result<Self, Reply> {
        let subject = call.subject.as_ref().map(loadcase_model::Id::as_str);
        let one = !matches!(call.answer, Answer::Page(..) | Answer::Created(_)) && !call.batch;
        let missing = || refuse(404, "There is no such row.");
        let mut place = Self::default();
        for field in &call.path_fields {
            let Some(value) = asked.path.get(&field.name) else { continue };
            let text = value.as_str().unwrap_or_default();
            match &field.form {
                Form::Uuid(of) if Some(of.as_str()) == subject => {
                    place.row = Some(rows.by_id(of, text).cloned().ok_or_else(missing)?);
                }
                Form::Uuid(of) => {
                    if rows.has_kind(of) && rows.by_id(of, text).is_none() {
                        return Err(missing());
                    }
                    place.fields.insert(field.name.clone(), value.clone());
                }
                _ if !field.owner.is_empty() && rows.has_kind(&field.owner) => {
                    let found =
                        rows.all(&field.owner).iter().find(|r| r.fields.get(&field.name) == Some(value));
                    let found = found.ok_or_else(missing)?;
                    if Some(field.owner.as_str()) == subject {
                        place.row = Some(found.clone());
                    } else {
                        place.belongs_to(contract, subject, &field.owner, &found.id);
                    }
                }
                _ => {}
            }
        }
        if let (None, true, Some(subject)) = (&place.row, one, subject) {
            place.row = rows
                .all(subject)
                .iter()
                .find(|r| place.holds(r))
                .or_else(|| rows.all(subject).first())
                .cloned();
        }
        Ok(place)
    }

    /// Rows of `subject` below a row of `owner` refer to it.
    fn belongs_to(&mut self, contract: &Contract, subject: Option<&str>, owner: &str, id: &str) {
        let record = subject.and_then(|s| contract.row_of(s)).map(|name| contract.record(name));
        for field in record.into_iter().flat_map(|r| &r.fields) {
            if field.form == Form::Uuid(owner.to_owned()) && field.name != "id" {
                self.fields.insert(field.name.clone(), Value::String(id.to_owned()));
                return;
            }
        }
    }

    /// Whether a row lies below what the path names; fields it does not have say nothing.
    fn holds(&self, row: &Row) -> bool {
        self.fields.iter().all(|(name, value)| row.fields.get(name).is_none_or(|v| v == value))
    }
}

/// The row after what a call does to it.
fn changed(contract: &Contract, rows: &mut Rows, call: &Call, asked: &Asked, place: &Place) -> Option<Row> {
    let row = place.row.clone();
    let (Some(subject), Some(found)) = (&call.subject, &row) else { return row };
    let empty = Map::new();
    let given = asked.body.as_ref().and_then(Value::as_object).unwrap_or(&empty);
    match call.effect {
        Effect::Change | Effect::Put => rows.change(contract, subject.as_str(), &found.id, given).or(row),
        Effect::Remove => {
            rows.remove(subject.as_str(), &found.id);
            None
        }
        Effect::None | Effect::Create => row,
    }
}

fn created(
    contract: &Contract,
    routes: &Routes,
    rows: &mut Rows,
    call: &Call,
    asked: &Asked,
    place: &Place,
    record: &str,
) -> Reply {
    let mut given = place.fields.clone();
    given.extend(asked.body.as_ref().and_then(Value::as_object).cloned().unwrap_or_default());
    let subject = call.subject.as_ref().map(loadcase_model::Id::as_str);
    let row = subject.and_then(|s| rows.make(contract, s, &given));
    let body = shown(contract, rows, record, row.as_ref());
    let id = row.as_ref().map_or_else(|| body["id"].as_str().unwrap_or("new").to_owned(), |r| r.id.clone());
    let location =
        subject.and_then(|s| routes.reader(s, &id)).unwrap_or_else(|| format!("{}/{id}", asked.at));
    let mut reply = json_reply(call, &body);
    reply.headers.push(("Location", location));
    if let (true, Some(row)) = (call.versioned, &row) {
        reply.headers.push(("ETag", etag(row)));
    }
    reply
}

/// A record, of a row where there is one: what belongs to the row comes with it.
fn shown(contract: &Contract, rows: &Rows, record: &str, row: Option<&Row>) -> Value {
    let described = contract.record(record);
    let mut out = Map::new();
    for field in &described.fields {
        let kept = row.and_then(|r| r.fields.get(&field.name));
        let value = match (&field.form, kept) {
            (_, Some(value)) => value.clone(),
            (Form::Record(name), None) => match entity_of(contract, name) {
                Some(entity) => {
                    let found =
                        related(rows, described.entity.as_ref().map(loadcase_model::Id::as_str), row, entity);
                    let Some(found) = found.first() else { continue };
                    shown(contract, rows, name, Some(found))
                }
                None => shown(contract, rows, name, None),
            },
            (Form::List(of, most), None) => match &**of {
                Form::Record(name) => {
                    let entity = entity_of(contract, name);
                    let found = entity.map_or_else(Vec::new, |e| {
                        related(rows, described.entity.as_ref().map(loadcase_model::Id::as_str), row, e)
                    });
                    let most = usize::try_from(*most).unwrap_or(INSIDE).min(INSIDE);
                    let list = found.into_iter().take(most).map(|r| shown(contract, rows, name, Some(r)));
                    let list: Vec<Value> = list.collect();
                    if entity.is_none() && record != "BatchResult" {
                        Value::Array(vec![shown(contract, rows, name, None)])
                    } else {
                        Value::Array(list)
                    }
                }
                _ => sample(contract, field, 0),
            },
            (_, None) => sample(contract, field, 0),
        };
        out.insert(field.name.clone(), value);
    }
    Value::Object(out)
}

fn entity_of<'a>(contract: &'a Contract, record: &str) -> Option<&'a str> {
    contract.record(record).entity.as_ref().map(loadcase_model::Id::as_str)
}

/// Rows of a kind that belong to a row: it refers to them, or they to it; else the first of the kind.
fn related<'a>(rows: &'a Rows, of: Option<&str>, row: Option<&Row>, entity: &str) -> Vec<&'a Row> {
    let all = rows.all(entity);
    let (Some(row), Some(of)) = (row, of) else { return all.iter().collect() };
    let mine = |r: &&Row| row.fields.values().any(|v| v.as_str() == Some(&r.id));
    let referred: Vec<&Row> = all.iter().filter(mine).collect();
    if !referred.is_empty() && of != entity {
        return referred;
    }
    let below: Vec<&Row> =
        all.iter().filter(|r| r.fields.values().any(|v| v.as_str() == Some(&row.id))).collect();
    if below.is_empty() { all.iter().take(1).collect() } else { below }
}

fn list(
    contract: &Contract,
    rows: &Rows,
    call: &Call,
    asked: &Asked,
    place: &Place,
    page: &str,
    row: &str,
) -> Result<Value, Reply> {
    let subject = call.subject.as_ref().map_or("", loadcase_model::Id::as_str);
    let mut found: Vec<&Row> = rows
        .all(subject)
        .iter()
        .filter(|r| {
            place.holds(r) && call.filters.iter().all(|f| passes(f, asked.query.get(&f.field.name), r))
        })
        .collect();
    let sort =
        asked.query.get("sort").and_then(Value::as_str).or_else(|| call.sorts.first().map(String::as_str));
    if let Some(sort) = sort {
        let name = sort.trim_start_matches('-');
        found.sort_by(|a, b| {
            let order = compare(a.fields.get(name), b.fields.get(name)).then_with(|| a.id.cmp(&b.id));
            if sort.starts_with('-') { order.reverse() } else { order }
        });
    }
    let start = match asked.query.get("cursor").and_then(Value::as_str).filter(|c| !c.is_empty()) {
        None => 0,
        Some(cursor) => {
            let last = found.iter().position(|r| cursor_of(r) == cursor);
            last.map(|at| at + 1).ok_or_else(|| refuse(400, "The cursor is none of this list."))?
        }
    };
    let usual = call.page.map_or(50, |p| u64::from(p.usual));
    let limit = asked.query.get("limit").and_then(Value::as_u64).unwrap_or(usual);
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let taken: Vec<&Row> = found.iter().skip(start).take(limit).copied().collect();
    let parts: Option<Vec<&str>> = asked
        .query
        .get("fields")
        .and_then(Value::as_array)
        .map(|f| f.iter().filter_map(Value::as_str).collect());
    let items: Vec<Value> =
        taken.iter().map(|r| part(shown(contract, rows, row, Some(r)), parts.as_deref())).collect();
    let mut body = Map::new();
    for field in &contract.record(page).fields {
        match field.name.as_str() {
            "items" => drop(body.insert("items".to_owned(), Value::Array(items.clone()))),
            "next_cursor" => {
                if let (true, Some(last)) = (start + taken.len() < found.len(), taken.last()) {
                    body.insert("next_cursor".to_owned(), Value::String(cursor_of(last)));
                }
            }
            _ => {
                if let Form::Record(included) = &field.form {
                    body.insert(field.name.clone(), included_rows(contract, rows, included, &taken));
                }
            }
        }
    }
    Ok(Value::Object(body))
}

/// What the items of a page refer to, each once.
fn included_rows(contract: &Contract, rows: &Rows, record: &str, items: &[&Row]) -> Value {
    let mut out = Map::new();
    for field in &contract.record(record).fields {
        let Form::List(of, _) = &field.form else { continue };
        let Form::Record(name) = &**of else { continue };
        let all = entity_of(contract, name).map_or(&[][..], |e| rows.all(e));
        let belongs = |r: &&Row| {
            items.iter().any(|i| {
                i.fields.values().any(|v| v.as_str() == Some(&r.id))
                    || r.fields.values().any(|v| v.as_str() == Some(&i.id))
            })
        };
        let list: Vec<Value> =
            all.iter().filter(belongs).map(|r| shown(contract, rows, name, Some(r))).collect();
        out.insert(field.name.clone(), Value::Array(list));
    }
    Value::Object(out)
}

/// Opaque to callers: where the row lies.
fn cursor_of(row: &Row) -> String {
    let hex: String = row.id.bytes().map(|b| format!("{b:02x}")).collect();
    format!("r{hex}")
}

/// The fields asked for, and the identifier.
fn part(row: Value, fields: Option<&[&str]>) -> Value {
    match (row, fields) {
        (Value::Object(mut row), Some(fields)) => {
            row.retain(|name, _| name == "id" || fields.contains(&name.as_str()));
            Value::Object(row)
        }
        (row, _) => row,
    }
}

fn compare(a: Option<&Value>, b: Option<&Value>) -> Ordering {
    match (a, b) {
        (Some(Value::Number(a)), Some(Value::Number(b))) => {
            a.as_f64().unwrap_or(0.0).total_cmp(&b.as_f64().unwrap_or(0.0))
        }
        (Some(a), Some(b)) => a.as_str().unwrap_or_default().cmp(b.as_str().unwrap_or_default()),
        (a, b) => a.is_some().cmp(&b.is_some()),
    }
}

fn passes(filter: &loadcase_publish::contracts::Filter, asked: Option<&Value>, row: &Row) -> bool {
    let Some(asked) = asked else { return true };
    let has = row.fields.get(&filter.on);
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    match filter.test {
        Test::Equal => has == Some(asked),
        Test::From => compare(has, Some(asked)).is_ge(),
        Test::Before => compare(has, Some(asked)).is_lt(),
        // Every place is near: the mock has no map.
        Test::Near => true,
        Test::Begins => text(has).starts_with(&text(Some(asked))),
    }
}
