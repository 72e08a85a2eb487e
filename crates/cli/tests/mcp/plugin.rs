//! The Claude Code plugin in this repository: its files say what clients expect of them.

use serde_json::Value;

use crate::wire::{greeted, root};

fn json(path: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(root(path)).expect("it is there")).expect("JSON")
}

/// The front matter of a document as lines of `key: value`, and the text after it.
fn front(path: &str) -> (std::collections::BTreeMap<String, String>, String) {
    let text = std::fs::read_to_string(root(path)).expect("it is there");
    let (head, body) =
        text.strip_prefix("---\n").and_then(|t| t.split_once("\n---\n")).expect("front matter");
    let fields = head
        .lines()
        .filter_map(|l| l.split_once(": "))
        .map(|(k, v)| (k.to_owned(), v.trim_matches('"').to_owned()))
        .collect();
    (fields, body.to_owned())
}

fn is_slug(text: &str) -> bool {
    let plain = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    plain
        && (1..=64).contains(&text.len())
        && !text.starts_with('-')
        && !text.ends_with('-')
        && !text.contains("--")
}

#[test]
fn manifest_and_marketplace_have_the_fields_of_their_schemas() {
    let manifest = json(".claude-plugin/plugin.json");
    let known = [
        "$schema",
        "name",
        "version",
        "description",
        "author",
        "homepage",
        "repository",
        "license",
        "keywords",
    ];
    for key in manifest.as_object().expect("an object").keys() {
        assert!(known.contains(&key.as_str()), "plugin.json: {key}");
    }
    assert!(is_slug(manifest["name"].as_str().expect("a name")));
    assert_eq!(manifest["version"], env!("CARGO_PKG_VERSION"));
    assert!(manifest["author"]["name"].is_string() && manifest["keywords"].is_array());
    let market = json(".claude-plugin/marketplace.json");
    assert!(is_slug(market["name"].as_str().expect("a name")));
    assert!(market["owner"]["name"].is_string());
    let plugins = market["plugins"].as_array().expect("plugins");
    assert_eq!(plugins.len(), 1);
    assert_eq!(plugins[0]["name"], manifest["name"]);
    assert_eq!(plugins[0]["source"], "./");
}

#[test]
fn the_server_it_names_starts() {
    let servers = json(".mcp.json");
    let server = &servers["mcpServers"]["loadcase"];
    assert_eq!(server["command"], "loadcase");
    let arguments: Vec<&str> =
        server["args"].as_array().expect("arguments").iter().filter_map(Value::as_str).collect();
    assert_eq!(arguments.first(), Some(&"mcp"));
    let mut wire = greeted(&arguments[1..], serde_json::json!({}));
    assert!(wire.ask("tools/list", serde_json::json!({}))["result"]["tools"].is_array());
}

#[test]
fn skill_and_subagent_follow_their_formats_and_name_tools_that_exist() {
    let (skill, body) = front("skills/backend-design/SKILL.md");
    assert_eq!(skill["name"], "backend-design");
    assert!(is_slug(&skill["name"]));
    assert!((40..=1024).contains(&skill["description"].len()), "{}", skill["description"].len());
    assert!(body.len() < 8_000 && body.lines().count() < 500);
    let (agent, agent_body) = front("agents/backend-architect.md");
    assert_eq!(agent["name"], "backend-architect");
    assert!((40..=1024).contains(&agent["description"].len()));
    for key in agent.keys() {
        assert!(["name", "description", "disallowedTools", "skills"].contains(&key.as_str()), "{key}");
    }
    let mut wire = greeted(&["--no-state"], serde_json::json!({}));
    let listed = wire.ask("tools/list", serde_json::json!({}))["result"]["tools"].clone();
    let names: Vec<&str> =
        listed.as_array().expect("tools").iter().filter_map(|t| t["name"].as_str()).collect();
    for name in &names {
        assert!(body.contains(&format!("`{name}`")), "the skill does not speak of {name}");
    }
    // Tools are inherited: what a client calls them depends on how the server was added.
    assert!(!agent.contains_key("tools") && agent["skills"] == skill["name"]);
    for name in agent_body.split('`').skip(1).step_by(2) {
        assert!(names.contains(&name), "the subagent speaks of {name}");
    }
    assert!(agent_body.len() < 6_000);
}
