//! What agents get from the server, in both generations of the protocol.

use std::time::Duration;

use loadcase_publish::outline::tokens;
use loadcase_publish::{json_numbers_without_origin, untagged_numbers_in_text};
use serde_json::{Value, json};

use crate::wire::{Wire, greeted, modern, root, silent, text};

const SHOP: &str = "A shop for used bikes, 20k monthly users, four engineers, on AWS";

fn shop(wire: &mut Wire) -> (String, Value) {
    let result = wire.call("design", json!({"brief": SHOP, "ask_user": false}));
    (result["structuredContent"]["design_id"].as_str().expect("an identifier").to_owned(), result)
}

fn validate(schema: &Value, value: &Value, what: &str) {
    let validator = jsonschema::validator_for(schema).expect("a schema");
    let errors: Vec<String> =
        validator.iter_errors(value).map(|e| format!("{} {e}", e.instance_path())).collect();
    assert!(errors.is_empty(), "{what}: {errors:?}");
}

/// A call of every tool that succeeds.
fn calls(design_id: &str) -> Vec<(&'static str, Value)> {
    vec![
        ("design", json!({"brief": SHOP, "ask_user": false, "answers": {"engineers": "4 / 9"}})),
        (
            "ask",
            json!({"question": "Should a team of five build a social network for 50k users as microservices?"}),
        ),
        (
            "ask",
            json!({"question": "How should users of our multi-tenant SaaS sign in?", "sections": ["session"]}),
        ),
        ("review", json!({"page": 20})),
        ("simulate", json!({"design_id": design_id, "scenarios": ["none"]})),
        (
            "simulate",
            json!({"design_id": design_id, "scenarios": ["steady-peak", "primary-lost"], "seconds": 20}),
        ),
        ("what_if", json!({"design_id": design_id, "changes": ["users=2M"]})),
        ("what_if", json!({"design_id": design_id, "changes": ["app.copies=6"]})),
        ("verify", json!({})),
        ("verify", json!({"design_id": design_id, "page": 25})),
        ("explain", json!({"topic": "postgresql"})),
        ("explain", json!({"topic": "topology", "design_id": design_id})),
        ("explain", json!({})),
        ("diff", json!({"before": format!("design:{design_id}"), "after": "."})),
    ]
}

#[test]
fn every_tool_answers_by_its_schema_and_within_its_budget() {
    let repository = root("examples/repositories");
    let first = std::fs::read_dir(&repository).unwrap().flatten().map(|e| e.path()).min().expect("one");
    let mut wire = greeted(&["--no-state", "--root", first.to_str().unwrap()], json!({}));
    let tools = wire.ask("tools/list", json!({}))["result"]["tools"].clone();
    let tools = tools.as_array().expect("tools");
    assert!(tools.len() <= 8);
    for tool in tools {
        assert_eq!(tool["annotations"]["openWorldHint"], false, "{}", tool["name"]);
        assert_eq!(tool["annotations"]["readOnlyHint"], tool["name"] != "design", "{}", tool["name"]);
    }
    let (design_id, _) = shop(&mut wire);
    let mut called = std::collections::BTreeSet::new();
    for (name, arguments) in calls(&design_id) {
        let tool = tools.iter().find(|t| t["name"] == name).expect("listed");
        validate(&tool["inputSchema"], &arguments, name);
        let result = wire.call(name, arguments.clone());
        assert_eq!(result["isError"], false, "{name}: {result}");
        validate(&tool["outputSchema"], &result["structuredContent"], name);
        let spent = tokens(text(&result));
        assert!(spent <= 1_500, "{name} {arguments}: {spent} tokens");
        let structured = tokens(&result["structuredContent"].to_string());
        assert!(structured <= 4_000, "{name} {arguments}: {structured} tokens");
        let loose = json_numbers_without_origin(&result["structuredContent"]);
        assert!(loose.is_empty(), "{name}: {loose:?}");
        if ["design", "simulate", "what_if"].contains(&name) {
            let loose = untagged_numbers_in_text(text(&result));
            assert!(loose.is_empty(), "{name}: {loose:?}\n{}", text(&result));
        }
        called.insert(name);
    }
    let untried: Vec<&Value> =
        tools.iter().map(|t| &t["name"]).filter(|n| !called.contains(n.as_str().unwrap())).collect();
    assert!(untried.is_empty(), "tools without a call here: {untried:?}");
}

