//! What went over the wire, compared with what was saved: `UPDATE_TRANSCRIPTS=1 cargo test -p loadcase-cli --test mcp`
//! saves anew. Values that change from run to run, or with every edit of the catalog, are replaced by what they are.

use std::path::Path;

use serde_json::{Map, Value, json};

use crate::wire::{greeted, modern};

/// Compares a conversation with the saved one.
pub(crate) fn check(name: &str, conversation: &[(String, Value)]) {
    let lines: Vec<String> = conversation
        .iter()
        .map(|(side, message)| json!({side.as_str(): normal(message)}).to_string())
        .collect();
    let text = lines.join("\n") + "\n";
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mcp/transcripts").join(format!("{name}.jsonl"));
    if std::env::var_os("UPDATE_TRANSCRIPTS").is_some() {
        std::fs::write(&path, &text).expect("saved");
    }
    let saved = std::fs::read_to_string(&path).unwrap_or_default();
    for (number, (is, was)) in text.lines().zip(saved.lines()).enumerate() {
        assert_eq!(is, was, "{name}, line {}", number + 1);
    }
    assert_eq!(text.lines().count(), saved.lines().count(), "{name}: UPDATE_TRANSCRIPTS=1 saves it anew");
}

fn normal(message: &Value) -> Value {
    match message {
        Value::Object(object) => {
            let one = |(key, value): (&String, &Value)| (key.clone(), field(key, value));
            Value::Object(object.iter().map(one).collect::<Map<_, _>>())
        }
        Value::Array(list) => Value::Array(list.iter().map(normal).collect()),
        other => other.clone(),
    }
}

fn field(key: &str, value: &Value) -> Value {
    match (key, value) {
        ("structuredContent", Value::Object(content)) => {
            json!(format!("<record: {}>", content.keys().cloned().collect::<Vec<_>>().join(", ")))
        }
        ("requestState", Value::String(_)) => json!("<sealed>"),
        ("version", Value::String(_)) => json!("<version>"),
        ("inputSchema" | "outputSchema", Value::Object(schema)) => {
            let fields = schema.get("properties").and_then(Value::as_object);
            json!(format!(
                "<schema: {}>",
                fields.map_or_else(String::new, |f| f.keys().cloned().collect::<Vec<_>>().join(", "))
            ))
        }
        ("requestedSchema", _) => json!("<form>"),
        ("uri", Value::String(uri)) => json!(without_id(uri)),
        ("text", Value::String(text)) if text.len() > 300 && !text.contains("docs.example.invalid") => {
            json!("<text>")
        }
        ("instructions" | "description", Value::String(text)) if text.len() > 300 => json!("<text>"),
        (_, value) => normal(value),
    }
}

/// An address with the identifier of the design replaced.
fn without_id(uri: &str) -> String {
    match uri.strip_prefix("loadcase://design/").and_then(|rest| rest.split_once('/')) {
        Some((_, path)) => format!("loadcase://design/<id>/{path}"),
        None => uri.to_owned(),
    }
}

fn conversation(seen: &[(&'static str, Value)]) -> Vec<(String, Value)> {
    seen.iter().map(|(side, message)| ((*side).to_owned(), message.clone())).collect()
}

const BRIEF: &str = "A shop for used bikes, 20k monthly users, four engineers";

#[test]
fn the_older_generation() {
    let mut wire = greeted(&["--no-state"], json!({}));
    wire.ask("tools/list", json!({}));
    wire.call("design", json!({"brief": BRIEF}));
    wire.call("design", json!({"breif": BRIEF}));
    wire.ask("prompts/list", json!({}));
    wire.ask("resources/templates/list", json!({}));
    wire.ask("no/such/method", json!({}));
    check("server-2025-11-25", &conversation(&wire.seen));
}

#[test]
fn the_newer_generation() {
    let mut wire = modern(&["--no-state"]);
    wire.ask("server/discover", json!({}));
    wire.ask("tools/list", json!({}));
    let forms = json!({"io.modelcontextprotocol/clientCapabilities": {"elicitation": {"form": {}}}});
    wire.ask("tools/call", json!({"name": "design", "arguments": {"brief": BRIEF}, "_meta": forms}));
    wire.call("design", json!({"brief": BRIEF, "ask_user": false}));
    wire.ask("prompts/list", json!({}));
    wire.ask("resources/list", json!({}));
    wire.ask("no/such/method", json!({}));
    check("server-2026-07-28", &conversation(&wire.seen));
}
