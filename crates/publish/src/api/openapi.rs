//! `openapi.yaml`: the contract of the HTTP API, OpenAPI 3.1.

use std::collections::{BTreeMap, BTreeSet};

use loadcase_model::{AccessKind, Entity, FieldType, Id, Operation, OperationKind};
use serde_json::{Map, Value, json};

use super::schema::{
    EXAMPLE_CURSOR, EXAMPLE_ID, MOST_ROWS, USUAL_ROWS, example, of_columns, of_type, problem,
};
use super::security::{accepted, components as security_schemes, requirement};
use super::shape::{Answer, Body, Shape, is_account, readable, settable};
use crate::data::columns::{Column, TENANT};
use crate::text::{capital, clean, sentence, words};
use crate::view::View;

/// The contract, and the endpoints in it.
pub(crate) struct Contract<'a> {
    pub(crate) document: Value,
    pub(crate) shapes: Vec<Shape<'a>>,
}

/// Builds the contract of a design; `None` when nothing is called over HTTP.
pub(crate) fn contract<'a>(view: &View<'a>) -> Option<Contract<'a>> {
    let shapes = shapes(view);
    if shapes.is_empty() {
        return None;
    }
    let mut builder = Builder { view: *view, schemas: BTreeMap::new(), names: Names::default() };
    let mut paths: Map<String, Value> = Map::new();
    for shape in &shapes {
        let operation = builder.operation(shape);
        let path = paths.entry(shape.path.clone()).or_insert_with(|| json!({}));
        if let Value::Object(path) = path {
            path.insert(shape.endpoint.method.to_lowercase(), operation);
        }
    }
    builder.schemas.insert("Problem".to_owned(), problem());
    let mut document = json!({
        "openapi": "3.1.0",
        "info": info(view),
        "servers": [{"url": server(view), "description": "Production", "x-internal": false}],
        "tags": tags(view, &shapes),
        "paths": paths,
        "components": {
            "securitySchemes": security_schemes(view),
            "parameters": parameters(),
            "headers": headers(),
            "responses": responses(),
            "schemas": builder.schemas,
        },
    });
    prune(&mut document);
    Some(Contract { document, shapes })
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

/// The endpoints, each method and path once; parameters of the same path get the same names.
fn shapes<'a>(view: &View<'a>) -> Vec<Shape<'a>> {
    const METHODS: &[&str] = &["GET", "PUT", "POST", "PATCH", "DELETE"];
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let mut shapes = Vec::new();
    for endpoint in view.endpoints() {
        if !METHODS.contains(&endpoint.method) {
            continue;
        }
        let mut shape = Shape::new(view, endpoint);
        let anonymous: Vec<&str> =
            shape.path.split('/').map(|s| if s.starts_with('{') { "{}" } else { s }).collect();
        let path = known.entry(anonymous.join("/")).or_insert_with(|| shape.path.clone()).clone();
        if path != shape.path {
            shape.parameters = path
                .split('/')
                .filter_map(|s| s.strip_prefix('{')?.strip_suffix('}'))
                .map(str::to_owned)
                .collect();
            shape.path = path;
        }
        if seen.insert((shape.path.clone(), endpoint.method)) {
            shapes.push(shape);
        }
    }
    shapes
}

fn info(view: &View<'_>) -> Value {
    let name = clean(&view.blueprint().name);
    let host = host(view);
    json!({
        "title": format!("{name} API"),
        "version": "1.0.0",
        "description": sentence(&clean(&view.blueprint().summary)),
        "contact": {"name": format!("{name} team"), "url": format!("https://{host}/support"), "email": format!("api@{host}")},
        "license": {"name": "Proprietary", "identifier": "LicenseRef-Proprietary"},
    })
}

/// A host name that cannot exist, to be replaced.
fn host(view: &View<'_>) -> String {
    let slug = Id::slug(&view.blueprint().name);
    let short: String = slug.as_str().chars().take(40).collect();
    format!("{}.invalid", short.trim_matches(['-', '_', '.']))
}

pub(crate) fn server(view: &View<'_>) -> String {
    format!("https://api.{}/v1", host(view))
}

fn tags(view: &View<'_>, shapes: &[Shape<'_>]) -> Value {
    let mut seen = BTreeSet::new();
    let tags: Vec<Value> = shapes
        .iter()
        .map(|s| tag(s.endpoint.operation))
        .filter(|t| seen.insert(t.clone()))
        .map(|t| {
            let module = view.blueprint().modules.get(t.as_str());
            let about = module.map_or_else(
                || words(&t),
                |m| if m.summary.is_empty() { m.name.clone() } else { m.summary.clone() },
            );
            json!({"name": t, "description": sentence(&capital(&clean(&about)))})
        })
        .collect();
    Value::Array(tags)
}