#[test]
fn the_first_answer_comes_at_once() {
    // The fastest of a few, since the machine does other things too.
    let fastest = (0..8)
        .map(|_| {
            let start = std::time::Instant::now();
            let mut wire = modern(&["--no-state"]);
            let found = wire.ask("server/discover", json!({}));
            assert_eq!(found["result"]["resultType"], "complete", "{found}");
            start.elapsed()
        })
        .min()
        .expect("some");
    assert!(fastest < Duration::from_millis(50), "{fastest:?}");
}

#[test]
fn the_newer_generation_needs_no_greeting() {
    let mut wire = modern(&["--no-state"]);
    let found = wire.ask("server/discover", json!({}));
    let versions = found["result"]["supportedVersions"].as_array().expect("versions");
    for version in ["2026-07-28", "2025-11-25", "2025-06-18"] {
        assert!(versions.contains(&json!(version)), "{versions:?}");
    }
    let listed = wire.ask("tools/list", json!({}));
    assert!(listed["result"]["ttlMs"].is_number() && listed["result"]["cacheScope"].is_string(), "{listed}");
    let result = wire.call("explain", json!({"topic": "p99"}));
    assert_eq!(result["resultType"], "complete");
    assert!(wire.close().success());
}

#[test]
fn a_design_survives_a_restart_of_the_server() {
    let state = tempfile::tempdir().unwrap();
    let options = ["--state", state.path().to_str().unwrap()];
    let mut first = greeted(&options, json!({}));
    let (design_id, made) = shop(&mut first);
    let uri = format!("loadcase://design/{design_id}/architecture.md");
    let before = first.ask("resources/read", json!({"uri": uri}));
    assert!(first.close().success());
    let mut second = modern(&options);
    let after = second.ask("resources/read", json!({"uri": uri}));
    assert_eq!(before["result"]["contents"], after["result"]["contents"]);
    let forecast = second.call("simulate", json!({"design_id": design_id, "scenarios": ["none"]}));
    assert_eq!(forecast["isError"], false);
    assert_eq!(shop(&mut second).1["structuredContent"], made["structuredContent"]);
    let missing = second.ask("resources/read", json!({"uri": "loadcase://design/d000000000000/report.md"}));
    assert!(missing["error"]["message"].as_str().expect("an error").contains("no design"), "{missing}");
}

#[test]
fn links_of_a_design_lead_somewhere() {
    let mut wire = greeted(&["--no-state"], json!({}));
    let (_, result) = shop(&mut wire);
    let links: Vec<String> = result["content"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|c| c["type"] == "resource_link")
        .map(|c| c["uri"].as_str().unwrap().to_owned())
        .collect();
    assert!(links.len() >= 3);
    let listed = wire.ask("resources/list", json!({}))["result"]["resources"].clone();
    for uri in links
        .iter()
        .map(String::as_str)
        .chain(listed.as_array().unwrap().iter().filter_map(|r| r["uri"].as_str()))
    {
        let read = wire.ask("resources/read", json!({"uri": uri}));
        assert!(
            read["result"]["contents"][0]["text"].as_str().is_some_and(|t| t.len() > 50),
            "{uri}: {read}"
        );
    }
}

