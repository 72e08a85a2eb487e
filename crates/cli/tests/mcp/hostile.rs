//! Clients that send what no client should: the server answers with an error or drops it, and lives.

use std::time::Duration;

use serde_json::json;

use crate::wire::{greeted, modern, silent, text};

#[test]
fn garbage_is_survived() {
    let mut wire = greeted(&["--no-state"], json!({}));
    for line in [
        "not json",
        "{",
        "[]",
        "null",
        "{\"jsonrpc\": \"2.0\"}",
        "{\"jsonrpc\": \"1.0\", \"id\": 1, \"method\": \"tools/list\"}",
        "{\"jsonrpc\": \"2.0\", \"id\": {\"a\": 1}, \"method\": \"tools/list\"}",
        "\u{0}\u{1}\u{2}",
        "{\"jsonrpc\": \"2.0\", \"method\": \"notifications/cancelled\", \"params\": {\"requestId\": 999}}",
        "{\"jsonrpc\": \"2.0\", \"method\": \"notifications/unheard-of\"}",
    ] {
        wire.raw(line);
    }
    let listed = wire.request("tools/list", json!({}));
    assert!(wire.answer(listed)["result"]["tools"].is_array());
    assert!(wire.close().success());
}

#[test]
fn unknown_methods_and_tools_are_protocol_errors() {
    let mut wire = greeted(&["--no-state"], json!({}));
    assert_eq!(wire.ask("no/such/method", json!({}))["error"]["code"], -32601);
    let unknown = wire.ask("tools/call", json!({"name": "no-such-tool", "arguments": {}}));
    assert_eq!(unknown["error"]["code"], -32602);
    assert!(unknown["error"]["message"].as_str().expect("a message").contains("design"));
    let mut newer = modern(&["--no-state"]);
    assert_eq!(newer.ask("no/such/method", json!({}))["error"]["code"], -32601);
    let stale = json!({"_meta": {"io.modelcontextprotocol/protocolVersion": "1999-01-01"}});
    let mut bare = silent(&["--no-state"]);
    let refused = bare.ask("server/discover", stale);
    assert!(refused["error"].is_object(), "{refused}");
}

#[test]
fn a_message_without_end_and_one_of_many_megabytes_are_dropped() {
    let mut wire = greeted(&["--no-state"], json!({}));
    let huge = "x".repeat(6 * 1024 * 1024);
    wire.raw(&format!(
        "{{\"jsonrpc\": \"2.0\", \"id\": 77, \"method\": \"tools/call\", \"params\": {{\"name\": \"ask\", \"arguments\": {{\"question\": \"{huge}\"}}}}}}"
    ));
    let listed = wire.request("tools/list", json!({}));
    assert!(wire.answer(listed)["result"]["tools"].is_array(), "the next message is answered");
    let long = "long ".repeat(150_000);
    let result = wire.call("ask", json!({"question": long}));
    assert_eq!(result["isError"], true);
    assert!(text(&result).contains("limit"), "{}", text(&result));
    let deep = format!("{}{}", "[".repeat(50_000), "]".repeat(50_000));
    wire.raw(&format!(
        "{{\"jsonrpc\": \"2.0\", \"id\": 78, \"method\": \"tools/call\", \"params\": {deep}}}"
    ));
    let listed = wire.request("tools/list", json!({}));
    assert!(wire.answer(listed)["result"]["tools"].is_array());
}

#[test]
fn many_calls_at_once_are_all_answered() {
    let mut wire = greeted(&["--no-state"], json!({}));
    let ids: Vec<u64> = (0..40)
        .map(|n| {
            wire.request(
                "tools/call",
                json!({"name": "explain", "arguments": {"topic": if n % 2 == 0 { "p99" } else { "redis" }}}),
            )
        })
        .collect();
    let mut open: std::collections::BTreeSet<u64> = ids.into_iter().collect();
    while !open.is_empty() {
        let message = wire.receive();
        assert!(message["result"].is_object(), "{message}");
        open.remove(&message["id"].as_u64().expect("an identifier"));
    }
    assert_eq!(wire.within(Duration::from_millis(100)), None);
}

#[test]
fn control_characters_and_hostile_names_do_not_come_back_raw() {
    let mut wire = greeted(&["--no-state"], json!({}));
    for topic in ["\u{1b}[2J\u{7}", "\u{202e}gnitset", "../../etc/passwd", &"x".repeat(5_000)] {
        let result = wire.call("explain", json!({"topic": topic}));
        assert_eq!(result["isError"], true);
        assert!(text(&result).len() < 2_000, "{}", text(&result).len());
    }
}