fn tag(operation: &Operation) -> String {
    operation.module.as_ref().map_or_else(|| "general".to_owned(), |m| m.as_str().to_owned())
}

/// Names given to schemas and operations, each once.
#[derive(Default)]
struct Names {
    schemas: BTreeMap<String, String>,
    taken: BTreeSet<String>,
    operations: BTreeSet<String>,
}

impl Names {
    /// The name of the schema that `key` stands for.
    fn schema(&mut self, key: &str, wanted: &str) -> String {
        if let Some(name) = self.schemas.get(key) {
            return name.clone();
        }
        let name = free(&mut self.taken, wanted);
        self.schemas.insert(key.to_owned(), name.clone());
        name
    }
}

fn free(taken: &mut BTreeSet<String>, wanted: &str) -> String {
    let mut name = wanted.to_owned();
    let mut n = 2;
    // `Problem` is the name of error bodies.
    while name == "Problem" || !taken.insert(name.clone()) {
        name = format!("{wanted}{n}");
        n += 1;
    }
    name
}

/// `order-line` as `OrderLine`.
fn pascal(id: &str) -> String {
    id.split(['-', '_', '.']).map(capital).collect()
}

/// `read-feed` as `readFeed`.
fn camel(id: &str) -> String {
    let pascal = pascal(id);
    let mut chars = pascal.chars();
    chars.next().map_or_else(String::new, |c| c.to_lowercase().chain(chars).collect())
}

struct Builder<'a> {
    view: View<'a>,
    schemas: BTreeMap<String, Value>,
    names: Names,
}

/// A schema and a value it accepts.
struct Typed {
    schema: Value,
    example: Value,
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

impl<'a> Builder<'a> {
    fn operation(&mut self, shape: &Shape<'a>) -> Value {
        let endpoint = shape.endpoint;
        let operation = endpoint.operation;
        let id = free(&mut self.names.operations, &camel(endpoint.id.as_str()));
        let mut out = json!({
            "operationId": id,
            "summary": clean(&operation.name),
            "description": self.about(operation),
            "tags": [tag(operation)],
            "security": requirement(&self.view, operation),
        });
        let parameters = self.parameters(shape);
        if let Value::Object(out) = &mut out {
            if !operation.roles.is_empty() {
                out.insert("x-roles".to_owned(), json!(operation.roles));
            }
            if !parameters.is_empty() {
                out.insert("parameters".to_owned(), Value::Array(parameters));
            }
            if let Some(body) = self.body(shape) {
                out.insert(
                    "requestBody".to_owned(),
                    json!({"required": true, "content": {"application/json": {"schema": body.schema, "example": body.example}}}),
                );
            }
            out.insert("responses".to_owned(), self.responses(shape));
        }
        out
    }

    /// What an operation reads and writes, and who may call it.
    fn about(&self, operation: &Operation) -> String {
        let mut text = sentence(&clean(&operation.name));
        let touched: BTreeSet<String> = operation
            .accesses
            .iter()
            .map(|a| format!("{} {}", crate::view::access_verb(a.kind), words(a.entity.as_str())))
            .collect();
        if !touched.is_empty() {
            text.push_str(&format!(" Rows: {}.", touched.into_iter().collect::<Vec<_>>().join(", ")));
        }
        let roles: Vec<String> = operation.roles.iter().map(|r| words(r.as_str())).collect();
        let callers = match (operation.kind, roles.is_empty()) {
            (OperationKind::Webhook, _) => " For the system that signs it.".to_owned(),
            (_, true) => " For anybody.".to_owned(),
            (_, false) => format!(" For: {}.", roles.join(", ")),
        };
        text.push_str(&callers);
        text
    }

    fn parameters(&self, shape: &Shape<'_>) -> Vec<Value> {
        let mut list: Vec<Value> = shape.parameters.iter().map(|p| self.path_parameter(shape, p)).collect();
        if shape.needs_key() {
            list.push(json!({"$ref": "#/components/parameters/IdempotencyKey"}));
        }
        if let Answer::Page(entity) = shape.answer {
            list.push(json!({"$ref": "#/components/parameters/Cursor"}));
            list.push(json!({"$ref": "#/components/parameters/Limit"}));
            if shape.endpoint.method == "GET" {
                list.extend(self.sort(shape, entity));
                list.extend(self.filters(shape, entity));
            }
        }
        list
    }

