//! `openapi.yaml`: calls over HTTP as OpenAPI 3.1, or 3.2 where it is asked for.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::contract::{Answer, Call, CallKind, Contract, Field, Language};
use super::form::{record_schemas, schema};
use super::problem::{PROBLEMS, of_call};
use super::{sample, security};

/// Where the document keeps its records.
const RECORDS: &str = "#/components/schemas/";
/// A key for examples.
pub(crate) const EXAMPLE_KEY: &str = "6f1c2a4e-7b4a-4c3d-9e2f-4b6a1c2d3e4f";

/// Version of OpenAPI.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Version {
    /// 3.1, which tools know.
    #[default]
    V31,
    /// 3.2, which describes streams item by item.
    V32,
}

/// The calls of a contract over HTTP as a document; `None` when there are none.
#[must_use]
pub fn document(contract: &Contract, version: Version) -> Option<Value> {
    let calls: Vec<&Call> = contract.calls_in(Language::OpenApi).collect();
    if calls.is_empty() {
        return None;
    }
    let mut paths: Map<String, Value> = Map::new();
    for call in &calls {
        let path = paths.entry(call.path.clone()).or_insert_with(|| json!({}));
        if let Value::Object(path) = path {
            path.insert(call.method.to_lowercase(), operation(contract, call, version));
        }
    }
    let mut schemas = record_schemas(&contract.records, used(&calls), RECORDS);
    schemas.insert("Problem".to_owned(), problem());
    let host = contract.host();
    let mut document = json!({
        "openapi": if version == Version::V31 { "3.1.0" } else { "3.2.0" },
        "info": {
            "title": format!("{} API", contract.title),
            "version": "1.0.0",
            "description": description(contract),
            "contact": {"name": format!("{} team", contract.title), "url": format!("https://{host}/support"), "email": format!("api@{host}")},
            "license": {"name": "Proprietary", "url": format!("https://{host}/terms")},
        },
        "servers": [{"url": format!("https://{host}"), "description": "Production", "x-internal": false}],
        "tags": tags(contract, &calls),
        "paths": paths,
        "components": {
            "securitySchemes": security::components(contract),
            "parameters": parameters(),
            "headers": headers(contract),
            "responses": responses(contract, &calls),
            "schemas": schemas,
        },
    });
    prune(&mut document);
    Some(document)
}

fn description(contract: &Contract) -> String {
    format!(
        "{} Fields are added within a version, never removed, renamed or given another meaning; what is going to end says so in the headers Deprecation and Sunset long before.",
        contract.about
    )
}

/// Records that calls name.
pub(crate) fn used<'a>(calls: &[&'a Call]) -> Vec<&'a str> {
    let mut names = Vec::new();
    for call in calls {
        names.extend(call.body.as_ref().map(|(name, _)| name.as_str()));
        match &call.answer {
            Answer::Page(name, _) | Answer::One(name) | Answer::Created(name) | Answer::Stream(name) => {
                names.push(name);
            }
            _ => {}
        }
    }
    names
}

/// Drops the shared parts that nothing refers to.
fn prune(document: &mut Value) {
    for _ in 0..4 {
        let mut used = BTreeSet::new();
        referred(document, &mut used);
        for part in ["parameters", "headers", "responses", "schemas"] {
            if let Some(parts) = document["components"][part].as_object_mut() {
                parts.retain(|name, _| used.contains(&format!("#/components/{part}/{name}")));
            }
        }
    }
    for part in ["parameters", "securitySchemes"] {
        if let Some(components) = document["components"].as_object_mut()
            && components.get(part).and_then(Value::as_object).is_some_and(Map::is_empty)
        {
            components.remove(part);
        }
    }
}

fn referred(value: &Value, used: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            used.extend(object.get("$ref").and_then(Value::as_str).map(str::to_owned));
            object.values().for_each(|v| referred(v, used));
        }
        Value::Array(items) => items.iter().for_each(|v| referred(v, used)),
        _ => {}
    }
}

