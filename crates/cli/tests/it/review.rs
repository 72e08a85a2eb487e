//! `loadcase review` and `recover`: gate, baseline, acceptances, every format, and what must never be printed.

use std::path::Path;

use serde_json::Value;

use crate::run::{Ended, loadcase};
use crate::shop::{SECRET, edit, put, shop};

const FORMATS: [&str; 6] = ["text", "json", "sarif", "github", "md", "html"];
const TODAY: &str = "2026-11-23";

fn review(folder: &Path, more: &[&str]) -> Ended {
    let arguments = [&["review", "--today", TODAY], more].concat();
    loadcase(&arguments).inside(folder).end()
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

/// The rules that a review in JSON found, each as often as it was found.
fn rules(review: &Value) -> Vec<String> {
    let findings = review["findings"].as_array().expect("findings");
    findings.iter().map(|f| f["rule"].as_str().expect("a rule").to_owned()).collect()
}

fn has(review: &Value, rule: &str) -> bool {
    rules(review).iter().any(|r| r == rule)
}

#[test]
fn the_gate_decides_the_exit_code() {
    let shop = shop();
    for (gate, code) in [("never", 0), ("info", 1), ("low", 1), ("medium", 1), ("high", 1), ("critical", 0)] {
        review(shop.path(), &["--fail-on", gate]).ended_with(code);
    }
    review(shop.path(), &[]).ended_with(1);
}

#[test]
fn an_empty_folder_has_no_findings() {
    let folder = tempfile::tempdir().expect("a folder");
    for format in FORMATS {
        let out = review(folder.path(), &["--format", format]).fine().out;
        assert!(!out.contains("error["), "{format}: {out}");
    }
}

#[test]
fn what_cannot_be_reviewed_is_refused() {
    review(Path::new("/"), &["/no/such/folder"]).ended_with(3);
    let shop = shop();
    review(shop.path(), &["--select", "no-such-rule"]).ended_with(2);
    review(shop.path(), &["--today", "tomorrow"]).ended_with(2);
    review(shop.path(), &["--baseline", "missing.json"]).ended_with(3);
    put(shop.path(), "loadcase.toml", "[review]\nacept = []\n");
    let ended = review(shop.path(), &[]).ended_with(2);
    assert!(ended.err.contains("loadcase.toml"), "{}", ended.err);
}

#[test]
fn a_baseline_lets_only_new_findings_fail() {
    let shop = shop();
    review(shop.path(), &["--write-baseline", "baseline.json"]).ended_with(1);
    let known = review(shop.path(), &["--baseline", "baseline.json", "--format", "json"]).fine();
    assert_eq!(rules(&json(&known.out)), Vec::<String>::new());
    assert!(json(&known.out)["known"].as_u64() > Some(3));
    // Lines move, and a fault comes in.
    let text = std::fs::read_to_string(shop.path().join("stock/index.js")).expect("read");
    let call = "const axios = require('axios');\napp.get('/far', async (req, res) => { res.json((await axios.get('http://orders:8080/orders/1')).data); });\n";
    put(shop.path(), "stock/index.js", &format!("\n\n{text}{call}"));
    let ended = review(shop.path(), &["--baseline", "baseline.json", "--format", "json"]).ended_with(1);
    assert!(has(&json(&ended.out), "missing-timeout"), "{}", ended.out);
}

#[test]
fn a_comment_accepts_until_its_day() {
    let shop = shop();
    let call = "  const stock = await axios";
    let accept = format!("  // loadcase: accept[missing-timeout] until 2027-01-31 the mesh sets one\n{call}");
    edit(shop.path(), "orders/index.js", call, &accept);
    let ended = review(shop.path(), &["--format", "json"]);
    let found = json(&ended.out);
    assert!(!has(&found, "missing-timeout"), "{}", ended.out);
    assert_eq!(found["accepted"][0]["reason"], "the mesh sets one");
    let all = review(shop.path(), &["--format", "json", "--no-accept"]);
    assert!(has(&json(&all.out), "missing-timeout"));
    let late = loadcase(&["review", "--format", "json", "--today", "2027-02-01"]).inside(shop.path()).end();
    assert!(has(&json(&late.out), "missing-timeout"));
    assert!(json(&late.out)["stale"][0]["problem"].as_str().is_some_and(|p| p.contains("2027-01-31")));
}

#[test]
fn the_configuration_accepts_and_ranks() {
    let shop = shop();
    put(
        shop.path(),
        "loadcase.toml",
        "[review]\nseverity = { missing-timeout = \"low\", unpinned-image = \"off\" }\n\n[[review.accept]]\nrule = \"internal-component-exposed\"\nelement = \"d*\"\nreason = \"development only\"\n",
    );
    let found = json(&review(shop.path(), &["--format", "json"]).out);
    assert!(!has(&found, "unpinned-image") && !has(&found, "internal-component-exposed"), "{found:#}");
    let timeout =
        found["findings"].as_array().expect("findings").iter().find(|f| f["rule"] == "missing-timeout");
    assert_eq!(timeout.expect("still found")["severity"], "low");
    assert_eq!(found["accepted"][0]["reason"], "development only");
}

#[test]
fn secrets_are_never_printed() {
    let shop = shop();
    for format in FORMATS {
        for persona in ["regular", "auditor"] {
            let ended = review(shop.path(), &["--format", format, "--persona", persona]);
            assert!(!ended.out.contains(SECRET) && !ended.err.contains(SECRET), "{format} {persona}");
        }
    }
    for form in
        [["--format", "yaml"], ["--format", "json"], ["--format", "dataflow"], ["--format", "callgraph"]]
            .into_iter()
            .chain([["--diagram", "svg"], ["--diagram", "mermaid"], ["--diagram", "ascii"]])
    {
        let out = loadcase(&["recover", form[0], form[1]]).inside(shop.path()).end().fine().out;
        assert!(!out.contains(SECRET), "{form:?}");
    }
    review(shop.path(), &["--write-baseline", "baseline.json"]);
    let baseline = std::fs::read_to_string(shop.path().join("baseline.json")).expect("written");
    assert!(!baseline.contains(SECRET));
}

#[test]
fn sarif_says_everything_and_leaves_the_gate_to_its_reader() {
    let shop = shop();
    let call = "  const stock = await axios";
    edit(
        shop.path(),
        "orders/index.js",
        call,
        &format!("  // loadcase: accept[missing-timeout] the mesh sets one\n{call}"),
    );
    let log = json(&review(shop.path(), &["--format", "sarif", "--persona", "auditor"]).fine().out);
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    let named = loadcase(&["rules"]).end().fine().out.lines().filter(|l| l.starts_with("  ")).count();
    assert_eq!(rules.len(), named);
    for rule in rules {
        for field in ["shortDescription", "fullDescription", "help", "helpUri", "defaultConfiguration"] {
            assert!(!rule[field].is_null(), "{} lacks {field}", rule["id"]);
        }
        assert!(rule["help"]["markdown"].as_str().is_some_and(|m| m.len() > 200), "{}", rule["id"]);
        let security = rule["properties"]["tags"].as_array().expect("tags").iter().any(|t| t == "security");
        assert_eq!(security, !rule["properties"]["security-severity"].is_null(), "{}", rule["id"]);
    }
    let page = rules.iter().find(|r| r["id"] == "missing-timeout").map(|r| &r["helpUri"]);
    assert_eq!(page.and_then(|p| p.as_str()), Some("https://cwe.mitre.org/data/definitions/1088.html"));
    let taxonomies = run["taxonomies"].as_array().expect("taxonomies");
    assert_eq!(taxonomies.len(), 4);
    let results = run["results"].as_array().expect("results");
    for result in results {
        let index = result["ruleIndex"].as_u64().and_then(|i| usize::try_from(i).ok()).expect("an index");
        assert_eq!(rules[index]["id"], result["ruleId"]);
        let place = &result["locations"][0]["physicalLocation"];
        assert!(place["region"]["startLine"].as_u64() > Some(0), "{result:#}");
        let open = result["kind"] == "open";
        assert_eq!(open, result["partialFingerprints"].is_null(), "{result:#}");
        assert!(!open || result["level"] == "none");
    }
    let of = |rule: &str| results.iter().find(|r| r["ruleId"] == rule).expect("found");
    assert_eq!(of("missing-timeout")["suppressions"][0]["kind"], "inSource");
    assert!(of("unauthenticated-entry-point")["relatedLocations"].is_array());
    assert!(results.iter().any(|r| r["kind"] == "open"));
    assert_eq!(of("missing-timeout")["locations"][0]["logicalLocations"][0]["kind"], "component");
}

#[test]
fn the_page_needs_nothing_else() {
    let shop = shop();
    let page = review(shop.path(), &["--format", "html"]).ended_with(1).out;
    for part in ["<svg ", "</html>", "orders/index.js:8", "axios.get(", "Content-Security-Policy"] {
        assert!(page.contains(part), "{part}");
    }
    for outside in ["<script", "<link", "<img", "<iframe", "@import", "url(http", "src="] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert_eq!(page, review(shop.path(), &["--format", "html"]).out, "the same bytes each time");
}

#[test]
fn the_drawing_shows_zones_components_and_flows() {
    let shop = shop();
    let drawing = loadcase(&["recover", "--diagram", "svg"]).inside(shop.path()).end().fine().out;
    for part in ["<svg ", ">Application<", ">Data<", ">orders<", ">stock<", ">db<", "class=\"flow\""] {
        assert!(drawing.contains(part), "{part}");
    }
}

#[cfg(unix)]
#[test]
fn names_of_files_stay_names() {
    let shop = shop();
    let hostile = "x\"><script>alert(1)</script>\u{1b}[31m::error::\n]( `evil|.js";
    let text = std::fs::read_to_string(shop.path().join("orders/index.js")).expect("read");
    std::fs::write(shop.path().join("orders").join(hostile.replace('/', "\u{2215}")), text).expect("written");
    let bad = "a<b>&'\"--%0A::warning::x";
    put(
        shop.path(),
        &format!("{bad}/package.json"),
        &format!("{{ \"name\": {bad:?}, \"dependencies\": {{ \"express\": \"4\", \"axios\": \"1\" }} }}"),
    );
    put(
        shop.path(),
        &format!("{bad}/index.js"),
        "const axios = require('axios');\nconst app = require('express')();\napp.get('/x/:id', async (q, r) => r.json(await axios.get('http://stock:8081/stock/1')));\n",
    );
    for format in FORMATS {
        let ended = review(shop.path(), &["--format", format, "--persona", "auditor"]);
        assert!(matches!(ended.code, Some(0 | 1)), "{format}: {}", ended.err);
        assert!(!ended.out.contains('\u{1b}'), "{format} lets a terminal code through");
        match format {
            "json" | "sarif" => drop(json(&ended.out)),
            "html" => assert!(!ended.out.contains("<script") && !ended.out.contains("<b>&'")),
            "github" => {
                for line in ended.out.lines() {
                    let command = ["::error ", "::warning ", "::notice "].iter().any(|c| line.starts_with(c));
                    assert!(command, "{line}");
                }
            }
            _ => {}
        }
    }
    let drawing = loadcase(&["recover", "--diagram", "svg"]).inside(shop.path()).end().fine().out;
    assert!(!drawing.contains("<script") && !drawing.contains("a<b>"), "{drawing}");
}

#[test]
fn an_earlier_version_shows_what_breaks() {
    let shop = shop();
    let old = loadcase(&["recover"]).inside(shop.path()).end().fine().out;
    put(shop.path(), "old.yaml", &old);
    edit(shop.path(), "orders/index.js", "app.post('/orders'", "app.post('/purchases'");
    let found = review(shop.path(), &["--previous", "old.yaml", "--format", "json"]);
    assert!(has(&json(&found.out), "breaking-api-change"), "{}", found.out);
}