    fn path_parameter(&self, shape: &Shape<'_>, name: &str) -> Value {
        let column = shape
            .subject
            .and_then(|s| self.entity(s))
            .and_then(|e| readable(e).into_iter().find(|c| c.name == name));
        let (schema, example) = match column {
            Some(column) => (of_type(column.kind, &column.values), super::schema::example_of(&column)),
            None if name.ends_with("id") => (of_type(FieldType::Id, &[]), json!(EXAMPLE_ID)),
            None => (
                json!({"type": "string", "maxLength": 255, "pattern": "^[A-Za-z0-9._~-]+$"}),
                json!(name.replace('_', "-")),
            ),
        };
        json!({
            "name": name, "in": "path", "required": true,
            "description": format!("{}.", capital(&words(name))), "schema": schema, "example": example,
        })
    }

    fn entity(&self, id: &Id) -> Option<&'a Entity> {
        self.view.blueprint().entities.get(id)
    }

    /// The orders that indexes serve.
    fn sort(&self, shape: &Shape<'_>, entity: &Id) -> Option<Value> {
        let reads = shape
            .endpoint
            .operation
            .accesses
            .iter()
            .filter(|a| a.entity == *entity && a.kind == AccessKind::ReadMany);
        let mut words: Vec<String> = Vec::new();
        for access in reads {
            if let Some(first) = access.order.first() {
                let word = if access.descending { format!("-{first}") } else { first.as_str().to_owned() };
                if !words.contains(&word) {
                    words.push(word);
                }
            }
        }
        let first = words.first()?.clone();
        Some(json!({
            "name": "sort", "in": "query", "required": false,
            "description": "Order; a minus means descending. Only orders that an index serves are offered.",
            "schema": {"type": "string", "enum": words, "default": first},
        }))
    }

    /// The fields that indexes select by, beyond what the path and the caller already say.
    fn filters(&self, shape: &Shape<'_>, entity: &Id) -> Vec<Value> {
        let Some(described) = self.entity(entity) else { return Vec::new() };
        let columns = readable(described);
        let mut seen: BTreeSet<&str> = ["cursor", "limit", "sort", "id", TENANT].into_iter().collect();
        let mut list = Vec::new();
        for name in
            shape.endpoint.operation.accesses.iter().filter(|a| a.entity == *entity).flat_map(|a| &a.by)
        {
            let Some(column) = columns.iter().find(|c| c.name == name.as_str()) else { continue };
            let callers_own = column.to.as_ref().is_some_and(|to| is_account(&self.view, to));
            let filterable = !matches!(column.kind, FieldType::Json | FieldType::Point | FieldType::Bytes);
            if callers_own
                || !filterable
                || shape.parameters.contains(&column.name)
                || !seen.insert(name.as_str())
            {
                continue;
            }
            list.push(json!({
                "name": column.name, "in": "query", "required": false,
                "description": format!("Only rows with this {}.", words(&column.name)),
                "schema": of_type(column.kind, &column.values),
            }));
        }
        list
    }

    fn body(&mut self, shape: &Shape<'a>) -> Option<Typed> {
        match shape.body {
            Body::None => None,
            Body::Whole(id) => self.input(shape, id, true),
            Body::Part(id) => self.input(shape, id, false),
            Body::Search => Some(self.search()),
            Body::Event => Some(self.event()),
        }
    }

    /// What a caller sends to make, replace or change a row.
    fn input(&mut self, shape: &Shape<'_>, id: &'a Id, whole: bool) -> Option<Typed> {
        let entity = self.entity(id)?;
        let columns = settable(&self.view, &shape.parameters, entity);
        if columns.is_empty() {
            return None;
        }
        let (prefix, verb) = if whole { ("New", "make or replace") } else { ("Change", "change") };
        let names: Vec<&str> = columns.iter().map(|c| c.name.as_str()).collect();
        let key = format!("{prefix} {id} {}", names.join(" "));
        let name = self.names.schema(&key, &format!("{prefix}{}", pascal(id.as_str())));
        // Flags and states have a usual value that the server knows.
        let usual = |c: &Column| matches!(c.kind, FieldType::Enum | FieldType::Boolean);
        let mut schema =
            of_columns(&format!("What it takes to {verb} this: {}", sentence(&entity.name)), &columns, |c| {
                whole && !c.optional && !usual(c)
            });
        if let Value::Object(schema) = &mut schema
            && !whole
        {
            schema.insert("minProperties".to_owned(), json!(1));
        }
        self.schemas.insert(name.clone(), schema);
        let shown: Vec<Column> = if whole { columns } else { columns.into_iter().take(1).collect() };
        Some(Typed { schema: reference(&name), example: example(&shown) })
    }