fn tags(contract: &Contract, calls: &[&Call]) -> Value {
    let used: BTreeSet<&str> = calls.iter().map(|c| c.area.as_str()).collect();
    let areas = contract.areas.iter().filter(|(id, _)| used.contains(id.as_str()));
    Value::Array(areas.map(|(id, about)| json!({"name": id, "description": about})).collect())
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("{RECORDS}{name}")})
}

fn operation(contract: &Contract, call: &Call, version: Version) -> Value {
    let mut out = json!({
        "operationId": call.name,
        "summary": call.title,
        "description": call.about,
        "tags": [call.area],
        "security": security::requirement(&call.access),
    });
    let mut set = |key: &str, value: Value| {
        if let Value::Object(out) = &mut out {
            out.insert(key.to_owned(), value);
        }
    };
    if let Some(id) = &call.operation {
        set("x-operation", json!(id));
    }
    if !call.access.roles.is_empty() {
        set("x-roles", json!(call.access.roles));
    }
    let list = call_parameters(contract, call);
    if !list.is_empty() {
        set("parameters", Value::Array(list));
    }
    if let Some((record, required)) = &call.body {
        set(
            "requestBody",
            json!({"required": required, "content": {media(call): {"schema": reference(record), "example": body_example(contract, record)}}}),
        );
    }
    set("responses", call_responses(contract, call, version));
    out
}

/// The kind of content a call takes.
#[must_use]
pub fn media(call: &Call) -> &'static str {
    if call.answer == Answer::SeeOther { "application/x-www-form-urlencoded" } else { "application/json" }
}

/// What a caller may send: of a record of which some fields are enough, the first two.
pub(crate) fn body_example(contract: &Contract, name: &str) -> Value {
    let record = contract.record(name);
    let mut example = sample::example(contract, record);
    if let (true, Value::Object(fields)) = (record.some, &mut example) {
        let kept = record.fields.iter().filter(|f| f.required).count().max(1) + 1;
        let names: Vec<String> = fields.keys().take(kept).cloned().collect();
        fields.retain(|k, _| names.contains(k));
    }
    example
}

fn parameter(contract: &Contract, field: &Field, place: &str) -> Value {
    let mut out = json!({
        "name": field.name, "in": place, "required": field.required,
        "description": field.about, "schema": schema(&field.form, RECORDS),
    });
    if place == "path" || field.required {
        out["example"] = sample::value(contract, field, 0);
    }
    out
}

fn call_parameters(contract: &Contract, call: &Call) -> Vec<Value> {
    let shared = |name: &str| json!({"$ref": format!("#/components/parameters/{name}")});
    let mut list: Vec<Value> = call.path_fields.iter().map(|f| parameter(contract, f, "path")).collect();
    if call.keyed {
        list.push(shared("IdempotencyKey"));
    }
    if call.guarded {
        list.push(shared("IfMatch"));
    }
    let cookies = call.access.schemes.iter().filter(|s| s.is_cookie()).count();
    if call.kind == CallKind::Command && cookies > 0 {
        let others = call.access.anonymous || cookies < call.access.schemes.len();
        list.push(shared(if others { "CsrfTokenWithCookie" } else { "CsrfToken" }));
    }
    if call.kind == CallKind::Stream {
        list.push(shared("LastEventId"));
    }
    if let Some(page) = call.page {
        list.push(shared("Cursor"));
        list.push(json!({
            "name": "limit", "in": "query", "required": false, "description": "Rows in a page.",
            "schema": {"type": "integer", "format": "int32", "minimum": 1, "maximum": page.most, "default": page.usual},
        }));
    }
    if let Some(first) = call.sorts.first() {
        list.push(json!({
            "name": "sort", "in": "query", "required": false,
            "description": "Order; a minus means descending. Only orders that an index serves are offered.",
            "schema": {"type": "string", "enum": call.sorts, "default": first},
        }));
    }
    list.extend(call.filters.iter().map(|f| parameter(contract, &f.field, "query")));
    if !call.parts.is_empty() {
        list.push(json!({
            "name": "fields", "in": "query", "required": false, "style": "form", "explode": false,
            "description": "Fields to answer with, separated by commas; all unless given. The identifier always comes.",
            "schema": {"type": "array", "minItems": 1, "maxItems": call.parts.len(), "uniqueItems": true, "items": {"type": "string", "enum": call.parts}},
        }));
    }
    list
}

