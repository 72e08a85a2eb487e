//! `asyncapi.yaml`: jobs, the clock and messages to customers as AsyncAPI 3.0.

use serde_json::{Map, Value, json};

use super::contract::{Contract, Message, Way};
use super::form::record_schemas;
use super::naming::kebab;
use super::sample;

/// Where the document keeps its records.
const RECORDS: &str = "#/components/schemas/";

/// The messages of a contract as a document; `None` when there are none.
pub(crate) fn document(contract: &Contract) -> Option<Value> {
    if contract.messages.is_empty() {
        return None;
    }
    let mut channels = Map::new();
    let mut operations = Map::new();
    let mut messages = Map::new();
    for message in &contract.messages {
        channels.insert(message.name.clone(), channel(message));
        operations.insert(message.name.clone(), operation(message));
        for record in &message.records {
            messages
                .entry(envelope(message.way, record))
                .or_insert_with(|| message_object(contract, message, record));
        }
    }
    let records = contract.messages.iter().flat_map(|m| m.records.iter().map(String::as_str));
    let schemas = record_schemas(&contract.records, records, RECORDS);
    let outgoing = contract.messages.iter().any(|m| m.way == Way::Outgoing);
    let mut components = json!({"messages": messages, "schemas": schemas});
    if outgoing {
        components["securitySchemes"] = json!({"webhookSignature": {
            "type": "httpApiKey", "in": "header", "name": "Webhook-Signature",
            "description": "`v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body` with the receiver's secret; two values while a secret is being replaced.",
        }});
    }
    let host = contract.host();
    Some(json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": format!("{} messages", contract.title),
            "version": "1.0.0",
            "description": format!("{} What is done without anybody waiting, and what customers are told. Fields are added, never removed or given another meaning; a message that must change gets a channel of its own with the next version.", contract.about),
            "contact": {"name": format!("{} team", contract.title), "url": format!("https://{host}/support"), "email": format!("api@{host}")},
            "license": {"name": "Proprietary", "url": format!("https://{host}/terms")},
            "tags": tags(contract),
        },
        "defaultContentType": "application/json",
        "servers": servers(contract, outgoing),
        "channels": channels,
        "operations": operations,
        "components": components,
    }))
}

fn tags(contract: &Contract) -> Value {
    let used = contract.areas.iter().filter(|(id, _)| contract.messages.iter().any(|m| m.area == **id));
    Value::Array(used.map(|(id, about)| json!({"name": id, "description": about})).collect())
}

fn servers(contract: &Contract, outgoing: bool) -> Value {
    let (host, protocol) = &contract.broker;
    let mut servers = Map::new();
    if contract.messages.iter().any(|m| m.way != Way::Outgoing) {
        servers.insert(
            "background".to_owned(),
            json!({
                "host": format!("{host}.{}.invalid", contract.slug), "protocol": protocol,
                "description": "What carries jobs from the part that asks to the worker that does.",
            }),
        );
    }
    if outgoing {
        servers.insert("customer".to_owned(), json!({
            "host": "{receiver}", "protocol": "https",
            "description": "The address that a customer registered. It is checked when connecting, so that it cannot lead into the own network; redirects are not followed.",
            "variables": {"receiver": {"description": "Host of the customer.", "default": "hooks.example.com", "examples": ["hooks.example.com"]}},
        }));
    }
    Value::Object(servers)
}

/// Name of a message: the record alone is told in different ways.
fn envelope(way: Way, record: &str) -> String {
    if way == Way::Outgoing { format!("{record}Webhook") } else { record.to_owned() }
}

/// The address at which runs of a scheduled operation come.
pub(crate) fn scheduled_address(operation: &loadcase_model::Id) -> String {
    format!("schedule.{}.v1", kebab(operation.as_str()))
}

fn channel(message: &Message) -> Value {
    let (server, address) = match message.way {
        Way::Job => ("background", format!("jobs.{}.v1", kebab(message.operation.as_str()))),
        Way::Clock => ("background", scheduled_address(&message.operation)),
        Way::Outgoing => ("customer", "/".to_owned()),
    };
    let messages: Map<String, Value> = message
        .records
        .iter()
        .map(|r| envelope(message.way, r))
        .map(|e| (e.clone(), json!({"$ref": format!("#/components/messages/{e}")})))
        .collect();
    json!({
        "address": address,
        "title": message.title,
        "description": message.about,
        "servers": [{"$ref": format!("#/servers/{server}")}],
        "messages": messages,
    })
}

fn operation(message: &Message) -> Value {
    let list: Vec<Value> = message
        .records
        .iter()
        .map(
            |r| json!({"$ref": format!("#/channels/{}/messages/{}", message.name, envelope(message.way, r))}),
        )
        .collect();
    let mut out = json!({
        "action": if message.way == Way::Outgoing { "send" } else { "receive" },
        "title": message.title,
        "summary": message.title,
        "description": message.about,
        "tags": [{"name": message.area}],
        "channel": {"$ref": format!("#/channels/{}", message.name)},
        "messages": list,
        "x-operation": message.operation,
    });
    if message.way == Way::Outgoing {
        out["security"] = json!([{"$ref": "#/components/securitySchemes/webhookSignature"}]);
        out["bindings"] = json!({"http": {"method": "POST", "bindingVersion": "0.3.0"}});
    }
    out
}

fn message_object(contract: &Contract, message: &Message, record: &str) -> Value {
    let about = &contract.record(record).about;
    let example = sample::record(contract, contract.record(record), 0);
    let (headers, shown) = headers(message.way);
    json!({
        "name": envelope(message.way, record),
        "title": record,
        "summary": about,
        "contentType": "application/json",
        "headers": headers,
        "payload": {"$ref": format!("{RECORDS}{record}")},
        "examples": [{"name": "typical", "summary": "As it is sent.", "headers": shown, "payload": example}],
    })
}

/// Headers of a message, and an example.
fn headers(way: Way) -> (Value, Value) {
    let text = |most: u32, pattern: &str, about: &str| json!({"type": "string", "maxLength": most, "pattern": pattern, "description": about});
    if way == Way::Outgoing {
        let headers = json!({
            "type": "object", "required": ["Webhook-Id", "Webhook-Timestamp", "Webhook-Signature"],
            "properties": {
                "Webhook-Id": text(120, "^[A-Za-z0-9._-]+$", "Identifier of the delivery, the same when it is sent again: remember it and do nothing the second time."),
                "Webhook-Timestamp": text(12, "^[0-9]+$", "When it was sent, in seconds since 1970, part of what is signed. Refuse what is more than five minutes off, against replay."),
                "Webhook-Signature": text(400, "^v1,[A-Za-z0-9+/=]+( v1,[A-Za-z0-9+/=]+)*$", "HMAC-SHA256 over `id.timestamp.body`. Compute it over the bytes as received and compare in constant time."),
            },
        });
        let shown = json!({"Webhook-Id": "msg-2KWPBgLlAfxdpx2AI54pPJ85f4W", "Webhook-Timestamp": "1772443800", "Webhook-Signature": "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4="});
        return (headers, shown);
    }
    let headers = json!({
        "type": "object", "required": ["message_id"],
        "properties": {
            "message_id": {"type": "string", "format": "uuid", "maxLength": 36, "description": "For leaving out what was done already."},
            "traceparent": text(55, "^[0-9a-f-]+$", "Trace that the work belongs to (W3C Trace Context)."),
        },
    });
    let shown = json!({"message_id": sample::identifier("message", 0), "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"});
    (headers, shown)
}