    fn search(&mut self) -> Typed {
        let name = self.names.schema("search", "Search");
        self.schemas.insert(
            name.clone(),
            json!({
                "type": "object", "description": "What to search for.", "additionalProperties": false, "required": ["query"],
                "properties": {"query": {"type": "string", "maxLength": 255, "pattern": "^.*$", "description": "Words to find."}},
            }),
        );
        Typed { schema: reference(&name), example: json!({"query": "example"}) }
    }

    fn event(&mut self) -> Typed {
        let name = self.names.schema("event", "WebhookEvent");
        self.schemas.insert(
            name.clone(),
            json!({
                "type": "object", "additionalProperties": false, "required": ["id", "type", "data"],
                "description": "A message of another system. It may come twice and out of order: remember its id.",
                "properties": {
                    "id": {"type": "string", "maxLength": 255, "pattern": "^[A-Za-z0-9._:-]+$", "description": "Identifier of the event."},
                    "type": {"type": "string", "maxLength": 255, "pattern": "^[A-Za-z0-9._-]+$", "description": "What happened."},
                    "created_at": {"type": "string", "format": "date-time", "maxLength": 40, "description": "When."},
                    "data": {"type": "object", "maxProperties": 200, "description": "What it is about."},
                },
            }),
        );
        let example = json!({"id": "evt_1", "type": "example.happened", "data": {}});
        Typed { schema: reference(&name), example }
    }

    /// A row as callers see it.
    fn row(&mut self, id: &'a Id) -> Option<Typed> {
        let entity = self.entity(id)?;
        let name = self.names.schema(&format!("row {id}"), &pascal(id.as_str()));
        let columns = readable(entity);
        let about = if entity.summary.is_empty() { &entity.name } else { &entity.summary };
        self.schemas.insert(name.clone(), of_columns(&sentence(about), &columns, |c| !c.optional));
        Some(Typed { schema: reference(&name), example: example(&columns) })
    }

    fn page(&mut self, id: &'a Id) -> Option<Typed> {
        let row = self.row(id)?;
        let name = self.names.schema(&format!("page {id}"), &format!("{}Page", pascal(id.as_str())));
        self.schemas.insert(
            name.clone(),
            json!({
                "type": "object", "description": "A page.", "additionalProperties": false, "required": ["items"],
                "properties": {
                    "items": {"type": "array", "maxItems": MOST_ROWS, "description": "Rows.", "items": row.schema},
                    "next_cursor": {"type": "string", "maxLength": 512, "pattern": "^[A-Za-z0-9_-]*$", "description": "Where the next page begins; absent on the last one."},
                },
            }),
        );
        let example = json!({"items": [row.example], "next_cursor": EXAMPLE_CURSOR});
        Some(Typed { schema: reference(&name), example })
    }

    fn count(&mut self) -> Typed {
        let name = self.names.schema("count", "Count");
        self.schemas.insert(
            name.clone(),
            json!({
                "type": "object", "description": "A count.", "additionalProperties": false, "required": ["count"],
                "properties": {"count": {"type": "integer", "format": "int64", "minimum": 0, "maximum": 9_007_199_254_740_991_i64, "description": "How many."}},
            }),
        );
        Typed { schema: reference(&name), example: json!({"count": 7}) }
    }

    fn responses(&mut self, shape: &Shape<'a>) -> Value {
        let (status, response) = self.success(shape);
        let mut out = Map::new();
        out.insert(status.to_owned(), response);
        let operation = shape.endpoint.operation;
        let (_, anonymous) = accepted(&self.view, operation);
        let has_body = shape.body != Body::None;
        let list = [
            (true, "400", "BadRequest"),
            // A caller may always send credentials that are wrong.
            (true, "401", "Unauthorized"),
            (!anonymous && !operation.roles.is_empty(), "403", "Forbidden"),
            (!shape.parameters.is_empty(), "404", "NotFound"),
            (shape.needs_key() || matches!(shape.answer, Answer::Created(_)), "409", "Conflict"),
            (has_body, "422", "UnprocessableContent"),
            (true, "429", "TooManyRequests"),
            (true, "500", "InternalServerError"),
        ];
        for (_, status, name) in list.into_iter().filter(|(applies, ..)| *applies) {
            out.insert(status.to_owned(), json!({"$ref": format!("#/components/responses/{name}")}));
        }
        Value::Object(out)
    }