fn header(name: &str) -> (String, Value) {
    (name.to_owned(), json!({"$ref": format!("#/components/headers/{name}")}))
}

fn call_responses(contract: &Contract, call: &Call, version: Version) -> Value {
    let mut headers: Map<String, Value> =
        ["RateLimit", "RateLimit-Policy", "Access-Control-Allow-Origin", "Deprecation", "Sunset"]
            .map(header)
            .into_iter()
            .collect();
    let created = matches!(call.answer, Answer::Created(_) | Answer::SeeOther);
    headers.extend(created.then(|| header("Location")));
    headers.extend(call.versioned.then(|| header("ETag")));
    headers.extend(call.keyed.then(|| header("Idempotency-Replayed")));
    headers.extend(call.signs_in.then(|| header("Set-Cookie")));
    let (status, about) = success(call);
    let mut response = json!({"description": about, "headers": headers});
    if let Some(content) = content(contract, call, version) {
        response["content"] = content;
    }
    let mut out = Map::new();
    out.insert(status.to_string(), response);
    for problem in of_call(call) {
        out.insert(
            problem.status.to_string(),
            json!({"$ref": format!("#/components/responses/{}", problem.name)}),
        );
    }
    out.insert("default".to_owned(), json!({"$ref": "#/components/responses/Other"}));
    Value::Object(out)
}

/// Status of success, and what it means.
#[must_use]
pub fn success(call: &Call) -> (u16, &'static str) {
    match call.answer {
        Answer::Page(..) => (200, "A page."),
        Answer::One(_) => (200, "As it is now."),
        Answer::Created(_) => (201, "Made."),
        Answer::Done => (204, "Done."),
        Answer::Accepted => (202, "Accepted; it is done later."),
        Answer::Stream(_) => (200, "Events as they happen, until either side closes."),
        Answer::Html => (200, "A page for people."),
        Answer::SeeOther => (303, "Done; go to the address in Location."),
    }
}

fn content(contract: &Contract, call: &Call, version: Version) -> Option<Value> {
    let json_of = |name: &str| {
        let example = sample::answer(contract, call, name);
        json!({"application/json": {"schema": reference(name), "example": example}})
    };
    Some(match &call.answer {
        Answer::Page(name, _) | Answer::One(name) | Answer::Created(name) => json_of(name),
        Answer::Stream(name) => {
            let event = sample::record(contract, contract.record(name), 0);
            let text = |max: u32| json!({"type": "string", "maxLength": max, "pattern": "^[\\s\\S]*$"});
            let one = json!({
                "type": "object", "additionalProperties": false, "required": ["data"],
                "description": "One event of the stream, its lines by their names.",
                "properties": {
                    "id": text(64), "event": text(120),
                    "data": {"type": "string", "maxLength": 65_536, "pattern": "^[\\s\\S]*$", "contentMediaType": "application/json", "contentSchema": reference(name)},
                }
            });
            let shown = json!({"id": event["id"], "event": event["type"], "data": event.to_string()});
            let media = match version {
                // Before 3.2 there is no word for the items of a stream; tools take the schema for that of each.
                Version::V31 => json!({"schema": one, "example": shown}),
                Version::V32 => json!({"itemSchema": one}),
            };
            json!({"text/event-stream": media})
        }
        Answer::Html => json!({"text/html": {
            "schema": {"type": "string", "maxLength": 4_194_304, "pattern": "^[\\s\\S]*$"},
            "example": page_for_people(&call.title),
        }}),
        Answer::Done | Answer::Accepted | Answer::SeeOther => return None,
    })
}

