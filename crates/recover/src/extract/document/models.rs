//! Models of architectures: Loadcase blueprints, Threagile models, Structurizr workspaces. What they say are claims.

use std::collections::HashMap;

use crate::extract::Extractor;
use crate::sighting::{ClaimSeen, Seen};
use crate::source::{Sightings, Source};
use crate::yaml::{self, Node};

/// Reads Loadcase blueprints.
pub(crate) const BLUEPRINT: Extractor =
    Extractor { id: "blueprint", reads: is_yaml, sees: &[], extract: blueprint };

/// Reads Threagile models.
pub(crate) const THREAGILE: Extractor =
    Extractor { id: "threagile", reads: is_yaml, sees: &[], extract: threagile };

/// Reads Structurizr workspaces.
pub(crate) const STRUCTURIZR: Extractor =
    Extractor { id: "structurizr", reads: |path| path.ends_with(".dsl"), sees: &[], extract: structurizr };

fn is_yaml(path: &str) -> bool {
    path.ends_with(".yaml") || path.ends_with(".yml")
}

fn claim(kind: &'static str, subject: &str, object: &str, line: usize, out: &mut Sightings) {
    let (subject, object) = (subject.to_owned(), object.to_owned());
    out.add(line, Seen::Claim(ClaimSeen { kind, subject, object }));
}

fn blueprint(source: &Source<'_>, out: &mut Sightings) {
    if !source.text.contains("loadcase/blueprint/") {
        return;
    }
    let Some(document) = yaml::document(source.text) else { return };
    if !document.text_of("schema").is_some_and(|s| s.starts_with("loadcase/blueprint/")) {
        return;
    }
    for (id, component) in document.get("components").map(Node::pairs).unwrap_or_default() {
        claim("component", id, "", component.line, out);
    }
    for flow in document.get("flows").map(Node::list).unwrap_or_default() {
        let (Some(from), Some(to)) = (flow.text_of("from"), flow.text_of("to")) else { continue };
        claim("flow", from, to, flow.line, out);
        if flow.text_of("timeout_ms").is_some() {
            claim("control", &format!("{from} -> {to}"), "timeout", flow.line, out);
        }
        if flow.get("encrypted").is_some_and(Node::is_true) {
            claim("control", &format!("{from} -> {to}"), "encryption-in-transit", flow.line, out);
        }
    }
    for (_, operation) in document.get("operations").map(Node::pairs).unwrap_or_default() {
        if let (Some(method), Some(path)) = (operation.text_of("method"), operation.text_of("path")) {
            claim("endpoint", &format!("{method} {path}"), "", operation.line, out);
        }
    }
}

fn threagile(source: &Source<'_>, out: &mut Sightings) {
    if !source.text.contains("technical_assets:") {
        return;
    }
    let Some(document) = yaml::document(source.text) else { return };
    let assets = document.get("technical_assets").map(Node::pairs).unwrap_or_default();
    let titles: HashMap<&str, &str> =
        assets.iter().filter_map(|(title, a)| Some((a.text_of("id")?, title.as_str()))).collect();
    for (title, asset) in assets {
        claim("component", title, "", asset.line, out);
        if asset.text_of("encryption").is_some_and(|e| e != "none") {
            claim("control", title, "encryption-at-rest", asset.line, out);
        }
        for (_, link) in asset.get("communication_links").map(Node::pairs).unwrap_or_default() {
            let Some(target) = link.text_of("target") else { continue };
            let to = titles.get(target).copied().unwrap_or(target);
            claim("flow", title, to, link.line, out);
            let subject = format!("{title} -> {to}");
            if link
                .text_of("protocol")
                .is_some_and(|p| p.contains("https") || p.contains("encrypted") || p == "wss")
            {
                claim("control", &subject, "encryption-in-transit", link.line, out);
            }
            for key in ["authentication", "authorization"] {
                if link.text_of(key).is_some_and(|v| v != "none") {
                    claim("control", &subject, key, link.line, out);
                }
            }
        }
    }
}

/// Elements of Structurizr that are components of a system.
const ELEMENTS: &[&str] = &["container", "component", "softwaresystem", "person"];