#[test]
fn nothing_is_written_but_where_a_call_says() {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("project");
    std::fs::create_dir(&inside).unwrap();
    let mut wire = greeted(&["--no-state", "--root", inside.to_str().unwrap()], json!({}));
    shop(&mut wire);
    assert_eq!(std::fs::read_dir(&inside).unwrap().count(), 0);
    let result = wire.call("design", json!({"brief": SHOP, "ask_user": false, "out": "docs/backend"}));
    assert!(inside.join("docs/backend/architecture.md").is_file(), "{result}");
    for out in ["../elsewhere", "/tmp/elsewhere-of-loadcase", "docs/../../elsewhere"] {
        let refused = wire.call("design", json!({"brief": SHOP, "ask_user": false, "out": out}));
        assert_eq!(refused["isError"], true, "{out}");
        assert!(text(&refused).contains("What to do:"), "{out}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn bad_arguments_are_answered_with_what_to_do() {
    let mut wire = greeted(&["--no-state"], json!({}));
    for (tool, arguments, told) in [
        ("design", json!({"breif": "x"}), "brief"),
        ("design", json!({}), "brief"),
        ("design", json!({"brief": ""}), "empty"),
        ("design", json!({"brief": 5}), "string"),
        ("design", json!({"brief": SHOP, "answers": {"engineers": "many"}}), "engineers"),
        ("design", json!({"brief": SHOP, "answers": {"nonsense": "1"}}), "nonsense"),
        ("explain", json!({"topic": "postgresq"}), "postgresql"),
        ("explain", json!({"topic": "postgresql", "sections": ["no such"]}), "name one of"),
        ("simulate", json!({}), "exactly one"),
        ("simulate", json!({"blueprint": "name: x\ncomponents: ["}), ":"),
        ("simulate", json!({"design_id": "x"}), "no design"),
        ("what_if", json!({"changes": ["users=5M"]}), "exactly one"),
        ("verify", json!({"after": "x"}), "next"),
        ("verify", json!({"repository": ".."}), "outside"),
        ("review", json!({"repository": "/etc"}), "outside"),
        ("review", json!({"select": ["no-such-rule"]}), "no rule"),
        ("review", json!({"least": "gravest"}), "critical"),
        ("diff", json!({"before": "design:x", "after": "."}), "no design"),
    ] {
        let result = wire.call(tool, arguments.clone());
        assert_eq!(result["isError"], true, "{tool} {arguments}: {result}");
        assert!(text(&result).contains(told), "{tool} {arguments}: {}", text(&result));
        assert!(text(&result).contains("What to do:"), "{tool} {arguments}: {}", text(&result));
    }
}

#[test]
fn the_user_is_asked_once_where_the_client_can() {
    let mut wire = greeted(&["--no-state"], json!({"elicitation": {"form": {}}}));
    let id =
        wire.request("tools/call", json!({"name": "design", "arguments": {"brief": "A social network"}}));
    let asked = wire.receive();
    assert_eq!(asked["method"], "elicitation/create", "{asked}");
    let fields = asked["params"]["requestedSchema"]["properties"].as_object().expect("fields").clone();
    assert!((1..=6).contains(&fields.len()), "{fields:?}");
    assert!(asked["params"]["requestedSchema"]["required"].as_array().is_none_or(Vec::is_empty));
    let (name, field) = fields.iter().next().expect("one");
    assert!(field["title"].is_string() && field["description"].is_string(), "{field}");
    wire.send(&json!({"jsonrpc": "2.0", "id": asked["id"],
        "result": {"action": "accept", "content": {name.as_str(): "7 / 8", "stranger": "x"}}}));
    let answer = wire.answer(id);
    let outline = &answer["result"]["structuredContent"];
    let assumed = outline["assumed"].as_array().expect("a list");
    assert!(assumed.iter().all(|a| a["input"] != name.as_str()), "still assumed: {assumed:?}");

    let declined =
        wire.request("tools/call", json!({"name": "design", "arguments": {"brief": "A social network"}}));
    let asked = wire.receive();
    wire.send(&json!({"jsonrpc": "2.0", "id": asked["id"], "result": {"action": "decline"}}));
    let answer = wire.answer(declined);
    assert_eq!(answer["result"]["isError"], false, "assumptions serve where nobody answers");
}

#[test]
fn the_newer_generation_asks_by_returning() {
    let mut wire = modern(&["--no-state"]);
    let meta = json!({"io.modelcontextprotocol/clientCapabilities": {"elicitation": {"form": {}}}});
    let first = json!({"name": "design", "arguments": {"brief": "A social network"}, "_meta": meta});
    let asked = wire.ask("tools/call", first.clone());
    assert_eq!(asked["result"]["resultType"], "input_required", "{asked}");
    let (key, request) =
        asked["result"]["inputRequests"].as_object().and_then(|r| r.iter().next()).expect("a form");
    assert_eq!(request["method"], "elicitation/create");
    let name = request["params"]["requestedSchema"]["properties"]
        .as_object()
        .unwrap()
        .keys()
        .next()
        .unwrap()
        .clone();
    let mut again = first.clone();
    again["requestState"] = asked["result"]["requestState"].clone();
    again["inputResponses"] =
        json!({key.as_str(): {"action": "accept", "content": {name.as_str(): "7 / 8"}}});
    let done = wire.ask("tools/call", again.clone());
    assert_eq!(done["result"]["resultType"], "complete", "{done}");
    let assumed = done["result"]["structuredContent"]["assumed"].as_array().expect("a list");
    assert!(assumed.iter().all(|a| a["input"] != name.as_str()));

    // What comes back must be what was handed out, for the same call.
    for forged in [json!("forged"), json!("")] {
        let mut bad = again.clone();
        bad["requestState"] = forged;
        assert_eq!(wire.ask("tools/call", bad)["result"]["isError"], true);
    }
    let mut other = again;
    other["arguments"]["brief"] = json!("A bank");
    assert_eq!(wire.ask("tools/call", other)["result"]["isError"], true);
}

#[test]
fn long_work_tells_how_far_it_is_and_can_be_cancelled() {
    let mut wire = greeted(&["--no-state"], json!({}));
    let call = json!({"name": "design", "arguments": {"brief": SHOP}, "_meta": {"progressToken": "p"}});
    let id = wire.request("tools/call", call.clone());
    wire.answer(id);
    let told: Vec<f64> = wire
        .seen
        .iter()
        .filter(|(_, m)| m["method"] == "notifications/progress")
        .map(|(_, m)| {
            assert_eq!(m["params"]["progressToken"], "p");
            assert!(m["params"]["message"].is_string());
            m["params"]["progress"].as_f64().unwrap()
        })
        .collect();
    assert!(told.len() >= 2 && told.is_sorted_by(|a, b| a < b), "{told:?}");

    let cancelled = wire.request("tools/call", call);
    wire.send(
        &json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": cancelled}}),
    );
    // The server goes on answering, and says nothing more of the call that nobody waits for.
    let pong = wire.ask("ping", json!({}));
    assert!(pong["result"].is_object());
    while let Some(later) = wire.within(Duration::from_secs(2)) {
        assert_ne!(later["id"], cancelled, "{later}");
    }
    assert!(wire.close().success());
}

#[test]
fn a_simulation_that_nobody_waits_for_stops_and_one_out_of_time_gives_what_it_has() {
    let mut wire = greeted(&["--no-state"], json!({}));
    let (design_id, _) = shop(&mut wire);
    let all = json!({"name": "simulate", "arguments": {"design_id": design_id, "scenarios": ["all"], "seconds": 240}});
    let ids: Vec<u64> = (0..4).map(|_| wire.request("tools/call", all.clone())).collect();
    std::thread::sleep(Duration::from_millis(500));
    for id in ids {
        wire.send(
            &json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": id}}),
        );
    }
    // All places were taken: this is answered only once they are free again.
    let start = std::time::Instant::now();
    let short = wire.call("simulate", json!({"design_id": design_id, "scenarios": ["all"], "seconds": 1}));
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
    assert_eq!(short["structuredContent"]["simulation"]["partial"], true, "{}", text(&short));
    assert!(short["structuredContent"]["forecast"]["loads"].as_array().is_some_and(|l| !l.is_empty()));
}

#[test]
fn a_client_that_leaves_early_or_in_the_middle_ends_the_server() {
    assert!(silent(&["--no-state"]).close().success());
    let mut wire = greeted(&["--no-state"], json!({}));
    wire.request("tools/call", json!({"name": "design", "arguments": {"brief": SHOP}}));
    assert!(wire.close().success());
}

#[test]
fn three_prompts_are_filled_in() {
    let mut wire = greeted(&["--no-state"], json!({}));
    let listed = wire.ask("prompts/list", json!({}))["result"]["prompts"].clone();
    assert_eq!(listed.as_array().expect("prompts").len(), 3);
    for prompt in listed.as_array().unwrap() {
        let argument = prompt["arguments"][0]["name"].as_str().expect("an argument");
        let params = json!({"name": prompt["name"], "arguments": {argument: "our words"}});
        let filled = wire.ask("prompts/get", params);
        let text = filled["result"]["messages"][0]["content"]["text"].as_str().expect("a text");
        assert!(text.contains("our words"), "{text}");
    }
    assert!(wire.ask("prompts/get", json!({"name": "plan-growth"}))["error"].is_object());
}