/// An event as it goes over the wire.
#[must_use]
pub fn event_text(event: &Value) -> String {
    let text = |key: &str| event[key].as_str().unwrap_or_default().to_owned();
    format!("id: {}\nevent: {}\ndata: {event}\n\n", text("id"), text("type"))
}

/// A page with a title.
#[must_use]
pub fn page_for_people(title: &str) -> String {
    let title = crate::text::markup::escape(title);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>{title}</title></head>\n<body><h1>{title}</h1></body>\n</html>\n"
    )
}

/// The header that a page of another origin cannot send along with a cookie.
fn csrf_token(required: bool) -> Value {
    let when = if required { "" } else { " Needed with a session cookie, and with nothing else." };
    json!({
        "name": "X-CSRF-Token", "in": "header", "required": required,
        "description": format!("The value of the cookie `__Host-csrf`, which sign-in sets beside the session's.{when} Without it, or with another session's, the answer is 403."),
        "schema": {"type": "string", "minLength": 16, "maxLength": 128, "pattern": "^[A-Za-z0-9_-]+$"},
        "example": "Zk3vQ9sT1mXbR7wYc5Ld0A",
    })
}

fn parameters() -> Value {
    let text = |most: u32, pattern: &str| json!({"type": "string", "maxLength": most, "pattern": pattern});
    json!({
        "Cursor": {
            "name": "cursor", "in": "query", "required": false,
            "description": "Where the page begins: `next_cursor` of the page before. Opaque.",
            "schema": text(512, "^[A-Za-z0-9_-]*$"),
        },
        "IdempotencyKey": {
            "name": "Idempotency-Key", "in": "header", "required": true,
            "description": "Made by the client once for each intent and sent again with each retry. The same key with another body is refused.",
            "schema": {"type": "string", "minLength": 16, "maxLength": 64, "pattern": "^[A-Za-z0-9-]+$"},
            "example": EXAMPLE_KEY,
        },
        "CsrfToken": csrf_token(true),
        "CsrfTokenWithCookie": csrf_token(false),
        "IfMatch": {
            "name": "If-Match", "in": "header", "required": true,
            "description": "The ETag of the version that was read. When somebody changed it meanwhile the answer is 412.",
            "schema": text(80, "^\"[A-Za-z0-9._-]{1,64}\"$"),
            "example": "\"7\"",
        },
        "LastEventId": {
            "name": "Last-Event-ID", "in": "header", "required": false,
            "description": "The last event received before a break: the stream goes on after it.",
            "schema": text(64, "^[A-Za-z0-9._-]*$"),
        },
    })
}

fn headers(contract: &Contract) -> Value {
    let text = |about: &str, most: u32, pattern: &str, example: &str| json!({"description": about, "schema": {"type": "string", "maxLength": most, "pattern": pattern}, "example": example});
    let line = "^[ -~]*$";
    json!({
        "RateLimit": text("Quota left and seconds until it is renewed (RateLimit header fields for HTTP, draft).", 128, line, "\"default\";r=98;t=42"),
        "Set-Cookie": text("Twice: `__Host-session`, the session, which scripts cannot read (Secure, HttpOnly, SameSite=Lax, Path=/), and `__Host-csrf`, the value of X-CSRF-Token, which they can (Secure, SameSite=Lax, Path=/).", 4_096, line, "__Host-session=eyJhbGciOiJFZERTQSJ9; Path=/; Secure; HttpOnly; SameSite=Lax"),
        "RateLimit-Policy": text("The quota and its window in seconds.", 128, line, "\"default\";q=100;w=60"),
        "Access-Control-Allow-Origin": {"description": "The web client's origin.", "schema": {"type": "string", "format": "uri", "maxLength": 255}, "example": format!("https://app.{}.invalid", contract.slug)},
        "Deprecation": text("Sent once the operation is deprecated: since when (RFC 9745).", 40, "^@[0-9]{1,12}$", "@1798761600"),
        "Sunset": text("Sent once an end is set: when the operation stops answering (RFC 8594).", 40, line, "Fri, 31 Dec 2027 23:59:59 GMT"),
        "ETag": text("Version of what is answered, for If-Match.", 80, "^\"[A-Za-z0-9._-]{1,64}\"$", "\"7\""),
        "Location": {"description": "Where the new row, or the next page, is.", "schema": {"type": "string", "format": "uri-reference", "maxLength": 2048}},
        "Idempotency-Replayed": {"description": "Whether this is the kept answer to an earlier request with the same key.", "schema": {"type": "boolean"}},
        "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "format": "int32", "minimum": 0, "maximum": 86_400}, "example": 30},
        "WWW-Authenticate": text("How to prove who one is.", 255, line, "Bearer"),
    })
}