fn structurizr(source: &Source<'_>, out: &mut Sightings) {
    if !source.text.contains("workspace") {
        return;
    }
    let mut names: HashMap<&str, &str> = HashMap::new();
    let mut flows = Vec::new();
    // The element whose block is open, for relationships that begin with an arrow.
    let mut open: Vec<Option<&str>> = Vec::new();
    for (i, text) in source.text.lines().enumerate() {
        let (number, line) = (i + 1, text.trim());
        if line.starts_with('#') || line.starts_with("//") {
            continue;
        }
        let mut opened = None;
        if let Some((from, to)) = line.split_once("->") {
            let from = from.trim();
            let from = if from.is_empty() { open.iter().rev().find_map(|o| *o).unwrap_or("") } else { from };
            if let Some(to) = to.split_whitespace().next() {
                flows.push((from, to, number));
            }
        } else if let Some((id, kind, name)) = element(line) {
            names.insert(id, name);
            opened = Some(id);
            if matches!(kind.to_ascii_lowercase().as_str(), "container" | "softwaresystem") {
                claim("component", name, "", number, out);
            }
        }
        if line.ends_with('{') {
            open.push(opened);
        } else if line.starts_with('}') {
            open.pop();
        }
    }
    let name = |id: &str| {
        let last = id.rsplit('.').next().unwrap_or(id);
        names.get(id).or_else(|| names.get(last)).map_or_else(|| id.to_owned(), |n| (*n).to_owned())
    };
    for (from, to, line) in flows {
        if !from.is_empty() {
            claim("flow", &name(from), &name(to), line, out);
        }
    }
}

/// Identifier, kind and name of `orders = container "Orders" "..."`; without an identifier the name stands for it.
fn element(line: &str) -> Option<(&str, &str, &str)> {
    let (id, rest) = match line.split_once('=') {
        Some((id, rest)) if !id.contains('"') => (id.trim(), rest.trim()),
        _ => ("", line),
    };
    let kind = rest.split_whitespace().next()?;
    if !ELEMENTS.contains(&kind.to_ascii_lowercase().as_str()) {
        return None;
    }
    let after = rest.get(kind.len()..)?.trim_start();
    let name = match after.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next()?,
        None => after.split_whitespace().next()?,
    };
    Some((if id.is_empty() { name } else { id }, kind, name))
}

#[cfg(test)]
mod tests {
    use crate::sighting::{Seen, Sighting};
    use crate::testing::see;

    fn claims(seen: &[Sighting]) -> Vec<String> {
        let claim = |s: &Sighting| match &s.seen {
            Seen::Claim(c) => Some(format!("{} {}>{}", c.kind, c.subject, c.object)),
            _ => None,
        };
        seen.iter().filter_map(claim).collect()
    }

    #[test]
    fn three_kinds_of_models_are_read() {
        let blueprint = "schema: loadcase/blueprint/1\ncomponents:\n  api: {name: API}\nflows:\n  - {from: api, to: db, timeout_ms: 200}\noperations:\n  a: {method: GET, path: /x}\n";
        assert_eq!(
            claims(&see("blueprint.yaml", blueprint)),
            ["component api>", "flow api>db", "control api -> db>timeout", "endpoint GET /x>"]
        );
        let threagile = "technical_assets:\n  Shop API:\n    id: api\n    encryption: none\n    communication_links:\n      Reads:\n        target: db\n        protocol: https\n        authentication: token\n  Shop DB:\n    id: db\n";
        assert_eq!(
            claims(&see("threagile.yaml", threagile)),
            [
                "component Shop API>",
                "flow Shop API>Shop DB",
                "control Shop API -> Shop DB>encryption-in-transit",
                "control Shop API -> Shop DB>authentication",
                "component Shop DB>",
            ]
        );
        let dsl = "workspace {\n model {\n  s = softwareSystem \"Shop\" {\n   api = container \"API\" {\n    -> db \"reads\"\n   }\n   db = container \"Store\"\n  }\n  u = person \"Buyer\"\n  u -> s.api \"uses\"\n }\n}\n";
        assert_eq!(
            claims(&see("workspace.dsl", dsl)),
            ["component Shop>", "component API>", "component Store>", "flow API>Store", "flow Buyer>API"]
        );
    }
}