    fn success(&mut self, shape: &Shape<'a>) -> (&'static str, Value) {
        let (status, about, typed) = match shape.answer {
            Answer::Page(id) => ("200", "A page.", self.page(id)),
            Answer::One(id) => ("200", "As it is now.", self.row(id)),
            Answer::Created(id) => ("201", "Made.", self.row(id)),
            Answer::Count(_) => ("200", "The count.", Some(self.count())),
            Answer::Nothing => ("204", "Done.", None),
            Answer::Accepted => ("202", "Accepted; it is done later.", None),
            Answer::Stream => return ("200", stream()),
        };
        let mut headers = json!({
            "RateLimit": {"$ref": "#/components/headers/RateLimit"},
            "Access-Control-Allow-Origin": {"$ref": "#/components/headers/Access-Control-Allow-Origin"},
        });
        if let (Answer::Created(_), Value::Object(headers)) = (shape.answer, &mut headers) {
            headers.insert("Location".to_owned(), json!({"$ref": "#/components/headers/Location"}));
        }
        let mut response = json!({"description": about, "headers": headers});
        if let (Some(typed), Value::Object(response)) = (typed, &mut response) {
            response.insert(
                "content".to_owned(),
                json!({"application/json": {"schema": typed.schema, "example": typed.example}}),
            );
        }
        (status, response)
    }
}

fn stream() -> Value {
    json!({
        "description": "Events as they happen, until either side closes.",
        "headers": {
            "RateLimit": {"$ref": "#/components/headers/RateLimit"},
            "Access-Control-Allow-Origin": {"$ref": "#/components/headers/Access-Control-Allow-Origin"},
        },
        "content": {"text/event-stream": {
            "schema": {"type": "string", "maxLength": 1_048_576, "pattern": "^[\\s\\S]*$"},
            "example": "id: 1\nevent: example\ndata: {}\n\n",
        }},
    })
}

fn parameters() -> Value {
    json!({
        "Cursor": {
            "name": "cursor", "in": "query", "required": false,
            "description": "Where the page begins: `next_cursor` of the page before. Opaque.",
            "schema": {"type": "string", "maxLength": 512, "pattern": "^[A-Za-z0-9_-]*$"},
        },
        "Limit": {
            "name": "limit", "in": "query", "required": false, "description": "Rows in a page.",
            "schema": {"type": "integer", "format": "int32", "minimum": 1, "maximum": MOST_ROWS, "default": USUAL_ROWS},
        },
        "IdempotencyKey": {
            "name": "Idempotency-Key", "in": "header", "required": true,
            "description": "Made by the client once for each intent and sent again with each retry. The same key with another body is refused.",
            "schema": {"type": "string", "minLength": 16, "maxLength": 64, "pattern": "^[A-Za-z0-9-]+$"},
            "example": EXAMPLE_ID,
        },
    })
}

fn headers() -> Value {
    json!({
        "RateLimit": {"description": "Quota left and when it is renewed.", "schema": {"type": "string", "maxLength": 128, "pattern": "^[ -~]*$"}},
        "Access-Control-Allow-Origin": {"description": "The web client's origin.", "schema": {"type": "string", "format": "uri", "maxLength": 255}},
        "Location": {"description": "Where the new row is.", "schema": {"type": "string", "format": "uri-reference", "maxLength": 2048}},
        "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "format": "int32", "minimum": 0, "maximum": 86_400}},
    })
}

/// The errors, each with an example.
fn responses() -> Value {
    let list = [
        ("BadRequest", 400, "bad-request", "The request cannot be read"),
        ("Unauthorized", 401, "unauthorized", "Sign in first"),
        ("Forbidden", 403, "forbidden", "You may not do this"),
        ("NotFound", 404, "not-found", "There is no such thing, or it is not yours"),
        ("Conflict", 409, "conflict", "It exists already, or another request with this key is under way"),
        ("UnprocessableContent", 422, "invalid", "Some fields are wrong"),
        ("TooManyRequests", 429, "too-many-requests", "Too many requests"),
        ("InternalServerError", 500, "internal", "Something went wrong on our side"),
    ];
    let mut out = Map::new();
    for (name, status, kind, title) in list {
        let mut headers = json!({
            "RateLimit": {"$ref": "#/components/headers/RateLimit"},
            "Access-Control-Allow-Origin": {"$ref": "#/components/headers/Access-Control-Allow-Origin"},
        });
        if let (429, Value::Object(headers)) = (status, &mut headers) {
            headers.insert("Retry-After".to_owned(), json!({"$ref": "#/components/headers/Retry-After"}));
        }
        let example = json!({"type": format!("/problems/{kind}"), "title": title, "status": status});
        out.insert(
            name.to_owned(),
            json!({
                "description": format!("{title}."),
                "headers": headers,
                "content": {"application/problem+json": {"schema": reference("Problem"), "example": example}},
            }),
        );
    }
    Value::Object(out)
}