/// A field at fault that a body really has: the first that one of the calls needs, else the first it may have.
pub(crate) fn fault<'a>(contract: &Contract, calls: impl Iterator<Item = &'a Call>) -> Value {
    let mut any = None;
    for (body, _) in calls.filter_map(|c| c.body.as_ref()) {
        let fields = &contract.record(body).fields;
        if let Some(field) = fields.iter().find(|f| f.required) {
            return json!({"pointer": format!("/{}", field.name), "detail": "is missing"});
        }
        any = any.or_else(|| fields.first());
    }
    // A body without fields is refused as a whole.
    let pointer = any.map_or_else(String::new, |f| format!("/{}", f.name));
    json!({"pointer": pointer, "detail": "does not keep to its type"})
}

/// The errors, each with an example.
fn responses(contract: &Contract, calls: &[&Call]) -> Value {
    let answer = |about: &str, more: Option<&str>, example: Value| {
        let mut headers: Map<String, Value> =
            ["RateLimit", "RateLimit-Policy", "Access-Control-Allow-Origin"]
                .map(header)
                .into_iter()
                .collect();
        headers.extend(more.map(header));
        json!({
            "description": about, "headers": headers,
            "content": {"application/problem+json": {"schema": reference("Problem"), "example": example}},
        })
    };
    let mut out = Map::new();
    for problem in PROBLEMS {
        let more = match problem.status {
            429 => Some("Retry-After"),
            401 => Some("WWW-Authenticate"),
            _ => None,
        };
        let mut example = problem.body(problem.detail);
        if problem.status == 422 {
            example["errors"] = json!([fault(contract, calls.iter().copied())]);
        }
        out.insert(problem.name.to_owned(), answer(&format!("{}.", problem.title), more, example));
    }
    let other = json!({"type": "about:blank", "title": "Service Unavailable", "status": 503});
    out.insert("Other".to_owned(), answer("Any other problem, such as 405, 406 or 503.", None, other));
    Value::Object(out)
}

/// Problem details (RFC 9457), with the fields at fault.
fn problem() -> Value {
    let text = |most: u32, about: &str| json!({"type": "string", "maxLength": most, "pattern": "^.*$", "description": about});
    json!({
        "type": "object", "description": "A problem, as RFC 9457 has it.", "additionalProperties": false,
        "required": ["type", "title", "status"],
        "properties": {
            "type": {"type": "string", "format": "uri-reference", "maxLength": 2048, "description": "What kind of problem; stable, for programs."},
            "title": text(255, "The kind in words."),
            "status": {"type": "integer", "format": "int32", "minimum": 100, "maximum": 599, "description": "HTTP status."},
            "detail": text(2048, "What went wrong this time."),
            "instance": {"type": "string", "format": "uri-reference", "maxLength": 2048, "description": "This occurrence; quote it to support."},
            "errors": {
                "type": "array", "maxItems": 100, "description": "Fields at fault.",
                "items": {
                    "type": "object", "additionalProperties": false, "required": ["pointer", "detail"],
                    "properties": {
                        "pointer": text(2048, "JSON pointer to the field, or the name of a parameter."),
                        "detail": text(2048, "What is wrong with it."),
                    }
                }
            },
        }
    })
}
