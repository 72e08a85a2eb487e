//! `--format json`: parses, matches its published schema, and says where every number comes from.

use loadcase_publish::json_numbers_without_origin;
use serde_json::Value;

use crate::run::{SOCIAL, design_json, loadcase};

/// Briefs of very different products and circumstances.
pub(crate) const BRIEFS: [&str; 8] = [
    SOCIAL,
    "An online shop with 50 orders per minute on Rails and MySQL, two engineers. Do we need Kafka?",
    "Payments: 300 transactions per second, PCI DSS, no lost money, 99.99% availability, 12 engineers, AWS.",
    "A multi-tenant SaaS for hospitals: 400 tenants, HIPAA, 8 engineers, PostgreSQL and Python, 5k dollars a month.",
    "Telemetry of 200,000 devices, each sends a reading every 10 seconds, kept for a year, dashboards.",
    "A chat with 5 million daily users, 400 engineers in 40 teams on Kubernetes; the monolith blocks every release.",
    "A side project by one developer, a few hundred users, on one server.",
    "What is the best architecture for my app?",
];

fn parsed(brief: &str) -> Value {
    let ended = design_json(brief.as_bytes());
    assert!(matches!(ended.code, Some(0 | 4)), "{brief}: {:?} {}", ended.code, ended.err);
    serde_json::from_str(&ended.out).expect("JSON")
}

#[test]
fn every_design_matches_the_published_schema() {
    let schema: Value =
        serde_json::from_str(&loadcase(&["schema", "design"]).end().fine().out).expect("a schema");
    let validator = jsonschema::validator_for(&schema).expect("a valid schema");
    for brief in BRIEFS {
        let design = parsed(brief);
        let faults: Vec<String> =
            validator.iter_errors(&design).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert_eq!(faults, Vec::<String>::new(), "{brief}");
    }
}

#[test]
fn every_number_has_an_origin() {
    for brief in BRIEFS {
        assert_eq!(json_numbers_without_origin(&parsed(brief)), Vec::<String>::new(), "{brief}");
    }
}

#[test]
fn choices_and_sizing_come_first() {
    let design = parsed(SOCIAL);
    let keys: Vec<&String> = design.as_object().expect("an object").keys().take(3).collect();
    assert_eq!(keys, ["schema", "choices", "sizing"]);
    assert_eq!(design["schema"], "loadcase/design/1");
    let choices = design["choices"].as_object().expect("choices");
    for field in ["topology", "primary_store", "messaging", "deployment"] {
        assert!(choices[field].as_array().is_some_and(|words| !words.is_empty()), "{field}: {choices:?}");
    }
    assert!(design["sizing"]["peak_rps"].as_f64().is_some_and(|v| v > 0.0));
}

#[test]
fn what_is_said_to_meet_its_requirements_meets_them() {
    let mut wrong = Vec::new();
    for brief in BRIEFS {
        let ended = design_json(brief.as_bytes());
        let design: Value = serde_json::from_str(&ended.out).expect("JSON");
        let targets = design["targets"].as_array().expect("targets");
        // The response time of one slow operation against a bound that nobody stated is told, and rules nothing out.
        let binds = |t: &&Value| {
            !(t["name"].as_str().is_some_and(|n| n.starts_with("p99"))
                && t["target"]["origin"].get("assumed").is_some())
        };
        let missed: Vec<&Value> =
            targets.iter().filter(binds).filter(|t| t["met"] != true).map(|t| &t["name"]).collect();
        let met = missed.is_empty();
        if (design["feasibility"] == "met") != met || ended.code != Some(if met { 0 } else { 4 }) {
            wrong.push(format!(
                "{brief}: {} with {missed:?}, exit code {:?}",
                design["feasibility"], ended.code
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_was_said_is_where_it_was_said() {
    let brief = "An online shop with 50 orders per minute and two engineers.";
    let design = parsed(brief);
    let engineers = &design["brief"]["numbers"]["engineers"]["now"];
    assert_eq!(engineers["value"], 2.0);
    let stated = &engineers["origin"]["stated"];
    let at = usize::try_from(stated["at"].as_u64().expect("an offset")).expect("small");
    assert!(brief[at..].starts_with(stated["text"].as_str().expect("the words")), "{stated}");
}

#[test]
fn the_same_brief_gives_the_same_bytes() {
    for brief in [BRIEFS[0], BRIEFS[4]] {
        assert_eq!(design_json(brief.as_bytes()).out, design_json(brief.as_bytes()).out);
    }
}
