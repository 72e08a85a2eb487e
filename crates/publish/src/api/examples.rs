//! Requests and answers as they go over the wire, taken from the contract.

use serde_json::{Value, json};

use super::contract::{Answer, Call, CallKind, Contract, Form, Language};
use super::naming::camel;
use super::{openapi, problem, sample};
use crate::text::markdown::{Doc, name};
use crate::view::View;

/// Most examples in the document.
const SHOWN: usize = 4;

/// The main operations, and an error.
pub(crate) fn write(doc: &mut Doc, view: &View<'_>, contract: &Contract) {
    let main: Vec<_> = view.main_operations(12).into_iter().map(|(id, _)| id).collect();
    let calls = || contract.calls.iter().filter(|c| c.kind != CallKind::Probe);
    let mut shown: Vec<&Call> =
        main.iter().filter_map(|id| calls().find(|c| c.operation.as_ref() == Some(*id))).collect();
    shown.truncate(SHOWN - 1);
    // A page and a guarded change show what the others do not.
    let rest = [
        calls().find(|c| c.page.is_some()),
        calls().find(|c| c.guarded),
        calls().find(|c| c.kind == CallKind::Command),
    ];
    for call in rest.into_iter().flatten() {
        if shown.len() < SHOWN && !shown.iter().any(|s| s.name == call.name) {
            shown.push(call);
        }
    }
    for call in &shown {
        doc.heading(3, &name(&call.title));
        match call.language {
            Language::GraphQl => doc.fence("http", &graph(contract, call)),
            Language::Proto => doc.fence("json", &rpc(contract, call)),
            _ => doc.fence("http", &exchange(contract, call)),
        };
    }
    doc.heading(3, "An error");
    let mut body = problem::of_status(422).map_or(Value::Null, |p| p.body(p.detail));
    let told = shown.iter().copied().chain(calls()).filter(|c| c.language == Language::OpenApi);
    body["errors"] = json!([openapi::fault(contract, told)]);
    doc.fence(
        "http",
        &format!(
            "HTTP/1.1 422 Unprocessable Content\nContent-Type: application/problem+json\n\n{}",
            pretty(&body)
        ),
    );
}

/// A request over HTTP and its answer.
pub(crate) fn exchange(contract: &Contract, call: &Call) -> String {
    let mut path = call.path.clone();
    for field in &call.path_fields {
        let value = sample::value(contract, field, 0);
        path = path.replace(
            &format!("{{{}}}", field.name),
            &value.as_str().map_or_else(|| value.to_string(), str::to_owned),
        );
    }
    if call.page.is_some() {
        path.push_str("?limit=20");
        for filter in call.filters.iter().filter(|f| f.field.required) {
            let value = sample::value(contract, &filter.field, 0);
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            path.push_str(&format!("&{}={value}", filter.field.name));
        }
        if let Some(sort) = call.sorts.first() {
            path.push_str(&format!("&sort={sort}"));
        }
    }
    let mut out = format!("{} {path} HTTP/1.1\nHost: {}\n", call.method, contract.host());
    if call.keyed {
        out.push_str(&format!("Idempotency-Key: {}\n", openapi::EXAMPLE_KEY));
    }
    if call.guarded {
        out.push_str("If-Match: \"7\"\n");
    }
    if call.kind == CallKind::Webhook {
        out.push_str("Provider-Signature: K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=\n");
    }
    if let Some((record, _)) = &call.body {
        let body = openapi::body_example(contract, record);
        out.push_str(&format!("Content-Type: {}\n\n{}\n", openapi::media(call), pretty(&body)));
    }
    out.push_str(&answer(contract, call));
    out
}

fn answer(contract: &Contract, call: &Call) -> String {
    let (status, _) = openapi::success(call);
    let mut out = format!("\nHTTP/1.1 {status} {}\n", reason(status));
    // A change makes the next version of what was read.
    let version = if call.guarded { 8 } else { 7 };
    if call.versioned {
        out.push_str(&format!("ETag: \"{version}\"\n"));
    }
    match &call.answer {
        Answer::Page(record, _) | Answer::One(record) | Answer::Created(record) => {
            let mut body = sample::answer(contract, call, record);
            if body.get("version").is_some_and(Value::is_number) {
                body["version"] = json!(version);
            }
            out.push_str(&format!("Content-Type: application/json\n\n{}\n", pretty(&body)));
        }
        Answer::Stream(record) => {
            let event = sample::record(contract, contract.record(record), 0);
            out.push_str(&format!("Content-Type: text/event-stream\n\n{}", openapi::event_text(&event)));
        }
        Answer::Html => {
            out.push_str(&format!("Content-Type: text/html\n\n{}", openapi::page_for_people(&call.title)));
        }
        Answer::SeeOther => out.push_str("Location: /\n"),
        Answer::Done | Answer::Accepted => {}
    }
    out
}

const fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        _ => "See Other",
    }
}

/// A request to the graph and its answer: variables for what is sent, plain fields of what comes back.
fn graph(contract: &Contract, call: &Call) -> String {
    let plain = |record: &str| -> Vec<(String, Value)> {
        let record = contract.record(record);
        let fields = record
            .fields
            .iter()
            .filter(|f| !matches!(f.form, Form::Record(_) | Form::List(..) | Form::Point));
        fields.take(6).map(|f| (camel(&f.name), sample::value(contract, f, 0))).collect()
    };
    let mut arguments: Vec<String> = call
        .path_fields
        .iter()
        .map(|f| format!("{}: {}", camel(&f.name), sample::value(contract, f, 0)))
        .collect();
    if call.page.is_some() {
        arguments.push("first: 20".to_owned());
    }
    if call.body.is_some() {
        arguments.push("input: $input".to_owned());
    }
    if call.keyed {
        arguments.push(format!("idempotencyKey: \"{}\"", openapi::EXAMPLE_KEY));
    }
    let arguments = if arguments.is_empty() { String::new() } else { format!("({})", arguments.join(", ")) };
    let row = match &call.answer {
        Answer::Page(_, row) => Some(row.strip_suffix("Part").unwrap_or(row)),
        Answer::One(row) | Answer::Created(row) => Some(row.as_str()),
        _ => None,
    };
    let fields = row.map_or_else(Vec::new, plain);
    let names = fields.iter().map(|(n, _)| n.as_str()).collect::<Vec<_>>().join(" ");
    let object = Value::Object(fields.iter().cloned().collect());
    let (selection, result) = match (&call.answer, call.kind) {
        (Answer::Page(..), _) => (
            format!(" {{ edges {{ node {{ {names} }} }} pageInfo {{ hasNextPage endCursor }} }}"),
            json!({"edges": [{"node": object}], "pageInfo": {"hasNextPage": true, "endCursor": "eyJpZCI6IjAxOWM4ZjAwIn0"}}),
        ),
        (_, CallKind::Query) => (format!(" {{ {names} }}"), object),
        _ if row.is_some() => (
            format!(" {{ result {{ {names} }} problems {{ title pointer }} }}"),
            json!({"result": object, "problems": []}),
        ),
        _ => (" { done problems { title pointer } }".to_owned(), json!({"done": true, "problems": []})),
    };
    let keyword = if call.kind == CallKind::Query { "query" } else { "mutation" };
    let mut body = json!({"query": format!("{keyword} {{ {}{arguments}{selection} }}", call.name)});
    if let Some((record, _)) = &call.body {
        let input = openapi::body_example(contract, record);
        let input: serde_json::Map<String, Value> =
            input.as_object().into_iter().flatten().map(|(k, v)| (camel(k), v.clone())).collect();
        body["query"] =
            json!(format!("{keyword}($input: {record}Input!) {{ {}{arguments}{selection} }}", call.name));
        body["variables"] = json!({"input": input});
    }
    let mut answer = json!({"data": {}});
    answer["data"][call.name.as_str()] = result;
    format!(
        "POST /graphql HTTP/1.1\nHost: {}\nContent-Type: application/json\n\n{}\n\nHTTP/1.1 200 OK\nContent-Type: application/graphql-response+json\n\n{}\n",
        contract.host(),
        pretty(&body),
        pretty(&answer)
    )
}

/// A request by gRPC and its answer, as JSON.
fn rpc(contract: &Contract, call: &Call) -> String {
    let mut request = serde_json::Map::new();
    request.extend(call.path_fields.iter().map(|f| (camel(&f.name), sample::value(contract, f, 0))));
    if let Some((record, _)) = &call.body {
        request.insert("body".to_owned(), openapi::body_example(contract, record));
    }
    let answer = match &call.answer {
        Answer::Page(record, _) | Answer::One(record) | Answer::Created(record) => {
            sample::record(contract, contract.record(record), 0)
        }
        _ => json!({}),
    };
    pretty(&json!({"request": request, "response": answer}))
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}
